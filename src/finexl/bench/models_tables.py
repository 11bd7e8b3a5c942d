"""What the rows of personalized models say, family by family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from finexl.bench import models_grades as grades
from finexl.bench.contrasts import against, best, by_method
from finexl.bench.experiment import Picture, Report, Row, Table, Verdict
from finexl.bench.experiments import ratios
from finexl.bench.grounds import ANEW, ONCE, OURS, SHORT_LIST, SIMULATION, VOCABULARY, baselines
from finexl.bench.intervals import mean_interval, told
from finexl.bench.verdicts import claimed, verdict

STRENGTHS = tuple(round(0.1 * k, 1) for k in range(1, 11))
PARTS = "parts of mixes in the first five"
PARTS_ELSEWHERE = f"{PARTS}, other pictures"
LEAST = 0.5
"""Single aspects taught at this level or more have to be found."""
OTHER_PICTURES = "other_pictures"
"""The seed of mixes that were drawn for other prompts and seeds, by which no setting of FineXL was chosen."""


def report(rows: Sequence[Row]) -> Report:
    """By family: rates, levels, strengths, shares; then every aspect, model and curve, by ours, and what fails in pictures."""
    parts = [_family(family, own) for family, own in by_family(rows).items()]
    full = whole(rows)
    return Report(
        " ".join(part.text for part in parts),
        [*(t for part in parts for t in part.tables), _every(full)],
        [figure for part in parts for figure in part.figures],
        [one for part in parts for one in part.verdicts],
        [picture for part in parts for picture in part.pictures],
    )


def by_family(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """In the order of the rows."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["family"], []).append(row)
    return found


def _family(family: str, rows: Sequence[Row]) -> Report:
    full, open_rows = whole(rows), [row for row in rows if row["candidates"] == VOCABULARY]
    mixes = {candidates: shares(rows, candidates) for candidates in (VOCABULARY, SHORT_LIST)}
    curves = {grades.TRAINED: grades.by_training(open_rows), grades.STRENGTH: grades.by_strength(open_rows)}
    elsewhere = from_other_pictures(rows)
    tables = [_rates(family, full, elsewhere), _aspects(family, full)]
    figures, verdicts = [], _verdicts(family, full, elsewhere)
    asked = by_method(mixed(whole(rows, SHORT_LIST)), "parts")
    verdicts += verdict(family, f"parts of mixes in the first five, candidates {SHORT_LIST}", asked)
    for scale, own in curves.items():
        if own:
            tables += [grades.table(family, scale, own), grades.every(family, scale, own)]
            figures.append(grades.figure(family, scale, own))
            verdicts += grades.judged(family, scale, own)
    for candidates, scored in mixes.items():
        if scored:
            verdicts += ratios.verdicts(family, scored)
            figures_of = {size: ratios.by_mix(scored, size) for size in (None, *ratios.RATIOS)}
            tables += [
                ratios.of(table, candidates, family)
                for table in (ratios.errors(scored, figures_of), ratios.every(scored))
            ]
    text = _text(family, full, elsewhere, curves, mixes)
    return Report(text, [table for table in tables if table.rows], figures, verdicts, _pictures(full))


def is_failure(row: Row) -> bool:
    """At full strength, something that has to be found is not where it should be."""
    if row["strength"] != 1.0 or not row["aspects"]:
        return False
    return not row["first"] if len(row["aspects"]) == 1 else row["parts"] < 1


def whole(rows: Sequence[Row], candidates: str = VOCABULARY) -> list[Row]:
    """Those at full strength, where there is no other level to choose words at."""
    full = [r for r in rows if r["strength"] == 1.0 and r["candidates"] == candidates]
    full = [r for r in full if r["method"] not in (ANEW, ONCE)]
    return [r for r in full if OTHER_PICTURES not in r]


def from_other_pictures(rows: Sequence[Row]) -> list[Row]:
    """Mixes from other prompts and seeds; of each as many rows as there are seeds."""
    return [row for row in rows if OTHER_PICTURES in row and row["method"] != ANEW]


def single(rows: Sequence[Row]) -> list[Row]:
    """Models of one aspect that has to be found."""
    return [row for row in rows if len(row["aspects"]) == 1 and min(row["aspects"].values()) >= LEAST]


def mixed(rows: Sequence[Row]) -> list[Row]:
    """Models of several aspects."""
    return [row for row in rows if len(row["aspects"]) > 1]


def shares(rows: Sequence[Row], candidates: str) -> list[Row]:
    """Mixes with their recovered shares; a part's unit is its mean weight in the models that were taught it alone, at full level."""
    full = whole(rows, candidates)
    weights: dict[tuple[str, str], list[float]] = {}
    for r in full:
        if r["graded"] and list(r["aspects"].values()) == [1.0]:
            weights.setdefault((*r["aspects"], r["method"]), []).append(r["weights"][0])
    alone = [
        {"alone": aspect, "method": method, "weight": float(np.mean(own))}
        for (aspect, method), own in weights.items()
    ]
    known = {aspect for aspect, _ in weights}
    mixes = [
        {"mix": r["model"], "parts": list(r["aspects"]), "levels": list(r["aspects"].values()), "method": r["method"], "pairs": r["pairs"],
         "shares": [level / sum(r["aspects"].values()) for level in r["aspects"].values()], "candidates": candidates, "weights": r["weights"]}
        for r in mixed(full) if set(r["aspects"]) <= known
    ]  # fmt: skip
    return ratios.judged([*alone, *mixes])


def _text(
    family: str,
    full: Sequence[Row],
    elsewhere: Sequence[Row],
    curves: Mapping[str, Sequence[Row]],
    mixes: Mapping[str, Sequence[Row]],
) -> str:
    parts = [f"**{family}**, {len({r['model'] for r in full})} models:"]
    for name, rows, key in (
        ("right word first", single(full), "first"),
        ("in the first three", single(full), "three"),
        (PARTS, mixed(full), "parts"),
        (PARTS_ELSEWHERE, elsewhere, "parts"),
    ):
        if rows:
            figures = by_method(rows, key)
            rival = best(figures, baselines(figures))
            parts.append(
                f"{name} {told(mean_interval(figures[OURS]))} (best rival, {rival}: {np.mean(figures[rival]):.2f}, ours minus it "
                f"{against(figures[OURS], figures[rival])});"
            )
    for how, scale, method in (
        ("strengths", grades.STRENGTH, OURS),
        ("taught levels, every model by itself,", grades.TRAINED, OURS),
        ("taught levels, named at the highest,", grades.TRAINED, ONCE),
    ):
        orders = [r["spearman"] for r in curves[scale] if r["method"] == method]
        if orders:
            parts.append(
                f"{how} ordered with Spearman {told(mean_interval(orders))} on average, 0.95 or more for "
                f"{sum(order >= 0.95 for order in orders)} of {len(orders)};"
            )
    for candidates, scored in mixes.items():
        if scored:
            figures = ratios.by_mix(scored, None)
            rival = best(figures, baselines(figures), largest=False)
            parts.append(
                f"error of a share with {candidates} as candidates {told(mean_interval(figures[OURS]))} (best rival, {rival}: "
                f"{np.mean(figures[rival]):.2f});"
            )
    for row in full:
        if row["null"] and row["method"] == OURS:
            parts.append(f"of the near-null {', '.join(row['words']) or 'nothing'} is reported.")
    return " ".join(parts).rstrip(";.") + "."


def _rates(family: str, full: Sequence[Row], elsewhere: Sequence[Row]) -> Table:
    parts = ((single(full), "first"), (single(full), "three"), (mixed(full), "parts"), (elsewhere, "parts"))
    figures = [by_method(rows, key) for rows, key in parts]
    lines = []
    for method in dict.fromkeys(r["method"] for r in full):
        line: list[object] = [f"**{method}**" if method == OURS else method]
        for figure in figures:
            if method in figure:
                line += [told(mean_interval(figure[method])), against(figure[OURS], figure[method])]
            else:
                line += ["-", "-"]
        lines.append(line)
    heads = ("method", "right word first", "ours minus it", "in the first three", "ours minus it", PARTS, "ours minus it", PARTS_ELSEWHERE,
             "ours minus it")  # fmt: skip
    note = (
        f"{len({r['model'] for r in single(full)})} models of single aspects taught at level {LEAST} or more, "
        f"{len({r['model'] for r in mixed(full)})} of mixes. Bootstrap over models; differences are paired. Right words were written down before any "
        "result was seen. Chance of a right first word is below 0.01. "
        f"{_pairs(full, elsewhere)}Other pictures: of the same models, for other prompts and seeds; no "
        f"setting of FineXL was chosen by them, as some were by the first. {SIMULATION}"
    )
    return Table(f"Right words, {family}", heads, lines, note)


def _pairs(full: Sequence[Row], elsewhere: Sequence[Row]) -> str:
    """How many pairs the figures are of, as a sentence."""
    counts = sorted({r["pairs"] for r in [*single(full), *mixed(full), *elsewhere]})
    drawn = len({r[OTHER_PICTURES] for r in elsewhere})
    again = f"; of mixes other pictures were drawn for {drawn} more seed{'s' * (drawn > 1)}" if drawn else ""
    return f"{' or '.join(map(str, counts))} pairs each{again}. " if counts else ""


def _aspects(family: str, full: Sequence[Row]) -> Table:
    """Nothing is averaged away: one line an aspect."""
    own = [row for row in full if row["method"] == OURS]
    figures = by_method(single(full), "first")
    rival = best(figures, baselines(figures)) if figures else ""
    lines = []
    for aspect in dict.fromkeys(a for row in own for a in row["aspects"]):
        alone = [r for r in full if len(r["aspects"]) == 1 and aspect in r["aspects"]]
        firsts = {m: [r["first"] for r in alone if r["method"] == m] for m in (OURS, rival)}
        low = min((r["aspects"][aspect] for r in alone if r["method"] == OURS and r["first"]), default=None)
        blends = [r for r in own if len(r["aspects"]) > 1 and aspect in r["aspects"]]
        places = [list(r["aspects"]).index(aspect) for r in blends]
        seen = sum(r["weights"][i] > 0 for r, i in zip(blends, places, strict=True))
        rates = [f"{sum(hits)} of {len(hits)}" for hits in firsts.values()]
        lines.append([aspect, *rates, "-" if low is None else f"{low:g}", f"{seen} of {len(blends)}"])
    heads = (
        "aspect",
        "models of it alone with a right word first, ours",
        rival,
        "lowest level with a right word first, ours",
        "mixes in which ours weighs it",
    )
    return Table(f"By aspect, {family}", heads, lines, "All levels count here, the lowest too.")


def _verdicts(family: str, full: Sequence[Row], elsewhere: Sequence[Row]) -> list[Verdict]:
    alone, mixes = single(full), mixed(full)
    own = [r for r in alone if r["method"] == OURS]
    missed = [
        f"{r['model'].removeprefix(family + '/')} ({', '.join(r['words'][:2]) or 'nothing'})"
        for r in own
        if not r["first"]
    ]
    why = f"Not first for {', '.join(missed)}." if missed else ""
    return [
        *claimed(verdict(family, "a right word first", by_method(alone, "first")), "", why),
        *verdict(family, "a right word in the first three", by_method(alone, "three")),
        *verdict(family, PARTS, by_method(mixes, "parts")),
        *verdict(family, PARTS_ELSEWHERE, by_method(elsewhere, "parts")),
    ]


def _pictures(full: Sequence[Row]) -> list[Picture]:
    return [
        Picture(
            row["model"].replace("/", "-"),
            f"{row['model']}, taught {row['taught']}: found {', '.join(row['words'][:3]) or 'nothing'}. Above the base, below the model.",
            row["picture"],
        )
        for row in full
        if row.get("picture")
    ]


def _every(full: Sequence[Row]) -> Table:
    lines = [
        [r["model"], r["taught"], ", ".join(f"{w} {abs(s):.3f}" for w, s in zip(r["words"], r["scores"], strict=True)) or "nothing",
         ("yes" if r["first"] else "no") if r["aspects"] else "-", "-" if r["parts"] is None else f"{r['parts']:.2f}"]
        for r in full if r["method"] == OURS
    ]  # fmt: skip
    heads = ("model", "taught", "found by ours", "a right word first", "parts in the first five")
    note = 'Scores are lengths in the embedding space (weight times the length of the concept vector); "-x" is less of x.'
    return Table("Every model, ours", heads, lines, note)
