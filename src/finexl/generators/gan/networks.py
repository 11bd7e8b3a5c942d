"""The three containers behind one face: named inputs with shapes, and a call on arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from finexl.errors import InputError, MissingExtraError
from finexl.memory import is_out_of_memory

TYPES = {
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}
"""Number formats of ONNX inputs; any other is taken as float32."""


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
    @property
    def adjustable(self) -> Mapping[str, tuple[int, ...]]:
        """Names and shapes of weights that a call may give in place of the network's own."""

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Inputs by name -> the first output."""


class Onnx:
    """An ONNX file."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        settings = onnxruntime.SessionOptions()
        settings.log_severity_level = 3  # weights that can be given at run time are no reason to warn
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), settings, providers=onnxruntime.get_available_providers()
            )
        except Exception as error:  # onnxruntime raises its own classes, all below Exception
            raise InputError(
                f"{str(path)!r} cannot be read as ONNX ({_first(error)}). Export it again."
            ) from error
        found = self._session.get_inputs()
        weights = self._session.get_overridable_initializers()
        self.adjustable = {w.name: tuple(w.shape) for w in weights}
        self._types = {i.name: TYPES.get(i.type, np.float32) for i in [*found, *weights]}
        self.ports = [
            Port(i.name, tuple(s if isinstance(s, int) else None for s in i.shape), "int" in i.type)
            for i in found
        ]

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        given = {name: np.asarray(value, self._types[name]) for name, value in inputs.items()}
        try:
            return np.asarray(self._session.run(None, given)[0], np.float32)
        except Exception as error:  # as above
            _failed(error, inputs)


class Exported:
    """A file of torch.export: a graph without code."""

    adjustable: Mapping[str, tuple[int, ...]] = {}

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
        self._types = {name: value.dtype for name, value in values}
        self._module = program.module()

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        return _run(self._module, {port.name: inputs[port.name] for port in self.ports}, self._types)


class Script:
    """A TorchScript file, whose inputs have names but no shapes.

    Args:
        latent: width of its first input.
        classes: of its second one, or 0.
    """

    adjustable: Mapping[str, tuple[int, ...]] = {}

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
        return _run(self._module, {port.name: inputs[port.name] for port in self.ports}, {})


def _run(module: Any, inputs: Mapping[str, NDArray[Any]], types: Mapping[str, Any]) -> NDArray[np.float32]:
    """Call a module of torch on arrays, each in the number format it wants."""
    torch = _torch()
    tensors = [
        torch.from_numpy(np.ascontiguousarray(value)).to(types.get(name)) for name, value in inputs.items()
    ]
    try:
        with torch.inference_mode():
            out = module(*tensors)
        first = out[0] if isinstance(out, tuple | list) else out
        return np.asarray(first.float().cpu().numpy(), np.float32)
    except Exception as error:  # whatever the code in the file raises
        _failed(error, inputs)


def _failed(error: Exception, inputs: Mapping[str, NDArray[Any]]) -> NoReturn:
    """Say in our words that a network does not take its inputs; memory that ran out is its caller's concern."""
    if is_out_of_memory(error):
        raise error
    if "alloc" in str(error).lower():  # onnxruntime's words for it
        raise MemoryError(_first(error)) from error
    given = ", ".join(f"{name} {value.shape}" for name, value in inputs.items())
    said = " ".join(str(error).split())[-200:]  # torch says the cause last
    raise InputError(
        f"the network does not take its inputs ({given}): {said}. Give its latent and classes as options, or "
        "export it again."
    ) from error


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("this form of a GAN", "gan") from error
    return torch


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
