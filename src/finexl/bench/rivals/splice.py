"""SpLiCE: each image as a sparse non-negative sum of words; what the second set has more of than the first.

Bhalla, Oesterling, Srinivas, Calmon and Lakkaraju, "Interpreting CLIP with Sparse Linear Concept Embeddings (SpLiCE)",
NeurIPS 2024, arXiv 2402.10376.

    w(z) = argmin_{w >= 0} |C'w - z|^2 + l1 sum_j w_j
    score = mean_i w(q_i) - mean_i w(b_i)

z is an image embedding less the mean image, C the absolute texts less their mean, all at unit length again. The paper
describes one image or one data set (by the mean of its images' decompositions, which we follow: a decomposition of the
mean image would first average away what makes single images sparse). A contrast between two sets is our addition; the
weights are non-negative, their difference is signed. Where we had to choose:

- the mean image is that of both sets together (the paper stores one for each encoder, over MSCOCO);
- l1: published as a setting (its repository's example has 0.25, and nine words for a photograph), which suits one encoder
  and vocabulary. We take the l1 at which the median image has `ACTIVE` words, found on the exact path; or any fixed l1.
- both published solvers exist, and minimise the same function: scikit-learn's Lasso, and ADMM (Boyd, Parikh,
  Chu, Peleato and Eckstein, "Distributed Optimization and Statistical Learning via the Alternating Direction Method of
  Multipliers", 2011, section 6.4). Published ADMM starts at random; ours starts at zero. `splice_published` keeps its arithmetic;
  tests hold that it gives these weights.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from finexl.bench.rivals.protocol import Array, Case
from finexl.errors import InputError
from finexl.method.directions import unit_rows

ACTIVE = 9
TOLERANCE = 1e-6  # of ADMM's residuals, as published; a smaller score is the solver's own error
_RELAXATION = 1.7  # Boyd et al., section 3.4.3; halves the number of steps
_STEPS = 5000  # published: 2000. Some hundred are usual


def splice_lasso(case: Case, l1: float | None = None) -> Array:
    """Difference of mean weights, solved by coordinate descent; shape (k,). Other arguments as `splice`."""
    return splice(case, lasso, l1)


def splice_admm(case: Case, l1: float | None = None) -> Array:
    """Difference of mean weights, solved by ADMM for all images at once; shape (k,)."""
    return splice(case, admm, l1)


def splice(case: Case, solver: Callable[[Array, Array, float], Array], l1: float | None = None) -> Array:
    """Mean weights of the personalized images less those of the base images.

    Args:
        solver: `lasso` or `admm`.
        l1: penalty on the sum of an image's weights, > 0; None for the one that leaves about `ACTIVE` words.
    Returns:
        Shape (k,): differences of weights on unit-length centred words.
    Raises:
        InputError: l1 is not positive.
    """
    if l1 is not None and not l1 > 0:
        raise InputError(f"l1 {l1}: must be positive, such as 0.25.")
    Z, C = centred(np.concatenate([case.base, case.personalized])), centred(case.texts)
    if not (Z @ C.T > TOLERANCE).any():  # no image agrees with any word: l1 would have nothing to hold back
        return np.zeros(len(C))
    weights = solver(C, Z, l1 or usual_penalty(C, Z))
    n = len(case.base)
    scores: Array = weights[n:].mean(axis=0) - weights[:n].mean(axis=0)
    scores[np.abs(scores) < TOLERANCE] = 0.0
    return scores


def centred(X: Array) -> Array:
    """Rows of X (m, d) less their mean, at unit length; rows equal to the mean become zero."""
    rows: Array = X - X.mean(axis=0)
    rows[np.linalg.norm(rows, axis=1) < TOLERANCE] = 0.0
    return unit_rows(rows)


def usual_penalty(C: Array, Z: Array, active: int = ACTIVE) -> float:
    """The l1 below which the median image has more than `active` words.

    From the exact path of solutions over l1 (Efron, Hastie, Johnstone and Tibshirani, "Least Angle Regression", 2004).
    For an image that no l1 gives so many words, not less than a twentieth of the l1 that silences it.

    Args:
        C: centred words, shape (k, d); Z: centred images, shape (m, d), not all orthogonal to C.
    """
    # Here and in `lasso`: scikit-learn takes a second to import and comes with the extra "bench" only.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import lars_path

    turns = []
    for z in Z[(Z @ C.T > TOLERANCE).any(axis=1)]:
        with warnings.catch_warnings():
            # A duplicated word cannot enter the path twice. That costs a word in the count and nothing else.
            warnings.simplefilter("ignore", ConvergenceWarning)
            path, _, _ = lars_path(C.T, z, method="lasso", positive=True, max_iter=active)
        turns.append(max(path[-1], path[0] / 20))
    return float(2 * C.shape[1] * np.median(turns))  # scikit-learn divides the squares by 2 d


def lasso(C: Array, Z: Array, l1: float) -> Array:
    """Non-negative sparse weights by coordinate descent, one image after another.

    Args:
        C: centred words, shape (k, d); Z: centred images, shape (m, d), m >= 2.
        l1: penalty, > 0.
    Returns:
        Shape (m, k), >= 0.
    """
    from sklearn.linear_model import Lasso

    model = Lasso(alpha=l1 / (2 * C.shape[1]), fit_intercept=False, positive=True, max_iter=100_000, tol=1e-9)
    weights: Array = model.fit(C.T, Z.T).coef_
    return weights


def admm(C: Array, Z: Array, l1: float) -> Array:
    """The same weights by the alternating direction method of multipliers, all images at once.

    x = argmin |C'x - z|^2 + rho/2 |x - y + u|^2;  y = max(0, x + u - l1/rho);  u = u + x - y

    from y = u = 0 until |x - y| and rho |change of y| are below `TOLERANCE` for every image. The system of the first
    step, 2 C C' + rho I, is k x k; its inverse comes from a d x d Cholesky factor, made once (Woodbury's identity). rho
    is the mean non-zero eigenvalue of C C', near which the number of steps is least (published: 5).

    Arguments and result as `lasso`.
    Raises:
        ArithmeticError: not converged after 5000 steps.
    """
    k, d = C.shape
    rho = max(1.0, k / d)
    factor = cho_factor(np.eye(d) * rho / 2 + C.T @ C)
    gain = 2 * Z @ C.T
    y: Array = np.zeros_like(gain)
    u = np.zeros_like(gain)
    for _ in range(_STEPS):
        right = gain + rho * (y - u)
        x = (right - cho_solve(factor, (right @ C).T).T @ C.T) / rho
        mixed = _RELAXATION * x + (1 - _RELAXATION) * y
        before = y
        y = np.maximum(0.0, mixed + u - l1 / rho)
        u += mixed - y
        apart, moved = (np.linalg.norm(rows, axis=1).max() for rows in (x - y, rho * (y - before)))
        if apart < TOLERANCE and moved < TOLERANCE:
            return y
    raise ArithmeticError(
        f"ADMM has not converged after {_STEPS} steps: residuals {apart:.1e} and {moved:.1e}."
    )
