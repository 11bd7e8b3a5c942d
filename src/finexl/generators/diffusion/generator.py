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
from finexl.generators.diffusion.inversions import inversion_words
from finexl.generators.diffusion.pipeline import LoadedPipeline
from finexl.generators.diffusion.settings import DiffusionSettings
from finexl.generators.protocol import Traits
from finexl.generators.specs import split_spec
from finexl.hub import PICKLES, Place, commit, fetch, find, hub_errors, sha256_tree
from finexl.memory import in_batches
from finexl.options import Options, read_options
from finexl.types import Probe, Trigger


@dataclass(frozen=True)
class Worn:
    """An adapter and how strongly it is worn.

    Attributes:
        spec: as it was given.
        version: hash of its files.
    """

    spec: str
    file: AdapterFile
    version: str
    strength: float

    @property
    def has_strength(self) -> bool:
        """An embedding is in the prompt or not."""
        return self.file.kind != "textual inversion"


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
        on = [(w.version, w.strength if w.has_strength else 1.0) for w in self.worn if w.strength]
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
        said += [
            f"The textual inversion {w.file.path.name!r} is on or off: no strength scales it."
            for w in self.worn
            if not w.has_strength and w.strength not in (0.0, 1.0)
        ]
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
            InputError: a probe has no prompt, the model cannot be loaded or does not fit in memory, it fails with
                these settings, or an image holds values that are no numbers.
        """
        if any(probe.prompt is None for probe in probes):
            raise InputError(f"{self.name!r} needs prompts. Leave the probes out, or give prompts.")
        images = in_batches(
            self._draw, probes, "fewer steps do not help: lower width and height, or set offload=model"
        )
        broken = [p.seed for image, p in zip(images, probes, strict=True) if not np.isfinite(image).all()]
        if broken:
            raise InputError(
                f"{self.name!r} drew values that are no numbers (NaN) in {len(broken)} of {len(images)} images (seeds "
                f"{', '.join(map(str, broken))}): dtype {self.settings.placement()[1]} has too small a range for it. "
                "Set dtype=float32 or bfloat16."
            )
        return [Image.fromarray((image * 255).round().astype(np.uint8)) for image in images]

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
    (first, strength), *others = split_spec(rest)
    alone = _alone(first, settings)
    given = [(part, _adapter(part, settings), s) for part, s in others]
    if alone is not None:
        given.insert(0, (first, alone, strength))
        first = _base_of(alone, settings)
        if _on_hub(first) and not _is_pipeline(first, settings.revision):
            raise InputError(
                f"{str(alone.path)!r} names {first!r} as its base, which is no pipeline. Give -O base=..."
            )
    elif settings.base:
        raise InputError(f"{first!r} is a base itself: leave the option base out.")
    elif strength != 1.0:
        raise InputError(f"{first!r} is a base, which has no strength. Leave ':{strength:g}' out.")
    place = find(first, settings.revision)
    parts = [file for _, file, s in given if _replaces(file, s)]
    worn = tuple(Worn(part, file, sha256_tree(file.path), s) for part, file, s in given if file not in parts)
    holder = _holder(place, parts, settings)
    name = f"diffusers:{rest}" if parts else _name(place.spec, worn)
    # What decides no image may still decide whether and how it loads.
    key = f"{holder} {settings.offload} {settings.unsafe_pickle}"
    shared = LoadedPipeline.shared(key, place, parts, settings)
    return DiffusionGenerator(name, holder, place, settings, worn, tuple(parts), shared)


def _replaces(file: AdapterFile, strength: float) -> bool:
    """Whether it takes the place of a part of the base.

    Raises:
        InputError: it is no adapter at all, or has a strength although it replaces.
    """
    if file.kind in ("pipeline", "checkpoint"):
        raise InputError(f"{str(file.path)!r} is a whole model, no adapter. Give it as a model of its own.")
    if file.kind == "component" and strength != 1.0:
        raise InputError(f"{str(file.path)!r} replaces a part of the base and has no strength. Leave it out.")
    return file.kind == "component"


def _name(base: str, worn: Sequence[Worn]) -> str:
    on = [f"+{w.spec}" + ("" if w.strength == 1 else f":{w.strength:g}") for w in worn if w.strength]
    return f"diffusers:{base}{''.join(on)}"


def _holder(place: Place, parts: Sequence[AdapterFile], settings: DiffusionSettings) -> str:
    try:
        libraries = [version("diffusers"), version("torch")]
    except PackageNotFoundError as error:
        raise MissingExtraError("drawing with diffusers", "diffusion") from error
    # How many are drawn at once decides nothing; where they are drawn does, in the last digits.
    told = settings.model_dump(exclude={"batch", "base", "unsafe_pickle", "offload"})
    device, told["dtype"] = settings.placement()
    told["device"] = device.partition(":")[0]
    if settings.config and Path(settings.config).exists():
        told["config"] = sha256_tree(Path(settings.config))
    content = [place.version, [[p.path.name, sha256_tree(p.path)] for p in parts], told, libraries]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _adapter(spec: str, settings: DiffusionSettings) -> AdapterFile:
    """An adapter's file or folder; one of the hub ("owner/name" or "owner/name/file.safetensors") is fetched."""
    path = Path(spec).expanduser()
    return read_adapter(path if path.exists() or not _on_hub(spec) else fetch(spec), settings.unsafe_pickle)


def _alone(spec: str, settings: DiffusionSettings) -> AdapterFile | None:
    """The adapter that a spec begins with, or None for a base."""
    if not Path(spec).expanduser().exists():
        if not _on_hub(spec):
            return None
        if spec.count("/") == 1 and _is_pipeline(spec, settings.revision):
            return None
    found = _adapter(spec, settings)
    return None if found.kind in ("pipeline", "checkpoint") else found


def _on_hub(spec: str) -> bool:
    """Whether a spec that is nothing on disk can mean a model of the hub, or a file of weights in one."""
    file = spec.count("/") > 1 and spec.endswith((".safetensors", *PICKLES))
    plain = not spec.startswith((".", "/", "~")) and not Path(spec).parent.is_dir()
    return plain and (spec.count("/") == 1 or file)


def _is_pipeline(repo: str, revision: str | None) -> bool:
    """Whether a model of the hub is a pipeline.

    Raises:
        InputError: there is no such model, or the hub cannot be asked.
    """
    commit(repo, revision)  # first, since it does not try again and again where there is no network
    from huggingface_hub import errors, hf_hub_download

    with hub_errors(repo):
        try:
            # Asked for by its name: what is fetched by commit alone is not found by name when offline.
            hf_hub_download(repo, "model_index.json", revision=revision)
        except errors.EntryNotFoundError:
            return False
    return True


def _base_of(adapter: AdapterFile, settings: DiffusionSettings) -> str:
    """The base that an adapter without one is put on.

    Raises:
        InputError: its metadata name none that can be found.
    """
    if settings.base:
        return settings.base
    wanted = origin(adapter)
    named = wanted.model
    if named and (Path(named).exists() or (named.count("/") == 1 and not named.startswith((".", "/")))):
        return named
    raise InputError(
        f"{str(adapter.path)!r} was made for {wanted}, which is no model that can be found by that name. Give the base: "
        "-O base=owner/model, or as the first argument."
    )
