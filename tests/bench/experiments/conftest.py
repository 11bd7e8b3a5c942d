"""Experiments on small photographs with an encoder whose answers are known, run as the runner runs them."""

from __future__ import annotations

import pytest

from finexl.bench import grounds, runner
from finexl.bench.experiment import Setting
from looks import Looks


@pytest.fixture
def small(monkeypatch):
    """Photographs of 64 pixels and the encoder of looks.py, for everybody who asks for the built-in one; pictures seen so far."""
    encoder = Looks()
    for module in (grounds, runner):
        monkeypatch.setattr(module, "load_encoder", lambda spec: encoder)
    monkeypatch.setattr(grounds, "SIZE", 64)
    return encoder


@pytest.fixture
def quick(small, tmp_path):
    """quick(module): its quick run into a folder -> (report, rows). A second call resumes."""
    import json

    def run(module):
        reports = runner.run([module.EXPERIMENT], Setting(quick=True), tmp_path)
        name = module.EXPERIMENT.name
        return reports[name], json.loads((tmp_path / name / "rows.json").read_text())["rows"]

    return run


@pytest.fixture
def lines():
    """lines(report, title): a table as {first column without asterisks: the other columns}."""

    def read(report, title):
        (table,) = [t for t in report.tables if t.title.startswith(title)]
        assert all(len(row) == len(table.heads) for row in table.rows)
        return {str(row[0]).strip("*"): [str(value) for value in row[1:]] for row in table.rows}

    return read
