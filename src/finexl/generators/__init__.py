"""Folders, files, PIL images or arrays -> pairs of pictures, each picture read safely.

`pair_images` decides which two pictures are compared and says so when it had to choose; `read_image` turns
one of them into upright 8-bit RGB, or says, with the file's name, why it cannot be used and what would help.
"""

from __future__ import annotations

from finexl.generators.folder import Images, Pairing, list_images, pair_images
from finexl.generators.images import Picture, Source, read_image
from finexl.generators.prompts import read_prompts

__all__ = [
    "Images",
    "Pairing",
    "Picture",
    "Source",
    "list_images",
    "pair_images",
    "read_image",
    "read_prompts",
]
