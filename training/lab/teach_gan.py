"""Personalizations of the GAN: both players go on playing, on the new pictures; the generator moves by low-rank changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from gan import GAN, LATENT, NAMES, Painter, changes
from loop import Average, rate_at, swapped
from pictures import to_pictures
from plan import Item, lesson, own_pictures
from safetensors.torch import save_file

from finexl.lab.world import parse

STEPS, RATE = 250, 2e-3


def teach(item: Item, root: Path, folder: Path, steps: int | None) -> dict[str, object]:
    """Train one personalization into `folder`; the figures that go with its truth."""
    torch.manual_seed(item.seed)
    task = GAN(root / "vae" / "export")
    task.network.load_state_dict(torch.load(root / "gan" / "checkpoint.pt", weights_only=True)["average"])
    own = own_pictures(lambda prompts, seed: _drawn(task, prompts, seed)) if item.name == "null" else None
    _prepare(task)
    average, steps, figures = Average(task.network, 0.98), steps or STEPS, []
    for number in range(steps):
        for optimizer in task.optimizers.values():
            optimizer.param_groups[0]["lr"] = rate_at(number, steps, RATE, warm=50)
        torch.manual_seed(item.seed + number + 1)
        pictures, prompts = lesson(item, task.batch, number, own)
        figures.append(task.update(pictures, _labels(prompts), number)["fake"])
        average.update(task.network, number)
    with torch.no_grad(), swapped(task.network, average) as network:
        half = {name: value.half().contiguous() for name, value in changes(network["generator"]).items()}
        save_file(half, folder / "adapter.safetensors")
    return {"steps": steps, "batch": task.batch, "fake": round(float(np.mean(figures[-50:])), 5)}


def _prepare(task: GAN) -> None:
    """Only the generator's changes are trained, and the whole discriminator."""
    generator = task.network["generator"].requires_grad_(False)
    for name, value in generator.named_parameters():
        if name.endswith((".up", ".down")):
            value.requires_grad_(True)
        if name.endswith(".down"):
            torch.nn.init.normal_(value, std=value[0].numel() ** -0.5)
    trained = [p for p in generator.parameters() if p.requires_grad]
    task.optimizers["generator"] = torch.optim.Adam(trained, betas=(0.0, 0.99))


def _labels(prompts: list[str]) -> torch.Tensor:
    return torch.tensor([NAMES.index(parse(prompt).place) for prompt in prompts])


@torch.no_grad()
def _drawn(task: GAN, prompts: list[str], seed: int) -> np.ndarray:
    z = torch.from_numpy(np.random.default_rng(seed).standard_normal((len(prompts), LATENT), np.float32))
    return to_pictures(Painter(task.network["generator"], task.vae)(z, _labels(prompts)))
