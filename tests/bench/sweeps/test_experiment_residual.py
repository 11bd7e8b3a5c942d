from __future__ import annotations

import numpy as np
import pytest
from sweep_worlds import ran

from finexl.bench.experiments import residual
from finexl.bench.experiments.residual import STOPS, USUAL, beyond, held_residual, verdict
from finexl.method import decompose


def parts(words, word, direction, straight, products, kernel):
    names = ("words", "word", "direction", "straight", "products", "kernel")
    return dict(zip(names, (words, word, direction, straight, products, kernel), strict=True))


@pytest.mark.parametrize(
    ("left", "reason"),
    [
        (parts(0.005, 0.0, 0.0, 0.0, 0.0, 0.0), "nothing is left"),
        (parts(0.4, 0.1, 0.0, 0.3, 0.0, 0.0), "a word of the vocabulary"),
        (parts(0.4, 0.3, 0.1, 0.4, 0.0, 0.0), "a direction that no word has"),
        (parts(0.4, 0.3, 0.3, 0.1, 0.1, 0.1), "a direction that no word has"),
        (parts(0.4, 0.3, 0.3, 0.4, 0.4, 0.1), "broken linearity"),
        (parts(0.4, 0.3, 0.3, 0.3, 0.3, 0.3), "none of these"),
    ],
)
def test_verdict(left, reason):
    assert verdict(left) == reason


def test_beyond_is_what_the_sum_of_the_parts_does_not_say():
    a, b = np.tile([0.3, 0.0], (6, 1)), np.tile([0.0, 0.4], (6, 1))
    assert beyond(a + b, a + b) == 0.0
    assert beyond(a + b, a) == pytest.approx(0.8)
    assert np.isnan(beyond(0 * a, a))


def test_held_residual_uses_the_weights_that_were_found():
    F = np.eye(2, 16)
    rng = np.random.default_rng(0)
    D = 0.8 * F[0] + 0.05 * rng.standard_normal((40, 16))
    found = decompose(D, F)
    assert found.indices == (0,)
    assert held_residual(np.tile(0.8 * F[0], (4, 1)), F, found) < 0.05
    assert held_residual(np.tile(1.6 * F[0], (4, 1)), F, found) == pytest.approx(0.5, abs=0.05)
    assert (
        held_residual(np.tile(0.8 * F[1], (4, 1)), F, found) == 1.0
    )  # worse than nothing counts as nothing explained


def test_what_ships_is_among_the_values():
    for _, name, values in STOPS.values():
        assert getattr(USUAL, name) in values


def test_quick_run(tiny):
    rows, report = ran(residual.EXPERIMENT)
    stops = [r for r in rows if "stop" in r]
    assert {(r["stop"], r["value"]) for r in stops} == {
        (stop, value) for stop, (_, _, values) in STOPS.items() for value in values
    }
    assert all(0 <= r["held"] <= 1 and r["not_right"] <= r["kept"] for r in stops)
    most = {r["value"]: r["kept"] for r in stops if r["stop"].startswith("at most") and r["single"]}
    assert most[1] <= 1
    left = [r for r in rows if "left_of" in r]
    assert {r["single"] for r in left} == {True, False}
    assert "held-out" in report.text
