"""The public code's arithmetic and ours give the same weights."""

from __future__ import annotations

import numpy as np
import pytest

from finexl.bench.rivals.splice import admm, centred, lasso
from finexl.bench.rivals.splice_published import admm_published


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    return centred(rng.standard_normal((40, 24))), centred(rng.standard_normal((6, 24)))


def test_both_solvers_and_ours_agree(problem):
    C, Z = problem
    found = admm_published(C, Z, 0.25)
    np.testing.assert_allclose(found.weights, admm(C, Z, 0.25), atol=1e-3)
    np.testing.assert_allclose(found.weights, lasso(C, Z, 0.25), atol=1e-3)
    assert found.weights.any()
    assert found.in_time


def test_it_is_stopped_when_it_takes_too_long(problem):
    found = admm_published(*problem, 0.25, seconds=0)
    assert (found.steps, found.converged, found.in_time) == (1, False, False)
