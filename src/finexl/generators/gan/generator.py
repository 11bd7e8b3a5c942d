"""`gan:...` -> a generator: z and label from the probe, images from the network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field

from finexl.errors import InputError
from finexl.generators.gan.files import sha256_network
from finexl.generators.gan.networks import Exported, Network, Onnx, Port, Script
from finexl.generators.protocol import Traits
from finexl.memory import in_batches
from finexl.options import Settings
from finexl.types import Probe

Range = Literal["auto", "-1,1", "0,1"]
Tensors = Mapping[str, NDArray[np.float32]]
NOTHING: Tensors = {}
SLACK = 0.02  # how far values may leave [0, 1] by rounding alone
ALIKE = 0.01  # largest difference between two draws of one probe that rounding explains


class GanSettings(Settings):
    """Options of the family `gan`.

    Attributes:
        psi: truncation, where the network takes it (an input called psi or truncation_psi) or else on z.
        latent, classes: width of z and number of classes, where the file does not tell.
        range: of the network's output; "auto" looks at the images and says in a note what it took.
        batch: images drawn at once.
        unsafe_code: load TorchScript, which can run code.
    """

    psi: float = Field(1.0, ge=0, le=2)
    latent: int | None = Field(None, ge=1)
    classes: int | None = Field(None, ge=0)
    range: Range = "auto"
    batch: int = Field(16, ge=1)
    unsafe_code: bool = False


class GanGenerator:
    """Draws with a network of random numbers; satisfies `finexl.generators.Generator`.

    Args:
        path: the network's file; config: what is known about it beside the file.
        settings: options of the user, which win over `config`.
    """

    def __init__(self, spec: str, path: Path, config: GanSettings) -> None:
        self.name = f"gan:{spec}"
        self.path, self.settings, self.batch = path, config, config.batch
        told = config.model_dump(exclude={"batch", "unsafe_code"})
        self.identity = hashlib.sha256(
            json.dumps([sha256_network(path), told], sort_keys=True).encode()
        ).hexdigest()
        self.holder = self.identity
        self._range: Range = config.range
        self._checked: set[str] = set()

    @property
    def traits(self) -> Traits:
        classes, notes = self._classes, []
        if self.settings.range == "auto":
            notes.append(f"{self.name}: output taken as [{self._guessed}].")
        if not self._steady:
            notes.append(f"{self.name} adds noise of its own: the same z gives another image each time.")
        takes: Literal["label", "nothing"] = "label" if classes else "nothing"
        return Traits(takes, classes, seeded=self._steady, notes=tuple(notes))

    def generate(self, probes: Sequence[Probe], adapter: Tensors = NOTHING) -> list[Image.Image]:
        """One image a probe, from z of its own.

        Args:
            adapter: tensors in place of the network's adjustable ones (see `finexl.generators.gan.adapters`).
        Raises:
            InputError: a label is missing or too large, or the output is no image or no numbers.
        """
        self._check_batches()
        values = in_batches(lambda some: self._draw(some, adapter), probes, "set a smaller batch")
        return [self._picture(value, probe) for value, probe in zip(values, probes, strict=True)]

    def check_adapter(self, spec: str, tensors: Tensors) -> None:
        """Raise unless the tensors, at full strength, fit the network and change what it draws.

        Raises:
            InputError: says what does not fit.
        """
        if spec in self._checked:
            return
        takes = self._network.adjustable
        strange = [name for name, value in tensors.items() if takes.get(name) != value.shape]
        if strange or not tensors:
            raise InputError(
                f"{spec!r} does not fit {self.name!r}: {len(strange) or 'all'} of its tensors, such as "
                f"{(strange or ['none'])[0]!r}, are not among the network's {len(takes)} adjustable ones of that shape. Give the base it was made for."
            )
        if np.array_equal(self._draw(self._samples(1), tensors)[0], self._draw(self._samples(1), NOTHING)[0]):
            raise InputError(f"{spec!r} changes nothing of what {self.name!r} draws: its tensors are zeros.")
        self._checked.add(spec)

    def close(self) -> None:
        """Free the network."""
        self.__dict__.pop("_network", None)

    @cached_property
    def _network(self) -> Network:
        ending = self.path.suffix.lower()
        if ending == ".onnx":
            return Onnx(self.path)
        if ending == ".pt2":
            return Exported(self.path)
        if self.settings.latent is None:
            raise InputError(
                f"{str(self.path)!r} does not tell how wide its z is. Give -O latent=512 or the like."
            )
        return Script(self.path, self.settings.latent, self.settings.classes or 0)

    @cached_property
    def _ports(self) -> tuple[Port, Port | None, Port | None]:
        """The inputs for z, label and truncation."""
        ports = list(self._network.ports)
        psi = next((p for p in ports if "psi" in p.name.lower() or "trunc" in p.name.lower()), None)
        rest = [p for p in ports if p is not psi]
        if not 1 <= len(rest) <= 2:
            names = ", ".join(p.name for p in ports)
            raise InputError(
                f"{self.name!r} has the inputs {names}: one for z and at most one for the class are understood."
            )
        label = next((p for p in rest if p.whole), rest[1] if len(rest) == 2 else None)
        z = next(p for p in rest if p is not label)
        return z, label, psi

    @cached_property
    def _classes(self) -> int:
        label = self._ports[1]
        if label is None:
            return 0
        width = label.shape[-1] if len(label.shape) == 2 and not label.whole else None
        classes = self.settings.classes or width
        if not classes:
            raise InputError(
                f"{self.name!r} takes a class but does not tell how many there are. Give -O classes=10."
            )
        return classes

    @cached_property
    def _width(self) -> int:
        z = self._ports[0]
        sizes = [size for size in z.shape[1:] if size != 1]
        width = sizes[0] if len(sizes) == 1 and sizes[0] else self.settings.latent
        if not width:
            raise InputError(
                f"{self.name!r} does not tell how wide its z is. Give -O latent=512 or the like."
            )
        return width

    @cached_property
    def _few(self) -> list[NDArray[np.float32]]:
        """A few values, drawn at once as far as `batch` goes."""
        probes, size = self._samples(4), min(4, self.batch)
        return [v for start in range(0, 4, size) for v in self._draw(probes[start : start + size], NOTHING)]

    @cached_property
    def _alone(self) -> list[NDArray[np.float32]]:
        """The first of them, drawn twice by itself."""
        return [self._draw(self._samples(1), NOTHING)[0] for _ in range(2)]

    @cached_property
    def _guessed(self) -> Range:
        """The range of the output, from a few images: nothing below 0 means [0, 1]."""
        if self.settings.range != "auto":
            return self.settings.range
        return "-1,1" if min(float(value.min()) for value in self._few) < -SLACK else "0,1"

    @cached_property
    def _steady(self) -> bool:
        """Whether the same probe gives the same image; a network may draw random numbers of its own."""
        first, second = self._alone
        return bool(np.allclose(first, second, rtol=0, atol=ALIKE, equal_nan=True))

    def _check_batches(self) -> None:
        """Raise if an image depends on its neighbours, as where batches are normalised together."""
        first = self._alone[0]
        if self._steady and not np.allclose(self._few[0], first, rtol=0, atol=ALIKE, equal_nan=True):
            raise InputError(
                f"{self.name!r} draws another image of the same z beside others. Give the option batch=1."
            )

    def _samples(self, n: int) -> list[Probe]:
        return [Probe(seed=i, label=0 if self._classes else None) for i in range(n)]

    def _draw(self, probes: Sequence[Probe], adapter: Tensors) -> list[NDArray[np.float32]]:
        """Values of each; a network that was exported for batches of one size gets them so, the last one filled up."""
        size = self._ports[0].shape[0]
        if not size:
            return self._run(probes, adapter)
        filled = [*probes, *[probes[-1]] * (-len(probes) % size)]
        starts = range(0, len(filled), size)
        values = [v for start in starts for v in self._run(filled[start : start + size], adapter)]
        return values[: len(probes)]

    def _run(self, probes: Sequence[Probe], adapter: Tensors) -> list[NDArray[np.float32]]:
        z_port, label_port, psi_port = self._ports
        z = np.stack([latent(probe.seed, self._width) for probe in probes])
        if psi_port is None:
            z = z * np.float32(self.settings.psi)
        inputs: dict[str, NDArray[Any]] = {z_port.name: z.reshape(len(z), -1, *[1] * (len(z_port.shape) - 2))}
        if label_port is not None:
            labels = np.array([self._label(probe) for probe in probes])
            wide = len(label_port.shape) == 2 and not label_port.whole
            inputs[label_port.name] = np.eye(self._classes, dtype=np.float32)[labels] if wide else labels
        if psi_port is not None:
            inputs[psi_port.name] = np.full(
                [size or 1 for size in psi_port.shape], self.settings.psi, np.float32
            )
        return list(self._network({**inputs, **adapter}))

    def _label(self, probe: Probe) -> int:
        if probe.label is None or not 0 <= probe.label < self._classes:
            raise InputError(
                f"{self.name!r} has classes 0 to {self._classes - 1}; a probe asks for {probe.label}."
            )
        return probe.label

    def _picture(self, value: NDArray[np.float32], probe: Probe) -> Image.Image:
        if value.ndim != 3 or value.shape[0] not in (1, 3):
            raise InputError(f"{self.name!r} gives arrays of shape {value.shape}, not (3, height, width).")
        if not np.isfinite(value).all():
            raise InputError(f"{self.name!r} drew values that are no numbers (NaN) for seed {probe.seed}.")
        unit = (value + 1) / 2 if self._guessed == "-1,1" else value
        pixels = (unit.clip(0, 1) * 255).round().astype(np.uint8).transpose(1, 2, 0)
        return Image.fromarray(pixels if pixels.shape[2] == 3 else np.repeat(pixels, 3, 2))


def latent(seed: int, width: int) -> NDArray[np.float32]:
    """z of a probe: standard normal by Philox, the same on every machine and device.

    Example:
        >>> latent(7, 4).shape
        (4,)
    """
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal(width, np.float32)
