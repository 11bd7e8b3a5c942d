"""Single changes and mixes by other people's image tools: is the right word named, and who names it better?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from finexl.bench.contrasts import against, best, by_method
from finexl.bench.core import SINGLE_LEVEL
from finexl.bench.effects import EFFECTS, MIX_LEVEL, MIXES_OF, SEEN_IN_TRAINING, Effect, Mix, Split
from finexl.bench.experiment import Cell, Experiment, Report, Row, Setting, Table, Verdict
from finexl.bench.grounds import OURS, SIMULATION, Grounds, baselines, first_words, listed_words, scorers
from finexl.bench.intervals import mean_interval, told
from finexl.bench.sheets import SHOWN, sheet
from finexl.bench.verdicts import PHOTOGRAPHS, claimed, verdict
from finexl.bench.words_aspects import by_aspect, failures
from finexl.bench.writing import PICTURE

QUICK_EFFECTS = 3


def cells(setting: Setting, split: Split = "test") -> list[Cell]:
    """One for every single effect of a split, and one for every mix of them."""
    grounds = Grounds(setting)
    effects = [effect for effect in EFFECTS if effect.split == split]
    mixes = MIXES_OF[split]
    if setting.quick:
        effects, mixes = effects[:QUICK_EFFECTS], mixes[:1]
    asked = first_words([*effects, *(part for mix in mixes for part in mix.parts)])
    return [
        *(Cell(f"single {effect.name}", partial(_single, grounds, effect, asked)) for effect in effects),
        *(Cell(f"mix {mix.name}", partial(_mix, grounds, mix, asked)) for mix in mixes),
    ]


def _single(grounds: Grounds, effect: Effect, asked: Sequence[str]) -> list[Row]:
    common = {
        "kind": "single",
        "change": effect.name,
        "library": effect.library,
        "aspect": grounds.bench.concepts[grounds.words.index(effect.accepted[0].removeprefix("-"))].aspect,
        "seen": effect.name in SEEN_IN_TRAINING,
    }
    named = _named(grounds, effect, SINGLE_LEVEL, {effect.accepted[0]: SINGLE_LEVEL}, asked)
    chance = len(effect.accepted) / (2 * len(grounds.words))
    rows: list[Row] = [
        {**common, "method": method, "words": words[:5], "accepted": effect.accepted, **judged(words, effect.accepted),
         "chance": chance, "pairs": grounds.pairs}
        for method, words in named.items()
    ]  # fmt: skip
    for row in rows:
        if row["method"] == OURS and not row["first"]:
            shown = grounds.changed(effect.apply, SINGLE_LEVEL, SHOWN)
            row[PICTURE] = sheet([grounds.bench.grounds[:SHOWN], shown])
    return rows


def _mix(grounds: Grounds, mix: Mix, asked: Sequence[str]) -> list[Row]:
    seen = any(part.name in SEEN_IN_TRAINING for part in mix.parts)
    truth = {part.accepted[0]: MIX_LEVEL for part in mix.parts}
    named = _named(grounds, mix, MIX_LEVEL, truth, asked)
    # A random draw of five of the 2 k signed words misses all that are right for a part with this probability.
    signed = 2 * len(grounds.words)
    missed = [np.prod([1 - len(right) / (signed - i) for i in range(5)]) for right in mix.truth]
    return [
        {"kind": "mix", "change": mix.name, "seen": seen, "method": method, "words": words[:5],
         "found": (found := parts_found(words, mix.truth)), "parts": float(np.mean(found)), "chance": float(1 - np.mean(missed)),
         "pairs": grounds.pairs}
        for method, words in named.items()
    ]  # fmt: skip


def _named(
    grounds: Grounds, change: Effect | Mix, level: float, truth: dict[str, float], asked: Sequence[str]
) -> dict[str, list[str]]:
    """Everybody's signed words, most important first, for one case."""
    case = grounds.case(change.apply, level, change.name)
    return {
        method: listed_words(method, case, score(case, truth))
        for method, score in scorers(grounds.setting, asked).items()
    }


def judged(words: Sequence[str], accepted: Sequence[str]) -> Row:
    """Is a right word first, and is one in the first three?"""
    hits = [word in accepted for word in words[:3]]
    return {"first": hits[:1] == [True], "three": any(hits)}


def parts_found(words: Sequence[str], truth: Sequence[Sequence[str]]) -> list[bool]:
    """For each part of a mix, whether one of its right words is in the first five."""
    return [any(word in part for word in words[:5]) for part in truth]


def report(rows: Sequence[Row]) -> Report:
    """Rates with intervals over changes, ours minus each rival, every change by ours, and where ours fails."""
    fresh = [row for row in rows if not row["seen"]]
    singles, mixes = ([r for r in fresh if r["kind"] == kind] for kind in ("single", "mix"))
    figures = [by_method(singles, "first"), by_method(singles, "three"), by_method(mixes, "parts")]
    return Report(
        _text(singles, mixes, figures),
        [
            _rates(
                figures,
                [mean([r["chance"] for r in part]) for part in (singles, mixes)],
                len(fresh) < len(rows),
            ),
            by_aspect(singles),
            _every(singles),
            _mixes(mixes),
            _failures(singles),
        ],
        verdicts=_verdicts(singles, figures),
        pictures=failures(singles),
    )


def _verdicts(singles: Sequence[Row], figures: Sequence[dict[str, list[float]]]) -> list[Verdict]:
    names = ("a right word first", "a right word in the first three", "parts of mixes in the first five")
    silent = sum(row["method"] == OURS and not row["words"] for row in singles)
    why = f"Ours says nothing of {silent} of {len(figures[0][OURS])} single changes."
    return [
        one
        for name, figure in zip(names, figures, strict=True)
        for one in claimed(verdict(PHOTOGRAPHS, name, figure), "", why)
    ]


def mean(values: Sequence[float]) -> float:
    """NaN where there is none."""
    return float(np.mean(values)) if values else float("nan")


def _text(singles: Sequence[Row], mixes: Sequence[Row], figures: Sequence[dict[str, list[float]]]) -> str:
    names = ("A right word first", "One in the first three", "Parts of mixes in the first five")
    parts = []
    for name, figure in zip(names, figures, strict=True):
        rival = best(figure, baselines(figure))
        parts.append(
            f"{name}: ours {told(mean_interval(figure[OURS]))}, the best rival ({rival}) {mean(figure[rival]):.2f}, "
            f"ours minus it {against(figure[OURS], figure[rival])}."
        )
    count = len(figures[0][OURS])
    return (
        f"{count} single changes at level {SINGLE_LEVEL} and {len(figures[2][OURS])} mixes at level {MIX_LEVEL}, "
        f"{(*singles, *mixes)[0]['pairs']} pairs each, the whole vocabulary as candidates. " + " ".join(parts)
    )


def _rates(figures: Sequence[dict[str, list[float]]], chances: Sequence[float], some_left_out: bool) -> Table:
    heads = ("method", "right word first", "ours minus it", "in the first three", "ours minus it",
             "parts of mixes in the first five", "ours minus it")  # fmt: skip
    lines: list[list[object]] = [["chance", f"{chances[0]:.3f}", "-", "-", "-", f"{chances[1]:.3f}", "-"]]
    for method in figures[0]:
        line: list[object] = [f"**{method}**" if method == OURS else method]
        for figure in figures:
            line += [told(mean_interval(figure[method])), against(figure[OURS], figure[method])]
        lines.append(line)
    left_out = f"Changes whose code ran in training too ({', '.join(SEEN_IN_TRAINING)}) and mixes with them are left out. "
    return Table(
        "Rates",
        heads,
        lines,
        "Bootstrap over changes; differences are paired. A word is right if it was written down for the change before any result was "
        'seen; "-x" is less of x. Our three methods list their words by share, as an explanation does, others by |score|. Chance: a random order of all signed words. '
        f"{left_out if some_left_out else ''}{SIMULATION}",
    )


def _every(singles: Sequence[Row]) -> Table:
    lines = [
        [r["change"], ", ".join(r["accepted"]), ", ".join(r["words"][:3]) or "nothing", "yes" if r["first"] else "no",
         "yes" if r["three"] else "no", _share(singles, r["change"])]
        for r in singles if r["method"] == OURS
    ]  # fmt: skip
    heads = (
        "change",
        "right words",
        "found by ours",
        "right first",
        "in the first three",
        "rivals with a right word first",
    )
    return Table("Every single change", heads, lines)


def _share(singles: Sequence[Row], change: str) -> str:
    """ "3 of 13" rivals put a right word first."""
    rivals = baselines([r["method"] for r in singles if r["change"] == change])
    hits = [r["first"] for r in singles if r["change"] == change and r["method"] in rivals]
    return f"{sum(hits)} of {len(hits)}"


def _mixes(mixes: Sequence[Row]) -> Table:
    lines = []
    for row in mixes:
        if row["method"] == OURS:
            parts = zip(row["change"].split(" + "), row["found"], strict=True)
            missed = [name for name, found in parts if not found]
            lines.append([row["change"], ", ".join(row["words"]) or "nothing", ", ".join(missed) or "-"])
    return Table("Every mix", ("mix", "found by ours", "parts without a right word"), lines)


def _failures(singles: Sequence[Row]) -> Table:
    lines = []
    for row in singles:
        if row["method"] == OURS and not row["first"]:
            same = [r for r in singles if r["change"] == row["change"] and r["first"]]
            names = baselines([r["method"] for r in same])
            lines.append(
                [row["change"], ", ".join(row["accepted"]), ", ".join(row["words"]) or "nothing", ", ".join(names) or "nobody"]
            )  # fmt: skip
    heads = ("change", "right words", "found by ours", "who has a right word first")
    return Table("Where ours does not put a right word first", heads, lines)


EXPERIMENT = Experiment(
    "words",
    "The right word",
    "Photographs are changed by OpenCV, scikit-image and Pillow, one way or several. Which method names what was done?",
    cells,
    report,
)
