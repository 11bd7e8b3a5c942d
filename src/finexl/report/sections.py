"""Findings beside the concepts, as titled tables that every renderer prints in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from finexl.report import figures
from finexl.types import Effect, Explanation, Interval, Response

CAUSES = {
    "weights": "the weights, on plain prompts",
    "weights with trigger": "the weights, with the trigger in both models' prompts",
    "trigger": "the trigger word, in the base model",
    "both": "weights and trigger together",
    "interaction": "what the weights do only with the trigger",
}


@dataclass(frozen=True)
class Section:
    """One table.

    Attributes:
        title: its heading.
        text: a sentence that says how to read it.
        heads: of the columns.
        rows: as many cells each as there are heads.
    """

    title: str
    text: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sections(explanation: Explanation) -> Iterator[Section]:
    """The tables this explanation has, in the order in which they are shown."""
    if explanation.effects:
        yield _effects(explanation)
    if explanation.response:
        yield _response(explanation.response, figures.level(explanation))
    if explanation.measures:
        yield _measures(explanation)


def _effects(explanation: Explanation) -> Section:
    trigger = explanation.trigger
    word = f"“{trigger.text}” ({trigger.source})" if trigger else "the trigger"
    return Section(
        "Weights and trigger word apart",
        f"The trigger word is {word}. Each row compares two of the four image sets "
        "{base, personalized} × {plain prompt, prompt with the trigger}.",
        ("Cause", "What it does", f"Length [{figures.level(explanation)}]", "p-value"),
        tuple(_effect(effect) for effect in explanation.effects),
    )


def _effect(effect: Effect) -> tuple[str, ...]:
    named = ", ".join(f"{c.concept} {figures.signed(c.weight)}" for c in effect.concepts[:4])
    return (
        CAUSES[effect.cause],
        named or effect.summary,
        figures.number_interval(effect.length),
        figures.p_value(effect.p_value).removeprefix("= "),
    )


def _response(response: Response, level: str) -> Section:
    rows = [
        (curve.concept, *(interval_text(weight) for weight in curve.weights)) for curve in response.curves
    ]
    rows.append(("length of the change", *(figures.number_interval(length) for length in response.lengths)))
    parts = zip(response.residuals, response.lengths, strict=True)
    rows.append(("unexplained", *(figures.percent_interval(r) if n.value else "–" for r, n in parts)))
    return Section(
        "Response to strength",
        f"{response.text} Weights in concept vectors, jointly fitted at every strength, with {level} intervals; strengths are "
        "factors of the strength that was asked for.",
        ("Strength", *(f"{s:g}" for s in response.strengths)),
        tuple(rows),
    )


def interval_text(figure: Interval) -> str:
    """A weight with its interval, "+0.81 [+0.70, +0.92]"."""
    low, high = figures.signed(figure.low), figures.signed(figure.high)
    return f"{figures.signed(figure.value)} [{low}, {high}]"


def _measures(explanation: Explanation) -> Section:
    rows = [
        (
            m.name,
            figures.number_interval(m),
            m.unit,
            m.definition + (f" Seen by {m.encoder}." if m.encoder else ""),
        )
        for m in explanation.measures
    ]
    return Section(
        "Figures known from elsewhere",
        "They do not say what changed; they make the images comparable with what other tools report.",
        ("Measure", f"Mean [{figures.level(explanation)}]", "Unit", "How it is computed"),
        tuple(rows),
    )
