"""Are the intervals as wide as they should be, is nothing found where nothing is, and how small a change is seen?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from finexl.bench.core import SINGLE_LEVEL, Bench, coverage, null
from finexl.bench.effects import BY_NAME, LEVELS, MIXES
from finexl.bench.experiment import Bar, Cell, Experiment, Figure, Report, Row, Setting, Table
from finexl.bench.intervals import told
from finexl.bench.pool import Member
from finexl.bench.sweeps import Change, Told, ground, truth, wilson, words
from finexl.bench.workshop import Workshop
from finexl.encoders import load_encoder
from finexl.method import Settings, decompose
from finexl.proposers import load_vocabulary

SIZES, SIZES_QUICK = (25, 50), (12,)
POOL, POOL_QUICK = 400, 30
NULL_DRAWS, COVERAGE_DRAWS, POWER_DRAWS = 200, 200, 20
POWER_POOL = 200
"""Pairs of which those of a draw are taken, to measure power."""
ALPHA, WITHIN = 0.05, 0.02
"""Most that may be reported of nothing, and how near to 1 - ALPHA coverage has to be (P5)."""
SEEN = 0.8
"""A level counts as seen if a right word is reported in so many of the draws, there and at every level above."""

COVERED: tuple[Change, ...] = (
    *(BY_NAME[name] for name in ("Pillow Color down", "Pillow GaussianBlur", "OpenCV transform sepia",
                                 "scikit-image adjust_gamma dark", "Pillow effect_noise")),
    *(mix for mix in MIXES if mix.name in ("OpenCV oilPainting + Pillow warm matrix",
                                           "Pillow grayscale + Pillow effect_noise + Pillow radial gradient")),
)  # fmt: skip
GRADED = tuple(
    BY_NAME[name]
    for name in ("Pillow Color down", "Pillow Contrast up", "OpenCV transform sepia", "Pillow radial gradient",
                 "Pillow GaussianBlur", "scikit-image swirl")
)  # fmt: skip


def cells(setting: Setting) -> list[Cell]:
    """Null and coverage for both numbers of pairs, power for every graded effect (split "test")."""
    quick = setting.quick
    covered, graded = (COVERED[:1], GRADED[:1]) if quick else (COVERED, GRADED)
    sizes = SIZES_QUICK if quick else SIZES
    bases = {m.base: m for m in sorted(setting.pool(), key=lambda m: m.family != "gan")}  # the fastest first
    return [
        *(Cell(f"null {n}", partial(_null, setting, n)) for n in sizes),
        *(
            Cell(f"null {base} {member.key}", partial(_null_of_base, setting, member, sizes))
            for base, member in list(bases.items())[: 1 if quick else None]
        ),
        *(Cell(f"coverage {n} {c.name}", partial(_coverage, setting, n, c)) for n in sizes for c in covered),
        *(Cell(f"power {n} {e.name}", partial(_power, setting, n, e)) for n in sizes for e in graded),
    ]


def _null(setting: Setting, n: int) -> list[Row]:
    draws, pool = (20, POOL_QUICK) if setting.quick else (NULL_DRAWS, POOL)
    bench = ground(setting.encoder, pool, setting.seed)
    rates = null(bench, draws, n, setting.seed, setting.progress)
    return [
        {"null": name, "n": n, "pool": pool, "draws": draws, "hits": round(rate * draws)}
        for name, rate in rates.items()
    ]


def _null_of_base(setting: Setting, member: Member, sizes: Sequence[int]) -> list[Row]:
    """A base model against itself with other prompts and seeds."""
    draws, pool = (20, POOL_QUICK) if setting.quick else (NULL_DRAWS, POOL)
    shop = Workshop(
        replace(setting, encoder="builtin"), [member]
    )  # whose pictures are looked at by another encoder, maybe
    with shop.sitting(member, pool) as session:
        pictures = session.plain(pool)
    bench = Bench(
        load_encoder(setting.encoder), load_vocabulary(), pictures, Settings(seed=setting.seed, bootstrap=1)
    )
    return [
        {
            "null": f"{name} of {member.base}",
            "n": n,
            "pool": pool,
            "draws": draws,
            "hits": round(rate * draws),
        }
        for n in sizes
        for name, rate in null(bench, draws, n, setting.seed, setting.progress).items()
        if name.startswith("halves")  # a file format does show in pictures as small as a model's may be
    ]


def _coverage(setting: Setting, n: int, change: Change) -> list[Row]:
    draws, pool = (10, POOL_QUICK) if setting.quick else (COVERAGE_DRAWS, POOL)
    bench = ground(setting.encoder, pool, setting.seed)
    figures = coverage(bench, [change], draws, n, setting.seed, setting.progress)
    held, count = figures["coverage"], int(figures["intervals"])
    row = {
        "covered": change.name, "n": n, "pool": pool, "intervals": count, "draws": draws,
        "hits": round(held * count) if count else 0,
    }  # fmt: skip
    return [row]


def _power(setting: Setting, n: int, change: Change) -> list[Row]:
    """Rates at ten levels: a difference is found, any word is reported, a right one is, and it is first."""
    draws, levels = (4, LEVELS[1::4]) if setting.quick else (POWER_DRAWS, LEVELS)
    bench = ground(setting.encoder, POOL_QUICK if setting.quick else POWER_POOL, setting.seed)
    right = truth(change)[0]
    rng = np.random.default_rng([setting.seed, 6])
    picks = [rng.permutation(len(bench.base))[:n] for _ in range(draws)]
    rows: list[Row] = []
    for level in levels:
        D = bench.differences(change, level)
        found = [decompose(D[pick], bench.F, "finexl", bench.settings) for pick in picks]
        said = [words(one, bench) for one in found]
        rows.append(
            {
                "power": change.name,
                "n": n,
                "level": level,
                "draws": draws,
                "different": sum(one.p_value < bench.settings.alpha for one in found),
                "any": sum(bool(one) for one in said),
                "right": sum(any(word in right for word in one) for one in said),
                "first": sum(one[:1] != [] and one[0] in right for one in said),
            }
        )
    return rows


def report(rows: Sequence[Row]) -> Report:
    """Null, coverage, and the level from which a change is seen."""
    nulls = [row for row in rows if "null" in row]
    covered = [row for row in rows if "covered" in row]
    power = [row for row in rows if "power" in row]
    tables = [_null_table(nulls), _coverage_table(covered), _power_table(power)]
    return Report(_text(nulls, covered), tables, _figures(power), bars=_bars(nulls, covered))


def _bars(nulls: Sequence[Row], covered: Sequence[Row]) -> list[Bar]:
    """Silence and coverage (P5)."""
    bars = [
        Bar(f"something is reported of nothing, {r['null']}, {r['n']} pairs, {r['draws']} draws", f"at most {ALPHA:g}", _rate(r), r["hits"] <= ALPHA * r["draws"])
        for r in nulls
    ]  # fmt: skip
    for n in dict.fromkeys(row["n"] for row in covered):
        own = [r for r in covered if r["n"] == n]
        rate = sum(r["hits"] for r in own) / max(1, sum(r["intervals"] for r in own))
        bars.append(
            Bar(
                f"coverage of 95% intervals, {n} pairs",
                f"{1 - ALPHA:g} within {WITHIN:g}",
                f"{rate:.3f}",
                abs(rate - (1 - ALPHA)) <= WITHIN,
            )
        )
    return bars


def _text(nulls: Sequence[Row], covered: Sequence[Row]) -> str:
    parts = []
    for n in dict.fromkeys(row["n"] for row in nulls):
        rates = ", ".join(f"{r['null']} {_rate(r)}" for r in nulls if r["n"] == n)
        own = [r for r in covered if r["n"] == n]
        held = wilson(sum(r["hits"] for r in own), sum(r["intervals"] for r in own))
        parts.append(
            f"{n} pairs: 95% intervals hold the weight of the whole pool in {held[0]:.3f} of {sum(r['intervals'] for r in own)} cases; "
            f"something is reported of nothing: {rates}."
        )
    return " ".join(parts)


def _rate(row: Row) -> str:
    return told(wilson(row["hits"], row["draws"]), 3)


def _null_table(nulls: Sequence[Row]) -> Table:
    lines = [[r["n"], r["null"], r["draws"], _rate(r)] for r in nulls]
    note = (
        "Re-encoded: photographs against themselves in another file format. Halves: two disjoint sets of photographs of the same kind, "
        "unpaired. Of a model: halves of the pictures that a base model draws of different prompts from different seeds. The last row of each: rate at which the test alone says that the halves differ; 0.05 is stated. Draws come from one "
        "pool of pictures, so they are not quite independent."
    )
    return Table("No difference", ("pairs", "kind", "draws", "rate"), lines, note)


def _coverage_table(covered: Sequence[Row]) -> Table:
    lines = [
        [r["n"], r["covered"], r["draws"], r["intervals"], told(wilson(r["hits"], r["intervals"]), 3)]
        for r in covered
    ]  # fmt: skip
    note = (
        f"Nominal 95% intervals of the reported weights, from pairs drawn out of a pool of {POOL} with replacement, so that they are what pairs of a population are, "
        f"against the weight of the same words from the whole pool; level {SINGLE_LEVEL}. The bracket takes the intervals for independent, which "
        "those of one draw are not."
    )
    return Table("Coverage", ("pairs", "change", "draws", "intervals", "coverage"), lines, note)


def _power_table(power: Sequence[Row]) -> Table:
    lines: list[list[object]] = []
    for n, name in dict.fromkeys((r["n"], r["power"]) for r in power):
        own = sorted((r for r in power if (r["n"], r["power"]) == (n, name)), key=lambda r: float(r["level"]))
        begins = [seen_from(own, key) for key in ("different", "any", "right", "first")]
        rates = " ".join(f"{r['right'] / r['draws']:.2f}" for r in own)
        lines.append([n, name, *("never" if level is None else level for level in begins), rates])
    heads = (
        "pairs",
        "effect",
        "different",
        "any word",
        "right word",
        "right word first",
        "rate of a right word by level",
    )
    note = f"Lowest level of the tool's own strength from which on at least {SEEN:.0%} of the draws say so. Draws of pairs out of {POWER_POOL} photographs."
    return Table("Power", heads, lines, note)


def seen_from(rows: Sequence[Row], key: str) -> float | None:
    """The lowest level at which, and above which, at least `SEEN` of the draws hit; rows by ascending level."""
    first: float | None = None
    for row in reversed(rows):
        if row[key] < SEEN * row["draws"]:
            break
        first = float(row["level"])
    return first


def _figures(power: Sequence[Row]) -> list[Figure]:
    figures = []
    for n in dict.fromkeys(r["n"] for r in power):
        series: dict[str, list[tuple[float, ...]]] = {}
        for r in power:
            if r["n"] == n:
                rate: Told = wilson(r["right"], r["draws"])
                series.setdefault(r["power"], []).append((r["level"], *rate))
        figures.append(
            Figure(
                f"uncertainty-power-{n}",
                f"A right word is reported, {n} pairs",
                "level",
                "part of draws",
                series,
            )
        )
    return figures


EXPERIMENT = Experiment(
    "uncertainty",
    "Uncertainty",
    "Do 95% intervals hold the truth in 95% of cases, is silence kept where nothing changed, and how small a change is seen?",
    cells,
    report,
)
