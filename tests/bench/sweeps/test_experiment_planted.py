from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sweep_worlds import QUICK, ran

from finexl.bench.experiment import Setting
from finexl.bench.experiments import planted
from finexl.bench.experiments.planted import BAR, DISTRACTORS, NAIVE, OPTIONS, chosen, found, noisy
from finexl.method import Settings


def test_found():
    weights = np.array([0.7, 0.8, -0.1, 0.05])
    row = found(weights, weights)
    assert row == {"weights": [0.7, 0.8], "distractor": 0.1, "ahead": True, "clean": True}
    near = np.array([0.7, 0.8, -0.3])
    assert (found(near, near)["ahead"], found(near, near)["clean"]) == (True, False)
    behind = np.array([0.7, 0.2, -0.3])
    assert found(behind, behind)["ahead"] is False
    nothing = np.zeros(4)
    assert (found(nothing, nothing)["ahead"], found(nothing, nothing)["clean"]) == (False, False)


def test_noise_is_as_long_as_stated():
    rng = np.random.default_rng(0)
    plain = np.tile(np.eye(1, 400), (50, 1))
    told = plain.copy()
    told[:, 1] = 0.1
    told /= np.linalg.norm(told, axis=1, keepdims=True)
    assert noisy(plain, told, 0.0, rng) == pytest.approx(told)
    spoilt = noisy(plain, told, 2.0, rng)
    size = np.linalg.norm((told - plain).mean(axis=0))
    assert np.linalg.norm(spoilt, axis=1) == pytest.approx(np.ones(50))
    assert np.linalg.norm(spoilt - told, axis=1).mean() == pytest.approx(2 * size, rel=0.05)


def test_less_of_a_word_is_its_opposite():
    case = SimpleNamespace(settings=Settings(opposites=(1, 0, -1)))
    assert planted.read(np.array([-0.8, 0.1, -0.9]), case).tolist() == [-0.1, 0.8, -0.9]
    assert planted.read(np.array([-0.8, 0.9, 0.2]), case).tolist() == [-0.8, 0.9, 0.2]


def test_chosen():
    assert chosen(np.array([-1.0, 0.2, 0.1]), "abc") == "b"
    assert chosen(np.array([-1.0, 0.0]), "ab") is None


def test_planted_words_in_the_shipped_encoder():
    """Protocol P4: both words first and every distractor at 0.15 at most, as the method's bar has it."""
    rows = planted._planted_words(Setting(quick=True), 0.0)
    ours = next(row for row in rows if row["method"] == "finexl")
    assert ours["ahead"]
    assert ours["distractor"] <= BAR
    assert all(0.4 < weight < 1.4 for weight in ours["weights"])


def test_quick_run(tiny):
    rows, report = ran(planted.EXPERIMENT, replace(QUICK, seed=3))
    matches = [r for r in rows if "match" in r]
    ours = [r for r in matches if r["method"] == "finexl"]
    assert {(r["options"], r["by"]) for r in ours} == {
        (n, by) for n in OPTIONS for by in ("options", "explanation")
    }
    assert [r["rate"] for r in ours] == [1.0] * 6
    assert {r["by"] for r in matches if r["method"] == NAIVE} == {"options"}
    mixed = [r for r in rows if r.get("planted") == "effects"]
    assert {r["method"] for r in mixed} == {"least squares", *planted.QUICK_RIVALS}
    assert len(DISTRACTORS) == 13
    assert report.tables[2].rows[0][:4] == ["chance", "0.20", "0.10", "0.07"]
