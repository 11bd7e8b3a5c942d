"""The selection task: a quick run, the pool, and figures of choices whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from finexl.bench import selection_tables
from finexl.bench.effects import EFFECTS
from finexl.bench.experiment import Setting
from finexl.bench.experiments import selection
from finexl.bench.experiments.selection import Tools, styles
from finexl.bench.grounds import OURS, QUICK_RIVALS, SIMULATED
from finexl.bench.neighbours import distances
from finexl.bench.selection_tables import (
    ORACLE,
    PLAIN,
    RANDOM,
    RAW_V,
    WHITENED,
    WHITENED_V,
    V,
    outcomes,
    relative,
)


def test_a_quick_run_and_its_resumption(quick, small, lines):
    report, rows = quick(selection)
    seen = small.prepared
    models = [row for row in rows if "model" in row]
    assert [row["model"] for row in models] == sorted(row["model"] for row in models)
    for row in rows:
        if "picks" in row:
            pairs = zip(row["targets"], row["picks"], strict=True)
            assert all(models[t]["run"] != models[p]["run"] for t, p in pairs)
    same = lines(report, "Same style")
    assert list(same) == [RANDOM, ORACLE, RAW_V, WHITENED_V, *QUICK_RIVALS, *SIMULATED]
    assert same[RANDOM][0].startswith("0.40")  # two styles of three runs: of the five other runs two
    distances = lines(report, "Perceptual distance")
    assert distances[ORACLE][-1] == "0.00 [0.00, 0.00]"
    assert distances[RANDOM][-1] == "1.00 [1.00, 1.00]"
    again, kept = quick(selection)
    assert small.prepared == seen
    assert (again, kept) == (report, rows)


def test_the_pool_has_only_styles_with_three_runs():
    pool = Tools(Setting())
    runs = {}
    for model in pool.models:
        runs.setdefault(model.style, set()).add(model.run)
    assert min(len(names) for names in runs.values()) >= 3
    assert {"smooth", "sharp", "colour noise", "black and white"} <= set(runs)
    assert all(
        effect.split == "test" and effect.accepted[0] == runs_style
        for effect, runs_style in ((pool.effects[m.run], m.style) for m in pool.models)
    )
    count = sum(len(names) for names in runs.values())
    for levels in (3, 5, 8):
        assert len(pool.members(levels)) == count * levels
    assert set(pool.members(3)) <= set(pool.members(8))
    assert [model.id for model in pool.models] == sorted(model.id for model in pool.models)


def test_styles_go_by_the_first_right_word():
    effects = [effect for effect in EFFECTS if effect.split == "test"]
    found = styles(effects)
    assert styles(effects[:3]) == {}
    assert all(len(runs) >= 3 for runs in found.values())
    assert not {effect.split for runs in found.values() for effect in runs} - {"test"}


def test_distances_are_those_of_the_same_pictures(small):
    from finexl.bench.perceptual import distance

    pool = Tools(Setting(quick=True))
    rows = distances(pool)
    a, b = pool.models[1], pool.models[4]
    expected = []
    for i, crop in enumerate(pool.grounds.bench.grounds[: pool.pictures]):
        shown = [pool.effects[m.run].apply(crop, m.level, np.random.default_rng(i)) for m in (a, b)]
        expected.append(distance(*shown))
    assert rows[4]["distances"][1] == pytest.approx(np.mean(expected), abs=1e-4)
    assert [len(row["distances"]) for row in rows] == list(range(len(rows)))


def test_explanations_come_from_the_pairs_through_one_map(small):
    from finexl.bench.rivals import RIVALS, explanation_vector

    pool = Tools(Setting(quick=True))
    vectors = pool.vectors(lambda case, truth: RIVALS["cosine"](case))
    case = pool.cases[2]
    np.testing.assert_allclose(vectors[2], explanation_vector(case.directions, RIVALS["cosine"](case)))
    assert pool.cases[2].D.shape == (8, small.dimensions)


RUNS = ["a1", "a2", "b1", "b2"]


def made_rows(picks):
    """Four models, each its own run, of styles a and b; models of one style are 1 apart, others 3."""
    models = [
        {"model": run, "index": i, "style": run[0], "run": run, "level": 1.0, "pools": [3], "pictures": 25, "pairs": 40,
         "distances": [1.0 if run[0] == other[0] else 3.0 for other in RUNS[:i]]}
        for i, run in enumerate(RUNS)
    ]  # fmt: skip
    chosen = [
        {"method": method, "space": space, "levels": 3, "targets": [0, 1, 2, 3], "picks": places, "silent": 0}
        for method, places in picks.items()
        for space in (PLAIN, WHITENED)
    ]
    return [*models, *chosen]


RIGHT, WRONG, HALF = [1, 0, 3, 2], [2, 2, 0, 0], [1, 0, 0, 0]


def test_figures_by_hand(lines):
    rows = made_rows({V: HALF, "cosine": HALF, "GSCLIP": WRONG, OURS: RIGHT})
    pool = outcomes(rows)[3]
    assert pool.accuracy[OURS] == pool.accuracy[ORACLE] == [1, 1, 1, 1]
    assert pool.accuracy[RANDOM] == pytest.approx([1 / 3] * 4)
    assert pool.distance[RANDOM] == pytest.approx([7 / 3] * 4)
    assert pool.regret(OURS) == pool.regret(ORACLE) == (0, 0, 0)
    assert pool.regret("GSCLIP")[0] == pytest.approx(2 / (4 / 3))
    report = selection_tables.report(rows)
    same = lines(report, "Same style")
    assert same["cosine"][0].startswith("0.50")
    assert same["cosine"][1].startswith("0.50")
    assert same["cosine"][2] == "0.500"  # two of four runs differ: half of all sign patterns
    assert same[WHITENED_V][3] == "-"
    assert lines(report, "Perceptual distance")["cosine"][1].startswith("0.75")
    head = next(table for table in report.tables if table.title.startswith("The paper's"))
    assert head.rows[0][:5] == [3, "say words", "cosine", "0.50", "1.00"]
    assert head.rows[0][5].startswith("+100%")
    assert lines(report, "By style") == {
        "a": ["2", "1.00", "1.00", "1.00", "0.33"],
        "b": ["2", "1.00", "0.00", "0.00", "0.33"],
    }
    assert lines(report, "Every run")["a1"] == ["a", "1.00", "1.00", "-"]


def test_wrong_picks_are_told(lines):
    report = selection_tables.report(made_rows({V: HALF, "cosine": RIGHT, OURS: HALF}))
    assert lines(report, "Every run")["b2"] == ["b", "0.00", "1.00", "a1 (1)"]
    assert "-50%" in report.text


def test_a_run_that_is_in_one_pool_alone(lines):
    """Where each level is a training run of its own, the pool of more levels has runs that the other has not."""
    rows = made_rows({V: RIGHT, "cosine": RIGHT, OURS: RIGHT})
    fewer = [{**row, "levels": 2, "targets": [1, 2, 3], "picks": [2, 3, 2]} for row in rows if "picks" in row]
    models = [{**row, "pools": [3] if row["run"] == "a1" else [2, 3]} for row in rows if "model" in row]
    report = selection_tables.report([*models, *fewer, *(row for row in rows if "picks" in row)])
    every = lines(report, "Every run")
    assert every["a1"] == ["a", "-", "1.00", "1.00", "-"]
    assert every["a2"] == ["a", "0.00", "1.00", "1.00", "-"]
    assert every["b1"] == ["b", "1.00", "1.00", "1.00", "-"]


def test_relative_improvement():
    assert relative([0.78] * 5, [0.5] * 5) == "+56% [+56%, +56%]"
    assert relative([0.5], [0.0]) == "-"


def test_the_tables_hold_the_papers_claim():
    assert selection_tables.PAPER == 0.56
