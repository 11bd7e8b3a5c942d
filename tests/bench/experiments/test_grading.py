"""Rank error, recovered level and leakage against answers known by hand."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finexl.bench.effects import LEVELS
from finexl.bench.grading import (
    chance_rank_error,
    leakage,
    level_error,
    rank_correlation,
    rank_error,
    recovered_levels,
    spread,
    uninformed_level_error,
)

STEPS = (1, 2, 3, 4)


@pytest.mark.parametrize("count", [2, 3, 5, 6])
def test_chance_of_the_rank_error_is_its_mean_over_all_orders(count):
    errors = [rank_error(order) for order in permutations(range(count))]
    assert np.mean(errors) == pytest.approx(chance_rank_error(count))


def test_chance_as_the_protocol_prints_it():
    assert [round(chance_rank_error(count), 2) for count in (3, 5, 10)] == [0.89, 1.6, 3.3]
    assert chance_rank_error(8) == 2.625


def test_rank_errors_by_hand():
    assert rank_error([1, 2, 3]) == 0
    assert rank_error([3, 2, 1]) == pytest.approx(4 / 3)
    assert rank_error([0, 0, 1, 2]) == 0.25  # the tied two share rank 1.5
    assert rank_error([0.0] * 10) == 2.5
    assert rank_error([-3, -2, -1]) == 0


def test_rank_correlation():
    assert rank_correlation([1, 2, 4, 3]) == pytest.approx(0.8)
    assert rank_correlation([0.0] * 5) == 0
    assert rank_correlation([3, 2, 1]) == pytest.approx(-1)


@pytest.mark.parametrize("count", [3, 5, 8, 10])
def test_weights_in_proportion_to_the_level_recover_it(count):
    levels = np.array([LEVELS[i] for i in spread(count, 10)])
    np.testing.assert_allclose(recovered_levels(0.3 * levels - 0.1, levels), levels)
    assert level_error(0.3 * levels - 0.1, levels) == pytest.approx(0)


def test_a_weight_that_never_changes_tells_nothing():
    # Each level is taken for the mean of the other nine: |k - (55 - k) / 9| = 10 |k - 5.5| / 9.
    assert uninformed_level_error(LEVELS) == pytest.approx(10 / 9 * 2.5)
    np.testing.assert_allclose(recovered_levels([0, 0, 0], [1, 2, 3]), [2.5, 2, 1.5])


def test_errors_are_in_steps():
    weights, levels = [0.1, 0.4, 0.3, 0.9], np.array([1.0, 2.0, 3.0, 4.0])
    assert level_error(weights, levels) == pytest.approx(level_error(weights, 0.1 * levels + 5))


def test_recovered_levels_by_hand():
    # Without the second, 0.0 -> 1, 0.6 -> 3, 1.0 -> 4: at 0.3 the line is at 2. The last lies beyond the line and the scale.
    np.testing.assert_allclose(recovered_levels([0.0, 0.3, 0.6, 1.0], STEPS)[[1, 3]], [2.0, 4.0])
    # Levels 1 and 3 share the weight 0.2, so the others see it as one place between them.
    assert recovered_levels([0.2, 0.1, 0.2, 0.9], STEPS)[1] == pytest.approx(2 - 0.1 * (4 - 2) / 0.7)


def test_a_falling_weight_is_no_help():
    """The map may not fall, so it is flat."""
    assert level_error([4, 3, 2, 1], STEPS) == pytest.approx(uninformed_level_error(STEPS))


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=10))
def test_recovered_levels_stay_on_the_scale(weights):
    found = recovered_levels(weights, range(1, len(weights) + 1))
    assert ((found >= 1) & (found <= len(weights))).all()


def test_levels_are_spread_evenly_with_both_ends():
    assert [LEVELS[i] for i in spread(3, 10)] == [0.1, 0.5, 1.0]
    assert spread(10, 10) == list(range(10))
    for count in (3, 5, 8):
        places = spread(count, 10)
        assert (len(set(places)), places[0], places[-1]) == (count, 0, 9)


def test_leakage():
    named = [("dark", 0.6), ("-bright", -0.2), ("sepia", 0.1), ("underexposed", 0.1)]
    assert leakage(named, ("dark", "-bright", "underexposed")) == pytest.approx(0.1)
    assert leakage([("-dark", -1.0)], ("dark",)) == 1  # the wrong way round
    assert np.isnan(leakage([], ("dark",)))
