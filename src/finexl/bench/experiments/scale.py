"""Time and memory of one decomposition by number of pairs, size of the vocabulary and width of the embedding, on random arrays."""

from __future__ import annotations

import os
import time
import tracemalloc
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from finexl.bench.experiment import Bar, Cell, Experiment, Figure, Report, Row, Setting, Table
from finexl.bench.rivals import Case
from finexl.bench.rivals.cosines import cosine
from finexl.bench.rivals.splice import admm, centred, splice
from finexl.bench.rivals.splice_published import STEPS, Solved, admm_published
from finexl.bench.rivals.textspan import text_span
from finexl.method import Settings, decompose
from finexl.method.directions import unit_rows

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """How large a problem is: pairs n, words k, width d."""

    pairs: int = 50
    words: int = 2000
    width: int = 512


BAR = Size(50, 20_000, 768)
BAR_SECONDS, BAR_FACTOR = 1.0, 10
"""One model against this many concepts: at most so long on two cores, and so many times faster than SpLiCE's solvers."""
REPEATS, SHORT = 3, 5.0
"""What takes fewer seconds of processor time than this is run so often, and the best time counts."""
PENALTY = 0.25
"""SpLiCE's l1, as in its own example: no time is spent on looking for one."""
PATIENCE = 30.0
"""Seconds after which SpLiCE's ADMM as published takes no further step."""
PLANTED = 8


SLOW = ("algorithm1",)
"""Not run on the largest problem: its filter is a loop over all words, which did not end within seven minutes there."""

SWEPT: dict[str, tuple[int, ...]] = {
    "pairs": (25, 50, 100, 400),
    "words": (400, 2000, 20_000),
    "width": (256, 512, 768),
}
SWEPT_QUICK: dict[str, tuple[int, ...]] = {"pairs": (8, 12), "words": (100, 200), "width": (32, 64)}


def cells(setting: Setting) -> list[Cell]:
    """One for every size and method."""
    usual, largest = (Size(12, 200, 64), Size(12, 400, 64)) if setting.quick else (Size(), BAR)
    return [
        Cell(f"{size} {name}", partial(_rows, setting, size, name, varies))
        for size, varies in _sizes(usual, largest, SWEPT_QUICK if setting.quick else SWEPT).items()
        for name in WAYS
        if size != BAR or name not in SLOW
    ]


def _sizes(usual: Size, largest: Size, swept: Mapping[str, Sequence[int]]) -> dict[Size, list[str]]:
    """Every size with what is varied in it."""
    found: dict[Size, list[str]] = {}
    for key, values in swept.items():
        for value in values:
            found.setdefault(replace(usual, **{key: value}), []).append(key)
    return found | {largest: []}


# --- what is measured ---


def _ours(method: str) -> Callable[[Case], object]:
    return lambda case: decompose(case.D, case.directions, method, case.settings)


def _one_vector(solver: Callable[[Array, Array, float], Array]) -> Callable[[Case], object]:
    """The solver on V alone: one problem in place of one for every image."""
    return lambda case: solver(centred(case.texts), unit_rows(case.V[None]), PENALTY)


def _published(case: Case) -> Solved:
    """All images, as `splice` has it."""
    Z = centred(np.concatenate([case.base, case.personalized]))
    return admm_published(centred(case.texts), Z, PENALTY, PATIENCE)


def lasso_loose(C: Array, Z: Array, l1: float) -> Array:
    """`rivals.splice.lasso` at scikit-learn's own tolerance, in place of one at which both solvers agree."""
    from sklearn.linear_model import Lasso

    model = Lasso(alpha=l1 / (2 * C.shape[1]), fit_intercept=False, positive=True)
    return np.asarray(model.fit(C.T, Z.T).coef_)


OURS = "finexl"
WAYS: dict[str, Callable[[Case], object]] = {
    OURS: _ours("finexl"),
    "algorithm1": _ours("algorithm1"),
    "subspace": _ours("subspace"),
    "cosine": cosine,
    "TextSpan": text_span,
    "SpLiCE, ADMM as published": _published,
    "SpLiCE, ADMM": lambda case: splice(case, admm, PENALTY),
    "SpLiCE, lasso, loose": lambda case: splice(case, lasso_loose, PENALTY),
    "SpLiCE, ADMM, V alone": _one_vector(admm),
    "SpLiCE, lasso, V alone": _one_vector(lasso_loose),
}


def arrays(size: Size, seed: int) -> Case:
    """Random pictures and texts with a common direction, and pairs that differ by `PLANTED` words and noise half as long as their sum."""
    rng = np.random.default_rng([seed, size.pairs, size.words, size.width])
    common = unit_rows(rng.standard_normal((1, size.width)))
    F = 0.1 * unit_rows(rng.standard_normal((size.words, size.width)))
    base = unit_rows(common + 0.8 * unit_rows(rng.standard_normal((size.pairs, size.width))))
    change = (np.linspace(0.5, 1, PLANTED)[:, None] * F[:PLANTED]).sum(axis=0)
    noise = 0.5 * float(np.linalg.norm(change)) * unit_rows(rng.standard_normal((size.pairs, size.width)))
    names = tuple(f"word {i}" for i in range(size.words))
    settings = Settings(seed=seed, names=names)
    return Case(base, unit_rows(base + change + noise), names, F, unit_rows(common + 5 * F), settings, seed)


def _rows(setting: Setting, size: Size, name: str, varies: list[str]) -> list[Row]:
    way = WAYS[name]
    way(arrays(Size(4, 16, 8), setting.seed))  # libraries are loaded before the clock runs
    threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))
    row = {"method": name, **asdict(size), "varies": varies, "threads": threads}
    return [row | measured(partial(way, arrays(size, setting.seed)))]


def measured(run: Callable[[], object]) -> Row:
    """Seconds by the clock, seconds of processor time, and the most megabytes that were allocated at once beside what was there.

    What is short is timed on its own, several times, and the best counts; of what is long the one run that is watched for memory
    counts, which costs a few per cent of time. Processor time hardly changes when other programs run as well.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a solver that stops short is measured as it stops
        tracemalloc.start()
        try:
            times = [_timed(run)]
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        if times[0][1] < SHORT:
            times = [_timed(run) for _ in range(REPEATS)]
    clock, processor = min(t[0] for t in times), min(t[1] for t in times)
    found = times[-1][2]
    steps = found.steps if isinstance(found, Solved) and not found.in_time else None
    return {"seconds": clock, "processor": processor, "megabytes": peak / 1e6, "stopped_after": steps}


def _timed(run: Callable[[], object]) -> tuple[float, float, object]:
    clock, processor = time.perf_counter(), time.process_time()
    found = run()
    return time.perf_counter() - clock, time.process_time() - processor, found


def _more(row: Row) -> str:
    """ "> " before a time after which the work was not done."""
    return "> " if row["stopped_after"] else ""


# --- report ---


def report(rows: Sequence[Row]) -> Report:
    """The largest problem, and one table for each thing that is varied."""
    largest = max(r["words"] * r["width"] for r in rows)
    top = {r["method"]: r for r in rows if r["words"] * r["width"] == largest}
    ours = top[OURS]
    factors = {name: r["processor"] / max(ours["processor"], 1e-9) for name, r in top.items()}
    solvers = ", ".join(
        f"{name} {_more(top[name])}{factors[name]:.1f}" for name in top if name.startswith("SpLiCE")
    )
    text = (
        f"One model of {ours['pairs']} pairs against {ours['words']} concepts of width {ours['width']}: {ours['seconds']:.2f} s by the clock, "
        f"{ours['processor']:.2f} s of processor time and {ours['megabytes']:.0f} MB on {ours['threads']} thread(s) (bar: {BAR_SECONDS:g} s on "
        f"two cores). Processor time relative to ours: {solvers} (bar: {BAR_FACTOR})."
    )
    swept = [key for key in SWEPT if any(key in r["varies"] for r in rows)]
    tables = [_top_table(top, factors), *(_swept_table(rows, key) for key in swept)]
    return Report(text, tables, [_figure(rows, key) for key in swept], bars=_bars(top, factors))


def _bars(top: Mapping[str, Row], factors: Mapping[str, float]) -> list[Bar]:
    """Time of the largest problem; nothing of a quick run, whose largest one is small."""
    ours, published = top[OURS], "SpLiCE, ADMM as published"
    if (ours["words"], ours["width"]) != (BAR.words, BAR.width):
        return []
    size = f"one model against {ours['words']} concepts of width {ours['width']}"
    return [
        Bar(
            f"{size}, {ours['threads']} thread(s)",
            f"below {BAR_SECONDS:g} s",
            f"{ours['seconds']:.2f} s",
            ours["seconds"] < BAR_SECONDS,
        ),
        Bar(
            f"{size}: processor time of SpLiCE's published ADMM relative to ours",
            f"at least {BAR_FACTOR}",
            f"{_more(top[published])}{factors[published]:.1f}",
            factors[published] >= BAR_FACTOR,
        ),
    ]


def _top_table(top: Mapping[str, Row], factors: Mapping[str, float]) -> Table:
    lines = [
        [
            name,
            f"{_more(r)}{r['seconds']:.3g}",
            f"{_more(r)}{r['processor']:.3g}",
            round(r["megabytes"]),
            f"{_more(r)}{factors[name]:.1f}",
        ]
        for name, r in top.items()
    ]
    one = next(iter(top.values()))
    note = (
        f"{one['pairs']} pairs, {one['words']} concepts, width {one['width']}, {one['threads']} thread(s). Random arrays; all given the "
        f"same. SpLiCE decomposes every image (l1 {PENALTY}) and compares; V alone: one problem in place of one for every image. Loose: "
        f"scikit-learn's own tolerance, which V alone has too. {', '.join(SLOW)} did not end within seven minutes there and is left out. ADMM as published: the arithmetic of its public code, on processors; stopped after the "
        f"first of its {STEPS} steps that ends later than {PATIENCE:g} s (>). Memory: beside the arrays that are given."
    )
    heads = ("method", "seconds", "of processor time", "MB", "relative to ours")
    return Table("The largest problem", heads, lines, note)


def _curve(rows: Sequence[Row], key: str) -> list[Row]:
    """The rows in which only `key` differs from the usual size, by it."""
    return sorted((r for r in rows if key in r["varies"]), key=lambda r: int(r[key]))


def _swept_table(rows: Sequence[Row], key: str) -> Table:
    own = _curve(rows, key)
    values = list(dict.fromkeys(r[key] for r in own))
    lines: list[list[object]] = []
    for name in dict.fromkeys(r["method"] for r in own):
        by = {r[key]: r for r in own if r["method"] == name}
        lines.append(
            [
                name,
                *(f"{_more(by[v])}{by[v]['processor']:.3g} s, {by[v]['megabytes']:.0f} MB" for v in values),
            ]
        )
    usual = ", ".join(f"{name} {own[0][name]}" for name in SWEPT if name != key)
    return Table(f"By {key}", ("method", *(str(v) for v in values)), lines, f"Processor time. With {usual}.")


def _figure(rows: Sequence[Row], key: str) -> Figure:
    series: dict[str, list[tuple[float, ...]]] = {}
    for r in _curve(rows, key):
        series.setdefault(r["method"], []).append((float(r[key]), float(r["processor"])))
    return Figure(f"scale-{key}", f"Processor time by {key}", key, "seconds", series, "xy")


EXPERIMENT = Experiment(
    "scale",
    "Scale",
    "How do time and memory of one decomposition grow, for ours and for others given the same arrays?",
    cells,
    report,
)
