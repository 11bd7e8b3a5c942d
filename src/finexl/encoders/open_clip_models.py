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
from PIL.Image import Image

from finexl.encoders.transformers_models import MEND, EncoderSettings
from finexl.errors import FinexlError, InputError, MissingExtraError
from finexl.memory import in_batches
from finexl.options import read_options, split_query


class OpenClipEncoder:
    """Both towers of a model of `open_clip`; satisfies `finexl.encoders.Encoder`.

    Args:
        rest: "MODEL/WEIGHTS", with options after "?".
    Raises:
        InputError: no such model or weights.
        MissingExtraError: open_clip is not installed, or torchvision does not fit the installed torch.
    """

    def __init__(self, rest: str) -> None:
        where, options = split_query(rest)
        self.name = f"open_clip:{rest}"
        self.settings = read_options(EncoderSettings, options, "the encoder open_clip")
        self.batch = self.settings.batch
        model, slash, weights = where.partition("/")
        library = _library()
        if not slash or (model, weights) not in library.list_pretrained():
            raise InputError(
                f"{self.name!r}: give open_clip:MODEL/WEIGHTS as open_clip.list_pretrained() names them."
            )
        self._names = model, weights
        told = [where, self.settings.dtype, version("open_clip_torch"), version("torch")]
        self.identity = hashlib.sha256(repr(told).encode()).hexdigest()

    @cached_property
    def dimensions(self) -> int:
        return int(self.encode_texts(["an image"]).shape[1])

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
        """Phrases -> unit vectors (n, d)."""
        rows: list[NDArray[np.float32]] = []
        for start in range(0, len(texts), self.batch):
            rows += in_batches(self._texts, list(texts[start : start + self.batch]), MEND)
        return np.stack(rows)

    def _images(self, batch: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        import torch
        from PIL import Image as Pillow

        pictures: list[Any] = []
        for pixels in batch:
            picture: Any = Pillow.fromarray(pixels)
            for step in self._steps[self._numbers :]:
                picture = step(picture)
            pictures.append(picture)
        with torch.inference_mode():
            found = self._model.encode_image(torch.stack(pictures).to(self._device), normalize=True)
        return list(found.float().cpu().numpy())

    def _texts(self, batch: Sequence[str]) -> list[NDArray[np.float32]]:
        import torch

        with torch.inference_mode():
            tokens = _library().get_tokenizer(self._names[0])(list(batch)).to(self._device)
            return list(self._model.encode_text(tokens, normalize=True).float().cpu().numpy())

    @property
    def _device(self) -> str:
        import torch

        return self.settings.device or ("cuda" if torch.cuda.is_available() else "cpu")

    @cached_property
    def _both(self) -> tuple[Any, Any]:
        model, weights = self._names
        made, _, transform = _library().create_model_and_transforms(
            model, pretrained=weights, device=self._device
        )
        return made.eval(), transform

    @property
    def _model(self) -> Any:
        return self._both[0]

    @property
    def _steps(self) -> list[Any]:
        return list(self._both[1].transforms)

    @cached_property
    def _numbers(self) -> int:
        """Place of the transform that turns pixels into numbers."""
        names = [type(step).__name__ for step in self._steps]
        return names.index("ToTensor")


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
