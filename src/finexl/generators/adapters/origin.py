"""What an adapter's metadata say about where it comes from: its base, its trigger words, its captions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from finexl.generators.adapters.files import AdapterFile
from finexl.types import Trigger

ARCHITECTURES = {
    "sd1": "Stable Diffusion 1.x",
    "sd2": "Stable Diffusion 2.x",
    "sdxl": "Stable Diffusion XL",
    "sd3": "Stable Diffusion 3",
    "flux": "FLUX",
}
_NAMES = (  # in the words of modelspec.architecture and ss_base_model_version
    ("flux", re.compile(r"flux", re.IGNORECASE)),
    # "sdxl", "diffusion-xl", "V6XL", "juggernautXL", but not the end of a word such as "finexl".
    ("sdxl", re.compile(r"(?i:sdxl|(?<![a-z])xl(?![a-z]))|(?<=[a-z])XL(?![a-z])")),
    ("sd3", re.compile(r"diffusion[-_]?3|sd[-_]?v?3", re.IGNORECASE)),
    ("sd2", re.compile(r"diffusion[-_]?v?2|sd[-_]?v?2", re.IGNORECASE)),
    ("sd1", re.compile(r"diffusion[-_]?v?1|sd[-_]?v?1", re.IGNORECASE)),
)
_WIDTHS = {768: "sd1", 1024: "sd2", 2048: "sdxl"}  # of the text that cross attention reads
LONGEST = 300


@dataclass(frozen=True)
class Origin:
    """Which base an adapter wants.

    Attributes:
        architecture: a key of ARCHITECTURES, or None where nothing tells.
        model: the checkpoint it was trained on, as the metadata call it, or None.
        source: where the architecture, or else the model, was found.
        confidence: "declared" by the trainer, "named" after a model, "guessed" from shapes or names of weights, or
            "none" where nothing tells.
    """

    architecture: str | None
    model: str | None
    source: str
    confidence: Literal["declared", "named", "guessed", "none"]

    def __str__(self) -> str:
        what = ARCHITECTURES.get(self.architecture or "", "an unknown base")
        return f"{what}{f', {self.model}' if self.model else ''} ({self.source})"


def origin(adapter: AdapterFile) -> Origin:
    """The base, by the strongest evidence: declared architecture, then names, then the shapes of the weights."""
    meta, config, card = adapter.metadata, adapter.config, adapter.card
    named = _first(
        ("adapter_config.json base_model_name_or_path", config.get("base_model_name_or_path")),
        ("card base_model", card.get("base_model")),
        ("ss_sd_model_name", meta.get("ss_sd_model_name")),
    )
    model = named[1] if named else None
    for source in ("modelspec.architecture", "ss_base_model_version"):
        declared = meta.get(source)
        if _architecture(declared):
            return Origin(_architecture(declared), model, source, "declared")
        if declared:  # a family that has no name here: in the trainer's own words
            return Origin(None, model or declared, source, "declared")
    if named and _architecture(model):
        return Origin(_architecture(model), model, named[0], "named")
    width = _text_width(adapter)
    if width:
        return Origin(width, model, "shapes of its weights", "guessed")
    if any(
        key.startswith(("transformer.single_transformer_blocks", "lora_unet_single_blocks"))
        for key in adapter.shapes
    ):
        return Origin("flux", model, "names of its weights", "guessed")
    return Origin(None, model, *((named[0], "named") if named else ("nothing in the file tells", "none")))


def triggers(adapter: AdapterFile) -> tuple[Trigger, ...]:
    """Words that wake it, most trusted first. How often a tag was used in training makes it no trigger."""
    found: dict[str, str] = {}
    for source, text in _trigger_texts(adapter):
        text = " ".join(str(text).split())
        if text and len(text) <= LONGEST:
            found.setdefault(text, source)
    return tuple(Trigger(text=text, source=source) for text, source in found.items())


def _trigger_texts(adapter: AdapterFile) -> Iterator[tuple[str, Any]]:
    meta, card = adapter.metadata, adapter.card
    yield "modelspec.trigger_phrase", meta.get("modelspec.trigger_phrase") or ""
    yield "card instance_prompt", card.get("instance_prompt") or ""
    folders = _load(meta.get("ss_dataset_dirs"))
    for name in sorted(folders) if isinstance(folders, dict) else ():
        kohya = re.fullmatch(r"\d+_(.+)", str(name))  # "10_sks dog": repeats, then the words
        if kohya:
            yield "kohya folder name", kohya[1]


def captions(adapter: AdapterFile) -> tuple[str, ...]:
    """Captions of the training images that the files repeat: widget texts of the card, and the trainer's tags."""
    found: list[str] = []
    widgets = adapter.card.get("widget")
    for widget in widgets if isinstance(widgets, list) else ():
        if isinstance(widget, dict) and isinstance(widget.get("text"), str):
            found.append(widget["text"])
    folders = _load(adapter.metadata.get("ss_tag_frequency"))
    for tags in folders.values() if isinstance(folders, dict) else ():
        if isinstance(tags, dict):
            found += [str(tag) for tag in tags]
    return tuple(dict.fromkeys(text.strip() for text in found if text.strip()))


def _first(*candidates: tuple[str, Any]) -> tuple[str, str] | None:
    for source, value in candidates:
        text = value[0] if isinstance(value, list) and value else value
        if isinstance(text, str) and text.strip():
            return source, text.strip()
    return None


def _architecture(text: str | None) -> str | None:
    return next((name for name, pattern in _NAMES if text and pattern.search(text)), None)


def _text_width(adapter: AdapterFile) -> str | None:
    """Cross attention reads the text through to_k: its input is as wide as the base's text embeddings.

    So are the vectors of a textual inversion; those of SDXL come in two widths.
    """
    if adapter.kind == "textual inversion":
        widths = {shape[-1] for shape in adapter.shapes.values() if shape}
        return "sdxl" if "clip_g" in adapter.shapes else _WIDTHS.get(max(widths, default=0))
    for key, shape in adapter.shapes.items():
        if "attn2" in key and "to_k" in key and ("lora_A" in key or "lora_down" in key or "lora.down" in key):
            return _WIDTHS.get(shape[1])
    return None


def _load(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None
