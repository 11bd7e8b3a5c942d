"""The staircase, wired: image pairs -> embeddings -> V_div -> concepts -> decomposition -> Explanation.

Reads like the paper's algorithm, and knows every room that takes part in it. What comes before, two models that draw
the pairs, is in `probing.py`; the public call `explain` is in `explaining.py`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finexl import __version__
from finexl.encoders import Encoder
from finexl.generators import Pairing
from finexl.method import (
    Decomposition,
    Estimate,
    Settings,
    carriers,
    concept_directions,
    decompose,
    differences,
    length,
    pair_weights,
    pairs_needed,
)
from finexl.proposers import Evidence, Proposer
from finexl.storing import Embedded, embed_pairs
from finexl.types import (
    Advice,
    Concept,
    ConceptScore,
    Explanation,
    FamilyMember,
    Interval,
    PairRef,
    Progress,
    Provenance,
)
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
    proposer: Proposer
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
    """

    explanation: Explanation
    D: NDArray[np.float64]
    concepts: Sequence[Concept]
    F: NDArray[np.float64]
    indices: tuple[int, ...]
    pairing: Pairing
    embedded: Embedded


def explain_pairs(
    run: Run,
    pairing: Pairing,
    prompts: Sequence[str] | None,
    labels: tuple[str, str],
    known: Mapping[str, NDArray[np.float32]] | None = None,
) -> Explained:
    """The staircase from pairs of pictures to an Explanation.

    Args:
        prompts: at most 25, on which concepts are measured; None for neutral templates.
        labels: what the two sides are called.
        known: embeddings by the content hash of their image.
    """
    enc, propose, method, clock, report = run.encoder, run.proposer, run.method, run.clock, run.progress
    with _timed(clock, "embedding"):
        embedded = embed_pairs(enc, pairing, run.cache, report, known)
    D = differences(embedded.base, embedded.personalized)

    with _timed(clock, "concepts"):
        report("measuring concepts", 0, 1)
        measure = _remembering(lambda names: directions(enc, names, prompts))
        concepts = propose.propose(Evidence(D, measure))
        F = measure([c.name for c in concepts])
        report("measuring concepts", 1, 1)

    with _timed(clock, "decomposition"):
        report("decomposing", 0, 1)
        found = decompose(D, F, method, run.settings.for_concepts(concepts))
        report("decomposing", 1, 1)

    provenance = Provenance(
        base=labels[0],
        personalized=labels[1],
        images_sha256=embedded.sha256,
        encoder=enc.name,
        encoder_sha256=enc.identity,
        proposer=propose.name,
        vocabulary=_vocabulary_sha256(concepts),
        n_candidates=len(concepts),
        method=method,
        max_concepts=run.settings.max_concepts,
        confidence=run.settings.confidence,
        seed=run.settings.seed,
        templates=tuple(prompts) if prompts else TEMPLATES,
        finexl_version=__version__,
    )
    embedded = replace(embedded, notes=(*embedded.notes, *getattr(enc, "notes", ())))
    explanation = _assemble(found, concepts, D, F, pairing, embedded, provenance, run.precision, clock)
    explanation._pictures = pairing.pictures
    return Explained(explanation, D, concepts, F, found.indices, pairing, embedded)


def _assemble(
    found: Decomposition,
    concepts: Sequence[Concept],
    D: NDArray[np.float64],
    F: NDArray[np.float64],
    pairing: Pairing,
    embedded: Embedded,
    provenance: Provenance,
    precision: float,
    clock: Mapping[str, float],
) -> Explanation:
    """The figures of a decomposition, with words, pairs and advice."""
    selected = F[list(found.indices)]
    scores = score_concepts(found, concepts, D, F, pairing)
    residual = interval(found.residual) if found.residual else None
    confidence = provenance.confidence
    return Explanation(
        summary=describe(scores, residual, found.p_value, 1 - confidence),
        concepts=scores,
        residual=residual,
        length=interval(length(D, confidence, seed=provenance.seed)),
        p_value=found.p_value,
        n_pairs=len(D),
        paired=pairing.paired,
        residual_pairs=_refs(pairing, *carriers(D, selected, found.weights, EXAMPLES)) if scores else (),
        advice=_advice(scores, len(D), precision),
        notes=(*pairing.notes, *embedded.notes, *remarks(len(D))),
        provenance=provenance,
        timings={stage: round(seconds, 3) for stage, seconds in clock.items()},
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
    with_concept = encoder.encode_texts(texts).reshape(len(names), len(patterns), -1)
    return concept_directions(with_concept, encoder.encode_texts(plain))


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
    D: NDArray[np.float64],
    F: NDArray[np.float64],
    pairing: Pairing | None = None,
) -> list[ConceptScore]:
    """The reported concepts with their words; with the pairs that show them, where `pairing` is given."""
    each = pair_weights(D, F[list(found.indices)])
    scores = []
    for j, index in enumerate(found.indices):
        concept = concepts[index]
        shown = each[:, j] * np.sign(found.weights[j])
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
                examples=_refs(pairing, best, each[best, j]) if pairing else (),
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


@contextmanager
def _timed(clock: dict[str, float], stage: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    clock[stage] = time.perf_counter() - began
