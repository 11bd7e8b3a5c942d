"""What a proposer is worth and costs: a quick run, and the break-even by hand."""

from __future__ import annotations

import pytest
from sweep_worlds import ran

from finexl.bench.experiments import proposers
from finexl.bench.experiments.proposers import NONE, RECALLS, SWEPT, break_even
from finexl.bench.proposers import CHAINS
from finexl.bench.simulated import QUALITIES


def test_a_quick_run(tiny, monkeypatch):
    monkeypatch.setattr(proposers, "load_encoder", lambda spec: tiny)
    proposers._lab.cache_clear()
    rows, report = ran(proposers.EXPERIMENT)
    assert {row["on"] for row in rows} == {"photographs", "lab"}
    assert {row["quality"] for row in rows} == {"none", *QUALITIES, *SWEPT}
    titles = [table.title for table in report.tables]
    assert all("(simulated)" in title for title in titles)
    cost = report.tables[-1]
    assert [line[1] for line in cost.rows] == [0, *[proposers.ASKS] * (len(cost.rows) - 1)]
    proposers._lab.cache_clear()


def rows(bar, chain, *means):
    plain = {"quality": "none", "method": NONE, "parts": bar}
    return [
        plain,
        *({"quality": name, "method": chain, "parts": m} for name, m in zip(SWEPT, means, strict=True)),
    ]


@pytest.mark.parametrize(("bar", "expected"), [(0.0, 0.0), (0.3, 0.3), (0.5, 0.5), (1.0, 1.0), (1.1, None)])
def test_break_even_is_read_between_the_recalls(bar, expected):
    found = break_even(rows(bar, "proposer alone", *RECALLS), "proposer alone")
    assert found == (None if expected is None else pytest.approx(expected))


def test_every_chain_takes_part():
    assert set(CHAINS) == {"with vocabulary", "vocabulary lacks it", "proposer alone", "paper's chain"}
