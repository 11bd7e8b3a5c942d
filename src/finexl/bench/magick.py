"""ImageMagick, run as a program: raw pixels in, raw pixels out, one process a picture."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

import numpy as np

from finexl.bench.effect import Pixels
from finexl.errors import FinexlError, MissingProgramError

PROGRAMS = ("magick", "convert-im6.q16", "convert")
"""What ImageMagick 7, Debian's ImageMagick 6 and others call it. Windows has a `convert` of its own, so each is asked."""
_ONE_THREAD = {"MAGICK_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}
"""With more, noise depends on which thread draws it."""


@cache
def program() -> str:
    """The path of ImageMagick.

    Raises:
        MissingProgramError: it is not installed.
    """
    for name in PROGRAMS:
        path = shutil.which(name)
        if path and b"ImageMagick" in subprocess.run([path, "-version"], capture_output=True).stdout:
            return path
    raise MissingProgramError(
        "ImageMagick", "apt-get install imagemagick (Debian) or brew install imagemagick (macOS)"
    )


def magick(image: Pixels, *arguments: object, coded: str = "") -> Pixels:
    """A picture after some of ImageMagick's operations, in the order of its command line.

    Args:
        image: uint8 RGB (H, W, 3).
        arguments: operators and their values, "(" and ")" for a side branch. The result is cut to H x W about its middle.
        coded: a file format through which the result goes, with the settings among the arguments.
    Returns:
        uint8 RGB of the same shape.
    Raises:
        MissingProgramError: ImageMagick is not installed.
        FinexlError: it refused.

    Example: magick(image, "-paint", 3)
    """
    height, width = image.shape[:2]
    raw = ("-size", f"{width}x{height}", "-depth", "8", "rgb:-")
    cut = (
        "-compose",
        "Over",
        "-gravity",
        "center",
        "-background",
        "black",
        "-extent",
        f"{width}x{height}",
        "+repage",
    )
    out = (*cut, "-alpha", "off", "-colorspace", "sRGB", "-type", "TrueColor", "-depth", "8")
    result = _run(image.tobytes(), *raw, *arguments, *out, f"{coded or 'rgb'}:-")
    if coded:
        result = _run(result, f"{coded}:-", "-depth", "8", "rgb:-")
    return np.frombuffer(result, np.uint8).reshape(image.shape).copy()


def _run(given: bytes, *arguments: object) -> bytes:
    words = [f"{a:.4g}" if isinstance(a, float) else str(a) for a in arguments]
    done = subprocess.run(
        [program(), *words], input=given, capture_output=True, env={**os.environ, **_ONE_THREAD}
    )
    if done.returncode or not done.stdout:
        told = done.stderr.decode(errors="replace").strip()
        raise FinexlError(f"ImageMagick refused {' '.join(words)!r}: {told}")
    return done.stdout
