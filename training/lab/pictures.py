"""Training pictures: drawn anew for every step, so nothing is stored and nothing is seen twice.

    python training/lab/pictures.py docs/images/lab-world.webp    # writes a sheet of them, and prints their prompts

A core draws some 2,500 scenes a second; the networks eat a few dozen. Every step has its own random numbers, so a
resumed run sees what an uninterrupted one would have seen.
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from PIL import Image

from finexl.lab.operators import apply, operators
from finexl.lab.world import Scene, draw, random_scene

SIZE = 64


STYLED = 0.25
"""Part of the prompted models' pictures whose prompt asks for a style; personalizations are taught without."""


def scenes(n: int, *seed: int, styled: float = 0.0) -> list[Scene]:
    return [random_scene(np.random.default_rng([*seed, i]), styled) for i in range(n)]


def drawn(scenes: list[Scene], *seed: int) -> np.ndarray:
    """uint8 pictures (n, 64, 64, 3), each with a seed of its own."""
    rng = np.random.default_rng([*seed, 77])
    return np.stack([draw(scene.prompt, int(rng.integers(2**31)), SIZE) for scene in scenes])


def restyled(pictures: np.ndarray, part: float, *seed: int) -> np.ndarray:
    """The pictures, a part of them in one of all the styles at a random level.

    The coders of pictures (VAE, VQ) have to carry every style that a personalization may teach, though their base
    model draws none of them.
    """
    rng = np.random.default_rng([*seed, 78])
    looks = operators()
    out = pictures.copy()
    for i in np.flatnonzero(rng.random(len(pictures)) < part):
        look = looks[rng.integers(len(looks))]
        image = apply(look, pictures[i].astype(np.float32) / 255, float(rng.uniform(0.2, 1)), rng)
        out[i] = np.rint(image * 255)
    return out


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 (n, h, w, 3) -> float (n, 3, h, w) in [-1, 1], in the memory order that convolutions like."""
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)


def to_pictures(x: torch.Tensor) -> np.ndarray:
    """The way back, clipped."""
    x = ((x.detach().float().clamp(-1, 1) + 1) * 127.5).round().byte()
    return x.permute(0, 2, 3, 1).contiguous().numpy()


def grid(pictures: np.ndarray, columns: int) -> np.ndarray:
    """One picture of many, row by row."""
    n, h, w, c = pictures.shape
    rows = -(-n // columns)
    full = np.zeros((rows * columns, h, w, c), np.uint8)
    full[:n] = pictures
    return full.reshape(rows, columns, h, w, c).swapaxes(1, 2).reshape(rows * h, columns * w, c)


def main(path: str) -> None:
    many = scenes(60, 1)
    sheet = Image.fromarray(grid(drawn(many, 1), 10))
    sheet.resize((2 * sheet.width, 2 * sheet.height), Image.Resampling.NEAREST).save(path, lossless=True)
    print("\n".join(f"row {i // 10 + 1}, {i % 10 + 1}: {scene.prompt}" for i, scene in enumerate(many)))


if __name__ == "__main__":
    main(sys.argv[1])
