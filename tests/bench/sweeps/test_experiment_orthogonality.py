from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sweep_worlds import ran

from finexl.bench.effects import BY_NAME
from finexl.bench.experiments import orthogonality
from finexl.bench.experiments.orthogonality import THRESHOLDS, WAYS, completeness, overlap, within
from finexl.bench.sweeps import ground
from finexl.method import overlaps


def test_overlap():
    none = {"largest": None, "below": None}
    assert overlap(np.zeros((0, 3))) == overlap(np.eye(3)[:1]) == none
    assert overlap(np.eye(3)) == {"largest": 0.0, "below": 1.0}
    F = np.array([[1.0, 0.0, 0.0], [-0.6, 0.8, 0.0], [0.0, 0.0, 2.0]])
    assert overlap(F)["largest"] == pytest.approx(0.6)
    assert overlap(F)["below"] == pytest.approx(2 / 3)


def test_completeness():
    D = np.tile([3.0, 4.0], (5, 1))
    assert completeness(D, np.array([[2.0, 0.0]])) == pytest.approx(0.6)
    assert completeness(D, np.eye(2)) == pytest.approx(1.0)
    assert completeness(D, np.zeros((0, 2))) == 0.0
    noise = np.random.default_rng(0).standard_normal((400, 2)) * 3
    assert completeness(D[:1] + noise, np.array([[2.0, 0.0]])) == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("way", ["algorithm1", "finexl, words filtered first"])
def test_a_hard_filter_keeps_what_the_threshold_allows(tiny, way):
    bench = ground("looks", 20, 0)
    D = bench.differences(BY_NAME["Pillow Color down"], 0.8)
    for threshold in (0.1, 0.3):
        found = WAYS[way][0](D, bench, threshold)
        F = bench.F[list(found.indices)]
        assert len(found.indices) == len(found.weights)
        assert np.abs(overlaps(F) - np.eye(len(F))).max(initial=0.0) < threshold


def test_filtered_words_keep_their_names(tiny):
    bench = ground("looks", 20, 0)
    D = bench.differences(BY_NAME["Pillow Color down"], 0.8)
    found = WAYS["finexl, words filtered first"][0](D, bench, 0.9)
    assert bench.concepts[found.indices[0]].name in ("muted colours", "vivid colours")


def test_words_that_are_listed_count_with_their_sign(tiny):
    bench = ground("looks", 20, 0)
    D = bench.differences(BY_NAME["Pillow Color down"], 0.8)
    found = WAYS["finexl, families"][0](D, bench, 0.5)
    (muted,) = (i for i, concept in enumerate(bench.concepts) if concept.name == "muted colours")
    (vivid,) = (i for i, concept in enumerate(bench.concepts) if concept.name == "vivid colours")
    one = replace(found, indices=(muted,), weights=np.array([0.5]), families=(((vivid, -0.9),),))
    row = within(one, bench, [["-vivid colours"]])
    assert (row["listed"], row["within"]) == (2, True)
    assert row["chance"] == pytest.approx(1 - (1 - 1 / (2 * len(bench.F))) ** 2)
    assert within(one, bench, [["vivid colours"]])["within"] is False
    assert (
        within(replace(one, indices=(), weights=np.zeros(0), families=()), bench, [["sepia"]])["listed"] == 0
    )


def test_quick_run(tiny):
    rows, report = ran(orthogonality.EXPERIMENT)
    swept = [r for r in rows if r.get("split") == "tune"]
    shipped = [r for r in rows if r.get("split") == "test"]
    assert {r["threshold"] for r in swept if r["way"] == "algorithm1"} == set(THRESHOLDS[1::3])
    assert {r["way"] for r in shipped} == set(WAYS)
    assert len(shipped) == len({r["change"] for r in shipped}) * len(
        WAYS
    )  # no sweep on the split that is reported
    assert not {r["change"] for r in swept} & {r["change"] for r in shipped}
    assert [table.title for table in report.tables] == ["As shipped", "Sweep of the threshold"]
    assert len(report.tables[0].rows) == len(WAYS)
