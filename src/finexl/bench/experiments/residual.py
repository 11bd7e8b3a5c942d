"""When to stop naming words, and what is it that the named ones leave: a word that is missing, or a broken linearity?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from finexl.bench.core import SINGLE_LEVEL
from finexl.bench.effects import LEVEL_EFFECTS, MIX_LEVEL, SEEN_IN_TRAINING, Effect, Mix
from finexl.bench.experiment import Cell, Experiment, Figure, Report, Row, Setting, Table
from finexl.bench.intervals import mean_interval, told
from finexl.bench.nonlinear import NAMES, anatomy
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
from finexl.method import Decomposition, Settings, corrected_residual, decompose, seen_by, squared_length

Array = NDArray[np.float64]
USUAL = Settings()
STOPS: dict[str, tuple[str, str, tuple[float, ...]]] = {
    "residual below (algorithm1)": ("algorithm1", "e_decomp", (0.1, 0.2, 0.3, 0.5, 0.7, 0.9)),
    "confidence (finexl)": ("finexl", "confidence", (0.5, 0.8, 0.9, 0.95, 0.99)),
    "at most so many words (finexl)": ("finexl", "max_concepts", (1, 2, 3, 5, 8)),
    "smallest weight (finexl)": ("finexl", "min_weight", (0.0, 0.05, 0.1, 0.2, 0.3)),
}
"""What ends the search: method, the setting that is swept, and its values; all others as shipped."""

SINGLE_LEVELS = (0.2, 0.4, 0.6, 0.8, 1.0)
MIX_LEVELS = tuple((a, b) for a in (0.0, 0.5, 1.0) for b in (0.0, 0.5, 1.0) if a or b)
EVERY = 2
"""Every second single effect of the split "tune" takes part in the sweep."""
MOSTLY = 0.5
"""The part of what is left that an explanation of it has to mend to be called the reason."""


def cells(setting: Setting) -> list[Cell]:
    """The sweep on the split "tune"; what is left of graded effects and of mixes of two of the split "test"."""
    quick = setting.quick
    singles = effects("tune", quick)[:1] if quick else effects("tune")[::EVERY]
    swept: list[Change] = [*singles, *tuning_mixes(quick)]
    graded = [g.effect for g in LEVEL_EFFECTS if g.effect.name not in SEEN_IN_TRAINING][
        : 2 if quick else None
    ]
    return (
        [Cell(f"stop {c.name}", partial(_stops, setting, c)) for c in swept]
        + [Cell(f"left {e.name}", partial(_left_of_single, setting, e)) for e in graded]
        + [Cell(f"left {m.name}", partial(_left_of_mix, setting, m)) for m in mixes((2,), quick)]
    )


def _ground(setting: Setting) -> Ground:
    """Twice the usual pairs, for half of them are held out."""
    return ground(setting.encoder, FEW + 4 if setting.quick else 2 * PAIRS, setting.seed)


def _stops(setting: Setting, change: Change) -> list[Row]:
    bench = _ground(setting)
    D = bench.differences(change, SINGLE_LEVEL if isinstance(change, Effect) else MIX_LEVEL)
    seen, held = D[::2], D[1::2]
    rows: list[Row] = []
    for stop, (method, name, values) in STOPS.items():
        for value in values:
            settings = replace(bench.settings, **{name: value})  # type: ignore[arg-type]
            found = decompose(seen, bench.F, method, settings)
            said = words(found, bench)
            right = [any(word in part for part in truth(change)) for word in said]
            rows.append(
                {
                    "stop": stop,
                    "value": value,
                    "usual": getattr(USUAL, name) == value,
                    "change": change.name,
                    "single": isinstance(change, Effect),
                    "said": said,
                    "kept": len(said),
                    "not_right": len(said) - sum(right),
                    "residual": found.residual.value if found.residual else 1.0,
                    "held": held_residual(
                        seen_by(method, held, settings), seen_by(method, bench.F, settings), found
                    ),
                    **judged(said, truth(change)),
                }
            )
    return rows


def held_residual(D: Array, F: Array, found: Decomposition) -> float:
    """Part of V's length in pairs D (n, d) that the weights found on other pairs leave."""
    return corrected_residual(D, F[list(found.indices)], found.weights).value


def _left_of_single(setting: Setting, effect: Effect) -> list[Row]:
    bench = _ground(setting)
    levels = [bench.differences(effect, level) for level in SINGLE_LEVELS]
    return _left(bench, effect, levels, {})


def _left_of_mix(setting: Setting, mix: Mix) -> list[Row]:
    """The parts at levels of their own, and how far both together are from the sum of each alone."""
    bench = _ground(setting)
    found = {pair: _at(bench, mix, pair) for pair in MIX_LEVELS}
    sums = {1.0: found[1.0, 0.0] + found[0.0, 1.0], 0.5: found[0.5, 0.0] + found[0.0, 0.5]}
    apart = {f"not_additive_{level}": beyond(found[level, level], both) for level, both in sums.items()}
    return _left(bench, mix, list(found.values()), apart)


def beyond(D: Array, parts: Array) -> float:
    """Length of the mean of D - parts, corrected for noise, relative to that of D; both of shape (n, d)."""
    whole, rest = (float(squared_length(rows)[0]) for rows in (D, D - parts))
    return float(np.sqrt(max(0.0, rest) / whole)) if whole > 0 else float("nan")


def _at(bench: Ground, mix: Mix, levels: tuple[float, float]) -> Array:
    """Differences under both parts of a mix, each at its level; 0 leaves a part out."""
    edited = []
    for i, picture in enumerate(bench.grounds):
        rng = np.random.default_rng(i)
        for part, level in zip(mix.parts, levels, strict=True):
            picture = part.apply(picture, level, rng) if level else picture
        edited.append(picture)
    return bench.encode(edited) - bench.base


def _left(bench: Ground, change: Change, levels: Sequence[Array], more: Row) -> list[Row]:
    """Anatomy of what the words leave that are found on the pictures which are not held out, at the highest level."""
    found = decompose(levels[-1][::2], bench.F, "finexl", bench.settings)
    rows, F = (
        [seen_by("finexl", D, bench.settings) for D in levels],
        seen_by("finexl", bench.F, bench.settings),
    )
    parts = anatomy(rows, F[list(found.indices)], F) if found.indices else {}
    row = {
        "left_of": change.name,
        "single": isinstance(change, Effect),
        "said": words(found, bench),
        "anatomy": parts,
        **more,
    }
    return [row]


def verdict(parts: dict[str, float]) -> str:
    """What mends most of what the words leave, the simplest first.

    Example:
        >>> verdict({"words": 0.4, "word": 0.35, "direction": 0.05, "straight": 0.3, "products": 0.1, "kernel": 0.1})
        'a direction that no word has'
    """
    whole = parts["words"]
    if whole <= 0.01:
        return "nothing is left"
    reasons = {
        "a word of the vocabulary": whole - parts["word"],
        "a direction that no word has": whole - min(parts["direction"], parts["straight"]),
        "broken linearity": whole - min(parts["products"], parts["kernel"]),
    }
    return next((reason for reason, mended in reasons.items() if mended >= MOSTLY * whole), "none of these")


def report(rows: Sequence[Row]) -> Report:
    """The sweep, and the anatomy of what is left."""
    groups: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        if "stop" in row:
            groups.setdefault((row["stop"], row["value"]), []).append(row)
    left = [row for row in rows if row.get("anatomy")]
    silent = [row["left_of"] for row in rows if "left_of" in row and not row["anatomy"]]
    text = (
        f"Of {len(left)} changes the words leave {_mean(left, 'words')} of V's squared length on held-out pictures. With one more word "
        f"of the vocabulary it is {_mean(left, 'word')}, with the best further direction {_mean(left, 'direction')}, with what goes "
        f"along with the words in proportion {_mean(left, 'straight')}; curves through the scores leave {_mean(left, 'products')} "
        f"(products of two) and {_mean(left, 'kernel')} (kernel ridge)."
    )
    if silent:
        text += f" No word is reported for {', '.join(silent)}."
    return Report(text, [_stop_table(groups), *_left_tables(left)], _figures(groups))


def _mean(rows: Sequence[Row], part: str) -> str:
    return told(mean_interval([row["anatomy"][part] for row in rows]))


def _stop_table(groups: dict[tuple[str, float], list[Row]]) -> Table:
    heads = ("what ends the search", "value", "words", "words not right", "residual", "residual on held-out pairs",
             "right word first", "in the first three", "parts of mixes in the first five")  # fmt: skip
    lines: list[list[object]] = []
    for (stop, value), group in groups.items():
        single, mixed = [r for r in group if r["single"]], [r for r in group if not r["single"]]
        counts = [f"{np.mean([r[key] for r in group]):.1f}" for key in ("kept", "not_right")]
        means = [told(mean_interval([r[key] for r in group])) for key in ("residual", "held")]
        means += [told(mean_interval([float(r[key]) for r in single])) for key in ("first", "three")]
        usual = " (shipped)" if group[0]["usual"] else ""
        lines.append(
            [stop, f"{value:g}{usual}", *counts, *means, told(mean_interval([r["parts"] for r in mixed]))]
        )
    note = (
        "Split tune: effects of albumentations at level 0.8 and mixes of two of them at 0.7. Words and weights from one half of the pairs; "
        "the residual is the part of V's length that they leave there, and in the other half."
    )
    return Table("When to stop", heads, lines, note)


def _left_tables(left: Sequence[Row]) -> list[Table]:
    heads = (
        "left by the words",
        "with a further word",
        "with a further direction",
        "straight",
        "products",
        "kernel ridge",
    )
    verdicts = [verdict(row["anatomy"]) for row in left]
    counts = "; ".join(f"{reason}: {verdicts.count(reason)}" for reason in dict.fromkeys(verdicts))
    kinds = {
        "single effects": [r for r in left if r["single"]],
        "mixes of two": [r for r in left if not r["single"]],
    }
    every = [
        [row["left_of"], ", ".join(row["said"]), *(round(row["anatomy"][n], 2) for n in NAMES), reason,
         " / ".join(f"{row[f'not_additive_{level}']:.2f}" for level in (0.5, 1.0)) if not row["single"] else "-"]
        for row, reason in zip(left, verdicts, strict=True)
    ]  # fmt: skip
    note = (
        "Parts of V's squared length on pictures that nothing was fitted to, summed over five levels, or eight pairs of levels of a mix; "
        "below 0 by chance. Straight: what goes along with the words' scores in proportion. Products and kernel ridge: curves through the "
        f"scores, on top of that. The reason is the simplest that mends {MOSTLY:.0%} of what the words leave ({counts}). Not additive: length of what both "
        "parts together do beyond the sum of each alone, relative to both together, at levels 0.5 and 1. Split test; nothing was chosen by it."
    )
    return [
        Table(
            "What is left",
            ("changes", "", *heads),
            [[kind, len(own), *(_mean(own, n) for n in NAMES)] for kind, own in kinds.items()],
        ),
        Table(
            "What is left of every change", ("change", "words", *heads, "reason", "not additive"), every, note
        ),
    ]


def _figures(groups: dict[tuple[str, float], list[Row]]) -> list[Figure]:
    series: dict[str, list[tuple[float, ...]]] = {}
    for (stop, _), group in groups.items():
        mean, low, high = mean_interval([r["held"] for r in group])
        series.setdefault(stop, []).append((float(np.mean([r["kept"] for r in group])), mean, low, high))
    return [
        Figure(
            "residual-stops",
            "Residual on held-out pairs by number of words (split tune)",
            "words",
            "residual",
            series,
        )
    ]


EXPERIMENT = Experiment(
    "residual",
    "What is left unexplained",
    "When should naming words stop? Is what the named ones leave a word that is missing, or a broken linearity?",
    cells,
    report,
)
