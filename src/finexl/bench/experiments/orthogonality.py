"""Do the words of one explanation overlap? What does the threshold for overlap cost, and what do families give back?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from finexl.bench.core import SINGLE_LEVEL, named
from finexl.bench.effects import MIX_LEVEL, Effect, Split
from finexl.bench.experiment import Bar, Cell, Experiment, Figure, Report, Row, Setting, Table
from finexl.bench.intervals import mean_interval, told
from finexl.bench.sweeps import (
    FEW,
    PAIRS,
    Change,
    Ground,
    effects,
    ground,
    judged,
    mixes,
    truth,
    tuning_mixes,
    words,
)
from finexl.method import (
    Decomposition,
    Settings,
    decompose,
    orthogonality_filter,
    overlaps,
    pair_weights,
    squared_length,
)
from finexl.method.directions import Rule

Array = NDArray[np.float64]
Way = Callable[[Array, Ground, float], Decomposition]
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
EVERY = 2
"""Every second single effect takes part."""
BAR = 0.15
"""The paper's bar for the cosine of two kept concepts."""


def _algorithm1(rule: Rule) -> Way:
    def way(D: Array, bench: Ground, threshold: float) -> Decomposition:
        settings = replace(bench.settings, e_ortho=threshold, ortho_rule=rule)
        return decompose(D, bench.F, "algorithm1", settings)

    return way


def _families(D: Array, bench: Ground, threshold: float) -> Decomposition:
    settings = replace(bench.settings, redundancy=threshold)
    return decompose(D, bench.F, "finexl", settings)


def _filtered(D: Array, bench: Ground, threshold: float) -> Decomposition:
    """Ours on the words that the paper's filter leaves: what is dropped is gone."""
    kept = orthogonality_filter(bench.F, D.mean(axis=0), threshold, names=bench.settings.names).kept
    settings = bench.settings.for_concepts([bench.concepts[i] for i in kept])
    found = decompose(D, bench.F[list(kept)], "finexl", settings)
    return replace(found, indices=tuple(kept[i] for i in found.indices), families=())


USUAL = Settings()
WAYS: dict[str, tuple[Way, float]] = {
    "algorithm1": (_algorithm1("largest"), USUAL.e_ortho),
    "algorithm1, signed sum": (_algorithm1("sum"), USUAL.e_ortho),
    "finexl, words filtered first": (_filtered, USUAL.e_ortho),
    "finexl, families": (_families, USUAL.redundancy),
    "finexl, no guard": (_families, 1.0),
}
"""How overlap is dealt with, and the threshold that ships; no cosine is above 1, so the last lets everything in."""


def cells(setting: Setting) -> list[Cell]:
    """One for every second single effect and every mix of both splits, and one for the vocabulary itself."""
    quick = setting.quick
    every = 1 if quick else EVERY
    tune: list[Change] = [*effects("tune", quick)[::every], *tuning_mixes(quick)]
    test: list[Change] = [*effects("test", quick)[::every], *mixes(quick=quick)]
    found = [Cell("vocabulary", partial(_vocabulary, setting))]
    found += [Cell(f"tune {c.name}", partial(_rows, setting, "tune", c)) for c in tune]
    return found + [Cell(f"test {c.name}", partial(_rows, setting, "test", c)) for c in test]


def _ground(setting: Setting) -> Ground:
    return ground(setting.encoder, FEW if setting.quick else PAIRS, setting.seed)


def _vocabulary(setting: Setting) -> list[Row]:
    """Cosines of any two words, chosen for nothing."""
    F = _ground(setting).F
    cosines = overlaps(F)[np.triu_indices(len(F), 1)]
    sizes = np.abs(cosines)
    return [
        {
            "words": len(F),
            "mean": float(cosines.mean()),
            "mean_size": float(sizes.mean()),
            "below": float(np.mean(sizes < BAR)),
        }
    ]


def _rows(setting: Setting, split: Split, change: Change) -> list[Row]:
    """Every way at every threshold; on the split "test" at the thresholds that ship alone."""
    bench = _ground(setting)
    single = isinstance(change, Effect)
    D = bench.differences(change, SINGLE_LEVEL if single else MIX_LEVEL)
    rows: list[Row] = []
    for name, (way, usual) in WAYS.items():
        swept = THRESHOLDS[1::3] if setting.quick else THRESHOLDS
        for threshold in swept if split == "tune" and usual < 1 else (usual,):
            found = way(D, bench, threshold)
            said = words(found, bench)
            rows.append(
                {
                    "split": split,
                    "change": change.name,
                    "single": single,
                    "way": name,
                    "threshold": threshold,
                    "said": said,
                    "weights": [round(float(w), 3) for w in found.weights],
                    "kept": len(said),
                    **overlap(bench.F[list(found.indices)]),
                    "completeness": completeness(D, bench.F[list(found.indices)]),
                    "residual": found.residual.value if found.residual else 1.0,
                    **judged(said, truth(change)),
                    **within(found, bench, truth(change)),
                }
            )
    return rows


def overlap(F: Array) -> Row:
    """Largest |cosine| of two kept concepts (m, d), and the part of their pairs below `BAR`; None with fewer than two."""
    if len(F) < 2:
        return {"largest": None, "below": None}
    sizes = np.abs(overlaps(F)[np.triu_indices(len(F), 1)])
    return {"largest": float(sizes.max()), "below": float(np.mean(sizes < BAR))}


def within(found: Decomposition, bench: Ground, right: Sequence[Sequence[str]]) -> Row:
    """Is a right word among the first three, or among those that are listed under them?

    Returns:
        listed: how many words that are, themselves included; within: whether one of them is right; chance: that one of so many words, drawn
        with their signs out of the vocabulary, would be.
    """
    signed = [(i, int(np.sign(w))) for i, w in zip(found.indices, found.weights, strict=True)][:3]
    shown = dict.fromkeys(signed)
    for (_, sign), family in zip(signed, found.families, strict=False):
        shown |= dict.fromkeys((i, sign * int(np.sign(cosine))) for i, cosine in family)
    said = named(list(shown), bench.concepts)
    accepted = {word for part in right for word in part}
    chance = 1 - (1 - len(accepted) / (2 * len(bench.F))) ** len(said)
    return {"listed": len(said), "within": any(word in accepted for word in said), "chance": chance}


def completeness(D: Array, F: Array) -> float:
    """Part of V's length that lies within the span of the concepts, corrected for noise, in [0, 1].

    Args:
        D: paired differences, shape (n, d); F: the kept concepts, shape (m, d).
    """
    whole = float(squared_length(D)[0])
    within = float(squared_length(pair_weights(D, F) @ F)[0])
    return float(np.sqrt(min(1.0, max(0.0, within) / whole))) if whole > 0 else 0.0


HEADS = ("way", "threshold", "words", "pairs of words below 0.15", "largest cosine", "completeness", "residual",
         "right word first", "in the first three", "or listed under them", "by chance", "parts of mixes in the first five")  # fmt: skip


def _summary(rows: Sequence[Row]) -> list[object]:
    """One line of a table, of the rows of one way at one threshold."""
    single, mixed = [r for r in rows if r["single"]], [r for r in rows if not r["single"]]
    several = [r for r in rows if r["below"] is not None]
    means = [told(mean_interval([r[key] for r in several])) for key in ("below", "largest")]
    means += [told(mean_interval([r[key] for r in rows])) for key in ("completeness", "residual")]
    means += [told(mean_interval([float(r[key]) for r in single])) for key in ("first", "three", "within")]
    means += [f"{np.mean([r['chance'] for r in single]):.2f}"]
    kept = f"{np.mean([r['kept'] for r in rows]):.1f}"
    threshold = rows[0]["threshold"] if rows[0]["threshold"] < 1 else "-"
    return [rows[0]["way"], threshold, kept, *means, told(mean_interval([r["parts"] for r in mixed]))]


def report(rows: Sequence[Row]) -> Report:
    """Overlap and right words as shipped (split "test"); the sweep (split "tune")."""
    vocabulary = next(row for row in rows if "mean_size" in row)
    groups: dict[tuple[str, str, float], list[Row]] = {}
    for row in rows:
        if "way" in row:
            groups.setdefault((row["split"], row["way"], row["threshold"]), []).append(row)
    shipped = {way: group for (split, way, _), group in groups.items() if split == "test"}
    ours = [r for r in shipped["finexl, families"] if r["below"] is not None]
    two = np.mean([r["below"] for r in ours]) if ours else float("nan")
    text = (
        f"Of the pairs of words in an explanation by the default method {two:.2f} have a |cosine| below {BAR} (mean over the {len(ours)} "
        f"explanations with two words or more, split test); of the pairs of any two of the {vocabulary['words']} words of the vocabulary "
        f"{vocabulary['below']:.2f} do (mean cosine {vocabulary['mean']:.3f}, mean |cosine| {vocabulary['mean_size']:.3f})."
    )
    pairs = zip(shipped["finexl, families"], shipped["finexl, no guard"], strict=True)
    changed = sum(r["said"] != free["said"] for r, free in pairs)
    text += f" The guard against redundant words changes {changed} of {len(shipped['finexl, families'])} explanations."
    tables = [
        Table(
            "As shipped",
            HEADS,
            [_summary(group) for group in shipped.values()],
            "Split test: single effects at level 0.8 and mixes at 0.7. Completeness: part of V's length within the span of the kept words. "
            "Residual: part of V's length that the fit leaves. Families: an overlapping word enters if the data tell it from the one that is "
            "there, and is listed under it otherwise; their overlap is measured in the whitened space, all cosines here in the encoder's. Or listed "
            "under them: a right word is among the first three or those listed under them; by chance: it is among so many words drawn at random.",
        ),
        Table(
            "Sweep of the threshold",
            HEADS,
            [_summary(group) for (split, _, _), group in groups.items() if split == "tune"],
            "Split tune: effects of albumentations, and mixes of two of them.",
        ),
    ]
    sizes = [r["largest"] for r in ours]
    median = float(np.median(sizes)) if sizes else float("nan")
    bar = Bar(
        "|cosine| of any two kept concepts, median over explanations of the largest one",
        f"below {BAR}",
        f"{median:.2f}",
        median < BAR,
    )
    return Report(text, tables, _figures(groups), bars=[bar])


def _figures(groups: dict[tuple[str, str, float], list[Row]]) -> list[Figure]:
    told_by = {"completeness": "completeness", "parts": "parts of mixes found", "kept": "words kept"}
    figures = []
    for key, label in told_by.items():
        series: dict[str, list[tuple[float, ...]]] = {}
        for (split, way, threshold), group in groups.items():
            own = [float(r[key]) for r in group if key != "parts" or not r["single"]]
            if split == "tune" and threshold < 1:
                mean, low, high = mean_interval(own)
                series.setdefault(way, []).append((threshold, mean, low, high))
        figures.append(
            Figure(f"orthogonality-{key}", f"{label} by threshold (split tune)", "threshold", label, series)
        )
    return figures


EXPERIMENT = Experiment(
    "orthogonality",
    "Orthogonality",
    "Do the words of one explanation say different things, and what is lost when overlapping words are dropped?",
    cells,
    report,
)
