"""How much of the method's quality is the encoder's: do texts and pictures of one change point the same way, and how straight?"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from finexl.bench.core import SINGLE_LEVEL
from finexl.bench.effects import LEVEL_EFFECTS, LEVELS, SEEN_IN_TRAINING, Effect
from finexl.bench.experiment import Bar, Cell, Experiment, Figure, Report, Row, Setting, Table
from finexl.bench.intervals import mean_interval, told
from finexl.bench.sweeps import FEW, PAIRS, Ground, effects, ground, judged, truth, words
from finexl.method import decompose, overlaps, weigh
from finexl.method.directions import unit_rows

Array = NDArray[np.float64]
ALIGNED = 0.65
"""The paper's: cosine of the text direction with the change in the pictures."""
VARIABLE = "FINEXL_BENCH_ENCODERS"
"""Environment variable: specs of further encoders to measure, separated by spaces."""


def specs(setting: Setting) -> list[str]:
    """The encoder under test, the one that ships, and those of `VARIABLE`, each once."""
    return list(dict.fromkeys([setting.encoder, "builtin", *os.environ.get(VARIABLE, "").split()]))


def cells(setting: Setting) -> list[Cell]:
    """For every encoder all single effects at one level, and the graded effects at ten (split "test")."""
    kinds = {"effects": _effects, "levels": _levels}
    return [
        Cell(f"{kind} {spec}", partial(run, setting, spec))
        for spec in specs(setting)
        for kind, run in kinds.items()
    ]


def _ground(setting: Setting, spec: str) -> Ground:
    return ground(spec, FEW if setting.quick else PAIRS, setting.seed)


def _effects(setting: Setting, spec: str) -> list[Row]:
    bench = _ground(setting, spec)
    chosen = effects("test", setting.quick)
    D = [bench.differences(effect, SINGLE_LEVEL) for effect in chosen]
    V = np.stack([rows.mean(axis=0) for rows in D])
    cosines = overlaps(V, bench.F)
    rows: list[Row] = []
    for effect, pairs, toward in zip(chosen, D, cosines, strict=True):
        said = words(decompose(pairs, bench.F, "finexl", bench.settings), bench)
        row = {"encoder": spec, "effect": effect.name, "said": said[:5], **judged(said, truth(effect))}
        rows.append(row | alignment(toward, [c.name for c in bench.concepts], effect.accepted))
    shared = overlaps(bench.F)[np.triu_indices(len(bench.F), 1)]
    apart = different(V, chosen)
    texts = {"text_mean": float(shared.mean()), "text_size": float(np.abs(shared).mean())}
    return [
        *rows,
        {
            "encoder": spec,
            "image_mean": float(apart.mean()),
            "image_size": float(np.abs(apart).mean()),
            **texts,
        },
    ]


def alignment(toward: Array, names: Sequence[str], accepted: Sequence[str]) -> Row:
    """Cosine of V with the first word that is right for it, the best one of them, and what other words reach.

    Args:
        toward: cosine of V with every word, shape (k,); names: of the words.
        accepted: right words; "-x" is less of x.
    Returns:
        first, best; wrong: mean |cosine| of the words that are not right; rank: part of them that reach a smaller |cosine| than the
        first right word, 0.5 by chance.
    """
    place = {name: i for i, name in enumerate(names)}
    right = [(-1 if word.startswith("-") else 1, place[word.removeprefix("-")]) for word in accepted]
    values = [float(sign * toward[i]) for sign, i in right]
    wrong = np.abs(np.delete(toward, [i for _, i in right]))
    return {
        "aligned": values[0],
        "best": max(values),
        "wrong": float(wrong.mean()),
        "rank": float(np.mean(wrong < values[0])),
    }


def different(V: Array, chosen: Sequence[Effect]) -> Array:
    """Cosines of the changes (e, d) that any two effects make for which no word, or its opposite sign, is right in common."""
    units = unit_rows(V)
    plain = [{word.removeprefix("-") for word in effect.accepted} for effect in chosen]
    pairs = [(i, j) for i, j in combinations(range(len(chosen)), 2) if plain[i].isdisjoint(plain[j])]
    return np.array([units[i] @ units[j] for i, j in pairs])


def _levels(setting: Setting, spec: str) -> list[Row]:
    """Weight of one fixed word alone at ten levels, and how straight V runs."""
    bench = _ground(setting, spec)
    place = {concept.name: i for i, concept in enumerate(bench.concepts)}
    graded = [g for g in LEVEL_EFFECTS if g.effect.name not in SEEN_IN_TRAINING]
    rows: list[Row] = []
    for g in graded[:1] if setting.quick else graded:
        D = [bench.differences(g.effect, level) for level in LEVELS]
        word = bench.F[[place[g.concept]]]
        weights = [float(weigh(rows_, word, settings=bench.settings).weights[0]) for rows_ in D]
        rows.append(
            {
                "encoder": spec,
                "graded": g.effect.name,
                "concept": g.concept,
                "weights": [round(w, 3) for w in weights],
                "linear": float(np.corrcoef(LEVELS, weights)[0, 1]) if np.ptp(weights) else 0.0,
                "spearman": float(spearmanr(LEVELS, weights).statistic) if np.ptp(weights) else 0.0,
                "straight": straightness(np.stack([rows_.mean(axis=0) for rows_ in D])),
            }
        )
    return rows


def straightness(V: Array) -> float:
    """Part of the squared length of V at several levels, (l, d), that lies along one line through zero; 1 for a straight way.

    Example:
        >>> straightness(np.array([[1.0, 0.0], [2.0, 0.0]]))
        1.0
    """
    sizes = np.linalg.svd(V, compute_uv=False) ** 2
    return float(sizes[0] / sizes.sum()) if sizes.sum() else 0.0


def report(rows: Sequence[Row]) -> Report:
    """One line an encoder; every effect and every graded effect."""
    singles = [row for row in rows if "effect" in row]
    graded = [row for row in rows if "graded" in row]
    overall = {row["encoder"]: row for row in rows if "text_mean" in row}
    lines = [_line(both, singles, graded) for both in overall.values()]
    first, *_ = lines
    text = (
        f"{first[0]}: the text direction of the right word has cosine {first[1]} with the change in the pictures (the paper's target: {ALIGNED}), "
        f"other words {first[3]}; the right word comes first for {first[11]} of the effects. Encoders measured: {', '.join(overall)}."
    )
    bars = []
    for spec in overall:
        mean = float(np.mean([r["aligned"] for r in singles if r["encoder"] == spec]))
        bars.append(
            Bar(
                f"alignment of text and pictures, {spec}",
                f"at least {ALIGNED}",
                f"{mean:.2f}",
                mean >= ALIGNED,
            )
        )
    return Report(
        text, [_overall_table(lines), *_every(singles, graded)], _figures(graded, list(overall)), bars=bars
    )


def _line(both: Row, singles: Sequence[Row], graded: Sequence[Row]) -> list[object]:
    """Of one encoder."""
    spec = both["encoder"]
    own, levels = ([r for r in rows if r["encoder"] == spec] for rows in (singles, graded))
    means = [
        told(mean_interval([float(r[key]) for r in own])) for key in ("aligned", "best", "wrong", "rank")
    ]
    means += [told(mean_interval([r[key] for r in levels])) for key in ("linear", "spearman", "straight")]
    cosines = [f"{both[key]:.2f}" for key in ("image_size", "text_size", "text_mean")]
    right = [told(mean_interval([float(r[key]) for r in own])) for key in ("first", "three")]
    return [spec, *means, *cosines, *right]


def _overall_table(lines: Sequence[Sequence[object]]) -> Table:
    heads = ("encoder", "alignment", "best right word", "other words", "rank of the right word", "weight against level, Pearson",
             "Spearman", "straightness", "cosine of different effects", "of any two words", "of any two words, signed",
             "right word first", "in the first three")  # fmt: skip
    note = (
        "Alignment: cosine of V with the text direction of the first word that is right; other words: mean |cosine| of those that are not "
        "right; rank: part of them below the right word, 0.5 by chance. Straightness: part of the squared length of V at ten levels that "
        "lies along one line. Cosine of different effects: mean |cosine| of the V of two effects that share no right word. Split test, "
        f"level {SINGLE_LEVEL}. Further encoders: their specs in {VARIABLE}."
    )
    return Table("By encoder", heads, lines, note)


def _every(singles: Sequence[Row], graded: Sequence[Row]) -> list[Table]:
    effects_ = [
        [r["encoder"], r["effect"], r["aligned"], r["rank"], ", ".join(r["said"]) or "nothing", "yes" if r["first"] else "no"]
        for r in sorted(singles, key=lambda r: -float(r["aligned"]))
    ]  # fmt: skip
    levels = [
        [r["encoder"], r["graded"], r["concept"], r["linear"], r["spearman"], r["straight"], " ".join(f"{w:.2f}" for w in r["weights"])]
        for r in graded
    ]  # fmt: skip
    heads = ("encoder", "effect", "word", "Pearson", "Spearman", "straightness", "weight at levels 0.1 to 1")
    note = "The word alone is fitted, whether it would be reported or not."
    return [
        Table("Every effect", ("encoder", "effect", "alignment", "rank", "found", "right first"), effects_),
        Table("Every graded effect", heads, levels, note),
    ]


def _figures(graded: Sequence[Row], encoders: Sequence[str]) -> list[Figure]:
    figures = []
    for i, spec in enumerate(encoders):
        own = [r for r in graded if r["encoder"] == spec]
        lines = {r["concept"]: list(zip(LEVELS, r["weights"], strict=True)) for r in own}
        figures.append(
            Figure(f"encoders-levels-{i}", f"Weight of the word by level, {spec}", "level", "weight", lines)
        )
    return figures


EXPERIMENT = Experiment(
    "encoders",
    "Encoders",
    "Does the text of a change point where its pictures go, along a straight line, and apart from other changes?",
    cells,
    report,
)
