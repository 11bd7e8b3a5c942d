"""Pairs of pictures -> every known measure that the packages and models on this machine allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, Resampling

from finexl.encoders import Encoder, ImageEncoder
from finexl.errors import InputError
from finexl.generators import Pairing
from finexl.measures.perceptual import Lpips, load_lpips
from finexl.method.measures import clip_scores, diversity_changes, drifts, mean_over_prompts
from finexl.storing import embed_pairs
from finexl.types import Measure, Progress

DINO = "facebook/dinov2-base"
SIDE = 256
CHUNK = 16  # pairs held in memory at once
STAGE = "measuring distances"

NO_DINO = (
    f"Drift was not measured: it needs {DINO}, which is not on this machine. Run pip install 'finexl[transformers]' and "
    f"hf download {DINO}, or name another image encoder."
)
NOT_PAIRED = (
    "Drift, LPIPS and pixel distance were not measured: they compare the two images of one prompt and seed."
)


class _Kind(NamedTuple):
    """What a measure is called, counted in and computed from."""

    name: str
    unit: str
    definition: str


DRIFT = _Kind(
    "drift",
    "0..1; 0 is no change, 0.5 unrelated images",
    "Half the cosine distance between the features of the base's and the personalized model's image of a prompt and seed, as in "
    "PEFT's image generation benchmark.",
)
CLIP_SCORE = _Kind(
    "CLIP score change",
    "points of a score of 0..100; 0 is no change, below 0 the prompt is followed less closely",
    "Cosine between an image and its prompt, times 100 and at least 0: personalized less base.",
)
LPIPS = _Kind(
    "LPIPS",
    "0 is no change; it has no upper end, and is below 1 for most images",
    f"Learned perceptual distance (arXiv 1801.03924) of the two images, resized to {SIDE} x {SIDE} pixels.",
)
PIXELS = _Kind(
    "pixel distance",
    "0..1; 0 is no change, 1 black against white",
    f"Mean absolute difference of the RGB values of the two images, resized to {SIDE} x {SIDE} pixels.",
)
DIVERSITY = _Kind(
    "diversity change",
    "share of the base's diversity; 0 is no change, -1 one and the same image every time",
    "Mean squared distance of the images' embeddings from their mean: personalized less base, divided by the base's.",
)

_Mean = Callable[[_Kind, NDArray[np.float64], str | None], Measure]


@dataclass(frozen=True)
class Measured:
    """Figures, and which others could not be had and why, each one sentence."""

    measures: tuple[Measure, ...]
    notes: tuple[str, ...] = ()


def measure(
    pairing: Pairing,
    encoder: Encoder,
    base: NDArray[np.float32],
    personalized: NDArray[np.float32],
    prompts: Sequence[str] | None = None,
    *,
    drift_encoder: str | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    cache: bool = True,
    progress: Progress | None = None,
) -> Measured:
    """Every known measure that these pairs, and the packages and models on this machine, allow.

    Args:
        pairing: the pairs.
        encoder: the one that explains; CLIP scores are measured by its two towers.
        base, personalized: its unit vectors of both sides, shape (n, d).
        prompts: the text that both images of each pair were made from, in order; None where it is not known. Intervals
            are over prompts, each with all its seeds.
        drift_encoder: folder or hub id of the image tower that measures drift, with options after "?"; None for
            facebook/dinov2-base if it is on this machine: a measure is no reason to fetch a model unasked.
        confidence, seed: of the intervals.
        cache: keep the drift encoder's embeddings.
    Raises:
        InputError: there are not as many prompts as pairs, or the named `drift_encoder` cannot be loaded.
        MissingExtraError: it needs transformers, which is not installed.
    Example:
        >>> measured = measure(pairing, encoder, b, q, prompts)             # doctest: +SKIP
        >>> [(m.name, round(m.value, 3)) for m in measured.measures]         # doctest: +SKIP
        [('drift', 0.113), ('CLIP score change', -0.4), ('pixel distance', 0.081)]
    """
    if prompts is not None and len(prompts) != len(pairing.names):
        raise InputError(
            f"{len(prompts)} prompts for {len(pairing.names)} pairs; give one prompt for each pair, in order."
        )

    def mean(kind: _Kind, values: NDArray[np.float64], seen_by: str | None) -> Measure:
        found = mean_over_prompts(values, prompts, confidence, seed=seed)
        return Measure(**kind._asdict(), value=found.value, low=found.low, high=found.high, encoder=seen_by)

    measures: list[Measure] = []
    notes: tuple[str, ...] = (NOT_PAIRED,)
    if pairing.paired:
        found = _between(pairing, _drift_encoder(drift_encoder), mean, cache, progress or _silent)
        measures, notes = list(found.measures), found.notes
    if prompts is not None:
        change = _adherence(encoder, personalized, prompts) - _adherence(encoder, base, prompts)
        measures.append(mean(CLIP_SCORE, change, encoder.name))
    measures.append(mean(DIVERSITY, diversity_changes(base, personalized), encoder.name))
    return Measured(tuple(measures), notes)


def _between(
    pairing: Pairing, eye: ImageEncoder | None, mean: _Mean, cache: bool, progress: Progress
) -> Measured:
    """The measures that compare an image with its counterpart."""
    measures: list[Measure] = []
    notes: list[str] = []
    if eye is None:
        notes.append(NO_DINO)
    else:
        seen = embed_pairs(eye, pairing, cache, progress)
        measures.append(mean(DRIFT, drifts(seen.base, seen.personalized), eye.name))
    lpips, why_not = load_lpips()
    pixels, perceived = _distances(pairing, lpips, progress)
    if lpips is not None:
        measures.append(mean(LPIPS, perceived, lpips.name))
    if why_not is not None:
        notes.append(why_not)
    measures.append(mean(PIXELS, pixels, None))
    return Measured(tuple(measures), tuple(notes))


def _drift_encoder(spec: str | None) -> ImageEncoder | None:
    from finexl.encoders.transformers_images import image_tower, local_image_tower

    return local_image_tower(DINO) if spec is None else image_tower(spec)


def _adherence(encoder: Encoder, images: NDArray[np.float32], prompts: Sequence[str]) -> NDArray[np.float64]:
    """Score of each image; a long prompt is cut at its end, as every implementation of the score does."""
    distinct = list(dict.fromkeys(prompts))
    shorten = getattr(encoder, "shorten", None)
    vectors = encoder.encode_texts(shorten(distinct, ()) if shorten else distinct)
    places = {prompt: i for i, prompt in enumerate(distinct)}
    return clip_scores(images, vectors[[places[prompt] for prompt in prompts]])


def _distances(
    pairing: Pairing, lpips: Lpips | None, progress: Progress
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pixel distance and LPIPS of every pair; the second is empty without `lpips`."""
    pixels: list[NDArray[np.float64]] = []
    perceived: list[NDArray[np.float64]] = [np.empty(0)]
    done, n = 0, len(pairing.names)
    progress(STAGE, done, n)
    for a, b in _small(pairing):
        pixels.append(np.abs(a.astype(np.int16) - b).mean((1, 2, 3)) / 255)
        if lpips is not None:
            perceived.append(lpips(a, b))
        done += len(a)
        progress(STAGE, done, n)
    return np.concatenate(pixels), np.concatenate(perceived)


def _small(pairing: Pairing) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Both sides in chunks, shape (n, 256, 256, 3); decoded in threads."""

    def read(index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        left, right = pairing.pictures(index)
        return _shrunk(left), _shrunk(right)

    n = len(pairing.names)
    with ThreadPoolExecutor(max_workers=cpu_count() or 1) as pool:
        for start in range(0, n, CHUNK):
            pairs = list(pool.map(read, range(start, min(start + CHUNK, n))))
            yield np.stack([a for a, _ in pairs]), np.stack([b for _, b in pairs])


def _shrunk(image: Image) -> NDArray[np.uint8]:
    return np.asarray(image.resize((SIDE, SIDE), Resampling.BICUBIC, reducing_gap=2.0))


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody asked how far it is."""
