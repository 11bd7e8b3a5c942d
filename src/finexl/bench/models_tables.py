"""What the rows of personalized models say, family by family."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finexl.bench import grading
from finexl.bench.contrasts import against, best, by_method
from finexl.bench.experiment import Figure, Report, Row, Table
from finexl.bench.experiments import ratios
from finexl.bench.grounds import OURS, SIMULATION, baselines
from finexl.bench.intervals import mean_interval, told

STRENGTHS = tuple(round(0.1 * k, 1) for k in range(1, 11))
LEAST = 0.5
"""Single aspects taught at this level or more have to be found."""
UNGRADED = ("finexl, unweighted",)
"""Methods whose scores say no more than a sign."""


def report(rows: Sequence[Row]) -> Report:
    """By family: rates, strengths, shares; then every model and every strength, by ours."""
    families = {
        family: [r for r in rows if r["family"] == family]
        for family in dict.fromkeys(r["family"] for r in rows)
    }
    found = [(family, whole(own), graded(own), shares(own)) for family, own in families.items()]
    tables = []
    for family, full, curves, mixes in found:
        tables.append(_rates(family, full))
        if curves:
            tables.append(_strengths(family, curves))
        if mixes:
            table = ratios.errors(
                mixes, {size: ratios.by_mix(mixes, size) for size in (None, *ratios.RATIOS)}
            )
            tables.append(Table(f"{table.title}, {family}", table.heads, table.rows, table.note))
    tables += [
        _every([r for _, full, _, _ in found for r in full]),
        _curves([r for f in found for r in f[2]]),
    ]
    return Report(
        " ".join(_text(*part) for part in found),
        [table for table in tables if table.rows],
        [_figure(family, curves) for family, _, curves, _ in found if curves],
    )


def whole(rows: Sequence[Row]) -> list[Row]:
    """Those at full strength."""
    return [row for row in rows if row["strength"] == 1.0]


def single(rows: Sequence[Row]) -> list[Row]:
    """Models of one aspect that has to be found."""
    return [row for row in rows if len(row["aspects"]) == 1 and min(row["aspects"].values()) >= LEAST]


def mixed(rows: Sequence[Row]) -> list[Row]:
    """Models of several aspects."""
    return [row for row in rows if len(row["aspects"]) > 1]


def graded(rows: Sequence[Row]) -> list[Row]:
    """One row for every graded model of one aspect and method: its weight by strength, rank error and correlation (P3)."""
    found: dict[tuple[str, str], dict[float, float]] = {}
    for row in rows:
        if row["graded"] and len(row["aspects"]) == 1 and row["method"] not in UNGRADED:
            found.setdefault((row["model"], row["method"]), {})[row["strength"]] = row["weights"][0]
    curves = []
    for (model, method), curve in found.items():
        weights = [curve[strength] for strength in sorted(curve)]
        curves.append(
            {"model": model, "method": method, "strengths": sorted(curve), "weights": weights,
             "spearman": grading.rank_correlation(weights), "rank_error": grading.rank_error(weights)}
        )  # fmt: skip
    return curves


def shares(rows: Sequence[Row]) -> list[Row]:
    """Mixes with their recovered shares; a part's unit is its weight in the model that was taught it alone, at full level."""
    full = whole(rows)
    alone = [
        {"alone": aspect, "method": r["method"], "weight": r["weights"][0]}
        for r in full if r["graded"] for aspect, level in r["aspects"].items() if len(r["aspects"]) == 1 and level == 1
    ]  # fmt: skip
    known = {row["alone"] for row in alone}
    mixes = [
        {"mix": r["model"], "parts": list(r["aspects"]), "levels": list(r["aspects"].values()), "method": r["method"], "pairs": r["pairs"],
         "shares": [level / sum(r["aspects"].values()) for level in r["aspects"].values()], "weights": r["weights"]}
        for r in mixed(full) if set(r["aspects"]) <= known
    ]  # fmt: skip
    return ratios.judged([*alone, *mixes])


def _text(family: str, full: Sequence[Row], curves: Sequence[Row], mixes: Sequence[Row]) -> str:
    parts = [f"**{family}**, {len({r['model'] for r in full})} models, {full[0]['pairs']} pairs each:"]
    for name, rows, key in (
        ("right word first", single(full), "first"),
        ("in the first three", single(full), "three"),
        ("parts of mixes in the first five", mixed(full), "parts"),
    ):
        if rows:
            figures = by_method(rows, key)
            rival = best(figures, baselines(figures))
            parts.append(
                f"{name} {told(mean_interval(figures[OURS]))} (best rival, {rival}: {np.mean(figures[rival]):.2f}, ours minus it "
                f"{against(figures[OURS], figures[rival])});"
            )
    if curves:
        own = [r for r in curves if r["method"] == OURS]
        parts.append(
            f"strengths ordered with Spearman {told(mean_interval([r['spearman'] for r in own]))} on average, 0.95 or more for "
            f"{sum(r['spearman'] >= 0.95 for r in own)} of {len(own)};"
        )
    if mixes:
        figures = ratios.by_mix(mixes, None)
        rival = best(figures, baselines(figures), largest=False)
        parts.append(
            f"error of a share {told(mean_interval(figures[OURS]))} (best rival, {rival}: {np.mean(figures[rival]):.2f});"
        )
    for row in full:
        if row["null"] and row["method"] == OURS:
            parts.append(f"of the near-null {', '.join(row['words']) or 'nothing'} is reported.")
    return " ".join(parts).rstrip(";.") + "."


def _rates(family: str, full: Sequence[Row]) -> Table:
    parts = ((single(full), "first"), (single(full), "three"), (mixed(full), "parts"))
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
    heads = ("method", "right word first", "ours minus it", "in the first three", "ours minus it", "parts of mixes in the first five",
             "ours minus it")  # fmt: skip
    note = (
        f"{len({r['model'] for r in single(full)})} models of single aspects taught at level {LEAST} or more, "
        f"{len({r['model'] for r in mixed(full)})} of mixes. Bootstrap over models; differences are paired. Right words were written down before any "
        f"result was seen. Chance of a right first word is below 0.01. {SIMULATION}"
    )
    return Table(f"Right words, {family}", heads, lines, note)


def _strengths(family: str, curves: Sequence[Row]) -> Table:
    rank, order = by_method(curves, "rank_error"), by_method(curves, "spearman")
    count = len(curves[0]["strengths"])
    lines: list[list[object]] = [["chance", f"{grading.chance_rank_error(count):.2f}", "-", "0", "-"]]
    lines += [
        [f"**{m}**" if m == OURS else m, told(mean_interval(rank[m])), against(rank[OURS], rank[m]), told(mean_interval(order[m])),
         against(order[OURS], order[m])]
        for m in rank
    ]  # fmt: skip
    heads = ("method", "rank error", "ours minus it", "Spearman", "ours minus it")
    note = (
        f"Weight of the taught aspect (its right words, fixed beforehand) at {count} strengths of each adapter of one aspect at full level; 0 where "
        "it is not named (P3). Bootstrap over models."
    )
    return Table(f"Strengths, {family}", heads, lines, note)


def _every(full: Sequence[Row]) -> Table:
    lines = [
        [r["model"], r["taught"], ", ".join(f"{w} {abs(s):.3f}" for w, s in zip(r["words"], r["scores"], strict=True)) or "nothing",
         ("yes" if r["first"] else "no") if r["aspects"] else "-", "-" if r["parts"] is None else f"{r['parts']:.2f}"]
        for r in full if r["method"] == OURS
    ]  # fmt: skip
    heads = ("model", "taught", "found by ours", "a right word first", "parts in the first five")
    note = 'Scores are lengths in the embedding space (weight times the length of the concept vector); "-x" is less of x.'
    return Table("Every model, ours", heads, lines, note)


def _curves(curves: Sequence[Row]) -> Table:
    lines = [
        [r["model"], f"{r['spearman']:.3f}", f"{r['rank_error']:.2f}", " ".join(f"{w:.3f}" for w in r["weights"])]
        for r in curves if r["method"] == OURS
    ]  # fmt: skip
    return Table("Every graded model, ours", ("model", "Spearman", "rank error", "score by strength"), lines)


def _figure(family: str, curves: Sequence[Row]) -> Figure:
    series = {
        r["model"].removeprefix(f"{family}/"): list(zip(r["strengths"], r["weights"], strict=True))
        for r in curves
        if r["method"] == OURS
    }
    title = f"Score of the taught aspect by strength, {family}"
    return Figure(f"strengths-{family.replace(' ', '-')}", title, "strength", "score", series)
