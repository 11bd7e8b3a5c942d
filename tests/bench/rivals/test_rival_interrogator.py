"""The best phrase: greedy against brute force, its end, and a negative mode that stays negative."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rival_worlds import leaders, planted, reordered, swapped, unit

from finexl.bench.rivals.interrogator import best_phrase, best_phrase_signed, chain
from finexl.method import Settings


def by_hand(texts, goal, most):
    total = np.mean(texts, axis=0)
    reached = float(unit(total) @ goal)
    found = []
    for _ in range(most):
        others = [j for j in range(len(texts)) if j not in [i for i, _ in found]]
        values = {j: float(unit(total + texts[j]) @ goal) for j in others}
        j = max(values, key=values.get)
        if values[j] - reached <= 1e-9:
            break
        found.append((j, values[j] - reached))
        total, reached = total + texts[j], values[j]
    return found


@given(seed=st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_the_chain_is_greedy_and_ends_when_no_word_helps(seed):
    rng = np.random.default_rng(seed)
    texts, goal = unit(rng.standard_normal((9, 6)) + 1), rng.standard_normal(6)
    found, expected = chain(texts, goal, 6), by_hand(texts, goal, 6)
    assert [j for j, _ in found] == [j for j, _ in expected]
    assert [gain for _, gain in found] == pytest.approx([gain for _, gain in expected])
    assert all(gain > 0 for _, gain in found)


def test_gains_are_differences_of_two_cosines():
    case = planted({3: 0.7, 8: -0.4}, settings=Settings(max_concepts=1))
    after, before = unit(case.personalized.mean(axis=0)), unit(case.base.mean(axis=0))
    start = case.texts.mean(axis=0)
    ends = unit(start + case.texts[3]), unit(start)
    expected = np.diff([e @ after - e @ before for e in ends[::-1]])[0]
    scores = best_phrase(case)
    assert np.flatnonzero(scores).tolist() == [3]
    assert scores[3] == pytest.approx(expected)


def test_the_usual_mode_knows_no_less():
    for seed in range(5):
        case = planted({3: 0.5, 8: -0.7}, seed=seed)
        scores = best_phrase(case)
        assert (scores >= 0).all()
        assert leaders(scores) == [3]
        assert scores[8] == 0


def test_the_negative_mode_is_the_usual_one_with_the_sets_exchanged():
    case = planted({3: 0.7, 8: -0.4})
    expected = best_phrase(case) - best_phrase(swapped(case))
    np.testing.assert_allclose(best_phrase_signed(case), expected, atol=1e-12)
    assert leaders(expected, 2) == [3, 8]
    assert expected[8] < 0


@pytest.mark.parametrize("place", [0, 2047, 2048, 2999])
def test_the_negative_mode_forgets_nothing_in_a_large_vocabulary(place):
    """The tool ranks 2048 texts at a time and, last of all, puts the most similar first whatever it was asked."""
    case = planted({0: -0.8}, n=20, k=3000, settings=Settings(max_concepts=3))
    order = np.arange(3000)
    order[[0, place]] = order[[place, 0]]
    scores = best_phrase_signed(reordered(case, order))
    assert leaders(np.minimum(scores, 0)) == [place]


def test_no_word_comes_twice():
    case = planted({3: 0.7}, k=4)
    jungle = replace(reordered(case, [3, 3, 3, 0, 1]), words=["jungle", "jungle", "jungle", "a", "b"])
    found = chain(jungle.texts, jungle.V, 8, jungle.words)
    assert len({j for j, _ in found}) == len(found) <= 5


def test_at_most_so_many_words():
    case = planted({3: 0.5, 5: 0.5, 8: 0.5}, noise=0.001)
    for most in (1, 2, 3):
        assert np.count_nonzero(best_phrase(replace(case, settings=Settings(max_concepts=most)))) == most
