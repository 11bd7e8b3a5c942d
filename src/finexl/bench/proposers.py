"""What is a proposer worth? The final explanation against the quality of the words that were proposed.

For every change and every simulated proposer (`finexl.bench.simulated`), on the same arrays:

- "with vocabulary": the proposer and the vocabulary together, words tested on held-out pairs (the default);
- "vocabulary lacks it": the same, with every word that is right for the change taken out of the vocabulary;
- "proposer alone": no vocabulary, words tested against chance phrases;
- "paper's chain": Algorithm 1 on the proposed words, untested.

On two kinds of changes: other people's tools on photographs (`finexl.bench.effects`), and the styles of the lab on its own
pictures (`lab_changes`, `lab_grounds`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from finexl.bench.core import SINGLE_LEVEL, Bench
from finexl.bench.effects import MIX_LEVEL, Effect, Mix, Pixels
from finexl.bench.simulated import QUALITIES, Book, Quality, Say, Simulated, Truth
from finexl.lab.world import STYLES, draw, prompts, styled
from finexl.method import decompose
from finexl.proposers import Evidence, Proposer, Vocabulary
from finexl.proposers.union import Union
from finexl.proposing import Asking, Task, find_concepts
from finexl.staircase import directions
from finexl.types import Concept, Progress

Array = NDArray[np.float64]
Chain = Callable[["Case"], list[str]]
FIRST = 5

NOISE = (
    "brave", "clever", "eager", "giant", "hollow", "jolly", "kind", "mighty", "odd",
    "proud", "quick", "ugly", "vast", "zesty", "bitter", "calm", "dizzy", "fierce", "humble", "itchy",
    "jealous", "lazy", "nervous", "obedient", "salty", "tender", "useful", "yummy", "exotic", "heroic",
    "juicy", "perky", "royal", "tasty", "zany", "awkward", "drowsy", "handsome",
    "idle", "nimble",
)  # fmt: skip
"""Adjectives that say nothing about how a picture is made; the vocabulary has none of them."""

LAB_MIXES = (
    ("sepia", "vignette"), ("watercolour", "warm colours"), ("pixel art", "dark"),
    ("vivid colours", "high contrast"), ("muted colours", "blurry"), ("pencil drawing", "vignette"),
)  # fmt: skip
LAB_SIZE = 128


def lab_changes(concepts: Sequence[Concept]) -> list[Effect | Mix]:
    """The styles of the lab one by one, and six mixes of two; right is a style's word, and less of its opposite."""
    opposites = {concept.name: concept.opposite for concept in concepts}

    def restyle(style: str, picture: Pixels, level: float, rng: np.random.Generator) -> Pixels:
        return styled(picture, {style: level}, int(rng.integers(2**31)))

    def effect(style: str) -> Effect:
        opposite = opposites.get(style)
        accepted = (style, f"-{opposite}") if opposite else (style,)
        return Effect(f"lab {style}", "lab", accepted, partial(restyle, style), "test")

    singles = [effect(style) for style in STYLES]
    return [*singles, *(Mix(tuple(effect(style) for style in styles)) for styles in LAB_MIXES)]


def lab_grounds(n: int, seed: int) -> list[Pixels]:
    """n pictures of the lab's world, without a style."""
    texts = prompts(n, seed=seed)
    return [draw(text, seed=seed + i, size=LAB_SIZE) for i, text in enumerate(texts)]


class Case:
    """One change and what one simulated proposer says about it."""

    def __init__(
        self, bench: Bench, measured: dict[str, Array], D: Array, truth: Truth, says: Sequence[Say]
    ) -> None:
        self.bench, self.measured, self.D, self.truth = bench, measured, D, truth
        self.proposer = Simulated("simulated", says)

    def directions(self, names: Sequence[str]) -> Array:
        """Concept vectors, every phrase measured once for all cases."""
        fresh = [name for name in dict.fromkeys(names) if name not in self.measured]
        if fresh:
            vectors = directions(self.bench.encoder, fresh, None)
            self.measured.update(zip(fresh, vectors, strict=True))
        return np.stack([self.measured[name] for name in names])

    def explained(self, vocabulary: Sequence[Concept]) -> list[str]:
        """Signed words of the explanation, with this vocabulary beside the proposer."""
        members: list[Proposer] = [self.proposer]
        if vocabulary:
            members.append(Vocabulary(vocabulary))
        task = Task(Evidence(self.D, self.directions), "finexl", self.bench.settings)
        found = find_concepts(Asking(Union(members), self.bench.concepts, rounds=1), task)
        return _signed(found.reported, found.decomposition.weights)


def with_vocabulary(case: Case) -> list[str]:
    """The proposer and the whole vocabulary."""
    return case.explained(case.bench.concepts)


def vocabulary_lacks_it(case: Case) -> list[str]:
    """The proposer and a vocabulary without any right word."""
    right = [word.removeprefix("-") for part in case.truth for word in part]
    return case.explained([concept for concept in case.bench.concepts if concept.name not in right])


def proposer_alone(case: Case) -> list[str]:
    """Our method without a vocabulary."""
    return case.explained(())


def papers_chain(case: Case) -> list[str]:
    """Algorithm 1 on what was proposed."""
    words = [concept.name for concept in case.proposer.propose(Evidence(case.D, case.directions)).concepts]
    if not words:
        return []
    concepts = [Concept(name=word, aspect="other") for word in words]
    settings = case.bench.settings.for_concepts(concepts)
    found = decompose(case.D, case.directions(words), "algorithm1", settings)
    return _signed([words[i] for i in found.indices], found.weights)


CHAINS: dict[str, Chain] = {
    "with vocabulary": with_vocabulary,
    "vocabulary lacks it": vocabulary_lacks_it,
    "proposer alone": proposer_alone,
    "paper's chain": papers_chain,
}


def proposer_quality(
    bench: Bench,
    changes: Sequence[Effect | Mix],
    seed: int,
    progress: Progress,
    qualities: Mapping[str, Quality] = QUALITIES,
    first: int = 0,
) -> list[dict[str, object]]:
    """For each change, proposer and chain: the words, and the part of the change's effects named in the first five.

    A synonym counts as the concept it is a synonym of. "vocabulary only" is the explanation without any proposer.

    Args:
        qualities: of the simulated proposers.
        first: number of the first change, where they are measured one by one; it seeds what proposers say.
    """
    book = Book({concept.name: concept for concept in bench.concepts}, NOISE)
    meant = {s: concept.name for concept in bench.concepts for s in concept.synonyms}
    measured = dict(zip([concept.name for concept in bench.concepts], bench.F, strict=True))
    rows: list[dict[str, object]] = []
    for done, change in enumerate(changes, first):
        progress("proposers", done - first, len(changes))
        mixed = isinstance(change, Mix)
        truth = change.truth if isinstance(change, Mix) else (change.accepted,)
        D = bench.differences(change, MIX_LEVEL if mixed else SINGLE_LEVEL)
        alone = decompose(D, bench.F, "finexl", bench.settings)
        plain = _signed([bench.concepts[i].name for i in alone.indices], alone.weights)
        answers = [("none", "vocabulary only", plain)]
        for number, (quality, say) in enumerate(qualities.items()):
            says = say(truth, book, np.random.default_rng([seed, done, number]))
            case = Case(bench, measured, D, truth, says)
            answers += [(quality, chain, explain(case)) for chain, explain in CHAINS.items()]
        for quality, chain, words in answers:
            named = [_meaning(word, meant) for word in words[:FIRST]]
            parts = [any(word in part for word in named) for part in truth]
            rows.append({"change": change.name, "quality": quality, "method": chain, "words": words[:FIRST], "parts": float(np.mean(parts))})  # fmt: skip
    progress("proposers", len(changes), len(changes))
    return rows


def _signed(names: Sequence[str], weights: Array) -> list[str]:
    return [("-" if weight < 0 else "") + name for name, weight in zip(names, weights, strict=True)]


def _meaning(word: str, meant: dict[str, str]) -> str:
    sign = "-" if word.startswith("-") else ""
    name = word.removeprefix("-")
    return sign + meant.get(name, name)
