"""Means with intervals, as the tables tell them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

DRAWS = 2000


def mean_interval(values: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """Mean and its 95% bootstrap interval over the values, which have to be independent runs; NaN where there are none."""
    if not len(values):
        return float("nan"), float("nan"), float("nan")
    x = np.asarray(values, float)
    picks = np.random.default_rng(seed).integers(len(x), size=(DRAWS, len(x)))
    low, high = np.quantile(x[picks].mean(1), [0.025, 0.975])
    return float(x.mean()), float(low), float(high)


def told(figure: tuple[float, float, float], digits: int = 2) -> str:
    """ "0.84 [0.76, 0.92]", or "-" where there is nothing to tell."""
    if np.isnan(figure[0]):
        return "-"
    return "{0:.{3}f} [{1:.{3}f}, {2:.{3}f}]".format(*figure, digits)
