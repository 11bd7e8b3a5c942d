"""TextSpan: greedily the word along which the data vary most, taken out of data and words alike, and again.

Gandelsman, Efros and Steinhardt, "Interpreting CLIP's Image Representation via Text-Based Decomposition", ICLR 2024,
arXiv 2310.05916, algorithm 1 (there for the outputs of one attention head over many images).

    j = argmax_j sum_i (d_i . g_j)^2;   D <- D - D g_j g_j';   G <- G - G g_j g_j'

Where we had to choose. The data are the paired differences, and their energy about zero is counted, not their variance:
centring would take off the mean difference, which is what is looked for. Words are the directions f(C) at unit length
after every step (published code projects them on the span of the data and leaves them at the length they have, so long ones win). The score is the word's part of
the energy of D, with the sign of the mean difference along it. Energy has no sign and knows no mean: a word along which
the pairs merely scatter is named as well.
"""

from __future__ import annotations

import numpy as np

from finexl.bench.rivals.protocol import Array, Case, scores_of
from finexl.method.directions import ranked, unit_rows

_SPENT = 1e-6  # a word with less than this part of its length left says nothing new


def text_span(case: Case) -> Array:
    """Signed parts of the energy of D, of at most `settings.max_concepts` words; shape (k,), |.| sums to <= 1."""
    D, words = case.D, unit_rows(case.directions)
    whole = float(np.sum(D**2))
    left = words
    indices: list[int] = []
    parts: list[float] = []
    while len(indices) < min(case.settings.max_concepts, len(words)):
        energy = np.sum((D @ left.T) ** 2, axis=0)
        j = int(ranked(energy, case.words)[0])
        if energy[j] <= 1e-12 * whole:
            break
        g = left[j]
        indices.append(j)
        parts.append(float(energy[j] / whole * np.sign(D.mean(axis=0) @ g)))
        D = D - np.outer(D @ g, g)
        left = left - np.outer(left @ g, g)
        sizes = np.linalg.norm(left, axis=1, keepdims=True)
        left = np.divide(left, sizes, out=np.zeros_like(left), where=sizes > _SPENT)
    return scores_of(len(words), indices, parts)
