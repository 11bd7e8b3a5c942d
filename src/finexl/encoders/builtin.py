"""The encoder that ships with FineXL: trained by us for style differences, run by onnxruntime.

How it was made, on what, and how good it is: docs/encoder.md.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL.Image import Image, Resampling

from finexl.encoders import phrases

SIZE = 224
SHARE = 4
"""Pictures that one core takes at a time: cores with pictures of their own get through more than all of them on the same ones (docs/benchmarks.md)."""
WORKERS = min(os.cpu_count() or 1, 4)
"""Shares encoded at a time; each takes some 80 MB."""


class Builtin:
    """Image tower: fixed statistics and a small network. Text tower: one vector per comma-separated segment, summed.

    Both place a plain picture ("an image") at one centre and a look away from it along its own direction, so that
    differences of pictures are sums of differences of phrases.

    Args:
        folder: of its files; None for those that ship.
    """

    name = "builtin"
    batch = SHARE * WORKERS

    def __init__(self, folder: Traversable | None = None) -> None:
        folder = files("finexl.encoders") / "data" if folder is None else folder
        self._image = (folder / "image.onnx").read_bytes()
        self._text = (folder / "text.onnx").read_bytes()
        self._words = (folder / "words.txt").read_bytes()
        digest = hashlib.sha256()
        for part in (self._image, self._text, self._words):
            digest.update(hashlib.sha256(part).digest())
        self.identity = digest.hexdigest()
        self.dimensions = int(self._image_session.get_outputs()[0].shape[1])

    @cached_property
    def _image_session(self) -> onnxruntime.InferenceSession:
        return _session(self._image)

    @cached_property
    def _text_session(self) -> onnxruntime.InferenceSession:
        return _session(self._text)

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(WORKERS)

    @cached_property
    def plain(self) -> NDArray[np.float64]:
        """Where a picture without any look lies, (d,): the centre of both towers."""
        return np.asarray(self.encode_texts(["an image"])[0], np.float64)

    @cached_property
    def _table(self) -> dict[str, int]:
        return {word: i + 1 for i, word in enumerate(self._words.decode().split())}

    def prepare(self, image: Image) -> NDArray[np.uint8]:
        """RGB picture -> uint8 (224, 224, 3). The whole picture is seen: squeezed, not cropped."""
        return np.asarray(image.resize((SIZE, SIZE), Resampling.BILINEAR, reducing_gap=2.0))

    def encode_images(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 (n, 224, 224, 3) -> unit vectors (n, d)."""
        session = self._image_session
        shares = [{"pictures": batch[start : start + SHARE]} for start in range(0, len(batch), SHARE)]
        found = self._workers.map(lambda share: session.run(None, share)[0], shares)
        return np.asarray(np.concatenate(list(found)), np.float32)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Phrases or whole prompts -> unit vectors (n, d)."""
        parts = [phrases.segments(text) for text in texts]
        distinct = list(dict.fromkeys(part for row in parts for part in row))
        buckets = int(self._text_session.get_modelmeta().custom_metadata_map["buckets"])
        styles: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(distinct), 512):
            chunk = distinct[start : start + 512]
            indices, weights = phrases.pad([phrases.rows(part, self._table, buckets) for part in chunk])
            vectors, centre = self._text_session.run(None, {"indices": indices, "weights": weights})
            styles.update(zip(chunk, vectors, strict=True))
        out = np.stack([centre + np.sum([styles[part] for part in row], axis=0) for row in parts])
        return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), np.float32)


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
