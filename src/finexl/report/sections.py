"""Findings beside the concepts, as titled tables that every renderer prints in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from finexl.report import figures
from finexl.types import Effect, Explanation, Interval, Origin, Proposed, Rejected, Response, Usage

CAUSES = {
    "weights": "the weights, on plain prompts",
    "weights with trigger": "the weights, with the trigger in both models' prompts",
    "trigger": "the trigger word, in the base model",
    "both": "weights and trigger together",
    "interaction": "what the weights do only with the trigger",
}
VERDICTS = {
    "reported": "reported",
    "vocabulary": "a word of the vocabulary, not reported",
    "too few pairs": "too few pairs to hold some out for the test",
    "other direction": "the pairs move the other way than was said",
    "no separation": "does not tell the two sets apart",
    "nothing new": "says nothing that the words in the explanation, or a word of the vocabulary, do not say as well",
    "not needed": "passed, and all pairs together had no use for it",
}
SIDES = {1: "more", 0: "", -1: "less"}


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
    if any(concept.origin for concept in explanation.concepts):
        yield _named(explanation)
    if explanation.rejected:
        yield _rejected(explanation)
    if explanation.usage:
        yield usage_section(
            explanation.usage, explanation.timings.get("proposals", 0.0), explanation.provenance.rounds
        )


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


def _named(explanation: Explanation) -> Section:
    return Section(
        "Who named the concepts",
        "Besides the vocabulary, which names all its words. Of every proposer: in how many of the questions put to it it named the word, "
        "and whether it said that there is more or less of it.",
        ("Concept", "Named by"),
        tuple(
            (
                figures.title(concept),
                origin_text(concept.origin) if concept.origin else "the vocabulary alone",
            )
            for concept in explanation.concepts
        ),
    )


def _rejected(explanation: Explanation) -> Section:
    level = figures.level(explanation)
    return Section(
        "Proposed, and not confirmed",
        f"Words that a proposer named and that pairs it had not seen do not bear out. Both figures are of these pairs, with {level} "
        "intervals; intervals and p-values are corrected for the number of words tested. Effect: how far they move along the word's direction "
        "alone, in concept vectors. Gain: per cent of the change's squared length explained with the word and not with its best rival.",
        ("Word", "Named by", f"Effect [{level}]", f"Gain [{level}]", "p-value", "Why not"),
        tuple(word_cells(word, word.reason) for word in explanation.rejected),
    )


def word_cells(word: Rejected | Proposed, verdict: str) -> tuple[str, ...]:
    """One proposed word as cells: itself, who named it, effect, gain, p-value, verdict."""
    return (
        word.concept,
        origin_text(word.origin),
        interval_text(word.effect),
        figures.percent_interval(word.gain) if word.gain else "–",
        figures.p_value(word.p_value).removeprefix("= ") if word.p_value is not None else "–",
        VERDICTS[verdict],
    )


def origin_text(origin: Origin | None) -> str:
    """Who named a word how often, "openai:gpt-4o, 3 of 4, more"."""
    if origin is None:
        return "–"
    said = [f"{origin.proposer}, {origin.named} of {origin.asked}", SIDES[origin.direction]]
    return ", ".join(part for part in said if part)


def usage_section(usage: Usage, seconds: float, rounds: int = 1) -> Section:
    """What proposals cost.

    Args:
        seconds: spent waiting for them.
        rounds: how often the proposers were asked.
    """
    price = "not known" if usage.cost is None else f"{usage.cost:.4f} US dollars (estimate)"
    rows = [
        ("Rounds of questions", str(rounds)),
        ("Requests sent", str(usage.calls)),
        ("Replies taken from the store", str(usage.cached)),
        ("Requests and replies of no use", str(usage.failed)),
        ("Tokens in, out", f"{usage.tokens_in}, {usage.tokens_out}"),
        ("Seconds spent waiting", f"{seconds:.1f}"),
        ("Price", price),
        *(("Failure", failure) for failure in usage.failures),
    ]
    return Section(
        "What the proposals cost",
        "In this run; what an earlier run had asked comes from the store at no cost.",
        ("Item", "Value"),
        tuple(rows),
    )
