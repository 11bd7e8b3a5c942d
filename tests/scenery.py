"""Pictures with content, changes of known kind, and packages laid down as pip would."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

ENCODERS = "[finexl.encoders]\nlooks = looks:looks\nslow-looks = looks:slow_looks\n"


@cache
def scene(i: int, size: int = 96) -> Image.Image:
    """Picture i of an endless album."""
    from finexl.lab.scenes import render

    picture, _ = render(np.random.default_rng(i), size)
    return Image.fromarray(np.rint(picture * 255).astype(np.uint8))


def darker(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(0.6)


def paler(image: Image.Image) -> Image.Image:
    return ImageEnhance.Color(image).enhance(0.3)


def flatter(image: Image.Image) -> Image.Image:
    """Half the contrast, with colours as strong as before."""
    pixels = np.asarray(image, np.float32)
    gray = pixels.mean(2, keepdims=True)
    return Image.fromarray(np.clip(pixels - 0.5 * (gray - gray.mean()), 0, 255).astype(np.uint8))


def install(folder: Path, name: str, entry_points: str) -> Path:
    """Lay down what pip would: metadata with entry points, in a folder that goes on the path."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry_points)
    return folder
