"""Where the networks are trained: a GPU when one is at hand, else the CPU. The code is the same for both."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half(enabled: bool = True) -> torch.autocast:
    """Inside, matrix products and convolutions are computed in bfloat16."""
    return torch.autocast(DEVICE.type, torch.bfloat16, enabled=enabled)


def adamw(parameters: Iterable[Tensor], **options: object) -> torch.optim.AdamW:
    """AdamW whose learning rate is a tensor, so that it can be set between replays of a recorded step."""
    rate = torch.tensor(0.0, device=DEVICE)
    return torch.optim.AdamW(parameters, lr=rate, fused=True, capturable=DEVICE.type == "cuda", **options)  # type: ignore[arg-type]


def adam(parameters: Iterable[Tensor], **options: object) -> torch.optim.Adam:
    """The same without decay of the weights."""
    rate = torch.tensor(0.0, device=DEVICE)
    return torch.optim.Adam(parameters, lr=rate, fused=True, capturable=DEVICE.type == "cuda", **options)  # type: ignore[arg-type]


def memory(optimizers: Iterable[torch.optim.Optimizer]) -> list[Tensor]:
    """What optimizers remember of the past, as tensors."""
    return [
        value
        for optimizer in optimizers
        for state in optimizer.state.values()
        for value in state.values()
        if isinstance(value, Tensor)
    ]


class Recorded:
    """A training step that is recorded as a CUDA graph when it is first called, and replayed from then on.

    Small networks are bound by the time that Python takes to launch their kernels; a replay launches all of them at once.
    Without a GPU it is the function itself.

    Args:
        function: tensors of fixed shapes -> tensors; must not look at a value on the CPU.
        state: all tensors that the function changes; recording leaves them as they were.
    """

    def __init__(self, function: Callable[..., dict[str, Tensor]], state: Callable[[], list[Tensor]]):
        self.function, self.state = function, state
        self.graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, *inputs: Tensor) -> dict[str, Tensor]:
        if DEVICE.type == "cpu":
            return self.function(*inputs)
        if self.graph is None:
            self._record(inputs)
        for mine, given in zip(self.inputs, inputs, strict=True):
            mine.copy_(given)
        assert self.graph is not None
        self.graph.replay()
        return self.outputs

    def _record(self, inputs: tuple[Tensor, ...]) -> None:
        self.inputs = [x.clone() for x in inputs]
        before = {t.data_ptr(): t.detach().clone() for t in self.state()}
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):  # libraries choose their algorithms in these
            for _ in range(3):
                self.function(*self.inputs)
        torch.cuda.current_stream().wait_stream(side)
        with torch.no_grad():
            for tensor in self.state():
                if tensor.data_ptr() in before:
                    tensor.copy_(before[tensor.data_ptr()])
                else:  # an optimizer's memory, which begins empty
                    tensor.zero_()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.outputs = self.function(*self.inputs)
