"""Worlds in which it is known what the words miss."""

from __future__ import annotations

import numpy as np
import pytest

from finexl.bench.nonlinear import anatomy, curved, gaussian, products, straight

LEVELS = (0.2, 0.4, 0.6, 0.8, 1.0)
EYE = np.eye(24)
VOCABULARY = EYE[:8]


def world(path, n=120, noise=0.02, seed=0):
    """Differences at every level: path(level) plus a scatter of every picture."""
    rng = np.random.default_rng(seed)
    return [path(level) + noise * rng.standard_normal((n, 24)) for level in LEVELS]


def test_nothing_is_missing():
    parts = anatomy(world(lambda s: s * EYE[0]), EYE[:1], VOCABULARY)
    assert all(abs(part) < 0.001 for part in parts.values())


def test_a_direction_without_a_word_that_goes_along():
    parts = anatomy(world(lambda s: s * (EYE[0] + 0.5 * EYE[20])), EYE[:1], VOCABULARY)
    assert parts["words"] == pytest.approx(0.2, abs=0.005)  # 0.25 / 1.25
    assert parts["word"] == pytest.approx(0.2, abs=0.005)
    assert parts["direction"] == pytest.approx(0, abs=0.005)
    assert parts["straight"] == pytest.approx(0, abs=0.005)


def test_a_word_of_the_vocabulary_is_missing():
    parts = anatomy(world(lambda s: s * EYE[0] + 0.6 * (1.2 - s) * EYE[3]), EYE[:1], VOCABULARY)
    assert parts["words"] > 0.1
    assert parts["word"] == pytest.approx(0, abs=0.005)


def test_a_curve_of_two_directions_is_no_missing_word():
    def path(s):
        # The second and third orders are made straight-free over the levels, so that no straight line helps.
        return (
            s * EYE[0]
            + ((s - 0.6) ** 2 - 0.08) * 3 * EYE[20]
            + ((s - 0.6) ** 3 - 0.136 * (s - 0.6)) * 12 * EYE[21]
        )

    parts = anatomy(world(path, noise=0.01), EYE[:1], VOCABULARY)
    assert parts["straight"] == pytest.approx(parts["words"], abs=0.01)
    assert parts["products"] < 0.6 * parts["words"]
    assert parts["kernel"] < 0.3 * parts["words"]
    assert parts["direction"] > 0.1 * parts["words"]


def test_squares_are_products():
    parts = anatomy(world(lambda s: s * EYE[0] + s * s * EYE[20], noise=0.01), EYE[:1], VOCABULARY)
    assert parts["products"] < 0.2 * parts["straight"]


def test_no_change_is_no_figure():
    parts = anatomy([np.zeros((8, 24))] * 2, EYE[:1], VOCABULARY)
    assert np.isnan(list(parts.values())).all()


def test_held_out_pictures_alone_are_judged():
    levels = world(lambda s: s * EYE[0])
    spoilt = [D.copy() for D in levels]
    for D in spoilt:
        D[1::2] += 0.5 * EYE[20]  # only in the half that is held out: nothing can have learnt it
    parts = anatomy(spoilt, EYE[:1], VOCABULARY)
    assert parts["words"] > 0.2
    assert parts["straight"] == pytest.approx(parts["words"], rel=0.05)


def test_kernels():
    rng = np.random.default_rng(1)
    A, B = rng.standard_normal((3, 2)), rng.standard_normal((4, 2))

    def features(X):
        return np.stack([X[:, 0] ** 2, X[:, 1] ** 2, np.sqrt(2) * X[:, 0] * X[:, 1]], axis=1)

    assert products(A, B) == pytest.approx(features(A) @ features(B).T)
    assert np.diag(gaussian(A, A)) == pytest.approx(np.ones(3))
    assert gaussian(A, B)[1, 2] == pytest.approx(np.exp(-np.sum((A[1] - B[2]) ** 2) / 4))


def test_a_straight_world_is_left_straight():
    rng = np.random.default_rng(2)
    S = rng.standard_normal((60, 2))
    E = 0.3 + S @ rng.standard_normal((2, 5)) + 0.5 * rng.standard_normal((60, 5))
    guess, line = curved(products, S, E, np.arange(60)), straight(S, E)
    assert np.abs(guess(S) - line(S)).max() < 0.15 * np.abs(line(S)).max()


def test_a_parabola_is_followed():
    S = np.linspace(-1, 1, 41)[:, None]
    E = np.hstack([S**2, 1 - S])
    new = np.array([[0.35], [-0.77]])
    guess = curved(products, S, E, np.arange(41))
    assert guess(new) == pytest.approx(np.hstack([new**2, 1 - new]), abs=0.02)
