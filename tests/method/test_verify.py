"""Words tested on pairs they were not chosen by, in planted worlds where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from worlds import Noise, correlated_concepts

from finexl.method import Settings, effect, holm, resample_counts, residual_fall, split_pairs, verify

D, K = 64, 120
NONE = np.zeros((0, D))


def world(seed, n=60, weights=(0.6, 0.5), noise=0.5):
    """A vocabulary of K words; the change is made of word 0 and of a word that it lacks."""
    rng = np.random.default_rng(seed)
    F = correlated_concepts(rng, K + 21, D)
    truth = weights[0] * F[0] + weights[1] * F[K]
    rows = truth + Noise(rng, D, noise)(rng, n)
    return rows, F[:K], F[K : K + 1], F[K + 1 :]


def passed(trials):
    return [trial.failure is None for trial in trials]


def test_the_split_is_half_and_half_and_more_pairs_leave_the_first_where_they_were():
    for n in (2, 7, 8, 51):
        seen, held = split_pairs(n, seed=3)
        assert sorted([*seen, *held]) == list(range(n))
        assert abs(len(held) - len(seen)) <= 1
    many = split_pairs(100, 1)[0]
    for n in range(2, 100):
        assert set(split_pairs(n, 1)[0]) == {i for i in many if i < n}
    assert set(split_pairs(40, 1)[0]) != set(split_pairs(40, 2)[0])


def test_holm_agrees_with_the_definition():
    rng = np.random.default_rng(0)
    for _ in range(20):
        p = rng.random(7) ** 3
        order = np.argsort(p)
        expected = np.empty(7)
        for rank, i in enumerate(order):
            expected[i] = max(min(1, (7 - r) * p[order[r]]) for r in range(rank + 1))
        assert holm(p) == pytest.approx(expected)
    assert holm(np.zeros(0)).shape == (0,)


def test_a_word_that_is_really_missing_may_enter():
    found = 0
    for seed in range(10):
        rows, F, missing, _ = world(seed)
        (trial,) = verify(rows, F, missing, F, [0], Settings())
        found += trial.failure is None
        assert trial.effect.value > 0
    assert found >= 9


def test_twenty_words_that_mean_nothing_may_not():
    """Every one of them separates the held-out pairs in some world: the change is strong, and all share a direction."""
    entered, separating = 0, 0
    for seed in range(20):
        rows, F, _, random = world(seed, weights=(0.9, 0.0))
        trials = verify(rows, F, random, F, [0] * 20, Settings())
        entered += any(passed(trials))
        separating += sum(trial.effect.low > 0 or trial.effect.high < 0 for trial in trials)
    assert separating > 100
    assert entered <= 2


def test_right_words_enter_from_among_wrong_ones():
    rows, F, missing, random = world(4)
    trials = verify(rows, F, np.concatenate([random[:10], missing, random[10:]]), F, [0] * 21, Settings())
    assert [i for i, ok in enumerate(passed(trials)) if ok] == [10]


def test_a_second_name_of_what_the_vocabulary_says_is_nothing_new():
    rows, F, _, _ = world(0, weights=(0.9, 0.0))
    rng = np.random.default_rng(1)
    twin = F[:1] + 0.02 * rng.standard_normal((1, D))
    (trial,) = verify(rows, F, twin, F, [1], Settings())
    assert trial.failure == "nothing new"
    assert trial.effect.low > 0


def test_the_direction_that_was_said_has_to_hold():
    rows, F, missing, _ = world(2)
    failures = [verify(rows, F, missing, F, [said], Settings())[0].failure for said in (1, 0, -1)]
    assert failures == [None, None, "other direction"]


def test_a_word_off_the_change_does_not_separate():
    rng = np.random.default_rng(0)
    F = np.eye(40, D)
    rows = 0.5 * F[0] + 0.3 * rng.standard_normal((40, D))
    (trial,) = verify(rows, F[:30], F[35:36], F[:30], [0], Settings())
    assert trial.failure == "no separation"
    assert trial.effect.low < 0 < trial.effect.high


def test_without_a_vocabulary_a_word_has_to_beat_chance_phrases():
    rows, F, missing, random = world(3, weights=(0.2, 0.9))
    words = np.concatenate([missing, random[:4]])
    trials = verify(rows, NONE, words, F, [0] * 5, Settings())
    assert passed(trials) == [True, False, False, False, False]


def test_too_few_pairs_can_confirm_nothing():
    rows, F, missing, _ = world(0)
    (trial,) = verify(rows[:7], F, missing, F, [0], Settings())
    assert (trial.failure, trial.gain, trial.p_value) == ("too few pairs", None, 1.0)


def test_pairs_that_were_seen_do_not_vote():
    """Held-out pairs that show nothing fail a word, whatever the others show."""
    rows, F, missing, _ = world(5)
    _, held = split_pairs(len(rows), 0)
    rows[held] = np.random.default_rng(0).standard_normal((len(held), D)) * 0.1
    (trial,) = verify(rows, F, missing, F, [0], Settings())
    assert trial.failure is not None


def test_the_same_arrays_give_the_same_trials():
    rows, F, missing, random = world(6)
    words = np.concatenate([missing, random])
    first, second = (verify(rows, F, words, F, [0] * 21, Settings(seed=4)) for _ in range(2))
    assert first == second


def test_the_effect_is_a_mean_with_students_interval():
    rng = np.random.default_rng(0)
    rows, f = rng.standard_normal((12, 5)), rng.standard_normal(5)
    values = [row @ f / (f @ f) for row in rows]
    interval = stats.t.interval(0.99, 11, np.mean(values), stats.sem(values))
    found = effect(rows, f, 0.01)
    assert (found.value, found.low, found.high) == pytest.approx((np.mean(values), *interval))


def test_more_pairs_of_a_true_gain_make_it_surer():
    p = []
    for n in (20, 160):
        rows, F, missing, _ = world(7, n=n)
        p.append(verify(rows, F, missing, F, [0], Settings())[0].p_value)
    assert p[1] < p[0]


def test_the_fall_of_the_residual_is_measured_on_the_same_resamples():
    rows, F, missing, _ = world(0)
    counts = resample_counts(len(rows), 200)
    right = residual_fall(rows, F[:1], np.concatenate([F[:1], missing]), counts=counts)
    assert right.low > 0
    assert residual_fall(rows, F[:1], F[:1], counts=counts).high == 0
    idle = residual_fall(rows, F[:1], F[:1])
    assert (idle.value, idle.low, idle.high) == (0, 0, 0)
