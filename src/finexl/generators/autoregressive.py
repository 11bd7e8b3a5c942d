"""Models of `transformers` that draw an image token by token: Janus and its like, with LoRA adapters of PEFT.

    ar:deepseek-community/Janus-Pro-1B          a hub id or folder
    ar:BASE+adapter-folder:0.8                  with adapters at strengths

One probe is drawn at a time, under its own stream of random numbers: the library samples a whole batch from one stream, so
that an image would depend on its neighbours. Needs the extra `autoregressive`.

Chameleon and Anole cannot be had this way: `transformers` forbids their image tokens and ships no decoder for them. Make
their images with their own code and compare two folders, or register a generator of your own.
"""

from __future__ import annotations

import gc
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar, Literal
from weakref import WeakValueDictionary

import numpy as np
from PIL import Image
from pydantic import Field

from finexl.errors import InputError, MissingExtraError
from finexl.generators.adapters import AdapterFile, origin, read_adapter, triggers
from finexl.generators.specs import split_spec
from finexl.hub import Place, find, hub_errors, sha256_tree
from finexl.memory import in_batches
from finexl.options import Options, Settings, read_options
from finexl.types import Probe, Trigger

KINDS = ("janus",)
NO_IMAGES = ("chameleon", "anole")


class ArSettings(Settings):
    """Options of the family `ar`; None leaves a setting to the model.

    Attributes:
        device, dtype: place and number format; None for bfloat16 on a GPU and float32 on the CPU.
        guidance: weight of the prompt against no prompt, above 1: the library always draws with guidance.
        temperature: of sampling.
        revision: of a model of the hub.
    """

    device: str | None = None
    dtype: Literal["float32", "float16", "bfloat16"] | None = None
    guidance: float | None = Field(None, gt=1)
    temperature: float | None = Field(None, gt=0)
    revision: str | None = None


class LoadedModel:
    """A base and its adapters in memory, shared by every view of it."""

    _shared: ClassVar[WeakValueDictionary[str, LoadedModel]] = WeakValueDictionary()
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, place: Place, settings: ArSettings) -> None:
        self.place, self.settings = place, settings
        self._model: Any = None
        self._processor: Any = None
        self._wrapped: Any = None
        self._names: dict[str, str] = {}

    @classmethod
    def shared(cls, key: str, place: Place, settings: ArSettings) -> LoadedModel:
        """The model that everyone with this key draws from."""
        with cls._lock:
            found = cls._shared.get(key)
            if found is None:
                found = cls._shared[key] = cls(place, settings)
            return found

    def draw(self, probe: Probe, adapters: Mapping[str, tuple[AdapterFile, float]]) -> Any:
        """One image, (h, w, 3), values in [-1, 1], with these adapters (by version) and no others."""
        import torch

        self._load()
        self._activate(adapters)
        return self._sample(torch, probe.prompt or "", probe.seed)

    def close(self) -> None:
        """Free its memory."""
        self._model = self._processor = self._wrapped = None
        self._names.clear()
        gc.collect()

    def _sample(self, torch: Any, prompt: str, seed: int) -> Any:
        text = prompt
        if getattr(self._processor, "chat_template", None):
            turn = [{"role": "user", "content": [{"type": "text", "text": prompt}]}]
            text = self._processor.apply_chat_template(turn, add_generation_prompt=True, tokenize=False)
        inputs = self._processor(text=text, generation_mode="image", return_tensors="pt").to(
            self._model.device
        )
        given = {"guidance_scale": self.settings.guidance, "temperature": self.settings.temperature}
        options = {name: value for name, value in given.items() if value is not None}
        devices = [self._model.device] if self._model.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices), torch.inference_mode():
            torch.manual_seed(seed)
            tokens = self._model.generate(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], generation_mode="image",
                do_sample=True, **options,
            )  # fmt: skip
            return self._model.decode_image_tokens(tokens)[0].float().cpu().numpy()

    def _load(self) -> None:
        if self._model is not None:
            return
        import torch
        from transformers import AutoProcessor, JanusForConditionalGeneration
        from transformers.utils import logging

        logging.disable_progress_bar()
        device = self.settings.device or ("cuda" if torch.cuda.is_available() else "cpu")
        dtype = getattr(
            torch, self.settings.dtype or ("bfloat16" if device.startswith("cuda") else "float32")
        )
        options = {} if self.place.path is not None else {"revision": self.place.version}
        try:
            with hub_errors(self.place.spec):
                self._processor = AutoProcessor.from_pretrained(
                    self.place.source, trust_remote_code=False, **options
                )
                model = JanusForConditionalGeneration.from_pretrained(
                    self.place.source, dtype=dtype, use_safetensors=True, **options
                )
        except InputError:
            raise
        except (OSError, ValueError, KeyError, RuntimeError, AttributeError) as error:
            raise InputError(
                f"{self.place.spec!r} cannot be loaded as an image-generating model ({_first(error)}). Give a folder or hub id "
                "with config.json, processor and weights as safetensors."
            ) from error
        self._model = model.eval().to(device)

    def _activate(self, adapters: Mapping[str, tuple[AdapterFile, float]]) -> None:
        """Switch the wanted adapters on, at their strengths, and all others off."""
        for key, (file, _) in adapters.items():
            if key not in self._names:
                self._attach(key, file)
        if self._wrapped is None:
            return
        if not adapters:
            self._wrapped.base_model.disable_adapter_layers()
            return
        self._wrapped.base_model.enable_adapter_layers()
        self._wrapped.base_model.set_adapter([self._names[key] for key in adapters])
        for module in self._wrapped.modules():
            if hasattr(module, "set_scale"):
                for key, (_, strength) in adapters.items():
                    module.set_scale(self._names[key], strength)

    def _attach(self, key: str, file: AdapterFile) -> None:
        from peft import PeftModel

        name = f"finexl_{len(self._names)}"
        said = f"{str(file.path)!r} does not fit the base {self.place.spec!r}: it wants {origin(file)}."
        try:
            if self._wrapped is None:
                self._wrapped = PeftModel.from_pretrained(self._model, str(file.path), adapter_name=name)
            else:
                self._wrapped.load_adapter(str(file.path), adapter_name=name)
        except Exception as error:  # PEFT fails in several ways where names or shapes do not match
            raise InputError(f"{said} ({type(error).__name__}: {_first(error)})") from error
        # B starts at zero: an adapter whose every B is zero was not found in the file, or not trained.
        changed = [p for n, p in self._wrapped.named_parameters() if f"lora_B.{name}." in n and bool(p.any())]
        if not changed:
            raise InputError(
                f"{said} It attached without changing anything: no weight of it is other than zero."
            )
        self._names[key] = name


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
    batch: int = 1  # images of a batch would share one stream of random numbers

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
        drawn = [
            in_batches(lambda p: [self.loaded.draw(p[0], wanted)], [probe], "set dtype=bfloat16")[0]
            for probe in probes
        ]
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
    content = [place.version, settings.model_dump(), libraries]
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
    if kind in NO_IMAGES:
        raise InputError(
            f"{place.spec!r} is a {kind} model: transformers cannot make images with it today. Make them with the model's own "
            "code and compare two folders, or register a generator (see finexl.generators.protocol)."
        )
    if kind not in KINDS:
        raise InputError(
            f"{place.spec!r} is a {kind} model; of those that draw, {', '.join(KINDS)} can be loaded here."
        )


def _name(place: Place, worn: Sequence[tuple[AdapterFile, str, float]]) -> str:
    on = [f"+{file.path}" + ("" if s == 1 else f":{s:g}") for file, _, s in worn if s]
    return f"ar:{place.spec}{''.join(on)}"


def _picture(values: Any, name: str) -> Image.Image:
    if not np.isfinite(values).all():
        raise InputError(f"{name!r} drew values that are no numbers (NaN). Set dtype=float32.")
    return Image.fromarray((((values + 1) / 2).clip(0, 1) * 255).round().astype(np.uint8))


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
