"""The sentences of an explanation: plain English made of the figures and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from finexl.types import ConceptScore, Interval

FEW = 25


def describe(
    concepts: Sequence[ConceptScore], residual: Interval | None, p_value: float, alpha: float
) -> str:
    """One or two sentences that say what was found."""
    if not concepts and p_value >= alpha:
        return "No difference was found between the two sets of images."
    if not concepts:
        return "The two sets of images differ, but no concept of the vocabulary describes how."
    parts = [
        f"{_amount(c.weight)}{'more' if c.weight > 0 else 'less'} “{c.concept}” ({c.weight:+.2f})"
        for c in concepts[:3]
    ]
    listed = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    rest = len(concepts) - 3
    more = f", and {rest} smaller {'aspect' if rest == 1 else 'aspects'}" if rest > 0 else ""
    sentence = f"The personalized images show {listed}{more}."
    if residual is not None:
        sentence += f" {residual.value:.0%} of the change's length is left unexplained."
    return sentence


def _amount(weight: float) -> str:
    size = abs(weight)
    return "slightly " if size < 0.25 else "" if size < 0.75 else "strongly "


def advise(half_width: float, n: int, target: float, pairs: int) -> str:
    """What the reader should do about the number of pairs."""
    if half_width == 0:
        return f"Nothing is reported from {n} pairs; a change smaller than these can show may need more."
    if half_width <= target:
        return f"{n} pairs are enough: every weight is known to ±{half_width:.2f} (asked: ±{target:.2f})."
    return f"The widest interval is ±{half_width:.2f}; about {pairs} pairs would bring it to ±{target:.2f}."


def remarks(n: int) -> tuple[str, ...]:
    """What follows from the number of pairs alone."""
    if n >= FEW:
        return ()
    return (
        f"Only {n} pairs were compared; 25 to 50 are enough for a simple style, 100 to 200 for a complex one.",
    )
