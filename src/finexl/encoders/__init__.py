"""Pixels and phrases -> unit vectors in one space.

Anything that satisfies `Encoder` plugs in; nothing downstream knows which one it is. The smallest example, an encoder that
knows one word (a space of few dimensions would do for it, but there any change lies near any word by chance):

    def unit(x):
        return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)

    class Thumbnail:
        name, identity, dimensions = "thumbnail", "thumbnail-1", 193

        def prepare(self, image):
            return np.asarray(image.resize((8, 8))).reshape(192)

        def encode_images(self, batch):
            return unit(np.c_[batch / 255, np.full(len(batch), 8.0)])

        def encode_texts(self, texts):
            return unit(np.array([[1.0 if "bright" in text else 0.5] * 192 + [8.0] for text in texts]))

    finexl.explain(before, after, encoder=Thumbnail())

A package makes its encoder known by name through the entry point group `finexl.encoders`: a callable that takes what
follows the colon of the spec ("" without one) and returns an Encoder. `builtin` uses the same door.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from finexl.encoders.pipeline import embed
from finexl.errors import InputError, UnknownNameError

__all__ = ["Encoder", "ImageEncoder", "embed", "load_encoder"]


@runtime_checkable
class ImageEncoder(Protocol):
    """Pictures -> unit vectors. It may have a `batch`: how many it takes best at once.

    Attributes:
        name: the spec it was loaded by, such as "builtin".
        identity: a hash that changes whenever the same input would give another vector.
        dimensions: width d of its vectors.
    """

    @property
    def name(self) -> str: ...
    @property
    def identity(self) -> str: ...
    @property
    def dimensions(self) -> int: ...

    def prepare(self, image: Image) -> NDArray[np.uint8]:
        """One RGB picture of any size -> what the encoder sees, of one fixed shape."""

    def encode_images(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Stacked prepared pictures (n, ...) -> unit vectors (n, d); a row must not depend on its neighbours."""


@runtime_checkable
class Encoder(ImageEncoder, Protocol):
    """An aligned image-text encoder.

    It may have `notes`; `plain`, where it puts a picture without any look, shape (d,), if pictures and phrases of the
    same look lie in one place (what it is for: `finexl.method.whitening.noise_whitener`, `Settings.shown`); and
    `shorten(prompts, endings)` if it reads no more than so many words: prompts cut so that each still fits with any of
    the endings.
    """

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Phrases -> unit vectors (n, d)."""


GROUP = "finexl.encoders"
PARTS = ("name", "identity", "dimensions", "prepare", "encode_images", "encode_texts")


def _builtin(_: str) -> Encoder:
    from finexl.encoders.builtin import Builtin

    return Builtin()


def _transformers(scheme: str) -> Callable[[str], Encoder]:
    def load(rest: str) -> Encoder:
        from finexl.encoders.transformers_models import TransformersEncoder

        return TransformersEncoder(scheme, rest)

    return load


def _open_clip(rest: str) -> Encoder:
    from finexl.encoders.open_clip_models import OpenClipEncoder

    return OpenClipEncoder(rest)


OURS: dict[str, Callable[[str], Encoder]] = {
    "builtin": _builtin,
    "open_clip": _open_clip,
    **{
        scheme: _transformers(scheme)
        for scheme in ("align", "clip", "metaclip", "siglip", "siglip2", "transformers")
    },
}


def load_encoder(spec: str | Encoder) -> Encoder:
    """An encoder from its spec: "builtin", "clip:owner/model", "siglip:folder", or "<scheme>:<rest>" of a plug-in.

    Raises:
        UnknownNameError: no encoder goes by that scheme.
        InputError: an object that was given lacks something that an encoder has.
    """
    if not isinstance(spec, str):
        lacks = [part for part in PARTS if not hasattr(spec, part)]
        if lacks:
            raise InputError(
                f"the encoder is a {type(spec).__name__} without {', '.join(lacks)}. Give a spec, or an object with "
                f"{', '.join(PARTS)} (finexl.encoders.Encoder)."
            )
        return spec
    scheme, _, rest = spec.partition(":")
    factories = dict(OURS)
    for point in entry_points(group=GROUP):
        factories.setdefault(point.name, lambda rest, point=point: point.load()(rest))  # type: ignore[misc]
    if scheme not in factories:
        raise UnknownNameError("encoder", spec, factories)
    return factories[scheme](rest)
