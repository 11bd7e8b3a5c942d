"""CARLoS: direction, strength and consistency of what an adapter does, from the differences of its images.

Sarfaty, Haviv, Hacohen, Elkin-Koren, Livni and Bermano, "CARLoS: Retrieval via Concise Assessment Representation of
LoRAs at Scale", CVPR 2026, arXiv 2512.08826.

    direction = mean_i d_i (here at unit length);   strength = mean_i |d_i|;   consistency = mean_{i<j} cos(d_i, d_j)

It finds adapters for a query by the cosine of their direction with mean_t [Enc(t + query) - Enc(t)], which is f(C); it
puts nothing in words. Read backwards, the words of an adapter are those whose f(C) lies along its direction. A word's
score here is strength times that cosine: the order is CARLoS's own, and models of different strength can be compared.
Its filters (strength <= 9.8, consistency >= 0.041) are left out, for they belong to one encoder's unnormalised features.

|d_i| counts noise: E|d_i|^2 = |mu|^2 + trace(noise), so two samples of one and the same model have a strength, and a
long one. `unbiased_strength` estimates |mu| alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finexl.bench.rivals.protocol import Array, Case
from finexl.method import overlaps, squared_length
from finexl.method.directions import unit_rows


@dataclass(frozen=True, eq=False)
class Signature:
    """What CARLoS keeps of an adapter.

    Attributes:
        direction: unit vector (d,); zero where the differences cancel.
        strength: mean length of the differences, as published, 0..2.
        unbiased_strength: length of their mean without the part that is noise, 0..2.
        consistency: mean cosine of two different pairs, -1..1; a pair that did not change counts as 0.
    """

    direction: Array
    strength: float
    unbiased_strength: float
    consistency: float


def signature(D: Array) -> Signature:
    """The three parts, and the strength as it should be, of paired differences D (n, d), n >= 2."""
    n, units = len(D), unit_rows(D)
    own = float(np.sum(units**2))
    return Signature(
        direction=unit_rows(D.mean(axis=0)[None])[0],
        strength=float(np.linalg.norm(D, axis=1).mean()),
        unbiased_strength=float(np.sqrt(max(0.0, float(squared_length(D)[0])))),
        consistency=(float(np.sum(units.sum(axis=0) ** 2)) - own) / (n * (n - 1)),
    )


def carlos_published(case: Case) -> Array:
    """Strength as published times cos(direction, f(C)), shape (k,)."""
    found = signature(case.D)
    return found.strength * _cosines(case, found)


def carlos_unbiased(case: Case) -> Array:
    """Unbiased strength times cos(direction, f(C)), shape (k,); all zero where the differences look like noise."""
    found = signature(case.D)
    return found.unbiased_strength * _cosines(case, found)


def _cosines(case: Case, found: Signature) -> Array:
    scores: Array = overlaps(case.directions, found.direction[None])[:, 0]
    return scores
