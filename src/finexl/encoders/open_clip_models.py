"""Encoders of `open_clip`: EVA-CLIP, DataComp, LAION and the rest of its list.

    open_clip:ViT-B-32/laion2b_s34b_b79k     a model and its weights, as open_clip.list_pretrained() names them

Needs the extra `openclip` and torchvision, which open_clip imports.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.Image import Image

from finexl.encoders.transformers_images import MEND, EncoderSettings, device_and_dtype, unit_rows
from finexl.encoders.windows import Window
from finexl.errors import FinexlError, InputError, MissingExtraError
from finexl.hub import hub_errors
from finexl.memory import in_batches
from finexl.options import read_options, split_query

PRECISIONS = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
MARKS = 2
"""Tokens that mark the two ends of a text."""


class OpenClipEncoder:
    """Both towers of a model of `open_clip`; satisfies `finexl.encoders.Encoder`. Loaded at first use.

    Args:
        rest: "MODEL/WEIGHTS", with the options of `EncoderSettings` after "?".
    Raises:
        InputError: no such model or weights, or an option that open_clip does not have.
        MissingExtraError: open_clip is not installed.
        FinexlError: torchvision is missing or does not fit the installed torch.
    """

    def __init__(self, rest: str) -> None:
        where, options = split_query(rest)
        self.name = f"open_clip:{rest}"
        self.settings = read_options(EncoderSettings, options, "the encoder open_clip")
        self.batch = self.settings.batch
        if self.settings.revision or self.settings.unsafe_pickle:
            raise InputError(
                f"{self.name!r}: open_clip chooses revision and file by itself. Leave those options out."
            )
        model, slash, weights = where.partition("/")
        library = _library()
        if not slash or (model, weights) not in library.list_pretrained():
            raise InputError(
                f"{self.name!r}: give open_clip:MODEL/WEIGHTS as open_clip.list_pretrained() names them."
            )
        self._names = model, weights
        self._window: Window | None = None
        import torch

        self.device, self.dtype = device_and_dtype(self.settings, torch.cuda.is_available())
        libraries = [version(name) for name in ("open_clip_torch", "torch", "torchvision", "pillow")]
        told = [where, self.dtype, self.device.partition(":")[0], *libraries]
        self.identity = hashlib.sha256(repr(told).encode()).hexdigest()

    @cached_property
    def dimensions(self) -> int:
        """Width of its vectors."""
        return int(self.encode_texts(["an image"]).shape[1])

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know, one sentence each."""
        return () if self._window is None else self._window.notes

    @property
    def window(self) -> Window:
        """What its text tower reads at once."""
        if self._window is None:
            self._window = Window(int(self._tokenizer.context_length), self._lengths)
        return self._window

    def prepare(self, image: Image) -> NDArray[np.uint8]:
        """The library's transforms up to the one that turns pixels into numbers."""
        for step in self._steps[: self._numbers]:
            image = step(image)
        return np.asarray(image.convert("RGB"), np.uint8)

    def encode_images(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Prepared pictures (n, h, w, 3) -> unit vectors (n, d)."""
        rows: list[NDArray[np.float32]] = in_batches(self._images, list(batch), MEND)
        return np.stack(rows)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Phrases -> unit vectors (n, d). One that is too long loses words from its middle, never from its end."""
        fitting = self.window.within(texts)
        rows: list[NDArray[np.float32]] = []
        for start in range(0, len(fitting), self.batch):
            rows += in_batches(self._texts, fitting[start : start + self.batch], MEND)
        return np.stack(rows)

    def shorten(self, prompts: Sequence[str], endings: Sequence[str]) -> list[str]:
        """Prompts cut so that each with the longest ending is within the window; most are left as they are."""
        return self.window.shorten(prompts, endings)

    def _lengths(self, texts: Sequence[str]) -> list[int]:
        inner = getattr(self._tokenizer, "tokenizer", None)
        if inner is None:  # open_clip's own byte pairs; otherwise it wraps a tokenizer of transformers
            return [len(self._tokenizer.encode(text)) + MARKS for text in texts]
        return [len(inner(text)["input_ids"]) for text in texts]

    def _images(self, batch: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        import torch

        pictures: list[Any] = []
        for pixels in batch:
            picture: Any = Pillow.fromarray(pixels)
            for step in self._steps[self._numbers :]:
                picture = step(picture)
            pictures.append(picture)
        inputs = torch.stack(pictures).to(self.device, getattr(torch, self.dtype))
        with torch.inference_mode():
            return unit_rows(self._model.encode_image(inputs))

    def _texts(self, batch: Sequence[str]) -> list[NDArray[np.float32]]:
        import torch

        with torch.inference_mode():
            return unit_rows(self._model.encode_text(self._tokenizer(list(batch)).to(self.device)))

    @cached_property
    def _both(self) -> tuple[Any, Any]:
        model, weights = self._names
        with hub_errors(self.name):
            made, _, transform = _library().create_model_and_transforms(
                model, pretrained=weights, device=self.device, precision=PRECISIONS[self.dtype]
            )
        return made.eval(), transform

    @property
    def _model(self) -> Any:
        return self._both[0]

    @cached_property
    def _tokenizer(self) -> Any:
        return _library().get_tokenizer(self._names[0])

    @property
    def _steps(self) -> list[Any]:
        return list(self._both[1].transforms)

    @cached_property
    def _numbers(self) -> int:
        """Place of the transform that turns pixels into numbers."""
        names = [type(step).__name__ for step in self._steps]
        return next(i for i, name in enumerate(names) if name in ("ToTensor", "MaybeToTensor"))


def _library() -> Any:
    try:
        import open_clip
    except (ImportError, RuntimeError, AttributeError, OSError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "open_clip":
            raise MissingExtraError("an encoder of open_clip", "openclip") from error
        raise FinexlError(
            "open_clip needs a torchvision that fits the installed torch: install both from the same index, such as "
            "pip install torch torchvision --index-url https://download.pytorch.org/whl/cpu"
        ) from error
    return open_clip
