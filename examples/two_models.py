"""Explain a model that is a plain function: a base that draws discs, and one that draws them in warm colours."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

import finexl


def base(probe: finexl.Probe) -> Image.Image:
    """Discs of random size, place and colour on a random ground."""
    rng = np.random.default_rng(probe.seed)
    ground, *colours = (tuple(int(v) for v in rng.integers(40, 220, 3)) for _ in range(7))
    image = Image.new("RGB", (160, 160), ground)
    draw = ImageDraw.Draw(image)
    for colour in colours:
        x, y, r = (int(v) for v in rng.integers((0, 0, 10), (160, 160, 45)))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    return image


def personalized(probe: finexl.Probe) -> Image.Image:
    """The same picture, warmer."""
    pixels = np.asarray(base(probe), np.float32) * (1.25, 1.0, 0.65)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    explanation = finexl.explain(base, personalized, n_probes=25)
    print(explanation)
    print(finexl.compare(base, base, personalized, n_probes=25))
