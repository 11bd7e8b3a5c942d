"""Two personalizations of one base: not two lists side by side, but what tells them apart, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from finexl.encoders import Encoder
from finexl.errors import InputError
from finexl.explaining import label, not_for_models, only_for_models, pair_up, set_up, spread
from finexl.generators import Generator, Images
from finexl.method import Fit, contrast, decompose, distinct, length, sign_flip_test
from finexl.opening import Model, open_models
from finexl.probing import Plan, Probes, Sitting
from finexl.proposers import AnyProposer
from finexl.staircase import Explained, Run, explain_pairs, interval
from finexl.types import Comparison, Contrast, Interval, Progress
from finexl.wording import describe_contrast


def compare(
    base: Model,
    a: Model,
    b: Model,
    probes: Probes = None,
    *,
    options: Mapping[str, str] | None = None,
    n_probes: int | None = None,
    trigger: str | None = "auto",
    encoder: str | Encoder = "builtin",
    proposer: AnyProposer = "auto",
    rounds: int = 2,
    require_vlm: bool = False,
    local_only: bool = False,
    method: str = "finexl",
    vocabulary: str | Path | None = None,
    pair: str = "auto",
    max_concepts: int = 8,
    confidence: float = 0.95,
    seed: int = 0,
    cache: bool = True,
    progress: Progress | None = None,
) -> Comparison:
    """Contrast two personalizations (two epochs, two rivals) on the same probes.

    Both are explained against the base. The concepts of either, and those of the direct difference between them, are
    then fitted jointly to both; the interval of each difference is paired over the probes.

    Args:
        base, a, b: as the two sides of `finexl.explain`; three folders need equal file names (or counts).
        others: as in `finexl.explain`.
    Raises:
        InputError: as `finexl.explain`, or the three sets of images do not match.
    Example:
        >>> comparison = finexl.compare("base", "epoch-2", "epoch-8")         # doctest: +SKIP
        >>> comparison.contrasts[0].concept, comparison.contrasts[0].difference  # doctest: +SKIP
    """
    run = set_up(
        encoder,
        proposer,
        method,
        vocabulary,
        max_concepts,
        confidence,
        seed,
        cache,
        progress,
        rounds=rounds,
        require_vlm=require_vlm,
        local_only=local_only,
    )
    left, first = open_models(base, a, options or {})
    _, second = open_models(left, b, options or {})
    if isinstance(left, Generator) and isinstance(first, Generator) and isinstance(second, Generator):
        not_for_models(pair)
        plan = Plan(probes, n_probes, None, seed, trigger, ())
        sitting = Sitting(run, left, (first, second), plan)
        try:
            n = sitting.start
            found = sitting.explain(left, first, n), sitting.explain(left, second, n)
        finally:
            sitting.studio.close()
        names = first.name, second.name
    elif isinstance(left, Generator) or isinstance(first, Generator) or isinstance(second, Generator):
        raise InputError("give three models, or three sets of images made from the same prompts and seeds.")
    else:
        only_for_models(options=options, n_probes=n_probes, trigger=trigger)
        found = _explain_folders(run, left, first, second, probes, pair)
        names = found[0].explanation.provenance.personalized, found[1].explanation.provenance.personalized
    return _contrasted(run, names, *found)


def _explain_folders(
    run: Run, base: Images, a: Images, b: Images, probes: Probes, pair: str
) -> tuple[Explained, Explained]:
    """Both sets against the base, restricted to the pairs that all three have."""
    sides = [pair_up(base, side, probes, pair, run.settings.seed) for side in (a, b)]
    pairings = [pairing for pairing, _ in sides]
    if not all(pairing.paired for pairing in pairings):
        raise InputError(
            "three sets of images can only be compared pair by pair. Use --pair name or --pair order."
        )
    if pairings[0].base != pairings[1].base:
        raise InputError(
            f"the base has partners for {len(pairings[0].names)} images of the first set and {len(pairings[1].names)} of "
            "the second, and not for the same ones. Make all three sets from the same prompts and seeds."
        )
    prompts = spread(sides[0][1])
    left, right = (
        explain_pairs(run, pairing, prompts, (label(base), label(side)))
        for pairing, side in zip(pairings, (a, b), strict=True)
    )
    return left, right


def _contrasted(run: Run, names: tuple[str, str], a: Explained, b: Explained) -> Comparison:
    """The joint fit of everything that was found in either, or in their difference."""
    settings = run.settings
    places = {concept.name: i for i, concept in enumerate(a.concepts)}
    extra = [i for i, concept in enumerate(b.concepts) if concept.name not in places]
    concepts = [*a.concepts, *(b.concepts[i] for i in extra)]
    F = np.concatenate([a.F, b.F[extra]])
    place = {concept.name: i for i, concept in enumerate(concepts)}
    D = b.D - a.D
    # Neither set was there before the other: "less of" and "more of" are alike here (no `for_base`).
    direct = decompose(D, F, run.method, settings.for_concepts(concepts))
    # The words of both in one order that does not depend on which of them is called A.
    either = [score for one in (a, b) for score in one.explanation.concepts]
    either.sort(key=lambda score: (-abs(score.weight), score.concept))
    order = [*direct.indices, *(place[score.concept] for score in either)]
    chosen = distinct(F, order, settings.redundancy)
    rows: list[Contrast] = []
    sure: list[str] = []
    if chosen:
        fits = contrast(a.D, b.D, F[chosen], settings)
        # Each interval holds for its own word; what the sentence says holds for all of them together (Bonferroni).
        strict = replace(settings, confidence=1 - settings.alpha / len(chosen))
        decided = contrast(a.D, b.D, F[chosen], strict).difference.decided
        sure = [concepts[i].name for i, certain in zip(chosen, decided, strict=True) if certain]
        for j, index in enumerate(chosen):
            figures = {name: _figure(fit, j) for name, fit in fits._asdict().items()}
            rows.append(Contrast(concept=concepts[index].name, aspect=concepts[index].aspect, **figures))
    rows.sort(key=lambda row: (-abs(row.difference.value), row.concept))
    p = sign_flip_test(D, settings.draws, settings.seed)
    return Comparison(
        summary=describe_contrast(
            names, [row for row in rows if row.concept in sure], len(rows), p, settings.alpha, len(D)
        ),
        a=names[0],
        b=names[1],
        contrasts=tuple(rows),
        length=interval(length(D, settings.confidence, seed=settings.seed)),
        p_value=p,
        confidence=settings.confidence,
        explanation_a=a.explanation,
        explanation_b=b.explanation,
        notes=tuple(dict.fromkeys([*a.explanation.notes, *b.explanation.notes])),
    )


def _figure(fit: Fit, j: int) -> Interval:
    return Interval(value=float(fit.weights[j]), low=float(fit.low[j]), high=float(fit.high[j]))
