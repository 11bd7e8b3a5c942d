"""`ar:...` -> a generator, and its views with adapters at strengths."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from PIL import Image

from finexl.errors import InputError, MissingExtraError
from finexl.generators.adapters import AdapterFile, read_adapter, triggers
from finexl.generators.autoregressive.kinds import ArSettings, check_kind
from finexl.generators.autoregressive.loaded import LoadedModel
from finexl.generators.specs import split_spec
from finexl.hub import Place, find, sha256_tree
from finexl.memory import in_batches
from finexl.options import Options, read_options
from finexl.types import Probe, Trigger


@dataclass(frozen=True)
class ArGenerator:
    """Draws token by token; satisfies `finexl.generators.Adapted`.

    Attributes:
        name: the spec; holder: which loaded model it is a view of.
        worn: (adapter, version, strength).
    """

    name: str
    holder: str
    place: Place
    worn: tuple[tuple[AdapterFile, str, float], ...]
    loaded: LoadedModel

    @property
    def batch(self) -> int:
        return self.loaded.settings.batch

    @property
    def identity(self) -> str:
        """Weights, adapters with their strengths, settings and library versions."""
        on = [(key, strength) for _, key, strength in self.worn if strength]
        return hashlib.sha256(json.dumps([self.holder, on], sort_keys=True).encode()).hexdigest()

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        return tuple(dict.fromkeys(t for file, _, _ in self.worn for t in triggers(file)))

    def at(self, strength: float) -> ArGenerator:
        """The same model with every adapter's strength multiplied; 0 is the base."""
        worn = tuple((file, key, s * strength) for file, key, s in self.worn)
        return replace(self, worn=worn, name=_name(self.place, worn))

    def generate(self, probes: Sequence[Probe]) -> list[Image.Image]:
        """One image a probe.

        Raises:
            InputError: a probe has no prompt, or the model cannot be loaded or does not fit in memory.
        """
        if any(probe.prompt is None for probe in probes):
            raise InputError(f"{self.name!r} needs prompts. Leave the probes out, or give prompts.")
        wanted = {key: (file, strength) for file, key, strength in self.worn if strength}
        drawn = in_batches(lambda some: self.loaded.draw(some, wanted), probes, "set dtype=bfloat16")
        return [_picture(values, self.name) for values in drawn]

    def close(self) -> None:
        """Free the model, for every view of it."""
        self.loaded.close()


def load(rest: str, options: Options) -> ArGenerator:
    """A generator from what follows "ar:"; nothing is loaded yet.

    Raises:
        InputError: base, adapters or options cannot be used.
        MissingExtraError: transformers or torch is not installed.
    """
    settings = read_options(ArSettings, options, "ar")
    first, *others = split_spec(rest)
    files = [(read_adapter(part), strength) for part, strength in others]
    for file, _ in files:
        if file.kind != "peft":
            raise InputError(
                f"{str(file.path)!r} is no PEFT folder (adapter_config.json and adapter_model.safetensors)."
            )
    place = find(first[0], settings.revision)
    _check_kind(place)
    try:
        libraries = [version("transformers"), version("torch")]
    except PackageNotFoundError as error:
        raise MissingExtraError("drawing with an autoregressive model", "autoregressive") from error
    content = [place.version, settings.model_dump(exclude={"batch"}), libraries]
    holder = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    worn = tuple((file, sha256_tree(file.path), strength) for file, strength in files)
    return ArGenerator(_name(place, worn), holder, place, worn, LoadedModel.shared(holder, place, settings))


def _check_kind(place: Place) -> None:
    if place.path is None:
        return  # of the hub: seen when it is loaded
    try:
        kind = str(json.loads((place.path / "config.json").read_text(encoding="utf-8")).get("model_type"))
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(
            f"{place.spec!r} has no config.json that can be read. Give the folder of a model."
        ) from error
    check_kind(kind, place.spec)


def _name(place: Place, worn: Sequence[tuple[AdapterFile, str, float]]) -> str:
    on = [f"+{file.path}" + ("" if s == 1 else f":{s:g}") for file, _, s in worn if s]
    return f"ar:{place.spec}{''.join(on)}"


def _picture(values: Any, name: str) -> Image.Image:
    if not np.isfinite(values).all():
        raise InputError(f"{name!r} drew values that are no numbers (NaN). Set dtype=float32.")
    return Image.fromarray((values.clip(0, 1) * 255).round().astype(np.uint8))
