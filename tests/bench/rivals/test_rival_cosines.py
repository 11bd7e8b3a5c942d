"""Cosines of V with words, raw and in one shared metric; GSCLIP's with absolute texts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rival_worlds import leaders, planted, unit
from sklearn.covariance import LedoitWolf

from finexl.bench.rivals import RIVALS, Case
from finexl.bench.rivals.cosines import cosine, cosine_in_our_metric, cosine_whitened
from finexl.bench.rivals.gscliplike import gsclip
from finexl.method import Settings


def by_hand(V, words):
    return [float(V @ w / (np.linalg.norm(V) * np.linalg.norm(w))) for w in words]


def test_gsclip_takes_absolute_texts_and_cosine_takes_differences():
    case = planted({3: 0.7, 8: -0.4})
    V = np.mean([q - b for b, q in zip(case.base, case.personalized, strict=True)], axis=0)
    assert gsclip(case) == pytest.approx(by_hand(V, case.texts))
    assert cosine(case) == pytest.approx(by_hand(V, case.directions))
    assert not np.allclose(gsclip(case), cosine(case), atol=0.05)


def test_a_shift_along_what_all_texts_share_moves_every_score_of_gsclip():
    """Its known weakness: no neutral prompt is taken off."""
    case = planted({})
    towards = unit(case.texts.mean(axis=0))
    moved = Case(case.base, unit(case.base + 0.5 * towards), case.words, case.directions, case.texts)
    assert gsclip(moved).min() > 0.7


def test_whitening_is_that_of_an_independent_covariance():
    case = planted({3: 0.7, 8: -0.4}, n=50, d=24)
    covariance = LedoitWolf().fit(case.D).covariance_
    values, vectors = np.linalg.eigh(covariance)
    root = vectors @ np.diag(values**-0.5) @ vectors.T
    expected = by_hand(root @ case.V, case.directions @ root.T)
    np.testing.assert_allclose(cosine_whitened(case), expected, atol=1e-6)


def noisy(seed):
    """V lies along word 0, but the pairs scatter so widely along word 1 that their mean leans that way."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.standard_normal((32, 32)))[0]
    scenes = unit(rng.standard_normal((30, 32)))
    scatter = rng.standard_normal(30)
    along = 2.0 * (scatter - scatter.mean()) / scatter.std() + 0.6
    after = unit(scenes + 0.4 * axes[0] + along[:, None] * axes[1])
    return Case(scenes, after, list("abcd"), axes[:4], unit(axes[5] + axes[:4]))


def test_whitening_discounts_a_word_along_which_pairs_scatter():
    for seed in range(5):
        case = noisy(seed)
        raw, white = cosine(case), cosine_whitened(case)
        assert abs(white[1] / white[0]) < 0.5 * abs(raw[1] / raw[0])
        assert leaders(white) == [0]


def test_our_metric_lies_between_the_raw_and_the_whitened_one():
    case = noisy(0)
    ratios = [abs(s[1] / s[0]) for s in (cosine(case), cosine_in_our_metric(case), cosine_whitened(case))]
    assert ratios[0] > ratios[1] > ratios[2]
    no_misfit = replace(case, settings=Settings(ridge=0))
    np.testing.assert_array_equal(cosine_in_our_metric(no_misfit), cosine_whitened(case))


def test_all_three_stay_within_minus_one_and_one():
    case = planted({3: 0.7, 8: -0.4})
    for name in ("cosine", "cosine, whitened", "cosine, in our metric", "GSCLIP"):
        assert np.abs(RIVALS[name](case)).max() <= 1
