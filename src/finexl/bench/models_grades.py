"""How strongly was a model taught, or set? Levels read from the weights of personalized models (P3), aspect by aspect.

Two scales: the level at which single aspects were taught, each level a training run of its own; and the strength at which one
adapter is used.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finexl.bench import grading
from finexl.bench.contrasts import against, best, by_method
from finexl.bench.experiment import Figure, Row, Table, Verdict
from finexl.bench.grounds import ANEW, ONCE, OURS, baselines
from finexl.bench.intervals import mean_interval, told
from finexl.bench.verdicts import claimed, verdict

LEAST_LEVELS = 3
UNGRADED = ("finexl, unweighted",)
"""Methods whose scores say no more than a sign."""
AT_ONE = (*UNGRADED, ANEW)
"""Left out where every model is used at its full strength: there is no other level to choose anew at."""
TRAINED, STRENGTH = "taught level", "strength"
"""The two scales."""


def by_strength(rows: Sequence[Row]) -> list[Row]:
    """One curve for every graded model of one aspect and method: its weight by strength."""
    found: dict[tuple[str, str], dict[float, list[float]]] = {}
    for row in rows:
        if row["graded"] and len(row["aspects"]) == 1 and row["method"] not in UNGRADED:
            curve = found.setdefault((row["model"], row["method"]), {})
            curve.setdefault(row["strength"], []).append(row["weights"][0])
    return [_curve(model, method, curve) for (model, method), curve in found.items()]


def by_training(rows: Sequence[Row]) -> list[Row]:
    """One curve for every aspect and method: weight by the level taught, over models of one kind at full strength.

    Several models of one level count by their mean. Aspects of fewer than `LEAST_LEVELS` levels are left out.
    """
    found: dict[tuple[str, str], dict[float, list[float]]] = {}
    for row in rows:
        if row["strength"] == 1.0 and len(row["aspects"]) == 1 and row["method"] not in AT_ONE:
            ((aspect, level),) = row["aspects"].items()
            name = f"{aspect}, {row['kind']}" if row["kind"] else aspect
            found.setdefault((name, row["method"]), {}).setdefault(level, []).append(row["weights"][0])
    return [
        _curve(name, method, curve) for (name, method), curve in found.items() if len(curve) >= LEAST_LEVELS
    ]


def _curve(name: str, method: str, weights: dict[float, list[float]]) -> Row:
    levels = sorted(weights)
    means = [float(np.mean(weights[level])) for level in levels]
    return {
        "model": name,
        "method": method,
        "levels": levels,
        "weights": means,
        "spearman": grading.rank_correlation(means),
        "rank_error": grading.rank_error(means),
        "level_error": grading.level_error(means, levels),
    }


def table(family: str, scale: str, curves: Sequence[Row]) -> Table:
    """Errors by method."""
    figures = [by_method(curves, key) for key in ("level_error", "rank_error", "spearman")]
    levels = curves[0]["levels"]
    chance = [
        f"{grading.uninformed_level_error(levels):.2f}",
        f"{grading.chance_rank_error(len(levels)):.2f}",
        "0",
    ]
    lines: list[list[object]] = [["chance", *(part for value in chance for part in (value, "-"))]]
    for method in figures[0]:
        line: list[object] = [f"**{method}**" if method == OURS else method]
        for figure in figures:
            line += [told(mean_interval(figure[method])), against(figure[OURS], figure[method])]
        lines.append(line)
    heads = (
        "method",
        "error of the recovered level",
        "ours minus it",
        "rank error",
        "ours minus it",
        "Spearman",
        "ours minus it",
    )
    runs = {
        TRAINED: f"Each of the {len(levels)} levels at which an aspect was taught is a training run of its own, from other random numbers; "
        f'independent units: aspects. Ours explains every model by itself; "{ONCE}" weighs the words of the highest level at all of them, and is a control.',
        STRENGTH: f"Each adapter of one aspect at full level is used at {len(levels)} strengths; independent units: adapters. Ours names its words "
        f'once, at full strength, and weighs them at every other, as `finexl explain --strengths` does; "{ANEW}" is a control.',
    }
    note = (
        f"{runs[scale]} Weight: of the right words, fixed beforehand; 0 where none is named. The level is read from the weight by the non-decreasing map "
        "that fits the other levels of the same curve best, its error is told in steps of the levels (P3). Chance: a weight that never changes, ranks at random."
    )
    return Table(f"By {scale}, {family}", heads, lines, note)


def every(family: str, scale: str, curves: Sequence[Row]) -> Table:
    """One line an aspect, with the best rival of that aspect."""
    rivals = baselines(dict.fromkeys(r["method"] for r in curves))
    lines = []
    for row in (r for r in curves if r["method"] == OURS):
        others = {
            r["method"]: [r["level_error"]]
            for r in curves
            if r["model"] == row["model"] and r["method"] in rivals
        }
        rival = best(others, list(others), largest=False)
        lines.append(
            [row["model"], f"{row['level_error']:.2f}", f"{row['rank_error']:.2f}", f"{row['spearman']:.3f}", f"{others[rival][0]:.2f} ({rival})",
             " ".join(f"{level:g}: {w:.3f}" for level, w in zip(row["levels"], row["weights"], strict=True))]
        )  # fmt: skip
    heads = (
        "aspect" if scale == TRAINED else "model",
        "error of the recovered level",
        "rank error",
        "Spearman",
        "best rival's error",
        f"score of ours by {scale}",
    )
    note = "The best rival is chosen anew for every line, with hindsight."
    return Table(f"Every curve by {scale}, {family}", heads, lines, note)


def judged(family: str, scale: str, curves: Sequence[Row]) -> list[Verdict]:
    """Error of the recovered level, ours against the best rival."""
    own = [r for r in curves if r["method"] == OURS]
    if not own:
        return []
    figures = by_method(curves, "level_error")
    worst = max(own, key=lambda r: float(r["level_error"]))
    silent = sum(not w for r in own for w in r["weights"])
    why = (
        f"Of the {sum(len(r['weights']) for r in own)} points of its curves ours names no right word at {silent}; its worst curve is "
        f"{worst['model']} ({worst['level_error']:.2f})."
    )
    readings = {f"by {scale}": (figures, why)}
    if ANEW in figures:
        readings |= {
            f"by {scale}, named once": readings.pop(f"by {scale}"),
            f"by {scale}, named anew": ({**figures, OURS: figures[ANEW]}, ""),
        }
    if ONCE in figures:
        readings[f"by {scale}, named at the highest"] = ({**figures, OURS: figures[ONCE]}, "")
    return [
        one
        for how, (found, reason) in readings.items()
        for one in claimed(
            verdict(family, f"error of the recovered level, {how}", found, largest=False),
            f"{mean_interval(found[OURS])[0]:.2f} of a level (the paper's bar: below 1.0)",
            reason,
        )
    ]


def figure(family: str, scale: str, curves: Sequence[Row]) -> Figure:
    """Ours, one line a curve."""
    series = {
        r["model"].removeprefix(f"{family}/"): list(zip(r["levels"], r["weights"], strict=True))
        for r in curves
        if r["method"] == OURS
    }
    name = f"{scale.replace(' ', '-')}-{family.replace(' ', '-')}"
    return Figure(name, f"Score of the taught aspect by {scale}, {family}", scale, "score", series)
