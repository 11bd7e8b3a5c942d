"""What the tests of the sweeps share: an experiment run quickly with an encoder that needs no weights."""

from __future__ import annotations

import json
import os

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

from finexl.bench import sweeps
from finexl.bench.experiment import Setting
from finexl.bench.experiments import planted
from looks import Looks

QUICK = Setting(quick=True, encoder="looks")


def tiny(monkeypatch):
    """Photographs of 64 pixels under the encoder with the known answer."""
    sweeps.ground.cache_clear()
    encoder = Looks()
    for module in (sweeps, planted):
        monkeypatch.setattr(module, "load_encoder", lambda spec: encoder)
    monkeypatch.setattr(sweeps, "SIZE", 64)
    return encoder


def ran(experiment, setting=QUICK):
    """Rows of all cells, as they come back from a file, and their report."""
    cells = experiment.cells(setting)
    assert len({cell.key for cell in cells}) == len(cells)
    rows = json.loads(json.dumps([row for cell in cells for row in cell.run()]))
    report = experiment.report(rows)
    assert report.text
    for table in report.tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.heads)}
    for figure in report.figures:
        assert any(len(points) for points in figure.series.values())
    return rows, report
