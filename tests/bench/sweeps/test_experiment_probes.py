from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from sweep_worlds import ran

from finexl import Concept
from finexl.bench.effects import BY_NAME
from finexl.bench.experiments import probes
from finexl.bench.experiments.probes import PRECISION, adaptive, distance, unspoilt
from finexl.method import Settings

COLOUR = BY_NAME["Pillow Color down"]


def world(n, noise, d=32, seed=0):
    """Pairs that move by one concept, and a bench that knows it."""
    F = np.eye(2, d)
    D = F[0] + noise * np.random.default_rng(seed).standard_normal((n, d))
    concepts = [Concept(name="muted colours", aspect="colour"), Concept(name="dark", aspect="light")]
    return SimpleNamespace(F=F, concepts=concepts, settings=Settings(bootstrap=1)), D


def test_the_error_is_that_against_pairs_without_end():
    n, whole, d = 40, 160, 8
    rng = np.random.default_rng(0)
    squares = []
    for _ in range(200):
        D = np.eye(1, d) + rng.standard_normal((whole, d))
        squares.append((distance(D, rng.permutation(whole)[:n]) * np.linalg.norm(D.mean(axis=0))) ** 2)
    assert np.mean(squares) == pytest.approx(d / n, rel=0.1)
    assert unspoilt(0.5, 3, 4) == pytest.approx(1.0)


def test_adaptive_stops_at_once_where_the_intervals_are_narrow():
    bench, D = world(400, 0.05)
    row = adaptive(bench, D, 25, COLOUR)
    assert (row["used"], row["rounds"]) == (25, 1)
    assert row["said"] == ["muted colours"]
    assert row["first"] is True
    assert row["half_width"] < PRECISION


def test_adaptive_goes_on_until_they_are():
    bench, D = world(400, 0.7)
    row = adaptive(bench, D, 25, COLOUR)
    # half-width 1.96 * 0.7 / sqrt(n) is 0.1 at 188 pairs; ten per cent more than needed are asked for
    assert 150 < row["used"] < 260
    assert row["half_width"] <= PRECISION
    assert row["rounds"] > 2


def test_adaptive_ends_with_the_pairs():
    bench, D = world(100, 0.9)
    row = adaptive(bench, D, 50, COLOUR)
    assert row["used"] == 100


def test_nothing_to_report_is_no_reason_to_go_on():
    bench, D = world(100, 0.5)
    row = adaptive(bench, D - bench.F[0], 25, COLOUR)
    assert (row["used"], row["said"], row["half_width"]) == (25, [], None)


def test_quick_run(tiny):
    rows, report = ran(probes.EXPERIMENT)
    assert {r["kind"] for r in rows} == set(probes.KINDS)
    errors = {
        r["n"]: r["V_error"] for r in rows if "n" in r and r["kind"] == "single effects" and "V_error" in r
    }
    assert errors[25] < errors[10]
    assert [r["start"] for r in rows if "start" in r] == [25, 25]
    assert "10 pairs" in report.text
