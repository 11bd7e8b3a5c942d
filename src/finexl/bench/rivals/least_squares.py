"""Plain least squares over the whole vocabulary at once: V ~ sum_i w_i f(C_i), no noise, no selection, no test."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from finexl.bench.rivals.protocol import Array, Case


def least_squares(case: Case) -> Array:
    """min_w |V - F' w|, of minimum length where it is not unique; shape (k,)."""
    return np.asarray(np.linalg.lstsq(case.directions.T, case.V, rcond=None)[0], dtype=np.float64)


def least_squares_non_negative(case: Case) -> Array:
    """The same under w >= 0; shape (k,)."""
    weights: Array = nnls(case.directions.T, case.V)[0]
    return weights
