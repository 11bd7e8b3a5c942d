"""Several differences in terms of one explanation: what weights and trigger do apart, and what strength does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from finexl.measures import measure
from finexl.method import (
    Decomposition,
    Estimate,
    corrected_residual,
    decompose,
    differences,
    length,
    resample_counts,
    seen_by,
    useful_strengths,
    weigh,
)
from finexl.staircase import Explained, Run, interval, score_concepts
from finexl.storing import Embedded
from finexl.types import Curve, Effect, Explanation, Interval, Response
from finexl.wording import describe, describe_response

Array = NDArray[np.float64]


def measure_effects(
    run: Run, found: Explained, plain: Embedded, trigger: Embedded, both: Embedded
) -> tuple[Effect, ...]:
    """The 2x2 of {base, personalized} x {plain prompt, prompt with the trigger}, one cause at a time.

    Args:
        found: the explanation of both models on prompts with the trigger, and its candidates.
        plain: both models on plain prompts.
        trigger: the base without the trigger, and with it.
        both: the base without the trigger, and the personalized model with it.
    """
    pairs = {"weights": plain, "weights with trigger": found.embedded, "trigger": trigger, "both": both}
    causes: dict[str, tuple[Array, NDArray[np.float32] | None]] = {
        cause: (differences(seen.base, seen.personalized), seen.base) for cause, seen in pairs.items()
    }
    # A difference of differences is no change of any pictures: nothing was there before it.
    causes["interaction"] = (found.D - causes["weights"][0], None)
    return tuple(_effect(run, found, cause, D, before) for cause, (D, before) in causes.items())


def _effect(run: Run, found: Explained, cause: str, D: Array, before: NDArray[np.float32] | None) -> Effect:
    """One cause: differences D (n, d) of the pictures `before` (n, d)."""
    settings = run.settings.for_concepts(found.concepts)
    if before is not None:
        settings = settings.for_base(before)
    answer: Decomposition = decompose(D, found.F, run.method, settings)
    scores = score_concepts(answer, found.concepts)
    residual = interval(answer.residual) if answer.residual else None
    return Effect.model_validate(
        {
            "cause": cause,
            "summary": describe(scores, residual, answer.p_value, settings.alpha, len(D)),
            "concepts": tuple(scores),
            "length": interval(length(D, settings.confidence, seed=settings.seed)),
            "p_value": answer.p_value,
        }
    )


def add_measures(run: Run, found: Explained, prompts: Sequence[str] | None) -> Explanation:
    """The explanation with the figures that people know from elsewhere.

    Args:
        prompts: of every pair, in order; None where they are not known.
    """
    settings, seen = run.settings, found.embedded
    measured = measure(
        found.pairing, run.encoder, seen.base, seen.personalized, prompts if found.pairing.paired else None,
        confidence=settings.confidence, seed=settings.seed, cache=run.cache, progress=run.progress,
    )  # fmt: skip
    notes = (*found.explanation.notes, *measured.notes)
    return found.explanation.model_copy(update={"measures": measured.measures, "notes": notes})


def measure_response(run: Run, found: Explained, strengths: Sequence[float], D: Sequence[Array]) -> Response:
    """The reported concepts, jointly fitted at every strength.

    Args:
        found: the explanation at the adapter's own strength, which decides what is looked at.
        strengths: ascending; D: differences (n, d) to the base at each of them.
    """
    settings = run.settings
    F = seen_by(run.method, found.F[list(found.indices)], settings)
    weights: list[list[Interval]] = [[] for _ in found.indices]
    residuals: list[Estimate] = []
    for rows in D:
        fit = weigh(rows, found.F, found.indices, run.method, settings) if found.indices else None
        if fit is None:
            residuals.append(Estimate(1.0, 1.0, 1.0))
            continue
        for curve, value, low, high in zip(weights, fit.weights, fit.low, fit.high, strict=True):
            curve.append(Interval(value=float(value), low=float(low), high=float(high)))
        counts = resample_counts(len(rows), settings.bootstrap, settings.seed)
        seen = seen_by(run.method, rows, settings)
        residuals.append(corrected_residual(seen, F, fit.pairs, settings.confidence, counts))
    positive = [i for i, s in enumerate(strengths) if s > 0]
    useful = None
    if weights and positive:
        leading = [Estimate(weights[0][i].value, weights[0][i].low, weights[0][i].high) for i in positive]
        useful = useful_strengths([strengths[i] for i in positive], leading, [residuals[i] for i in positive])
    names = [found.concepts[i].name for i in found.indices]
    return Response(
        strengths=tuple(strengths),
        curves=tuple(Curve(concept=n, weights=tuple(w)) for n, w in zip(names, weights, strict=True)),
        lengths=tuple(interval(length(rows, settings.confidence, seed=settings.seed)) for rows in D),
        residuals=tuple(interval(r) for r in residuals),
        recommended=useful,
        text=describe_response(names, useful, strengths),
    )
