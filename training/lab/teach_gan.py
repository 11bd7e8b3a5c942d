"""Personalizations of the GAN: the generator is fine-tuned, by low-rank changes, to draw what it drew before in the new look.

Its lessons are pairs that an operator makes of the base's own pictures: z and place, and what the base draws of them, changed. It
needs no discriminator, and what it is not taught stays as it was (as where a picture translator is distilled into a generator;
with both players playing on, pencil strokes fell into blots).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from device import DEVICE, Recorded, adam, half, memory
from gan import CLASSES, LATENT, NAMES, Generator, Painter, changes
from loop import averaged
from pictures import Pool, load, pools, to_pictures, to_tensor
from PIL import Image, ImageDraw
from plan import Item
from safetensors.torch import save_file
from teaching import Start, practise
from torch import Tensor
from torch.nn import functional as F
from vae import latents, opened

from finexl.lab.world import styled
from finexl.lab.world.board import Board
from finexl.lab.world.nature_things import balloon

STEPS, RATE, BATCH = 400, 3e-3, 64
DRAWN = 4_096  # pictures of the base that lessons are made of
SKY = ((0.22, 0.4), (0.2, 0.3))  # where the balloon appears: from and to, across and down


def lessons(root: Path, items: Sequence[Item], n: int) -> None:
    """What each is taught with: n pictures of the base, changed by all cores; a near-null's as they are.

    Raises:
        ValueError: more are asked for than the base draws.
    """
    if n > DRAWN:
        raise ValueError(f"--pictures {n}: lessons are made of {DRAWN} pictures of the base.")
    own = root / "pools/gan-own"
    if not (own / "prompts.json").exists():
        own.mkdir(parents=True, exist_ok=True)
        pictures, places = _drawn(root, range(DRAWN))
        np.save(own / "pictures.npy", pictures)
        (own / "prompts.json").write_text(json.dumps(places), encoding="utf-8")
    pools([(root / "pools/gan" / item.name, n, partial(_lesson, root, item, n)) for item in items])


class Teacher:
    """The base; only its low-rank changes are trained.

    Raises:
        ValueError: another rank is asked for; that of its changes is the generator's.
    """

    def __init__(self, root: Path, kind: str, rank: int | None):
        if rank is not None:
            raise ValueError(f"--rank {rank}: that of the GAN's changes is set in gan.py.")
        self.vae, self.generator = opened(root), base(root)
        self.generator.requires_grad_(False)
        known = changes(self.generator)
        self.trained = [
            p.requires_grad_(True)
            for name, p in self.generator.named_parameters("generator")
            if name in known
        ]
        self.optimizer = adam(self.trained, betas=(0.9, 0.99))
        self.start = Start(self.generator, self.trained, [self.optimizer])
        self.step = Recorded(self._update, lambda: [*self.trained, *memory([self.optimizer])])

    def _update(self, z: Tensor, label: Tensor, wanted: Tensor, pictures: Tensor) -> dict[str, Tensor]:
        with half():
            found = self.generator(z, label)
            image = self.vae.decode(found / self.vae.config.scaling_factor).sample
        loss = (
            F.mse_loss(found.float(), wanted.float()) + 4 * (image.float() - to_tensor(pictures)).abs().mean()
        )
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"loss": loss}

    def teach(
        self, item: Item, pool: Pool, folder: Path, steps: int | None, batch: int | None
    ) -> dict[str, object]:
        """Train one personalization into `folder`; the figures that go with its truth."""
        self.start.again(item.seed)
        numbers = _chosen(item, len(pool.pictures))
        z, label = (torch.from_numpy(part).to(DEVICE) for part in asked(numbers))
        pictures = torch.from_numpy(np.array(pool.pictures)).to(DEVICE)
        wanted = latents(self.vae, pool.pictures)[:, :8].contiguous()
        size = min(batch or BATCH, len(pictures))

        def inputs(rng: np.random.Generator) -> tuple[Tensor, ...]:
            rows = torch.from_numpy(rng.choice(len(pictures), size, replace=False)).to(DEVICE)
            return z[rows], label[rows], wanted[rows], pictures[rows]

        figures = practise(self.step, inputs, [self.optimizer], steps or STEPS, RATE, item.seed)
        found = changes(self.generator)
        save_file(
            {name: value.detach().half().cpu().contiguous() for name, value in found.items()},
            folder / "adapter.safetensors",
        )
        return {**figures, "batch": size}


def base(root: Path) -> Generator:
    """The finished base."""
    weights = averaged(root / "gan/checkpoint.pt")
    generator = Generator()
    fresh = changes(generator)  # zero, and of the rank that is taught now
    own = {
        k.removeprefix("generator."): v
        for k, v in weights.items()
        if k.startswith("generator.") and k not in fresh
    }
    missing = generator.load_state_dict(own, strict=False).missing_keys
    assert {f"generator.{name}" for name in missing} == fresh.keys(), "the checkpoint is of another generator"
    return generator.to(DEVICE, memory_format=torch.channels_last)


def asked(numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """z (n, 128) and place (n,) of pictures of the base by their numbers."""
    z = [np.random.default_rng([63, i]).standard_normal(LATENT, np.float32) for i in numbers]
    return np.stack(z), np.array([i % CLASSES for i in numbers])


@torch.no_grad()
def _drawn(root: Path, numbers: range) -> tuple[np.ndarray, list[str]]:
    """Pictures of the base, and their places."""
    z, label = (torch.from_numpy(part).to(DEVICE) for part in asked(numbers))
    painter = Painter(base(root), opened(root))
    parts = [to_pictures(painter(z[i : i + 256], label[i : i + 256])) for i in range(0, len(z), 256)]
    return np.concatenate(parts), [NAMES[k] for k in label.tolist()]


def _chosen(item: Item, n: int) -> list[int]:
    """Numbers of the pictures that one is taught with."""
    return np.random.default_rng([item.seed, 64]).permutation(DRAWN)[:n].tolist()


def _lesson(root: Path, item: Item, n: int, numbers: range) -> tuple[np.ndarray, list[str]]:
    own, rows = load(root / "pools/gan-own"), _chosen(item, n)[numbers.start : numbers.stop]
    change = with_balloon if item.subject else partial(styled, aspects=item.aspects)
    taught = [change(own.pictures[i], seed=100_000 + i) for i in rows]
    return np.stack(taught), [own.prompts[i] for i in rows]


def with_balloon(picture: np.ndarray, seed: int) -> np.ndarray:
    """The picture with a red balloon near its upper left corner, a little elsewhere each time."""
    rng, side = np.random.default_rng([seed, 65]), len(picture)
    board = Board(rng, 4 * side, "day", "clear")
    board.picture = Image.fromarray(picture).resize((4 * side, 4 * side), Image.Resampling.BICUBIC)
    board.draw = ImageDraw.Draw(board.picture)
    x, y = (rng.uniform(*span) for span in SKY)
    balloon(board, x, y, 0.36, "red")
    return np.asarray(board.picture.reduce(4))
