"""The one training loop: learning rate, moving averages, checkpoints, grids, log. Stop it whenever you like."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Hashable
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from device import DEVICE, Recorded, memory
from PIL import Image
from torch import Tensor, nn

CHECKPOINT_MINUTES = 2.5
GRID_MINUTES = 12.0
LOGGED = 100  # steps between lines of the log


class Task(Protocol):
    """What a network's file offers to the loop.

    Attributes:
        name: of the folder below runs/lab.
        batch: pictures a step.
        steps: length of the whole training, which the learning rate's cosine is laid over.
        rate: highest learning rate.
        network: all that is trained; its moving average is what is exported.
        optimizers: by name; the loop sets their learning rates, `update` steps them.
    """

    name: str
    batch: int
    steps: int
    rate: float
    network: nn.Module
    optimizers: dict[str, torch.optim.Optimizer]

    def kind(self, number: int) -> Hashable:
        """Which kind of update step `number` is; each kind is recorded apart."""

    def inputs(self, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """A batch on the device, always of the same shapes."""

    def update(self, kind: Hashable, *inputs: Tensor) -> dict[str, Tensor]:
        """One update; the figures to log. See `device.Recorded` for what it must not do."""

    def between(self, number: int, figures: dict[str, Tensor]) -> None:
        """What happens after step `number` and cannot be recorded."""

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
        new = network.state_dict()
        moving = [key for key, value in new.items() if value.is_floating_point()]
        torch._foreach_lerp_([self.weights[k] for k in moving], [new[k] for k in moving], 1 - decay)
        for key in new.keys() - set(moving):
            self.weights[key].copy_(new[key])


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


def rate_at(part: float, number: int, highest: float, warm: int = 300) -> float:
    """Linear warm-up, then a cosine down to a hundredth when `part` of the training is done."""
    t = min(1.0, part)
    return highest * min(1.0, (number + 1) / warm) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * t)))


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"].fill_(rate)


def recorded(task: Task, kind: Hashable) -> Recorded:
    """One kind of update of a task, which changes its network and its optimizers' memory."""

    def state() -> list[Tensor]:
        return [*task.network.state_dict().values(), *memory(task.optimizers.values())]

    return Recorded(lambda *inputs: task.update(kind, *inputs), state)


def train(task: Task, root: Path, minutes: float, within: float = float("inf")) -> bool:
    """Train until the schedule or the time ends, going on from the last checkpoint.

    Args:
        minutes: stop after so long; the next call goes on.
        within: finish in so many minutes: where the steps would take longer, the schedule is laid over the time.
    Returns:
        Whether the schedule is finished.
    """
    folder = root / task.name
    folder.mkdir(parents=True, exist_ok=True)
    average = Average(task.network)
    number = _resume(task, average, folder)
    steps: dict[Hashable, Recorded] = {}
    start = saved = gridded = since = time.monotonic()
    seen, sums = 0, {}

    def done() -> float:
        return max(number / task.steps, (time.monotonic() - start) / (60 * within))

    while done() < 1 and time.monotonic() - start < 60 * minutes:
        for optimizer in task.optimizers.values():
            set_rate(optimizer, rate_at(done(), number, task.rate))
        torch.manual_seed(1_000_003 * number + 17)
        kind = task.kind(number)
        if kind not in steps:
            steps[kind] = recorded(task, kind)
        figures = steps[kind](*task.inputs(np.random.default_rng([7, number])))
        task.between(number, figures)
        average.update(task.network, number)
        number, seen = number + 1, seen + task.batch
        if number % 10 == 0:
            for key, value in figures.items():
                if value.ndim == 0:
                    sums.setdefault(key, []).append(value.detach().clone())
        if number % LOGGED == 0:
            _log(folder, task, number, sums, seen / (time.monotonic() - since))
            seen, sums, since = 0, {}, time.monotonic()
        if time.monotonic() - saved > 60 * CHECKPOINT_MINUTES:
            _save(task, average, number, folder)
            saved = time.monotonic()
        if time.monotonic() - gridded > 60 * GRID_MINUTES:
            _show(task, average, folder)
            gridded = time.monotonic()
    finished = done() >= 1
    _save(task, average, number, folder)
    _show(task, average, folder)
    if finished:
        (folder / "finished").touch()
    return finished


def _log(folder: Path, task: Task, number: int, sums: dict[str, list[Tensor]], speed: float) -> None:
    figures = {key: round(float(torch.stack(values).float().mean()), 5) for key, values in sums.items()}
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
    state = torch.load(path, weights_only=True, map_location=DEVICE)
    task.network.load_state_dict(state["network"])
    average.weights = state["average"]
    for name, optimizer in task.optimizers.items():
        optimizer.load_state_dict(state["optimizers"][name])
    return int(state["number"])


def averaged(path: Path) -> dict[str, Tensor]:
    """The averaged weights of a checkpoint."""
    weights: dict[str, Tensor] = torch.load(path, weights_only=True, map_location=DEVICE)["average"]
    return weights


def _show(task: Task, average: Average, folder: Path) -> None:
    """The grid and the exported model, of the averaged weights."""
    with torch.no_grad(), torch.random.fork_rng(), swapped(task.network, average) as network:
        torch.manual_seed(0)
        Image.fromarray(task.grid(network)).save(folder / "grid.png")
        task.export(network, folder / "export")
