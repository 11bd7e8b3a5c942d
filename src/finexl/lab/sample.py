"""A sample with a known answer: photographs, and the same made blocky and more colourful by Pillow.

The photographs are crops of three pictures that come with scikit-image (chelsea by Stefan van der Walt, coffee by
Rachel Michetti, rocket by SpaceX; CC0 or public domain). They had no part in training the built-in encoder.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from PIL import Image, ImageEnhance

TRUTH = ("pixel art", "vivid colours")
"""What `change` does, in the words of the vocabulary."""


def change(image: Image.Image, level: float = 0.7) -> Image.Image:
    """Blocks of up to a 32nd of the side, and colours up to twice as strong; level in [0, 1]."""
    side = max(1, round(min(image.size) * level / 32))
    blocks = image.reduce(side).resize(image.size, Image.Resampling.NEAREST)
    return ImageEnhance.Color(blocks).enhance(1 + level)


def write_sample(folder: Path, level: float = 0.7) -> tuple[Path, Path]:
    """Write the pairs into folder/base and folder/personalized and return the two folders."""
    base, personalized = folder / "base", folder / "personalized"
    for place in (base, personalized):
        place.mkdir(parents=True, exist_ok=True)
    with as_file(files("finexl.lab") / "photos") as photos:
        for path in sorted(photos.glob("*.webp")):
            image = Image.open(path).convert("RGB")
            image.save(base / f"{path.stem}.png")
            change(image, level).save(personalized / f"{path.stem}.png")
    return base, personalized
