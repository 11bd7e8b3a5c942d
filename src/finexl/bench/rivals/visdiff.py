"""VisDiff's ranker: how well the cosine with a text tells the images of one set from those of the other.

Dunlap, Zhang, Wang, Zhong, Darrell, Steinhardt, Gonzalez and Yeung-Levy, "Describing Differences in Image Sets with
Natural Language", CVPR 2024, arXiv 2312.02974.

    AUROC(C) = P(cos(q, C) > cos(b, C)) + P(equal) / 2,    q and b drawn independently from the two sets
    score(C) = 2 AUROC(C) - 1

Published: one direction only (set A has more of it), sorted by AUROC, Welch's unpaired t-test at 0.05 for each word by
itself. Ours: both directions, because the score is signed; Holm's correction over all words, because thousands are
tested on the same images; 0 where that is not significant. Everything else, the unpaired test and AUROC's blindness to
size included, is VisDiff's own. `visdiff_paired` differs in the test alone. The captioner and language model that
propose phrases are left out: the vocabulary takes their place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import stdtr
from scipy.stats import rankdata

from finexl.bench.rivals.protocol import Array, Case
from finexl.errors import InputError
from finexl.method import holm

Test = Callable[[Array, Array], tuple[Array, Array]]
_TIE_DIGITS = 10  # the same picture at two places of a matrix product differs in the last digits only


def visdiff_welch(case: Case) -> Array:
    """2 AUROC - 1 of every word that Welch's test and Holm's correction leave standing, shape (k,), in [-1, 1]."""
    return _visdiff(case, welch)


def visdiff_paired(case: Case) -> Array:
    """The same with the paired t-test that paired images call for."""
    return _visdiff(case, paired)


def _visdiff(case: Case, test: Test) -> Array:
    after, before = (
        np.round(images @ case.texts.T, _TIE_DIGITS) for images in (case.personalized, case.base)
    )
    _, p = test(after, before)
    return np.where(holm(p) < case.settings.alpha, 2 * auroc(after, before) - 1, 0.0)


def auroc(after: Array, before: Array) -> Array:
    """Area under the ROC curve of telling `after` from `before`, by column (Mann and Whitney's U over n m).

    Args:
        after: similarities of the second set with each word, shape (n, k).
        before: of the first set, shape (m, k).
    Returns:
        Shape (k,), in [0, 1]; ties count half.
    """
    n, m = len(after), len(before)
    ranks = rankdata(np.concatenate([after, before]), axis=0)[:n]
    area: Array = (ranks.sum(axis=0) - n * (n + 1) / 2) / (n * m)
    return area


def welch(after: Array, before: Array) -> tuple[Array, Array]:
    """Welch's t and two-sided p by column; samples of unequal variance and, wrongly for pairs, independent.

    Args:
        after, before: shape (n, k) and (m, k), n and m >= 2.
    Returns:
        t and p, each of shape (k,).
    """
    parts = [rows.var(axis=0, ddof=1) / len(rows) for rows in (after, before)]
    variance = parts[0] + parts[1]
    bottom = parts[0] ** 2 / (len(after) - 1) + parts[1] ** 2 / (len(before) - 1)
    degrees = np.divide(variance**2, bottom, out=np.ones_like(variance), where=bottom > 0)
    return _student(after.mean(axis=0) - before.mean(axis=0), np.sqrt(variance), degrees)


def paired(after: Array, before: Array) -> tuple[Array, Array]:
    """Student's t and two-sided p of the differences within pairs, by column; shapes as `welch`, n = m."""
    D = after - before
    error = D.std(axis=0, ddof=1) / np.sqrt(len(D))
    return _student(D.mean(axis=0), error, np.full(D.shape[1], len(D) - 1.0))


def _student(mean: Array, error: Array, degrees: Array) -> tuple[Array, Array]:
    """t = mean / error and its p; without any scatter t is infinite, or 0 where the mean is 0 too."""
    t = np.divide(mean, error, out=np.copysign(np.inf, mean), where=error > 1e-12 * np.abs(mean))
    t[mean == 0] = 0.0
    p: Array = 2 * stdtr(degrees, -np.abs(t))
    return t, p


def impure(case: Case, purity: float) -> Case:
    """The same case with the first 1 - `purity` of its pairs exchanged between the sets (VisDiff's `purity`).

    Both sets are built from the original ones. (In VisDiff's code the second is built from the first as already
    overwritten, so that it gets its own images back.) V becomes about 2 purity - 1 times as long.

    Args:
        purity: share of images that stay, in [0, 1]; 1 changes nothing, 0 exchanges the sets.
    Raises:
        InputError: `purity` is outside [0, 1].
    """
    if not 0 <= purity <= 1:
        raise InputError(f"purity {purity}: must lie between 0 and 1.")
    swap = np.arange(len(case.base)) < round((1 - purity) * len(case.base))
    base = np.where(swap[:, None], case.personalized, case.base)
    personalized = np.where(swap[:, None], case.base, case.personalized)
    return replace(case, base=base, personalized=personalized)
