from __future__ import annotations

import pytest
from sweep_worlds import ran

from finexl.bench.experiments import uncertainty
from finexl.bench.experiments.uncertainty import COVERED, GRADED, seen_from


@pytest.mark.parametrize(
    ("hits", "level"),
    [([0, 0, 0], None), ([10, 10, 10], 0.1), ([0, 8, 10], 0.2), ([10, 7, 8], 0.3), ([10, 10, 7], None)],
)
def test_seen_from_the_level_above_which_all_hit(hits, level):
    rows = [{"level": 0.1 * (i + 1), "right": h, "draws": 10} for i, h in enumerate(hits)]
    assert seen_from(rows, "right") == (pytest.approx(level) if level else None)


def test_what_is_covered_is_there():
    assert len(COVERED) == 7
    assert len(GRADED) == 6


def test_quick_run(tiny, monkeypatch):
    monkeypatch.setattr(uncertainty, "load_encoder", lambda spec: tiny)
    rows, report = ran(uncertainty.EXPERIMENT)
    nulls = {r["null"]: r for r in rows if "null" in r}
    assert nulls["re-encoded"]["hits"] <= nulls["re-encoded"]["draws"]
    assert any(name.startswith("halves of lab:") for name in nulls)
    assert len(report.bars) == len([r for r in rows if "null" in r]) + 1
    (covered,) = [r for r in rows if "covered" in r]
    assert covered["hits"] <= covered["intervals"]
    assert covered["intervals"] > 0
    power = [r for r in rows if "power" in r]
    assert all(r["first"] <= r["right"] <= r["any"] <= r["different"] <= r["draws"] for r in power)
    assert power[-1]["right"] == power[-1]["draws"]
    assert [table.title for table in report.tables] == ["No difference", "Coverage", "Power"]
