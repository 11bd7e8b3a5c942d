"""Pictures under changes and a vocabulary in one space; the null and the coverage of intervals (P5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from finexl.bench.effects import Effect, Mix
from finexl.encoders import Encoder, embed
from finexl.method import Settings, decompose
from finexl.staircase import directions
from finexl.types import Concept, Progress

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Ranking = Sequence[tuple[int, int]]
"""Indices of concepts with their signs, best first."""
SINGLE_LEVEL = 0.8


@dataclass
class Bench:
    """Ground pictures with their embeddings, and the vocabulary in the same space.

    Attributes:
        encoder: under test.
        concepts: the vocabulary.
        grounds: uint8 RGB pictures, all of one experiment.
        settings: of the decomposition.
    """

    encoder: Encoder
    concepts: Sequence[Concept]
    grounds: Sequence[Pixels]
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        self.F = directions(self.encoder, [c.name for c in self.concepts], None)
        self.base = self.encode(self.grounds)
        settings = self.settings.for_concepts(self.concepts).for_encoder(self.encoder)
        self.settings = settings.for_base(self.base)

    def encode(self, pictures: Sequence[Pixels]) -> Array:
        """Unit vectors (n, d)."""
        parts = [vectors for _, vectors in embed(self.encoder, pictures, Image.fromarray)]
        return np.concatenate(parts).astype(float)

    def differences(self, change: Effect | Mix, level: float, n: int | None = None) -> Array:
        """d_i of the first n grounds under a change at a level."""
        grounds = self.grounds[:n]
        edited = [change.apply(g, level, np.random.default_rng(i)) for i, g in enumerate(grounds)]
        return self.encode(edited) - self.base[:n]


def named(ranking: Ranking, concepts: Sequence[Concept]) -> list[str]:
    """Ranking as signed names: "-x" is less of x."""
    return [("-" if sign < 0 else "") + concepts[i].name for i, sign in ranking]


def reencoded(picture: Pixels, k: int) -> Pixels:
    """The same picture after another file format, in turn: PNG, JPEG 95 and 90, WebP 90."""
    form, options = (
        ("PNG", {}),
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 90}),
        ("WEBP", {"quality": 90}),
    )[k % 4]
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, form, **options)
    return np.asarray(Image.open(buffer).convert("RGB"))


def null(bench: Bench, draws: int, n: int, seed: int, progress: Progress) -> dict[str, float]:
    """Rate of draws in which any aspect is reported although there is none (P5).

    "re-encoded": n grounds against themselves, each draw in one file format. "halves": two disjoint random sets
    of n grounds, unpaired. The third figure is the rate of sign-flip p-values below 1 - confidence in the halves.
    """
    rng = np.random.default_rng(seed)
    files = [bench.encode([reencoded(g, k) for g in bench.grounds]) for k in range(4)]
    counts = {"re-encoded": 0, "halves": 0, "halves, p below 1 - confidence": 0}
    for draw in range(draws):
        progress("null", draw, draws)
        rows = rng.permutation(len(bench.base))[: 2 * n]
        again = files[draw % 4][rows[:n]] - bench.base[rows[:n]]
        counts["re-encoded"] += bool(decompose(again, bench.F, "finexl", bench.settings).indices)
        apart = decompose(bench.base[rows[n:]] - bench.base[rows[:n]], bench.F, "finexl", bench.settings)
        counts["halves"] += bool(apart.indices)
        counts["halves, p below 1 - confidence"] += apart.p_value < bench.settings.alpha
    progress("null", draws, draws)
    return {name: count / draws for name, count in counts.items()}


def coverage(
    bench: Bench, changes: Sequence[Effect | Mix], draws: int, n: int, seed: int, progress: Progress
) -> dict[str, float]:
    """How often intervals from n pairs, drawn with replacement, hold the weight that the same concepts get from all pairs (P5)."""
    from finexl.method.fitting import fit_jointly
    from finexl.method.whitening import noise_whitener

    rng = np.random.default_rng(seed)
    held: list[bool] = []
    pools = [bench.differences(change, SINGLE_LEVEL) for change in changes]
    for draw in range(draws):
        progress("intervals", draw, draws)
        pool = pools[draw % len(pools)]
        found = decompose(pool[rng.integers(len(pool), size=n)], bench.F, "finexl", bench.settings)
        if not found.indices:
            continue
        whitener = noise_whitener(pool, bench.settings.ridge, bench.settings.plain)
        truth = fit_jointly(whitener(pool), whitener(bench.F[list(found.indices)]), 0.95, whitener).weights
        held += [bool(low <= t <= high) for low, high, t in zip(found.low, found.high, truth, strict=True)]
    progress("intervals", draws, draws)
    return {"coverage": float(np.mean(held)), "intervals": float(len(held)), "pool": float(len(bench.base))}


def rate(rows: Sequence[dict[str, object]], method: str, key: str) -> tuple[float, float, float]:
    """Mean of `key` over the rows of a method, with the 95% interval of a bootstrap over changes."""
    values = np.array([float(r[key]) for r in rows if r["method"] == method])  # type: ignore[arg-type]
    picks = np.random.default_rng(0).integers(len(values), size=(2000, len(values)))
    low, high = np.quantile(values[picks].mean(1), [0.025, 0.975])
    return float(values.mean()), float(low), float(high)
