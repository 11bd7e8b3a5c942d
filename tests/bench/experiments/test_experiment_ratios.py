"""Ratios: a quick run, recovered shares by hand, and what blind guesses come to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finexl.bench.effects import BY_NAME, MIXES, SEEN_IN_TRAINING, Mix
from finexl.bench.experiment import Setting
from finexl.bench.experiments import ratios
from finexl.bench.experiments.ratios import (
    FOURS,
    Blend,
    aspect_weight,
    blends,
    equal_share_error,
    random_share_error,
    recovered_shares,
    share_error,
)
from finexl.bench.grounds import NAIVE_SHORT, OURS, QUICK_RIVALS, SHORT_LIST, SIMULATED, VOCABULARY

DIM_AND_PALE = Mix((BY_NAME["Pillow Color down"], BY_NAME["Pillow Brightness down"]))


def test_a_quick_run_and_its_resumption(quick, small, lines):
    report, rows = quick(ratios)
    seen = small.prepared
    methods = {VOCABULARY: [*QUICK_RIVALS, *SIMULATED], SHORT_LIST: [*QUICK_RIVALS, NAIVE_SHORT]}
    assert len(rows) == (2 + 3) * sum(
        len(names) for names in methods.values()
    )  # two parts alone, three ratios
    for candidates, names in methods.items():
        table = lines(report, f"Error of the recovered shares, {candidates}")
        assert list(table) == ["equal shares", "random shares", *names]
    again, same = quick(ratios)
    assert small.prepared == seen
    assert (again, same) == (report, rows)


def test_ratios_are_recovered_where_the_encoder_sees_both_parts(quick, monkeypatch, lines):
    chosen = [Blend(DIM_AND_PALE, shares) for shares in ((0.2, 0.8), (0.5, 0.5), (0.8, 0.2))]
    monkeypatch.setattr(ratios, "blends", lambda quick: chosen)
    report, _ = quick(ratios)
    table = lines(report, f"Error of the recovered shares, {VOCABULARY}")
    assert float(table[OURS][0].split()[0]) < 0.1 < float(table["equal shares"][0]) == 0.2
    assert table[OURS][-1] == "0 of 2"


def test_perfect_weights_have_no_error():
    shares, alone = np.array([0.2, 0.3, 0.5]), np.array([4.0, 0.1, 2.0])
    found = recovered_shares((shares * 1.5 * alone).tolist(), alone.tolist())
    np.testing.assert_allclose(found, shares)
    assert share_error(found, shares) == pytest.approx(0, abs=1e-12)


def test_aspects_without_weight():
    np.testing.assert_allclose(recovered_shares([0.3, 0.0], [1.0, 1.0]), [1, 0])
    np.testing.assert_allclose(recovered_shares([0.3, 0.2], [1.0, 0.0]), [1, 0])  # not seen even alone
    np.testing.assert_allclose(recovered_shares([0.3, -0.2], [1.0, -1.0]), [1, 0])
    np.testing.assert_allclose(recovered_shares([0.0, 0.0], [1.0, 1.0]), [0, 0])
    assert share_error([0, 0], [0.3, 0.7]) == 0.5  # 1 / parts
    assert share_error([0, 0, 0], [0.1, 0.2, 0.7]) == pytest.approx(1 / 3)


@given(st.lists(st.floats(0, 5), min_size=2, max_size=4))
def test_shares_sum_to_one_or_to_nothing(weights):
    total = recovered_shares(weights, [1.0] * len(weights)).sum()
    assert total == pytest.approx(1) or (total == 0 and not any(weights))


@pytest.mark.parametrize("shares", [(0.2, 0.8), (0.25, 0.25, 0.5), (0.1, 0.2, 0.3, 0.4), (1.0, 0.0, 0.0)])
def test_random_shares_against_many_draws(shares):
    draws = np.random.default_rng(0).dirichlet([1.0] * len(shares), 200_000)
    assert random_share_error(shares) == pytest.approx(np.abs(draws - shares).mean(), rel=0.01)


def test_equal_shares():
    assert equal_share_error([0.5, 0.5]) == 0
    assert equal_share_error([0.2, 0.8]) == pytest.approx(0.3)


def test_the_weight_of_an_aspect_is_that_of_all_its_words():
    words = ["bright", "dark", "sepia"]
    assert aspect_weight(np.array([-0.2, 0.5, 0.9]), words, ("dark", "-bright")) == pytest.approx(0.7)
    assert aspect_weight(np.array([0.2, 0.1, 0.9]), words, ("dark", "-bright")) == pytest.approx(-0.1)


def test_a_blend_applies_each_part_at_its_own_level():
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    blend = Blend(DIM_AND_PALE, (0.2, 0.8))
    assert blend.levels == (0.2, 0.8)
    rng = np.random.default_rng(0)
    pale = BY_NAME["Pillow Color down"].apply(picture, 0.2, rng)
    expected = BY_NAME["Pillow Brightness down"].apply(pale, 0.8, rng)
    np.testing.assert_array_equal(blend.apply(picture, 1.0, np.random.default_rng(0)), expected)


def test_the_blends_are_fair():
    """Levels are on the scale, no word is right for two parts, and no code of training is among them."""
    chosen = blends(quick=False)
    assert {len(blend.mix.parts) for blend in chosen} == {2, 3, 4}
    assert len({(blend.mix.name, blend.levels) for blend in chosen}) == len(chosen)
    for blend in chosen:
        assert sum(blend.shares) == pytest.approx(1)
        assert max(blend.levels) <= 1
        assert np.mean(blend.levels) == pytest.approx(0.5, abs=1e-5)
        words = [
            word.removeprefix("-")
            for part in blend.mix.parts
            for word in {w.removeprefix("-") for w in part.accepted}
        ]
        assert len(words) == len(set(words))
        assert not {part.name for part in blend.mix.parts} & set(SEEN_IN_TRAINING)
    assert len({blend.mix.name for blend in chosen}) == len(MIXES) - 2 + len(FOURS)


def test_figures_by_hand(lines):
    def rows(method, weights):
        return [
            {"alone": "a", "candidates": VOCABULARY, "method": method, "weight": 1.0},
            {"alone": "b", "candidates": VOCABULARY, "method": method, "weight": 2.0},
            {"mix": "a + b", "parts": ["a", "b"], "levels": [0.2, 0.8], "shares": [0.2, 0.8], "candidates": VOCABULARY, "method": method,
             "weights": weights, "pairs": 40},
        ]  # fmt: skip

    report = ratios.report([*rows("cosine", [0.5, 1.0]), *rows(OURS, [0.1, 0.6])])
    table = lines(report, "Error of the recovered shares")
    assert table["cosine"][0].startswith("0.300")
    assert table[OURS][0].startswith("0.050")  # 0.1 : 0.3 is a quarter
    assert table["equal shares"][:2] == ["0.300", "0.300"]
    assert table["random shares"][0] == f"{random_share_error([0.2, 0.8]):.3f}"
    assert "0.17 [0.17, 0.17] times the best baseline's" in report.text
    assert "which is reached here" in report.text
    assert lines(report, "Every mix")["a + b"] == ["0.20 0.80", "0.25 0.75", "0.050", "-", "0.300 (cosine)"]


def test_every_part_and_every_blend_has_a_cell():
    cells = ratios.cells(Setting())
    chosen = blends(quick=False)
    parts = {part.name for blend in chosen for part in blend.mix.parts}
    assert len({cell.key for cell in cells}) == len(cells) == len(chosen) + len(parts)
