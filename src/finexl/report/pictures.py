"""Pairs of pictures as small WebP, base64, each encoded once. A picture that is gone becomes None."""

from __future__ import annotations

import base64
import io
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps

from finexl.types import Explanation, PairRef

SIDE = 256
QUALITY = 80
MAX_PIXELS = 120_000_000


@dataclass(frozen=True)
class Thumbnail:
    """A picture within 256 x 256 pixels.

    Attributes:
        id: of its one place in the page.
        width, height: in pixels.
        uri: "data:image/webp;base64,..."
    """

    id: str
    width: int
    height: int
    uri: str


Thumbnails = tuple[Thumbnail | None, Thumbnail | None]


def key(ref: PairRef) -> tuple[int, str | None, str | None]:
    """What tells one pair from another; the name and the score do not."""
    return ref.index, ref.base, ref.personalized


def gather(explanation: Explanation) -> dict[tuple[int, str | None, str | None], Thumbnails]:
    """The thumbnails (base, personalized) of every pair that the explanation shows, by `key`."""
    found: dict[tuple[int, str | None, str | None], Thumbnails] = {}
    for ref in _refs(explanation):
        if key(ref) not in found:
            base, personalized = _pictures(explanation, ref)
            n = len(found)
            found[key(ref)] = _thumbnail(f"p{n}b", base), _thumbnail(f"p{n}q", personalized)
    return found


def _refs(explanation: Explanation) -> Iterator[PairRef]:
    for concept in explanation.concepts:
        yield from concept.examples
    yield from explanation.residual_pairs


def _pictures(explanation: Explanation, ref: PairRef) -> tuple[Image.Image | None, Image.Image | None]:
    if explanation._pictures is not None:
        try:
            return explanation._pictures(ref.index)
        except Exception:  # one of the two may be gone since: fall back to reading each by itself
            pass
    return _read(ref.base), _read(ref.personalized)


def _read(path: str | None) -> Image.Image | None:
    """A file's picture: upright, RGB, transparency over white; None where that fails for any reason."""
    if path is None:
        return None
    try:
        if not os.path.isfile(path):  # opening a pipe would wait for ever
            return None
        with warnings.catch_warnings(action="ignore"), Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            return _rgb(ImageOps.exif_transpose(image))
    except Exception:  # damaged files make Pillow's decoders raise almost anything
        return None


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return image.convert("RGB")


def _thumbnail(name: str, image: Image.Image | None) -> Thumbnail | None:
    if image is None:
        return None
    try:
        small = image.convert("RGB")
        small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        small.info = {}
        buffer = io.BytesIO()
        small.save(buffer, "WEBP", quality=QUALITY, method=4)
    except Exception:  # a lazily opened picture fails only here
        return None
    return Thumbnail(
        name, *small.size, "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
    )
