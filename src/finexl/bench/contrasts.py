"""Ours against another method on the same independent runs: differences, ratios, a permutation test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finexl.bench.experiment import Row
from finexl.bench.intervals import DRAWS, mean_interval, told
from finexl.method import sign_flip_test

Told = tuple[float, float, float]
"""A figure and the ends of its 95% interval."""


def by_method(rows: Sequence[Row], key: str) -> dict[str, list[float]]:
    """Values of `key` by method, each in the order of the rows."""
    found: dict[str, list[float]] = {}
    for row in rows:
        found.setdefault(row["method"], []).append(float(row[key]))
    return found


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Told:
    """Mean of ours minus theirs, with its bootstrap interval over the runs, paired.

    Args:
        ours, theirs: one value for each independent run, in the same order.
    """
    return mean_interval(np.subtract(ours, theirs).tolist())


def ratio(tops: Sequence[float], bottoms: Sequence[float], seed: int = 0) -> Told:
    """mean(tops) / mean(bottoms), with its bootstrap interval over the runs, drawn together.

    NaN where there are no runs or the bottoms' mean is zero; the interval is that of the draws in which it is not.
    """
    top, bottom = np.asarray(tops, float), np.asarray(bottoms, float)
    if not len(top) or bottom.mean() == 0:
        return float("nan"), float("nan"), float("nan")
    picks = np.random.default_rng(seed).integers(len(top), size=(DRAWS, len(top)))
    over, under = top[picks].mean(1), bottom[picks].mean(1)
    low, high = np.quantile(over[under != 0] / under[under != 0], [0.025, 0.975])
    return float(top.mean() / bottom.mean()), float(low), float(high)


def permutation_p(ours: Sequence[float], theirs: Sequence[float], seed: int = 0) -> float:
    """Two-sided p of "no difference": within each run the two methods may change places (9999 draws, or all if few)."""
    apart = np.subtract(ours, theirs)[:, None]
    return sign_flip_test(apart, 9999, seed)


def against(ours: Sequence[float], theirs: Sequence[float], digits: int = 2) -> str:
    """ "ours minus it" as a table tells it; "-" for ours itself."""
    return "-" if ours is theirs else told(difference(ours, theirs), digits)


def best(figures: dict[str, list[float]], names: Sequence[str], largest: bool = True) -> str:
    """The name with the best mean; of equals the first."""
    sign = 1 if largest else -1
    return max(names, key=lambda name: sign * float(np.mean(figures[name])))
