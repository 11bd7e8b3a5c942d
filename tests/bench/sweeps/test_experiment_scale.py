from __future__ import annotations

import numpy as np
import pytest
from sweep_worlds import ran

from finexl.bench.experiments import scale
from finexl.bench.experiments.scale import BAR, OURS, PLANTED, WAYS, Size, arrays, measured


def test_arrays_have_the_size_and_the_planted_words():
    case = arrays(Size(60, 300, 128), 0)
    assert case.base.shape == case.personalized.shape == (60, 128)
    assert case.directions.shape == case.texts.shape == (300, 128)
    found = WAYS[OURS](case)
    assert set(found.indices) & set(range(PLANTED)) == set(found.indices)
    assert len(found.indices) >= 5
    assert np.array_equal(arrays(Size(60, 300, 128), 0).directions, case.directions)


def test_memory_and_time_of_what_is_run():
    row = measured(lambda: np.ones(2_000_000))
    assert row["megabytes"] == pytest.approx(16, rel=0.05)
    assert 0 <= row["processor"] < 5
    assert row["seconds"] > 0


def test_what_is_long_is_run_once(monkeypatch):
    monkeypatch.setattr(scale, "SHORT", 0.0)
    calls = []
    measured(lambda: calls.append(1))
    assert calls == [1]


def test_the_full_run_holds_the_bar_and_every_sweep():
    sizes = scale._sizes(Size(), BAR, scale.SWEPT)
    assert sizes[BAR] == []
    assert sizes[Size()] == ["pairs", "words", "width"]
    for key, values in scale.SWEPT.items():
        assert sorted(getattr(size, key) for size, varies in sizes.items() if key in varies) == list(values)


def test_quick_run():
    rows, report = ran(scale.EXPERIMENT)
    assert {r["method"] for r in rows} == set(WAYS)
    assert [table.title for table in report.tables] == [
        "The largest problem",
        "By pairs",
        "By words",
        "By width",
    ]
    assert len(report.tables[0].rows) == len(WAYS)
