"""Images out of replies."""

from __future__ import annotations

import base64
import binascii
import io

from PIL import Image

from finexl.errors import InputError
from finexl.generators.images import read_image


def decode(text: str, whose: str) -> Image.Image:
    """An image from base64, with or without "data:image/...;base64,".

    Args:
        whose: the server, for the message.
    Raises:
        InputError: it is none.
    """
    try:
        raw = base64.b64decode(text.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"{whose} sent an image that is no base64. Is it the right server?") from error
    return open_image(raw, whose)


def open_image(raw: bytes, whose: str) -> Image.Image:
    """An image from a file's bytes, RGB.

    Raises:
        InputError: it is none, or damaged, or of a size that is refused before it is decoded.
    """
    try:
        image = Image.open(io.BytesIO(raw), formats=("PNG", "JPEG", "WEBP"))
    except Exception as error:  # damaged headers make Pillow raise almost anything
        raise InputError(f"{whose} sent something that is no PNG, JPEG or WebP image.") from error
    try:
        return read_image(image).image
    except InputError as error:
        raise InputError(f"{whose} sent an image that cannot be used: {error}") from error
