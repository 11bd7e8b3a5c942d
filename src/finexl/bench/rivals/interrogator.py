"""CLIP Interrogator: the chain of words that, added to a caption one by one, comes closest to the images.

pharmapsychotic, "clip-interrogator", a tool without a paper. It starts from a caption, adds the flavour that raises the
cosine of the whole text with the image most, and stops when none does. Its negative mode looks for the reverse.

    S_0 = mean text;   S_t = S_(t-1) + text of the word that maximises  cos(S_t, mean q) - cos(S_t, mean b)

Where we had to choose. The tool takes one image; two sets are contrasted here by the difference of the cosines. It embeds
every candidate text anew; here a sum of embeddings stands for the joined text, and the mean text of the vocabulary for
the caption. A word's score is what it added to the difference of cosines. At most `settings.max_concepts` words (the
tool: 32), each at most once (the tool has been seen to write "jungle jungle jungle"). There is no shortlist: the tool's,
made in chunks, forgets in its last pass that the negative mode wants the least similar words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finexl.bench.rivals.protocol import Array, Case, scores_of
from finexl.method.directions import ranked, unit_rows

_GAIN = 1e-9  # less than this is rounding


def best_phrase(case: Case) -> Array:
    """What each word of the best phrase adds, shape (k,), >= 0: the tool's usual mode, which knows no "less"."""
    return _added(case, reverse=False)


def best_phrase_signed(case: Case) -> Array:
    """The same, less what each word of the best phrase of the negative mode adds; shape (k,)."""
    return _added(case, reverse=False) - _added(case, reverse=True)


def _added(case: Case, reverse: bool) -> Array:
    after, before = unit_rows(np.stack([case.personalized.mean(axis=0), case.base.mean(axis=0)]))
    goal = before - after if reverse else after - before
    found = chain(case.texts, goal, case.settings.max_concepts, case.words)
    return scores_of(len(case.texts), [j for j, _ in found], [gain for _, gain in found])


def chain(texts: Array, goal: Array, most: int, words: Sequence[str] = ()) -> list[tuple[int, float]]:
    """Greedy chain: each time the word that raises cos(sum of texts, goal) |goal| most.

    Args:
        texts: unit-length embeddings, shape (k, d).
        goal: where to go, shape (d,), of any length.
        most: words at most.
        words: names, to break ties; () to break them by index.
    Returns:
        (index, gain) in the order of choice; every gain > 0. [] where no word helps.
    """
    total = texts.mean(axis=0)
    reached = _along(total[None], goal)[0]
    found: list[tuple[int, float]] = []
    taken = np.zeros(len(texts), dtype=bool)
    while len(found) < min(most, len(texts)):
        values = np.where(taken, -np.inf, _along(total + texts, goal))
        j = int(ranked(values, words)[0])
        gain = float(values[j] - reached)
        if gain <= _GAIN:
            break
        found.append((j, gain))
        taken[j] = True
        total, reached = total + texts[j], values[j]
    return found


def _along(sums: Array, goal: Array) -> Array:
    """Projection on `goal` of each row at unit length; 0 for a row that cancelled to nothing."""
    projections: Array = unit_rows(sums) @ goal
    return projections
