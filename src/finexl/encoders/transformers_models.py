"""Image-text encoders of `transformers`: CLIP, MetaCLIP, SigLIP, SigLIP 2, ALIGN and whatever else has both towers.

    clip:openai/clip-vit-base-patch32        siglip:google/siglip-base-patch16-224       align:kakaobrain/align-base
    clip:folder?device=cuda&dtype=float16    options: device, dtype, revision, batch

Preprocessing is the library's own, without torchvision where there is none. Needs the extra `transformers`.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image
from pydantic import Field

from finexl.errors import InputError, MissingExtraError
from finexl.hub import find, hub_errors
from finexl.memory import in_batches
from finexl.options import Settings, read_options, split_query

LARGEST_WINDOW = 512
MEND = "lower the option batch, or set device=cpu"


class EncoderSettings(Settings):
    """Options in the spec of an encoder.

    Attributes:
        device, dtype: place and number format; None for float16 on a GPU and float32 on the CPU.
        revision: of a model of the hub.
        batch: pictures or phrases encoded at once.
    """

    device: str | None = None
    dtype: Literal["float32", "float16", "bfloat16"] | None = None
    revision: str | None = None
    batch: int = Field(32, ge=1)


class TransformersEncoder:
    """Both towers of a model of `transformers`; satisfies `finexl.encoders.Encoder`. Loaded at first use.

    Args:
        scheme: "clip", "siglip" and so on: how the spec began.
        rest: a folder or hub id, with options after "?".
    Raises:
        InputError: there is no such model, or an option is unknown.
        MissingExtraError: transformers is not installed.
    """

    def __init__(self, scheme: str, rest: str) -> None:
        where, options = split_query(rest)
        self.name = f"{scheme}:{rest}"
        self.settings = read_options(EncoderSettings, options, f"the encoder {scheme}")
        self.batch = self.settings.batch
        self.place = find(where, self.settings.revision)
        self.shortened = 0
        try:
            libraries = [version(name) for name in ("transformers", "torch", "pillow")]
        except PackageNotFoundError as error:
            raise MissingExtraError(f"the encoder {self.name!r}", "transformers") from error
        told = [self.place.version, self.settings.dtype, self.settings.device, *libraries]
        self.identity = hashlib.sha256(repr(told).encode()).hexdigest()

    @cached_property
    def dimensions(self) -> int:
        return int(self.encode_texts(["an image"]).shape[1])

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know, one sentence each."""
        if not self.shortened:
            return ()
        return (
            f"{self.shortened} prompts were cut to the encoder's window of {self.window} tokens; no concept was.",
        )

    @property
    def window(self) -> int:
        """Tokens a text may have, with those that mark its ends."""
        positions = getattr(self._model.config.text_config, "max_position_embeddings", LARGEST_WINDOW)
        return int(min(positions, self._tokenizer.model_max_length, LARGEST_WINDOW))

    def prepare(self, image: Image) -> NDArray[np.uint8]:
        """The library's resizing and cropping: what is left of it is arithmetic on pixels."""
        later = {"do_rescale": False, "do_normalize": False}
        if hasattr(self._processor, "include_top"):  # EfficientNet, ALIGN's eye, normalises twice
            later["include_top"] = False
        pixels = self._processor(images=image, return_tensors="np", **later)
        prepared: NDArray[np.uint8] = np.asarray(pixels["pixel_values"][0]).astype(np.uint8)
        return prepared

    def encode_images(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Prepared pictures (n, 3, h, w) -> unit vectors (n, d)."""
        rows: list[NDArray[np.float32]] = in_batches(self._images, list(batch), MEND)
        return np.stack(rows)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Phrases -> unit vectors (n, d). One that is too long loses words from its middle, never from its end."""
        fitting = [self._within(text) for text in texts]
        rows: list[NDArray[np.float32]] = []
        for start in range(0, len(fitting), self.batch):
            rows += in_batches(self._texts, fitting[start : start + self.batch], MEND)
        return np.stack(rows)

    def shorten(self, prompts: Sequence[str], endings: Sequence[str]) -> list[str]:
        """Prompts cut so that each with the longest ending is within the window; most are left as they are."""
        room = self.window - max((self._length(ending) for ending in endings), default=0)
        out = []
        for prompt in prompts:
            words = prompt.split(" ")
            while len(words) > 1 and self._length(" ".join(words)) > room:
                words.pop()
            out.append(" ".join(words))
        self.shortened += sum(a != b for a, b in zip(prompts, out, strict=True))
        return out

    def _within(self, text: str) -> str:
        words = text.split(" ")
        while len(words) > 2 and self._length(" ".join(words)) > self.window:
            del words[len(words) // 2]
        return " ".join(words)

    def _length(self, text: str) -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tokenizer warns about lengths: that is what is being asked
            return len(self._tokenizer(text, verbose=False)["input_ids"])

    def _images(self, batch: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        import torch

        pixels = self._processor(
            images=[np.asarray(picture) for picture in batch], do_resize=False, do_center_crop=False, do_convert_rgb=False,
            input_data_format="channels_first", return_tensors="pt",
        )["pixel_values"]  # fmt: skip
        with torch.inference_mode():
            found = self._model.get_image_features(
                pixel_values=pixels.to(self._model.device, self._model.dtype)
            )
        return _units(found)

    def _texts(self, batch: Sequence[str]) -> list[NDArray[np.float32]]:
        import torch

        # SigLIP was trained on padded texts of full length and reads the last position.
        padding = "max_length" if "siglip" in self._model.config.model_type else True
        tokens = self._tokenizer(
            list(batch), padding=padding, truncation=True, max_length=self.window, return_tensors="pt"
        )
        known = {
            k: v.to(self._model.device) for k, v in tokens.items() if k in ("input_ids", "attention_mask")
        }
        if padding == "max_length":
            known.pop("attention_mask", None)
        with torch.inference_mode():
            return _units(self._model.get_text_features(**known))

    @cached_property
    def _model(self) -> Any:
        import torch
        from transformers import AutoModel
        from transformers.utils import logging

        logging.disable_progress_bar()
        device = self.settings.device or ("cuda" if torch.cuda.is_available() else "cpu")
        dtype = getattr(torch, self.settings.dtype or ("float16" if device.startswith("cuda") else "float32"))
        model = self._loaded(AutoModel, dtype=dtype, use_safetensors=True)
        if not (hasattr(model, "get_image_features") and hasattr(model, "get_text_features")):
            raise InputError(
                f"{self.name!r} is a {type(model).__name__}, which does not see images and text in one space. Give a model "
                "such as CLIP, SigLIP or ALIGN."
            )
        return model.eval().to(device)

    @cached_property
    def _processor(self) -> Any:
        from transformers import AutoImageProcessor

        return self._loaded(AutoImageProcessor)

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return self._loaded(AutoTokenizer)

    def _loaded(self, kind: Any, **options: Any) -> Any:
        if self.place.path is None:
            options["revision"] = self.place.version
        try:
            with hub_errors(self.place.spec):
                return kind.from_pretrained(self.place.source, trust_remote_code=False, **options)
        except InputError:
            raise
        except (OSError, ValueError, KeyError, ImportError) as error:
            reason = " ".join(str(error).split())[:300]
            raise InputError(
                f"the encoder {self.name!r} cannot be loaded ({reason}). Give a folder or hub id with config.json, "
                "tokenizer, preprocessor_config.json and weights as safetensors."
            ) from error


def _units(found: Any) -> list[NDArray[np.float32]]:
    """Unit rows; newer versions of the library wrap the features in an output object."""
    features = found if hasattr(found, "shape") else found.pooler_output
    rows = features.float().cpu().numpy()
    return list((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32))
