"""Several proposers as one, and a plain function as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from finexl.errors import FinexlError, InputError
from finexl.proposers import Evidence, Proposal, Proposer, ProposerError
from finexl.proposers.spending import in_vain, total
from finexl.types import Concept, Origin


class Union:
    """Asks all of its members. One that fails costs its own words and a note; only when all fail is it an error."""

    def __init__(self, members: Sequence[Proposer]) -> None:
        self.members = tuple(members)
        self.name = "+".join(member.name for member in members)

    def propose(self, evidence: Evidence) -> Proposal:
        """Their concepts, in the order of the members; each once.

        Raises:
            FinexlError: every member fails; says why each did.
        """
        answers: list[Proposal] = []
        errors: list[FinexlError] = []
        notes: list[str] = []
        for member in self.members:
            try:
                answers.append(as_proposal(member.propose(evidence)))
            except FinexlError as error:
                errors.append(error)
                notes.append(
                    f"The proposer {member.name!r} failed, and the others went on without it: {error}"
                )
        if len(errors) == len(self.members) > 1:
            spent = total([error.usage for error in errors if isinstance(error, ProposerError)])
            raise ProposerError(" ".join(map(str, errors)), spent)
        if not answers:
            raise errors[0]
        # Of a word that a fixed list holds as well, the list knows more: its aspect, its opposite, whether it is plain.
        listed = {
            c.name: c for answer in reversed(answers) for c in answer.concepts if c.name in answer.fixed
        }
        concepts: dict[str, Concept] = {}
        origins: dict[str, Origin] = {}
        for answer in answers:
            for concept in answer.concepts:
                concepts.setdefault(concept.name, listed.get(concept.name, concept))
            for name, origin in answer.origins.items():
                origins[name] = both(origins[name], origin) if name in origins else origin
        return Proposal(
            tuple(concepts.values()),
            origins=origins,
            fixed=tuple(dict.fromkeys(name for answer in answers for name in answer.fixed)),
            usage=total([*map(in_vain, errors), *(answer.usage for answer in answers)]),
            notes=tuple(dict.fromkeys([*notes, *(note for answer in answers for note in answer.notes)])),
        )

    def dry_run(self, evidence: Evidence) -> str:
        """What its members would send; see `finexl.proposers.vlm.Vlm.dry_run`."""
        told = [member.dry_run(evidence) for member in self.members if hasattr(member, "dry_run")]
        return "\n\n".join(told) or "Nothing is ever sent: no member asks a model."


class Function:
    """A function of the evidence that returns phrases (or Concepts), as a proposer. Its words are tested like a model's."""

    def __init__(self, function: Callable[[Evidence], Sequence[Any]]) -> None:
        self.name = getattr(function, "__name__", type(function).__name__)
        self._function = function

    def propose(self, evidence: Evidence) -> Proposal:
        """What the function says.

        Raises:
            InputError: it fails, or returns something else than phrases and Concepts.
        """
        try:
            said = list(self._function(evidence))
        except Exception as error:
            raise InputError(
                f"the proposer {self.name!r} failed ({type(error).__name__}: {error})."
            ) from error
        wrong = next((item for item in said if not isinstance(item, str | Concept)), None)
        if wrong is not None:
            raise InputError(
                f"the proposer {self.name!r} returned a {type(wrong).__name__}. Return phrases or Concepts."
            )
        named = [
            item if isinstance(item, Concept) else Concept(name=item.strip(), aspect="other") for item in said
        ]
        concepts = tuple({concept.name: concept for concept in named if concept.name}.values())
        return Proposal(concepts, origins={c.name: Origin(proposer=self.name) for c in concepts})


def as_proposal(answer: Sequence[Concept] | Proposal) -> Proposal:
    """A plain sequence of concepts is a fixed list."""
    if isinstance(answer, Proposal):
        return answer
    return Proposal(tuple(answer), fixed=tuple(concept.name for concept in answer))


def both(first: Origin, second: Origin) -> Origin:
    """One origin of a word that was named twice, by two proposers or in two rounds; a direction holds if both agree.

    Example:
        >>> both(Origin(proposer="a", asked=3), Origin(proposer="b", asked=3, named=2, direction=1))
        Origin(proposer='a+b', asked=6, named=3, direction=0)
    """
    names = dict.fromkeys([*first.proposer.split("+"), *second.proposer.split("+")])
    return Origin(
        proposer="+".join(names),
        asked=first.asked + second.asked,
        named=first.named + second.named,
        direction=first.direction if first.direction == second.direction else 0,
    )
