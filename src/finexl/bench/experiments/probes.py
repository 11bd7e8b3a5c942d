"""How many pairs are enough: how V, the weights and the words settle, and what stopping in time saves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from finexl.bench.core import SINGLE_LEVEL
from finexl.bench.effects import MIX_LEVEL, Effect
from finexl.bench.experiment import Cell, Experiment, Figure, Report, Row, Setting, Table
from finexl.bench.intervals import mean_interval, told
from finexl.bench.sweeps import Change, Ground, effects, ground, judged, mixes, truth, words
from finexl.method import Decomposition, decompose, weigh
from finexl.probes import next_total

Array = NDArray[np.float64]
SIZES = (10, 25, 50, 100, 200)
ALL, ALL_QUICK = 400, 40
DRAWS = 4
STARTS = (25, 50)
PRECISION = 0.1
FIXED = 200
"""Pairs that one would have drawn for every model to be safe (the paper's number for complex styles)."""
KINDS = ("single effects", "mixes")
EVERY = 3
"""Every third single effect takes part, and every mix."""


def cells(setting: Setting) -> list[Cell]:
    """One for every change (split "test")."""
    chosen: list[Change] = [*effects("test", setting.quick)[::EVERY], *mixes(quick=setting.quick)]
    return [Cell(change.name, partial(_rows, setting, change)) for change in chosen]


def _rows(setting: Setting, change: Change) -> list[Row]:
    whole = ALL_QUICK if setting.quick else ALL
    bench = ground(setting.encoder, whole, setting.seed)
    D = bench.differences(change, SINGLE_LEVEL if isinstance(change, Effect) else MIX_LEVEL)
    final = decompose(D, bench.F, "finexl", bench.settings)
    about: Row = {"change": change.name, "kind": KINDS[len(truth(change)) > 1]}
    rng = np.random.default_rng([setting.seed, 5])
    rows: list[Row] = []
    for n in SIZES:
        if n < whole:
            picks = [rng.permutation(whole)[:n] for _ in range(DRAWS)]
            drawn = [_settled(bench, D, pick, final, change) for pick in picks]
            means = {key: _mean([row[key] for row in drawn]) for key in drawn[0]}
            rows.append({**about, "n": n, **means})
    said = words(final, bench)
    rows.append(
        {**about, "n": whole, "said": said, "half_width": _half_width(final), **judged(said, truth(change))}
    )
    return rows + [{**about, **adaptive(bench, D, start, change)} for start in STARTS if start < whole]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _half_width(found: Decomposition) -> float | None:
    """The widest half-interval among the reported weights; None where there are none."""
    return float(np.max(found.high - found.low) / 2) if found.indices else None


def _settled(bench: Ground, D: Array, pick: NDArray[np.intp], final: Decomposition, change: Change) -> Row:
    """Some pairs against all of them: V, the weights of the final words, the words themselves."""
    found = decompose(D[pick], bench.F, "finexl", bench.settings)
    said = words(found, bench)
    row: Row = {
        "V_error": distance(D, pick),
        "weight_error": None,
        "half_width": _half_width(found),
        "same": None,
    }
    if final.indices:
        fit = weigh(D[pick], bench.F, final.indices, "finexl", bench.settings)
        row["weight_error"] = unspoilt(float(np.abs(fit.weights - final.weights).mean()), len(pick), len(D))
        both = {*words(final, bench)}
        row["same"] = len(both & {*said}) / len(both | {*said})
    return row | judged(said, truth(change))


def distance(D: Array, pick: NDArray[np.intp]) -> float:
    """|V of some pairs - V of all| / |V of all|, as it would be were those not among these; D of shape (n, d)."""
    V = D.mean(axis=0)
    return unspoilt(float(np.linalg.norm(D[pick].mean(axis=0) - V)), len(pick), len(D)) / float(
        np.linalg.norm(V)
    )


def unspoilt(error: float, n: int, whole: int) -> float:
    """An error of n out of `whole` against all of them -> against infinitely many: the former is sqrt(1 - n / whole) of the latter."""
    return error / float(np.sqrt(1 - n / whole))


def adaptive(bench: Ground, D: Array, start: int, change: Change) -> Row:
    """What `finexl.explain(..., n_probes=start, max_probes=all)` would have drawn."""
    n, rounds = start, 1
    found = decompose(D[:n], bench.F, "finexl", bench.settings)
    while (more := next_total(n, _half_width(found) or 0.0, PRECISION, len(D))) > n:
        n, rounds = more, rounds + 1
        found = decompose(D[:n], bench.F, "finexl", bench.settings)
    said = words(found, bench)
    return {
        "start": start,
        "used": n,
        "rounds": rounds,
        "half_width": _half_width(found),
        "said": said,
        **judged(said, truth(change)),
    }


def report(rows: Sequence[Row]) -> Report:
    """By number of pairs; what adaptive sampling used; every change."""
    sampled = [row for row in rows if "start" in row]
    steady = [row for row in rows if "n" in row]
    every = [
        [r["change"], r["start"], r["used"], r["half_width"] or "-", ", ".join(r["said"]) or "nothing"]
        for r in sampled
    ]
    heads = ("change", "starts with", "pairs used", "half-interval", "words")
    tables = [
        _size_table(steady),
        _adaptive_table(sampled),
        Table("Adaptive sampling of every change", heads, every),
    ]
    drawn = {
        "V_error": "relative error of V",
        "weight_error": "error of a weight",
        "first": "right word first",
    }
    return Report(_text(steady, sampled), tables, [_figure(steady, *item) for item in drawn.items()])


def _size_table(steady: Sequence[Row]) -> Table:
    heads = ("changes", "pairs", "error of V", "error of a weight", "widest half-interval", "same words as from all", "right word first",
             "in the first three", "parts in the first five")  # fmt: skip
    keys = ("V_error", "weight_error", "half_width", "same", "first", "three", "parts")
    sizes = _sizes(steady)
    lines = []
    for kind in KINDS:
        for n in sizes:
            own = [r for r in steady if (r["kind"], r["n"]) == (kind, n)]
            lines.append([kind, n, *(_told(own, key) for key in keys)])
    note = (
        f"Split test; single effects at level {SINGLE_LEVEL} (every third), mixes of two and three at {MIX_LEVEL}; means over {DRAWS} draws "
        f"of the pairs. Errors against all {max(sizes)} pairs, corrected for the pairs that are in both: of V relative to its length, of a "
        "weight in concept vectors (of the words that all pairs give). Same words: those in both explanations among those in either."
    )
    return Table("By number of pairs", heads, lines, note)


def _sizes(steady: Sequence[Row]) -> list[int]:
    return sorted({row["n"] for row in steady})


def _adaptive_table(sampled: Sequence[Row]) -> Table:
    heads = ("changes", "starts with", "pairs used, mean", "median", "at most", "rounds", "widest half-interval",
             "precision reached", "right word first", "parts in the first five", f"saved against {FIXED} for all")  # fmt: skip
    lines: list[list[object]] = []
    for kind in KINDS:
        for start in sorted({r["start"] for r in sampled}):
            own = [r for r in sampled if (r["kind"], r["start"]) == (kind, start)]
            used = [r["used"] for r in own]
            reached = mean_interval([float((r["half_width"] or 0.0) <= PRECISION) for r in own])
            counts = [
                told(mean_interval(used), 0),
                f"{np.median(used):.0f}",
                max(used),
                f"{np.mean([r['rounds'] for r in own]):.1f}",
            ]
            figures = [_told(own, "half_width"), told(reached), _told(own, "first"), _told(own, "parts")]
            lines.append([kind, start, *counts, *figures, f"{1 - np.mean(used) / FIXED:.0%}"])
    note = (
        f"Pairs are drawn until every half-interval is below {PRECISION} concept vectors, as `finexl.explain` does with `max_probes`. "
        "A change of which nothing is reported stops at once."
    )
    return Table("Adaptive sampling", heads, lines, note)


def _told(rows: Sequence[Row], key: str) -> str:
    return told(mean_interval([float(r[key]) for r in rows if r.get(key) is not None]))


def _text(steady: Sequence[Row], sampled: Sequence[Row]) -> str:
    parts = []
    for n in _sizes(steady)[:-1]:
        own = [r for r in steady if r["n"] == n]
        error, first = (np.mean([r[key] for r in own]) for key in ("V_error", "first"))
        parts.append(f"{n} pairs: V within {error:.0%} of its length, right word first {first:.2f}")
    starts = sorted({r["start"] for r in sampled})
    used = [
        f"{np.mean([r['used'] for r in sampled if r['start'] == s]):.0f} pairs starting with {s}"
        for s in starts
    ]
    return f"{'; '.join(parts)}. Sampling until every half-interval is below {PRECISION} takes {', '.join(used)} on average."


def _figure(steady: Sequence[Row], key: str, label: str) -> Figure:
    series: dict[str, list[tuple[float, ...]]] = {}
    for kind in KINDS:
        for n in _sizes(steady):
            own = [r[key] for r in steady if (r["kind"], r["n"]) == (kind, n) and r.get(key) is not None]
            if own:
                series.setdefault(kind, []).append((float(n), *mean_interval([float(v) for v in own])))
    return Figure(f"probes-{key}", f"{label} by number of pairs", "pairs", label, series, "x")


EXPERIMENT = Experiment(
    "probes",
    "How many pairs",
    "How soon do V, the weights and the words settle, and what does stopping in time save?",
    cells,
    report,
)
