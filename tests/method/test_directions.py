"""Concept vectors, the orthogonality filter and families."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finexl.errors import InputError, UnknownNameError
from finexl.method import candidate_order, concept_directions, families, orthogonality_filter, overlaps


def test_concept_directions_against_loops():
    rng = np.random.default_rng(0)
    told, plain = rng.standard_normal((4, 3, 5)), rng.standard_normal((3, 5))
    loop = [[np.mean([told[j, t, c] - plain[t, c] for t in range(3)]) for c in range(5)] for j in range(4)]
    assert np.allclose(concept_directions(told, plain), loop)


def test_mean_not_sum_over_prompts():
    told, plain = np.ones((2, 3, 4)), np.zeros((3, 4))
    more = concept_directions(np.ones((2, 30, 4)), np.zeros((30, 4)))
    assert np.allclose(concept_directions(told, plain), more)


def test_what_the_prompts_share_cancels():
    """Domain-matched: the same prompts with and without the concept, so their content drops out."""
    rng = np.random.default_rng(1)
    content, concept = 10 * rng.standard_normal((6, 5)), rng.standard_normal((2, 5))
    assert np.allclose(concept_directions(content + concept[:, None], content), concept)


@pytest.mark.parametrize(
    ("told", "plain", "words"),
    [
        (np.ones((2, 3, 4)), np.ones((2, 4)), "same t prompts"),
        (np.ones((2, 3)), np.ones((2, 3)), "expected"),
        (np.stack([np.ones((2, 2)), np.full((2, 2), np.nan)]), np.ones((2, 2)), "concept row 1"),
        (np.ones((1, 1, 2)), np.full((1, 2), np.inf), "without concept"),
    ],
)
def test_bad_text_embeddings_are_refused(told, plain, words):
    with pytest.raises(InputError, match=words):
        concept_directions(told, plain)


def test_overlaps_are_cosines_and_zero_rows_overlap_with_nothing():
    F = np.array([[3.0, 0.0], [1.0, 1.0], [0.0, 0.0], [-2.0, 0.0]])
    half = np.sqrt(0.5)
    assert np.allclose(overlaps(F), [[1, half, 0, -1], [half, 1, 0, -half], [0, 0, 0, 0], [-1, -half, 0, 1]])


def test_order_is_by_cosine_then_name_never_from_a_set():
    F, V = np.eye(4), np.array([1.0, -2.0, 1.0, 1.0])
    assert candidate_order(F, V, names=("d", "c", "b", "a")).tolist() == [1, 3, 2, 0]
    assert candidate_order(F, V).tolist() == [1, 0, 2, 3]


def test_order_of_the_candidate_list_does_not_change_what_is_kept():
    rng = np.random.default_rng(0)
    F, V = rng.standard_normal((30, 6)), rng.standard_normal(6)
    F[7] = F[3]  # an exact tie
    names = tuple(f"concept {i:02d}" for i in range(30))
    order = rng.permutation(30)
    kept = [names[j] for j in orthogonality_filter(F, V, 0.4, names=names).kept]
    shuffled = tuple(names[j] for j in order)
    assert [shuffled[j] for j in orthogonality_filter(F[order], V, 0.4, names=shuffled).kept] == kept
    assert "concept 07" not in kept


def test_filter_keeps_what_is_new_and_says_who_absorbed_the_rest():
    F = np.array([[1.0, 0.0, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])
    result = orthogonality_filter(F, np.array([1.0, 0.1, 0.5]))
    assert result.kept == (0, 2)
    assert result.absorbed == ((1, 0, pytest.approx(0.8)),)


def test_negatives_do_not_cancel_in_the_overlap():
    """Under the paper's signed sum +0.6 and -0.6 make 0 and a concept that says nothing new is kept."""
    F = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.6, -0.6, np.sqrt(0.28)]])
    V = np.array([1.0, 0.9, 0.0])
    assert orthogonality_filter(F, V, rule="sum").kept == (0, 1, 2)
    assert orthogonality_filter(F, V, rule="largest").kept == (0, 1)


def test_first_concept_is_not_kept_when_it_is_zero():
    F = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert orthogonality_filter(F, np.array([1.0, 0.0])).kept == (1,)
    assert orthogonality_filter(F[:1], np.array([1.0, 0.0])).kept == ()


def test_unknown_rule():
    with pytest.raises(UnknownNameError, match="largest"):
        orthogonality_filter(np.eye(2), np.ones(2), rule="larges")


@given(st.integers(0, 10_000), st.floats(0.05, 0.9))
@settings(max_examples=40, deadline=None)
def test_kept_concepts_overlap_less_than_the_threshold_and_the_rest_more(seed, threshold):
    rng = np.random.default_rng(seed)
    F, V = rng.standard_normal((15, 4)), rng.standard_normal(4)
    result = orthogonality_filter(F, V, threshold)
    cosines = np.abs(overlaps(F))
    np.fill_diagonal(cosines, 0)
    assert cosines[np.ix_(result.kept, result.kept)].max(initial=0) < threshold
    for j, by, cosine in result.absorbed:
        assert by in result.kept
        assert abs(cosine) >= threshold
        assert abs(cosine) == pytest.approx(cosines[j, list(result.kept)].max())
    assert sorted([*result.kept, *(a[0] for a in result.absorbed)]) == list(range(15))


def test_families_go_to_the_nearest_largest_first_and_at_most_eight():
    near = [[1.0, 0.01 * i, 0.0] for i in range(1, 12)]
    F = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.1, -1.0], *near])
    first, second = families(F, [0, 1], 0.5)
    assert [i for i, _ in first] == list(range(3, 11))
    assert second == ((2, pytest.approx(-0.995, abs=1e-3)),)


def test_families_hold_what_a_method_absorbed_even_below_the_threshold():
    F = np.array([[1.0, 0.0], [0.4, 1.0], [0.0, 1.0]])
    assert families(F, [0], 0.9) == ((),)
    assert [i for i, _ in families(F, [0], 0.9, absorbed={1: 0})[0]] == [1]
    assert families(F, [0], 0.9, absorbed={1: 2}) == ((),)
    assert families(F, [], 0.5) == ()
