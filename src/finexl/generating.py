"""Probes -> images of both models, embedded while the next are drawn; no probe drawn and no image encoded twice.

While a generator draws a batch, one thread writes the batch before it to the store and another encodes the one before
that. Whatever is finished is kept at once, so a run that is killed goes on where it was.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from finexl.encoders import Encoder
from finexl.errors import InputError
from finexl.generators import Generator, Pairing, Source, read_image
from finexl.generators.folder import UNPAIRED
from finexl.store import (
    EmbeddingStore,
    ImageStore,
    default_cache_dir,
    image_limit,
    sha256_source,
)
from finexl.types import Probe, Progress

log = logging.getLogger("finexl")

Vector = NDArray[np.float32]
LAG = 2
"""Batches that may be drawn before the one under way is kept and encoded: bounds the memory."""

BLANK = 2.0
"""Spread of gray levels (0..255) below which an image counts as one flat colour."""


class Studio:
    """Draws probes with generators and remembers what it drew, across rounds and models.

    Args:
        encoder: embeds what is drawn.
        cache: keep images and embeddings between runs; without it images stay in memory.
        progress: called as progress(stage, done, total).
    """

    def __init__(self, encoder: Encoder, cache: bool, progress: Progress) -> None:
        self.encoder = encoder
        self.progress = progress
        self.vectors: dict[str, Vector] = {}
        self.notes: list[str] = []
        self._drawn: dict[tuple[str, Probe], Source] = {}
        self._lock = threading.Lock()
        self._images = ImageStore(default_cache_dir() / "images", image_limit()) if cache else None
        self._last: Generator | None = None
        self._unnamed: dict[int, Generator] = {}  # held, so that none of them leaves its number to another

    def draw(self, generator: Generator, probes: Sequence[Probe], stage: str) -> list[Source]:
        """One picture a probe, in order: from an earlier round, from the store, or drawn now.

        The model that drew before is closed first unless it is the same loaded one: two may not fit in memory.

        Raises:
            InputError: the generator gave another number of images than probes, or every image is one flat colour.
        """
        who = generator.identity or f"memory {id(generator)}"
        if not generator.identity:
            self._unnamed[id(generator)] = generator
        missing = [p for p in dict.fromkeys(probes) if not self._known(generator, who, p)]
        done = len(probes) - len(missing)
        self.progress(stage, done, len(probes))
        if missing:
            if self._last is not None and self._last.holder != generator.holder:
                self._last.close()
            self._last = generator
            for finished in self._stream(generator, who, missing):
                done += finished
                self.progress(stage, done, len(probes))
            if self._images:
                self._images.shrink()
        return [self._drawn[who, probe] for probe in probes]

    def close(self) -> None:
        """Let go of the model that drew last."""
        if self._last is not None:
            self._last.close()
        self._last = None

    def _known(self, generator: Generator, who: str, probe: Probe) -> bool:
        if (who, probe) in self._drawn:
            return True
        path = self._images.get(who, probe) if self._images and generator.identity else None
        if path is None:
            return False
        self._drawn[who, probe] = path
        return True

    def _stream(self, generator: Generator, who: str, probes: Sequence[Probe]) -> Iterator[int]:
        """Draw in batches; yields how many images were finished each time."""
        keep = self._images if generator.identity else None
        blank = 0
        with (
            _embeddings(keep is not None) as store,
            ThreadPoolExecutor(1) as writer,
            ThreadPoolExecutor(1) as eye,
        ):
            under_way: deque[Future[int]] = deque()
            for start in range(0, len(probes), generator.batch):
                batch = probes[start : start + generator.batch]
                images = _checked(generator, batch)
                blank += sum(_is_blank(image) for image in images)
                written = writer.submit(self._keep, keep, who, batch, images)
                under_way.append(eye.submit(self._encode, store, written, images))
                while len(under_way) > LAG:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        self._remark(generator, blank, len(probes))

    def _keep(
        self, store: ImageStore | None, who: str, probes: Sequence[Probe], images: Sequence[Image.Image]
    ) -> list[str]:
        """Write images to the store, or hold them in memory; the content hash of each."""
        keys = []
        for probe, image in zip(probes, images, strict=True):
            source: Source = image
            if store is not None:
                try:
                    source = store.put(who, probe, image)
                except InputError as error:
                    log.warning("images are not kept: %s", error)
            with self._lock:
                self._drawn[who, probe] = source
            keys.append(sha256_source(source))
        return keys

    def _encode(
        self, store: EmbeddingStore | None, written: Future[list[str]], images: Sequence[Image.Image]
    ) -> int:
        """Embed a batch, and keep the vectors under the hashes of the images."""
        prepared = np.stack([self.encoder.prepare(image) for image in images])
        vectors = np.asarray(self.encoder.encode_images(prepared), np.float32)
        fresh = dict(zip(written.result(), vectors, strict=True))
        self.vectors.update(fresh)
        if store is not None:
            store.put_many(self.encoder.identity, fresh)
        return len(images)

    def _remark(self, generator: Generator, blank: int, n: int) -> None:
        if blank == n:
            raise InputError(
                f"{generator.name!r} drew {n} images of one flat colour. A safety filter that blackens images or a "
                "number format with too small a range (float16) does that: try dtype=float32 or another seed."
            )
        if blank:
            self.notes.append(f"{blank} of {n} images by {generator.name!r} are one flat colour.")


@contextmanager
def _embeddings(cache: bool) -> Iterator[EmbeddingStore | None]:
    if not cache:
        yield None
        return
    with EmbeddingStore(default_cache_dir() / "embeddings.sqlite") as store:
        yield store


def _checked(generator: Generator, batch: Sequence[Probe]) -> list[Image.Image]:
    """What the generator draws, as RGB."""
    images = generator.generate(batch)
    if len(images) != len(batch):
        raise InputError(
            f"the generator {generator.name!r} gave {len(images)} images for {len(batch)} probes. "
            "It has to give one image a probe, in order."
        )
    return [read_image(image).image for image in images]


def _is_blank(image: Image.Image) -> bool:
    low, high = image.convert("L").getextrema()
    return float(high) - float(low) < BLANK  # type: ignore[arg-type]


def pair_drawn(
    probes: Sequence[Probe],
    base: Sequence[Source],
    personalized: Sequence[Source],
    paired: bool = True,
    notes: tuple[str, ...] = (),
) -> Pairing:
    """The pictures that both models drew of the same probes.

    Args:
        paired: False when a model does not draw the same image of the same probe twice.
        notes: what the reader should know about the images.
    Example:
        >>> pair_drawn([Probe(prompt="a cat", seed=3)], [Path("a.png")], [Path("b.png")]).names
        ('a cat, seed 3',)
    """
    names = tuple(_called(probe) for probe in probes)
    said = notes if paired else (UNPAIRED, *notes)
    return Pairing(names, tuple(base), tuple(personalized), paired, said)


def _called(probe: Probe) -> str:
    parts = [probe.prompt or "", "" if probe.label is None else f"class {probe.label}", f"seed {probe.seed}"]
    return ", ".join(part for part in parts if part)
