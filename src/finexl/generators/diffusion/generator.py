"""`diffusers:...` -> a generator: a view of a loaded pipeline with adapters at strengths."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from finexl.errors import InputError, MissingExtraError
from finexl.generators.adapters import AdapterFile, captions, origin, read_adapter, triggers
from finexl.generators.diffusion.attached import inversion_words
from finexl.generators.diffusion.pipeline import LoadedPipeline
from finexl.generators.diffusion.settings import DiffusionSettings
from finexl.generators.protocol import Traits
from finexl.generators.specs import split_spec
from finexl.hub import Place, find, sha256_tree
from finexl.memory import in_batches
from finexl.options import Options, read_options
from finexl.types import Probe, Trigger


@dataclass(frozen=True)
class Worn:
    """An adapter and how strongly it is worn."""

    file: AdapterFile
    version: str
    strength: float


@dataclass(frozen=True)
class DiffusionGenerator:
    """Draws with a pipeline of `diffusers`; satisfies `finexl.generators.Adapted`.

    Attributes:
        name: the spec.
        holder: which loaded pipeline it is a view of.
        worn: its adapters.
        components: fine-tuned parts that replace the base's own.
    """

    name: str
    holder: str
    place: Place
    settings: DiffusionSettings
    worn: tuple[Worn, ...]
    components: tuple[AdapterFile, ...]
    loaded: LoadedPipeline

    @property
    def batch(self) -> int:
        return self.settings.batch

    @property
    def identity(self) -> str:
        """Weights, adapters with their strengths, settings, and versions of the libraries that do the arithmetic."""
        on = [(w.version, w.strength) for w in self.worn if w.strength]
        return hashlib.sha256(json.dumps([self.holder, on], sort_keys=True).encode()).hexdigest()

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        found: dict[str, Trigger] = {}
        for file in [*(w.file for w in self.worn), *self.components]:
            if file.kind == "textual inversion":
                word = inversion_words(file)[0]
                found.setdefault(word, Trigger(text=word, source="name of the textual inversion"))
            for trigger in triggers(file):
                found.setdefault(trigger.text, trigger)
        return tuple(found.values())

    @property
    def captions(self) -> tuple[str, ...]:
        """Captions of the training images that the adapters' files repeat."""
        return tuple(dict.fromkeys(text for w in self.worn for text in captions(w.file)))

    @property
    def traits(self) -> Traits:
        said = [f"The adapter {w.file.path.name!r} was made for {origin(w.file)}." for w in self.worn]
        return Traits(notes=tuple(dict.fromkeys(said)))

    def at(self, strength: float) -> DiffusionGenerator:
        """The same pipeline with every adapter's strength multiplied; 0 is the base.

        Raises:
            InputError: a fine-tuned component has no strength.
        """
        if strength == 1.0:
            return self
        if self.components:
            raise InputError(
                f"{self.name!r} holds fine-tuned components, which have no strength. Give the base as a model of its own."
            )
        worn = tuple(replace(w, strength=w.strength * strength) for w in self.worn)
        return replace(self, worn=worn, name=_name(self.place.spec, worn))

    def generate(self, probes: Sequence[Probe]) -> list[Image.Image]:
        """One image a probe, each from random numbers of its own.

        Raises:
            InputError: a probe has no prompt, the model cannot be loaded or does not fit in memory, or every image
                holds values that are no numbers.
        """
        if any(probe.prompt is None for probe in probes):
            raise InputError(f"{self.name!r} needs prompts. Leave the probes out, or give prompts.")
        images = in_batches(
            self._draw, probes, "fewer steps do not help: lower width and height, or set offload=model"
        )
        return [_picture(image, probe, self) for image, probe in zip(images, probes, strict=True)]

    def close(self) -> None:
        """Free the pipeline, for every view of it."""
        self.loaded.close()

    def _draw(self, probes: Sequence[Probe]) -> list[NDArray[np.float32]]:
        wanted = {w.version: (w.file, w.strength) for w in self.worn if w.strength}
        prompts = [probe.prompt or "" for probe in probes]
        return list(self.loaded.draw(prompts, [probe.seed for probe in probes], wanted))


def load(rest: str, options: Options) -> DiffusionGenerator:
    """A generator from what follows "diffusers:"; nothing is loaded yet.

    Raises:
        InputError: base, adapters or options cannot be used.
        MissingExtraError: diffusers is not installed.
    """
    settings = read_options(DiffusionSettings, options, "diffusers")
    first, *others = split_spec(rest)
    files = [(read_adapter(_local(part), settings.unsafe_pickle), strength) for part, strength in others]
    if Path(first[0]).expanduser().exists():
        alone = read_adapter(first[0], settings.unsafe_pickle)
        if alone.kind not in ("pipeline", "checkpoint"):
            files.insert(0, (alone, first[1]))
            first = (_base_of(alone, settings), 1.0)
    elif settings.base:
        raise InputError(f"{first[0]!r} is a base itself: leave the option base out.")
    place = find(first[0], settings.revision)
    parts = [file for file, _ in files if file.kind in ("component", "pipeline")]
    wrong = next((file for file in parts if file.kind == "pipeline"), None)
    if wrong:
        raise InputError(
            f"{str(wrong.path)!r} is a whole pipeline, no adapter. Give it as a model of its own."
        )
    worn = tuple(Worn(file, sha256_tree(file.path), s) for file, s in files if file.kind != "component")
    holder = _holder(place, parts, settings)
    name = _name(place.spec, worn) if not parts else f"diffusers:{rest}"
    return DiffusionGenerator(
        name,
        holder,
        place,
        settings,
        worn,
        tuple(parts),
        LoadedPipeline.shared(holder, place, parts, settings),
    )


def _name(base: str, worn: Sequence[Worn]) -> str:
    on = [f"+{w.file.path}" + ("" if w.strength == 1 else f":{w.strength:g}") for w in worn if w.strength]
    return f"diffusers:{base}{''.join(on)}"


def _holder(place: Place, parts: Sequence[AdapterFile], settings: DiffusionSettings) -> str:
    try:
        libraries = [version("diffusers"), version("torch")]
    except PackageNotFoundError as error:
        raise MissingExtraError("drawing with diffusers", "diffusion") from error
    # How many are drawn at once decides nothing; where they are drawn does, in the last digits.
    told = settings.model_dump(exclude={"batch", "base", "unsafe_pickle", "offload"})
    content = [place.version, [[p.path.name, sha256_tree(p.path)] for p in parts], told, libraries]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _local(adapter: str) -> Path:
    """An adapter's file or folder; one of the hub ("owner/name" or "owner/name/file.safetensors") is fetched."""
    path = Path(adapter).expanduser()
    if path.exists() or adapter.count("/") not in (1, 2) or adapter.startswith((".", "/", "~")):
        return path
    from finexl.hub import fetch

    return fetch(adapter)


def _base_of(adapter: AdapterFile, settings: DiffusionSettings) -> str:
    """The base that an adapter without one is put on.

    Raises:
        InputError: its metadata name none that can be found.
    """
    if settings.base:
        return settings.base
    wanted = origin(adapter)
    named = wanted.model
    if named and (Path(named).is_dir() or (named.count("/") == 1 and not named.startswith((".", "/")))):
        return named
    raise InputError(
        f"{str(adapter.path)!r} was made for {wanted}, which is no model that can be found by that name. Give the base: "
        "-O base=owner/model, or as the first argument."
    )


def _picture(values: NDArray[np.float32], probe: Probe, generator: DiffusionGenerator) -> Image.Image:
    if not np.isfinite(values).all():
        raise InputError(
            f"{generator.name!r} drew values that are no numbers (NaN) for seed {probe.seed}: dtype "
            f"{generator.settings.dtype or 'float16'} has too small a range for it. Set dtype=float32 or bfloat16."
        )
    return Image.fromarray((values * 255).round().astype(np.uint8))
