"""Cosine of V with every concept vector: what anybody would try first, in three metrics.

score(C) = cos(W V, W f(C)), with one map W for V and the words alike. (In the public reproduction of FineXL the winner
was compared in a whitened space and its rivals in the raw one.)
"""

from __future__ import annotations

from finexl.bench.rivals.protocol import Array, Case
from finexl.method import overlaps
from finexl.method.settings import Settings
from finexl.method.whitening import noise_whitener


def cosine(case: Case) -> Array:
    """In the encoder's space, W = I; shape (k,), in [-1, 1]."""
    scores: Array = overlaps(case.directions, case.V[None])[:, 0]
    return scores


def cosine_whitened(case: Case) -> Array:
    """W = S^(-1/2), S the covariance of the differences shrunk after Ledoit and Wolf (2004); shape (k,).

    Where pairs scatter widely, agreement counts for little.
    """
    return _whitened(case, Settings(ridge=0.0))


def cosine_in_our_metric(case: Case) -> Array:
    """W of method "finexl", which allows for misfit besides; shape (k,). What remains of ours without its pursuit."""
    return _whitened(case, case.settings)


def _whitened(case: Case, settings: Settings) -> Array:
    whitener = noise_whitener(case.D, settings.ridge, settings.plain)
    scores: Array = overlaps(whitener(case.directions), whitener(case.V)[None])[:, 0]
    return scores
