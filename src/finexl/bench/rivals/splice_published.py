"""SpLiCE's ADMM with the arithmetic of its public code, to be timed against; `splice.admm` gives the same weights sooner.

What differs from `splice.admm`, after reading `splice/admm.py` of github.com/AI4LIFE-GROUP/SpLiCE (2024): the k x k system is factored
itself, not its d x d counterpart; single precision; rho = 5; no relaxation; random starts; 2000 steps at most. There it runs on a GPU.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from finexl.bench.rivals.protocol import Array

RHO, STEPS, TOLERANCE = 5.0, 2000, 1e-6


@dataclass(frozen=True)
class Solved:
    """Attributes:
    weights: shape (m, k), >= 0.
    steps: that were taken.
    converged: both residuals fell below the tolerance.
    in_time: it was not stopped for taking too long.
    """

    weights: Array
    steps: int
    converged: bool
    in_time: bool


def admm_published(C: Array, Z: Array, l1: float, seconds: float = np.inf, seed: int = 0) -> Solved:
    """The weights of `splice.admm`, as published.

    Args:
        C: centred words, shape (k, d); Z: centred images, shape (m, d).
        l1: penalty, > 0.
        seconds: after which no further step is taken.
    """
    began = time.monotonic()
    words, images = C.astype(np.float32), Z.astype(np.float32)
    k = len(words)
    Q = 2 * words @ words.T
    Q[np.diag_indices(k)] += RHO
    factor = cho_factor(Q, overwrite_a=True, check_finite=False)
    gain = 2 * words @ images.T
    rng = np.random.default_rng(seed)
    y, u = (rng.standard_normal(gain.shape, dtype=np.float32) for _ in range(2))
    for step in range(1, STEPS + 1):
        x = cho_solve(factor, gain + RHO * (y - u), overwrite_b=True, check_finite=False)
        before, y = y, np.maximum(0, x + u - np.float32(l1 / RHO))
        u += x - y
        apart, moved = (np.linalg.norm(columns, axis=0).max() for columns in (x - y, RHO * (y - before)))
        if apart < TOLERANCE and moved < TOLERANCE:
            return Solved(y.T.astype(float), step, True, True)
        if time.monotonic() - began > seconds:
            return Solved(y.T.astype(float), step, False, False)
    return Solved(y.T.astype(float), STEPS, False, True)
