"""A vision-language model asked to score every word from 0 to 10: SIMULATED, from true levels and stated faults.

No model is run. It answers "how would a model with these faults fare", where real answers cannot be had, and stands for
the naive baseline of the FineXL paper (arXiv 2511.01932): show both sets, ask for a score a word. Such scores know no
"less of". A real model's faults are to be measured, not taken from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from finexl.bench.rivals.protocol import Array
from finexl.errors import InputError

TOP = 10


def naive_vlm(
    words: Sequence[str],
    levels: Mapping[str, float],
    *,
    miss: float = 0.2,
    noise: float = 1.5,
    bias: float = 1.0,
    seed: int = 0,
) -> Array:
    """Whole points, 0 to 10, for every word (SIMULATED).

    score_j = clip(round(10 level_j seen_j + bias (1 - 2 place_j) + noise e_j), 0, 10)

    Args:
        words: in the order in which the model is asked, k of them.
        levels: true level of each word that applies, in [0, 1]; 0 for all others.
        miss: chance that a word that applies is overlooked (seen_j = 0).
        noise: standard deviation of a score, in points; e_j is normal.
        bias: points that the first word of the list gains and the last one loses; place_j runs from 0 to 1.
        seed: of the draws.
    Returns:
        Scores (k,). Words that do not apply get points too, where noise and place are in their favour.
    Raises:
        InputError: a level for a word that is not asked for, or a figure out of range.
    """
    unknown = [name for name in levels if name not in words]
    if unknown:
        raise InputError(
            f"levels name {unknown[0]!r}, which is not among the words that the model is asked for."
        )
    wrong = [name for name, level in levels.items() if not 0 <= level <= 1]
    if wrong:
        raise InputError(f"level {levels[wrong[0]]} of {wrong[0]!r}: must lie between 0 and 1.")
    if not (0 <= miss <= 1 and noise >= 0):
        raise InputError(f"miss {miss} must lie between 0 and 1, and noise {noise} must not be negative.")
    rng = np.random.default_rng(seed)
    seen = rng.random(len(words)) >= miss
    points = TOP * np.array([levels.get(word, 0.0) for word in words]) * seen
    points += bias * (1 - 2 * np.linspace(0, 1, len(words))) + noise * rng.standard_normal(len(words))
    scores: Array = np.clip(np.rint(points), 0.0, float(TOP))
    return scores
