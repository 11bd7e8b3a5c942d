"""Photographs, cases and scores that the experiments share."""

from __future__ import annotations

import numpy as np
import pytest

from finexl.bench import grounds, photos
from finexl.bench.effects import BY_NAME, EFFECTS, MIX_LEVEL, MIXES
from finexl.bench.experiment import Setting
from finexl.bench.grounds import (
    NAIVE,
    NAIVE_SHORT,
    OURS,
    Grounds,
    baselines,
    first_words,
    listed_words,
    scorers,
    signed_words,
)
from finexl.bench.rivals import RIVALS, Case

QUICK = Setting(quick=True)


def test_nothing_is_made_before_it_is_asked_for(small):
    made = Grounds(QUICK)
    assert small.prepared == 0
    made.case(BY_NAME["Pillow Color down"].apply, 0.8, "any")
    assert small.prepared == 2 * grounds.QUICK_PAIRS  # the crops and their changes, each once
    made.case(BY_NAME["Pillow Color up"].apply, 0.8, "any")
    assert small.prepared == 3 * grounds.QUICK_PAIRS


def test_the_crops_are_those_of_the_core_benchmark(small):
    expected = list(photos.crops(photos.TEST, grounds.QUICK_PAIRS, 64, np.random.default_rng(7)))
    made = Grounds(QUICK)
    for crop, ground in zip(expected, made.bench.grounds, strict=True):
        np.testing.assert_array_equal(ground, (crop * 255 + 0.5).astype(np.uint8))
    assert made.bench.settings.seed == 7
    other = Grounds(Setting(quick=True, seed=1)).bench.grounds[0]
    assert not np.array_equal(other, made.bench.grounds[0])


def test_a_case_is_what_the_core_benchmark_measures(small):
    made, mix = Grounds(QUICK), MIXES[2]
    case = made.case(mix.apply, MIX_LEVEL, mix.name)
    np.testing.assert_allclose(case.D, made.bench.differences(mix, MIX_LEVEL), atol=1e-12)
    again = Grounds(QUICK).case(mix.apply, MIX_LEVEL, mix.name)
    np.testing.assert_array_equal(case.D, again.D)
    assert case.seed == again.seed != made.case(mix.apply, MIX_LEVEL, "another name").seed


def test_everybody_is_asked():
    everybody = scorers(Setting(), ["dark"])
    assert list(everybody) == [*(name for name in RIVALS if name not in grounds.TWICE), NAIVE, NAIVE_SHORT]
    assert list(scorers(QUICK, ["dark"])) == [*grounds.QUICK_RIVALS, NAIVE, NAIVE_SHORT]
    assert not {OURS, "finexl, shuffled", "finexl, unweighted", NAIVE, NAIVE_SHORT} & set(
        baselines(everybody)
    )
    assert {"algorithm1", "subspace", "cosine", "SpLiCE, lasso"} <= set(baselines(everybody))


def test_the_naive_model_is_told_the_truth_and_asked_for_its_list(small):
    made = Grounds(QUICK)
    case = made.case(BY_NAME["Pillow Color down"].apply, 0.8, "seen")
    asked = ["sepia", "muted colours", "dark"]
    methods = scorers(QUICK, asked)
    truth = {"muted colours": 1.0}
    draws = [
        methods[NAIVE_SHORT](made.case(BY_NAME["Pillow Color down"].apply, 0.8, str(k)), truth)
        for k in range(20)
    ]
    places = [made.words.index(word) for word in asked]
    for scores in draws:
        assert not np.delete(scores, places).any()
    assert 0.5 < np.mean([scores[places[1]] > 5 for scores in draws]) < 1  # it overlooks a fifth
    assert np.count_nonzero(methods[NAIVE](case, truth)) > 50  # of so many words its noise names many


def test_signed_words_from_the_strongest_to_the_weakest():
    words = ["b", "a", "c", "d"]
    assert signed_words(np.array([0.5, -0.5, 0.9, 0.0]), words) == ["c", "-a", "b"]
    assert signed_words(np.zeros(4), words) == []


def test_ours_are_listed_by_share_as_an_explanation_lists_them():
    texts = np.eye(3, 8)
    directions = 0.4 * np.array([[1.0, 0, 0], [0.8, 0.6, 0], [-0.6, 0, 0.8]]) @ np.eye(3, 8)
    case = Case(np.eye(2, 8), np.eye(2, 8), ["a", "b", "c"], directions, texts)
    scores = np.array([0.5, 0.4, 0.6])  # "c" works against "a", so that little of the sum is its own
    assert signed_words(scores, case.words) == ["c", "a", "b"]
    assert listed_words("finexl", case, scores) == ["a", "b", "c"]
    assert listed_words("finexl", case, np.array([0.5, -0.4, 0.0])) == ["a", "-b"]
    assert listed_words("cosine", case, scores) == ["c", "a", "b"]
    assert listed_words("finexl", case, np.zeros(3)) == []


def test_first_words():
    found = first_words(effect for effect in EFFECTS if effect.split == "test")
    assert len(found) == len(set(found))
    assert found[:2] == ["muted colours", "vivid colours"]
    assert not any(word.startswith("-") for word in found)


@pytest.mark.parametrize("n", [None, 3])
def test_changed_pictures_are_drawn_alike_whatever_their_number(small, n):
    made, apply = Grounds(QUICK), BY_NAME["Pillow rotate"].apply
    for i, picture in enumerate(made.changed(apply, 0.6, n)):
        expected = apply(made.bench.grounds[i], 0.6, np.random.default_rng(i))
        np.testing.assert_array_equal(picture, expected)
