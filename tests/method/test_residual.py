"""What is left over: a norm of a vector, relative, corrected for noise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finexl.errors import InputError
from finexl.method import (
    carriers,
    corrected_residual,
    pair_weights,
    pairs_needed,
    relative_residual,
    resample_counts,
)


def test_residual_is_the_norm_of_a_vector():
    """explain_diffusion.py sums the residual to a scalar first: here that sum is 0 though nothing fits."""
    V, F, w = np.array([1.0, -1.0]), np.array([[1.0, 1.0]]), np.array([0.0])
    assert (V - w @ F).sum() == 0
    assert relative_residual(V, F, w) == 1.0


def test_residual_by_hand():
    assert relative_residual(np.array([3.0, 4.0]), np.array([[1.0, 0.0]]), np.array([3.0])) == 0.8
    assert relative_residual(np.zeros(2), np.ones((1, 2)), np.zeros(1)) == 0.0
    assert relative_residual(np.zeros(2), np.ones((1, 2)), np.ones(1)) == math.inf


@given(st.floats(1e-6, 1e6), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_residual_does_not_depend_on_the_scale_of_the_encoder(scale, seed):
    rng = np.random.default_rng(seed)
    V, F, w = rng.standard_normal(6), rng.standard_normal((2, 6)), rng.standard_normal(2)
    assert relative_residual(scale * V, scale * F, w) == pytest.approx(relative_residual(V, F, w))


def test_pair_weights_are_a_joint_fit_and_equal_concepts_share():
    rng = np.random.default_rng(0)
    D, F = rng.standard_normal((5, 8)), rng.standard_normal((3, 8))
    assert np.allclose(pair_weights(D, F), [np.linalg.lstsq(F.T, row, rcond=None)[0] for row in D])
    once, twice = pair_weights(D, F[:1]), pair_weights(D, F[[0, 0]])
    assert np.allclose(twice, np.hstack([once, once]) / 2)


def test_corrected_residual_without_noise_is_the_papers():
    D = np.tile([3.0, 4.0], (4, 1))
    assert corrected_residual(D, np.array([[1.0, 0.0]]), np.array([3.0])).value == pytest.approx(0.8)


def test_noise_is_not_counted_as_unexplained():
    rng = np.random.default_rng(1)
    F = np.eye(2, 128)
    V = 0.3 * F[0] + 0.4 * np.eye(128)[5]  # true residual 0.8
    ours, papers, held = [], [], []
    for i in range(60):
        D = V + 0.15 * rng.standard_normal((30, 128))
        each = pair_weights(D, F)
        figure = corrected_residual(D, F, each, 0.95, resample_counts(30, 200, i))
        ours.append(figure.value)
        held.append(figure.low <= 0.8 <= figure.high)
        papers.append(relative_residual(D.mean(0), F, each.mean(0)))
    assert np.mean(ours) == pytest.approx(0.8, abs=0.01)
    assert np.mean(papers) > 0.83
    assert np.mean(held) >= 0.88


def test_resampling_per_pair_weights_is_the_same_as_refitting_each_resample():
    rng = np.random.default_rng(2)
    D, F = rng.standard_normal((12, 6)) + 1, rng.standard_normal((2, 6))
    counts = resample_counts(12, 5, 0)
    for m in counts:
        rows = np.repeat(np.arange(12), m.astype(int))
        refit = np.linalg.lstsq(F.T, D[rows].mean(0), rcond=None)[0]
        assert np.allclose(m @ pair_weights(D, F) / 12, refit)


def test_residual_is_one_when_v_is_no_longer_than_its_noise():
    D = np.array([[1.0, 0.0], [-1.0, 0.0]])
    assert corrected_residual(D, np.eye(1, 2), np.zeros(1)).value == 1.0


def test_residual_stays_within_zero_and_one():
    rng = np.random.default_rng(3)
    D = rng.standard_normal((10, 4))
    figure = corrected_residual(D, np.eye(2, 4), np.array([9.0, 9.0]), 0.9, resample_counts(10, 50, 0))
    assert 0 <= figure.low <= figure.value <= figure.high <= 1


def test_carriers_are_the_pairs_with_the_unexplained_part():
    rng = np.random.default_rng(4)
    F, w = np.eye(1, 32), np.array([0.5])
    D = 0.5 * F[0] + 0.01 * rng.standard_normal((20, 32))
    D[[3, 8, 15]] += np.eye(32)[7]
    indices, scores = carriers(D, F, w, 3)
    assert sorted(indices.tolist()) == [3, 8, 15]
    assert (np.diff(scores) <= 0).all()
    assert np.allclose(scores, 1, atol=0.1)


def test_a_noisy_pair_does_not_point_at_itself():
    rng = np.random.default_rng(5)
    D = 0.2 * np.eye(1, 64) + 0.01 * rng.standard_normal((20, 64))
    D[4] = 3 * np.eye(64)[9]  # long, alone, and in nobody's direction
    assert 4 not in carriers(D, np.zeros((0, 64)), np.zeros(0), 10)[0]


def test_carriers_of_nothing():
    indices, scores = carriers(np.zeros((4, 3)), np.zeros((0, 3)), np.zeros(0), 10)
    assert indices.tolist() == [0, 1, 2, 3]
    assert not scores.any()


def test_pairs_needed():
    assert pairs_needed(0.2, 50, 0.1) == 200
    assert pairs_needed(0.1, 50, 0.1) == 50
    assert pairs_needed(0.05, 50, 0.1) == 13
    assert pairs_needed(0.0, 50, 0.1) == 2
    with pytest.raises(InputError, match="above 0"):
        pairs_needed(0.1, 50, 0.0)
