"""Image pairs -> candidate concepts.

A proposer looks at the evidence and returns the concepts worth testing, best first; whether they hold is for the
decomposition to say. The smallest example:

    class Three:
        name = "three"

        def propose(self, evidence):
            return [Concept(name=n, aspect="colour") for n in ("warm colours", "cool colours", "vivid colours")]

    finexl.explain(base, personalized, proposer=Three())

A package makes its proposer known by name through the entry point group `finexl.proposers`: a callable that takes
the vocabulary (a sequence of Concept) and returns a Proposer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from finexl.errors import UnknownNameError
from finexl.proposers.vocabulary_file import load_vocabulary
from finexl.types import Concept, Origin, Usage

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Evidence", "Proposal", "Proposer", "Vocabulary", "load_proposer", "load_vocabulary"]


@dataclass(frozen=True)
class Evidence:
    """What a proposer may look at: some of the pairs, never those on which its words will be tested.

    Attributes:
        differences: d_i of the pairs it may see, shape (n, d).
        directions: phrases -> their concept vectors (k, d) in the same space.
        pictures: pair i (a row of `differences`) -> its pictures (base, personalized); None where there are none.
        prompts: what the pictures were made from, one a row; None where that is not known.
        found: in later rounds, the concepts already in the explanation, strongest first.
        focus: in later rounds, the pairs that carry most of what is unexplained, worst first.
    """

    differences: NDArray[np.float64]
    directions: Callable[[Sequence[str]], NDArray[np.float64]]
    pictures: Callable[[int], tuple[Image, Image]] | None = None
    prompts: tuple[str, ...] | None = None
    found: tuple[str, ...] = ()
    focus: tuple[int, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What one asking brought and cost.

    Attributes:
        concepts: distinct, best first.
        origins: concept name -> who named it and how often. A concept with an origin was made up by looking at the
            pairs and is tested on others before it may enter; one without comes from a fixed list, like the vocabulary.
        usage: what it cost.
        notes: what the reader should know, each one sentence.
    """

    concepts: tuple[Concept, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()


class Proposer(Protocol):
    """Proposes candidate concepts; `name` goes into the provenance."""

    name: str

    def propose(self, evidence: Evidence) -> Sequence[Concept] | Proposal:
        """Distinct concepts, best first. A plain sequence is a fixed list: it does not depend on the pairs."""


class Vocabulary:
    """Every concept of a vocabulary, ranked by |cosine| with V_div. Needs no vision-language model.

    None is left out: a list shortened by looking at the pairs would make the chance level of the
    decomposition, which counts how many candidates were tried, too low.
    """

    name = "vocabulary"

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self.concepts = tuple(concepts)

    def propose(self, evidence: Evidence) -> list[Concept]:
        """All concepts, best first; ties keep the order of the vocabulary."""
        F = evidence.directions([c.name for c in self.concepts])
        V = evidence.differences.mean(0)
        lengths = np.linalg.norm(F, axis=1) * np.linalg.norm(V)
        cosines = np.divide(np.abs(F @ V), lengths, out=np.zeros(len(F)), where=lengths > 0)
        return [self.concepts[i] for i in np.argsort(-cosines, kind="stable")]


GROUP = "finexl.proposers"


def load_proposer(spec: str | Proposer, vocabulary: str | Path | None = None) -> Proposer:
    """A proposer from its name: "auto" (the best that is configured) or "vocabulary", or a plug-in's.

    Raises:
        UnknownNameError: no proposer goes by that name.
        InputError: the vocabulary file cannot be used.
    """
    if not isinstance(spec, str):
        return spec
    factories: dict[str, Callable[[Sequence[Concept]], Proposer]] = {
        "auto": Vocabulary,
        "vocabulary": Vocabulary,
    }
    for point in entry_points(group=GROUP):
        factories.setdefault(point.name, lambda concepts, point=point: point.load()(concepts))  # type: ignore[misc]
    if spec not in factories:
        raise UnknownNameError("proposer", spec, factories)
    return factories[spec](load_vocabulary(Path(vocabulary) if vocabulary is not None else None))
