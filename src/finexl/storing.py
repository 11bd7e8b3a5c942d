"""Every picture of every pair -> its embedding, each picture read and encoded at most once, ever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from finexl.encoders import ImageEncoder, embed
from finexl.generators import Pairing, Source, read_image
from finexl.store import EmbeddingStore, default_cache_dir, sha256_source
from finexl.types import Progress

STAGE = "embedding images"


@dataclass(frozen=True)
class Embedded:
    """Unit vectors of both sides (n, d), one hash over all pictures in order, and remarks about them."""

    base: NDArray[np.float32]
    personalized: NDArray[np.float32]
    sha256: str
    notes: tuple[str, ...]


def embed_pairs(
    encoder: ImageEncoder,
    pairing: Pairing,
    cache: bool,
    progress: Progress,
    already: Mapping[str, NDArray[np.float32]] | None = None,
) -> Embedded:
    """Embed both sides of `pairing`; what is in `already` (by content hash) or in the store is not read again."""
    sources = [*pairing.base, *pairing.personalized]
    keys = [sha256_source(source) for source in sources]
    where: dict[str, Source] = dict(zip(keys, sources, strict=True))
    remarks: dict[str, str] = {}
    with ExitStack() as stack:
        store = (
            stack.enter_context(EmbeddingStore(default_cache_dir() / "embeddings.sqlite")) if cache else None
        )
        known = {key: vector for key, vector in (already or {}).items() if key in where}
        if store:
            known |= store.get_many(encoder.identity, [key for key in where if key not in known])
        missing = [key for key in where if key not in known]
        done = len(where) - len(missing)
        progress(STAGE, done, len(where))

        def read(key: str) -> Image:
            picture = read_image(where[key])
            if picture.note:
                remarks[key] = picture.note
            return picture.image

        for batch, vectors in embed(encoder, missing, read):
            fresh = dict(zip(batch, vectors, strict=True))
            known.update(fresh)
            if store:  # a picture with a remark is read every time, so that the remark is made every time
                store.put_many(encoder.identity, {k: v for k, v in fresh.items() if k not in remarks})
            done += len(batch)
            progress(STAGE, done, len(where))
    vectors = np.stack([known[key] for key in keys])
    n = len(pairing.base)
    digest = hashlib.sha256("".join(keys).encode()).hexdigest()
    return Embedded(vectors[:n], vectors[n:], digest, _count(list(remarks.values())))


def _count(remarks: Sequence[str]) -> tuple[str, ...]:
    """Equal remarks become one with a count."""
    return tuple(f"{note} ({remarks.count(note)} of the images)" for note in sorted(set(remarks)))
