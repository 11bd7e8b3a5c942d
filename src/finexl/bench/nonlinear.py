"""What do the words of an explanation miss: a further direction, or a curve? Judged on pictures that nothing was fitted to.

A change is seen at several levels. Its words give every pair a score each, s_i = argmin |d_i - s F|, and leave e_i = d_i - s_i F.
Six explanations of e_i are fitted on one half of the pictures:

    words        nothing further: the linear reading
    word         the best further word of the vocabulary, its score read from the pair as well
    direction    the best further direction of all, word or not, its score read likewise: no single word could do better
    straight     e = a + s G: what is missing goes along with the words in proportion
    products     straight, and on top of it squares and products of two scores
    kernel       straight, and on top of it Gaussian kernel ridge regression on the scores

and the squared length of what they leave of V, corrected for noise, is taken over the levels on the other half. Where `straight` or
`direction` mend what `words` leave, a word is missing; where only `products` or `kernel` do, linearity is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from finexl.method import pair_weights, squared_length
from finexl.method.directions import unit_rows

Array = NDArray[np.float64]
Kernel = Callable[[Array, Array], Array]
NAMES = ("words", "word", "direction", "straight", "products", "kernel")
PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
FOLDS = 5


def anatomy(levels: Sequence[Array], F: Array, vocabulary: Array) -> dict[str, float]:
    """Part of V's squared length that each explanation leaves on the held-out pictures.

    Args:
        levels: differences of the same pictures at each level, each (n, d), n >= 4; every second picture is held out.
        F: the words of the explanation, shape (m, d), m >= 1; vocabulary: candidates for one more, shape (k, d).
    Returns:
        By name as above; about 0 to 1, below 0 by chance alone. NaN where there is no change.
    """
    seen, held = np.arange(0, len(levels[0]), 2), np.arange(1, len(levels[0]), 2)
    scores = [pair_weights(D, F) for D in levels]
    left = [D - S @ F for D, S in zip(levels, scores, strict=True)]
    whole = _energy([D[held] for D in levels])
    if whole <= 0:
        return dict.fromkeys(NAMES, float("nan"))
    means = np.stack([E[seen].mean(axis=0) for E in left])
    news = unit_rows(vocabulary - pair_weights(vocabulary, F) @ F)
    word = vocabulary[[int(np.argmax(np.sum((means @ news.T) ** 2, axis=0)))]]
    direction = np.linalg.svd(means, full_matrices=False)[2][:1]

    S, E = (np.concatenate([rows[seen] for rows in part]) for part in (scores, left))
    pictures = np.tile(np.arange(len(seen)), len(levels))
    guesses = {
        "straight": straight(S, E),
        "products": curved(products, S, E, pictures),
        "kernel": curved(gaussian, S, E, pictures),
    }
    rest: dict[str, list[Array]] = {"words": [rows[held] for rows in left]}
    for name, new in (("word", word), ("direction", direction)):
        wider = np.concatenate([F, new])
        rest[name] = [D[held] - pair_weights(D[held], wider) @ wider for D in levels]
    for name, guess in guesses.items():
        rest[name] = [E[held] - guess(S[held]) for E, S in zip(left, scores, strict=True)]
    return {name: _energy(rest[name]) / whole for name in NAMES}


def _energy(levels: Sequence[Array]) -> float:
    """Squared length of V, corrected for noise, summed over levels."""
    return sum(float(squared_length(D)[0]) for D in levels)


def straight(S: Array, E: Array) -> Callable[[Array], Array]:
    """Least squares of E (n, d) on scores S (n, m) with an intercept, as a function of scores."""
    coefficients, *_ = np.linalg.lstsq(_with_one(S), E, rcond=None)
    return lambda new: np.asarray(_with_one(new) @ coefficients)


def _with_one(S: Array) -> Array:
    return np.hstack([np.ones((len(S), 1)), S])


def curved(kernel: Kernel, S: Array, E: Array, pictures: NDArray[np.intp]) -> Callable[[Array], Array]:
    """`straight` and kernel ridge regression at once, on standardised scores.

    The penalty, or none of the kernel at all, is what predicts best in a cross-validation that keeps the rows of one picture
    together (`pictures`: of each row, shape (n,)).
    """
    folds = pictures % FOLDS
    costs = dict.fromkeys((*PENALTIES, np.inf), 0.0)
    for fold in range(FOLDS):
        inner, outer = folds != fold, folds == fold
        for penalty in costs:
            guess = _kernel_ridge(kernel, S[inner], E[inner], penalty)
            costs[penalty] += float(np.sum((E[outer] - guess(S[outer])) ** 2))
    return _kernel_ridge(kernel, S, E, min(costs, key=lambda penalty: costs[penalty]))


def _kernel_ridge(kernel: Kernel, S: Array, E: Array, penalty: float) -> Callable[[Array], Array]:
    """Straight line and kernel fitted together; the line costs no penalty."""
    if np.isinf(penalty):
        return straight(S, E)
    mean, size = S.mean(axis=0), np.maximum(S.std(axis=0), 1e-12)
    Z = (S - mean) / size
    K = kernel(Z, Z)
    line = _with_one(Z)
    off = np.eye(len(K)) - line @ np.linalg.pinv(line)  # projects off all that a line says
    ridge = max(penalty * float(np.trace(K)) / len(K), 1e-12)
    alpha = np.linalg.solve(off @ K @ off + ridge * np.eye(len(K)), off @ E)
    rest = straight(S, E - K @ alpha)
    return lambda new: np.asarray(rest(new) + kernel((new - mean) / size, Z) @ alpha)


def products(A: Array, B: Array) -> Array:
    """(a . b)^2, the inner product of all squares and products of two scores."""
    return np.asarray((A @ B.T) ** 2)


def gaussian(A: Array, B: Array) -> Array:
    """exp(-|a - b|^2 / 2 m) of standardised scores (., m): as wide as two of them usually lie apart."""
    squares = np.sum(A**2, axis=1)[:, None] + np.sum(B**2, axis=1) - 2 * A @ B.T
    return np.asarray(np.exp(-np.maximum(squares, 0) / (2 * A.shape[1])))
