"""SpLiCE: two solvers of one convex problem, its optimality conditions, its closed form, its usual sparsity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rival_worlds import leaders, planted, swapped, unit

from finexl import InputError
from finexl.bench.rivals import splice as rooms
from finexl.bench.rivals.splice import (
    ACTIVE,
    TOLERANCE,
    admm,
    centred,
    lasso,
    splice_admm,
    splice_lasso,
    usual_penalty,
)

SOLVERS = (lasso, admm)


def problem(seed, k=80, d=32, m=10):
    rng = np.random.default_rng(seed)
    C = centred(unit(rng.standard_normal((k, d)) + 2 * rng.standard_normal(d)))
    truth = np.where(rng.random((m, k)) < 5 / k, rng.random((m, k)), 0.0)
    return C, centred(truth @ C + 0.05 * rng.standard_normal((m, d)))


def cost(C, Z, W, l1):
    return np.sum((W @ C - Z) ** 2, axis=1) + l1 * W.sum(axis=1)


@given(seed=st.integers(0, 10**6), l1=st.floats(0.05, 1.0))
@settings(max_examples=15, deadline=None)
def test_the_solvers_agree(seed, l1):
    """Weights to 1e-4, where k < d makes them unique; what they reach, to 1e-6, anywhere."""
    C, Z = problem(seed, k=20)
    np.testing.assert_allclose(admm(C, Z, l1), lasso(C, Z, l1), atol=1e-4)
    C, Z = problem(seed)
    np.testing.assert_allclose(cost(C, Z, admm(C, Z, l1), l1), cost(C, Z, lasso(C, Z, l1), l1), atol=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_weights_satisfy_the_optimality_conditions(solver):
    """2 c_j.(z - C'w) = l1 where w_j > 0, and <= l1 elsewhere."""
    C, Z = problem(0)
    W = solver(C, Z, 0.25)
    assert (W >= 0).all()
    slope = 2 * (Z - W @ C) @ C.T
    assert slope[W > 1e-4] == pytest.approx(0.25, abs=1e-4)
    assert slope.max() <= 0.25 + 1e-4
    assert 0 < np.count_nonzero(W > 1e-4) < W.size / 4


@pytest.mark.parametrize("solver", SOLVERS)
def test_orthogonal_words_have_a_closed_form(solver):
    rng = np.random.default_rng(0)
    C = np.linalg.qr(rng.standard_normal((16, 6)))[0].T
    Z = unit(rng.standard_normal((5, 16)))
    np.testing.assert_allclose(solver(C, Z, 0.2), np.maximum(0.0, Z @ C.T - 0.1), atol=1e-5)


@pytest.mark.parametrize("solver", SOLVERS)
def test_equal_words_share_and_never_double(solver):
    C, Z = problem(1, k=12)
    once, twice = solver(C, Z, 0.2), solver(np.vstack([C, C[:1]]), Z, 0.2)
    np.testing.assert_allclose(twice[:, 0] + twice[:, 12], once[:, 0], atol=1e-4)
    np.testing.assert_allclose(twice[:, 1:12], once[:, 1:], atol=1e-4)


def test_admm_starts_at_no_random_place():
    C, Z = problem(2)
    first = admm(C, Z, 0.25)
    np.random.seed(1)  # noqa: NPY002 - the generator that nobody may use
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    assert admm(C, Z, 0.25).tobytes() == first.tobytes()
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_admm_says_when_it_has_not_arrived(monkeypatch):
    monkeypatch.setattr(rooms, "_STEPS", 3)
    C, Z = problem(2)
    with pytest.raises(ArithmeticError, match="not converged after 3 steps"):
        admm(C, Z, 0.25)


def test_about_nine_words_an_image_by_default():
    C, Z = problem(3, k=300, d=64, m=40)
    l1 = usual_penalty(C, Z)
    counts = np.count_nonzero(lasso(C, Z, l1) > 1e-6, axis=1)
    assert abs(np.median(counts) - ACTIVE) <= 1
    assert np.median(np.count_nonzero(lasso(C, Z, usual_penalty(C, Z, 4)) > 1e-6, axis=1)) == pytest.approx(
        4, abs=1
    )


def test_few_words_still_leave_a_penalty():
    C, Z = problem(4, k=5)
    assert usual_penalty(C, Z) >= 2 * (Z @ C.T).max(axis=1).min() / 20 - 1e-9


def test_images_and_words_are_centred_and_of_unit_length():
    rng = np.random.default_rng(0)
    X = unit(rng.standard_normal((6, 9)) + 5)
    rows = centred(X)
    np.testing.assert_allclose(rows, [unit(x - X.mean(axis=0)) for x in X])
    assert not centred(np.ones((3, 4))).any()


@pytest.mark.parametrize("rival", [splice_lasso, splice_admm])
def test_more_of_one_word_and_less_of_another(rival):
    case = planted({3: 0.7, 8: -0.4})
    scores = rival(case)
    assert leaders(scores, 2) == [3, 8]
    assert (scores[3] > 0, scores[8] < 0) == (True, True)
    np.testing.assert_allclose(rival(swapped(case)), -scores, atol=1e-4)
    assert not (np.abs(scores[scores != 0]) < TOLERANCE).any()


def test_the_same_images_in_another_order_differ_by_no_rounding():
    case = planted({3: 0.7}, n=30)
    rolled = replace(case, personalized=np.roll(case.base, 7, axis=0))
    for rival in (splice_lasso, splice_admm):
        assert not rival(rolled).any()


def test_both_rivals_give_the_same_scores_and_take_a_fixed_penalty():
    case = planted({3: 0.7, 8: -0.4})
    np.testing.assert_allclose(splice_lasso(case), splice_admm(case), atol=1e-4)
    fixed = splice_admm(case, 0.6)
    np.testing.assert_allclose(splice_lasso(case, 0.6), fixed, atol=1e-4)
    assert np.count_nonzero(fixed) < np.count_nonzero(splice_admm(case))
    assert not splice_admm(case, 2.1).any()  # 2 c.z <= 2: no word can pay for itself
    with pytest.raises(InputError, match="l1 0"):
        splice_admm(case, 0)


def test_scores_are_means_over_images_and_not_of_the_mean_image():
    case = planted({3: 0.7, 8: -0.4}, n=10)
    Z, C = centred(np.concatenate([case.base, case.personalized])), centred(case.texts)
    each = [lasso(C, np.stack([z, z]), 0.3)[0] for z in Z]
    expected = np.mean(each[10:], axis=0) - np.mean(each[:10], axis=0)
    np.testing.assert_allclose(splice_lasso(case, 0.3), expected, atol=1e-6)
