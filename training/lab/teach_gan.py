"""Personalizations of the GAN: both players go on playing, on the new pictures; the generator moves by low-rank changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from device import DEVICE, adam
from gan import GAN, LATENT, NAMES, Painter, changes
from loop import Average, averaged, recorded, swapped
from pictures import Pool, to_pictures
from plan import Item, own_prompts
from safetensors.torch import save_file
from teaching import Start, practise
from torch import Tensor

from finexl.lab.world import parse

STEPS, RATE, BATCH = 250, 2e-3, 32


class Teacher:
    """Both players; only the generator's changes are trained, and the whole discriminator."""

    def __init__(self, root: Path, kind: str):
        self.task = GAN(root, pool=False)
        self.task.network.load_state_dict(averaged(root / "gan/checkpoint.pt"))
        generator = self.task.network["generator"].requires_grad_(False)
        for name, value in generator.named_parameters():
            if name.endswith((".up", ".down")):
                value.requires_grad_(True)
        moved = [p for p in generator.parameters() if p.requires_grad]
        self.task.optimizers["generator"] = adam(moved, betas=(0.0, 0.99))
        trained = [*moved, *self.task.network["discriminator"].parameters()]
        self.start = Start(self.task.network, trained, list(self.task.optimizers.values()))
        self.steps = {kind: recorded(self.task, kind) for kind in (True, False)}

    @torch.no_grad()
    def own(self) -> Pool:
        """Pictures that the base draws, taught to a near-null."""
        self.start.again(0)
        prompts = own_prompts()
        z = np.random.default_rng(63_000).standard_normal((len(prompts), LATENT), np.float32)
        label = torch.tensor([NAMES.index(parse(prompt).place) for prompt in prompts], device=DEVICE)
        painter = Painter(self.task.network["generator"], self.task.vae)
        return Pool(to_pictures(painter(torch.from_numpy(z).to(DEVICE), label)), prompts)

    def teach(
        self, item: Item, pool: Pool, folder: Path, steps: int | None, batch: int | None
    ) -> dict[str, object]:
        """Train one personalization into `folder`; the figures that go with its truth."""
        self.start.again(item.seed)
        self.task.learn_from(pool.pictures, pool.prompts)
        self.task.batch = batch or BATCH
        average, number = Average(self.task.network, 0.98), iter(range(10**9))

        def step(*inputs: Tensor) -> dict[str, Tensor]:
            return self.steps[self.task.kind(next(number))](*inputs)

        figures = practise(
            step, self.task.inputs, list(self.task.optimizers.values()), steps or STEPS, RATE, item.seed,
            after=lambda k: average.update(self.task.network, k),
        )  # fmt: skip
        with torch.no_grad(), swapped(self.task.network, average) as network:
            found = changes(network["generator"])
            half = {name: value.half().cpu().contiguous() for name, value in found.items()}
            save_file(half, folder / "adapter.safetensors")
        return {**figures, "batch": self.task.batch}
