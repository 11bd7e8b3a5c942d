"""Ours with its weights spoiled: what do the weights add to the words?

Both name exactly the words that method "finexl" names.
"""

from __future__ import annotations

import numpy as np

from finexl.bench.rivals.ours import finexl
from finexl.bench.rivals.protocol import Array, Case, scores_of


def unweighted(case: Case) -> Array:
    """1 or -1 for every named word, shape (k,)."""
    signs: Array = np.sign(finexl(case))
    return signs


def shuffled(case: Case) -> Array:
    """The same scores, signs included, dealt to the named words at random by `case.seed`; shape (k,).

    One of m! deals, the true one among them, so read the mean over several seeds. The words are taken by name, so that the
    deal does not hang on the order of the vocabulary.
    """
    scores = finexl(case)
    named = sorted(np.flatnonzero(scores).tolist(), key=lambda j: (case.words[j], j))
    return scores_of(len(scores), named, np.random.default_rng(case.seed).permutation(scores[named]))
