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
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from finexl.errors import FinexlError, InputError, UnknownNameError
from finexl.proposers.vocabulary_file import load_vocabulary
from finexl.types import Concept, Origin, Usage

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "AnyProposer",
    "Evidence",
    "Proposal",
    "Proposer",
    "ProposerError",
    "Vocabulary",
    "load_proposer",
    "load_vocabulary",
]


class ProposerError(FinexlError):
    """A proposer could not do its work; the message says why and what helps. The run goes on without it.

    Attributes:
        usage: what it had cost until then.
    """

    def __init__(self, message: str, usage: Usage | None = None) -> None:
        super().__init__(message)
        self.usage = usage or Usage()


@dataclass(frozen=True)
class Evidence:
    """What a proposer may look at: some of the pairs, never those on which its words will be tested.

    Attributes:
        differences: d_i of the pairs it may see, shape (n, d).
        directions: phrases -> their concept vectors (k, d) in the same space.
        pictures: pair i (a row of `differences`) -> its pictures (base, personalized); None where there are none.
        found: in later rounds, the concepts already in the explanation, strongest first.
        focus: in later rounds, the pairs that carry most of what is unexplained, worst first.
    """

    differences: NDArray[np.float64]
    directions: Callable[[Sequence[str]], NDArray[np.float64]]
    pictures: Callable[[int], tuple[Image, Image]] | None = None
    found: tuple[str, ...] = ()
    focus: tuple[int, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What one asking brought and cost.

    Attributes:
        concepts: distinct, best first.
        origins: concept name -> who named it and how often.
        usage: what it cost.
        notes: what the reader should know, each one sentence.
        fixed: names of the concepts that come from a fixed list, such as the vocabulary, whether somebody named them
            as well or not. All others were made up by looking at the pairs, and are tested on pairs that the proposer
            has not seen before they may enter.
    """

    concepts: tuple[Concept, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


class Proposer(Protocol):
    """Proposes candidate concepts; `name` goes into the provenance."""

    name: str

    def propose(self, evidence: Evidence) -> Sequence[Concept] | Proposal:
        """Distinct concepts, best first. A plain sequence is a fixed list: its words do not depend on the pairs."""


AnyProposer = str | Proposer | Callable[[Evidence], Sequence[object]]
"""A spec, a Proposer, or a function of the evidence that returns phrases or Concepts."""


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


def load_proposer(
    spec: AnyProposer,
    vocabulary: str | Path | None = None,
    local_only: bool = False,
    cache: bool = True,
) -> Proposer:
    """A proposer from its spec, several of them with "+" between.

    Args:
        spec: "vocabulary"; a vision-language model such as "openai:gpt-4o" or "ollama:llava"; "auto" for the model that
            FINEXL_VLM_MODEL names, if any, always together with the vocabulary; a plug-in's name; a Proposer; or a
            function of the evidence.
        vocabulary: a file of concepts in place of the built-in ones.
        local_only: refuse models that answer outside this machine and its network.
        cache: keep and reuse replies.
    Raises:
        UnknownNameError: no proposer goes by that name.
        ProposerError: no model, address or key is configured for it.
        InputError: the vocabulary file cannot be used, or `spec` is none of these.
    """
    from finexl.proposers.union import Function, Union

    if not isinstance(spec, str):
        if hasattr(spec, "propose"):
            return cast(Proposer, spec)
        if not callable(spec):
            raise InputError(
                f"the proposer is a {type(spec).__name__}. Give a spec such as 'vocabulary' or 'openai:gpt-4o', an object "
                "with name and propose, or a function that returns phrases. Words of your own: a vocabulary file."
            )
        return Function(spec)
    concepts = load_vocabulary(vocabulary)
    if spec == "auto":
        from finexl.proposers.vlm import configured

        named = configured()
        spec = f"{named}+vocabulary" if named else "vocabulary"
    members = [_member(part, concepts, local_only, cache) for part in spec.split("+")]
    return members[0] if len(members) == 1 else Union(members)


def _member(spec: str, concepts: Sequence[Concept], local_only: bool, cache: bool) -> Proposer:
    if spec == "vocabulary":
        return Vocabulary(concepts)
    from finexl.proposers.vlm import IN_PROCESS, PROVIDERS, vlm

    scheme = spec.partition(":")[0]
    if scheme in (*PROVIDERS, IN_PROCESS):
        return vlm(spec, concepts, local_only, cache)
    plug_ins = {point.name: point for point in entry_points(group=GROUP)}
    if spec not in plug_ins:
        raise UnknownNameError("proposer", scheme, ["auto", "vocabulary", *PROVIDERS, IN_PROCESS, *plug_ins])
    made: Proposer = plug_ins[spec].load()(concepts)
    return made
