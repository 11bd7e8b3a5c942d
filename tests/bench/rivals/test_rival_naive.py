"""The simulated vision-language model has exactly the faults that it is given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from finexl import InputError
from finexl.bench.rivals import naive, naive_vlm

WORDS = [f"w{j}" for j in range(400)]
PERFECT = {"miss": 0.0, "noise": 0.0, "bias": 0.0}


def test_it_says_that_it_is_simulated():
    assert "SIMULATED" in naive.__doc__
    assert "SIMULATED" in naive_vlm.__doc__


def test_without_faults_it_tells_the_levels():
    scores = naive_vlm(["a", "b", "c"], {"c": 1.0, "a": 0.34}, **PERFECT)
    np.testing.assert_array_equal(scores, [3, 0, 10])


@given(
    seed=st.integers(0, 10**6),
    noise=st.floats(0, 20),
    bias=st.floats(-5, 5),
    miss=st.floats(0, 1),
    k=st.integers(1, 9),
)
@settings(max_examples=30, deadline=None)
def test_scores_are_whole_points_on_the_scale_and_repeat(seed, noise, bias, miss, k):
    words = WORDS[:k]
    given_faults = {"miss": miss, "noise": noise, "bias": bias, "seed": seed}
    scores = naive_vlm(words, {"w0": 0.7}, **given_faults)
    assert scores.shape == (k,)
    assert ((scores >= 0) & (scores <= 10) & (scores == np.round(scores))).all()
    np.testing.assert_array_equal(scores, naive_vlm(words, {"w0": 0.7}, **given_faults))


def test_it_misses_as_often_as_stated():
    levels = dict.fromkeys(WORDS, 1.0)
    shares = [
        np.mean(naive_vlm(WORDS, levels, miss=miss, noise=0, bias=0, seed=1) == 0) for miss in (0, 0.3, 1)
    ]
    assert shares == pytest.approx([0, 0.3, 1], abs=0.06)


def test_its_noise_is_in_points():
    scores = naive_vlm(WORDS, dict.fromkeys(WORDS, 0.5), miss=0, noise=1.2, bias=0, seed=2)
    assert scores.mean() == pytest.approx(5, abs=0.2)
    assert scores.std() == pytest.approx(np.sqrt(1.2**2 + 1 / 12), rel=0.1)  # whole points add 1/12


def test_its_noise_invents_words():
    scores = naive_vlm(WORDS, {}, miss=0, noise=1.5, bias=0)
    assert 0.2 < np.mean(scores > 0) < 0.5


def test_the_first_words_gain_and_the_last_ones_lose():
    scores = naive_vlm(WORDS, dict.fromkeys(WORDS, 0.5), miss=0, noise=0, bias=2)
    assert (scores[0], scores[-1]) == (7, 3)
    assert (np.diff(scores) <= 0).all()
    assert naive_vlm(["only"], {"only": 0.5}, miss=0, noise=0, bias=2)[0] == 7


def test_more_faults_mean_worse_answers():
    levels = {word: j / 400 for j, word in enumerate(WORDS)}
    quality = [
        spearmanr(list(levels.values()), naive_vlm(WORDS, levels, miss=miss, noise=noise, bias=0)).statistic
        for miss, noise in ((0, 0), (0.1, 1), (0.3, 3), (0.6, 6))
    ]
    assert quality == sorted(quality, reverse=True)
    assert quality[0] > 0.98


def test_faults_in_the_question():
    with pytest.raises(InputError, match="'dusky', which is not among the words"):
        naive_vlm(["dark"], {"dusky": 0.5})
    with pytest.raises(InputError, match=r"level 1.5 of 'dark'"):
        naive_vlm(["dark"], {"dark": 1.5})
    with pytest.raises(InputError, match=r"miss 1.1"):
        naive_vlm(["dark"], {}, miss=1.1)
    with pytest.raises(InputError, match="noise -1"):
        naive_vlm(["dark"], {}, noise=-1)
