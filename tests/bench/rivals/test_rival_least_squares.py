"""Least squares against its normal equations and against what no negative weight allows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from finexl.bench.rivals import Case
from finexl.bench.rivals.least_squares import least_squares, least_squares_non_negative
from finexl.method.directions import unit_rows


@pytest.fixture
def case():
    rng = np.random.default_rng(2)
    base, after = (unit_rows(rng.standard_normal((9, 12))) for _ in range(2))
    F = rng.standard_normal((5, 12))
    return Case(base, after, list("abcde"), F, unit_rows(F))


def test_all_words_at_once(case):
    F, V = case.directions, case.V
    np.testing.assert_allclose(least_squares(case), np.linalg.solve(F @ F.T, F @ V))


def test_no_weight_is_negative(case):
    expected = lsq_linear(case.directions.T, case.V, bounds=(0, np.inf)).x
    np.testing.assert_allclose(least_squares_non_negative(case), expected, atol=1e-6)
