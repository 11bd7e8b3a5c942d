"""What a person names -> two sets of images, or two generators.

images/base                              a folder of images
runwayml/stable-diffusion-v1-5           a model of the hub, or a folder with model_index.json
./ink.safetensors                        an adapter: of the base that is named, or that its metadata name
BASE+ink.safetensors:0.8+lines:0.3       a base with adapters at strengths
gan:face.onnx, ar:..., a1111:http://...  any scheme of `finexl.generators.registry`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from finexl.errors import InputError, MissingExtraError, UnknownNameError
from finexl.generators import Generator, Images, load_generator, schemes
from finexl.generators.callable import CallableGenerator
from finexl.generators.protocol import Adapted
from finexl.types import Probe

Model = Images | Generator | Callable[[Probe], Any]
"""A set of images, a generator, its spec, or a function that draws one probe."""

MODEL_FILES = {".safetensors": "diffusers", ".onnx": "gan", ".pt2": "gan", ".pkl": "gan"}
MODEL_PARTS = ("model_index.json", "adapter_config.json", "*.safetensors")
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(\+.+)?")


def open_models(
    base: Model, personalized: Model | None, options: Mapping[str, str]
) -> tuple[Images | Generator, Images | Generator]:
    """Both sides of a comparison.

    Args:
        personalized: None when `base` is a personalization that knows its base.
        options: settings of the generators, such as {"steps": "20"}.
    Raises:
        InputError: something is neither images nor a model, or the base cannot be told.
    """
    if personalized is None:
        adapted = open_model(base, options)
        if not isinstance(adapted, Adapted):
            raise InputError(
                f"only {str(base)!r} was given, which does not say what to compare it with. Give the base first and "
                "the personalized model second."
            )
        return adapted.at(0.0), adapted
    left = open_model(base, options)
    if isinstance(left, Adapted) and _is_adapter(personalized):
        return left, load_generator(f"{left.name}+{personalized}", options)
    return left, open_model(personalized, options)


def open_model(model: Model, options: Mapping[str, str]) -> Images | Generator:
    """One side: images as they are, a spec or a function as the generator it stands for."""
    if isinstance(model, Generator):
        return model
    if isinstance(model, str | Path):
        spec = _spec(str(model))
        if spec is None:
            return model
        try:
            return load_generator(spec, options)
        except (InputError, MissingExtraError) as error:
            if _may_be_of_the_hub(str(model)) and not isinstance(error, UnknownNameError):
                error.args = (f"there is no folder {str(model)!r} here; as a model of the hub: {error}",)
                if isinstance(error, ImportError):
                    error.msg = error.args[0]
            raise
    if callable(model):
        return CallableGenerator(model)
    return model


def _spec(text: str) -> str | None:
    """The spec of the generator that `text` means; None for a folder of images (or what is not there at all)."""
    scheme, colon, _ = text.partition(":")
    if colon and len(scheme) > 1 and scheme in schemes():
        return text
    place = Path(text)
    if place.is_dir():
        return f"diffusers:{text}" if any(next(place.glob(part), None) for part in MODEL_PARTS) else None
    if place.suffix.lower() in MODEL_FILES:
        return f"{MODEL_FILES[place.suffix.lower()]}:{text}"
    first = Path(text.split("+")[0])
    if "+" in text and (first.is_dir() or first.suffix.lower() == ".safetensors"):
        return f"diffusers:{text}"
    return f"diffusers:{text}" if _may_be_of_the_hub(text) else None


def _may_be_of_the_hub(text: str) -> bool:
    """ "owner/name" may be a model of the hub or a folder that is not there; a parent that exists tells."""
    named = not text.startswith((".", "/", "~")) and HUB_ID.fullmatch(text) is not None
    return named and not Path(text).exists() and not Path(text).parent.is_dir()


def _is_adapter(model: Model) -> bool:
    """Whether this can only be put on top of a base: a file or folder of adapter weights."""
    if not isinstance(model, str | Path):
        return False
    place = Path(str(model).rpartition(":")[0] or str(model)) if not Path(model).exists() else Path(model)
    if place.is_dir():
        names = ("adapter_config.json", "pytorch_lora_weights.safetensors")
        return any((place / name).is_file() for name in names)
    return place.is_file() and place.suffix.lower() == ".safetensors"
