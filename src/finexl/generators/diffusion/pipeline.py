"""One loaded pipeline and the adapters that were put on it; every view of the same base shares it."""

from __future__ import annotations

import gc
import inspect
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from finexl.errors import InputError
from finexl.generators.adapters import AdapterFile, origin
from finexl.generators.diffusion.attached import Attached, attach
from finexl.generators.diffusion.loading import load_pipeline
from finexl.generators.diffusion.settings import DiffusionSettings
from finexl.hub import Place
from finexl.memory import is_out_of_memory


class LoadedPipeline:
    """A base with fine-tuned components, loaded at first use.

    Args:
        place: of the base; components: folders of parts that replace its own.
        settings: those that decide how it is loaded and run.
    """

    _shared: ClassVar[WeakValueDictionary[str, LoadedPipeline]] = WeakValueDictionary()
    _lock = threading.Lock()

    def __init__(self, place: Place, components: Sequence[AdapterFile], settings: DiffusionSettings) -> None:
        self.place, self.components, self.settings = place, tuple(components), settings
        self._pipe: Any = None
        self._attached: dict[str, Attached] = {}
        self._names = count()

    @classmethod
    def shared(
        cls, key: str, place: Place, components: Sequence[AdapterFile], settings: DiffusionSettings
    ) -> LoadedPipeline:
        """The pipeline that everyone with this key draws from."""
        with cls._lock:
            found = cls._shared.get(key)
            if found is None:
                found = cls._shared[key] = cls(place, components, settings)
            return found

    def draw(
        self, prompts: Sequence[str], seeds: Sequence[int], adapters: Mapping[str, tuple[AdapterFile, float]]
    ) -> NDArray[np.float32]:
        """Images (n, h, w, 3) in [0, 1] with these adapters (by version) at their strengths, and no others.

        Raises:
            InputError: the model cannot be loaded, an adapter does not fit it, or it fails with these settings.
        """
        import torch

        pipe = self.pipe()
        prompts = self._activate(adapters, prompts)
        given = self._given(pipe, len(prompts))
        # A CPU generator a probe gives the same start on every device and in every batch.
        noise = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        try:
            with torch.inference_mode():
                images: NDArray[np.float32] = pipe(
                    list(prompts), generator=noise, output_type="np", **given
                ).images
        except Exception as error:
            if is_out_of_memory(error):
                raise
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            mend = "Check width, height, steps and scheduler"
            if self.components:
                mend += f", and whether {str(self.components[0].path)!r} was made for this base"
            raise InputError(f"{self.place.spec!r} cannot draw ({reason}). {mend}.") from error
        return images

    def _given(self, pipe: Any, n: int) -> dict[str, Any]:
        """What is asked of the pipeline for n prompts, beside the prompts; all else is its own default."""
        s = self.settings
        chosen = {
            "steps": ("num_inference_steps", s.steps),
            "guidance": ("guidance_scale", s.guidance),
            "width": ("width", s.width),
            "height": ("height", s.height),
            "negative": ("negative_prompt", None if s.negative is None else [s.negative] * n),
        }
        known = inspect.signature(pipe.__call__).parameters
        for option, (name, value) in chosen.items():
            if value is not None and name not in known:
                raise InputError(
                    f"{self.place.spec!r} is a {type(pipe).__name__}, which takes no {option}. Leave that option out."
                )
        return {name: value for name, value in chosen.values() if value is not None}

    def pipe(self) -> Any:
        """The pipeline, loaded."""
        if self._pipe is None:
            self._pipe = load_pipeline(self.place, self.components, self.settings)
        return self._pipe

    def close(self) -> None:
        """Free its memory; adapters are loaded again with it."""
        self._pipe = None
        self._attached.clear()
        gc.collect()
        with suppress(ImportError):
            import torch

            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def _activate(
        self, adapters: Mapping[str, tuple[AdapterFile, float]], prompts: Sequence[str]
    ) -> list[str]:
        """Switch the wanted adapters on and all others off; their tokens take the place of their words in prompts."""
        for version, (file, _) in adapters.items():
            if version not in self._attached:
                for other in self._attached.values():
                    other.switch(0.0)  # so that the check sees this adapter alone
                name = f"finexl_{next(self._names)}"
                self._attached[version] = attach(self._pipe, file, name, origin(file), self.place.spec)
        texts = list(prompts)
        loras: dict[str, float] = {}
        for version, attached in self._attached.items():
            strength = adapters[version][1] if version in adapters else 0.0
            attached.switch(strength)
            if attached.peft and strength:
                loras[attached.name] = strength
            if strength:
                texts = [attached.rewrite(text) for text in texts]
        if loras:
            self._pipe.enable_lora()
            self._pipe.set_adapters(list(loras), list(loras.values()))
        elif any(attached.peft for attached in self._attached.values()):
            self._pipe.disable_lora()
        return texts
