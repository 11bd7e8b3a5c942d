"""Best, tied or lost: ours against the best rival, told once and alike for every experiment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from finexl.bench.contrasts import best, difference
from finexl.bench.experiment import Verdict
from finexl.bench.grounds import OURS, baselines
from finexl.bench.intervals import mean_interval, told

PHOTOGRAPHS = "photographs"
"""The family of everything that image tools did to photographs."""


def verdict(
    family: str,
    measure: str,
    figures: dict[str, list[float]],
    rivals: Sequence[str] | None = None,
    *,
    largest: bool = True,
    digits: int = 2,
) -> list[Verdict]:
    """Ours against the best of the rivals; nothing where there are no runs or no rivals.

    Args:
        figures: method -> one value for each independent run, in one order.
        rivals: those that count; None for all `baselines`.
    """
    others = list(baselines(figures) if rivals is None else rivals)
    if not others or not figures.get(OURS):
        return []
    rival = best(figures, others, largest)
    ours, theirs = figures[OURS], figures[rival]
    return [
        Verdict(
            family,
            measure,
            mean_interval(ours),
            rival,
            mean_interval(theirs),
            difference(ours, theirs),
            largest,
            len(ours),
            digits=digits,
        )
    ]


def claimed(verdicts: Sequence[Verdict], claim: str, why: str = "") -> list[Verdict]:
    """The same, with what the paper claims and what the rows say about the reason."""
    return [replace(one, claim=claim, why=why) for one in verdicts]


def line(experiment: str, one: Verdict) -> list[object]:
    """One row of the summary."""
    return [
        experiment,
        one.family,
        f"{one.measure} ({'more' if one.largest else 'less'} is better)",
        told(one.ours, one.digits),
        f"{told(one.theirs, one.digits)} ({one.rival})",
        told(one.difference, one.digits),
        f"**{one.word}**",
        one.claim or "-",
    ]


def lost(experiment: str, one: Verdict) -> str:
    """Where ours is not best, in a sentence or two."""
    return (
        f"**{experiment}, {one.family}**: in {one.measure} ours is worse than {one.rival}, {told(one.ours, one.digits)} against "
        f"{told(one.theirs, one.digits)} over {one.runs} runs, ours minus it {told(one.difference, one.digits)}. {one.why}"
    ).rstrip()
