"""CARLoS's three figures by hand, and the strength that noise alone has."""

from __future__ import annotations

import numpy as np
import pytest
from rival_worlds import leaders, planted, unit

from finexl.bench.rivals import RIVALS
from finexl.bench.rivals.carlos import carlos_published, carlos_unbiased, signature
from finexl.bench.rivals.cosines import cosine


def test_the_three_figures_by_hand():
    D = np.random.default_rng(0).standard_normal((7, 5)) + 0.4
    found = signature(D)
    np.testing.assert_allclose(found.direction, unit(sum(D) / 7))
    assert found.strength == pytest.approx(sum(float(np.sqrt(d @ d)) for d in D) / 7)
    cosines = [float(unit(a) @ unit(b)) for i, a in enumerate(D) for b in D[i + 1 :]]
    assert len(cosines) == 21
    assert found.consistency == pytest.approx(np.mean(cosines))


def test_without_noise_both_strengths_are_the_length():
    found = signature(np.tile([0.3, 0.0, -0.4], (6, 1)))
    assert (found.strength, found.unbiased_strength, found.consistency) == pytest.approx((0.5, 0.5, 1.0))


def test_pure_noise_has_a_published_strength_and_no_unbiased_one():
    n, d, size, draws = 50, 40, 0.1, 400
    rng = np.random.default_rng(0)
    found = [signature(size * rng.standard_normal((n, d))) for _ in range(draws)]
    published = np.array([f.strength for f in found])
    assert published.min() > 0.9 * size * np.sqrt(d)
    squares = [f.unbiased_strength**2 for f in found]
    assert np.mean(squares) < 0.01 * np.mean(published**2)
    assert np.mean(np.array(squares) == 0) > 0.4  # half of the estimates fall below zero
    assert abs(np.mean([f.consistency for f in found])) < 0.005


def test_published_strength_is_too_large_by_the_noise_and_the_unbiased_one_is_not():
    rng = np.random.default_rng(1)
    mu = np.zeros(40)
    mu[0] = 0.3
    found = [signature(mu + 0.1 * rng.standard_normal((100, 40))) for _ in range(100)]
    assert np.mean([f.strength for f in found]) == pytest.approx(np.sqrt(0.09 + 40 * 0.01), rel=0.05)
    assert np.mean([f.unbiased_strength for f in found]) == pytest.approx(0.3, rel=0.03)


def test_pairs_that_did_not_change_agree_with_none():
    D = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    assert signature(D).consistency == pytest.approx(1 / 3)
    nothing = signature(np.zeros((3, 2)))
    assert (nothing.strength, nothing.unbiased_strength, nothing.consistency) == (0.0, 0.0, 0.0)
    assert not nothing.direction.any()


def test_words_come_in_the_order_of_their_cosines_times_one_strength():
    case = planted({3: 0.7, 8: -0.4})
    found = signature(case.D)
    np.testing.assert_allclose(carlos_published(case), found.strength * cosine(case))
    np.testing.assert_allclose(carlos_unbiased(case), found.unbiased_strength * cosine(case))
    assert leaders(carlos_published(case), 2) == [3, 8]


def test_only_the_unbiased_strength_grows_from_nothing_with_the_change():
    amounts = (0.0, 0.05, 0.2, 0.6)
    scores = {
        name: [
            np.mean([RIVALS[name](planted({3: a}, noise=0.06, seed=s))[3] for s in range(10)])
            for a in amounts
        ]
        for name in ("CARLoS", "CARLoS, unbiased strength")
    }
    fair = scores["CARLoS, unbiased strength"]
    assert fair == sorted(fair)
    assert abs(fair[0]) < 0.03 * fair[-1]
    strengths = [signature(planted({3: a}, noise=0.06).D).strength for a in (0.0, 0.6)]
    assert strengths[0] > 0.5 * strengths[1]
