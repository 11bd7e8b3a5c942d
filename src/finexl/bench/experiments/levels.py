"""Graded effects: does the weight of the right word rise with the level, and can the level be read from it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from finexl.bench import grading
from finexl.bench.contrasts import against, best
from finexl.bench.effects import LEVEL_EFFECTS_OF, LEVELS, SEEN_IN_TRAINING, LevelEffect, Split
from finexl.bench.experiment import (
    Bar,
    Cell,
    Experiment,
    Figure,
    Picture,
    Report,
    Row,
    Setting,
    Table,
    Verdict,
)
from finexl.bench.grounds import ANEW, OURS, SIMULATION, Array, Grounds, baselines, scorers, signed_words
from finexl.bench.intervals import mean_interval, told
from finexl.bench.rivals.carlos import signature
from finexl.bench.rivals.ours import finexl_series
from finexl.bench.sheets import SHOWN, sheet
from finexl.bench.verdicts import PHOTOGRAPHS, claimed, verdict
from finexl.bench.writing import PICTURE

COUNTS = (3, 5, 8, 10)
"""Numbers of levels: so many of `LEVELS`, as evenly spread as can be (`grading.spread`)."""
UNGRADED = ("finexl, unweighted",)
"""Methods whose scores say no more than a sign."""
STRENGTH = "length of V, no word"
"""A control: how far the pictures moved, noise taken off, whatever word would say so. No baseline, for it explains nothing."""
QUICK_EFFECTS = 2
PICTURED = (LEVELS[0], LEVELS[4], LEVELS[-1])
"""Levels at which an effect that ours does not read is shown."""
BAR = 1.0
"""The paper's: mean error below one of ten levels. Ours is half of it."""

Figures = dict[str, list[float]]
"""Method -> one value an effect, in the order of the effects."""
Measure = Callable[[Sequence[float], Sequence[float]], float]
"""Of the weights at some levels, and these levels."""


def cells(setting: Setting, split: Split = "test") -> list[Cell]:
    """One for every graded effect of a split: ten levels, every rival."""
    grounds = Grounds(setting)
    graded = LEVEL_EFFECTS_OF[split]
    if setting.quick:
        graded = graded[:QUICK_EFFECTS]
    asked = list(dict.fromkeys(one.concept for one in graded))
    return [Cell(one.effect.name, partial(_effect, grounds, one, asked)) for one in graded]


def _effect(grounds: Grounds, graded: LevelEffect, asked: Sequence[str]) -> list[Row]:
    """Score of the concept fixed in advance at every level, 0 where it is not named (P3), and the leakage."""
    effect, concept = graded.effect, graded.concept
    place, methods = grounds.words.index(concept), scorers(grounds.setting, asked)
    cases = []
    for done, level in enumerate(LEVELS):
        grounds.setting.progress(effect.name, done, len(LEVELS))
        cases.append(grounds.case(effect.apply, level, f"{effect.name} {level}"))
    series = {
        ANEW if method == OURS else method: [
            score(case, {concept: level}) for case, level in zip(cases, LEVELS, strict=True)
        ]
        for method, score in methods.items()
    }
    series[OURS] = finexl_series(cases)
    weights: Figures = {STRENGTH: [signature(case.D).unbiased_strength for case in cases]}
    leaks: Figures = {STRENGTH: []}
    for method, all_scores in series.items():
        weights[method] = [float(scores[place]) for scores in all_scores]
        leaks[method] = [_leak(scores, grounds.words, effect.accepted) for scores in all_scores]
    grounds.setting.progress(effect.name, len(LEVELS), len(LEVELS))
    rows: list[Row] = [
        {"change": effect.name, "concept": concept, "seen": effect.name in SEEN_IN_TRAINING, "method": method, "weights": weights[method],
         "named_at": 0 if method == STRENGTH else int(np.count_nonzero(weights[method])), "leakage": _mean(leaks[method]), "pairs": grounds.pairs}
        for method in weights if method not in UNGRADED
    ]  # fmt: skip
    for row in rows:
        if row["method"] == OURS and grading.level_error(row["weights"], LEVELS) >= BAR:
            row[PICTURE] = sheet(
                [grounds.bench.grounds[:SHOWN], *(grounds.changed(effect.apply, x, SHOWN) for x in PICTURED)]
            )
    return rows


def _leak(scores: Array, words: Sequence[str], accepted: Sequence[str]) -> float:
    sizes = dict(zip(words, scores.tolist(), strict=True))
    named = signed_words(scores, words)
    return grading.leakage([(w, sizes[w.removeprefix("-")]) for w in named], accepted)


def _mean(leaks: Sequence[float]) -> float | None:
    """Over the levels at which something is named; None if nothing ever is."""
    found = [leak for leak in leaks if not np.isnan(leak)]
    return float(np.mean(found)) if found else None


def some_levels(count: int) -> list[float]:
    """`count` of the ten levels."""
    return [LEVELS[i] for i in grading.spread(count, len(LEVELS))]


def figures_of(rows: Sequence[Row], measure: Measure, count: int) -> Figures:
    """A measure of weights and levels at `count` of the ten levels, by method."""
    places = grading.spread(count, len(LEVELS))
    found: Figures = {}
    for row in rows:
        found.setdefault(row["method"], []).append(
            measure([row["weights"][i] for i in places], some_levels(count))
        )
    return found


def _rank_error(weights: Sequence[float], levels: Sequence[float]) -> float:
    return grading.rank_error(weights)


def _rank_correlation(weights: Sequence[float], levels: Sequence[float]) -> float:
    return grading.rank_correlation(weights)


def _rivals(methods: Iterable[str]) -> list[str]:
    return [method for method in baselines(methods) if method != STRENGTH]


def report(rows: Sequence[Row]) -> Report:
    """Rank error and recovered level by number of levels, Spearman and leakage, and every effect."""
    fresh = [row for row in rows if not row["seen"]]
    ranks = {count: figures_of(fresh, _rank_error, count) for count in COUNTS}
    read = {count: figures_of(fresh, grading.level_error, count) for count in COUNTS}
    return Report(
        _text(fresh, ranks[10], read[10]),
        [
            _errors(
                "Rank error", ranks, grading.chance_rank_error,
                "mean |rank of the weight - rank of the level|, tied weights at their mean rank, a word that is not named at 0 (P3); "
                "chance (L² - 1) / (3 L). Bootstrap over effects. Ours names its words once, at the highest level, and weighs them at all, as it "
                f"reads the strengths of an adapter; \"{ANEW}\" is a control. A method that never names the word scores 2.5 at ten levels, better than "
                f"chance, for saying nothing. {', '.join(UNGRADED)} is not graded and left out. \"{STRENGTH}\" is a control: with one effect at a time "
                f"a number that only says how far the pictures moved follows the level too, and so does any word's, right or wrong, that grows with "
                f"it. {SIMULATION}",
            ),
            _errors(
                "Recovered level", read, lambda count: grading.uninformed_level_error(some_levels(count)),
                "mean |recovered level - level| in mean steps of the levels. Each level is read from its weight by the non-decreasing map that fits "
                "the other levels of the same effect best (isotonic regression, leave one out, continued straight beyond its ends, kept on the "
                "scale). Chance: a weight that never changes.",
            ),
            _quality(fresh),
            _every(fresh),
        ],
        [_figure(ranks)],
        _verdicts(fresh, ranks[10], read[10]),
        _pictures(fresh),
        [
            Bar(f"error of the recovered level of ten, {how}", f"below {bar}", told(mean_interval(found[OURS])), mean_interval(found[OURS])[0] < bar)
            for how, found in _readings(read[10]).items()
            for bar in (BAR, BAR / 2)
        ],
    )  # fmt: skip


def _readings(figures: Figures) -> dict[str, Figures]:
    """Either way of reading a series by ours, in its place."""
    anew = {"named anew at every level": {**figures, OURS: figures[ANEW]}} if ANEW in figures else {}
    return {"named once": figures, **anew}


def _verdicts(rows: Sequence[Row], ranks: Figures, read: Figures) -> list[Verdict]:
    own = {method: [r for r in rows if r["method"] == method] for method in (OURS, ANEW)}
    never = [row["change"] for row in own[OURS] if not row["named_at"]]
    silent = [
        f"{row['change']} at {len(LEVELS) - row['named_at']}"
        for row in own[ANEW]
        if 0 < row["named_at"] < len(LEVELS)
    ]
    whys = {
        "named once": f"At the highest level ours does not name the word of {len(never)} of {len(own[OURS])} effects: {', '.join(never)}."
        if never
        else "",
        "named anew at every level": f"Words that are named at the highest level are not named at some of ten: {', '.join(silent)}."
        if silent
        else "",
    }
    found: list[Verdict] = []
    for how, figures in _readings(read).items():
        claim = f"{mean_interval(figures[OURS])[0]:.2f} of a level (the paper's bar: below {BAR})"
        measure = f"error of the recovered level of ten, {how}"
        one = verdict(PHOTOGRAPHS, measure, figures, _rivals(figures), largest=False)
        found += claimed(one, claim, whys[how])
    for how, figures in _readings(ranks).items():
        one = verdict(
            PHOTOGRAPHS, f"rank error at ten levels, {how}", figures, _rivals(figures), largest=False
        )
        found += claimed(one, "", whys[how])
    return found


def _pictures(rows: Sequence[Row]) -> list[Picture]:
    levels = ", ".join(f"{level:g}" for level in PICTURED)
    return [
        Picture(
            f"levels-{row['change'].replace(' ', '-')}",
            f"{row['change']}: at the highest level {row['concept']} is {'named' if row['named_at'] else 'not named'}. Before, and at the levels {levels}.",
            row["picture"],
        )
        for row in rows
        if row.get("picture")
    ]


def _text(rows: Sequence[Row], ranks: Figures, read: Figures) -> str:
    rival, reader = (best(figures, _rivals(figures), largest=False) for figures in (ranks, read))
    below = [
        sum(error < bar for error in figures[OURS]) for figures in (ranks, read) for bar in (BAR, BAR / 2)
    ]
    anew = (
        f" Where ours names its words anew at every level, its rank error is {told(mean_interval(ranks[ANEW]))} and its error of the recovered "
        f"level {told(mean_interval(read[ANEW]))}."
        if ANEW in ranks
        else ""
    )
    return (
        f"{len(ranks[OURS])} effects at ten levels, {rows[0]['pairs']} pairs each; the word whose weight is read was fixed before any result was "
        f"seen. Rank error of ours {told(mean_interval(ranks[OURS]))} (chance {grading.chance_rank_error(10):.2f}), of the best rival ({rival}) "
        f"{told(mean_interval(ranks[rival]))}, ours minus it {against(ranks[OURS], ranks[rival])}. Error of the recovered level: ours "
        f"{told(mean_interval(read[OURS]))}, the best rival ({reader}) {told(mean_interval(read[reader]))}, ours minus it "
        f"{against(read[OURS], read[reader])}. The paper's bar is {BAR}, ours {BAR / 2}: rank errors of ours are below them for {below[0]} and "
        f"{below[1]} of the {len(read[OURS])} effects, errors of the recovered level for {below[2]} and {below[3]}."
        f"{anew}"
    )


def _errors(title: str, found: dict[int, Figures], chance: Callable[[int], float], note: str) -> Table:
    heads = ("method", *(f"{count} levels" for count in COUNTS), f"ours minus it, {COUNTS[-1]} levels")
    lines: list[list[object]] = [["chance", *(f"{chance(count):.2f}" for count in COUNTS), "-"]]
    last = found[COUNTS[-1]]
    for method in last:
        cells = [told(mean_interval(found[count][method])) for count in COUNTS]
        lines.append(
            [f"**{method}**" if method == OURS else method, *cells, against(last[OURS], last[method])]
        )
    return Table(title, heads, lines, note)


def _quality(rows: Sequence[Row]) -> Table:
    spearman = figures_of(rows, _rank_correlation, len(LEVELS))
    lines = []
    for method, values in spearman.items():
        own = [row for row in rows if row["method"] == method]
        leaks = [row["leakage"] for row in own if row["leakage"] is not None]
        named = told(mean_interval([row["named_at"] / len(LEVELS) for row in own]))
        once = method == OURS and ANEW in spearman
        lines.append(
            [f"**{method}**" if method == OURS else method, told(mean_interval(values)), against(spearman[OURS], values),
             told(mean_interval(leaks)), "once" if once else named]
        )  # fmt: skip
    heads = (
        "method",
        "Spearman, 10 levels",
        "ours minus it",
        "off-aspect leakage",
        "levels at which the word is named",
    )
    note = (
        "Off-aspect leakage: part of sum |w| on words that are not right for the effect, mean over the levels at which anything is named (P3); "
        "methods that score every word leak nearly all by their nature. A weight that never changes has Spearman 0."
    )
    return Table("Order and leakage", heads, lines, note)


def _every(rows: Sequence[Row]) -> Table:
    rivals = _rivals([row["method"] for row in rows])
    lines = []
    for row in (r for r in rows if r["method"] == OURS):
        others = {
            r["method"]: [grading.rank_error(r["weights"])]
            for r in rows
            if r["change"] == row["change"] and r["method"] in rivals
        }
        rival = best(others, list(others), largest=False)
        lines.append(
            [row["change"], row["concept"], f"{grading.rank_correlation(row['weights']):.3f}", f"{grading.rank_error(row['weights']):.2f}",
             f"{grading.level_error(row['weights'], LEVELS):.2f}", "-" if row["leakage"] is None else f"{row['leakage']:.2f}",
             f"{others[rival][0]:.2f} ({rival})", " ".join(f"{w:.2f}" for w in row["weights"])]
        )  # fmt: skip
    heads = ("effect", "word", "Spearman", "rank error", "error of the recovered level", "leakage", "best rival's rank error", "scores of ours by level")  # fmt: skip
    return Table(
        "Every effect, ours", heads, lines, "The best rival is chosen anew for every effect, with hindsight."
    )


def _figure(ranks: dict[int, Figures]) -> Figure:
    methods = ranks[COUNTS[-1]]
    rival = best(methods, _rivals(methods), largest=False)
    shown = list(
        dict.fromkeys(
            (OURS, rival, *(m for m in ("cosine", "algorithm1", "subspace", STRENGTH) if m in methods))
        )
    )
    series = {m: [(float(count), *mean_interval(ranks[count][m])) for count in COUNTS] for m in shown}
    chance = [(float(count), grading.chance_rank_error(count)) for count in COUNTS]
    return Figure(
        "rank-error", "Rank error by number of levels", "levels", "rank error", {**series, "chance": chance}
    )


EXPERIMENT = Experiment(
    "levels",
    "Graded effects",
    "Image tools are applied at ten levels. Does the weight of the right word tell the level?",
    cells,
    report,
)
