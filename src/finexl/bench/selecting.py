"""Choosing a similar model by its explanation, and how good the choice is (protocols P1 and P2).

A pool has many models; those of one training run (here: one implementation of a style, at several levels) may never be
chosen for each other, and runs, not models, are the independent units.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from finexl.bench.contrasts import Told, ratio
from finexl.method import overlaps

Array = NDArray[np.float64]
_TIE_DIGITS = 10  # equal cosines differ in the last digits only


def allowed(runs: Sequence[str]) -> NDArray[np.bool_]:
    """Which model may be chosen for which, shape (m, m): those of all other runs."""
    names = np.asarray(runs)
    return np.asarray(names[:, None] != names[None, :])


def picks(vectors: Array, runs: Sequence[str]) -> list[int]:
    """c(t) = argmax cos(e(t), e(m)) over the models m of other runs; ties by index (P1).

    Args:
        vectors: e of every model, shape (m, d), models in the order of their ids; a zero vector has cosine 0 with all.
        runs: the run of each model, at least two different ones.
    """
    cosines = np.where(allowed(runs), np.round(overlaps(vectors), _TIE_DIGITS), -np.inf)
    chosen: list[int] = np.argmax(cosines, axis=1).tolist()
    return chosen


def chance_same(styles: Sequence[str], runs: Sequence[str]) -> Array:
    """For each target the part of its candidates that share its style, shape (m,): what a random pick scores (P2)."""
    names, may = np.asarray(styles), allowed(runs)
    same = (names[:, None] == names[None, :]) & may
    return np.asarray(same.sum(1) / may.sum(1))


def random_distance(distances: Array, runs: Sequence[str]) -> Array:
    """For each target the mean distance to its candidates, shape (m,): the exact mean of a random pick (P1)."""
    may = allowed(runs)
    return np.asarray(np.where(may, distances, 0.0).sum(1) / may.sum(1))


def oracle_picks(distances: Array, runs: Sequence[str]) -> list[int]:
    """For each target the candidate at the least distance; ties by index (P1)."""
    chosen: list[int] = np.argmin(np.where(allowed(runs), distances, np.inf), axis=1).tolist()
    return chosen


def by_run(values: Sequence[float] | Array, runs: Sequence[str]) -> list[float]:
    """Mean of the values of each run, in the order in which runs first appear."""
    names, x = np.asarray(runs), np.asarray(values, float)
    return [float(x[names == run].mean()) for run in dict.fromkeys(runs)]


def regret(selected: Sequence[float], random: Sequence[float], oracle: Sequence[float]) -> Told:
    """(selected - oracle) / (random - oracle): 0 is as good as can be, 1 no better than chance (P1).

    Args:
        selected, random, oracle: mean distance of each run, in the same order.
    Returns:
        Ratio of the means over runs, with its bootstrap interval over runs.
    """
    return ratio(np.subtract(selected, oracle).tolist(), np.subtract(random, oracle).tolist())
