"""What the reported concepts leave unexplained: how much, in which pairs, how many pairs it would take."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from finexl.errors import InputError
from finexl.method.divergence import Estimate, percentile_estimate, squared_length

Array = NDArray[np.float64]


def relative_residual(V: Array, F: Array, w: Array) -> float:
    """The paper's stopping figure |V - F w| / |V| (Algorithm 1, step 4).

    The norm of a vector, divided by the norm of a vector: it does not depend on the encoder's scale. It
    counts noise as unexplained; `corrected_residual` does not.

    Args:
        V: divergence vector, shape (d,).
        F: concept vectors, shape (m, d); w: their weights, shape (m,).
    Returns:
        0 when everything is explained, 1 when nothing is, more when the fit makes it worse. For V = 0 it is 0
        if the fit is zero as well, and infinite otherwise.
    Example:
        >>> relative_residual(np.array([3.0, 4.0]), np.array([[1.0, 0.0]]), np.array([3.0]))
        0.8
    """
    left, whole = float(np.linalg.norm(V - w @ F)), float(np.linalg.norm(V))
    if whole == 0:
        return 0.0 if left == 0 else math.inf
    return left / whole


def pair_weights(D: Array, F: Array) -> Array:
    """Weights of the concepts in every single pair: d_i explained by all concepts jointly, least squares.

    Args:
        D: paired differences, shape (n, d).
        F: the reported concept vectors, shape (m, d).
    Returns:
        Shape (n, m), in concept vectors. Equal concepts share their weight.
    Example:
        >>> pair_weights(np.array([[2.0, 3.0]]), np.eye(2)).round(6)
        array([[2., 3.]])
    """
    weights: Array = D @ np.linalg.pinv(F)
    return weights


def corrected_residual(
    D: Array, F: Array, weights: Array, confidence: float = 0.95, counts: Array | None = None
) -> Estimate:
    """Part of V's length that the concepts leave unexplained, without counting noise as unexplained.

    sqrt(U_r / U_v): U is the noise-corrected squared length of the mean (`squared_length`), of the residual
    rows and of d_i. With weights per pair a resample refits by itself, because the mean over a resample of
    the per-pair fits is the fit of the resample.

    Args:
        D: paired differences, shape (n, d).
        F: the reported concept vectors, shape (m, d).
        weights: of every pair, shape (n, m): rows d_i - w_i F. Or one for all, shape (m,): rows d_i - w F.
        confidence: of the interval.
        counts: bootstrap resamples, shape (draws, n); None gives an interval of no width.
    Returns:
        A relative figure, clipped to 0..1. It is 1 where V is no longer than its noise (U_v <= 0): nothing
        can be said to be explained.
    Example:
        >>> D = np.tile([3.0, 4.0], (4, 1))
        >>> corrected_residual(D, np.array([[1.0, 0.0]]), np.array([3.0])).value
        0.8
    """
    rows = D - weights @ F
    value = float(_ratio(squared_length(rows), squared_length(D))[0])
    if counts is None:
        return Estimate(value, value, value)
    draws = _ratio(squared_length(rows, counts), squared_length(D, counts))
    return percentile_estimate(value, draws, confidence)


def residual_fall(
    D: Array, before: Array, after: Array, confidence: float = 0.95, counts: Array | None = None
) -> Estimate:
    """By how much other concepts lower the unexplained part of V's length, from the same resamples of the pairs.

    Args:
        D: paired differences, shape (n, d).
        before, after: concept vectors of the two explanations, shapes (m, d), refitted jointly to every pair.
        confidence, counts: as in `corrected_residual`.
    Returns:
        Unexplained part before less that after. Paired: a pair that is hard to explain counts in both.
    Example:
        >>> residual_fall(np.tile([3.0, 4.0], (4, 1)), np.zeros((0, 2)), np.array([[1.0, 0.0]])).value.round(6)
        0.2
    """

    def residual(F: Array, m: Array | None) -> Array:
        return _ratio(squared_length(D - pair_weights(D, F) @ F, m), squared_length(D, m))

    value = float((residual(before, None) - residual(after, None))[0])
    if counts is None:
        return Estimate(value, value, value)
    return percentile_estimate(value, residual(before, counts) - residual(after, counts), confidence)


def _ratio(left: Array, whole: Array) -> Array:
    part = np.divide(np.maximum(left, 0.0), whole, out=np.ones_like(whole), where=whole > 0)
    clipped: Array = np.sqrt(np.minimum(part, 1.0))
    return clipped


def carriers(D: Array, F: Array, w: Array, top: int) -> tuple[NDArray[np.intp], Array]:
    """The pairs that carry most of what is unexplained; what to show a person, or a proposer, next.

    The score of pair i is the projection of its residual d_i - w F on the direction of the mean residual of
    the *other* pairs, so that a pair which is merely noisy does not point at itself.

    Args:
        D: paired differences, shape (n, d); F: reported concepts, (m, d); w: their weights, (m,).
        top: how many pairs.
    Returns:
        Indices of at most `top` pairs, largest score first, and their scores (embedding length).
    Example:
        >>> carriers(np.array([[0.0, 1.0], [0.0, 3.0], [0.0, 2.0]]), np.zeros((0, 2)), np.zeros(0), top=2)
        (array([1, 2]), array([3., 2.]))
    """
    rows = D - w @ F
    total = rows.sum(axis=0)
    own = np.sum(rows**2, axis=1)
    along = rows @ total
    others = np.sqrt(np.maximum(0.0, total @ total - 2 * along + own))
    scores = np.divide(along - own, others, out=np.zeros(len(D)), where=others > 1e-12)
    best = np.argsort(-np.round(scores, 12), kind="stable")[:top]
    return best, scores[best]


def pairs_needed(half_width: float, n: int, target: float) -> int:
    """Number of pairs at which an interval of this half-width would shrink to `target`.

    Half-widths shrink as 1 / sqrt(n), so this is n (half_width / target)^2, rounded up, and never below 2. It
    is smaller than n when the target has been met already.

    Raises:
        InputError: `target` is not positive.
    Example:
        >>> pairs_needed(0.2, n=50, target=0.1)
        200
    """
    if not target > 0:
        raise InputError(f"target half-width {target}: must be above 0.")
    return max(2, math.ceil(n * (half_width / target) ** 2 - 1e-9))
