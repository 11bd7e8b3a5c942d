"""The machinery of the figures, with an encoder whose answers are known."""

from __future__ import annotations

import os

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import numpy as np
import pytest

from finexl import Concept
from finexl.bench import photos
from finexl.bench.core import Bench, named, null, rate, reencoded
from finexl.bench.effects import BY_NAME
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
