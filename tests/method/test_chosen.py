"""Concepts chosen once and weighed in several sets of differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finexl import InputError
from finexl.method import Estimate, Settings, contrast, decompose, distinct, useful_strengths, weigh


def world(weights, n=40, d=48, noise=0.1, seed=0):
    """Differences that hold these weights of orthonormal concepts, and the concepts."""
    rng = np.random.default_rng(seed)
    F = np.linalg.qr(rng.standard_normal((d, len(weights))))[0].T
    return np.asarray(weights) @ F + noise * rng.standard_normal((n, d)), F


def test_weights_are_those_that_the_decomposition_reports():
    D, F = world([0.8, -0.5, 0.0])
    found = decompose(D, F)
    fit = weigh(D, F[list(found.indices)])
    assert fit.weights == pytest.approx(found.weights)
    assert fit.low == pytest.approx(found.low)


@pytest.mark.parametrize("method", ["finexl", "algorithm1", "subspace"])
def test_every_method_weighs_as_it_decomposes(method):
    rng = np.random.default_rng(1)
    F = rng.standard_normal((30, 48)) / 7 + 0.1
    D = 0.8 * F[3] + 0.4 * F[9] + 0.02 * rng.standard_normal((40, 48))
    found = decompose(D, F, method)
    assert len(found.indices) >= 2
    fit = weigh(D, F, found.indices, method)
    assert fit.weights == pytest.approx(found.weights, abs=1e-9)
    assert found.pairs.mean(0) == pytest.approx(found.weights, abs=1e-9)


def test_other_methods_weigh_in_the_encoders_own_space():
    D, F = world([0.8, -0.5])
    expected = np.linalg.lstsq(F.T, D.mean(0), rcond=None)[0]
    assert weigh(D, F, method="algorithm1").weights == pytest.approx(expected)


def test_a_fit_at_no_strength_is_nothing():
    _, F = world([1.0, 1.0])
    fit = weigh(np.zeros((5, 48)), F)
    assert not fit.weights.any()
    assert not fit.high.any()


@given(st.integers(0, 50))
def test_the_difference_of_two_fits_is_the_fit_of_the_difference(seed):
    A, F = world([0.5, 0.2], seed=seed)
    B = A + 0.3 * F[0] + 0.05 * np.random.default_rng(seed).standard_normal(A.shape)
    a, b, difference = contrast(A, B, F)
    assert b.weights - a.weights == pytest.approx(difference.weights, abs=1e-9)
    assert b.pairs - a.pairs == pytest.approx(difference.pairs, abs=1e-9)


def test_content_that_both_share_does_not_widen_the_interval_of_the_difference():
    rng = np.random.default_rng(0)
    A, F = world([0.5, 0.2], noise=0.0)
    content = rng.standard_normal(A.shape)
    fits = contrast(A + content, A + content + 0.3 * F[0] + 0.02 * rng.standard_normal(A.shape), F)
    width = fits.difference.high - fits.difference.low
    assert (width < 0.2 * (fits.a.high - fits.a.low)).all()
    assert fits.difference.low[0] < 0.3 < fits.difference.high[0]


def test_the_interval_of_a_difference_covers_the_truth_as_often_as_it_says():
    inside = 0
    for seed in range(200):
        A, F = world([0.5, 0.2], n=30, seed=seed)
        B = A + 0.3 * F[0] + 0.1 * np.random.default_rng(1000 + seed).standard_normal(A.shape)
        fit = contrast(A, B, F, Settings()).difference
        inside += bool(fit.low[0] <= 0.3 <= fit.high[0])
    assert 0.91 <= inside / 200 <= 0.99


def test_different_probes_cannot_be_contrasted():
    with pytest.raises(InputError, match="same probes"):
        contrast(np.zeros((4, 3)), np.zeros((5, 3)), np.eye(3))


def test_of_words_that_say_the_same_the_first_stays():
    F = np.array([[1.0, 0, 0], [0.99, 0.1, 0], [0, 1.0, 0], [-1.0, 0, 0.1], [0, 0, 1.0]])
    assert distinct(F, [2, 0, 1, 3, 4, 0], 0.5) == [2, 0, 4]


def estimates(*values, half=0.1):
    return [Estimate(v, v - half, v + half) for v in values]


@pytest.mark.parametrize(
    ("leading", "residuals", "useful"),
    [
        (estimates(0.05, 0.3, 0.6, 0.9), estimates(0.2, 0.2, 0.2, 0.2), (0.5, 1.0)),  # grows to the end
        (estimates(0.5, 0.8, 0.82, 0.8), estimates(0.2, 0.2, 0.2, 0.2), (0.25, 0.5)),  # stops growing
        (estimates(0.2, 0.4, 0.6, 0.9), estimates(0.2, 0.2, 0.6, 0.9), (0.25, 0.5)),  # comes apart
        (estimates(-0.05, -0.3, -0.6, -0.9), estimates(0.2, 0.2, 0.2, 0.2), (0.5, 1.0)),  # less of a concept
        (estimates(0.01, 0.02, 0.01, 0.05), estimates(0.2, 0.2, 0.2, 0.2), None),  # never shows
        ([], [], None),
    ],
)
def test_the_range_of_strengths_worth_using(leading, residuals, useful):
    strengths = [0.25, 0.5, 0.75, 1.0][: len(leading)]
    assert useful_strengths(strengths, leading, residuals) == useful
