"""The one training loop: learning rate, moving averages, checkpoints, grids, log. Stop it whenever you like."""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from PIL import Image
from torch import nn

CHECKPOINT_MINUTES = 2.5
GRID_MINUTES = 12.0


class Task(Protocol):
    """What a network's file offers to the loop.

    Attributes:
        name: of the folder below runs/lab.
        batch: pictures a step.
        steps: length of the whole training, which the learning rate's cosine is laid over.
        rate: highest learning rate.
        network: all that is trained; its moving average is what is exported.
        optimizers: by name; the loop sets their learning rates, `step` steps them.
    """

    name: str
    batch: int
    steps: int
    rate: float
    network: nn.Module
    optimizers: dict[str, torch.optim.Optimizer]

    def step(self, number: int) -> dict[str, float]:
        """One update; the figures to log. `number` seeds everything random."""

    def grid(self, network: nn.Module) -> np.ndarray:
        """A picture of samples of the given (averaged) network."""

    def export(self, network: nn.Module, folder: Path) -> None:
        """Write the network in the form in which it is loaded later."""


class Average:
    """Exponential moving average of a network's weights; short at first, so that early grids show something."""

    def __init__(self, network: nn.Module, decay: float = 0.999):
        self.decay, self.weights = decay, {k: v.detach().clone() for k, v in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module, number: int) -> None:
        decay = min(self.decay, (1 + number) / (10 + number))
        for key, value in network.state_dict().items():
            if value.is_floating_point():
                self.weights[key].lerp_(value, 1 - decay)
            else:
                self.weights[key].copy_(value)


class swapped:  # noqa: N801  (used like a function)
    """Inside, the network has its averaged weights."""

    def __init__(self, network: nn.Module, average: Average):
        self.network, self.average = network, average

    def __enter__(self) -> nn.Module:
        self.own = {k: v.clone() for k, v in self.network.state_dict().items()}
        self.network.load_state_dict(self.average.weights)
        return self.network.eval()

    def __exit__(self, *_: object) -> None:
        self.network.load_state_dict(self.own)
        self.network.train()


def rate_at(number: int, steps: int, highest: float, warm: int = 300) -> float:
    """Linear warm-up, then a cosine down to a hundredth."""
    t = min(1.0, number / steps)
    return highest * min(1.0, (number + 1) / warm) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * t)))


def train(task: Task, root: Path, minutes: float) -> bool:
    """Train until the schedule or the time ends, going on from the last checkpoint.

    Returns:
        Whether the schedule is finished.
    """
    folder = root / task.name
    folder.mkdir(parents=True, exist_ok=True)
    average = Average(task.network)
    number = _resume(task, average, folder)
    if number >= task.steps:
        return True
    start = saved = gridded = time.monotonic()
    seen, sums, since = 0, {}, time.monotonic()
    while number < task.steps and time.monotonic() - start < 60 * minutes:
        for optimizer in task.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = rate_at(number, task.steps, task.rate) * group.get("factor", 1.0)
        torch.manual_seed(1_000_003 * number + 17)
        figures = task.step(number)
        average.update(task.network, number)
        number, seen = number + 1, seen + task.batch
        for key, value in figures.items():
            sums.setdefault(key, []).append(value)
        if number % 50 == 0:
            _log(folder, task, number, sums, seen / (time.monotonic() - since))
            seen, sums, since = 0, {}, time.monotonic()
        if time.monotonic() - saved > 60 * CHECKPOINT_MINUTES:
            _save(task, average, number, folder)
            saved = time.monotonic()
        if time.monotonic() - gridded > 60 * GRID_MINUTES:
            _show(task, average, folder)
            gridded = time.monotonic()
    _save(task, average, number, folder)
    _show(task, average, folder)
    if number >= task.steps:
        (folder / "finished").touch()
    return number >= task.steps


def _log(folder: Path, task: Task, number: int, sums: dict[str, list[float]], speed: float) -> None:
    figures = {key: round(float(np.mean(values)), 5) for key, values in sums.items()}
    line = {
        "step": number,
        "of": task.steps,
        "samples": number * task.batch,
        **figures,
        "per_s": round(speed, 1),
    }
    print(json.dumps({"name": task.name, **line}), flush=True)
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def _save(task: Task, average: Average, number: int, folder: Path) -> None:
    state = {
        "number": number,
        "network": task.network.state_dict(),
        "average": average.weights,
        "optimizers": {name: optimizer.state_dict() for name, optimizer in task.optimizers.items()},
    }
    torch.save(state, folder / "checkpoint.tmp")
    os.replace(folder / "checkpoint.tmp", folder / "checkpoint.pt")


def _resume(task: Task, average: Average, folder: Path) -> int:
    path = folder / "checkpoint.pt"
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    task.network.load_state_dict(state["network"])
    average.weights = state["average"]
    for name, optimizer in task.optimizers.items():
        optimizer.load_state_dict(state["optimizers"][name])
    return int(state["number"])


def _show(task: Task, average: Average, folder: Path) -> None:
    """The grid and the exported model, of the averaged weights."""
    with torch.no_grad(), torch.random.fork_rng(), swapped(task.network, average) as network:
        torch.manual_seed(0)
        Image.fromarray(task.grid(network)).save(folder / "grid.png")
        task.export(network, folder / "export")
