"""What personalizations of all families have in common: they begin from the same base again and again, and practise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from device import Recorded, memory
from loop import rate_at, set_rate
from torch import Tensor, nn


class Start:
    """The state before anything is taught, to which every personalization returns.

    Args:
        network: its adapters' down-projections ("lora_A", ".down") are drawn anew each time.
        trained: the parameters that are taught; all but those return to their values.
    """

    def __init__(
        self, network: nn.Module, trained: Sequence[Tensor], optimizers: Sequence[torch.optim.Optimizer]
    ):
        own = {id(p) for p in trained}
        self.optimizers = optimizers
        self.random = [
            p
            for name, p in network.named_parameters()
            if id(p) in own and ("lora_A" in name or name.endswith(".down"))
        ]
        drawn = {id(p) for p in self.random}
        self.kept = [(p, p.detach().clone()) for p in trained if id(p) not in drawn]

    @torch.no_grad()
    def again(self, seed: int) -> None:
        """As before the first step."""
        torch.manual_seed(seed)
        for parameter, value in self.kept:
            parameter.copy_(value)
        for parameter in self.random:
            nn.init.kaiming_uniform_(parameter, a=math.sqrt(5))
        for value in memory(self.optimizers):
            value.zero_()


def practise(
    step: Recorded,
    inputs: Callable[[np.random.Generator], tuple[Tensor, ...]],
    optimizers: Sequence[torch.optim.Optimizer],
    steps: int,
    rate: float,
    seed: int,
    after: Callable[[int], None] = lambda number: None,
) -> dict[str, object]:
    """Take so many steps; how many, and the mean of the first figure over the last 50."""
    losses = []
    for number in range(steps):
        for optimizer in optimizers:
            set_rate(optimizer, rate_at(number / steps, number, rate, warm=20))
        torch.manual_seed(seed + number + 1)
        figures = step(*inputs(np.random.default_rng([seed, number])))
        after(number)
        losses.append(next(iter(figures.values())).detach().clone())
    return {"steps": steps, "loss": round(float(torch.stack(losses[-50:]).float().mean()), 5)}
