"""Time and memory: a quick run, and what its rows say."""

from __future__ import annotations

import pytest

from finexl.bench.experiment import Setting
from finexl.bench.experiments import speed
from finexl.bench.experiments.speed import ALONE, BARE, DECODING, FILES


def test_a_quick_run():
    rows = [row for cell in speed.cells(Setting(quick=True)) for row in cell.run()]
    assert {row["command"] for row in rows if "command" in row} == set(speed.COMMANDS)
    assert all(row["seconds"] > 0 for row in rows if "seconds" in row)
    assert [row["pairs"] for row in rows if "mb" in row] == [10]
    assert {row["rate"] for row in rows if "rate" in row} == {ALONE, FILES, DECODING, BARE}
    assert "10 pairs are explained" in speed.report(rows).text


def test_the_most_is_all_cores_encoding_and_decoding_in_turn(lines):
    rows = [
        {"pairs": 50, "seconds": 2.0, "mb": 400.0, "cores": 2},
        *(
            {"rate": name, "a second": rate, "cores": 2}
            for name, rate in ((ALONE, 100.0), (FILES, 60.0), (DECODING, 100.0))
        ),
    ]
    report = speed.report(rows)
    (most,) = [line[1] for line in report.tables[0].rows if "the most" in line[0]]
    assert float(most) == pytest.approx(1 / (1 / 100 + 1 / 200), abs=0.05)
    assert "90%" in report.text
