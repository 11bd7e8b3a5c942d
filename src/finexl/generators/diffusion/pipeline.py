"""One loaded pipeline and the adapters that were put on it; every view of the same base shares it."""

from __future__ import annotations

import gc
import json
import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from finexl.errors import InputError, MissingExtraError
from finexl.generators.adapters import AdapterFile, origin
from finexl.generators.diffusion.attached import Attached, attach
from finexl.generators.diffusion.settings import DiffusionSettings
from finexl.hub import Place, hub_errors, refuse_pickle

log = logging.getLogger("finexl")

SINGLE_FILES = {
    "v1": "StableDiffusionPipeline",
    "v2": "StableDiffusionPipeline",
    "xl_base": "StableDiffusionXLPipeline",
    "sd3": "StableDiffusion3Pipeline",
    "sd35_large": "StableDiffusion3Pipeline",
    "sd35_medium": "StableDiffusion3Pipeline",
    "flux-dev": "FluxPipeline",
    "flux-schnell": "FluxPipeline",
}


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
        """Images (n, h, w, 3) in [0, 1] with these adapters (by version) at their strengths, and no others."""
        import torch

        pipe = self.pipe()
        prompts = self._activate(adapters, prompts)
        s = self.settings
        chosen = {
            "num_inference_steps": s.steps,
            "guidance_scale": s.guidance,
            "width": s.width,
            "height": s.height,
            "negative_prompt": None if s.negative is None else [s.negative] * len(prompts),
        }
        # A CPU generator a probe gives the same start on every device and in every batch.
        noise = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        given = {name: value for name, value in chosen.items() if value is not None}
        with torch.inference_mode():
            images: NDArray[np.float32] = pipe(
                list(prompts), generator=noise, output_type="np", **given
            ).images
        return images

    def pipe(self) -> Any:
        """The pipeline, loaded."""
        if self._pipe is None:
            self._pipe = _placed(_loaded(self.place, self.components, self.settings), self.settings)
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
                name = f"finexl_{len(self._attached)}"
                wants = origin(file)
                self._attached[version] = attach(self._pipe, file, name, wants, self.place.spec)
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


def _loaded(place: Place, components: Sequence[AdapterFile], settings: DiffusionSettings) -> Any:
    try:
        import diffusers
        import torch
        import transformers
    except ImportError as error:
        raise MissingExtraError("drawing with diffusers", "diffusion") from error
    diffusers.utils.logging.disable_progress_bar()  # our own bar tells how far drawing is
    transformers.utils.logging.disable_progress_bar()
    dtype = getattr(torch, settings.dtype or ("float16" if torch.cuda.is_available() else "float32"))
    options: dict[str, Any] = {
        "torch_dtype": dtype,
        **{c.path.name: _component(c, dtype) for c in components},
    }
    try:
        with hub_errors(place.spec):
            if place.path is not None and place.path.is_file():
                pipe = _single_file(place.path, settings, options)
            else:
                pipe = _from_folder(place, settings, options)
    except InputError:
        raise
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError, ImportError) as error:
        reason = " ".join(str(error).split())[:300]
        raise InputError(
            f"{place.spec!r} cannot be loaded as a diffusers pipeline ({reason}). Give a folder with model_index.json or a "
            "model of the hub that has one."
        ) from error
    pipe.set_progress_bar_config(disable=True)
    if settings.scheduler:
        pipe.scheduler = _scheduler(settings.scheduler, pipe.scheduler.config)
    return pipe


def _from_folder(place: Place, settings: DiffusionSettings, options: dict[str, Any]) -> Any:
    from diffusers import AutoPipelineForText2Image, DiffusionPipeline

    if place.path is None:
        options |= {"revision": place.version, "variant": settings.variant}
    if _has_safety_checker(place):
        options["safety_checker"] = None  # an image that it blackens would count as a change
    options["use_safetensors"] = None if settings.unsafe_pickle else True
    try:
        return AutoPipelineForText2Image.from_pretrained(place.source, **options)
    except ValueError as error:
        if "AutoPipeline" not in str(error):
            raise
        return DiffusionPipeline.from_pretrained(place.source, **options)


def _has_safety_checker(place: Place) -> bool:
    if place.path is None:
        from huggingface_hub import hf_hub_download

        index = Path(hf_hub_download(place.spec, "model_index.json", revision=place.version))
    else:
        index = place.path / "model_index.json"
    try:
        return "safety_checker" in json.loads(index.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"{place.spec!r} has no model_index.json: it is no diffusers pipeline. Give a pipeline's folder or hub id."
        ) from error


def _single_file(path: Path, settings: DiffusionSettings, options: dict[str, Any]) -> Any:
    import diffusers
    from diffusers.loaders.single_file_utils import infer_diffusers_model_type, load_single_file_checkpoint

    refuse_pickle(path, settings.unsafe_pickle)
    found = infer_diffusers_model_type(load_single_file_checkpoint(str(path)))
    if found not in SINGLE_FILES:
        raise InputError(
            f"{str(path)!r} looks like a checkpoint of the kind {found!r}, which is not read as a single file. Convert it to a "
            "folder with diffusers."
        )
    if settings.config:
        options["config"] = settings.config
    return getattr(diffusers, SINGLE_FILES[found]).from_single_file(str(path), **options)


def _component(file: AdapterFile, dtype: Any) -> Any:
    """A fine-tuned part of a pipeline, such as its UNet."""
    import diffusers
    import transformers

    name = str(file.config["_class_name"])
    kind = getattr(diffusers, name, None) or getattr(transformers, name, None)
    if kind is None or not hasattr(kind, "from_pretrained"):
        raise InputError(
            f"{str(file.path)!r} holds a {name!r}, which neither diffusers nor transformers knows."
        )
    return kind.from_pretrained(str(file.path), torch_dtype=dtype, use_safetensors=True)


def _scheduler(name: str, config: Any) -> Any:
    import diffusers

    kind = getattr(diffusers, name, None)
    if kind is None or not hasattr(kind, "from_config"):
        raise InputError(
            f"scheduler={name!r} is no scheduler of diffusers. Give a class name such as DDIMScheduler."
        )
    return kind.from_config(config)


def _placed(pipe: Any, settings: DiffusionSettings) -> Any:
    import torch

    device = settings.device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        if settings.offload == "model":
            pipe.enable_model_cpu_offload(device=device)
        elif settings.offload == "sequential":
            pipe.enable_sequential_cpu_offload(device=device)
        else:
            pipe.to(device)
    except (RuntimeError, AssertionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"the model cannot be put on device={device!r} ({reason}). Try device=cpu or offload=model."
        ) from error
    return pipe
