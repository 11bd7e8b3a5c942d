"""What every rival promises, whichever it is: the planted answer, silence, and independence of every order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rival_worlds import leaders, planted, reordered, unit, with_pairs

from finexl import InputError
from finexl.bench.rivals import RIVALS, Case, explanation_vector
from finexl.method import Settings

NON_NEGATIVE = ("subspace", "CLIP Interrogator", "least squares, non-negative")
ABSOLUTE = (
    "GSCLIP",
    "VisDiff",
    "VisDiff, paired test",
)  # a shift along what all texts share is in every score
OURS = ("finexl", "finexl, unweighted", "finexl, shuffled")
WEIGHED = [name for name in RIVALS if name not in ("finexl, unweighted", "finexl, shuffled")]
SEEDS = st.integers(0, 10**6)


@pytest.mark.parametrize("name", WEIGHED)
def test_the_larger_of_two_planted_words_comes_first(name):
    hits = 0
    for seed in range(5):
        case = planted({3: 0.7, 8: -0.4}, seed=seed)
        scores = RIVALS[name](case)
        assert scores.shape == (12,)
        assert np.isfinite(scores).all()
        hits += leaders(scores) == [3] and scores[3] > 0
        if name in NON_NEGATIVE:
            assert (scores >= 0).all()
        else:
            assert scores[8] < 0
            assert leaders(scores, 2) == [3, 8] or name in ABSOLUTE
    assert hits == 5


@pytest.mark.parametrize("name", list(RIVALS))
def test_the_explanation_points_where_the_images_moved(name):
    case = planted({3: 0.7, 8: -0.4})
    vector = explanation_vector(case.directions, RIVALS[name](case))
    assert np.linalg.norm(vector) == pytest.approx(1)
    limit = 0.0 if name == "finexl, shuffled" else 0.5
    assert abs(vector @ unit(case.V)) > limit


@pytest.mark.parametrize("name", list(RIVALS))
def test_equal_sets_name_nothing(name):
    case = planted({})
    same = replace(case, personalized=case.base)
    scores = RIVALS[name](same)
    assert not scores.any()
    assert not explanation_vector(same.directions, scores).any()


@pytest.mark.parametrize("name", list(RIVALS))
def test_the_same_case_gives_the_same_bytes_and_leaves_the_arrays_alone(name):
    case = planted({3: 0.7, 8: -0.4})
    kept = [array.copy() for array in (case.base, case.personalized, case.directions, case.texts)]
    assert RIVALS[name](case).tobytes() == RIVALS[name](case).tobytes()
    for array, before in zip((case.base, case.personalized, case.directions, case.texts), kept, strict=True):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("name", list(RIVALS))
@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_the_words_changes_nothing(name, seed):
    case = planted({3: 0.7, 8: -0.4}, n=16, d=32)
    order = np.random.default_rng(seed).permutation(12)
    there = RIVALS[name](reordered(case, order))
    np.testing.assert_allclose(there, RIVALS[name](case)[order], atol=2e-5)


@pytest.mark.parametrize("name", [name for name in RIVALS if name not in OURS])
@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_the_pairs_changes_nothing(name, seed):
    case = planted({3: 0.7, 8: -0.4}, n=16, d=32)
    order = np.random.default_rng(seed).permutation(16)
    np.testing.assert_allclose(RIVALS[name](with_pairs(case, order)), RIVALS[name](case), atol=2e-5)


def test_the_order_of_the_pairs_changes_no_word_of_ours():
    """Random signs are drawn by place, so a test near its limit may turn; this one is far from it."""
    case = planted({3: 0.7, 8: -0.4}, n=30)
    again = with_pairs(case, np.random.default_rng(1).permutation(30))
    np.testing.assert_allclose(RIVALS["finexl"](again), RIVALS["finexl"](case), atol=1e-9)


@pytest.mark.parametrize("name", list(RIVALS))
def test_a_duplicated_word_and_one_without_meaning_do_no_harm(name):
    case = planted({3: 0.7})
    twice = reordered(case, [*range(12), 3])
    directions = twice.directions.copy()
    directions[0] = 0.0
    texts = twice.texts.copy()
    texts[0] = unit(texts.mean(axis=0))
    scores = RIVALS[name](replace(twice, directions=directions, texts=texts))
    assert scores.shape == (13,)
    assert np.isfinite(scores).all()
    assert scores[3] + scores[12] > 0
    assert leaders(scores)[0] in (3, 12)


@pytest.mark.parametrize("name", list(RIVALS))
def test_one_word_and_two_pairs_are_enough_to_be_asked(name):
    case = planted({0: 0.7}, n=2, k=1)
    assert RIVALS[name](case).shape == (1,)


def test_single_precision_is_welcome():
    case = planted({3: 0.7})
    arrays = (case.base, case.personalized, case.directions, case.texts)
    base, personalized, directions, texts = (array.astype(np.float32) for array in arrays)
    small = Case(base, personalized, case.words, directions, texts)
    assert small.base.dtype == np.float64
    for name, rival in RIVALS.items():
        if name != "finexl, shuffled":
            assert leaders(rival(small)) == [3], name


def test_a_case_is_checked_once_and_says_what_is_wrong():
    case = planted({3: 0.7})
    with pytest.raises(InputError, match="personalized row 2 has length 2"):
        replace(case, personalized=case.personalized * (1 + (np.arange(40) == 2))[:, None])
    with pytest.raises(InputError, match=r"both must be \(n, d\)"):
        replace(case, base=case.base[:-1])
    with pytest.raises(InputError, match=r"directions has shape \(11, 64\): expected \(12, 64\)"):
        replace(case, directions=case.directions[:-1])
    with pytest.raises(InputError, match=r"texts has shape \(12, 63\)"):
        replace(case, texts=case.texts[:, :-1])
    with pytest.raises(InputError, match=r"texts row 1 \('w001'\) has length 3"):
        replace(case, texts=case.texts * (1 + 2 * (np.arange(12) == 1))[:, None])
    with pytest.raises(InputError, match="directions row 4 holds a value that is not finite"):
        replace(case, directions=np.where(np.arange(12)[:, None] == 4, np.nan, case.directions))
    with pytest.raises(InputError, match="at least 1 rows"):
        replace(case, words=[], directions=case.directions[:0], texts=case.texts[:0])


def test_the_explanation_is_a_sum_of_unit_directions():
    F = np.array([[2.0, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(explanation_vector(F, np.array([3.0, -4.0, 9.0])), [0.6, -0.8, 0.0])
    assert not explanation_vector(F, np.zeros(3)).any()
    opposite = np.array([[1.0, 0.1], [-3.0, -0.3]])
    assert not explanation_vector(opposite, np.array([0.7, 0.7])).any()
    with pytest.raises(InputError, match="one finite score"):
        explanation_vector(F, np.ones(2))
    with pytest.raises(InputError, match="one finite score"):
        explanation_vector(F, np.array([1.0, np.nan, 0.0]))


@given(seed=SEEDS, factor=st.floats(1e-3, 1e3))
@settings(max_examples=20, deadline=None)
def test_the_explanation_has_no_size(seed, factor):
    rng = np.random.default_rng(seed)
    F, scores = rng.standard_normal((5, 7)), rng.standard_normal(5)
    lengths = rng.uniform(0.1, 10, (5, 1))
    np.testing.assert_allclose(
        explanation_vector(F * lengths, factor * scores), explanation_vector(F, scores), atol=1e-9
    )


def test_names_of_our_methods_are_theirs():
    assert {"algorithm1", "subspace", "finexl"} < set(RIVALS)
    assert next(iter(RIVALS)) == "cosine"
    assert Settings().max_concepts == 8
