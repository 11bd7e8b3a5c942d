"""The three methods: answers known by hand, rivals' defects, properties, planted worlds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls
from worlds import Noise, correlated_concepts, unit

from finexl.errors import InputError, UnknownNameError
from finexl.method import METHODS, Settings, decompose, relative_residual
from finexl.method.chance import Draws, chance_level
from finexl.method.divergence import random_signs
from finexl.method.fitting import fit_jointly, shares
from finexl.method.pursuit import pursue
from finexl.method.whitening import beside, ledoit_wolf_shrinkage, noise_whitener, vocabulary_projection
from finexl.types import Concept

FAST = Settings(flips=199, bootstrap=100)


def world(seed=0, weights=(0.8, -0.6, 0.5), n=50, k=400, d=128, size=1.0, misfit=0.0):
    """(D, F, planted indices)."""
    rng = np.random.default_rng(seed)
    F = correlated_concepts(rng, k, d)
    planted = rng.choice(k, len(weights), replace=False).tolist()
    V = np.array(weights) @ F[planted]
    away = rng.standard_normal(d)
    V = V + misfit * np.linalg.norm(V) * away / np.linalg.norm(away)
    return V + Noise(rng, d, size)(rng, n), F, planted


def weights_by_index(found):
    return dict(zip(found.indices, found.weights.tolist(), strict=True))


# ---------------------------------------------------------------- every method


@pytest.mark.parametrize("method", METHODS)
def test_known_answer(method):
    rng = np.random.default_rng(0)
    F = np.eye(6, 32)
    D = 0.9 * F[1] + 0.5 * F[4] + 0.05 * rng.standard_normal((40, 32))
    found = decompose(D, F, method)
    assert found.indices[:2] == (1, 4)
    assert found.weights[:2] == pytest.approx([0.9, 0.5], abs=0.05)
    assert found.share[:2] == pytest.approx([0.81 / 1.06, 0.25 / 1.06], abs=0.06)
    assert found.share.sum() == pytest.approx(1)
    assert (found.low <= found.weights).all()
    assert (found.weights <= found.high).all()
    assert found.residual.value < 0.15
    assert found.p_value == 1 / 500


@pytest.mark.parametrize("method", METHODS)
def test_two_runs_give_one_explanation(method):
    D, F, _ = world(1)
    first, second = decompose(D, F, method), decompose(D, F, method)
    assert repr(first) == repr(second)


@pytest.mark.parametrize("method", METHODS)
def test_order_of_probes_does_not_matter(method):
    D, F, _ = world(2)
    mixed = D[np.random.default_rng(0).permutation(len(D))]
    a, b = decompose(D, F, method), decompose(mixed, F, method)
    assert a.indices == b.indices
    assert np.abs(a.weights - b.weights).max() < 1e-9
    assert np.abs(a.low - b.low).max() < 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_order_of_concepts_does_not_matter(method):
    D, F, _ = world(3, k=60)
    F[7] = F[20]  # an exact tie, decided by name
    names = tuple(f"concept {i:02d}" for i in range(60))
    order = np.random.default_rng(0).permutation(60)
    a = decompose(D, F, method, Settings(names=names))
    b = decompose(D, F[order], method, Settings(names=tuple(names[j] for j in order)))
    assert [names[j] for j in a.indices] == [names[order[j]] for j in b.indices]
    assert np.abs(a.weights - b.weights).max() < 1e-8


@pytest.mark.parametrize("method", METHODS)
@given(scale=st.floats(0.7, 3.0), seed=st.integers(0, 50))
@settings(max_examples=8, deadline=None)
def test_scaling_the_space_changes_nothing(method, scale, seed):
    """A threshold on an absolute residual would stop elsewhere with another encoder's scale."""
    D, F, _ = world(seed, k=40, d=32)
    a, b = decompose(D, F, method, FAST), decompose(scale * D, scale * F, method, FAST)
    assert a.indices == b.indices
    assert np.allclose(a.weights, b.weights)


@pytest.mark.parametrize("method", METHODS)
@given(scale=st.floats(1.0, 3.0), seed=st.integers(0, 50))
@settings(max_examples=8, deadline=None)
def test_scaling_v_scales_weights(method, scale, seed):
    D, F, _ = world(seed, k=40, d=32)
    options = Settings(flips=199, bootstrap=50, min_weight=0.0)
    a, b = decompose(D, F, method, options), decompose(scale * D, F, method, options)
    assert a.indices == b.indices
    assert np.allclose(scale * a.weights, b.weights)


@pytest.mark.parametrize("method", ["finexl", "algorithm1"])
def test_turning_a_concept_round_flips_its_weight(method):
    D, F, planted = world(4)
    turned = F.copy()
    turned[planted[0]] *= -1
    a, b = weights_by_index(decompose(D, F, method)), weights_by_index(decompose(D, turned, method))
    assert a.keys() == b.keys()
    assert b[planted[0]] == pytest.approx(-a[planted[0]])


@pytest.mark.parametrize("method", METHODS)
def test_duplicated_concepts_never_double(method):
    """An SVD or NNLS with duplicate words is not unique; here one speaks and the other is in its family."""
    rng = np.random.default_rng(0)
    F = np.eye(6, 32)
    D = 0.9 * F[1] + 0.5 * F[4] + 0.05 * rng.standard_normal((40, 32))
    twice = np.vstack([F, F[1], F[1]])
    found = decompose(D, twice, method)
    same = [j for j in found.indices if j in (1, 6, 7)]
    assert sum(weights_by_index(found)[j] for j in same) == pytest.approx(0.9, abs=0.06)
    if method != "subspace":
        assert same == [1]
        assert {i for i, _ in found.families[found.indices.index(1)]} >= {6, 7}


@pytest.mark.parametrize("method", METHODS)
def test_zero_concepts_are_ignored(method):
    D, F, _ = world(5, k=50)
    F = np.vstack([F, np.zeros((2, F.shape[1]))])
    found = decompose(D, F, method)
    assert not {50, 51} & set(found.indices)
    assert decompose(D, np.zeros((3, F.shape[1])), method).indices == ()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("n", "k", "d"), [(2, 1, 16), (2, 5, 16), (6, 1, 16), (10, 3, 16), (40, 30, 16)])
def test_small_worlds_do_not_break(method, n, k, d):
    rng = np.random.default_rng(n + k)
    F = rng.standard_normal((k, d))
    found = decompose(0.8 * F[0] + 0.3 * rng.standard_normal((n, d)), F, method)
    assert len(found.indices) == len(found.weights) == len(found.families) == len(found.share) <= 8
    same = decompose(np.tile(0.8 * F[0], (n, 1)), F, method)  # no scatter at all
    if n >= 6:
        assert same.indices[0] == 0


@pytest.mark.parametrize("method", METHODS)
def test_no_difference_at_all(method):
    found = decompose(np.zeros((10, 8)), np.eye(3, 8), method)
    assert found.indices == ()
    assert found.p_value == 1
    assert found.residual is None


@pytest.mark.parametrize("method", METHODS)
def test_at_most_max_concepts(method):
    D, F, _ = world(6, weights=(0.8, -0.6, 0.5, 0.5), n=80)
    assert len(decompose(D, F, method, Settings(max_concepts=2)).indices) == 2


def test_bad_input_is_refused_with_its_row():
    D, F = np.ones((3, 4)), np.ones((2, 4))
    bad = F.copy()
    bad[1, 2] = np.nan
    with pytest.raises(InputError, match="concept vectors F row 1"):
        decompose(D, bad)
    with pytest.raises(InputError, match="one encoder"):
        decompose(D, np.ones((2, 5)))
    with pytest.raises(InputError, match="at least 2 rows"):
        decompose(D[:1], F)
    with pytest.raises(InputError, match="names has 1 entries for 2"):
        decompose(D, F, settings=Settings(names=("a",)))
    for name in ("opposites", "milder"):
        with pytest.raises(InputError, match=f"settings.{name} has 0 entries"):
            decompose(D, F, settings=replace(Settings(), **{name: ()}))
    with pytest.raises(UnknownNameError, match="Did you mean 'finexl'"):
        decompose(D, F, "finxl")
    with pytest.raises(InputError, match="confidence"):
        Settings(confidence=95)
    with pytest.raises(InputError, match="max_concepts"):
        Settings(max_concepts=0)


def test_settings_know_opposites_and_raise_flips_for_high_confidence():
    concepts = [
        Concept(name="a", aspect="x", opposite="b"),
        Concept(name="b", aspect="x", opposite="c", milder="a"),
    ]
    filled = Settings().for_concepts(concepts)
    assert (filled.names, filled.opposites, filled.milder) == (("a", "b"), (1, -1), (-1, 0))
    assert filled.for_some([1, 0]).milder == (1, -1)
    assert filled.for_some([1]).milder == (-1,)
    assert Settings().draws == 499
    assert Settings(confidence=0.999).draws == 4999


def test_shares_by_hand():
    assert shares(np.eye(2), np.array([3.0, 4.0])) == pytest.approx([9 / 25, 16 / 25])
    assert shares(np.array([[1.0, 0.0], [1.0, 0.1]]), np.array([2.0, -1.0])).tolist() == [1.0, 0.0]
    assert shares(np.eye(2), np.zeros(2)).tolist() == [0.5, 0.5]


# ---------------------------------------------------------------- the paper's Algorithm 1


def test_algorithm1_is_joint_not_one_at_a_time():
    """One-at-a-time projections count what two concepts share twice; so does a coefficient V.f/|f| on f."""
    F = 2.0 * np.array([[1.0, 0.0, 0.0], [0.15, np.sqrt(1 - 0.15**2), 0.0]])
    V = 0.7 * F[0] + 0.5 * F[1]
    found = decompose(np.tile(V, (6, 1)), F, "algorithm1", Settings(e_decomp=0.01))
    assert weights_by_index(found) == pytest.approx({0: 0.7, 1: 0.5})
    one_at_a_time = F @ V / np.sum(F**2, axis=1)
    assert one_at_a_time[0] > 0.77
    unnormalised = F @ V / np.linalg.norm(F, axis=1)
    assert relative_residual(V, F, unnormalised) > 0.9 > relative_residual(V, F, found.weights[[0, 1]])


def test_algorithm1_stops_at_the_relative_residual_and_reports_it():
    F, V = np.eye(4), np.array([1.0, 0.5, 0.1, 0.05])
    found = decompose(np.tile(V, (6, 1)), F, "algorithm1")
    assert found.indices == (0, 1)
    assert found.relative_residual == pytest.approx(np.hypot(0.1, 0.05) / np.linalg.norm(V))
    assert decompose(np.tile(V, (6, 1)), F, "algorithm1", Settings(e_decomp=0.6)).indices == (0,)


def test_algorithm1_ends_when_nothing_reaches_the_threshold():
    found = decompose(np.tile([0.1, 0.1, 5.0], (6, 1)), np.eye(2, 3), "algorithm1")
    assert len(found.indices) == 2
    assert found.relative_residual > 0.99


def test_algorithm1_loses_a_real_aspect_to_the_filter_but_lists_it():
    """Method section 4: vibrant has cosine 0.45 with abstract, and the filter drops it."""
    F = np.eye(15, 64)
    F[1] = 0.45 * F[0] + np.sqrt(1 - 0.45**2) * F[1]
    D = 0.72 * F[0] + 0.71 * F[1] + 0.05 * np.random.default_rng(0).standard_normal((25, 64))
    paper = decompose(D, F, "algorithm1")
    (kept,) = {0, 1} & set(paper.indices)
    assert paper.families[paper.indices.index(kept)] == ((1 - kept, pytest.approx(0.45)),)
    ours = decompose(D, F, "finexl")
    assert weights_by_index(ours) == pytest.approx({0: 0.72, 1: 0.71}, abs=0.03)


def test_algorithm1_weights_are_least_squares():
    D, F, _ = world(7)
    found = decompose(D, F, "algorithm1")
    V, chosen = D.mean(0), list(found.indices)
    assert np.allclose(found.weights, np.linalg.lstsq(F[chosen].T, V, rcond=None)[0])


# ---------------------------------------------------------------- subspace


def test_subspace_is_refitted_on_the_concepts_it_keeps():
    D, F, _ = world(8, k=60)
    found = decompose(D, F, "subspace", Settings(max_concepts=3))
    P = vocabulary_projection(F, 18)
    chosen = list(found.indices)
    everything = nnls((F @ P).T, D.mean(0) @ P)[0]
    refit = nnls((F[chosen] @ P).T, D.mean(0) @ P)[0]
    assert np.allclose(found.weights, refit)
    assert not np.allclose(found.weights, everything[chosen])
    assert (found.weights > 0).all()


def test_vocabulary_projection_is_pca_whitening():
    from sklearn.decomposition import PCA

    F = correlated_concepts(np.random.default_rng(0), 50, 32)
    P = vocabulary_projection(F, 5, epsilon=0.0)
    theirs = PCA(5, whiten=True, svd_solver="full").fit_transform(F) / np.sqrt(49)
    ours = (F - F.mean(0)) @ P
    assert np.allclose(np.abs(ours), np.abs(theirs))
    assert np.allclose(ours.T @ ours, np.eye(5))


# ---------------------------------------------------------------- finexl: the metric


@pytest.mark.parametrize(("n", "d"), [(5, 40), (40, 5), (30, 30), (2, 8)])
def test_shrinkage_is_ledoit_wolf(n, d):
    from sklearn.covariance import ledoit_wolf

    D = np.random.default_rng(n).standard_t(5, (n, d)) * np.arange(1, d + 1) ** -0.5
    X = D - D.mean(0)
    theirs, rho = ledoit_wolf(X, assume_centered=True)
    assert ledoit_wolf_shrinkage(X) == pytest.approx(rho, abs=1e-9)
    ridge = np.trace(X.T @ X) / n / d
    whitener = noise_whitener(D, 1.0)
    metric = np.linalg.inv(theirs + ridge * np.eye(d))
    W = whitener(np.eye(d))
    assert np.allclose(W @ W, metric, rtol=1e-6, atol=1e-9 * metric.max())
    assert np.allclose(whitener.leverage, whitener.kept * np.einsum("ij,jk,ik->i", X, metric, X) / n)
    assert (whitener.leverage < 1).all()


def test_what_leads_back_along_a_plain_picture_is_no_look():
    """On a sphere every concept leads back a little, and a faint change hardly: words that overlap in it are not named for it."""
    rng = np.random.default_rng(0)
    plain, looks = np.eye(1, 64)[0], np.eye(30, 64, 1)
    F = unit(plain + 0.4 * looks) - plain
    base = unit(plain + 0.2 * rng.standard_normal((60, 64)) / 8)
    faint = unit(base + 0.06 * looks[3] + 0.04 * looks[4] + 0.005 * rng.standard_normal((60, 64))) - base
    true = np.array([0.06, 0.04]) / np.linalg.norm(beside(F[3], plain))
    told, told_of_all = (
        decompose(faint, F, settings=Settings(plain=known, min_weight=0)) for known in (plain, None)
    )
    assert told.indices == (3, 4)
    assert told.weights == pytest.approx(true, rel=0.02)
    assert (told_of_all.weights[:2] < 0.96 * true).all()


def test_what_the_fit_does_not_see_it_does_not_leave_unexplained():
    D, F, _ = world(1)
    plain = unit(np.random.default_rng(3).standard_normal(128))
    D, F = beside(D, plain), beside(F, plain)
    known = replace(FAST, plain=plain)
    there, back = decompose(D, F, settings=known), decompose(D - 0.9 * plain, F, settings=known)
    assert back.indices == there.indices
    assert back.residual.value == pytest.approx(there.residual.value)
    assert back.residual.high == pytest.approx(there.residual.high)
    assert decompose(D - 0.9 * plain, F, "algorithm1", known).residual.value > 0.5


@pytest.mark.parametrize("method", METHODS)
def test_only_finexl_leaves_the_plain_picture_out(method):
    D, F, _ = world(9)
    plain = unit(np.random.default_rng(3).standard_normal(128))
    found, moved = (
        decompose(D + shift * plain, F, method, replace(FAST, plain=plain)) for shift in (0.0, 0.5)
    )
    same = dict(zip(found.indices, found.weights.round(9), strict=True)) == dict(
        zip(moved.indices, moved.weights.round(9), strict=True)
    )
    assert same == (method == "finexl")


def lacking(seed=0):
    """A change towards concept 0 that goes astray: a little nearer to less of concept 1 than to more of concept 2."""
    rng = np.random.default_rng(seed)
    e = np.eye(64)
    F = np.array([e[0], -e[1], unit(e[1] + 0.6 * e[2]), *e[10:30]])
    return 0.8 * e[0] + 0.5 * e[1] + 0.1 * e[2] + 0.02 * rng.standard_normal((40, 64)), F


@pytest.mark.parametrize(
    ("before", "named"),
    [
        (None, {0, 1}),  # nobody knows what the pictures show
        (0.0, {0, 2}),  # what is not there cannot be taken away
        (-0.4, {0, 2}),
        (0.03, {0, 2}),  # hardly there
        (0.4, {0, 1}),
    ],
)
def test_less_of_a_look_is_named_where_the_pictures_before_show_it(before, named):
    D, F = lacking()
    shown = None if before is None else before * F[1]
    found = decompose(D, F, settings=Settings(shown=shown))
    assert set(found.indices[:2]) == named
    assert all((found.weights[found.indices.index(j)] < 0) == (j == 1) for j in named)


def test_taking_a_look_away_is_named_though_nothing_else_is_changed():
    """Alone, less of a look beats chance whether it was shown or not; shown or not decides among words only."""
    rng = np.random.default_rng(0)
    F = np.eye(20, 64)
    D = -0.8 * F[3] + 0.05 * rng.standard_normal((30, 64))
    for shown in (0.8 * F[3], np.zeros(64)):
        found = decompose(D, F, settings=Settings(shown=shown))
        assert found.indices == (3,)
        assert found.weights[0] == pytest.approx(-0.8, abs=0.05)


def test_an_encoder_says_where_a_plain_picture_lies():
    class Placed:
        plain = np.array([1.0, 0, 0, 0])

    settings = Settings(seed=3)
    base = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0]])
    assert settings.for_encoder(object()) is settings
    assert settings.for_base(base) is settings
    placed = settings.for_encoder(Placed()).for_base(base)
    assert placed.seed == 3
    assert placed.shown == pytest.approx([-0.5, 0.5, 0, 0])
    assert placed.for_some([]).shown is placed.shown
    with pytest.raises(InputError, match=r"plain has shape \(4,\)"):
        decompose(np.ones((3, 5)), np.eye(5), settings=placed)


def test_weights_are_generalised_least_squares():
    D, F, planted = world(9)
    found = decompose(D, F)
    W = noise_whitener(D, Settings().ridge)(np.eye(128))
    chosen = list(found.indices)
    gls = np.linalg.lstsq((F[chosen] @ W).T, W @ D.mean(0), rcond=None)[0]
    assert set(chosen) == set(planted)
    assert np.allclose(found.weights, gls)


def test_chance_level_scores_each_sign_pattern_in_its_own_metric():
    """The closed form equals whitening every flipped sample anew."""
    rng = np.random.default_rng(0)
    D, F = rng.standard_normal((12, 6)) + 0.2, rng.standard_normal((9, 6))
    whitener = noise_whitener(D, 1.0)
    Fw = whitener(F)
    units = Fw / np.linalg.norm(Fw, axis=1, keepdims=True)
    rows = whitener(D)
    draws = Draws.make(20, rows, units, 0)
    r = rows.mean(0)
    onto, ones, none = units @ r[:, None], np.ones(9), np.zeros((0, 6))
    found = chance_level(r, onto, ones, ones, none, whitener.kept, draws).gains
    X = D - D.mean(0)
    base = np.linalg.inv(whitener(np.eye(6)) @ whitener(np.eye(6))) - whitener.kept * X.T @ X / 12
    again = []
    for s in random_signs(20, 12, np.random.default_rng([0, 1])):
        flipped = s[:, None] * D
        v = flipped.mean(0)
        C = (flipped - v).T @ (flipped - v) / 12
        metric = np.linalg.inv(base + whitener.kept * C)
        again.append(max(abs(f @ metric @ v) / np.sqrt(f @ metric @ f) for f in F))
    assert np.allclose(found, np.sort(again), rtol=1e-4)  # products are in float32

    less = np.linspace(0.2, 1, 9)
    lower = chance_level(r, onto, ones, less, none, whitener.kept, draws)
    cosines = units @ (draws.directions / np.linalg.norm(draws.directions, axis=1, keepdims=True)).T
    best = np.maximum(cosines, -less[:, None] * cosines).max(0)
    assert np.allclose(lower.cosines, np.sort(best), rtol=1e-4)
    assert np.all(lower.gains <= found + 1e-6)
    assert lower.gains.sum() < found.sum()


# ---------------------------------------------------------------- finexl: recovery


@pytest.mark.parametrize("weights", [(0.8,), (0.8, -0.6), (0.8, -0.6, 0.5)])
@pytest.mark.parametrize("misfit", [0.0, 0.3])
def test_planted_concepts_are_found_among_400(weights, misfit):
    complete = extra = 0
    for seed in range(8):
        D, F, planted = world(seed, weights, size=1.5, misfit=misfit)
        found = decompose(D, F, settings=FAST)
        complete += set(planted) <= set(found.indices)
        extra += len(set(found.indices) - set(planted))
        if set(planted) == set(found.indices):
            ours = weights_by_index(found)
            assert [ours[j] for j in planted] == pytest.approx(weights, abs=0.25)
    assert complete >= 7
    assert extra <= 2


def pair_world(weights, n, size, seed=0):
    """Two concepts with cosine 0.6 among 48 others."""
    rng = np.random.default_rng(seed)
    F = np.eye(50, 64)
    F[1] = 0.6 * F[0] + 0.8 * F[1]
    return np.array(weights) @ F[:2] + Noise(rng, 64, size)(rng, n), F


def test_correlated_concepts_are_both_kept_where_the_data_tell_them_apart():
    D, F = pair_world((0.7, 0.5), n=60, size=0.8)
    found = decompose(D, F)
    assert set(found.indices) == {0, 1}
    assert weights_by_index(found) == pytest.approx({0: 0.7, 1: 0.5}, abs=0.1)


def test_the_weaker_of_two_correlated_concepts_is_absorbed_where_they_cannot_be_told_apart():
    D, F = pair_world((0.7, 0.05), n=20, size=1.5)
    found = decompose(D, F)
    assert found.indices == (0,)
    assert found.families[0][0] == (1, pytest.approx(0.6))


def test_opposites_are_read_the_positive_way():
    rng = np.random.default_rng(0)
    F = np.eye(4, 32)
    F[1] = -F[0] + 0.05 * F[3]  # "bright" beside "dark"
    D = -0.8 * F[0] + 0.05 * rng.standard_normal((30, 32))
    assert decompose(D, F).weights[0] < 0
    read = decompose(D, F, settings=Settings(opposites=(1, 0, -1, -1)))
    assert read.indices == (1,)
    assert read.weights[0] > 0.7


def degrees(size, plain):
    """A change of this size that both "black and white" (0) and "muted" (1), 40 degrees apart, nearly are; pictures before it are plain."""
    rng = np.random.default_rng(0)
    F = np.eye(4, 32)
    F[1, :2] = np.cos(np.radians(40)), np.sin(np.radians(40))
    change = size * unit(F[0] + 0.4 * F[1])
    return change + 0.02 * rng.standard_normal((30, 32)), F, Settings(plain=plain, milder=(1, -1, -1, -1))


@pytest.mark.parametrize(("size", "said"), [(0.3, 1), (0.8, 0)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_strong_degree_is_named_only_where_pictures_show_it(size, said, sign):
    """From plain pictures to ones with the look, or back."""
    plain = np.eye(32)[31]
    D, F, options = degrees(size, plain)
    base = np.tile(plain, (30, 1)) + (0 if sign > 0 else D)
    found = decompose(sign * D, F, settings=options.for_base(base))
    assert found.indices == (said,)
    assert np.sign(found.weights[0]) == sign
    assert decompose(sign * D, F, settings=replace(options, milder=None).for_base(base)).indices[0] == 0


def test_of_two_degrees_of_one_look_only_one_is_said():
    plain = np.eye(32)[31]
    D, F, options = degrees(0.8, plain)
    # The milder word says what the stronger leaves over, and the data tell them apart.
    both = D + 0.3 * np.eye(32)[1]
    options = options.for_base(np.tile(plain, (30, 1)))
    assert set(decompose(both, F, settings=replace(options, milder=None)).indices) == {0, 1}
    found = decompose(both, F, settings=options)
    assert len(found.indices) == 1
    assert found.families[0][0][0] == 1 - found.indices[0]


def test_where_a_plain_picture_lies_is_not_known_every_degree_competes():
    D, F, options = degrees(0.3, None)
    assert decompose(D, F, settings=options).indices == (0,)


def test_small_weights_are_not_worth_a_line():
    rng = np.random.default_rng(0)
    F = np.eye(3, 16)
    D = 0.9 * F[0] + 0.03 * F[1] + 0.01 * rng.standard_normal((50, 16))
    assert decompose(D, F).indices == (0,)
    assert set(decompose(D, F, settings=Settings(min_weight=0.01, min_share=0)).indices) == {0, 1}


def test_what_explains_next_to_nothing_is_not_worth_a_line():
    """0.08 beside 0.9 is certain and well above the least weight, and 0.8% of what is explained."""
    rng = np.random.default_rng(0)
    F = np.eye(3, 16)
    D = 0.9 * F[0] + 0.08 * F[1] + 0.01 * rng.standard_normal((50, 16))
    assert decompose(D, F).indices == (0,)
    found = decompose(D, F, settings=Settings(min_share=0))
    assert found.indices == (0, 1)
    assert 0 < found.share[1] < 0.01
    assert decompose(D - 0.6 * F[0], F).indices == (0, 1)


def test_a_difference_that_no_concept_explains_is_said_to_be_unexplained():
    rng = np.random.default_rng(0)
    D = np.eye(64)[60] + 0.05 * rng.standard_normal((30, 64))
    found = decompose(D, np.eye(20, 64))
    assert found.indices == ()
    assert found.p_value < 0.01
    assert found.residual.value == 1
    assert found.relative_residual == 1


def test_proposals_beyond_the_fixed_list_can_win():
    """The reproduction threw away every proposed word that its own list did not hold."""
    D, F, planted = world(10)
    without = np.delete(F, planted[0], axis=0)
    grown = np.vstack([without, F[planted[0]]])
    assert len(grown) - 1 in decompose(D, grown).indices


# ---------------------------------------------------------------- finexl: rates


@pytest.mark.parametrize(("n", "d", "power"), [(8, 96, 0.5), (25, 48, 0.0), (50, 96, 0.5), (20, 48, 1.0)])
def test_noise_alone_yields_no_concept_at_the_stated_rate(n, d, power):
    """Multiplicity control: 400 candidates, 200 worlds without any personalization."""
    rng = np.random.default_rng(17)
    F, noise = correlated_concepts(rng, 400, d), Noise(rng, d, 1.0, power)
    limit = 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 200)
    gated = pursued = 0
    for i in range(200):
        options = Settings(flips=99, bootstrap=1, seed=i, min_weight=0.0, max_concepts=1)
        D = noise(rng, n)
        pursued += bool(pursue(D, F, options).chosen)  # even without the gate in front
        gated += bool(decompose(D, F, settings=options).indices)
    assert gated / 200 <= limit
    assert pursued / 200 <= limit


def test_misfit_alone_yields_no_concept_at_the_stated_rate():
    """Many pairs, hardly any noise, and a difference in a direction that no word names."""
    rng = np.random.default_rng(18)
    F, noise = correlated_concepts(rng, 400, 64), Noise(rng, 64, 0.3, 0.0)
    found = 0
    for i in range(100):
        away = rng.standard_normal(64)
        D = away / np.linalg.norm(away) + noise(rng, 40)
        found += bool(pursue(D, F, Settings(flips=199, seed=i, min_weight=0.0, max_concepts=1)).chosen)
    assert found / 100 <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 100)


@pytest.mark.parametrize(("n", "misfit"), [(20, 0.0), (50, 0.0), (50, 1.0), (400, 1.0)])
def test_intervals_cover_the_population_weights(n, misfit):
    rng = np.random.default_rng(19)
    d = 96
    F, noise = correlated_concepts(rng, 3, d), Noise(rng, d)
    V = np.array([0.8, -0.6, 0.5]) @ F
    away = rng.standard_normal(d)
    V = V + misfit * np.linalg.norm(V) * away / np.linalg.norm(away)
    S = noise.covariance
    M = np.linalg.inv(S + np.trace(S) / d * np.eye(d))
    truth = np.linalg.solve(F @ M @ F.T, F @ M @ V)
    held = []
    for _ in range(200):
        D = V + noise(rng, n)
        whitener = noise_whitener(D, 1.0)
        fit = fit_jointly(whitener(D), whitener(F), 0.95, whitener)
        held.append((fit.low <= truth) & (truth <= fit.high))
    assert 0.90 <= np.mean(held) <= 0.98


def test_weights_are_not_biased_by_noise():
    found = [weights_by_index(decompose(*world(seed, (0.8,))[:2], settings=FAST)) for seed in range(20)]
    planted = [world(seed, (0.8,))[2][0] for seed in range(20)]
    assert np.mean([f[j] for f, j in zip(found, planted, strict=True)]) == pytest.approx(0.8, abs=0.03)


def test_a_core_word_is_preferred_unless_another_fits_clearly_better():
    rng = np.random.default_rng(0)
    F = np.eye(4, 64)
    F[1] = 0.9 * F[0] + np.sqrt(1 - 0.81) * F[1]  # close to concept 0
    noise = 0.02 * rng.standard_normal((40, 64))

    def first(D, prior):
        return decompose(D, F, settings=Settings(prior=prior, max_concepts=1)).indices

    slightly = 0.2 * F[0] + 0.25 * F[1] + noise
    assert first(slightly, ()) == (1,)
    assert first(slightly, (1.0, 0.8, 1.0, 1.0)) == (0,)
    clearly = 0.4 * (F[1] - 0.6 * F[0]) + noise
    assert first(clearly, (1.0, 0.8, 1.0, 1.0)) == (1,)


def mixture_world(odd, n=60):
    """Two causes, a word for their mixture that says `odd` of something else as well, and 40 other words."""
    rng = np.random.default_rng(0)
    F = np.eye(43, 64)
    F[2] = unit(0.6 * F[0] + 0.6 * F[1] + odd * np.eye(64)[60])
    return 0.6 * F[0] + 0.6 * F[1] + 0.02 * rng.standard_normal((n, 64)), F


def test_two_causes_are_named_rather_than_a_word_near_their_mixture():
    """A greedy search takes "vintage photo" for sepia with a vignette, and then mends what it says too much."""
    D, F = mixture_world(odd=0.5)
    assert np.argmax(F @ D.mean(0)) == 2
    assert set(decompose(D, F).indices) == {0, 1}


def test_one_word_that_says_all_of_it_is_enough():
    D, F = mixture_world(odd=0.0)
    assert decompose(D, F).indices == (2,)


@pytest.mark.parametrize("seed", range(6))
def test_a_word_is_not_dropped_for_what_later_words_say_together(seed):
    """Five small words add up to the first: jointly none is certain, and the best of all must not be the one to go."""
    parts = 0.5 * np.eye(5, 32)
    whole = parts.sum(axis=0) / np.sqrt(5)
    V = 0.057 * whole + np.array([0.031, 0.008, -0.014, -0.021, 0.049]) @ parts
    D = V + 0.01 * np.random.default_rng(seed).standard_normal((50, 32))
    assert decompose(D, np.vstack([whole, parts]), "finexl", FAST).indices[0] == 0


def test_with_room_for_one_concept_the_word_that_says_most_is_named():
    D, F = mixture_world(odd=0.5)
    assert decompose(D, F, settings=Settings(max_concepts=1)).indices == (2,)


def test_a_pair_half_that_is_redundant_does_not_end_the_search():
    """The candidate it was preferred to is tried next, and what comes after both."""
    rng = np.random.default_rng(0)
    e = np.eye(64)
    F = np.array(
        [
            e[0],
            unit(0.7 * e[0] + 0.714 * e[1]),
            unit(0.45 * e[1] + 0.15 * e[2] + 0.88 * e[40]),
            -0.5 * e[0] + 0.866 * e[2],
            *e[20:30],
        ]
    )
    D = 0.7 * e[0] + 0.9 * e[1] + 0.4 * e[2] + 0.02 * rng.standard_normal((60, 64))
    prior = (1.0, 0.6, *[1.0] * 12)
    assert set(decompose(D, F, settings=Settings(prior=prior)).indices) >= {0, 2}


def test_words_of_subspace_have_weights_beyond_rounding():
    rng = np.random.default_rng(0)
    F = np.linalg.qr(rng.standard_normal((40, 20)))[0].T
    D = np.tile(0.7 * F[2], (10, 1)) + 1e-12 * rng.standard_normal((10, 40))
    found = decompose(D, F, "subspace", replace(FAST, components=20))
    assert (found.weights > 1e-6).all()
    assert (found.low <= found.weights).all()
