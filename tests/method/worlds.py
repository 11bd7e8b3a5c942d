"""Planted worlds: correlated concept vectors, anisotropic heavy-tailed noise, known weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def correlated_concepts(rng: np.random.Generator, k: int, d: int, topics: int = 40) -> Array:
    """k vectors of length 0.5 that share a common direction and fall into topics, as text embeddings do."""
    centres = rng.standard_normal((topics, d))
    topic = rng.integers(0, topics, k)
    F = 0.5 * rng.standard_normal(d) + 0.5 * centres[topic] + 0.7 * rng.standard_normal((k, d))
    return 0.5 * F / np.linalg.norm(F, axis=1, keepdims=True)


class Noise:
    """Student noise (4 degrees of freedom), spread falling as j^-power, length about `size`."""

    def __init__(self, rng: np.random.Generator, d: int, size: float = 1.0, power: float = 0.5) -> None:
        spread = np.arange(1, d + 1) ** -power
        self.spread = size * spread / np.sqrt(2 * np.sum(spread**2))  # variance of that Student law is 2
        self.axes = np.linalg.qr(rng.standard_normal((d, d)))[0]

    def __call__(self, rng: np.random.Generator, n: int) -> Array:
        return (rng.standard_t(4, (n, len(self.spread))) * self.spread) @ self.axes

    @property
    def covariance(self) -> Array:
        return self.axes.T @ np.diag(2 * self.spread**2) @ self.axes


def unit(X: Array) -> Array:
    return X / np.linalg.norm(X, axis=-1, keepdims=True)
