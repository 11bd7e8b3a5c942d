"""The staircase, wired: image pairs -> embeddings -> V_div -> concepts -> decomposition -> Explanation.

The only file that knows all rooms. (It is not called explain.py because a submodule of that name would hide
the function `finexl.explain`.)
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finexl import __version__
from finexl.encoders import Encoder, load_encoder
from finexl.errors import InputError, UnknownNameError
from finexl.generators import Images, Pairing, pair_images
from finexl.method import (
    METHODS,
    Decomposition,
    Settings,
    carriers,
    concept_directions,
    decompose,
    differences,
    length,
    pair_weights,
    pairs_needed,
)
from finexl.proposers import Evidence, Proposer, load_proposer
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
PROMPTS = 25

Directions = Callable[[Sequence[str]], NDArray[np.float64]]
"""Phrases -> their concept vectors (k, d)."""


def explain(
    base: Images,
    personalized: Images,
    probes: Sequence[str] | None = None,
    *,
    encoder: str | Encoder = "builtin",
    proposer: str | Proposer = "auto",
    method: str = "finexl",
    vocabulary: str | Path | None = None,
    pair: str = "auto",
    max_concepts: int = 8,
    confidence: float = 0.95,
    precision: float = 0.1,
    seed: int = 0,
    cache: bool = True,
    progress: Progress | None = None,
) -> Explanation:
    """Explain what `personalized` does differently from `base` (FineXL, arXiv 2511.01932).

    Args:
        base, personalized: a folder of images, or a sequence of paths, PIL images or arrays. The i-th image of
            both is to come from the same prompt and seed.
        probes: the prompts of the pairs, in their order; concept directions are then measured on these
            prompts (at most 25 of them) in place of neutral templates.
        encoder: a spec such as "builtin", or any object that satisfies `finexl.encoders.Encoder`.
        proposer: "auto" or "vocabulary", or any object that satisfies `finexl.proposers.Proposer`.
        method: "finexl", "algorithm1" (the paper) or "subspace".
        vocabulary: a .txt or .toml file of concepts in place of the built-in ones.
        pair: "auto", "name", "order" or "unpaired".
        max_concepts: report at most this many.
        confidence: of intervals and tests, in (0, 1).
        precision: half-width of interval that the advice on the number of pairs aims at, in concept vectors.
        seed: of every random draw; the same inputs and seed give the same explanation.
        cache: keep and reuse embeddings in `finexl.store.default_cache_dir()`.
        progress: called as progress(stage, done, total).
    Raises:
        InputError: the images or options cannot be used; the message names the mend.
    Example:
        >>> explanation = finexl.explain("images/base", "images/lora")     # doctest: +SKIP
        >>> [(c.concept, round(c.weight, 2)) for c in explanation.concepts]  # doctest: +SKIP
        [('watercolour', 0.81), ('muted colours', 0.4)]
    """
    report = progress or (lambda stage, done, total: None)
    clock: dict[str, float] = {}
    settings = Settings(max_concepts=max_concepts, confidence=confidence, seed=seed)
    enc = load_encoder(encoder)
    propose = load_proposer(proposer, vocabulary)
    if method not in METHODS:  # said before hours of embedding, not after
        raise UnknownNameError("method", method, METHODS)
    pairing = pair_images(base, personalized, how=pair, seed=seed)
    prompts = _prompts(probes, len(pairing.names))

    with _timed(clock, "embedding"):
        embedded = embed_pairs(enc, pairing, cache, report)
    D = differences(embedded.base, embedded.personalized)

    with _timed(clock, "concepts"):
        report("measuring concepts", 0, 1)
        measure = _remembering(lambda names: directions(enc, names, prompts))
        concepts = propose.propose(Evidence(D, measure))
        F = measure([c.name for c in concepts])
        report("measuring concepts", 1, 1)

    with _timed(clock, "decomposition"):
        report("decomposing", 0, 1)
        found = decompose(D, F, method, settings.for_concepts(concepts))
        report("decomposing", 1, 1)

    provenance = Provenance(
        base=_label(base),
        personalized=_label(personalized),
        images_sha256=embedded.sha256,
        encoder=enc.name,
        encoder_sha256=enc.identity,
        proposer=propose.name,
        vocabulary=_vocabulary_sha256(concepts),
        n_candidates=len(concepts),
        method=method,
        max_concepts=max_concepts,
        confidence=confidence,
        seed=seed,
        templates=tuple(prompts) if prompts else TEMPLATES,
        finexl_version=__version__,
    )
    explanation = _assemble(found, concepts, D, F, pairing, embedded, provenance, precision, clock)
    explanation._pictures = pairing.pictures
    return explanation


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
    scores = _scores(found, concepts, D, selected, pairing)
    residual = (
        None
        if found.residual is None
        else Interval(value=found.residual.value, low=found.residual.low, high=found.residual.high)
    )
    confidence = provenance.confidence
    span = length(D, confidence, seed=provenance.seed)
    return Explanation(
        summary=describe(scores, residual, found.p_value, 1 - confidence),
        concepts=scores,
        residual=residual,
        length=Interval(value=span.value, low=span.low, high=span.high),
        p_value=found.p_value,
        n_pairs=len(D),
        paired=pairing.paired,
        residual_pairs=_refs(pairing, *carriers(D, selected, found.weights, EXAMPLES)) if scores else (),
        advice=_advice(scores, len(D), precision),
        notes=(*pairing.notes, *embedded.notes, *remarks(len(D))),
        provenance=provenance,
        timings={stage: round(seconds, 3) for stage, seconds in clock.items()},
    )


def _prompts(probes: Sequence[str] | None, n: int) -> list[str] | None:
    """Up to 25 of the user's prompts, evenly spread, or None for the neutral templates."""
    if probes is None:
        return None
    if isinstance(probes, str) or len(probes) != n:
        raise InputError(
            f"probes: {len(probes)} prompts for {n} pairs; give one prompt for each pair, in the order of the pairs."
        )
    distinct = list(dict.fromkeys(probes))
    return [distinct[i] for i in np.unique(np.linspace(0, len(distinct) - 1, PROMPTS).astype(int))]


def directions(encoder: Encoder, names: Sequence[str], prompts: Sequence[str] | None) -> NDArray[np.float64]:
    """f(C) = mean_t [Enc(t + C) - Enc(t)] for every concept, shape (k, d) (method section 1)."""
    plain = list(prompts or NEUTRAL)
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


def _scores(
    found: Decomposition,
    concepts: Sequence[Concept],
    D: NDArray[np.float64],
    selected: NDArray[np.float64],
    pairing: Pairing,
) -> list[ConceptScore]:
    each = pair_weights(D, selected)
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
                examples=_refs(pairing, best, each[best, j]),
            )
        )
    return scores


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


def _label(images: Images) -> str:
    return str(images) if isinstance(images, str | Path) else f"{len(images)} images in memory"


def _vocabulary_sha256(concepts: Sequence[Concept]) -> str:
    return hashlib.sha256("\n".join(sorted(c.name for c in concepts)).encode()).hexdigest()


@contextmanager
def _timed(clock: dict[str, float], stage: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    clock[stage] = time.perf_counter() - began
