"""Files written whole or not at all, and the hashes that name pictures by what they hold."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from finexl.errors import InputError

_MENDS = {
    errno.ENOSPC: "The disk is full: free some space, or write to another disk.",
    errno.EDQUOT: "Your quota on this disk is used up: free some space, or write to another disk.",
    errno.EFBIG: "The file would exceed the size allowed here: write to another disk, or raise the limit.",
    errno.EACCES: "Give yourself permission to write there, or write to another folder.",
    errno.EPERM: "Give yourself permission to write there, or write to another folder.",
    errno.EROFS: "The disk is read-only: write to another folder.",
    errno.ENOENT: "Create the folder first.",
    errno.ENOTDIR: "A part of the path is a file, not a folder: write to another folder.",
    errno.EISDIR: "A folder has that name: give the name of a file.",
    errno.ENAMETOOLONG: "Give a shorter name.",
}


def atomic_write(path: str | Path, content: bytes | str) -> None:
    """Write a file so that at every moment either the old or the new one is there, whole.

    The content goes to a new file in the same folder, is flushed to the disk, and takes the name at last.

    Args:
        path: a symbolic link is followed; the file's permissions are kept.
        content: text is written as UTF-8; what UTF-8 cannot hold (from undecodable file names) as "\\udcff".
    Raises:
        InputError: it cannot be written. Nothing is left behind and a file that was there is as it was.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    try:
        target = os.path.realpath(path)
        if os.path.isdir(target):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        temporary = os.path.join(os.path.dirname(target), f".finexl-{secrets.token_hex(8)}.tmp")
        try:
            _write_through(temporary, data)
            with suppress(OSError):
                os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        mend = _MENDS.get(getattr(error, "errno", None) or 0, "Check the path and the disk.")
        raise InputError(f"{str(path)!r} cannot be written ({reason}). {mend}") from error
    _sync_folder(os.path.dirname(target))


def _write_through(path: str, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: str) -> None:
    """Make the new name survive a power cut, where the system can do that for folders."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256_source(source: str | Path | Image.Image | NDArray[Any]) -> str:
    """`sha256_file` of a path, `sha256_image` of anything else."""
    return sha256_file(source) if isinstance(source, str | Path) else sha256_image(source)


def sha256_file(path: str | Path) -> str:
    """Hash of a file's bytes, in hexadecimal; memory stays flat.

    Raises:
        InputError: it is missing, cannot be read, or is no regular file.
    """
    what = repr(str(path))
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise InputError(f"{what} is not a regular file. Give an image file.")
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise InputError(f"{what} does not exist. Check the path for a typing error.") from error
    except PermissionError as error:
        raise InputError(f"{what} cannot be opened. Give yourself permission to read it.") from error
    except OSError as error:
        raise InputError(f"{what} cannot be read ({error.strerror}). Check the path and the disk.") from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{what} cannot be read ({error}). Check the path.") from error


def sha256_image(image: Image.Image | NDArray[Any]) -> str:
    """Hash of all that decides how a picture in memory looks: kind, size, pixels, palette, orientation.

    Raises:
        InputError: the picture cannot be decoded, or is neither a PIL image nor an array.
    """
    if isinstance(image, np.ndarray):
        digest = hashlib.sha256(f"array {image.dtype.str} {image.shape} ".encode())
        digest.update(np.ascontiguousarray(image).tobytes())
        return digest.hexdigest()
    if not isinstance(image, Image.Image):
        raise InputError(
            f"cannot read an image from {type(image).__name__}. Give a path, a PIL image or a numpy array."
        )
    try:
        image.load()
        looks = (image.mode, image.size, image.info.get("transparency"), image.getexif().get(0x0112))
        pixels = image.convert("RGBA") if image.mode in ("P", "PA") else image
        digest = hashlib.sha256(f"pil {looks} ".encode())
        digest.update(pixels.tobytes())
    except Exception as error:  # a lazily opened file fails here in as many ways as Pillow has decoders
        raise InputError(
            f"a PIL image of mode {image.mode}, size {image.size} cannot be decoded ({error})."
        ) from error
    return digest.hexdigest()
