import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cosine

from finexl import InputError
from finexl.method.measures import clip_scores, diversity_changes, drifts, mean_over_prompts


def units(n, d=5, seed=0):
    rows = np.random.default_rng(seed).normal(size=(n, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_drift_is_half_the_cosine_distance():
    base, personalized = units(7), units(7, seed=1)
    by_scipy = [cosine(b, q) / 2 for b, q in zip(base, personalized, strict=True)]
    np.testing.assert_allclose(drifts(base, personalized), by_scipy, atol=1e-12)


@given(st.integers(0, 2**31), st.integers(2, 6))
def test_drift_lies_between_equal_and_opposite(seed, d):
    rows = units(4, d, seed)
    np.testing.assert_allclose(drifts(rows, rows), 0, atol=1e-12)
    np.testing.assert_allclose(drifts(rows, -rows), 1, atol=1e-12)
    assert ((drifts(rows, units(4, d, seed + 1)) >= 0) & (drifts(rows, units(4, d, seed + 1)) <= 1)).all()


def test_features_that_are_no_unit_vectors_are_refused():
    with pytest.raises(InputError, match="row 1 has length 2"):
        drifts([[1, 0], [0, 1]], [[1, 0], [0, 2]])


def test_clip_scores_are_cosines_in_hundredths_and_never_negative():
    images, texts = units(9), units(9, seed=3)
    expected = [max(100 * (1 - cosine(a, b)), 0) for a, b in zip(images, texts, strict=True)]
    np.testing.assert_allclose(clip_scores(images, texts), expected, atol=1e-9)
    assert 0 in expected
    with pytest.raises(InputError, match=r"\(9, 5\).*\(8, 5\)"):
        clip_scores(images, texts[:8])


def test_diversity_change_is_that_of_the_variance():
    base, personalized = units(30), units(30, seed=4)
    variance = [np.trace(np.cov(rows.T)) for rows in (base, personalized)]
    assert diversity_changes(base, personalized).mean() == pytest.approx(variance[1] / variance[0] - 1)
    assert diversity_changes(base, base).tolist() == [0.0] * 30


def test_one_image_every_time_is_no_diversity_and_one_base_image_says_nothing():
    base, same = units(12), np.repeat(units(1, seed=2), 12, 0)
    assert diversity_changes(base, same).mean() == pytest.approx(-1)
    assert diversity_changes(same, base).tolist() == [0.0] * 12


def test_the_interval_of_a_diversity_change_holds_the_true_one():
    """The spread of the base is estimated from the same images: to take it for known made intervals too narrow."""
    held = 0
    for trial in range(200):
        rng = np.random.default_rng(trial)
        sizes = np.exp(
            0.5 * rng.standard_normal((2, 60, 1))
        )  # some images lie far from the mean of their set
        sets = [
            k * size * rng.standard_normal((60, 64)) / 8 for k, size in zip((0.1, 0.2), sizes, strict=True)
        ]
        rows = [np.concatenate([x, np.full((60, 1), 9.0)], 1) for x in sets]
        base, personalized = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in rows)
        found = mean_over_prompts(diversity_changes(base, personalized), draws=300, seed=trial)
        held += found.low <= 3.0 <= found.high
    assert held >= 174  # 164 with the base's spread taken for known
    same = np.repeat(units(1, seed=2), 25, 0)
    assert mean_over_prompts(diversity_changes(units(25), same)).low == pytest.approx(-1)


def test_the_mean_is_over_pairs_and_inside_its_interval():
    values = np.random.default_rng(0).normal(size=40)
    found = mean_over_prompts(values, [i // 3 for i in range(40)])
    assert found.value == pytest.approx(values.mean())
    assert found.low < found.value < found.high
    assert mean_over_prompts(values, seed=5) == mean_over_prompts(values, seed=5)


def test_a_wider_confidence_has_a_wider_interval():
    values = np.random.default_rng(1).normal(size=30)
    narrow, wide = (mean_over_prompts(values, confidence=c) for c in (0.5, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_seeds_of_one_prompt_are_no_independent_evidence():
    by_prompt = np.random.default_rng(2).normal(size=8)
    values = np.repeat(by_prompt, 25)  # all seeds of a prompt say the same
    found = mean_over_prompts(values, np.repeat(np.arange(8), 25).tolist(), draws=4000)
    few = mean_over_prompts(by_prompt, draws=4000)
    assert (found.low, found.high) == pytest.approx((few.low, few.high))
    assert mean_over_prompts(values).high - found.value < 0.4 * (found.high - found.value)


def test_the_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(3)
    hits = 0
    for trial in range(200):
        values = np.repeat(rng.normal(size=25), 4) + rng.normal(size=100)
        found = mean_over_prompts(values, np.repeat(np.arange(25), 4).tolist(), draws=300, seed=trial)
        hits += found.low <= 0 <= found.high
    assert 0.88 <= hits / 200 <= 0.99


def test_one_prompt_alone_is_resampled_by_its_seeds():
    values = np.random.default_rng(4).normal(size=20)
    assert mean_over_prompts(values, ["a cat"] * 20) == mean_over_prompts(values)


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [[1.0]]])
def test_values_without_a_mean_are_refused(values):
    with pytest.raises(InputError, match="one finite value a pair"):
        mean_over_prompts(values)


def test_as_many_prompts_as_values():
    with pytest.raises(InputError, match="2 prompts for 3 values"):
        mean_over_prompts([1, 2, 3], ["a", "b"])
