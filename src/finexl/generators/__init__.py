"""Where pictures come from: folders, files and arrays, or models that draw them.

`pair_images` decides which two pictures are compared and says so when it had to choose; `read_image` turns
one of them into upright 8-bit RGB, or says, with the file's name, why it cannot be used and what would help.
`load_generator` opens a model by its spec; `Generator` is what a model has to offer.
"""

from __future__ import annotations

from finexl.generators.folder import Images, Pairing, list_images, pair_images
from finexl.generators.images import Picture, Source, read_image
from finexl.generators.prompts import read_prompts
from finexl.generators.protocol import Adapted, Generator, Traits, traits
from finexl.generators.registry import load_generator, schemes

__all__ = [
    "Adapted",
    "Generator",
    "Images",
    "Pairing",
    "Picture",
    "Source",
    "Traits",
    "list_images",
    "load_generator",
    "pair_images",
    "read_image",
    "read_prompts",
    "schemes",
    "traits",
]
