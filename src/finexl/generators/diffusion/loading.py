"""A base on disk or on the hub -> a pipeline of `diffusers` where it is to compute."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from finexl.errors import InputError, MissingExtraError
from finexl.generators.adapters import AdapterFile, read_adapter
from finexl.generators.diffusion.settings import DiffusionSettings
from finexl.hub import Place, hub_errors

SINGLE_FILES = {
    "v1": "StableDiffusionPipeline",
    "v2": "StableDiffusionPipeline",
    "xl_base": "StableDiffusionXLPipeline",
    "playground-v2-5": "StableDiffusionXLPipeline",
    "sd3": "StableDiffusion3Pipeline",
    "sd35_large": "StableDiffusion3Pipeline",
    "sd35_medium": "StableDiffusion3Pipeline",
    "flux-dev": "FluxPipeline",
    "flux-schnell": "FluxPipeline",
}
"""What diffusers takes a checkpoint for -> the pipeline that reads it."""

EXPECTED = (OSError, ValueError, RuntimeError, KeyError, AttributeError, ImportError, TypeError)
"""How loading fails on files that are damaged, incomplete or of another kind."""


def load_pipeline(place: Place, components: Sequence[AdapterFile], settings: DiffusionSettings) -> Any:
    """The base with the given components in place of its own, on its device.

    Raises:
        InputError: it is no pipeline, lacks files, needs a pickle or code of its own, or does not go on the device.
    """
    try:
        import diffusers
        import torch
        import transformers
    except ImportError as error:
        raise MissingExtraError("drawing with diffusers", "diffusion") from error
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    device, number = settings.placement()
    dtype = getattr(torch, number)
    try:
        with hub_errors(place.spec):
            if place.path is not None and place.path.is_file():
                pipe = _single_file(place.path, components, settings, dtype)
            else:
                pipe = _from_folder(place, components, settings, dtype)
    except InputError:
        raise
    except EXPECTED as error:
        raise InputError(_failure(place, error)) from error
    pipe.set_progress_bar_config(disable=True)
    if settings.scheduler:
        pipe.scheduler = _scheduler(settings.scheduler, pipe.scheduler.config)
    return _placed(pipe, device, settings.offload)


def _failure(place: Place, error: Exception) -> str:
    reason = " ".join(str(error).split())[:300]
    if "trust_remote_code" in str(error):
        mend = "It brings Python code of its own, which FineXL does not run: use a model that diffusers knows by itself."
    elif "safetensors" in str(error):
        mend = "Convert it to .safetensors, or if you trust its source give the option unsafe_pickle=true."
    else:
        mend = "Give a folder with model_index.json or a model of the hub that has one."
    return f"{place.spec!r} cannot be loaded as a diffusers pipeline ({reason}). {mend}"


def _from_folder(
    place: Place, components: Sequence[AdapterFile], settings: DiffusionSettings, dtype: Any
) -> Any:
    from diffusers import AutoPipelineForText2Image, DiffusionPipeline

    index = _index(place)
    options: dict[str, Any] = {"dtype": dtype, "variant": settings.variant}
    options["use_safetensors"] = None if settings.unsafe_pickle else True
    if place.path is None:
        options["revision"] = place.version
    if "safety_checker" in index:
        options["safety_checker"] = None  # an image that it blackens would count as a change
    for file in components:
        options[_slot(file, index)] = _component(file, dtype, settings)
    try:
        return AutoPipelineForText2Image.from_pretrained(place.source, **options)
    except ValueError as error:
        if "AutoPipeline" not in str(error):
            raise
        return DiffusionPipeline.from_pretrained(place.source, **options)


def _index(place: Place) -> Mapping[str, Any]:
    """The parts of a pipeline: name -> [library, class]."""
    if place.path is None:
        from huggingface_hub import hf_hub_download

        path = Path(hf_hub_download(place.spec, "model_index.json", revision=place.version))
    else:
        path = place.path / "model_index.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"{place.spec!r} has no model_index.json: it is no diffusers pipeline. Give a pipeline's folder or hub id."
        ) from error
    return found if isinstance(found, dict) else {}


def _slot(file: AdapterFile, index: Mapping[str, Any]) -> str:
    """The name of the part that a component replaces; diffusers ignores a name that it does not expect.

    Raises:
        InputError: the base has no such part, or several.
    """
    fits = [name for name, kind in index.items() if isinstance(kind, list) and kind[-1] == _class(file)]
    if len(fits) == 1 or file.path.name in index:
        return file.path.name if file.path.name in index else fits[0]
    several = (
        f"several parts of that class ({', '.join(fits)}): name the folder after the one that it replaces"
    )
    raise InputError(
        f"{str(file.path)!r} holds a {_class(file)}, and the base has "
        f"{several if fits else 'no part of that class: it was made for another base'}."
    )


def _class(file: AdapterFile) -> str:
    return str(file.config.get("_class_name") or (file.config.get("architectures") or ["?"])[0])


def _component(file: AdapterFile, dtype: Any, settings: DiffusionSettings) -> Any:
    """A fine-tuned part of a pipeline, such as its UNet."""
    import diffusers
    import transformers

    ours = hasattr(diffusers, _class(file))
    kind = getattr(diffusers if ours else transformers, _class(file), None)
    if kind is None or not hasattr(kind, "from_pretrained"):
        raise InputError(
            f"{str(file.path)!r} holds a {_class(file)!r}, which neither diffusers nor transformers knows."
        )
    safe = None if settings.unsafe_pickle else True
    return kind.from_pretrained(str(file.path), use_safetensors=safe, dtype=dtype)


def _single_file(
    path: Path, components: Sequence[AdapterFile], settings: DiffusionSettings, dtype: Any
) -> Any:
    import diffusers
    import torch
    from diffusers.loaders.single_file_utils import infer_diffusers_model_type

    # The header tells what it is: no need to read gigabytes twice.
    shapes = read_adapter(path, settings.unsafe_pickle).shapes
    found = infer_diffusers_model_type(
        {key: torch.empty(shape, device="meta") for key, shape in shapes.items()}
    )
    if found not in SINGLE_FILES:
        raise InputError(
            f"{str(path)!r} looks like a checkpoint of the kind {found!r}, which is not read as a single file. Convert it to a "
            "folder with diffusers."
        )
    kind = getattr(diffusers, SINGLE_FILES[found])
    options: dict[str, Any] = {"dtype": dtype}
    if settings.config:
        options["config"] = settings.config
    for file in components:
        options["unet" if "UNet" in _class(file) else "transformer"] = _component(file, dtype, settings)
    try:
        return kind.from_single_file(str(path), **options)
    except (OSError, ValueError) as error:
        if settings.config:
            raise
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{str(path)!r} is a {SINGLE_FILES[found]} whose configuration could not be found ({reason}). Give a folder that "
            "has it, such as the model's diffusers folder: -O config=FOLDER."
        ) from error


def _scheduler(name: str, config: Any) -> Any:
    import diffusers

    kind = getattr(diffusers, name, None)
    if kind is None or not hasattr(kind, "from_config"):
        raise InputError(
            f"scheduler={name!r} is no scheduler of diffusers. Give a class name such as DDIMScheduler."
        )
    try:
        return kind.from_config(config)
    except ImportError as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"scheduler={name!r} cannot be used ({reason}).") from error


def _placed(pipe: Any, device: str, offload: str) -> Any:
    try:
        if offload == "model":
            pipe.enable_model_cpu_offload(device=device)
        elif offload == "sequential":
            pipe.enable_sequential_cpu_offload(device=device)
        else:
            pipe.to(device)
    except (RuntimeError, AssertionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"the model cannot be put on device={device!r} ({reason}). Try device=cpu or offload=model."
        ) from error
    return pipe
