"""Every operator keeps its promises, and the set of them covers what training relies on."""

from __future__ import annotations

import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from finexl.lab.operators import Operator, apply, operator, operators
from finexl.lab.scenes import render
from finexl.proposers import load_vocabulary

OPERATORS = operators()
LIST = Path(__file__).parents[2] / "training" / "concepts_with_operators.txt"
# These move pixels, so that a little of them already changes a detailed picture's every pixel.
MOVING = {"geometry", "composition"}
ASPECTS = {concept.name: concept.aspect for concept in load_vocabulary()}


@pytest.fixture(scope="module")
def pictures():
    """A square scene, one of 48 x 150 and one of 150 x 48."""
    square = render(np.random.default_rng(3), 96)[0]
    large = render(np.random.default_rng(8), 150)[0]
    wide = np.ascontiguousarray(large[50:98])
    for picture in (square, wide):
        picture.flags.writeable = False
    tall = np.ascontiguousarray(wide.swapaxes(0, 1))
    return square, wide, tall


def changed(op, image, level, seed=0):
    return apply(op, image, level, np.random.default_rng([seed, zlib.crc32(op.name.encode())]))


def listed():
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" : ") for line in lines if line.strip() and not line.startswith("#"))


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.name)
def test_operator(op, pictures):
    square, wide, tall = pictures
    assert changed(op, square, 0.0) is square
    for image, level in ((square, 0.02), (square, 0.5), (square, 1.0), (wide, 1.0), (wide, 0.3), (tall, 0.7)):
        result = changed(op, image, level)
        assert result.shape == image.shape
        assert result.dtype == np.float32
        assert np.isfinite(result).all()
        assert result.min() >= 0
        assert result.max() <= 1
    strong = changed(op, square, 1.0)
    np.testing.assert_array_equal(strong, changed(op, square, 1.0))
    assert np.abs(strong - square).mean() > 0.003, "at full strength nothing is seen"
    if ASPECTS[op.concept] not in MOVING:
        a_little = np.abs(changed(op, square, 0.02) - square).mean()
        assert a_little < 0.04, "a little of it is much"
        assert a_little < np.abs(strong - square).mean()


@pytest.mark.parametrize(("left", "right"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (0.0, 1.0)])
def test_flat_pictures_make_no_operator_fail(left, right):
    flat = np.full((48, 64, 3), left, np.float32)
    flat[:, 32:] = right
    for op in OPERATORS:
        result = changed(op, flat, 0.8)
        assert result.shape == flat.shape, op.name
        assert np.isfinite(result).all(), op.name


def test_the_list_that_training_reads_is_the_list_of_what_there_is():
    counts = Counter(op.concept for op in OPERATORS)
    assert set(listed()) == set(counts)
    assert all(count >= 2 for count in counts.values()), [c for c, n in counts.items() if n < 2]
    assert {concept: ASPECTS[concept] for concept in counts} == listed()


def test_there_are_enough_of_them():
    assert len(OPERATORS) >= 60
    assert len({ASPECTS[op.concept] for op in OPERATORS}) >= 10


def test_names_are_unique_and_sorted():
    names = [op.name for op in OPERATORS]
    assert names == sorted(set(names))
    assert all(op.name == f"{op.concept}/{op.function.__name__}" for op in OPERATORS)


def test_one_name_twice_is_refused():
    existing = OPERATORS[0]
    with pytest.raises(ValueError, match="registered twice"):
        operator(existing.concept)(existing.function)


def test_results_are_clipped():
    bright = Operator("x/y", "x", lambda image, level, rng: image * 1e3 - 10)
    result = apply(bright, np.linspace(0, 1, 48 * 48 * 3, dtype=np.float32).reshape(48, 48, 3), 1.0, None)
    assert (result.min(), result.max()) == (0, 1)
