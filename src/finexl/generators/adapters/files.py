"""One file or folder -> what kind of personalization it is, from its names, keys and header alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from finexl.errors import InputError, MissingExtraError
from finexl.hub import PICKLES, refuse_pickle

Kind = Literal["lora", "peft", "lycoris", "textual inversion", "component", "pipeline", "checkpoint"]
WEIGHTS = ("pytorch_lora_weights.safetensors", "adapter_model.safetensors", "learned_embeds.safetensors")


@dataclass(frozen=True)
class AdapterFile:
    """A personalization on disk.

    Attributes:
        path: the file or folder.
        kind: how it is loaded.
        weights: the file that holds its tensors; None for a folder of several.
        shapes: of its tensors by key; empty where they are not looked at.
        metadata: of its safetensors header.
        config: of its adapter_config.json or config.json.
        card: front matter of the README.md beside it.
    """

    path: Path
    kind: Kind
    weights: Path | None = None
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)


def read_adapter(path: str | Path, unsafe_pickle: bool = False) -> AdapterFile:
    """Tell what a personalization is.

    Raises:
        InputError: it does not exist, is a pickle (unless allowed), is damaged, or is nothing that is known.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise InputError(f"the adapter {str(path)!r} does not exist. Check the path for a typing error.")
    return _folder(path, unsafe_pickle) if path.is_dir() else _file(path, unsafe_pickle, {})


def _folder(path: Path, unsafe_pickle: bool) -> AdapterFile:
    if (path / "model_index.json").is_file():
        return AdapterFile(path, "pipeline", card=_card(path))
    if (path / "adapter_config.json").is_file():
        weights = path / "adapter_model.safetensors"
        if not weights.is_file() and (path / "adapter_model.bin").is_file():
            weights = path / "adapter_model.bin"
            refuse_pickle(weights, unsafe_pickle)
        if not weights.is_file():
            raise InputError(
                f"{str(path)!r} has adapter_config.json but no adapter_model.safetensors. Add it."
            )
        shapes, metadata = _tensors(weights)
        return AdapterFile(
            path, "peft", weights, shapes, metadata, _json(path / "adapter_config.json"), _card(path)
        )
    config = _json(path / "config.json")
    if "_class_name" in config or "architectures" in config:
        return AdapterFile(path, "component", config=config, card=_card(path))
    found = [path / name for name in WEIGHTS if (path / name).is_file()] or sorted(path.glob("*.safetensors"))
    if len(found) == 1 or (found and found[0].name in WEIGHTS):
        return _file(found[0], unsafe_pickle, _card(path))
    if found:
        names = ", ".join(p.name for p in found[:5])
        raise InputError(f"{str(path)!r} holds several adapters ({names}). Name the file that you mean.")
    pickles = sorted(p for p in path.iterdir() if p.suffix.lower() in (".bin", ".pt", ".ckpt"))
    if pickles:
        return _file(pickles[0], unsafe_pickle, _card(path))
    raise InputError(
        f"the folder {str(path)!r} holds neither a model nor an adapter. Give the folder with its weights."
    )


def _file(path: Path, unsafe_pickle: bool, card: Mapping[str, Any]) -> AdapterFile:
    refuse_pickle(path, unsafe_pickle)
    shapes, metadata = _tensors(path)
    kind = _kind(shapes)
    if kind is None:
        keys = ", ".join(list(shapes)[:3])
        raise InputError(
            f"{str(path)!r} is no LoRA, LyCORIS, textual inversion or checkpoint that is known (its first keys: {keys}). "
            "Convert it to the diffusers or kohya layout."
        )
    return AdapterFile(path, kind, path, shapes, metadata, card=card or _card(path.parent))


def _kind(shapes: Mapping[str, tuple[int, ...]]) -> Kind | None:
    keys = list(shapes)
    if any(part in key for key in keys for part in (".hada_w1", ".lokr_w", ".oft_blocks", ".on_input")):
        return "lycoris"
    if any(
        part in key
        for key in keys
        for part in (".lora_down", ".lora_A", ".lora.down", "_lora.down", ".lora_up")
    ):
        return "lora"
    if any(
        key.startswith(("model.diffusion_model.", "double_blocks.", "first_stage_model.")) for key in keys
    ):
        return "checkpoint"
    flat = all(len(shape) in (1, 2) for shape in shapes.values())
    if flat and (len(keys) == 1 or set(keys) <= {"clip_l", "clip_g", "emb_params", "string_to_param"}):
        return "textual inversion"
    return None


def _tensors(path: Path) -> tuple[dict[str, tuple[int, ...]], dict[str, str]]:
    return _header(path) if path.suffix.lower() not in PICKLES else (_pickled(path), {})


def _pickled(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the tensors in a pickle that was allowed; nothing but tensors is taken from it."""
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("reading pickled weights", "diffusion") from error
    try:
        found = torch.load(str(path), map_location="meta", weights_only=True)
    except Exception as error:  # a pickle that is damaged or holds other things fails in many ways
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{str(path)!r} is damaged or holds more than tensors ({reason}). Convert it to .safetensors."
        ) from error
    found = found.get("state_dict", found) if isinstance(found, dict) else {}
    shapes = {}
    for key, value in found.items():
        inner = (
            next(iter(value.values()), None) if isinstance(value, dict) else value
        )  # string_to_param: {"*": ...}
        if isinstance(inner, torch.Tensor):
            shapes[str(key)] = tuple(inner.shape)
    return shapes


def _header(path: Path) -> tuple[dict[str, tuple[int, ...]], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="numpy") as file:
            return {
                key: tuple(file.get_slice(key).get_shape()) for key in sorted(file.keys())
            }, file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise InputError(
            f"{str(path)!r} is not a whole .safetensors file ({error}). Copy or download it again."
        ) from error


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(
            f"{str(path)!r} cannot be read as JSON ({error}). Copy or download it again."
        ) from error
    return data if isinstance(data, dict) else {}


def _card(folder: Path) -> dict[str, Any]:
    """Front matter of a model card; a card that cannot be read says nothing."""
    path = folder / "README.md"
    if not path.is_file():
        return {}
    from huggingface_hub import ModelCard

    try:
        return dict(ModelCard(path.read_text(encoding="utf-8"), ignore_metadata_errors=True).data.to_dict())
    except Exception:  # somebody else's text: whatever is wrong with it, it is only a hint
        return {}
