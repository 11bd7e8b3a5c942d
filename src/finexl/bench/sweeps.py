"""What the sweeps share: photographs that are embedded once under each change, words that are judged, rates with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from finexl.bench import photos
from finexl.bench.core import Bench, named
from finexl.bench.effects import EFFECTS, MIXES, SEEN_IN_TRAINING, Effect, Mix, Split
from finexl.bench.experiment import Row
from finexl.encoders import load_encoder
from finexl.method import Decomposition, Settings
from finexl.proposers import load_vocabulary

Array = NDArray[np.float64]
Change = Effect | Mix
Told = tuple[float, float, float]
"""A figure with the ends of its interval."""

PAIRS = 40
FEW = 12
"""Pairs of a full and of a quick run."""
SIZE = 256
"""Side of a photograph, in pixels."""


class Ground(Bench):
    """Photographs that are embedded only once under each change and level, however many experiments ask."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._known: dict[tuple[str, float], Array] = {}

    def differences(self, change: Change, level: float, n: int | None = None) -> Array:
        """d_i of the first n photographs, shape (n, d); not to be written to."""
        key = change.name, level
        if key not in self._known:
            self._known[key] = super().differences(change, level)
            self._known[key].setflags(write=False)
        return self._known[key][:n]


@cache
def ground(encoder: str, n: int, seed: int) -> Ground:
    """n crops of the evaluation photographs (`photos.TEST`) with the whole vocabulary, the same ones in every experiment.

    Settings as shipped, but that the interval of the residual, which no sweep reads, takes one resample.
    """
    crops = photos.crops(photos.TEST, n, SIZE, np.random.default_rng(seed))
    pictures = [np.rint(crop * 255).astype(np.uint8) for crop in crops]
    return Ground(load_encoder(encoder), load_vocabulary(), pictures, Settings(seed=seed, bootstrap=1))


def effects(split: Split, quick: bool = False) -> list[Effect]:
    """Single effects of a split, without those whose code ran in training too; two of them for a quick run."""
    found = [e for e in EFFECTS if e.split == split and e.name not in SEEN_IN_TRAINING]
    return found[:: len(found) // 2][:2] if quick else found


def mixes(parts: Sequence[int] = (2, 3), quick: bool = False) -> list[Mix]:
    """Mixes of so many effects of the split "test", without those whose code ran in training too."""
    found = [
        mix
        for mix in MIXES
        if len(mix.parts) in parts and not any(part.name in SEEN_IN_TRAINING for part in mix.parts)
    ]
    return found[:1] if quick else found


def tuning_mixes(quick: bool = False) -> list[Mix]:
    """Each effect of the first half of the split "tune" with its fellow of the second half, unless a word is right for both."""
    singles = effects("tune")
    half = len(singles) // 2
    pairs = zip(singles[:half], singles[half:], strict=False)
    found = [Mix((a, b)) for a, b in pairs if set(a.accepted).isdisjoint(b.accepted)]
    return found[:1] if quick else found


def truth(change: Change) -> tuple[tuple[str, ...], ...]:
    """The words that are right for each part of a change."""
    return change.truth if isinstance(change, Mix) else (change.accepted,)


def others(change: Change) -> list[str]:
    """First right words of other single effects (split "test"), each once: none that is right for this change or its kin.

    Its kin are the effects that share a right word with it: what is right for them may well be half right here.
    """
    singles = effects("test")
    own = {word for part in truth(change) for word in part}
    kin = own.union(*(e.accepted for e in singles if not own.isdisjoint(e.accepted)))
    return list(dict.fromkeys(e.accepted[0] for e in singles if e.accepted[0] not in kin))


def words(found: Decomposition, bench: Bench) -> list[str]:
    """The reported words, strongest first; "-x" is less of x."""
    signs = [(i, int(np.sign(w))) for i, w in zip(found.indices, found.weights, strict=True)]
    return named(signs, bench.concepts)


def judged(said: Sequence[str], right: Sequence[Sequence[str]]) -> Row:
    """Is a right word first, and one in the first three; and of which part of the parts is one in the first five?

    Example:
        >>> judged(["dark", "sepia"], [["sepia"], ["framed"]])
        {'first': False, 'three': True, 'parts': 0.5}
    """
    hits = [any(word in part for part in right) for word in said]
    parts = [any(word in part for word in said[:5]) for part in right]
    return {"first": hits[:1] == [True], "three": any(hits[:3]), "parts": float(np.mean(parts))}


def wilson(hits: int, draws: int) -> Told:
    """Rate with Wilson's 95% interval, which says something where none or all hit; draws have to be independent.

    Example:
        >>> [round(x, 3) for x in wilson(0, 200)]
        [0.0, 0.0, 0.019]
    """
    if not draws:
        return float("nan"), float("nan"), float("nan")
    z = float(ndtri(0.975))
    rate, shrink = hits / draws, 1 + z * z / draws
    middle = (rate + z * z / (2 * draws)) / shrink
    reach = z / shrink * np.sqrt(rate * (1 - rate) / draws + z * z / (4 * draws**2))
    return rate, min(rate, max(0.0, float(middle - reach))), max(rate, min(1.0, float(middle + reach)))
