"""What the experiments on the core's evaluation photographs share: pictures, cases, and everybody's scores for them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from finexl.bench import photos
from finexl.bench.core import Bench
from finexl.bench.effect import Apply, Effect, Pixels
from finexl.bench.experiment import Setting
from finexl.bench.rivals import RIVALS, Case, naive_vlm
from finexl.bench.rivals.protocol import scores_of
from finexl.encoders import load_encoder
from finexl.method import METHODS, Settings
from finexl.method.directions import ranked, unit_rows
from finexl.method.fitting import shares
from finexl.proposers import load_vocabulary

Array = NDArray[np.float64]
Scorer = Callable[[Case, Mapping[str, float]], Array]
"""A case and the true level of every word that applies, which only a simulation reads -> signed scores (k,)."""

SEED = 7
"""Of the photographs' crops at `Setting.seed` 0."""
PAIRS, QUICK_PAIRS = 40, 8
SIZE = 256
"""Side of a photograph, in pixels."""

OURS = "finexl"
ANEW = "finexl, every level anew"
"""Of a graded series: ours with the words chosen again at every level; `OURS` is named once and weighed at all of them."""
ONCE = "finexl, named at the highest level"
"""Of models that were taught one look at several levels: ours with the words of the highest one; `OURS` explains each by itself."""
CONTROLS = ("finexl, unweighted", "finexl, shuffled", ANEW, ONCE)
"""Ours with its weights spoiled, or used otherwise: no baselines."""
NAIVE, NAIVE_SHORT = "naive VLM (simulated)", "naive VLM, short list (simulated)"
SIMULATED = (NAIVE, NAIVE_SHORT)
"""Asked for the whole vocabulary; asked only for the words that are right for some change of the experiment, one a change. Both
know the truth, give or take stated faults, so they measure nothing and are no baselines."""
TWICE = ("SpLiCE, ADMM",)
"""The same weights as "SpLiCE, lasso" by another solver, which takes three times as long."""
VOCABULARY, SHORT_LIST = "the vocabulary", "the short list"
"""What every method chooses among: all words, or only those that are asked for in the experiment, one a change."""
QUICK_RIVALS = ("cosine", "algorithm1", OURS)

SIMULATION = (
    f'"{NAIVE}" and "{NAIVE_SHORT}" are no measurements: they are told the true levels and make the faults stated in '
    "`finexl.bench.rivals.naive`. The second is asked for the right words alone. They do not count as baselines, nor do our own words "
    "without their weights, with shuffled ones, or named anew at every level of a graded series."
)


class Grounds:
    """Crops of the evaluation photographs (`photos.TEST`); nothing is made before a cell asks for it.

    Args:
        setting: its encoder, seed and size are used.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.pairs = QUICK_PAIRS if setting.quick else PAIRS

    @cached_property
    def bench(self) -> Bench:
        """The crops with their embeddings, and the vocabulary in the same space."""
        seed = SEED + self.setting.seed
        crops = photos.crops(photos.TEST, self.pairs, SIZE, np.random.default_rng(seed))
        pictures = [(crop * 255 + 0.5).astype(np.uint8) for crop in crops]
        encoder = load_encoder(self.setting.encoder)
        return Bench(encoder, load_vocabulary(), pictures, Settings(seed=seed))

    @cached_property
    def words(self) -> list[str]:
        """The vocabulary."""
        return [concept.name for concept in self.bench.concepts]

    @cached_property
    def texts(self) -> Array:
        """Absolute texts "an image, WORD", unit vectors (k, d)."""
        return self.bench.encoder.encode_texts([f"an image, {word}" for word in self.words]).astype(float)

    def changed(self, apply: Apply, level: float, n: int | None = None) -> list[Pixels]:
        """The first n crops under a change; picture i is the same in every experiment."""
        grounds = self.bench.grounds[:n]
        return [apply(ground, level, np.random.default_rng(i)) for i, ground in enumerate(grounds)]

    def case(self, apply: Apply, level: float, key: str) -> Case:
        """All crops against themselves under a change, embedded once.

        Args:
            key: names the change; a rival's own draws are seeded by it.
        """
        bench = self.bench
        after = bench.encode(self.changed(apply, level))
        seed = zlib.crc32(f"{self.setting.seed} {key}".encode())
        return Case(bench.base, after, self.words, bench.F, self.texts, bench.settings, seed)


def scorers(setting: Setting, asked: Sequence[str]) -> dict[str, Scorer]:
    """Every rival of `RIVALS` but `TWICE`, three of them in a quick run, and the simulated naive model, by name.

    Args:
        asked: the words of the short list, in the order in which the naive model is asked for them.
    """
    chosen = {
        name: _blind(rival)
        for name, rival in RIVALS.items()
        if name not in TWICE and (not setting.quick or name in QUICK_RIVALS)
    }
    return {**chosen, NAIVE: _naive, NAIVE_SHORT: lambda case, truth: _naive(case, truth, asked)}


def asked_scorers(setting: Setting, asked: Sequence[str]) -> dict[str, dict[str, Scorer]]:
    """`scorers` for either list of candidates; scores are for the whole vocabulary, 0 for words that are no candidates."""
    found = scorers(setting, asked)
    return {
        VOCABULARY: found,
        SHORT_LIST: {name: partial(_short, score, asked) for name, score in found.items() if name != NAIVE},
    }


def _short(score: Scorer, asked: Sequence[str], case: Case, truth: Mapping[str, float]) -> Array:
    kept = [case.words.index(word) for word in asked]
    return scores_of(len(case.words), kept, score(case.among(kept), truth))


def first_words(effects: Iterable[Effect]) -> list[str]:
    """The first right word of each, every word once."""
    return list(dict.fromkeys(effect.accepted[0] for effect in effects))


def signed_words(scores: Array, words: Sequence[str]) -> list[str]:
    """The named words from the largest |score| to the smallest, ties by name; "-x" is less of x.

    Example:
        >>> signed_words(np.array([0.2, 0.0, -0.5]), ["dark", "sepia", "framed"])
        ['-framed', 'dark']
    """
    order = ranked(np.abs(scores), words).tolist()
    return [("-" if scores[j] < 0 else "") + words[j] for j in order if scores[j] != 0]


def listed_words(method: str, case: Case, scores: Array) -> list[str]:
    """A method's words, most important first: those of `finexl explain` in the order in which it lists them, which is by share.

    Args:
        scores: of the method for the case, shape (k,).
    """
    if method not in (*METHODS, ANEW, ONCE):
        return signed_words(scores, case.words)
    chosen = np.flatnonzero(scores).tolist()
    share = shares(unit_rows(case.directions[chosen]), scores[chosen])
    order = ranked(share, [case.words[j] for j in chosen]).tolist()
    return [("-" if scores[chosen[i]] < 0 else "") + case.words[chosen[i]] for i in order]


def baselines(methods: Iterable[str]) -> list[str]:
    """Those that ours is compared with when the best of the others is asked for."""
    return [name for name in methods if name not in (OURS, *CONTROLS, *SIMULATED)]


def _blind(rival: Callable[[Case], Array]) -> Scorer:
    return lambda case, truth: rival(case)


def _naive(case: Case, truth: Mapping[str, float], asked: Sequence[str] | None = None) -> Array:
    points = naive_vlm(asked or case.words, truth, seed=case.seed)
    place = {word: j for j, word in enumerate(case.words)}
    return scores_of(len(case.words), [place[word] for word in asked or case.words], points)
