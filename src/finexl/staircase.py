"""The staircase, wired: image pairs -> embeddings -> V_div -> concepts -> decomposition -> Explanation.

Reads like the paper's algorithm, and knows every room that takes part in it. What comes before, two models that draw
the pairs, is in `probing.py`; the public call `explain` is in `explaining.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from finexl.encoders import Encoder
from finexl.errors import InputError
from finexl.generators import Pairing
from finexl.method import (
    Decomposition,
    Estimate,
    Settings,
    carriers,
    concept_directions,
    differences,
    length,
    pairs_needed,
    seen_by,
)
from finexl.proposers import Evidence
from finexl.proposing import Asking, Found, Task, find_concepts, timed
from finexl.storing import Embedded, embed_pairs
from finexl.types import (
    Advice,
    Concept,
    ConceptScore,
    Explanation,
    FamilyMember,
    Interval,
    Origin,
    PairRef,
    Progress,
    Provenance,
    Usage,
)
from finexl.version import __version__
from finexl.wording import advise, describe, remarks

TEMPLATES = ("an image, {}", "a {} image", "an image in {} style")
NEUTRAL = ("an image", "an image", "an image")
EXAMPLES = 4

Directions = Callable[[Sequence[str]], NDArray[np.float64]]
"""Phrases -> their concept vectors (k, d)."""


@dataclass(frozen=True)
class Run:
    """What stays the same throughout one call of `explain`."""

    encoder: Encoder
    asking: Asking
    method: str
    settings: Settings
    precision: float
    cache: bool
    progress: Progress
    clock: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Explained:
    """An explanation with the arrays behind it.

    Attributes:
        explanation: of the pairs.
        D: paired differences, shape (n, d).
        concepts, F: the candidates and their concept vectors, shape (k, d).
        indices: the reported ones, strongest first.
        pairing, embedded: the pairs, and their embeddings.
        found: how the candidates were found.
    """

    explanation: Explanation
    D: NDArray[np.float64]
    concepts: Sequence[Concept]
    F: NDArray[np.float64]
    indices: tuple[int, ...]
    pairing: Pairing
    embedded: Embedded
    found: Found


def explain_pairs(
    run: Run,
    pairing: Pairing,
    prompts: Sequence[str] | None,
    labels: tuple[str, str],
    known: Mapping[str, NDArray[np.float32]] | None = None,
    before: Found | None = None,
) -> Explained:
    """The staircase from pairs of pictures to an Explanation.

    Args:
        prompts: at most 25, on which concepts are measured; None for neutral templates.
        labels: what the two sides are called.
        known: embeddings by the content hash of their image.
        before: what was found from the first of these pairs; its proposals are used, and nobody is asked again.
    """
    enc, settings = run.encoder, run.settings
    embedded, task = look_at(run, pairing, prompts, known)
    found = find_concepts(run.asking, task, before)
    D, concepts, F = task.evidence.differences, found.concepts, found.F

    provenance = Provenance(
        base=labels[0],
        personalized=labels[1],
        images_sha256=embedded.sha256,
        encoder=enc.name,
        encoder_sha256=enc.identity,
        proposer=run.asking.proposer.name,
        vocabulary=_vocabulary_sha256(concepts),
        n_candidates=len(concepts),
        method=run.method,
        max_concepts=settings.max_concepts,
        confidence=settings.confidence,
        seed=settings.seed,
        templates=tuple(prompts) if prompts else TEMPLATES,
        finexl_version=__version__,
        rounds=found.rounds,
    )
    embedded = replace(embedded, notes=(*embedded.notes, *getattr(enc, "notes", ())))
    explanation = _assemble(run, found, D, pairing, embedded, provenance)
    explanation._pictures = pairing.pictures
    return Explained(explanation, D, concepts, F, found.decomposition.indices, pairing, embedded, found)


def look_at(
    run: Run,
    pairing: Pairing,
    prompts: Sequence[str] | None,
    known: Mapping[str, NDArray[np.float32]] | None = None,
) -> tuple[Embedded, Task]:
    """The embeddings of the pairs, and what is to be explained in them; arguments as `explain_pairs`."""
    with timed(run.clock, "embedding"):
        embedded = embed_pairs(run.encoder, pairing, run.cache, run.progress, known)
    measure = _remembering(lambda names: directions(run.encoder, names, prompts))
    evidence = Evidence(differences(embedded.base, embedded.personalized), measure, pairing.pictures)
    settings = run.settings.for_base(embedded.base)
    return embedded, Task(evidence, run.method, settings, run.progress, run.clock)


def _assemble(
    run: Run,
    found: Found,
    D: NDArray[np.float64],
    pairing: Pairing,
    embedded: Embedded,
    provenance: Provenance,
) -> Explanation:
    """The figures of a decomposition, with words, pairs and advice."""
    answer, proposal = found.decomposition, found.proposal
    seen, selected = (seen_by(run.method, X, run.settings) for X in (D, found.F[list(answer.indices)]))
    scores = score_concepts(answer, found.concepts, pairing, proposal.origins)
    residual = interval(answer.residual) if answer.residual else None
    usage = proposal.usage if proposal.usage != Usage() else None
    seconds = {**run.clock, "proposals": usage.seconds} if usage else run.clock
    confidence = provenance.confidence
    return Explanation(
        summary=describe(scores, residual, answer.p_value, run.settings.alpha, len(D)),
        concepts=scores,
        residual=residual,
        length=interval(length(D, confidence, seed=provenance.seed)),
        p_value=answer.p_value,
        n_pairs=len(D),
        paired=pairing.paired,
        residual_pairs=_refs(pairing, *carriers(seen, selected, answer.weights, EXAMPLES)) if scores else (),
        rejected=found.rejected(),
        usage=usage,
        advice=_advice(scores, len(D), run.precision),
        notes=(
            *pairing.notes,
            *embedded.notes,
            *proposal.notes,
            *remarks(len(D), int((~D.any(axis=1)).sum())),
        ),
        provenance=provenance,
        timings={stage: round(spent, 3) for stage, spent in seconds.items()},
    )


def directions(encoder: Encoder, names: Sequence[str], prompts: Sequence[str] | None) -> NDArray[np.float64]:
    """f(C) = mean_t [Enc(t + C) - Enc(t)] for every concept, shape (k, d) (method section 1)."""
    plain = list(prompts or NEUTRAL)
    shorten = getattr(encoder, "shorten", None)
    if prompts and shorten:  # a concept cut off the end of a long prompt would count for nothing, unnoticed
        prompts = plain = shorten(plain, [f", {name}" for name in names])
    patterns = (
        [p.replace("{", "{{").replace("}", "}}") + ", {}" for p in prompts] if prompts else list(TEMPLATES)
    )
    texts = [pattern.format(name) for name in names for pattern in patterns]
    with_concept = _vectors(encoder, texts).reshape(len(names), len(patterns), -1)
    return concept_directions(with_concept, _vectors(encoder, plain))


def _vectors(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Its vectors of the phrases, (n, d)."""
    vectors = np.asarray(encoder.encode_texts(texts), np.float32)
    if vectors.shape != (len(texts), encoder.dimensions):
        raise InputError(
            f"the encoder {encoder.name!r} gave vectors of shape {vectors.shape} for {len(texts)} phrases. "
            f"It says that it has {encoder.dimensions} dimensions: it has to return one such vector a phrase."
        )
    return vectors


def _remembering(measure: Directions) -> Directions:
    """`measure`, with every phrase measured once: proposers and the decomposition ask for the same ones."""
    known: dict[str, NDArray[np.float64]] = {}

    def remembering(names: Sequence[str]) -> NDArray[np.float64]:
        fresh = [name for name in dict.fromkeys(names) if name not in known]
        if fresh:
            known.update(zip(fresh, measure(fresh), strict=True))
        return np.stack([known[name] for name in names])

    return remembering


def score_concepts(
    found: Decomposition,
    concepts: Sequence[Concept],
    pairing: Pairing | None = None,
    origins: Mapping[str, Origin] = MappingProxyType({}),
) -> list[ConceptScore]:
    """The reported concepts with their words; with the pairs that show them, where `pairing` is given."""
    scores = []
    for j, index in enumerate(found.indices):
        concept = concepts[index]
        shown = found.pairs[:, j] * np.sign(found.weights[j])
        best = np.argsort(-shown, kind="stable")[:EXAMPLES]
        scores.append(
            ConceptScore(
                concept=concept.name,
                aspect=concept.aspect,
                definition=concept.definition,
                opposite=concept.opposite,
                weight=float(found.weights[j]),
                low=float(found.low[j]),
                high=float(found.high[j]),
                share=float(found.share[j]),
                family=tuple(
                    FamilyMember(concept=concepts[i].name, overlap=float(c)) for i, c in found.families[j]
                ),
                examples=_refs(pairing, best, found.pairs[best, j]) if pairing else (),
                origin=origins.get(concept.name),
            )
        )
    return scores


def interval(estimate: Estimate) -> Interval:
    """The method's figure as a record."""
    return Interval(value=estimate.value, low=estimate.low, high=estimate.high)


def _refs(pairing: Pairing, indices: NDArray[np.intp], values: NDArray[np.float64]) -> tuple[PairRef, ...]:
    def place(source: object) -> str | None:
        return str(source) if isinstance(source, str | Path) else None

    return tuple(
        PairRef(
            index=int(i),
            name=pairing.names[i],
            base=place(pairing.base[i]),
            personalized=place(pairing.personalized[i]),
            score=float(value),
        )
        for i, value in zip(indices, values, strict=True)
    )


def _advice(scores: Sequence[ConceptScore], n: int, target: float) -> Advice:
    half_width = max(((s.high - s.low) / 2 for s in scores), default=0.0)
    pairs = pairs_needed(half_width, n, target) if scores else n
    return Advice(
        half_width=half_width, target=target, pairs=pairs, text=advise(half_width, n, target, pairs)
    )


def _vocabulary_sha256(concepts: Sequence[Concept]) -> str:
    return hashlib.sha256("\n".join(sorted(c.name for c in concepts)).encode()).hexdigest()
