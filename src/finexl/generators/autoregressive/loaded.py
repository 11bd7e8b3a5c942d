"""A base and its adapters in memory."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar
from weakref import WeakValueDictionary

from finexl.errors import InputError
from finexl.generators.adapters import AdapterFile, origin
from finexl.generators.autoregressive.kinds import KINDS, ArSettings, check_kind
from finexl.hub import Place, hub_errors
from finexl.types import Probe


class LoadedModel:
    """A base and its adapters in memory, shared by every view of it."""

    _shared: ClassVar[WeakValueDictionary[str, LoadedModel]] = WeakValueDictionary()
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, place: Place, settings: ArSettings) -> None:
        self.place, self.settings = place, settings
        self._model: Any = None
        self._processor: Any = None
        self._wrapped: Any = None
        self._kind = ""
        self._names: dict[str, str] = {}
        self._at_work: set[str] = set()

    @classmethod
    def shared(cls, key: str, place: Place, settings: ArSettings) -> LoadedModel:
        """The model that everyone with this key draws from."""
        with cls._lock:
            found = cls._shared.get(key)
            if found is None:
                found = cls._shared[key] = cls(place, settings)
            return found

    def draw(self, probes: Sequence[Probe], adapters: Mapping[str, tuple[AdapterFile, float]]) -> list[Any]:
        """Images (h, w, 3), values in [0, 1], with these adapters (by version) and no others.

        Raises:
            InputError: the model cannot be loaded, an adapter does not fit it, or takes no part in drawing.
        """
        import torch

        self._load()
        self._activate(adapters)
        prompts, seeds = [probe.prompt or "" for probe in probes], [probe.seed for probe in probes]
        with self._watched(adapters), torch.inference_mode():
            return list(KINDS[self._kind](self._model, self._processor, prompts, seeds, self.settings))

    def close(self) -> None:
        """Free its memory."""
        self._model = self._processor = self._wrapped = None
        self._names.clear()
        self._at_work.clear()
        gc.collect()

    @contextmanager
    def _watched(self, adapters: Mapping[str, tuple[AdapterFile, float]]) -> Iterator[None]:
        """See that every adapter has a part in the first image drawn with it: one for the part of the model that reads
        images attaches, and changes nothing."""
        unseen = {self._names[key]: file for key, (file, _) in adapters.items()}
        unseen = {name: file for name, file in unseen.items() if name not in self._at_work}
        hooks = []
        for module in self._wrapped.modules() if unseen else ():
            for name in unseen:
                if name in getattr(module, "lora_A", ()) or name in getattr(module, "lora_embedding_A", ()):
                    note = partial(self._note, name)
                    hooks.append(module.register_forward_hook(note))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()
        for name, file in unseen.items():
            if name not in self._at_work:
                raise InputError(
                    f"{str(file.path)!r} changes parts of {self.place.spec!r} that take no part in drawing, such as those that "
                    "read images. There is nothing to explain."
                )

    def _note(self, name: str, *_: Any) -> None:
        self._at_work.add(name)

    def _load(self) -> None:
        if self._model is not None:
            return
        import torch
        from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor
        from transformers.utils import logging

        logging.disable_progress_bar()
        device = self.settings.device or ("cuda" if torch.cuda.is_available() else "cpu")
        dtype = getattr(
            torch, self.settings.dtype or ("bfloat16" if device.startswith("cuda") else "float32")
        )
        options = {} if self.place.path is not None else {"revision": self.place.version}
        try:
            with hub_errors(self.place.spec):
                self._kind = AutoConfig.from_pretrained(
                    self.place.source, trust_remote_code=False, **options
                ).model_type
                check_kind(self._kind, self.place.spec)
                self._processor = AutoProcessor.from_pretrained(
                    self.place.source, trust_remote_code=False, **options
                )
                model = AutoModelForImageTextToText.from_pretrained(
                    self.place.source, dtype=dtype, use_safetensors=True, trust_remote_code=False, **options
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


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
