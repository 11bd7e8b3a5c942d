"""Generated images kept between runs, so that no model draws the same probe twice."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL.Image import Image
from PIL.Image import open as open_image

from finexl.errors import InputError
from finexl.store.files import atomic_write
from finexl.types import Probe

log = logging.getLogger("finexl")

LIMIT = 20_000_000_000
"""Bytes of images that are kept when FINEXL_CACHE_GB does not say otherwise."""

GRACE = 86400.0
"""Seconds after its last use during which nothing is deleted: another process may be working with it, and runs take hours."""


def image_limit() -> int:
    """Bytes of images to keep: FINEXL_CACHE_GB gigabytes, or 20 of them.

    Raises:
        InputError: the variable holds no number, or a negative one.
    """
    text = os.environ.get("FINEXL_CACHE_GB")
    if not text:
        return LIMIT
    try:
        size = float(text)
    except ValueError:
        size = -1.0
    if not 0 <= size < 1e9:
        raise InputError(f"FINEXL_CACHE_GB={text!r} is not a size in gigabytes. Give a number, such as 20.")
    return int(size * 1e9)


@dataclass(frozen=True)
class ImagesInfo:
    """What an image store holds: where, how many images, and their size on disk."""

    path: Path
    count: int
    bytes: int

    def __str__(self) -> str:
        return f"{self.path}: {self.count} generated images, {self.bytes / 1e6:.1f} MB"


class ImageStore:
    """Content-addressed store: (identity of the generator, probe) -> PNG file.

    Each image is a file of its own that appears whole or not at all, so several processes may use one store and a
    process may die at any moment. The least recently used ones go when there are more than `limit` bytes.

    Args:
        folder: made when the first image is put in.
        limit: bytes to keep; see `shrink`.
    Example:
        >>> store = ImageStore(Path("images"))                               # doctest: +SKIP
        >>> store.put("sd15-1", Probe(prompt="a cat", seed=3), image)          # doctest: +SKIP
    """

    def __init__(self, folder: str | Path, limit: int = LIMIT) -> None:
        self.folder = Path(folder)
        self.limit = limit
        self._began = time.time()

    def get(self, identity: str, probe: Probe) -> Path | None:
        """The file of an image that was finished and is undamaged (by its checksums, undecoded), or None."""
        path = self._path(identity, probe)
        try:
            with open_image(path) as image:
                image.verify()
            os.utime(path)  # used just now: the last to go
        except (OSError, SyntaxError, ValueError):
            return None
        return path

    def put(self, identity: str, probe: Probe, image: Image) -> Path:
        """Keep an image.

        Raises:
            InputError: it cannot be written; nothing is left behind.
        """
        path = self._path(identity, probe)
        with suppress(OSError):  # if the folder cannot be made, atomic_write says why
            path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, png_bytes(image))
        return path

    def shrink(self) -> int:
        """Delete the least recently used images until `limit` bytes remain, but none that may be in use now.

        Returns:
            How many were deleted.
        """
        files = [(status.st_mtime, status.st_size, path) for path, status in self._files()]
        excess = sum(size for _, size, _ in files) - self.limit
        deleted = 0
        for used, size, path in sorted(files):
            if excess <= 0 or used >= self._began - GRACE:
                break
            with suppress(OSError):  # another process was quicker
                path.unlink()
            excess -= size
            deleted += 1
        if deleted:
            log.info("%d images of earlier runs were deleted to keep %.1f GB.", deleted, self.limit / 1e9)
        return deleted

    def info(self) -> ImagesInfo:
        """What the store holds."""
        sizes = [status.st_size for _, status in self._files()]
        return ImagesInfo(self.folder, len(sizes), sum(sizes))

    def clear(self) -> int:
        """Delete every image.

        Returns:
            How many there were.
        """
        count = 0
        for path, _ in self._files():
            with suppress(FileNotFoundError):
                path.unlink()
                count += 1
        return count

    def _path(self, identity: str, probe: Probe) -> Path:
        asked = json.dumps([identity, probe.model_dump()], sort_keys=True)
        name = hashlib.sha256(asked.encode()).hexdigest()
        return self.folder / name[:2] / f"{name}.png"

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Every finished image; what a killed process left half written goes on the way."""
        for path in sorted(self.folder.glob("??/*")):
            with suppress(OSError):
                status = path.stat()
                if path.suffix == ".png":
                    yield path, status
                elif status.st_mtime < self._began - GRACE:
                    path.unlink()


def png_bytes(image: Image) -> bytes:
    """The image as a PNG file; quickly rather than smallest, since drawing it took seconds and space is cheap."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
