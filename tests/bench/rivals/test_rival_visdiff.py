"""VisDiff's ranker against independent statistics, and the faults of its code that ours must not have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rival_worlds import leaders, planted, swapped, unit
from scipy import stats
from sklearn.metrics import roc_auc_score

from finexl import InputError
from finexl.bench.rivals import Case
from finexl.bench.rivals.visdiff import auroc, impure, paired, visdiff_paired, visdiff_welch, welch
from finexl.method import Settings


def samples(seed, n=15, m=11, k=4):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, k)) + 0.5, 2 * rng.standard_normal((m, k))


def test_auroc_agrees_with_scikit_learn_ties_included():
    after, before = samples(0)
    for rounded in (after, np.round(after)):
        both = np.concatenate([rounded, np.round(before)])
        labels = [1] * len(after) + [0] * len(before)
        expected = [roc_auc_score(labels, column) for column in both.T]
        assert auroc(rounded, np.round(before)) == pytest.approx(expected)


def test_both_tests_agree_with_scipy():
    after, before = samples(1)
    expected = stats.ttest_ind(after, before, equal_var=False)
    t, p = welch(after, before)
    np.testing.assert_allclose(t, expected.statistic)
    np.testing.assert_allclose(p, expected.pvalue)
    expected = stats.ttest_rel(after[:11], before)
    t, p = paired(after[:11], before)
    np.testing.assert_allclose(t, expected.statistic)
    np.testing.assert_allclose(p, expected.pvalue)


def test_t_is_a_statistic_and_not_whether_it_was_significant():
    after, before = samples(2)
    for test in (welch, paired):
        t, _ = test(after[:11], before)
        assert t.dtype == np.float64
        assert not set(np.abs(t)) <= {0.0, 1.0}
        np.testing.assert_allclose(test(before, after[:11])[0], -t)


def test_no_scatter_is_no_division_by_zero():
    still = np.array([[0.2, 0.2, 0.2]] * 5)
    moved = still + np.array([0.0, 0.1, -0.1])
    for test in (welch, paired):
        t, p = test(moved, still)
        np.testing.assert_array_equal(t, [0, np.inf, -np.inf])
        np.testing.assert_array_equal(p, [1, 0, 0])


def test_scores_are_two_auroc_less_one_where_significant():
    case = planted({3: 0.7, 8: -0.4})
    scores = visdiff_welch(case)
    after, before = case.personalized @ case.texts.T, case.base @ case.texts.T
    p = [stats.ttest_ind(a, b, equal_var=False).pvalue for a, b in zip(after.T, before.T, strict=True)]
    labels = [1] * 40 + [0] * 40
    full = [2 * roc_auc_score(labels, [*a, *b]) - 1 for a, b in zip(after.T, before.T, strict=True)]
    named = np.flatnonzero(scores)
    assert scores[named] == pytest.approx(np.array(full)[named])
    assert set(named) <= set(np.flatnonzero(np.array(p) < 0.05))
    assert {3, 8} <= set(named)
    assert (scores[3] > 0, scores[8] < 0) == (True, True)


@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_told_backwards_every_score_turns_its_sign(seed):
    case = planted({3: 0.5, 8: -0.4}, n=12, d=24, seed=seed)
    for rival in (visdiff_welch, visdiff_paired):
        np.testing.assert_allclose(rival(swapped(case)), -rival(case), atol=1e-12)


def test_an_unpaired_test_misses_what_a_paired_one_sees():
    """A small shift, the same in every pair, under large differences between the pictures."""
    welch_found, paired_found = 0, 0
    for seed in range(10):
        case = planted({3: 0.06}, content=1.5, noise=0.004, seed=seed)
        welch_found += visdiff_welch(case)[3] > 0
        paired_found += visdiff_paired(case)[3] > 0
    assert paired_found >= 9
    assert welch_found <= 2


def test_many_words_are_not_many_chances():
    """200 cases without any difference: without correction 5 % of all words would be named, 60 words in each case."""
    wrong = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        images, texts = unit(rng.standard_normal((24, 40))), unit(rng.standard_normal((60, 40)))
        case = Case(images[:12], images[12:], [str(j) for j in range(60)], texts, texts)
        wrong += bool(visdiff_welch(case).any() or visdiff_paired(case).any())
    assert wrong <= 0.15 * 200


def test_auroc_is_blind_to_size():
    small, large = (planted({3: amount}, noise=0.001, content=0.05) for amount in (0.4, 0.8))
    assert visdiff_welch(small)[3] == visdiff_welch(large)[3] == 1.0


def test_confidence_sets_the_level():
    case = planted({3: 0.25}, noise=0.1, seed=1)
    strict = replace(case, settings=Settings(confidence=0.999999))
    assert np.count_nonzero(visdiff_welch(strict)) <= np.count_nonzero(visdiff_welch(case))
    assert not visdiff_welch(replace(case, settings=Settings(confidence=1 - 1e-300 - 1e-15))).any()


def test_purity_exchanges_whole_images_and_loses_none():
    """The second set is made from the first as it was, not as it was overwritten."""
    case = planted({3: 0.7}, n=10)
    mixed = impure(case, 0.7)
    np.testing.assert_array_equal(mixed.base[:3], case.personalized[:3])
    np.testing.assert_array_equal(mixed.personalized[:3], case.base[:3])
    np.testing.assert_array_equal(mixed.base[3:], case.base[3:])
    np.testing.assert_array_equal(mixed.personalized[3:], case.personalized[3:])
    there = {row.tobytes() for row in np.concatenate([mixed.base, mixed.personalized])}
    assert there == {row.tobytes() for row in np.concatenate([case.base, case.personalized])}


def test_one_impure_image_in_ten_is_one():
    case = planted({3: 0.7}, n=10)
    exchanged = (impure(case, 0.9).base != case.base).any(axis=1)  # though 10 * (1 - 0.9) < 1
    assert exchanged.tolist() == [True] + [False] * 9


def test_purity_shortens_the_difference():
    case = planted({3: 0.7}, noise=0.01)
    lengths = [float(impure(case, purity).V @ unit(case.V)) for purity in (1.0, 0.9, 0.75, 0.5, 0.0)]
    full = float(np.linalg.norm(case.V))
    assert lengths == pytest.approx([full, 0.8 * full, 0.5 * full, 0.0, -full], abs=0.1 * full)
    assert leaders(visdiff_welch(impure(case, 0.9))) == [3]
    assert not visdiff_welch(impure(case, 0.5)).any()
    with pytest.raises(InputError, match=r"purity 1.2"):
        impure(case, 1.2)
