"""Two ways to weigh the embedding dimensions: by the noise (finexl), by the vocabulary (subspace)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_FLOOR = 1e-6  # least variance of any direction, relative to the mean variance


@dataclass(frozen=True)
class NoiseWhitener:
    """The map x -> x (S + misfit)^(-1/2), S being the shrunk covariance of the rows d_i.

    In the whitened space a direction along which single pairs scatter widely counts for little, and that of a plain
    picture for nothing.

    Attributes:
        basis: unit-length principal directions of the rows, shape (r, d), r <= min(n, d).
        scales: factor along each of them, shape (r,).
        rest: factor in all other directions.
        kept: 1 - shrinkage: the part of the sample covariance that is believed.
        leverage: how much each pair shaped the map itself, shape (n,), in [0, 1).
        plain: what comes first: only what lies at right angles to this vector, shape (d,), is seen; None for all.
    """

    basis: Array
    scales: Array
    rest: float
    kept: float
    leverage: Array
    plain: Array | None = None

    def __call__(self, X: Array) -> Array:
        """Whitened rows of X (m, d) or a whitened vector (d,)."""
        X = beside(X, self.plain)
        whitened: Array = ((X @ self.basis.T) * ((self.scales - self.rest) / self.rest)) @ self.basis
        whitened += X  # in place: a long list of concepts is larger than all else together
        whitened *= self.rest
        return whitened


def ledoit_wolf_shrinkage(X: Array) -> float:
    """Weight rho of the spherical target in S = (1 - rho) X'X/n + rho mu I (Ledoit and Wolf 2004).

    Args:
        X: centred rows, shape (n, d).
    Returns:
        rho in [0, 1], the estimate that minimises the expected squared error of S. No d x d array is made
        when n < d.
    """
    n, d = X.shape
    gram = X @ X.T if n < d else X.T @ X  # both have the same squared entries in sum
    mean_variance = np.sum(X**2) / (n * d)
    spread = np.sum(gram**2) / n**2
    to_target = spread / d - mean_variance**2  # |S - mu I|^2 / d
    of_noise = (np.sum(np.sum(X**2, axis=1) ** 2) / n - spread) / (n * d)
    if of_noise <= 0 or to_target <= 0:
        return 0.0
    return float(min(of_noise / to_target, 1.0))


def noise_whitener(D: Array, ridge: float, plain: Array | None = None) -> NoiseWhitener:
    """Whitening by the scatter of the pairs (method section 5.1).

    metric = ((1 - rho) C + (rho + ridge) mu I)^-1 with C the sample covariance of the rows and mu their mean
    variance, trace(C) / d. `ridge` stands for misfit: what no concept says exactly, however many pairs there
    are. It is a ratio of variances of single pairs, so the metric, and with it the weight that is estimated,
    is the same for few pairs as for many.

    Unit vectors lie on a sphere, so a concept vector, a chord from a plain phrase to one with the concept, also leads
    back along the plain one: by half the square of its length, the same for all concepts. A faint change of pictures
    leads back much less, a strong one more. That is no property of any look, so it is left out where an encoder says
    where a plain picture lies (docs/decisions/0014).

    Args:
        D: paired differences, shape (n, d), n >= 2. Only their scatter matters, not their mean.
        ridge: variance of the misfit relative to mu; 0 for none.
        plain: embedding of a picture without any look, shape (d,); None where it is not known.
    """
    if plain is not None:
        return replace(noise_whitener(beside(D, plain), ridge), plain=plain)
    n, d = D.shape
    X = D - D.mean(axis=0)
    mean_variance = float(np.sum(X**2) / (n * d))
    if mean_variance <= 1e-20 * np.mean(D**2):  # all pairs agree up to rounding: ordinary least squares
        return NoiseWhitener(np.zeros((0, d)), np.zeros(0), 1.0, 0.0, np.zeros(n))
    shrinkage = ledoit_wolf_shrinkage(X)
    kept = 1 - shrinkage
    variances, basis = _principal(X)
    rest = max(shrinkage + ridge, _FLOOR) * mean_variance
    scales = 1 / np.sqrt(kept * variances + rest)
    whitener = NoiseWhitener(basis, scales, 1 / float(np.sqrt(rest)), kept, np.zeros(n))
    leverage = kept * np.sum(whitener(X) ** 2, axis=1) / n
    return NoiseWhitener(basis, scales, whitener.rest, kept, leverage)


def beside(X: Array, plain: Array | None) -> Array:
    """What of rows X (m, d), or of a vector (d,), lies at right angles to `plain` (d,); all of it for None."""
    if plain is None:
        return X
    part: Array = X - np.multiply.outer(X @ plain, plain / (plain @ plain))
    return part


def _principal(X: Array) -> tuple[Array, Array]:
    """Variances (r,), ascending, and unit-length principal directions (r, d) of centred rows (n, d)."""
    n, d = X.shape
    if n < d:
        values, vectors = np.linalg.eigh(X @ X.T / n)
        live = values > 1e-10 * max(float(values[-1]), np.finfo(float).tiny)
        basis = (vectors[:, live].T @ X) / np.sqrt(n * values[live])[:, None]
        return values[live], basis
    values, vectors = np.linalg.eigh(X.T @ X / n)
    return np.maximum(values, 0.0), vectors.T


def vocabulary_projection(F: Array, components: int, epsilon: float = 1e-3) -> Array:
    """PCA-truncated whitening of the concept vectors (method section 4): rows x become x @ P.

    Centre F by its mean, keep its largest singular directions, divide each by its singular value s + epsilon
    times the largest one. What all concepts have in common is thereby taken out of the fit.

    Args:
        F: concept vectors, shape (k, d).
        components: directions to keep, at most.
    Returns:
        P of shape (d, c), c <= components.
    """
    variances, basis = _principal(F - F.mean(axis=0))
    largest = float(variances.max(initial=0.0))
    if largest <= 1e-20 * np.mean(F**2):  # one concept, or all of them the same: nothing to whiten by
        return np.eye(F.shape[1])
    strongest = np.argsort(-variances, kind="stable")[:components]
    strongest = strongest[variances[strongest] > 1e-10 * largest]
    sizes = np.sqrt(variances[strongest] * len(F))
    projection: Array = (basis[strongest] / (sizes + epsilon * np.sqrt(largest * len(F)))[:, None]).T
    return projection
