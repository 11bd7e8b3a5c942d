"""The three containers behind one face: named inputs with shapes, and a call on arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from finexl.errors import InputError, MissingExtraError


@dataclass(frozen=True)
class Port:
    """An input of a network.

    Attributes:
        name: of it.
        shape: None where a size is free.
        whole: whether it takes whole numbers.
    """

    name: str
    shape: tuple[int | None, ...]
    whole: bool


class Network(Protocol):
    """A loaded network."""

    @property
    def ports(self) -> Sequence[Port]: ...

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Inputs by name -> the first output."""


class Onnx:
    """An ONNX file."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        try:
            self._session = onnxruntime.InferenceSession(
                str(path), providers=onnxruntime.get_available_providers()
            )
        except Exception as error:  # onnxruntime raises its own classes, all below Exception
            raise InputError(
                f"{str(path)!r} cannot be read as ONNX ({_first(error)}). Export it again."
            ) from error
        self.ports = [
            Port(i.name, tuple(s if isinstance(s, int) else None for s in i.shape), "int" in i.type)
            for i in self._session.get_inputs()
        ]

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        return np.asarray(self._session.run(None, dict(inputs))[0], np.float32)


class Exported:
    """A file of torch.export: a graph without code."""

    def __init__(self, path: Path) -> None:
        torch = _torch()
        try:
            program = torch.export.load(str(path))
        except Exception as error:
            raise InputError(
                f"{str(path)!r} cannot be read as torch.export ({_first(error)}). Export it again."
            ) from error
        named = set(program.graph_signature.user_inputs)
        values = [
            (n.name, n.meta["val"]) for n in program.graph.nodes if n.op == "placeholder" and n.name in named
        ]
        self.ports = [
            Port(
                name,
                tuple(s if isinstance(s, int) else None for s in value.shape),
                not value.is_floating_point(),
            )
            for name, value in values
        ]
        self._module = program.module()

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        return _run(self._module, [inputs[port.name] for port in self.ports])


class Script:
    """A TorchScript file, whose inputs have names but no shapes.

    Args:
        latent: width of its first input.
        classes: of its second one, or 0.
    """

    def __init__(self, path: Path, latent: int, classes: int) -> None:
        torch = _torch()
        try:
            self._module = torch.jit.load(str(path), map_location="cpu").eval()
        except Exception as error:
            raise InputError(
                f"{str(path)!r} cannot be read as TorchScript ({_first(error)}). Export it again."
            ) from error
        names = [a.name for a in self._module.forward.schema.arguments[1:]]
        label = [Port(names[1], (None,), True)] if classes and len(names) > 1 else []
        self.ports = [Port(names[0], (None, latent), False), *label]

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        return _run(self._module, [inputs[port.name] for port in self.ports])


def _run(module: Any, inputs: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
    torch = _torch()
    with torch.inference_mode():
        out = module(*(torch.from_numpy(np.ascontiguousarray(value)) for value in inputs))
    first = out[0] if isinstance(out, tuple | list) else out
    return np.asarray(first.float().cpu().numpy(), np.float32)


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("this form of a GAN", "gan") from error
    return torch


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
