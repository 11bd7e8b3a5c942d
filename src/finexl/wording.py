"""The sentences of an explanation: plain English made of the figures and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from finexl.types import ConceptScore, Contrast, Interval, Proposed

FEW = 25


def describe(
    concepts: Sequence[ConceptScore], residual: Interval | None, p_value: float, alpha: float, n: int
) -> str:
    """One or two sentences that say what was found in n pairs."""
    if not concepts and too_few(p_value, alpha, n):
        return f"{n} pairs are too few to tell whether the two sets of images differ: {_takes(alpha)}."
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


def least_pairs(alpha: float) -> int:
    """From how many pairs on the sign-flip test can say at this level that there is a difference: 2^-(n - 1) is below it.

    Example:
        >>> least_pairs(0.05), least_pairs(0.001)
        (6, 11)
    """
    return next(n for n in range(2, 60) if 0.5 ** (n - 1) < alpha)


def too_few(p_value: float, alpha: float, n: int) -> bool:
    """Whether n pairs, not all of them the same picture twice, can tell nothing at this level whatever they show."""
    return alpha <= p_value < 1 and n < least_pairs(alpha)


def _takes(alpha: float) -> str:
    return f"at {1 - alpha:.4g} confidence it takes at least {least_pairs(alpha)}, whatever they show"


def advise(half_width: float, n: int, target: float, pairs: int) -> str:
    """What the reader should do about the number of pairs."""
    if half_width == 0:
        return f"Nothing is reported from {n} pairs; a change smaller than these can show may need more."
    if half_width <= target:
        return f"{n} pairs are enough: every weight is known to ±{half_width:.2f} (asked: ±{target:.2f})."
    return f"The widest interval is ±{half_width:.2f}; about {pairs} pairs would bring it to ±{target:.2f}."


def remarks(n: int, unchanged: int = 0) -> tuple[str, ...]:
    """What follows from the number of pairs, and from how many of them are the same picture twice."""
    said = []
    if n < FEW:
        said.append(
            f"Only {n} pairs were compared; 25 to 50 are enough for a simple style, 100 to 200 for a complex one."
        )
    if unchanged == n:
        said.append("In every pair both pictures are the same.")
    elif unchanged > n / 4:
        said.append(f"In {unchanged} of {n} pairs both pictures are the same.")
    return tuple(said)


def repeated(prompts: Sequence[str | None]) -> tuple[str, ...]:
    """What follows where pairs share their prompt: seeds of one prompt are no independent sample of prompts."""
    known = [prompt for prompt in prompts if prompt is not None]
    distinct = len(set(known))
    if distinct == len(known):
        return ()
    sample, them = ("one prompt", "it") if distinct == 1 else (f"{distinct} prompts", "these")
    return (
        f"{len(known)} pairs were made from {sample}: the intervals and the p-value hold for {them}, and are too narrow for what "
        "the model does with others. More prompts say more than more seeds.",
    )


def unlike(base: Sequence[str | None], personalized: Sequence[str | None]) -> tuple[str, ...]:
    """What follows where two tables name other prompts for the two pictures of a pair."""
    apart = [(a, b) for a, b in zip(base, personalized, strict=False) if a and b and a != b]
    if not apart:
        return ()
    return (
        f"The tables name different prompts for the two pictures of a pair, {len(apart)} times (“{apart[0][0]}” and “{apart[0][1]}” first): what "
        "that changes is part of the difference.",
    )


def describe_contrast(
    names: tuple[str, str], sure: Sequence[Contrast], compared: int, p_value: float, alpha: float, n: int
) -> str:
    """What tells two personalizations apart in n pairs, in a sentence.

    Args:
        sure: the concepts that differ beyond doubt, largest difference first.
        compared: how many concepts were compared.
    """
    a, b = names
    if too_few(p_value, alpha, n):
        return f"{n} pairs are too few to tell whether “{a}” and “{b}” differ: {_takes(alpha)}."
    if p_value >= alpha:
        return f"No difference was found between “{a}” and “{b}”."
    if not sure and compared:
        return f"“{a}” and “{b}” differ, but of {compared} concepts compared none is certain."
    if not sure:
        return f"“{a}” and “{b}” differ, but no concept of the vocabulary says how."
    parts = [
        f"{'more' if c.difference.value > 0 else 'less'} “{c.concept}” ({c.difference.value:+.2f})"
        for c in sure[:3]
    ]
    listed = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    return f"Compared with “{a}”, “{b}” shows {listed}."


def describe_proposals(words: Sequence[Proposed]) -> str:
    """What became of the proposals, in a sentence."""
    tested = [word for word in words if word.p_value is not None]
    reported = [f"“{word.concept}”" for word in words if word.verdict == "reported"]
    said = f"{', '.join(reported)} would be reported" if reported else "None would be reported"
    if not tested:
        return f"{said}; all {len(words)} are words of the vocabulary." if words else "Nothing was proposed."
    failed = sum(word.verdict != "reported" for word in tested)
    return f"{said}; {failed} of {len(tested)} words from outside the vocabulary failed on pairs held out for the test."


def describe_response(
    concepts: Sequence[str], useful: tuple[float, float] | None, strengths: Sequence[float]
) -> str:
    """What a sweep over strengths says about which to use."""
    if not concepts:
        return "No concept was found whose growth could be followed."
    if useful is None:
        return f"“{concepts[0]}” does not show at any of the strengths {_list(strengths)}."
    low, high = useful
    if low == high:
        return f"Of the strengths {_list(strengths)}, {low:g} shows “{concepts[0]}” about as strongly as it gets."
    return (
        f"“{concepts[0]}” shows from strength {low:g}; beyond {high:g} it hardly grows, or more of the change is left "
        "unexplained, among the strengths tried."
    )


def _list(strengths: Sequence[float]) -> str:
    return ", ".join(f"{s:g}" for s in strengths)
