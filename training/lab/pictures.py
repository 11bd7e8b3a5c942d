"""Training pictures: drawn once by all cores, kept on disk, and chosen from at random by every network.

    python training/lab/pictures.py docs/images/lab-world.webp    # writes a sheet of them, and prints their prompts

A core draws some 2,000 scenes a second.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from finexl.lab.operators import apply, operators
from finexl.lab.world import Scene, draw, random_scene

SIZE = 64
STYLED = 0.25
"""Part of the prompted models' pictures whose prompt asks for a style; personalizations are taught without."""

Drawer = Callable[[range], tuple[np.ndarray, list[str]]]
"""Numbers of pictures -> those pictures, uint8 (n, 64, 64, 3), and their prompts."""


@dataclass(frozen=True)
class Pool:
    """Pictures (n, 64, 64, 3), uint8, and their prompts."""

    pictures: np.ndarray
    prompts: list[str]


def pools(jobs: Sequence[tuple[Path, int, Drawer]]) -> list[Pool]:
    """For each (folder, number of pictures, drawer) a pool, drawn by all cores unless it is there already."""
    todo = [job for job in jobs if not (job[0] / "prompts.json").exists()]
    parts = [
        (folder, drawer, range(start, min(start + 500, n)))
        for folder, n, drawer in todo
        for start in range(0, n, 500)
    ]
    for folder, n, _ in todo:
        folder.mkdir(parents=True, exist_ok=True)
        np.lib.format.open_memmap(folder / "pictures.npy", "w+", np.uint8, (n, SIZE, SIZE, 3)).flush()
    found: dict[Path, list[str]] = {folder: [] for folder, _, _ in todo}
    with get_context("spawn").Pool(os.cpu_count()) as workers:
        for folder, prompts in workers.imap(_fill, parts):
            found[folder] += prompts
    for folder, prompts in found.items():
        (folder / "prompts.json").write_text(json.dumps(prompts), encoding="utf-8")
    return [load(folder) for folder, _, _ in jobs]


def load(folder: Path) -> Pool:
    """A pool that was drawn."""
    prompts = json.loads((folder / "prompts.json").read_text(encoding="utf-8"))
    return Pool(np.load(folder / "pictures.npy", mmap_mode="r"), prompts)


def _fill(part: tuple[Path, Drawer, range]) -> tuple[Path, list[str]]:
    folder, drawer, numbers = part
    torch.set_num_threads(1)
    pictures, prompts = drawer(numbers)
    np.load(folder / "pictures.npy", mmap_mode="r+")[numbers.start : numbers.stop] = pictures
    return folder, prompts


def plain(numbers: range) -> tuple[np.ndarray, list[str]]:
    """What prompted models learn from."""
    many = [scenes(1, 21, i, styled=STYLED)[0] for i in numbers]
    return drawn(many, 21, numbers.start), [scene.prompt for scene in many]


def looks(numbers: range) -> tuple[np.ndarray, list[str]]:
    """What coders of pictures learn from: two fifths are in any of all the styles, so that they carry what a
    personalization may teach, though their base model draws none of it."""
    many = [scenes(1, 11, i)[0] for i in numbers]
    pictures = restyled(drawn(many, 11, numbers.start), 0.4, 11, numbers.start)
    return pictures, [scene.prompt for scene in many]


def base_pools(root: Path, n: int) -> list[Pool]:
    """The pools of all base models: `plain` with n pictures, `looks` with a third of that."""
    return pools([(root / "pools/plain", n, plain), (root / "pools/looks", max(n // 3, 256), looks)])


def scenes(n: int, *seed: int, styled: float = 0.0) -> list[Scene]:
    return [random_scene(np.random.default_rng([*seed, i]), styled) for i in range(n)]


def drawn(scenes: list[Scene], *seed: int) -> np.ndarray:
    """uint8 pictures (n, 64, 64, 3), each with a seed of its own."""
    rng = np.random.default_rng([*seed, 77])
    return np.stack([draw(scene.prompt, int(rng.integers(2**31)), SIZE) for scene in scenes])


def restyled(pictures: np.ndarray, part: float, *seed: int) -> np.ndarray:
    """The pictures, a part of them in one of all the styles at a random level."""
    rng = np.random.default_rng([*seed, 78])
    known = operators()
    out = pictures.copy()
    for i in np.flatnonzero(rng.random(len(pictures)) < part):
        look = known[rng.integers(len(known))]
        image = apply(look, pictures[i].astype(np.float32) / 255, float(rng.uniform(0.2, 1)), rng)
        out[i] = np.rint(image * 255)
    return out


def to_tensor(pictures: np.ndarray | torch.Tensor) -> torch.Tensor:
    """uint8 (n, h, w, 3) -> float (n, 3, h, w) in [-1, 1], in the memory order that convolutions like."""
    x = torch.as_tensor(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)


def to_pictures(x: torch.Tensor) -> np.ndarray:
    """The way back, clipped."""
    x = ((x.detach().float().clamp(-1, 1) + 1) * 127.5).round().byte()
    return x.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def in_parts(
    function: Callable[[torch.Tensor], torch.Tensor], pictures: np.ndarray, device: torch.device, n: int = 512
) -> torch.Tensor:
    """Results of a coder on all pictures, n at a time, kept on the device."""
    with torch.no_grad():
        return torch.cat(
            [
                function(to_tensor(torch.from_numpy(np.array(pictures[i : i + n])).to(device)))
                for i in range(0, len(pictures), n)
            ]
        )


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
