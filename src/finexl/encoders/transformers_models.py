"""Image-text encoders of `transformers`: CLIP, MetaCLIP, SigLIP, SigLIP 2, ALIGN and whatever else has both towers.

    clip:openai/clip-vit-base-patch32        siglip:google/siglip-base-patch16-224       align:kakaobrain/align-base
    clip:folder?device=cuda&dtype=float16    options: device, dtype, revision, batch, unsafe_pickle

The model's own configuration says what it is; the schemes are for people. Needs the extra `transformers`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finexl.encoders.transformers_images import MEND, EncoderSettings, ImageTower, unit_rows
from finexl.encoders.windows import Window
from finexl.errors import InputError
from finexl.hub import find
from finexl.memory import in_batches
from finexl.options import read_options, split_query

LARGEST_WINDOW = 512


class TransformersEncoder(ImageTower):
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
        settings = read_options(EncoderSettings, options, f"the encoder {scheme}")
        super().__init__(f"{scheme}:{rest}", find(where, settings.revision), settings)
        self._window: Window | None = None

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
            positions = getattr(self._model.config.text_config, "max_position_embeddings", LARGEST_WINDOW)
            size = int(min(positions, self._tokenizer.model_max_length, LARGEST_WINDOW))
            self._window = Window(size, self._lengths)
        return self._window

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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tokenizer warns about lengths: that is what is being asked
            return [len(ids) for ids in self._tokenizer(self._plain(texts), verbose=False)["input_ids"]]

    def _texts(self, batch: Sequence[str]) -> list[NDArray[np.float32]]:
        import torch

        length = {"truncation": True, "max_length": self.window.size, "return_tensors": "pt"}
        if (
            self._is_siglip
        ):  # it was trained without a mask on texts of full length, and reads their last place
            tokens = self._tokenizer(self._plain(batch), padding="max_length", **length)
            known = {"input_ids": tokens["input_ids"]}
        else:
            tokens = self._tokenizer(self._plain(batch), padding=True, **length)
            known = {key: tokens[key] for key in ("input_ids", "attention_mask")}
        with torch.inference_mode():
            found = self._model.get_text_features(
                **{key: ids.to(self._model.device) for key, ids in known.items()}
            )
        return unit_rows(found)

    def _plain(self, texts: Sequence[str]) -> list[str]:
        """SigLIP and SigLIP 2 learned from lower-case texts; not every tokenizer that comes with them sees to that."""
        return [text.lower() for text in texts] if self._is_siglip else list(texts)

    @property
    def _is_siglip(self) -> bool:
        return "siglip" in self._model.config.model_type

    def _features(self, model: Any, inputs: dict[str, Any]) -> Any:
        return model.get_image_features(**inputs)

    def _require(self, model: Any) -> None:
        if not (hasattr(model, "get_image_features") and hasattr(model, "get_text_features")):
            raise InputError(
                f"{self.name!r} is a {type(model).__name__}, which does not see images and text in one space. Give a model "
                "such as CLIP, SigLIP or ALIGN."
            )

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return self._loaded(AutoTokenizer)
