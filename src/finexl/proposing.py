"""The loop around the proposers: ask, test on held-out pairs, decompose, ask again about what is left.

The pairs are split once. Proposers see one part; the words they make up are tested on the other (`finexl.method.verify`).
Words of a fixed list, such as the vocabulary, need no such test: they were written down before anybody saw a pair, and
the decomposition counts how many of them were tried. With a fixed list alone this is one look in it, at all pairs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from finexl.errors import FinexlError, InputError
from finexl.method import (
    Decomposition,
    Estimate,
    Settings,
    Trial,
    carriers,
    decompose,
    resample_counts,
    residual_fall,
    seen_by,
    split_pairs,
    verify,
)
from finexl.proposers import Evidence, Proposal, Proposer, Vocabulary
from finexl.proposers.spending import in_vain, total
from finexl.proposers.union import as_proposal, both
from finexl.types import Concept, Interval, Progress, Rejected

Array = NDArray[np.float64]
FOCUS = 8


@dataclass(frozen=True)
class Asking:
    """Who proposes concepts, and how often.

    Attributes:
        proposer: is asked.
        vocabulary: what explains the pairs if the proposer fails, and chance phrases to compare its words with.
        rounds: ask at most so many times.
        require: a proposer that fails or looks at nothing is an error.
    """

    proposer: Proposer
    vocabulary: Sequence[Concept]
    rounds: int = 2
    require: bool = False


@dataclass
class Unready:
    """A proposer that could not be set up: says why when it is asked."""

    name: str
    error: FinexlError

    def propose(self, evidence: Evidence) -> Proposal:
        """Raises `error`."""
        raise self.error


@dataclass(frozen=True)
class Found:
    """What the rounds came to.

    Attributes:
        concepts, F: the candidates that were let in, best first, and their concept vectors (k, d).
        decomposition: of all pairs, by these.
        proposal: all that was proposed in all rounds.
        words: the names of the tested words, in the order in which they were proposed.
        trials: their tests.
        rounds: how often the proposer was asked.
    """

    concepts: tuple[Concept, ...]
    F: Array
    decomposition: Decomposition
    proposal: Proposal
    words: tuple[str, ...]
    trials: tuple[Trial, ...]
    rounds: int

    @property
    def reported(self) -> tuple[str, ...]:
        """Names of the concepts in the explanation, strongest first."""
        return tuple(self.concepts[i].name for i in self.decomposition.indices)

    def rejected(self) -> tuple[Rejected, ...]:
        """The tested words that are no candidates."""
        let_in = [concept.name for concept in self.concepts]
        aspects = {concept.name: concept.aspect for concept in self.proposal.concepts}
        return tuple(
            Rejected(
                concept=word,
                aspect=aspects[word],
                origin=self.proposal.origins.get(word),
                effect=_interval(trial.effect),
                gain=_interval(trial.gain) if trial.gain else None,
                p_value=trial.p_value,
                reason=trial.failure or "not needed",
            )
            for word, trial in zip(self.words, self.trials, strict=True)
            if word not in let_in
        )


@dataclass(frozen=True)
class Task:
    """What is to be explained.

    Attributes:
        evidence: of *all* pairs; proposers are shown their part of them.
        method, settings: of the decomposition.
        progress: is told of the stages.
        clock: seconds per stage are added up here.
    """

    evidence: Evidence
    method: str
    settings: Settings
    progress: Progress = lambda stage, done, total: None
    clock: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, said: str) -> Iterator[None]:
        """A stage under this name in the timings, called so in the progress."""
        self.progress(said, 0, 1)
        with timed(self.clock, name):
            yield
        self.progress(said, 1, 1)

    def measured(self, concepts: Sequence[Concept]) -> Array:
        """Their concept vectors, shape (k, d); k may be 0."""
        if not concepts:
            return np.zeros((0, self.evidence.differences.shape[1]))
        return self.evidence.directions([concept.name for concept in concepts])


def find_concepts(asking: Asking, task: Task, before: Found | None = None) -> Found:
    """Propose, verify, decompose; ask again about what is unexplained.

    A second round is held where the first leaves something unexplained, a further one while the last lowered the
    unexplained part by more than chance (paired bootstrap). No round is held after one that brought no new word.

    Args:
        before: what was found from the first of these pairs; its words are tested anew and nobody is asked.
    Raises:
        FinexlError: the proposer failed and `asking.require` is set.
    """
    if before is not None:
        return _settle(asking, task, before.proposal, before.rounds)
    settings = task.settings
    shown = shown_to_proposers(task)
    with task.stage("concepts", "measuring concepts"):
        proposal = _ask(asking, shown)
    found = _settle(asking, task, proposal, 1)
    while found.rounds < asking.rounds and _worth_asking(found):
        F = found.F[list(found.decomposition.indices)]
        seen, F = (seen_by(task.method, X, settings) for X in (shown.differences, F))
        worst, _ = carriers(seen, F, found.decomposition.weights, FOCUS)
        focused = replace(shown, found=found.reported, focus=tuple(int(i) for i in worst))
        with task.stage("concepts", "measuring concepts"):
            more = _joined(proposal, _ask(asking, focused, again=True))
        exhausted = len(more.concepts) == len(proposal.concepts)
        proposal, last = more, found
        found = _settle(asking, task, proposal, found.rounds + 1)
        if exhausted or not _fell(task, last, found):
            break
    return found


def _ask(asking: Asking, shown: Evidence, again: bool = False) -> Proposal:
    """One call of the proposer; where it fails, the reason, and the vocabulary if there is nothing else yet."""
    name = asking.proposer.name
    try:
        answer = as_proposal(asking.proposer.propose(shown))
    except FinexlError as error:
        if asking.require and not again:
            raise
        without = "nobody was asked again" if again else "the vocabulary was used without it"
        words = () if again else tuple(asking.vocabulary)
        return Proposal(
            words,
            fixed=tuple(concept.name for concept in words),
            usage=in_vain(error),
            notes=(f"The proposer {name!r} failed, and {without}: {error}",),
        )
    if asking.require and not again and not answer.origins:
        usage = answer.usage
        asked = usage.calls or usage.cached
        why = "It named nothing that can be used." if asked else "It asks no model."
        raise InputError(
            f"a vision-language model was required, and {name!r} brought no answer of one. "
            + (usage.failures[0] if usage.failures else why)
        )
    return answer


def shown_to_proposers(task: Task) -> Evidence:
    """The evidence of the pairs that are not held out, numbered from 0."""
    evidence = task.evidence
    rows, _ = split_pairs(len(evidence.differences), task.settings.seed)
    load = evidence.pictures
    return replace(
        evidence,
        differences=evidence.differences[rows],
        pictures=None if load is None else lambda i: load(int(rows[i])),
    )


def _joined(first: Proposal, second: Proposal) -> Proposal:
    """Both rounds as one: counts of asks and costs are added, notes are not repeated."""
    concepts = {concept.name: concept for concept in (*second.concepts, *first.concepts)}
    order = dict.fromkeys([c.name for c in first.concepts] + [c.name for c in second.concepts])
    origins = dict(first.origins)
    for name, origin in second.origins.items():
        origins[name] = both(origins[name], origin) if name in origins else origin
    return Proposal(
        tuple(concepts[name] for name in order),
        origins,
        total([first.usage, second.usage]),
        tuple(dict.fromkeys((*first.notes, *second.notes))),
        tuple(dict.fromkeys((*first.fixed, *second.fixed))),
    )


def _settle(asking: Asking, task: Task, proposal: Proposal, rounds: int) -> Found:
    """Test what was made up, and decompose with what is let in.

    A word that passes its test and that the decomposition of all pairs has no use for is left out again, so that where
    no word enters the explanation is the vocabulary's own to the last digit.
    """
    known = [concept for concept in proposal.concepts if concept.name in proposal.fixed]
    words = [concept for concept in proposal.concepts if concept.name not in proposal.fixed]
    with task.stage("concepts", "measuring concepts"):
        fixed = Vocabulary(known).propose(task.evidence) if known else []
        F, P = task.measured(fixed), task.measured(words)
        trials = _test(asking, task, fixed, words, proposal) if words else []

    def decomposed(extra: Sequence[int]) -> tuple[tuple[Concept, ...], Array, Decomposition]:
        concepts = (*fixed, *(words[j] for j in extra))
        vectors = np.concatenate([F, P[list(extra)]])
        settings = task.settings.for_concepts(concepts)
        return concepts, vectors, decompose(task.evidence.differences, vectors, task.method, settings)

    with task.stage("decomposition", "decomposing"):
        passed = [j for j, trial in enumerate(trials) if trial.failure is None]
        concepts, vectors, answer = decomposed(passed)
        used = [concepts[i].name for i in answer.indices]
        needed = [j for j in passed if words[j].name in used]
        if len(needed) < len(passed):
            concepts, vectors, answer = decomposed(needed)
    names = tuple(word.name for word in words)
    return Found(concepts, vectors, answer, proposal, names, tuple(trials), rounds)


def _test(
    asking: Asking, task: Task, fixed: Sequence[Concept], words: Sequence[Concept], proposal: Proposal
) -> list[Trial]:
    said = [proposal.origins[w.name].direction if w.name in proposal.origins else 0 for w in words]
    return verify(
        task.evidence.differences,
        task.measured(fixed),
        task.measured(words),
        task.measured(fixed or asking.vocabulary),
        said,
        task.settings.for_concepts([*fixed, *words]),
    )


def _worth_asking(found: Found) -> bool:
    """Whether somebody looks at the pairs, there is a difference, and some of it is unexplained."""
    proposal, residual = found.proposal, found.decomposition.residual
    looked = bool(proposal.origins) or len(proposal.fixed) < len(proposal.concepts)
    return looked and residual is not None and residual.high > 0


def _fell(task: Task, before: Found, after: Found) -> bool:
    """Whether the unexplained part fell by more than chance."""
    D, settings = task.evidence.differences, task.settings
    counts = resample_counts(len(D), settings.bootstrap, settings.seed)
    sets = [D, *(found.F[list(found.decomposition.indices)] for found in (before, after))]
    seen = [seen_by(task.method, X, settings) for X in sets]
    return residual_fall(seen[0], seen[1], seen[2], settings.confidence, counts).low > 0


@contextmanager
def timed(clock: dict[str, float], stage: str) -> Iterator[None]:
    """Add the seconds that the block takes to those of the stage."""
    began = time.perf_counter()
    yield
    clock[stage] = clock.get(stage, 0.0) + time.perf_counter() - began


def _interval(estimate: Estimate) -> Interval:
    return Interval(value=estimate.value, low=estimate.low, high=estimate.high)
