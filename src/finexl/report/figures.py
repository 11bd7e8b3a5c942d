"""What all renderers say alike: figures as text with their units, the state of a finding, definitions."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from finexl.types import ConceptScore, Explanation, Interval, Measure
from finexl.wording import least_pairs, too_few

State = Literal["described", "undescribed", "none", "few"]

HEADLINES: dict[State, str] = {
    "described": "What changed",
    "undescribed": "A difference was found, but no concept of the vocabulary describes it",
    "none": "No difference found",
    "few": "Too few pairs to tell",
}
_SHOWN_CONTROLS = dict.fromkeys("\t\n\v\f\r\x85\u2028\u2029", " ")
_JOINERS = "\u200c\u200d"  # these shape letters and emoji and cannot reorder or hide text


def clean(value: object) -> str:
    """One line of visible text: line breaks become spaces; what could drive a terminal, reorder or hide
    text (control and formatting characters, halves of surrogate pairs) becomes "\ufffd".
    """
    text = str(value)
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character in _SHOWN_CONTROLS:
        return " "
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in _JOINERS
    return "\ufffd" if hidden else character


def state(explanation: Explanation) -> State:
    """Whether concepts describe the change, a change was found that none describes, there is none, or nobody can tell."""
    if explanation.concepts:
        return "described"
    alpha = 1 - explanation.provenance.confidence
    if too_few(explanation.p_value, alpha, explanation.n_pairs):
        return "few"
    return "none" if explanation.p_value >= alpha else "undescribed"


def verdict(explanation: Explanation) -> str:
    """What an explanation without concepts means, and what to do next."""
    n, sure = explanation.n_pairs, level(explanation)
    p = f"p {p_value(explanation.p_value)}"
    if state(explanation) == "few":
        return (
            f"With {n} pairs no test can tell at {sure} confidence whether the sets differ, whatever they show. "
            f"Give at least {least_pairs(1 - explanation.provenance.confidence)}; 25 or more are better."
        )
    if state(explanation) == "none":
        return (
            f"At {sure} confidence these {n} pairs cannot be told from two draws of one model ({p}). That does not "
            f"show that the models are equal: the change may be smaller than {n} pairs can show."
        )
    return (
        f"The two sets differ ({p}), but none of the {explanation.provenance.n_candidates} candidate concepts "
        "says how. Look at the pictures, and add your own words with --vocabulary "
        "(in Python: vocabulary=...)."
    )


def title(score: ConceptScore) -> str:
    """The concept's name, or "less NAME" where the weight is negative."""
    return f"less {score.concept}" if score.weight < 0 else score.concept


def instead(score: ConceptScore) -> str:
    """Where less of a concept has a name of its own, that name; otherwise nothing."""
    return score.opposite if score.weight < 0 and score.opposite else ""


def signed(value: float) -> str:
    """A weight with its sign, "+0.81" or "−0.62"."""
    text = f"{value:+.2f}" if abs(value) < 1000 or not math.isfinite(value) else f"{value:+.1e}"
    return text.replace("-", "−")


def weight_interval(score: ConceptScore) -> str:
    """ "[+0.70, +0.92]" """
    return f"[{signed(score.low)}, {signed(score.high)}]"


def number(value: float) -> str:
    """A figure of unknown size to three digits."""
    return f"{value:.3g}".replace("-", "−")


def number_interval(figure: Interval | Measure) -> str:
    """ "0.214 [0.19, 0.24]" """
    return f"{number(figure.value)} [{number(figure.low)}, {number(figure.high)}]"


def percent(value: float) -> str:
    """A part, 0..1, in per cent."""
    return f"{100 * value:.0f}%".replace("-", "−")


def percent_interval(figure: Interval) -> str:
    """ "31% [22, 40]" """
    return f"{percent(figure.value)} [{percent(figure.low)[:-1]}, {percent(figure.high)[:-1]}]"


def p_value(p: float) -> str:
    """ "= 0.034" or "< 0.001" """
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def level(explanation: Explanation) -> str:
    """The confidence of intervals and tests, "95%"."""
    return f"{100 * explanation.provenance.confidence:g}%"


def pairs(explanation: Explanation) -> str:
    """The number of pairs and how they were compared."""
    how = "each with its partner" if explanation.paired else "as two sets, without pairing"
    return f"{explanation.n_pairs}, compared {how}"


def definitions(explanation: Explanation) -> list[tuple[str, str]]:
    """Each number's unit and meaning, for people."""
    sure = level(explanation)
    return [
        (
            "Weight",
            "In concept vectors: 1.0 is as far as adding the phrase to the prompt moves the text embedding. "
            "Negative means less of the concept.",
        ),
        (
            f"Interval [{sure}]",
            f"Behind every figure, in its unit: with other pairs from the same models, {sure} of such "
            "intervals would hold the true value.",
        ),
        ("Share", "Per cent of the explained squared length of the change; all shares add up to 100%."),
        (
            "Unexplained",
            "Per cent of the change's length that the listed concepts do not account for, corrected for noise.",
        ),
        (
            "Length of the change",
            "Length of the mean difference between the embeddings of personalized and base images, corrected "
            "for noise, in the encoder's unit-length space: 0 is no change, 2 the most there can be.",
        ),
        (
            "p-value",
            "Probability, 0 to 1, of a difference at least this large if there were none (sign-flip test).",
        ),
        (
            "Score of a pair",
            "For a concept, its weight in this pair alone, in concept vectors; for the unexplained part, the "
            "pair's length along it in the embedding space.",
        ),
        ("Overlap", "Cosine between the directions of two concepts, −1 to 1; 1 means the same."),
    ]


def provenance(explanation: Explanation) -> list[tuple[str, str]]:
    """All that is needed to repeat the explanation, as labelled text."""
    p = explanation.provenance
    models = [
        ("Base, identity", p.base_identity),
        ("Personalized, identity", p.personalized_identity),
        ("Probes, SHA-256", p.probes_sha256),
    ]
    return [
        ("Base", p.base),
        ("Personalized", p.personalized),
        *((name, value) for name, value in models if value),
        ("Images, SHA-256", p.images_sha256),
        ("Encoder", p.encoder),
        ("Encoder, SHA-256", p.encoder_sha256),
        ("Proposer", p.proposer),
        ("Vocabulary", p.vocabulary),
        ("Candidate concepts", str(p.n_candidates)),
        ("Method", p.method),
        ("Concepts at most", str(p.max_concepts)),
        ("Confidence", level(explanation)),
        ("Seed", str(p.seed)),
        ("Prompt templates", " · ".join(p.templates)),
        ("FineXL", p.finexl_version),
        ("Schema", str(explanation.schema_version)),
    ]


@dataclass(frozen=True)
class Scale:
    """The weight axis that all bars of one explanation share; it always holds zero.

    Attributes:
        low, high: ends of the axis, in concept vectors.
        ticks: round values within it, ascending, zero among them.
    """

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Where a value lies, 0 (left end) to 1 (right end); beyond the ends it is held there."""
        if math.isnan(value):
            value = 0.0
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def scale(concepts: Iterable[ConceptScore]) -> Scale:
    """The axis that holds zero and every weight with its interval."""
    ends = [min(1e6, max(-1e6, x)) for c in concepts for x in (c.weight, c.low, c.high) if not math.isnan(x)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    if high - low < 1e-6:
        low, high = -1.0, 1.0
    span = high - low
    step = 10.0 ** math.floor(math.log10(span / 2))
    step *= next(m for m in (1, 2, 5, 10) if span / (m * step) <= 5)
    ticks = tuple(round(i * step, 12) for i in range(math.ceil(low / step), math.floor(high / step) + 1))
    margin = 0.04 * span
    return Scale(low - margin, high + margin, ticks)
