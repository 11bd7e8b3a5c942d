"""Our three methods as rivals: `finexl.method.decompose`, put in the unit of all other scores.

A weight w_j counts concept vectors; a score is a length along the unit vector f_j / |f_j|, so it is w_j |f_j|. The shared
`explanation_vector` of these scores then points where the method's own fit sum_j w_j f_j does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from finexl.bench.rivals.protocol import Array, Case, scores_of
from finexl.method import decompose, weigh


def algorithm1(case: Case) -> Array:
    """The FineXL paper's Algorithm 1 (Wang and Gao, arXiv 2511.01932), signed; shape (k,)."""
    return explained(case, "algorithm1")


def subspace(case: Case) -> Array:
    """Its author's later variant: vocabulary-whitened, non-negative; shape (k,), >= 0."""
    return explained(case, "subspace")


def finexl(case: Case) -> Array:
    """Ours: noise-whitened signed pursuit that stops at chance; shape (k,), all zero where there is no difference."""
    return explained(case, "finexl")


def finexl_series(cases: Sequence[Case]) -> list[Array]:
    """Ours for a graded series: named once, where the change is strongest, and weighed everywhere; scores (k,) of each.

    So `finexl explain --strengths` reads an adapter's strengths. What is not named at the last case is 0 in all of them.

    Args:
        cases: of the same words and concept vectors; the last is the strongest.
    """
    named = cases[-1]
    settings = replace(named.settings, bootstrap=1)
    chosen = list(decompose(named.D, named.directions, "finexl", settings).indices)
    F = named.directions[chosen]
    lengths = np.linalg.norm(F, axis=1)
    return [
        scores_of(len(case.words), chosen, weigh(case.D, F, settings=settings).weights * lengths)
        if chosen
        else np.zeros(len(case.words))
        for case in cases
    ]


def explained(case: Case, method: str) -> Array:
    """Scores w_j |f_j| of a method of `finexl.method.METHODS`, shape (k,)."""
    # The bootstrap makes the residual's interval, which nobody reads here.
    found = decompose(case.D, case.directions, method, replace(case.settings, bootstrap=1))
    lengths = np.linalg.norm(case.directions[list(found.indices)], axis=1)
    return scores_of(len(case.words), found.indices, found.weights * lengths)
