"""Proposers of known quality: what a vision-language model would have to be worth, without one.

Each is given the words that count as right for a change, in its parts, and names some of them. They look at nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from finexl.proposers import Evidence, Proposal
from finexl.types import Concept, Origin

Truth = Sequence[Sequence[str]]
"""For every part of a change the words that are right, best first; "-x" is less of x."""

Side = Literal[-1, 0, 1]
Say = tuple[str, Side]
"""A word and the direction that is claimed for it; 0 for none."""


@dataclass(frozen=True)
class Book:
    """Where simulated proposers find their words.

    Attributes:
        concepts: the vocabulary by name.
        noise: words that are right for nothing.
    """

    concepts: Mapping[str, Concept]
    noise: Sequence[str]


class Simulated:
    """Says the same whatever it is shown; its words count as made up, so that they are tested."""

    def __init__(self, name: str, says: Sequence[Say]) -> None:
        self.name = name
        self.says = dict(reversed(says))

    def propose(self, evidence: Evidence) -> Proposal:
        """Its words, in its order."""
        concepts = tuple(Concept(name=word, aspect="other") for word in reversed(self.says))
        origins = {word: Origin(proposer=self.name, direction=d) for word, d in self.says.items()}
        return Proposal(concepts, origins)


def _right(truth: Truth, recall: float, rng: np.random.Generator) -> list[Say]:
    """The best word of each part, of each with this probability."""
    return [_signed(part[0]) for part in truth if rng.random() < recall]


def _wrong(truth: Truth, count: int, book: Book, rng: np.random.Generator) -> list[Say]:
    """Words of the vocabulary that are right for no part, and words that are right for nothing, half each."""
    right = {word.lstrip("-") for part in truth for word in part}
    words = [name for name in book.concepts if name not in right]
    pool = [
        *rng.choice(words, count - count // 2, replace=False),
        *rng.choice(book.noise, count // 2, replace=False),
    ]
    return [(str(word), 0) for word in pool]


def perfect(truth: Truth, book: Book, rng: np.random.Generator) -> list[Say]:
    """A right word for every part and nothing else."""
    return _right(truth, 1.0, rng)


def recall_70(truth: Truth, book: Book, rng: np.random.Generator) -> list[Say]:
    """Each part with probability 0.7, and nothing else."""
    return _right(truth, 0.7, rng)


def synonyms(truth: Truth, book: Book, rng: np.random.Generator) -> list[Say]:
    """For every part a synonym that the vocabulary's list of concepts does not hold."""
    said = []
    for part in truth:
        word, direction = _signed(part[0])
        said.append((str(rng.choice(book.concepts[word].synonyms)), direction))
    return said


def wrong(truth: Truth, book: Book, rng: np.random.Generator) -> list[Say]:
    """Six wrong words."""
    return _wrong(truth, 6, book, rng)


Quality = Callable[[Truth, Book, np.random.Generator], list[Say]]
"""What is right, where words are found, and draws -> what is said."""


def recalling(recall: float) -> Quality:
    """Each part with this probability, and for every part a wrong word."""

    def said(truth: Truth, book: Book, rng: np.random.Generator) -> list[Say]:
        words = [*_right(truth, recall, rng), *_wrong(truth, len(truth), book, rng)]
        return [words[i] for i in rng.permutation(len(words))]

    return said


QUALITIES: dict[str, Quality] = {
    "perfect": perfect,
    "70 % recall": recall_70,
    "50 % recall, 50 % noise": recalling(0.5),
    "synonyms only": synonyms,
    "wrong": wrong,
}


def _signed(word: str) -> Say:
    return word.removeprefix("-"), -1 if word.startswith("-") else 1
