import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finexl.errors import InputError
from finexl.method import pairs_needed
from finexl.probes import next_total


def totals(n, sigma, precision, maximum):
    """Every number of pairs of a run whose half-widths are sigma / sqrt(n)."""
    seen = [n]
    while (more := next_total(seen[-1], sigma / math.sqrt(seen[-1]), precision, maximum)) > seen[-1]:
        seen.append(more)
    return seen


def test_a_run_doubles_while_it_is_far_off():
    assert totals(25, sigma=100.0, precision=0.1, maximum=1000) == [25, 50, 100, 200, 400, 800, 1000]
    assert totals(25, sigma=1.2, precision=0.1, maximum=1000) == [25, 50, 100, 158]
    assert totals(50, sigma=0.1, precision=0.1, maximum=1000) == [50]


@given(st.integers(2, 500), st.floats(0.01, 10), st.floats(0.01, 1), st.integers(2, 5000))
def test_a_run_ends_narrow_enough_or_at_the_maximum_and_hardly_too_far(n, sigma, precision, maximum):
    seen = totals(n, sigma, precision, maximum)
    last = seen[-1]
    needed = pairs_needed(sigma / math.sqrt(n), n, precision)
    assert last >= maximum or sigma / math.sqrt(last) <= precision * (1 + 1e-9)
    assert last <= max(n, 1.1 * needed + 1)
    assert last <= max(n, maximum)
    assert all(b <= 2 * a for a, b in itertools.pairwise(seen))


def test_one_step_by_hand():
    assert next_total(50, 0.12, 0.1, 500) == 79  # 72 are needed
    assert next_total(50, 0.12, 0.1, 60) == 60
    assert next_total(50, 0.12, 0.1, 40) == 50
    assert next_total(50, 0.0, 0.1, 500) == next_total(50, 0.1, 0.1, 500) == 50
    assert next_total(50, math.inf, 0.1, 500) == next_total(50, math.nan, 0.1, 500) == 100
    assert next_total(50, 1e200, 1e-200, 500) == 100


@pytest.mark.parametrize("precision", [0.0, -1.0, math.nan])
def test_a_precision_that_cannot_be_reached(precision):
    with pytest.raises(InputError, match="must be above 0"):
        next_total(50, 0.1, precision, 100)
