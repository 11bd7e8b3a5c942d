"""Our methods as rivals, and ours with its weights spoiled."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from rival_worlds import leaders, planted, reordered, unit

from finexl import InputError
from finexl.bench.rivals import RIVALS, explanation_vector
from finexl.bench.rivals.ablations import shuffled, unweighted
from finexl.bench.rivals.ours import explained
from finexl.method import METHODS, Settings, decompose

CASE = planted({3: 0.7, 8: -0.4, 5: 0.25}, n=60)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_scores_are_lengths_along_the_words(method):
    found = decompose(CASE.D, CASE.directions, method, CASE.settings)
    expected = np.zeros(12)
    for j, weight in zip(found.indices, found.weights, strict=True):
        expected[j] = weight * np.linalg.norm(CASE.directions[j])
    scores = RIVALS[method](CASE)
    np.testing.assert_allclose(scores, expected, rtol=1e-12)
    fit = found.weights @ CASE.directions[list(found.indices)]
    np.testing.assert_allclose(explanation_vector(CASE.directions, scores), unit(fit), atol=1e-12)


def test_ours_finds_what_was_planted_and_how_much():
    scores = RIVALS["finexl"](planted({3: 0.3, 8: -0.2}, n=80, noise=0.01, content=0.2))
    assert np.flatnonzero(scores).tolist() == [3, 8]
    assert scores[8] / scores[3] == pytest.approx(-2 / 3, rel=0.15)


def test_ours_is_silent_where_the_sets_differ_by_noise():
    named = [bool(RIVALS["finexl"](planted({}, noise=0.1, seed=seed)).any()) for seed in range(40)]
    assert np.mean(named) <= 0.15


def test_settings_reach_the_method():
    assert np.count_nonzero(RIVALS["finexl"](replace(CASE, settings=Settings(max_concepts=1)))) == 1
    with pytest.raises(InputError, match="no method is called 'finxl'"):
        explained(CASE, "finxl")


def test_unweighted_keeps_words_and_signs():
    scores = RIVALS["finexl"](CASE)
    np.testing.assert_array_equal(unweighted(CASE), np.sign(scores))
    assert leaders(scores, 2) == [3, 8]


def test_the_deal_hangs_on_names_and_not_on_places():
    order = np.random.default_rng(0).permutation(12)
    for seed in range(10):
        case = replace(CASE, seed=seed)
        np.testing.assert_allclose(shuffled(reordered(case, order)), shuffled(case)[order], rtol=1e-9)


def test_shuffled_deals_the_same_weights_to_the_same_words():
    scores = RIVALS["finexl"](CASE)
    assert np.count_nonzero(scores) == 3
    deals = Counter()
    for seed in range(120):
        dealt = shuffled(replace(CASE, seed=seed))
        assert np.flatnonzero(dealt).tolist() == np.flatnonzero(scores).tolist()
        assert sorted(dealt) == sorted(scores)
        deals[dealt.tobytes()] += 1
    assert len(deals) == 6  # every order, each about as often
    assert min(deals.values()) >= 8
    assert scores.tobytes() in deals
