"""Cases whose answer is known: the images move along concept vectors by stated amounts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from finexl.bench.rivals import Case
from finexl.method import Settings


def unit(X):
    return X / np.linalg.norm(X, axis=-1, keepdims=True)


def planted(moves, n=40, d=64, k=12, noise=0.03, seed=0, content=0.7, settings=None):
    """A case of k words, in which each pair moves by moves[j] along word j, all of it give or take `noise`.

    The words' directions overlap a little (cosines about 0.1) and are of different lengths; the absolute texts share one large vector, as
    those of text encoders do; the pictures differ from pair to pair by `content`.
    """
    rng = np.random.default_rng([seed, n, d, k])
    common, appended = unit(rng.standard_normal((2, d)))
    own = rng.standard_normal((k, d))
    own = np.linalg.qr(own.T)[0].T if k < d else unit(own)
    concepts = unit(own + 0.3 * appended)
    directions = concepts * rng.uniform(0.3, 0.7, (k, 1))
    texts = unit(2 * common + concepts)
    look = unit(rng.standard_normal(d))
    scenes = look + content * unit(rng.standard_normal((n, d)))
    change = sum((amount * concepts[j] for j, amount in moves.items()), np.zeros(d))
    after = scenes + 1.2 * change + noise * rng.standard_normal((n, d))
    return Case(
        unit(scenes),
        unit(after),
        [f"w{j:03d}" for j in range(k)],
        directions,
        texts,
        settings or Settings(),
        seed,
    )


def reordered(case, order):
    """The same case with its words in another order."""
    words = [case.words[j] for j in order]
    return replace(case, words=words, directions=case.directions[order], texts=case.texts[order])


def with_pairs(case, order):
    """The same case with these pairs in this order."""
    return replace(case, base=case.base[order], personalized=case.personalized[order])


def swapped(case):
    """The same case told backwards."""
    return replace(case, base=case.personalized, personalized=case.base)


def leaders(scores, m=1):
    """Indices of the m largest |scores|, largest first."""
    return np.argsort(-np.abs(scores), kind="stable")[:m].tolist()
