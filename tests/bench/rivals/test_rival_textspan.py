"""TextSpan's greedy span: energies by hand, deflation of words and data, and what it cannot know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rival_worlds import leaders, planted, unit

from finexl.bench.rivals import Case
from finexl.bench.rivals.textspan import text_span
from finexl.method import Settings


def by_hand(case, most):
    """The published loop, one word and one number at a time."""
    D = [q - b for b, q in zip(case.base, case.personalized, strict=True)]
    G = [unit(f) for f in case.directions]
    whole = sum(float(d @ d) for d in D)
    scores = np.zeros(len(G))
    for _ in range(most):
        energies = [sum(float(d @ g) ** 2 for d in D) if np.any(g) else -1.0 for g in G]
        j = int(np.argmax(energies))
        g = G[j]
        scores[j] = energies[j] / whole * np.sign(sum(float(d @ g) for d in D))
        D = [d - (d @ g) * g for d in D]
        G = [h - (h @ g) * g for h in G]
        G = [unit(h) if np.linalg.norm(h) > 1e-6 else np.zeros_like(h) for h in G]
    return scores


@pytest.mark.parametrize("seed", range(4))
def test_against_the_loop(seed):
    case = planted({3: 0.7, 8: -0.4}, n=12, seed=seed, settings=Settings(max_concepts=5))
    np.testing.assert_allclose(text_span(case), by_hand(case, 5), atol=1e-9)


def orthogonal(rows, n=30, k=6):
    """Exactly these moves along orthogonal words, of unit images that have nothing else in common."""
    axes = np.eye(n + k)
    heights = np.sqrt(1 - np.sum(rows**2, axis=1))
    base, moved = axes[k:], heights[:, None] * axes[k:] + rows @ axes[:k]
    return Case(base, moved, [f"w{j}" for j in range(k)], axes[:k] * 0.4, unit(axes[:k] + axes[k]))


def test_the_score_is_the_words_part_of_the_energy():
    rows = np.tile([0.0, 0.6, 0.0, -0.3, 0.0, 0.0], (30, 1))
    case = orthogonal(rows)
    rest = (1 - np.sqrt(1 - 0.45)) ** 2
    scores = text_span(case)
    assert scores[1] == pytest.approx(0.36 / (0.45 + rest))
    assert scores[3] == pytest.approx(-0.09 / (0.45 + rest))
    assert np.flatnonzero(scores).tolist() == [1, 3]


def test_a_word_along_which_pairs_only_scatter_is_named_too():
    """Energy knows no mean: this is the method's own weakness."""
    rng = np.random.default_rng(0)
    rows = np.zeros((30, 6))
    rows[:, 1] = 0.3
    rows[:, 4] = 0.6 * rng.choice([-1.0, 1.0], 30)
    assert leaders(text_span(orthogonal(rows))) == [4]


def test_what_a_word_says_is_taken_out_of_its_relatives():
    case = planted({3: 0.7}, noise=0.001)
    directions = case.directions.copy()
    directions[5] = unit(case.directions[3]) + 0.3 * unit(case.directions[5])  # nearly the same word
    scores = text_span(replace(case, directions=directions))
    assert leaders(scores) == [3]
    assert abs(scores[5]) < 0.05


def test_an_equal_word_is_named_once():
    case = planted({3: 0.7})
    directions = case.directions.copy()
    directions[5] = 2 * case.directions[3]
    scores = text_span(replace(case, directions=directions))
    assert (scores[3] > 0.3, scores[5]) == (True, 0.0)


def test_at_most_so_many_words_and_never_more_than_all_of_the_energy():
    case = planted({3: 0.7, 8: -0.4})
    for most in (1, 3, 12, 40):
        scores = text_span(replace(case, settings=Settings(max_concepts=most)))
        assert np.count_nonzero(scores) == min(most, 12)
        assert np.abs(scores).sum() <= 1 + 1e-12
