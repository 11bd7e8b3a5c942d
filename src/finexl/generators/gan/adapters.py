"""Fine-tunes as small files beside their base: tensors that take the place of a network's adjustable ones.

An ONNX network may give weights as inputs with default values (initializers that are graph inputs as well). A file of
safetensors with tensors of the same names puts others there. Low-rank changes come in pairs, NAME.down and NAME.up, with
weight = base + up x down, so at strength s the tensors called `up` are multiplied by s, and all that are not `down`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from finexl.errors import InputError
from finexl.generators.gan.generator import GanGenerator
from finexl.generators.protocol import Traits
from finexl.hub import sha256_tree
from finexl.types import Probe, Trigger

Tensors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Worn:
    """An adapter and how strongly it is worn.

    Attributes:
        spec: as it was given; version: hash of its file.
        tensors: by name.
    """

    spec: str
    version: str
    tensors: Tensors
    strength: float

    def scaled(self) -> dict[str, NDArray[np.float32]]:
        """The tensors at the adapter's strength."""
        s = np.float32(self.strength)
        return {k: v if k.endswith(".down") else v * s for k, v in self.tensors.items()}


@dataclass(frozen=True)
class AdaptedGan:
    """A GAN with a fine-tune put on it; satisfies `finexl.generators.Adapted`."""

    name: str
    base: GanGenerator
    worn: Worn

    @property
    def identity(self) -> str:
        """Of the base and, where it counts, the adapter with its strength."""
        if not self.worn.strength:
            return self.base.identity
        content = [self.base.identity, self.worn.version, self.worn.strength]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def holder(self) -> str:
        return self.base.holder

    @property
    def batch(self) -> int:
        return self.base.batch

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        """None: what a GAN is given holds no words."""
        return ()

    @property
    def traits(self) -> Traits:
        return self.base.traits

    def at(self, strength: float) -> AdaptedGan:
        """The same base with the adapter's strength multiplied; 0 is the base itself."""
        worn = replace(self.worn, strength=self.worn.strength * strength)
        return replace(self, worn=worn, name=_name(self.base, worn))

    def generate(self, probes: Sequence[Probe]) -> list[Image.Image]:
        """One image a probe.

        Raises:
            InputError: as the base's, or the adapter does not fit it or changes nothing.
        """
        self.base.check_adapter(self.worn.spec, self.worn.tensors)
        return self.base.generate(probes, self.worn.scaled())

    def close(self) -> None:
        """Free the network, for every view of it."""
        self.base.close()


def put_on(base: GanGenerator, spec: str, strength: float) -> AdaptedGan:
    """The base with the adapter in a file, or in a folder that holds adapter.safetensors.

    Raises:
        InputError: there is no such file, or it is no safetensors file.
    """
    path = Path(spec).expanduser()
    path = path / "adapter.safetensors" if path.is_dir() else path
    if not path.is_file():
        raise InputError(f"the adapter {spec!r} does not exist. Check the path for a typing error.")
    worn = Worn(spec, sha256_tree(path), _read(path), strength)
    return AdaptedGan(_name(base, worn), base, worn)


def _read(path: Path) -> Tensors:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(
            f"{str(path)!r} cannot be read as safetensors ({error}). Get it again; a pickle is never loaded."
        ) from error
    return {name: np.asarray(value, np.float32) for name, value in tensors.items()}


def _name(base: GanGenerator, worn: Worn) -> str:
    if not worn.strength:
        return base.name
    return f"{base.name}+{worn.spec}" + ("" if worn.strength == 1 else f":{worn.strength:g}")
