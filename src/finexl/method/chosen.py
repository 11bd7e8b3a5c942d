"""A fixed set of concepts fitted to several sets of differences: strengths of one adapter, or two rivals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from finexl.errors import InputError
from finexl.method.directions import unit_rows
from finexl.method.divergence import Estimate, require_rows
from finexl.method.fitting import Fit, fit_jointly
from finexl.method.settings import Settings
from finexl.method.whitening import noise_whitener, vocabulary_projection

Array = NDArray[np.float64]
HARDLY = 0.9
"""Part of its largest weight from which a concept counts as grown."""


def weigh(
    D: Array,
    F: Array,
    chosen: Sequence[int] | None = None,
    method: str = "finexl",
    settings: Settings | None = None,
) -> Fit:
    """Weights of concepts that were chosen elsewhere, in the metric of `method`.

    Args:
        D: paired differences, shape (n, d), n >= 2.
        F: concept vectors of all candidates, shape (k, d), which make the metric of `subspace`.
        chosen: rows of F that are weighed; all if None.
    Example:
        >>> D = np.tile([0.3, 0.4], (5, 1))
        >>> weigh(D, np.eye(2)).weights.round(2)
        array([0.3, 0.4])
    """
    settings = settings or Settings()
    D = require_rows("paired differences D", D, least=2)
    rows = list(range(len(F)) if chosen is None else chosen)
    if method == "finexl":
        whitener = noise_whitener(D, settings.ridge, settings.plain)
        return fit_jointly(whitener(D), whitener(F[rows]), settings.confidence, whitener)
    if method == "subspace":
        projection = vocabulary_projection(F, settings.components)
        return fit_jointly(D @ projection, F[rows] @ projection, settings.confidence)
    return fit_jointly(D, F[rows], settings.confidence)


class FitsOfTwo(NamedTuple):
    """Joint fits of the same concepts to A, to B and to B less A; the third is the second less the first."""

    a: Fit
    b: Fit
    difference: Fit


def contrast(A: Array, B: Array, F: Array, settings: Settings | None = None) -> FitsOfTwo:
    """What each concept weighs in two personalizations of one base, and in what tells them apart.

    All three fits use one metric, whitened by the scatter of B - A, so that the weights of the difference are the
    differences of the weights, pair by pair. The interval of the difference is a paired one: content that both
    share cancels, so it is as a rule narrower than the two intervals would suggest.

    Args:
        A, B: paired differences to the base on the same probes in the same order, shape (n, d), n >= 2.
        F: chosen concept vectors, shape (m, d).
    Raises:
        InputError: the shapes of A and B differ.
    """
    settings = settings or Settings()
    A, B = require_rows("differences A", A, least=2), require_rows("differences B", B, least=2)
    if A.shape != B.shape:
        raise InputError(f"A has shape {A.shape}, B has {B.shape}: compare both on the same probes.")
    whitener = noise_whitener(B - A, settings.ridge, settings.plain)
    Fw = whitener(F)
    return FitsOfTwo(
        fit_jointly(whitener(A), Fw, settings.confidence),
        fit_jointly(whitener(B), Fw, settings.confidence),
        fit_jointly(whitener(B - A), Fw, settings.confidence, whitener),
    )


def distinct(F: Array, order: Sequence[int], redundancy: float) -> list[int]:
    """Those rows of F, taken in `order`, that overlap with no earlier one by more than `redundancy`.

    Example:
        >>> distinct(np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]]), [0, 1, 2], 0.5)
        [0, 2]
    """
    units = unit_rows(F)
    kept: list[int] = []
    for j in dict.fromkeys(order):
        if not kept or np.abs(units[kept] @ units[j]).max() <= redundancy:
            kept.append(j)
    return kept


def useful_strengths(
    strengths: Sequence[float], leading: Sequence[Estimate], residuals: Sequence[Estimate]
) -> tuple[float, float] | None:
    """The range of strengths worth using, from a sweep of positive strengths in ascending order.

    It begins where the leading concept's interval first excludes zero on the side on which the concept ends up, and
    ends where the concept first reaches nine tenths of its largest weight, or before that at the last strength
    whose unexplained part is not clearly larger (intervals apart) than it was where the range begins.

    Args:
        leading: weight of the leading concept at each strength.
        residuals: unexplained part at each strength.
    Returns:
        (from, to), or None where the concept never shows.
    Example:
        >>> w = [Estimate(v, v - 0.1, v + 0.1) for v in (0.05, 0.4, 0.78, 0.8)]
        >>> useful_strengths([0.25, 0.5, 0.75, 1.0], w, [Estimate(0.2, 0.1, 0.3)] * 4)
        (0.5, 0.75)
    """
    values = np.array([w.value for w in leading])
    side = np.sign(values[int(np.argmax(np.abs(values)))]) if len(values) else 0.0
    shows = [i for i, w in enumerate(leading) if (w.low > 0 if side > 0 else w.high < 0)]
    if not shows:
        return None
    first = last = shows[0]
    grown = HARDLY * float(np.abs(values).max())
    for i in range(first, len(values)):
        if residuals[i].low > residuals[first].high:
            break
        last = i
        if side * values[i] >= grown:
            break
    return strengths[first], strengths[last]
