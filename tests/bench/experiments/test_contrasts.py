"""Ours against another: the arithmetic of differences, ratios and the permutation test."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from finexl.bench.contrasts import against, best, by_method, difference, permutation_p, ratio


def test_a_paired_difference_is_narrower_than_its_parts():
    rng = np.random.default_rng(0)
    hard = rng.standard_normal(60)
    mean, low, high = difference(hard + 0.3 + 0.05 * rng.standard_normal(60), hard)
    assert mean == pytest.approx(0.3, abs=0.02)
    assert 0.27 < low < high < 0.33


def test_ratio_of_means():
    assert ratio([1, 1, 1], [2, 2, 2]) == (0.5, 0.5, 0.5)
    value, low, high = ratio([1.0, 0.0, 2.0, 1.0], [2.0, 1.0, 2.0, 3.0])
    assert value == 0.5
    assert low < 0.5 < high
    assert all(np.isnan(ratio([1.0], [0.0])))
    assert all(np.isnan(ratio([], [])))


def test_permutation_against_all_of_them():
    ours, theirs = np.array([0.9, 0.6, 0.8, 0.3, 0.7]), np.array([0.5, 0.4, 0.9, 0.1, 0.2])
    apart = ours - theirs
    sums = [abs(np.dot(signs, apart)) for signs in product((1, -1), repeat=5)]
    assert permutation_p(ours, theirs) == pytest.approx(np.mean(np.array(sums) >= abs(apart.sum()) - 1e-12))
    assert permutation_p(ours, ours) == 1
    assert permutation_p(np.ones(26), np.zeros(26)) == pytest.approx(1e-4)


def test_rows_by_method_and_the_best_of_them():
    rows = [{"method": m, "hit": h} for h, m in product((True, False), ("a", "b"))] + [
        {"method": "c", "hit": 1}
    ]
    figures = by_method(rows, "hit")
    assert figures == {"a": [1.0, 0.0], "b": [1.0, 0.0], "c": [1.0]}
    assert best(figures, ["a", "b"]) == "a"
    assert best(figures, ["a", "b", "c"]) == "c"
    assert best(figures, ["a", "b", "c"], largest=False) == "a"


def test_ours_is_not_told_against_itself():
    values = [1.0, 0.0]
    assert against(values, values) == "-"
    assert against(values, [0.0, 0.0]) == "0.50 [0.00, 1.00]"
