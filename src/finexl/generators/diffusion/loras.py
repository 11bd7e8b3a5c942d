"""LoRA files, and folders of PEFT, on a pipeline that switches them itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from finexl.errors import InputError
from finexl.generators.adapters import AdapterFile

SCALED = ("LORA", "LOHA", "LOKR")
"""Kinds of PEFT adapters that have a strength."""


def load_lora(pipe: Any, file: AdapterFile, name: str) -> int:
    """Load a LoRA under a name; how many modules it attached to."""
    if not hasattr(pipe, "load_lora_weights"):
        raise InputError(
            f"the pipeline {type(pipe).__name__} takes no LoRA. Give a fine-tuned component's folder instead."
        )
    if file.kind == "peft":
        _load_peft(pipe, file, name)
    else:
        assert file.weights is not None
        if mixes_names(file.shapes):
            pipe.load_lora_weights(in_one_style(read_tensors(file)), adapter_name=name)
        else:
            pipe.load_lora_weights(str(file.weights.parent), weight_name=file.weights.name, adapter_name=name)
    return sum(_wears(module, name) for part in _parts(pipe) for module in part.modules())


def mixes_names(keys: Iterable[str]) -> bool:
    """Whether some modules' tensors are called after diffusers and others after PEFT.

    Diffusers' own training recipe writes such files as soon as more than attention is trained. Its loader then goes by the
    first name it sees and leaves out every module of the other style.
    """
    named = list(keys)
    return any(".lora.down." in key for key in named) and any(".lora_A." in key for key in named)


def in_one_style(tensors: dict[str, Any]) -> dict[str, Any]:
    """The same tensors, all called after PEFT."""
    return {
        key.replace(".lora.down.", ".lora_A.").replace(".lora.up.", ".lora_B."): value
        for key, value in tensors.items()
    }


def _load_peft(pipe: Any, file: AdapterFile, name: str) -> None:
    """Let PEFT itself read the folder: ranks and scales may differ from module to module."""
    from peft import PeftConfig, set_peft_model_state_dict

    kind = str(file.config.get("peft_type", "")).upper()
    if kind not in SCALED:
        raise InputError(
            f"{str(file.path)!r} is a PEFT adapter of the kind {kind!r}, which has no strength to be compared at. "
            f"FineXL takes {', '.join(SCALED)}; merge others into the component and give its folder."
        )
    part = _part_for(pipe, file)
    part.add_adapter(PeftConfig.from_pretrained(str(file.path), inference_mode=True), adapter_name=name)
    bare = {key.removeprefix("base_model.model."): value for key, value in read_tensors(file).items()}
    unknown = set_peft_model_state_dict(part, bare, adapter_name=name).unexpected_keys
    if unknown:
        raise ValueError(f"no module takes {len(unknown)} of its tensors, such as {unknown[0]}")


def _part_for(pipe: Any, file: AdapterFile) -> Any:
    """The component that an adapter was trained on: of the class it names, else the denoiser."""
    mapping = file.config.get("auto_mapping") or {}
    wanted = mapping.get("base_model_class") if isinstance(mapping, dict) else None
    fits = [part for part in _parts(pipe) if type(part).__name__ == wanted]
    return fits[0] if fits else denoiser(pipe)


def read_tensors(file: AdapterFile) -> dict[str, Any]:
    """The adapter's tensors; of a pickle that was allowed, nothing but tensors is taken."""
    if file.weights is not None and file.weights.suffix == ".safetensors":
        from safetensors.torch import load_file

        return dict(load_file(str(file.weights)))
    import torch

    return dict(torch.load(str(file.weights), map_location="cpu", weights_only=True))


def denoiser(pipe: Any) -> Any:
    """The part that turns noise into an image."""
    return pipe.unet if hasattr(pipe, "unet") else pipe.transformer


def _parts(pipe: Any) -> Iterator[Any]:
    import torch

    return (part for part in pipe.components.values() if isinstance(part, torch.nn.Module))


def _wears(module: Any, name: str) -> bool:
    from peft.tuners.tuners_utils import BaseTunerLayer

    if not isinstance(module, BaseTunerLayer):
        return False
    return any(name in getattr(module, weights, ()) for weights in module.adapter_layer_names)
