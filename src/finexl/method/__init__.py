"""The science: numpy arrays in, numpy arrays or a small frozen dataclass out.

Knows no file, model, prompt or network. Read in the paper's order: `divergence` (how far the personalized
images moved), `directions` (what a phrase means in the same space), `decompose` (which phrases explain the
movement, three methods), `residual` (what they leave unexplained), `verify` (whether proposed phrases hold on pairs they
were not chosen by). Everything is deterministic: the same
arrays and seed give the same result.
"""

from finexl.method.chosen import FitsOfTwo, contrast, distinct, useful_strengths, weigh
from finexl.method.decompose import METHODS, Decomposition, decompose, seen_by
from finexl.method.directions import (
    OrthogonalSet,
    candidate_order,
    concept_directions,
    families,
    orthogonality_filter,
    overlaps,
)
from finexl.method.divergence import (
    Estimate,
    differences,
    divergence,
    length,
    resample_counts,
    sign_flip_test,
    squared_length,
)
from finexl.method.fitting import Fit
from finexl.method.residual import (
    carriers,
    corrected_residual,
    pair_weights,
    pairs_needed,
    relative_residual,
    residual_fall,
)
from finexl.method.settings import Settings
from finexl.method.verify import Trial, effect, holm, split_pairs, verify

__all__ = [
    "METHODS",
    "Decomposition",
    "Estimate",
    "Fit",
    "FitsOfTwo",
    "OrthogonalSet",
    "Settings",
    "Trial",
    "candidate_order",
    "carriers",
    "concept_directions",
    "contrast",
    "corrected_residual",
    "decompose",
    "differences",
    "distinct",
    "divergence",
    "effect",
    "families",
    "holm",
    "length",
    "orthogonality_filter",
    "overlaps",
    "pair_weights",
    "pairs_needed",
    "relative_residual",
    "resample_counts",
    "residual_fall",
    "seen_by",
    "sign_flip_test",
    "split_pairs",
    "squared_length",
    "useful_strengths",
    "verify",
    "weigh",
]
