"""The machinery of the figures, with an encoder whose answers are known."""

from __future__ import annotations

import os
from dataclasses import replace

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import numpy as np
import pytest

from finexl import Concept
from finexl.bench import core, photos
from finexl.bench.core import Bench, named, null, rate, reencoded, singles
from finexl.bench.effects import BY_NAME, Mix
from finexl.bench.rankings import RANKINGS, cosine, least_squares, non_negative_least_squares
from finexl.method import Settings
from looks import Looks

WORDS = ("dark", "muted colours", "high contrast", "cool colours", "mosaic", "blurry", "tilted", "framed")


def silent(stage, done, total):
    pass


@pytest.fixture(scope="module")
def bench():
    crops = photos.crops(photos.TEST, 24, 64, np.random.default_rng(0))
    grounds = [np.rint(crop * 255).astype(np.uint8) for crop in crops]
    return Bench(Looks(), [Concept(name=word, aspect="any") for word in WORDS], grounds)


def test_named():
    concepts = [Concept(name=name, aspect="any") for name in "abc"]
    assert named([(2, 1), (0, -1)], concepts) == ["c", "-a"]
    assert named([], concepts) == []


def test_rate_is_the_mean_within_its_interval():
    rows = [{"method": "x", "first": i % 4 == 0} for i in range(100)]
    rows += [{"method": "y", "first": True} for _ in range(10)]
    mean, low, high = rate(rows, "x", "first")
    assert mean == 0.25
    assert low < 0.25 < high
    half = 1.96 * np.sqrt(0.25 * 0.75 / 100)  # the normal approximation of the same interval
    assert (high - low) / 2 == pytest.approx(half, rel=0.15)
    assert rate(rows, "x", "first") == (mean, low, high)
    assert rate(rows, "y", "first") == (1.0, 1.0, 1.0)


def test_single_changes_end_to_end(bench):
    effects = [
        BY_NAME[name] for name in ("Pillow Color down", "Pillow Brightness down", "Pillow Contrast up")
    ]
    calls = []
    rows = singles(bench, effects, lambda *call: calls.append(call))
    assert len(rows) == len(effects) * len(RANKINGS)
    assert calls[-1] == ("single changes", 3, 3)
    ours = {row["change"]: row for row in rows if row["method"] == "finexl"}
    assert ours["Pillow Color down"]["words"][0] == "muted colours"
    assert ours["Pillow Brightness down"]["words"][0] == "dark"
    assert rate(rows, "finexl", "first")[0] >= 2 / 3
    for row in rows:
        right = [word in row["accepted"] for word in row["words"]]
        assert (row["first"], row["three"]) == (any(right[:1]), any(right[:3]))
    assert rows == singles(bench, effects, silent)


def test_a_right_word_in_second_place_counts_for_three_but_not_for_one(bench):
    both = Mix((BY_NAME["Pillow Color down"], BY_NAME["Pillow Brightness down"]))
    effect = replace(BY_NAME["Pillow Color down"], apply=both.apply)
    rows = singles(bench, [effect], silent)
    words = next(row["words"] for row in rows if row["method"] == "finexl")
    assert set(words[:2]) == {"muted colours", "dark"}
    again = singles(bench, [replace(effect, accepted=(words[1],))], silent)
    row = next(row for row in again if row["method"] == "finexl")
    assert (row["first"], row["three"]) == (False, True)


def test_mixes_count_the_parts_that_were_found(bench):
    parts = BY_NAME["Pillow Color down"], BY_NAME["Pillow Brightness down"], BY_NAME["Pillow rotate"]
    rows = core.mixes(bench, [Mix(parts)], silent)
    ours = next(row for row in rows if row["method"] == "finexl")
    assert ours["found"] == [True, True, False]  # this encoder does not see turning
    assert ours["parts"] == pytest.approx(2 / 3)


def test_differences_of_the_first_few(bench):
    effect = BY_NAME["Pillow Brightness down"]
    D = bench.differences(effect, 0.5)
    assert D.shape == (24, Looks.dimensions)
    np.testing.assert_allclose(bench.differences(effect, 0.5, 5), D[:5], atol=1e-7)


def test_nothing_is_found_where_there_is_nothing(bench):
    rates = null(bench, 20, 10, 0, silent)
    assert set(rates) == {"re-encoded", "halves", "halves, p below 1 - confidence"}
    assert rates["halves"] <= 0.2
    assert rates == null(bench, 20, 10, 0, silent)


def test_reencoded_pictures_look_the_same():
    picture = np.rint(photos.load("coffee.png")[:128, :128] * 255).astype(np.uint8)
    for k in range(8):
        again = reencoded(picture, k)
        assert (again.shape, again.dtype) == (picture.shape, np.uint8)
        assert np.abs(again.astype(int) - picture).mean() < 8
        assert (k % 4 == 0) == np.array_equal(again, picture)


@pytest.mark.parametrize("name", sorted(RANKINGS))
def test_every_ranking_takes_the_same_arrays(name):
    rng = np.random.default_rng(0)
    F = np.linalg.qr(rng.standard_normal((24, 6)))[0].T
    D = 0.9 * F[2] + 0.05 * rng.standard_normal((40, 24))
    ranking = RANKINGS[name](D, F, Settings())
    assert ranking[0] == (2, 1)
    assert len({index for index, _ in ranking}) == len(ranking)
    assert all(sign in (-1, 1) for _, sign in ranking)


def test_rivals_against_formulas():
    rng = np.random.default_rng(2)
    F, D = rng.standard_normal((5, 12)), rng.standard_normal((9, 12))
    V = D.mean(0)
    by_cosine = sorted(range(5), key=lambda i: -abs(F[i] @ V / np.linalg.norm(F[i])))
    assert [i for i, _ in cosine(D, F, Settings())] == by_cosine
    weights = np.linalg.solve(F @ F.T, F @ V)
    assert least_squares(D, F, Settings()) == [
        (int(i), int(np.sign(weights[i]))) for i in np.argsort(-abs(weights))
    ]
    assert all(sign == 1 for _, sign in non_negative_least_squares(D, F, Settings()))
