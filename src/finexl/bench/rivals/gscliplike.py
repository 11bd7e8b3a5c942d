"""GSCLIP's selector: cosine of each text with the difference between the two sets' means.

Zhu, Liang and Zou, "GSCLIP: A Framework for Explaining Distribution Shifts in Natural Language", ICML 2022 DataPerf
workshop, arXiv 2206.15007.

    score(C) = cos(Enc(text of C), mean_i q_i - mean_i b_i)

Its generators (templates, a language model) propose sentences about a shift; here the vocabulary takes their place. Their
texts are embedded as they are: no neutral prompt is taken off, so what all texts have in common is in every score.
"""

from __future__ import annotations

from finexl.bench.rivals.protocol import Array, Case
from finexl.method import overlaps


def gsclip(case: Case) -> Array:
    """Cosine of every absolute text with V, shape (k,), in [-1, 1]; names every word."""
    scores: Array = overlaps(case.texts, case.V[None])[:, 0]
    return scores
