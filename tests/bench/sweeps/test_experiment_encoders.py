from __future__ import annotations

import numpy as np
import pytest
from sweep_worlds import QUICK, ran

from finexl.bench.effects import BY_NAME
from finexl.bench.experiment import Setting
from finexl.bench.experiments import encoders
from finexl.bench.experiments.encoders import VARIABLE, alignment, different, specs, straightness


def test_alignment():
    toward = np.array([0.2, -0.7, 0.1, 0.4])
    found = alignment(toward, ["a", "b", "c", "d"], ["a", "-b"])
    assert found["aligned"] == 0.2
    assert found["best"] == pytest.approx(0.7)
    assert found["wrong"] == pytest.approx(0.25)
    assert found["rank"] == 0.5  # above c, below d


def test_effects_that_share_a_word_or_its_opposite_are_not_different():
    chosen = [BY_NAME[f"Pillow {name}"] for name in ("Color down", "Color up", "GaussianBlur")]
    V = np.array([[1.0, 0.0], [-1.0, 0.0], [3.0, 4.0]])
    assert different(V, chosen) == pytest.approx([0.6, -0.6])


def test_straightness():
    assert straightness(np.outer([1.0, 2.0, 3.0], [0.6, 0.8])) == pytest.approx(1.0)
    assert straightness(np.eye(2)) == pytest.approx(0.5)
    assert straightness(np.zeros((3, 2))) == 0.0


def test_specs(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert specs(Setting()) == ["builtin"]
    monkeypatch.setenv(VARIABLE, "clip:a/b  builtin siglip:c/d")
    assert specs(Setting(encoder="clip:a/b")) == ["clip:a/b", "builtin", "siglip:c/d"]


def test_quick_run(tiny, monkeypatch):
    monkeypatch.setattr(encoders, "specs", lambda setting: ["looks"])
    rows, report = ran(encoders.EXPERIMENT, QUICK)
    singles = {r["effect"]: r for r in rows if "effect" in r}
    assert singles["Pillow Color down"]["aligned"] > 0.7
    assert singles["Pillow Color down"]["rank"] > 0.95
    (graded,) = [r for r in rows if "graded" in r]
    assert graded["spearman"] > 0.95
    assert 0.9 < graded["straight"] <= 1
    assert report.tables[0].rows[0][0] == "looks"
