"""Choices, chance, oracle and regret against answers known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finexl.bench.selecting import by_run, chance_same, oracle_picks, picks, random_distance, regret

RUNS = ["a", "a", "b", "b", "c", "c"]
STYLES = ["x", "x", "x", "x", "y", "y"]


def test_a_run_is_never_chosen_for_itself():
    """Although nothing resembles a model more than its own run does."""
    vectors = np.array([[1, 0], [1, 0], [0.9, 0.1], [0.8, 0.2], [0, 1], [0, 1.0]])
    assert picks(vectors, RUNS) == [2, 2, 0, 0, 3, 3]


@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(1, 4))
def test_forbidden_runs_are_never_picked(seed, count, levels):
    rng = np.random.default_rng(seed)
    runs = [f"run {i}" for i in rng.permutation(np.repeat(np.arange(count), levels))]
    square = np.abs(rng.standard_normal((len(runs), len(runs))))
    for chosen in (picks(rng.standard_normal((len(runs), 3)), runs), oracle_picks(square + square.T, runs)):
        assert all(runs[target] != runs[pick] for target, pick in enumerate(chosen))


def test_ties_go_to_the_first_id_and_length_does_not_count():
    vectors = np.array([[1, 0], [1, 1], [3, 3], [2, 2], [0, 0], [9, 9.0]])
    assert picks(vectors, RUNS)[0] == 2
    assert picks(vectors, RUNS)[2] == 1
    assert picks(vectors, RUNS)[4] == 0  # nothing is said of it, so all are alike


def test_chance_is_the_share_of_candidates_of_the_same_style():
    np.testing.assert_allclose(chance_same(STYLES, RUNS), [0.5, 0.5, 0.5, 0.5, 0, 0])


def test_random_is_what_many_random_picks_come_to():
    rng = np.random.default_rng(0)
    square = np.abs(rng.standard_normal((6, 6)))
    found = random_distance(square, RUNS)
    for target, run in enumerate(RUNS):
        others = [i for i, name in enumerate(RUNS) if name != run]
        assert found[target] == pytest.approx(np.mean(square[target, others]))


def test_the_oracle_takes_the_nearest():
    square = np.array([[9.0] * 6 for _ in range(6)])
    square[0, 1], square[0, 5], square[0, 4] = 0, 1, 2
    assert oracle_picks(square, RUNS)[0] == 5


def test_regret_is_nought_for_the_oracle_and_one_for_chance():
    random, oracle = [3.0, 4.0, 5.0], [1.0, 2.0, 1.5]
    assert regret(oracle, random, oracle) == (0, 0, 0)
    assert regret(random, random, oracle) == (1, 1, 1)
    half = [(r + o) / 2 for r, o in zip(random, oracle, strict=True)]
    assert regret(half, random, oracle) == pytest.approx((0.5, 0.5, 0.5))
    assert regret([4.0, 5.0, 6.0], random, oracle)[0] > 1


def test_means_by_run():
    assert by_run([1, 0, 1, 1, 0, 0], RUNS) == [0.5, 1.0, 0.0]
    assert by_run([1, 0, 0.5], ["z", "a", "z"]) == [0.75, 0.0]
