"""What the selection experiment's rows say: who finds models of the same style, and how alike their pictures are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from finexl.bench import selecting
from finexl.bench.contrasts import Told, against, best, permutation_p, ratio
from finexl.bench.experiment import Figure, Report, Row, Table, Verdict
from finexl.bench.grounds import OURS, SIMULATION, Array, baselines
from finexl.bench.intervals import mean_interval, told
from finexl.bench.verdicts import PHOTOGRAPHS, claimed, verdict

V = "V"
"""The mean difference itself, which says no words."""
PLAIN, WHITENED = "encoder", "whitened"
"""Spaces in which vectors are compared."""
RAW_V, WHITENED_V = "raw V, no words", "whitened V, no words"
RANDOM, ORACLE = "random", "oracle"
PAPER = 0.56
"""The paper's claim: accuracy above the best baseline's by this part of it."""

Figures = dict[str, list[float]]
"""Method -> one mean a run, in the order of the runs."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """One pool: its models, their distances and everybody's choices.

    Attributes:
        styles, runs: of every model in the pool.
        distances: perceptual, shape (m, m).
        chosen: (method, space) -> the place in the pool of each model's pick.
        silent: method -> models of which it says nothing.
    """

    styles: list[str]
    runs: list[str]
    distances: Array
    chosen: dict[tuple[str, str], list[int]]
    silent: dict[str, int]

    @property
    def methods(self) -> list[str]:
        """Those that say words."""
        return [method for method, space in self.chosen if space == PLAIN and method != V]

    def same(self, picked: Sequence[int]) -> list[float]:
        """Part of the picks that share the target's style, by run (P2)."""
        hits = [float(self.styles[t] == self.styles[c]) for t, c in enumerate(picked)]
        return selecting.by_run(hits, self.runs)

    def far(self, picked: Sequence[int]) -> list[float]:
        """Mean distance of target and pick, by run (P1)."""
        return selecting.by_run([self.distances[t, c] for t, c in enumerate(picked)], self.runs)

    @cached_property
    def oracle(self) -> list[int]:
        """The nearest candidate of each target by perceptual distance."""
        return selecting.oracle_picks(self.distances, self.runs)

    @cached_property
    def rows(self) -> dict[str, list[int]]:
        """Choices by the names of the tables: V in both spaces, everybody else in the encoder's."""
        plain = {method: self.chosen[method, PLAIN] for method in self.methods}
        return {RAW_V: self.chosen[V, PLAIN], WHITENED_V: self.chosen[V, WHITENED], **plain}

    @cached_property
    def accuracy(self) -> Figures:
        """Same-style accuracy, chance and oracle included."""
        chance = selecting.by_run(selecting.chance_same(self.styles, self.runs), self.runs)
        return {
            RANDOM: chance,
            ORACLE: self.same(self.oracle),
            **{m: self.same(p) for m, p in self.rows.items()},
        }

    @cached_property
    def distance(self) -> Figures:
        """Perceptual distance of the pick, exact mean of a random one and least possible one included."""
        random = selecting.by_run(selecting.random_distance(self.distances, self.runs), self.runs)
        return {
            RANDOM: random,
            ORACLE: self.far(self.oracle),
            **{m: self.far(p) for m, p in self.rows.items()},
        }

    def regret(self, method: str) -> Told:
        """With interval over runs (P1)."""
        return selecting.regret(self.distance[method], self.distance[RANDOM], self.distance[ORACLE])


def outcomes(rows: Sequence[Row]) -> dict[int, Outcome]:
    """Number of levels -> what happened in that pool."""
    models = sorted((row for row in rows if "model" in row), key=lambda row: int(row["index"]))
    square = np.zeros((len(models), len(models)))
    for i, model in enumerate(models):
        square[i, :i] = square[:i, i] = model["distances"]
    found = {}
    for count in sorted({count for model in models for count in model["pools"]}):
        chosen = [row for row in rows if row.get("levels") == count and "picks" in row]
        members = chosen[0]["targets"]
        place = {member: k for k, member in enumerate(members)}
        found[int(count)] = Outcome(
            [models[i]["style"] for i in members],
            [models[i]["run"] for i in members],
            square[np.ix_(members, members)],
            {(row["method"], row["space"]): [place[i] for i in row["picks"]] for row in chosen},
            {row["method"]: row["silent"] for row in chosen},
        )
    return found


def report(rows: Sequence[Row], family: str = PHOTOGRAPHS) -> Report:
    """Accuracy and distance by number of levels, with chance, oracle and regret; styles and runs; the paper's headline."""
    pools = outcomes(rows)
    models = [row for row in rows if "model" in row]
    return Report(
        _text(pools, models),
        [_accuracy(pools), _distance(pools, models), _headline(pools), _styles(pools), _runs(pools)],
        [_figure(pools)],
        [one for count, pool in pools.items() for one in _verdicts(family, count, pool)],
    )


def _verdicts(family: str, count: int, pool: Outcome) -> list[Verdict]:
    """Accuracy and distance of the pick at a number of levels."""
    same = verdict(family, f"same style, {count} levels", pool.accuracy, baselines(pool.methods))
    far = verdict(
        family,
        f"perceptual distance of the pick, {count} levels",
        pool.distance,
        baselines(pool.methods),
        largest=False,
    )
    wrong = [
        (pool.styles[t], pool.styles[c])
        for t, c in enumerate(pool.rows[OURS])
        if pool.styles[t] != pool.styles[c]
    ]
    often = max(sorted(set(wrong)), key=wrong.count, default=None)
    why = f"Ours says nothing of {pool.silent[OURS]} of {len(pool.runs)} models."
    if often:
        why += (
            f" Its most frequent mistake is {often[1]} for {often[0]} ({wrong.count(often)} of {len(wrong)})."
        )
    claims = [
        f"{relative(pool.accuracy[OURS], pool.accuracy[one.rival])} (the paper: +{PAPER:.0%})" for one in same
    ]
    return [*claimed(same, "".join(claims), why), *claimed(far, "", why)]


def _text(pools: dict[int, Outcome], models: Sequence[Row]) -> str:
    most = max(pools)
    pool = pools[most]
    rival = best(pool.accuracy, baselines(pool.methods))
    ours, theirs = pool.accuracy[OURS], pool.accuracy[rival]
    return (
        f"{len(set(pool.styles))} styles, {len(set(pool.runs))} independent implementations of them (runs), {models[0]['pairs']} pairs a model; "
        f"models of the target's own run may not be chosen. At {most} levels, {len(pool.runs)} models, explanations of ours lead to the same style "
        f"in {told(mean_interval(ours))} of the choices (chance {np.mean(pool.accuracy[RANDOM]):.2f}), those of the best rival ({rival}) in "
        f"{told(mean_interval(theirs))}; ours minus it {against(ours, theirs)}, permutation p = {permutation_p(ours, theirs):.3f}. As the paper "
        f"tells it, that is {relative(ours, theirs)} (the paper claims +56%). The regret of ours in perceptual distance is "
        f"{told(pool.regret(OURS))}, where 0 is the best possible and 1 is chance."
    )


def relative(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Relative improvement of the mean, such as "+56% [+20%, +90%]"."""
    figure = ratio(ours, theirs)
    if np.isnan(figure[0]):
        return "-"
    return "{:+.0%} [{:+.0%}, {:+.0%}]".format(*(part - 1 for part in figure))


def _name(method: str) -> str:
    return f"**{method}**" if method == OURS else method


def _accuracy(pools: dict[int, Outcome]) -> Table:
    last = pools[max(pools)]
    heads = ("method", *(f"{count} levels" for count in pools), f"ours minus it, {max(pools)} levels", "permutation p",
             f"{max(pools)} levels, all compared in the whitened space", f"says nothing of, {max(pools)} levels")  # fmt: skip
    lines: list[list[object]] = []
    for method in last.accuracy:
        ours, theirs = last.accuracy[OURS], last.accuracy[method]
        p = "-" if method == OURS else f"{permutation_p(ours, theirs):.3f}"
        white = {RAW_V: V}.get(method, method), WHITENED
        lines.append(
            [_name(method), *(told(mean_interval(pool.accuracy[method])) for pool in pools.values()), against(ours, theirs), p,
             told(mean_interval(last.same(last.chosen[white]))) if white in last.chosen else "-", last.silent.get(method, "-")]
        )  # fmt: skip
    note = (
        "Part of the choices that share the target's style (P2). Everybody's words go through one map, sum of score times f(C) / |f(C)|, and are "
        "compared by cosine; ties by id, which decides for a model of which nothing is said. Bootstrap and paired permutation test over runs. The "
        "whitened space is S^(-1/2), S the pooled covariance of d_i - V over all models. Random: mean share of candidates of the same style. "
        f"Oracle: the perceptually nearest candidate. {SIMULATION}"
    )
    return Table("Same style", heads, lines, note)


def _distance(pools: dict[int, Outcome], models: Sequence[Row]) -> Table:
    heads = (
        "method",
        *(f"{count} levels" for count in pools),
        *(f"regret, {count} levels" for count in pools),
    )
    lines = [
        [_name(method), *(told(mean_interval(pool.distance[method])) for pool in pools.values()),
         *(told(pool.regret(method)) for pool in pools.values())]
        for method in pools[max(pools)].distance
    ]  # fmt: skip
    note = (
        f"Mean over the same {models[0]['pictures']} pictures of the target and the pick (P1). The metric is ours (`finexl.bench.perceptual`), not "
        "LPIPS: mean |difference| of CIELAB over a Gaussian pyramid, in units of L*. Random: exact mean over candidates. Oracle: the least "
        "possible. Regret: (pick - oracle) / (random - oracle)."
    )
    return Table("Perceptual distance of the pick", heads, lines, note)


def _headline(pools: dict[int, Outcome]) -> Table:
    lines = []
    for count, pool in pools.items():
        worded = baselines(pool.methods)
        for among, names in (("say words", worded), ("any, V itself included", [RAW_V, WHITENED_V, *worded])):
            rival = best(pool.accuracy, names)
            ours, theirs = pool.accuracy[OURS], pool.accuracy[rival]
            lines.append(
                [
                    count,
                    among,
                    rival,
                    f"{np.mean(theirs):.2f}",
                    f"{np.mean(ours):.2f}",
                    relative(ours, theirs),
                ]
            )
    heads = (
        "levels",
        "baselines that",
        "best baseline",
        "its accuracy",
        "accuracy of ours",
        "relative improvement",
    )
    note = f"The paper claims +{PAPER:.0%}. The baseline is the best in this very table, which favours it; the interval does not know of that choice."
    return Table("The paper's headline", heads, lines, note)


def _styles(pools: dict[int, Outcome]) -> Table:
    pool = pools[max(pools)]
    rival = best(pool.accuracy, baselines(pool.methods))
    of_run = dict(zip(pool.runs, pool.styles, strict=True))
    lines = []
    for style in dict.fromkeys(pool.styles):
        at = [k for k, run in enumerate(of_run) if of_run[run] == style]
        means = [f"{np.mean([pool.accuracy[m][k] for k in at]):.2f}" for m in (OURS, rival, RAW_V, RANDOM)]
        lines.append([style, len(at), *means])
    heads = ("style", "runs", "ours", rival, RAW_V, "chance")
    return Table(f"By style, {max(pools)} levels", heads, lines)


def _runs(pools: dict[int, Outcome]) -> Table:
    last = pools[max(pools)]
    of_run = {
        count: dict(zip(dict.fromkeys(pool.runs), pool.accuracy[OURS], strict=True))
        for count, pool in pools.items()
    }
    lines = []
    for k, run in enumerate(dict.fromkeys(last.runs)):
        own = [t for t, name in enumerate(last.runs) if name == run]
        wrong = [
            last.runs[last.rows[OURS][t]]
            for t in own
            if last.styles[last.rows[OURS][t]] != last.styles[own[0]]
        ]
        counts = {name: wrong.count(name) for name in sorted(set(wrong))}
        lines.append(
            [run, last.styles[own[0]], *(f"{found[run]:.2f}" if run in found else "-" for found in of_run.values()), f"{last.accuracy[ORACLE][k]:.2f}",
             ", ".join(f"{name} ({n})" for name, n in counts.items()) or "-"]
        )  # fmt: skip
    heads = (
        "run",
        "style",
        *(f"ours, {count} levels" for count in pools),
        "oracle",
        f"wrong picks of ours, {max(pools)} levels",
    )
    return Table("Every run", heads, lines)


def _figure(pools: dict[int, Outcome]) -> Figure:
    last = pools[max(pools)]
    rival = best(last.accuracy, baselines(last.methods))
    shown = [
        m for m in dict.fromkeys((OURS, rival, RAW_V, "algorithm1", "subspace", RANDOM)) if m in last.accuracy
    ]
    series = {
        m: [(float(count), *mean_interval(pool.accuracy[m])) for count, pool in pools.items()] for m in shown
    }
    return Figure(
        "same-style", "Same-style accuracy by number of levels", "levels", "same-style accuracy", series
    )
