"""V_div, its length and the sign-flip test, beside plain loops and scipy."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finexl.errors import InputError
from finexl.method import differences, divergence, length, resample_counts, sign_flip_test, squared_length


def unit(X):
    return X / np.linalg.norm(X, axis=-1, keepdims=True)


def random_pairs(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return unit(rng.standard_normal((n, d))), unit(rng.standard_normal((n, d)))


def test_divergence_by_hand():
    assert divergence([[1, 0], [1, 0]], [[0, 1], [1, 0]]).tolist() == [-0.5, 0.5]


def test_mean_not_sum_so_more_probes_do_not_lengthen_v():
    base, personalized = random_pairs(5, 4)
    once = divergence(base, personalized)
    assert np.allclose(divergence(np.tile(base, (7, 1)), np.tile(personalized, (7, 1))), once, atol=1e-12)


def test_order_of_probes_does_not_matter():
    base, personalized = random_pairs(30, 8)
    order = np.random.default_rng(1).permutation(30)
    moved = divergence(base[order], personalized[order])
    assert np.abs(moved - divergence(base, personalized)).max() < 1e-9


@pytest.mark.parametrize(
    ("base", "personalized", "words"),
    [
        (np.eye(3), np.eye(2), "shape"),
        (np.eye(1), np.eye(1), "at least 2"),
        (np.eye(3), np.diag([1.0, 1.0, 2.0]), "personalized row 2 has length 2"),
        (np.diag([1.0, 0.5]), np.eye(2), "base row 0|base row 1"),
        (np.eye(2), np.array([[1.0, 0.0], [np.nan, 0.0]]), "personalized row 1 .*not finite"),
        (np.ones(3), np.ones(3), "shape"),
    ],
)
def test_bad_embeddings_are_refused_by_name_of_row(base, personalized, words):
    with pytest.raises(InputError, match=words):
        differences(base, personalized)


def test_embeddings_not_normalised_are_refused():
    with pytest.raises(InputError, match="divide every embedding by its length"):
        differences(3 * np.eye(2), np.eye(2))


@pytest.mark.parametrize("n", [2, 3, 6, 9])
def test_sign_flips_of_few_pairs_are_enumerated(n):
    D = np.random.default_rng(n).standard_normal((n, 3)) + 0.4
    observed = np.sum(D.sum(0) ** 2)
    reached = [np.sum((np.array(s) @ D) ** 2) >= observed * (1 - 1e-12) for s in product([1, -1], repeat=n)]
    assert sign_flip_test(D) == pytest.approx(np.mean(reached))


def test_sign_flip_p_agrees_with_scipy():
    from scipy.stats import permutation_test

    D = np.random.default_rng(4).standard_normal((12, 3)) + 0.25
    theirs = permutation_test(
        (D[:, 0],),
        lambda x: (x.mean()) ** 2,
        permutation_type="samples",
        n_resamples=np.inf,
        alternative="greater",
    ).pvalue
    assert sign_flip_test(D[:, :1], draws=4999, seed=3) == pytest.approx(theirs, abs=0.02)


def test_no_difference_at_all_has_p_one():
    assert sign_flip_test(np.zeros((20, 4))) == 1.0
    assert sign_flip_test(np.zeros((3, 4))) == 1.0


def test_a_shift_far_below_the_noise_of_one_pair_is_seen():
    rng = np.random.default_rng(0)
    shift = 0.25 * unit(rng.standard_normal(256))
    D = shift + rng.standard_normal((100, 256)) / 16  # every pair's noise is 4 times the shift
    assert sign_flip_test(D) == 1 / 1000


def test_paired_not_unpaired_test():
    """Content scatter that both images of a pair share must cancel; an unpaired Welch t sees nothing here."""
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(1)
    content = rng.standard_normal((30, 1))
    base, personalized = content, content + 0.1 + 0.02 * rng.standard_normal((30, 1))
    assert ttest_ind(personalized, base, equal_var=False).pvalue.item() > 0.3
    assert sign_flip_test(personalized - base) == 1 / 1000


def test_test_gives_a_p_value_not_a_verdict():
    """VisDiff stores a bool as its t statistic."""
    p = sign_flip_test(np.random.default_rng(0).standard_normal((30, 5)))
    assert isinstance(p, float)
    assert 0.05 < p < 1


@pytest.mark.parametrize("n", [7, 25])
def test_sign_flip_false_alarms_stay_at_the_stated_rate(n):
    rng = np.random.default_rng(8)
    spread = np.arange(1, 33) ** -0.7
    alarms = [sign_flip_test(rng.standard_t(4, (n, 32)) * spread, 199, i) <= 0.05 for i in range(300)]
    assert np.mean(alarms) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 300)


@given(arrays(np.float64, (5, 3), elements=st.floats(-2, 2)), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_squared_length_is_the_mean_product_of_different_pairs(D, seed):
    loop = np.mean([D[i] @ D[j] for i in range(5) for j in range(5) if i != j])
    assert squared_length(D)[0] == pytest.approx(loop, abs=1e-9)
    counts = resample_counts(5, 3, seed)
    for m, value in zip(counts, squared_length(D, counts), strict=True):
        rows = np.repeat(np.arange(5), m.astype(int))
        products = [D[i] @ D[j] for i in rows for j in rows if i != j]
        assert value == pytest.approx(np.mean(products) if products else 0.0, abs=1e-9)


def test_strength_is_not_biased_upwards_by_noise():
    """CARLoS takes mean |d_i| as strength: noise counts. |V| is biased as well; `length` is not."""
    rng = np.random.default_rng(2)
    V = 0.3 * unit(rng.standard_normal(128))
    worlds = [V + 0.1 * rng.standard_normal((20, 128)) for _ in range(60)]
    assert np.mean([np.linalg.norm(D, axis=1).mean() for D in worlds]) > 1.1
    assert np.mean([np.linalg.norm(D.mean(0)) for D in worlds]) > 0.37
    assert np.mean([length(D, draws=20).value for D in worlds]) == pytest.approx(0.3, abs=0.01)


def test_length_interval_holds_the_truth():
    rng = np.random.default_rng(3)
    V = 0.5 * unit(rng.standard_normal(64))
    held = []
    for i in range(100):
        span = length(V + 0.15 * rng.standard_normal((40, 64)), draws=200, seed=i)
        held.append(span.low <= 0.5 <= span.high)
        assert span.low <= span.value <= span.high
    assert np.mean(held) >= 0.9


def test_resample_counts_are_the_multinomial_bootstrap():
    counts = resample_counts(10, 4000, seed=1)
    assert counts.shape == (4000, 10)
    assert (counts.sum(axis=1) == 10).all()
    assert np.allclose(counts.mean(axis=0), 1, atol=0.06)
    assert counts.var() == pytest.approx(0.9, abs=0.03)
    assert (counts == resample_counts(10, 4000, seed=1)).all()


def test_global_random_state_is_left_alone():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    D = np.random.default_rng(0).standard_normal((20, 3))
    assert sign_flip_test(D, seed=5) == sign_flip_test(D, seed=5)
    assert length(D, seed=5) == length(D, seed=5)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002
