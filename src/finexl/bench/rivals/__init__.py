"""Other people's ways to say in words how two sets of images differ, and ours, all given the same `Case`.

`protocol` holds what every rival is given and returns; each other file is one family, after its paper, with what we had
to choose where the paper is silent. `RIVALS` lists all that need nothing but a case. `naive.naive_vlm` needs true levels
besides, because it simulates a vision-language model.

A rival of your own: `RIVALS["mine"] = function`.
"""

from __future__ import annotations

from finexl.bench.rivals.ablations import shuffled, unweighted
from finexl.bench.rivals.carlos import carlos_published, carlos_unbiased
from finexl.bench.rivals.cosines import cosine, cosine_in_our_metric, cosine_whitened
from finexl.bench.rivals.gscliplike import gsclip
from finexl.bench.rivals.interrogator import best_phrase, best_phrase_signed
from finexl.bench.rivals.least_squares import least_squares, least_squares_non_negative
from finexl.bench.rivals.naive import naive_vlm
from finexl.bench.rivals.ours import algorithm1, finexl, subspace
from finexl.bench.rivals.protocol import Case, Rival, explanation_vector
from finexl.bench.rivals.splice import splice_admm, splice_lasso
from finexl.bench.rivals.textspan import text_span
from finexl.bench.rivals.visdiff import visdiff_paired, visdiff_welch

RIVALS: dict[str, Rival] = {
    "cosine": cosine,
    "cosine, whitened": cosine_whitened,
    "cosine, in our metric": cosine_in_our_metric,
    "least squares": least_squares,
    "least squares, non-negative": least_squares_non_negative,
    "GSCLIP": gsclip,
    "VisDiff": visdiff_welch,
    "VisDiff, paired test": visdiff_paired,
    "SpLiCE, lasso": splice_lasso,
    "SpLiCE, ADMM": splice_admm,
    "TextSpan": text_span,
    "CLIP Interrogator": best_phrase,
    "CLIP Interrogator, both signs": best_phrase_signed,
    "CARLoS": carlos_published,
    "CARLoS, unbiased strength": carlos_unbiased,
    "algorithm1": algorithm1,
    "subspace": subspace,
    "finexl": finexl,
    "finexl, unweighted": unweighted,
    "finexl, shuffled": shuffled,
}
"""Every rival that needs only a case, in the order of the tables."""

__all__ = ["RIVALS", "Case", "Rival", "explanation_vector", "naive_vlm"]
