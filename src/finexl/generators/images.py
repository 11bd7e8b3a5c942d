"""One picture, from wherever it comes, as the eye would see it: RGB, 8 bits, upright.

Decisions that a reader may question:

* Transparency is laid over white. What lies under a transparent pixel is arbitrary, and white is what a
  browser or a page would show; black would make every cut-out picture look dark.
* 16 bits become 8 by their high byte (65535 -> 255), for gray and colour alike; Pillow would clip gray.
* Colour profiles are not applied: pixels are taken as sRGB, as image generators write them.
"""

from __future__ import annotations

import re
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from finexl.errors import InputError

MAX_PIXELS = 120_000_000
MIN_SIDE = 16
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
READABLE = "PNG, JPEG, WebP, GIF, BMP or TIFF"
ANIMATED = "An animated file was read as its first frame."
PAGES = "A file of several pages was read as its first page."
LEAVE_OUT = "or leave this image and its partner out"

Source = Path | Image.Image | NDArray[Any]
"""One picture: a file, a PIL image, or an array (h, w), (h, w, 3) or (h, w, 4), uint8 or float in [0, 1]."""


class Picture(NamedTuple):
    """A picture of mode RGB, and a sentence about what was left out of it, if anything was."""

    image: Image.Image
    note: str | None = None


def read_image(source: str | Source) -> Picture:
    """Read one picture into RGB, 8 bits a channel, upright.

    Args:
        source: a file, a PIL image (left as it is), or an array of shape (h, w), (h, w, 1), (h, w, 3) or
            (h, w, 4), uint8 in 0..255 or float in [0, 1].
    Returns:
        The picture, and a note when only its first frame or page was used.
    Raises:
        InputError: it is missing, unreadable, damaged, no image, smaller than 16 pixels on a side, larger
            than 120 million pixels (refused before decoding), or an array of another kind.
    Example:
        >>> read_image(np.zeros((32, 48))).image.size
        (48, 32)
    """
    if isinstance(source, str | Path):
        return _read_file(Path(source))
    if isinstance(source, np.ndarray):
        return Picture(_from_array(source, f"the array of shape {source.shape}"))
    if isinstance(source, Image.Image):
        return _read_pil(source)
    raise InputError(
        f"cannot read an image from {type(source).__name__}. Give a path, a PIL image or a numpy array."
    )


def _read_file(path: Path) -> Picture:
    what = repr(str(path))
    _require_content(path, what)
    try:
        with path.open("rb") as file, _quiet(), Image.open(file, formats=FORMATS) as image:
            _check_size(image.size, what)
            note = _note(image)
            plain = _plain_png(image, file)
            return Picture(_upright_rgb(image, what) if plain is None else plain, note)
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError(
            f"{what} is not an image that can be read. Save it as {READABLE}, {LEAVE_OUT}."
        ) from error
    except Image.DecompressionBombError as error:
        raise InputError(_too_large(what)) from error
    except Exception as error:  # a damaged file makes Pillow's decoders raise almost anything
        if isinstance(error, OSError) and error.errno is not None:
            raise InputError(_unreadable(what, error)) from error
        raise InputError(
            f"{what} is truncated or damaged ({error}). Copy or make it again, {LEAVE_OUT}."
        ) from error


def _plain_png(image: Image.Image, file: BinaryIO) -> Image.Image | None:
    """A PNG of 8-bit colour and nothing else, as generators write them, by libspng; None for Pillow to read it.

    The same pixels as Pillow's in little more than half the time, and reading is what keeps two cores from encoding faster
    (docs/benchmarks.md). What libspng refuses, Pillow reads, or says what is wrong with.
    """
    if image.format != "PNG" or image.mode != "RGB" or "transparency" in image.info:
        return None
    file.seek(0)
    data = file.read()
    depth = data[24]
    if depth != 8 or getattr(image, "is_animated", False) or any(mark in data for mark in _MAY_TURN):
        return None
    import pyspng

    with suppress(RuntimeError, ValueError):
        return Image.fromarray(pyspng.load(data))
    return None


_MAY_TURN = (b"eXIf", b"Raw profile type exif")  # where a PNG says which way up it is


def _read_pil(image: Image.Image) -> Picture:
    name = getattr(image, "filename", "")
    what = (
        f"the PIL image of {str(name)!r}"
        if name
        else f"the PIL image of mode {image.mode}, size {image.size}"
    )
    _check_size(image.size, what)
    try:
        with _quiet():
            return Picture(_upright_rgb(image, what))
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{what} cannot be decoded ({error}). Load it again, {LEAVE_OUT}.") from error


def _require_content(path: Path, what: str) -> None:
    """Raise unless `path` is a regular file (opening a pipe would wait for ever) with something in it."""
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise InputError(f"{what} does not exist. Check the path for a typing error.") from error
    except (OSError, ValueError) as error:
        raise InputError(_unreadable(what, error)) from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError(
            f"{what} is a folder, not an image. Give the image files in it, or the folder itself."
        )
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{what} is not a regular file. Give an image file.")
    if status.st_size == 0:
        raise InputError(f"{what} is empty (0 bytes). Copy or make it again, {LEAVE_OUT}.")


def _unreadable(what: str, error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    if isinstance(error, PermissionError):
        return f"{what} cannot be opened ({reason}). Give yourself permission to read it, {LEAVE_OUT}."
    return f"{what} cannot be opened ({reason}). Check the path and the disk, {LEAVE_OUT}."


def _too_large(what: str) -> str:
    limit = f"{MAX_PIXELS // 1_000_000} million pixels"
    return f"{what} is too large: the limit is {limit}. Scale it down, {LEAVE_OUT}."


def _check_size(size: tuple[int, int], what: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise InputError(_too_large(f"{what} ({width} x {height} pixels)"))
    if min(size) < MIN_SIDE:
        raise InputError(
            f"{what} is too small: {width} x {height} pixels, at least {MIN_SIDE} on each side are needed. "
            f"Give the picture in full size, {LEAVE_OUT}."
        )


def _note(image: Image.Image) -> str | None:
    if image.format == "MPO" or not getattr(image, "is_animated", False):
        return None  # the second picture of an MPO file is a preview or the other eye
    return PAGES if image.format == "TIFF" else ANIMATED


def _upright_rgb(image: Image.Image, what: str) -> Image.Image:
    image.load()
    turn = _orientation(image)
    rgb = _rgb(image, what)
    if turn is not None:
        rgb = rgb.transpose(turn)
    rgb.info = {}  # profile, orientation and transparency no longer describe these pixels
    return rgb


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _orientation(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(0x0112, 1))
    except Exception:  # damaged metadata is no reason to refuse sound pixels
        return None


def _rgb(image: Image.Image, what: str) -> Image.Image:
    if image.mode.startswith("I"):
        return _from_integers(image, what)
    if image.mode == "F":
        return _from_array(np.asarray(image), what)
    if image.mode == "La":
        image = image.convert("LA")
    if image.mode in ("RGBA", "RGBa", "LA", "PA") or "transparency" in image.info:
        return _over_white(image.convert("RGBA"))
    return image.convert("RGB")


def _over_white(rgba: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def _from_integers(image: Image.Image, what: str) -> Image.Image:
    """Gray of 16 bits, which Pillow also keeps in 32-bit integers (mode I)."""
    values = np.asarray(image)
    if values.min() < 0 or values.max() > 65535:
        raise InputError(
            f"{what} has gray values from {values.min()} to {values.max()}. Save it with 8 or 16 bits."
        )
    gray = (values >> 8).astype(np.uint8)
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        gray[values == clear] = 255
    return Image.fromarray(gray).convert("RGB")


def _from_array(array: NDArray[Any], what: str) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        first = array.ndim == 3 and array.shape[0] in (1, 3, 4)
        mend = "Move its channels last: np.moveaxis(image, 0, -1)." if first else "Give one picture an array."
        raise InputError(f"{what} is not a picture: (h, w), (h, w, 3) or (h, w, 4) is needed. {mend}")
    _check_size((array.shape[1], array.shape[0]), what)
    if np.issubdtype(array.dtype, np.floating):
        array = _from_floats(array, what)
    elif array.dtype != np.uint8:
        raise InputError(
            f"{what} has dtype {array.dtype}. Convert it to uint8 in 0..255 or to float in [0, 1]."
        )
    image = Image.fromarray(np.ascontiguousarray(array))
    return _over_white(image) if image.mode == "RGBA" else image.convert("RGB")


def _from_floats(array: NDArray[Any], what: str) -> NDArray[np.uint8]:
    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all():
        raise InputError(f"{what} holds NaN or infinite values. Make it again, {LEAVE_OUT}.")
    if low < -1e-3 or high > 1 + 1e-3:
        mend = (
            "Map it by (image + 1) / 2."
            if low >= -1.001 and high <= 1.001
            else "Divide it by its full scale."
        )
        raise InputError(f"{what} has float values from {low:.4g} to {high:.4g}, not in [0, 1]. {mend}")
    scaled: NDArray[np.uint8] = np.rint(np.clip(array, 0, 1) * 255).astype(np.uint8)
    return scaled


# Pillow warns about sizes and odd metadata while it reads. We judge the size ourselves, and odd metadata is
# no concern of the user's. `warnings.catch_warnings` swaps the whole process's filters and is not safe in
# threads, so one filter that touches Pillow alone goes in with the first reader and out with the last.
_IGNORE_PILLOW = ("ignore", None, Warning, re.compile(r"PIL\."), 0)
_readers = 0
_lock = threading.Lock()


@contextmanager
def _quiet() -> Iterator[None]:
    global _readers
    with _lock:
        _readers += 1
        if _readers == 1:
            cast(list[Any], warnings.filters).insert(0, _IGNORE_PILLOW)
    try:
        yield
    finally:
        with _lock:
            _readers -= 1
            if _readers == 0:
                with suppress(ValueError):
                    cast(list[Any], warnings.filters).remove(_IGNORE_PILLOW)
