"""Every way of turning differences and concept vectors into an ordered list of signed concepts.

One signature, so that all are given the same arrays: (D, F, settings) -> [(index, sign), ...], best first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from finexl.method import Settings, decompose

Ranking = list[tuple[int, int]]
Array = NDArray[np.float64]


def cosine(D: Array, F: Array, settings: Settings) -> Ranking:
    """Signed cosine of V with every concept."""
    scores = (F @ D.mean(0)) / (np.linalg.norm(F, axis=1) + 1e-12)
    return _ordered(scores)


def least_squares(D: Array, F: Array, settings: Settings) -> Ranking:
    """Least squares over the whole vocabulary at once (minimum norm where it is not unique)."""
    weights, *_ = np.linalg.lstsq(F.T, D.mean(0), rcond=None)
    return _ordered(weights)


def non_negative_least_squares(D: Array, F: Array, settings: Settings) -> Ranking:
    """Non-negative least squares over the whole vocabulary at once."""
    weights, _ = nnls(F.T, D.mean(0))
    return _ordered(weights)


def _ordered(scores: Array) -> Ranking:
    order = np.argsort(-np.abs(scores), kind="stable")
    return [(int(i), int(np.sign(scores[i]))) for i in order if scores[i] != 0]


def _by_method(name: str) -> Callable[[Array, Array, Settings], Ranking]:
    def ranking(D: Array, F: Array, settings: Settings) -> Ranking:
        found = decompose(D, F, name, replace(settings, bootstrap=100))
        return [(i, int(np.sign(w))) for i, w in zip(found.indices, found.weights, strict=True)]

    return ranking


RANKINGS: dict[str, Callable[[Array, Array, Settings], Ranking]] = {
    "cosine": cosine,
    "least squares": least_squares,
    "least squares, non-negative": non_negative_least_squares,
    "algorithm1": _by_method("algorithm1"),
    "subspace": _by_method("subspace"),
    "finexl": _by_method("finexl"),
}
