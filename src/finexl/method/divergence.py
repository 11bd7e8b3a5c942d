"""How far, and in which direction, the personalized images moved: V_div, its length and its test.

Notation of the paper (arXiv 2511.01932): b_i and q_i are the unit-length embeddings of the images that the
base and the personalized model made of the same probe i; d_i = q_i - b_i; V = mean_i d_i.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from finexl.errors import InputError

Array = NDArray[np.float64]

UNIT_TOLERANCE = 1e-3
EXACT_UP_TO = 9  # 2**8 distinct sign patterns: enumerating them is cheaper than drawing 999
_CHUNK = 256  # sign patterns or resamples handled at once, so that memory stays at 256 * (n + d) floats


@dataclass(frozen=True)
class Estimate:
    """A figure with its confidence interval, low <= value <= high."""

    value: float
    low: float
    high: float


def differences(base: ArrayLike, personalized: ArrayLike) -> Array:
    """Paired difference of image embeddings of every probe, d_i = q_i - b_i (method section 1).

    Args:
        base, personalized: unit-length embeddings of the same probes in the same order, shape (n, d), n >= 2.
    Returns:
        D of shape (n, d), dimensionless; every row's length lies in [0, 2].
    Raises:
        InputError: shapes differ, n < 2, or a row is not finite or not of unit length (named by index).
    Example:
        >>> differences([[1, 0], [1, 0]], [[0, 1], [1, 0]])
        array([[-1.,  1.],
               [ 0.,  0.]])
    """
    b, q = np.asarray(base, dtype=np.float64), np.asarray(personalized, dtype=np.float64)
    if b.ndim != 2 or b.shape != q.shape:
        raise InputError(
            f"embeddings of shape {b.shape} (base) and {q.shape} (personalized): both must be (n, d), "
            "one row for each probe, in the same order."
        )
    if len(b) < 2:
        raise InputError(f"{len(b)} pair of images: at least 2 are needed, 25 or more are better.")
    for label, rows in (("base", b), ("personalized", q)):
        _require_finite(label, rows)
        sizes = np.linalg.norm(rows, axis=1)
        wrong = np.flatnonzero(np.abs(sizes - 1) > UNIT_TOLERANCE)
        if len(wrong):
            i = int(wrong[0])
            raise InputError(
                f"{label} row {i} has length {sizes[i]:.4g}, not 1: divide every embedding by its length."
            )
    D: Array = q - b
    return D


def divergence(base: ArrayLike, personalized: ArrayLike) -> Array:
    """Mean paired difference of image embeddings, V_div (FineXL; method section 1).

    A mean, not a sum: it does not grow with the number of probes.

    Args:
        base, personalized: unit-length embeddings of the same probes in the same order, shape (n, d).
    Returns:
        V of shape (d,), dimensionless; its length lies in [0, 2].
    Raises:
        InputError: as `differences`.
    Example:
        >>> divergence([[1, 0], [1, 0]], [[0, 1], [1, 0]])
        array([-0.5,  0.5])
    """
    V: Array = differences(base, personalized).mean(axis=0)
    return V


def sign_flip_test(D: Array, draws: int = 999, seed: int = 0) -> float:
    """p-value of "no difference": could the signs of the paired differences be chance?

    If personalization does nothing, d_i and -d_i are equally likely, so T(s) = |sum_i s_i d_i|^2 over random
    signs s is the null distribution of T(1). (The noise-corrected length of `squared_length` is T less a
    constant that no sign changes, so both give this same test.) Paired, and exact for every n.

    Args:
        D: paired differences, shape (n, d).
        draws: random sign patterns; n <= 9 enumerates all of them instead.
        seed: of the random signs.
    Returns:
        p in (0, 1]: (1 + #{T(s) >= T(1)}) / (1 + draws). Exactly 1 when all differences are zero.
        Fewer than 6 pairs cannot give p < 0.05, whatever they show.
    Example:
        >>> sign_flip_test(np.ones((6, 3)))
        0.03125
    """
    observed = float(np.sum(D.sum(axis=0) ** 2))
    if not np.any(D):
        return 1.0
    limit = observed * (1 - 1e-12)  # equal patterns differ by rounding only
    n = len(D)
    if n <= EXACT_UP_TO:  # T(s) = T(-s): the first sign may stay +1
        bits = (np.arange(2 ** (n - 1))[:, None] >> np.arange(n - 1)) & 1
        signs = np.hstack([np.ones((len(bits), 1)), 1.0 - 2 * bits])
        return float(np.mean(np.sum((signs @ D) ** 2, axis=1) >= limit))
    rng = np.random.default_rng(seed)
    reached = 0
    for start in range(0, draws, _CHUNK):
        signs = random_signs(min(_CHUNK, draws - start), n, rng)
        reached += int(np.count_nonzero(np.sum((signs @ D) ** 2, axis=1) >= limit))
    return (1 + reached) / (1 + draws)


def random_signs(draws: int, n: int, rng: np.random.Generator) -> Array:
    """Independent signs, +1.0 or -1.0 with equal chance, shape (draws, n)."""
    signs: Array = 2.0 * rng.integers(0, 2, size=(draws, n)).astype(np.float64) - 1.0
    return signs


def resample_counts(n: int, draws: int, seed: int = 0) -> Array:
    """How often each of n pairs occurs in each bootstrap resample, shape (draws, n); every row sums to n.

    Example:
        >>> resample_counts(4, 2, seed=0).sum(axis=1)
        array([4., 4.])
    """
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1.0 / n), size=draws).astype(np.float64)


def squared_length(D: Array, counts: Array | None = None) -> Array:
    """Squared length of the mean of D without the upward bias of noise (a U-statistic).

    U = sum_{i != j} d_i.d_j / (n (n - 1)). Where |V|^2 has expectation |mu|^2 + trace(noise) / n, U has
    |mu|^2; so it may be negative. In a resample with counts m, two copies of the same pair share their noise
    and are left out likewise: U(m) = (|m D|^2 - sum_i m_i^2 |d_i|^2) / (n^2 - sum_i m_i^2).

    Args:
        D: shape (n, d), n >= 2.
        counts: resamples as `resample_counts` gives them, shape (draws, n); None for the data themselves.
    Returns:
        Shape (draws,), or (1,) without counts.
    Example:
        >>> squared_length(np.array([[3.0, 0.0], [1.0, 1.0]]))
        array([3.])
    """
    m = np.ones((1, len(D))) if counts is None else counts
    own = np.sum(D**2, axis=1)
    pairs = len(D) ** 2 - np.sum(m**2, axis=1)
    total = np.sum((m @ D) ** 2, axis=1) - m**2 @ own
    # pairs is 0 when one pair fills the whole resample: nothing independent is left to measure.
    values: Array = np.divide(total, pairs, out=np.zeros_like(total), where=pairs > 0)
    return values


def length(D: Array, confidence: float = 0.95, draws: int = 500, seed: int = 0) -> Estimate:
    """Length of V_div, corrected for noise, with a percentile bootstrap interval over pairs.

    Args:
        D: paired differences, shape (n, d), n >= 2.
        confidence: of the interval, in (0, 1).
        draws, seed: of the bootstrap.
    Returns:
        sqrt(max(0, U)) of `squared_length`, in the encoder's unit-length embedding space, 0..2.
    Example:
        >>> length(np.tile([0.6, 0.8], (5, 1)))
        Estimate(value=1.0, low=1.0, high=1.0)
    """
    value = float(np.sqrt(max(0.0, float(squared_length(D)[0]))))
    lengths = np.sqrt(np.maximum(0.0, squared_length(D, resample_counts(len(D), draws, seed))))
    return percentile_estimate(value, lengths, confidence)


def percentile_estimate(value: float, draws: Array, confidence: float) -> Estimate:
    """`value` with the central `confidence` part of `draws` (widened to hold the value, where it must be)."""
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(value, min(float(low), value), max(float(high), value))


def require_rows(label: str, rows: ArrayLike, least: int) -> Array:
    """`rows` as a finite float array (n, d), n >= `least`; an InputError names the first bad row."""
    array = np.asarray(rows, dtype=np.float64)
    if array.ndim != 2 or len(array) < least or array.shape[1] == 0:
        raise InputError(
            f"{label} has shape {array.shape}: expected (rows, dimensions) with at least {least} rows."
        )
    _require_finite(label, array)
    return array


def _require_finite(label: str, rows: Array) -> None:
    wrong = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(wrong):
        raise InputError(f"{label} row {int(wrong[0])} holds a value that is not finite (NaN or infinity).")
