"""Arithmetic of graded effects (protocol P3): rank error, recovered level, leakage, each with what chance would give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.stats import rankdata, spearmanr

Array = NDArray[np.float64]


def spread(count: int, size: int) -> list[int]:
    """`count` of the places 0..size-1, the first and the last among them, as even as whole numbers allow.

    Example:
        >>> spread(3, 10), spread(5, 10), spread(8, 10)
        ([0, 4, 9], [0, 2, 4, 7, 9], [0, 1, 3, 4, 5, 6, 8, 9])
    """
    places: list[int] = np.rint(np.linspace(0, size - 1, count)).astype(int).tolist()
    return places


def rank_error(weights: Sequence[float]) -> float:
    """mean |rank(w) - rank(level)| over models in the order of their levels; tied weights share their mean rank (P3)."""
    return float(np.mean(np.abs(rankdata(weights) - np.arange(1, len(weights) + 1))))


def chance_rank_error(count: int) -> float:
    """Its mean for weights in random order, (L^2 - 1) / (3 L). A weight that never changes has L / 4 for even L, which is less.

    Example:
        >>> [round(chance_rank_error(count), 2) for count in (3, 5, 8, 10)]
        [0.89, 1.6, 2.62, 3.3]
    """
    return (count**2 - 1) / (3 * count)


def rank_correlation(weights: Sequence[float]) -> float:
    """Spearman's correlation of weight and level; 0 for a weight that never changes."""
    if not np.ptp(weights):
        return 0.0
    return float(spearmanr(np.arange(len(weights)), weights).statistic)


def recovered_levels(weights: Sequence[float], levels: Sequence[float]) -> Array:
    """Level of each model by its weight and the other models' weights and levels alone (leave one out).

    The map from weight to level is the non-decreasing one that fits the *other* models best (isotonic regression), straight
    between them, continued beyond them along its outermost piece, and kept within the first and the last level.

    Args:
        weights: shape (L,), L >= 3; levels: ascending, of the same models.
    Returns:
        Shape (L,), in the unit of the levels.
    """
    w, known = np.asarray(weights, float), np.asarray(levels, float)
    others = [np.arange(len(w)) != i for i in range(len(w))]
    with np.errstate(
        over="ignore"
    ):  # two weights next to each other make a slope beyond all bounds, and the scale holds
        found = [_read(w[rest], known[rest], float(w[i])) for i, rest in enumerate(others)]
    return np.clip(found, known[0], known[-1])


def _read(x: Array, y: Array, at: float) -> float:
    """The non-decreasing map of x to y, read at one place."""
    values, place = np.unique(x, return_inverse=True)
    counts = np.bincount(place)
    fitted = isotonic_regression(np.bincount(place, y) / counts, weights=counts).x
    if len(values) > 1 and at < values[0]:
        return float(fitted[0] + (at - values[0]) * (fitted[1] - fitted[0]) / (values[1] - values[0]))
    if len(values) > 1 and at > values[-1]:
        return float(fitted[-1] + (at - values[-1]) * (fitted[-1] - fitted[-2]) / (values[-1] - values[-2]))
    return float(np.interp(at, values, fitted))


def level_error(weights: Sequence[float], levels: Sequence[float]) -> float:
    """mean |recovered level - level|, in mean steps of the levels."""
    step = (levels[-1] - levels[0]) / (len(levels) - 1)
    return float(np.mean(np.abs(recovered_levels(weights, levels) - np.asarray(levels))) / step)


def uninformed_level_error(levels: Sequence[float]) -> float:
    """The same for a weight that never changes: each level is taken for the mean of the others.

    Example:
        >>> round(uninformed_level_error(range(1, 11)), 2)
        2.78
    """
    return level_error([0.0] * len(levels), levels)


def leakage(named: Iterable[tuple[str, float]], right: Sequence[str]) -> float:
    """Off-aspect leakage sum |w_other| / sum |w| (P3); NaN where nothing is named.

    Args:
        named: signed words ("-x" is less of x) with their weights.
        right: signed words that belong to the aspect.
    """
    pairs = [(word, abs(weight)) for word, weight in named]
    total = sum(weight for _, weight in pairs)
    other = sum(weight for word, weight in pairs if word not in right)
    return other / total if total > 0 else float("nan")
