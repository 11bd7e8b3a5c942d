"""The effects that the figures in docs/ are measured on: other people's code, fixed in advance, kept apart."""

from __future__ import annotations

import os

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # it would ask the network for a newer version

import numpy as np
import pytest

from finexl.bench import effects_magick, effects_magick_shapes, magick, photos
from finexl.bench.core import named
from finexl.bench.effect import blend, odd, to_bytes, unit
from finexl.bench.effects import (
    BY_NAME,
    EFFECTS,
    LEVEL_EFFECTS,
    LEVEL_EFFECTS_FRESH,
    LEVELS,
    MIXES,
    MIXES_FRESH,
    SEEN_IN_TRAINING,
)
from finexl.errors import FinexlError, MissingProgramError
from finexl.proposers import load_vocabulary
from finexl.types import Concept

LIBRARIES = ("Pillow", "OpenCV", "scikit-image", "albumentations", "pilgram")
SAMPLE = [effect for library in LIBRARIES for effect in [e for e in EFFECTS if e.library == library][::8]]


def installed():
    try:
        return magick.program()
    except MissingProgramError:
        return None


needs_magick = pytest.mark.skipif(not installed(), reason="ImageMagick is not installed")


@pytest.fixture(scope="module")
def photograph():
    return np.rint(photos.load("chelsea.png")[40:168, 100:292] * 255).astype(np.uint8)


@pytest.mark.parametrize("effect", SAMPLE, ids=lambda effect: effect.name)
def test_an_effect_keeps_shape_and_kind_and_can_be_repeated(effect, photograph):
    before = photograph.copy()
    for level in (0.1, 1.0):
        result = effect.apply(photograph, level, np.random.default_rng(0))
        assert (result.shape, result.dtype) == (photograph.shape, np.uint8)
        np.testing.assert_array_equal(result, effect.apply(photograph, level, np.random.default_rng(0)))
        assert (result != photograph).any()
    np.testing.assert_array_equal(photograph, before)


@needs_magick
@pytest.mark.parametrize(
    "effect", [*effects_magick.EFFECTS, *effects_magick_shapes.EFFECTS], ids=lambda effect: effect.name
)
def test_an_effect_of_imagemagick_keeps_shape_and_kind_and_can_be_repeated(effect, photograph):
    part = np.ascontiguousarray(photograph[10:77, 50:141])  # odd sides, not contiguous in the picture
    for level in (0.1, 0.8):
        result = effect.apply(part, level, np.random.default_rng(0))
        assert (result.shape, result.dtype) == (part.shape, np.uint8)
        np.testing.assert_array_equal(result, effect.apply(part, level, np.random.default_rng(0)))
        assert (result != part).any()
    assert np.abs(result.astype(float) - part).mean() > 1


@needs_magick
def test_imagemagick_gives_back_what_it_got_and_says_what_it_refuses(photograph):
    np.testing.assert_array_equal(magick.magick(photograph), photograph)
    np.testing.assert_array_equal(magick.magick(photograph, "-flop"), photograph[:, ::-1])
    np.testing.assert_array_equal(magick.magick(photograph, "-negate"), 255 - photograph)
    with pytest.raises(FinexlError, match=r"refused '.*-no-such-thing"):
        magick.magick(photograph, "-no-such-thing")


def test_without_imagemagick_the_package_to_install_is_named(photograph, monkeypatch):
    monkeypatch.setattr(magick, "PROGRAMS", ("a program that is nowhere",))
    magick.program.cache_clear()
    try:
        with pytest.raises(MissingProgramError, match="apt-get install imagemagick"):
            BY_NAME["ImageMagick paint"].apply(photograph, 0.8, np.random.default_rng(0))
    finally:
        magick.program.cache_clear()


def test_accepted_words_are_words_of_the_vocabulary():
    known = {concept.name for concept in load_vocabulary()}
    for effect in EFFECTS:
        assert effect.accepted, effect.name
        unknown = {word.removeprefix("-") for word in effect.accepted} - known
        assert not unknown, effect.name
    assert {graded.concept for graded in (*LEVEL_EFFECTS, *LEVEL_EFFECTS_FRESH)} <= known
    assert all(graded.concept in graded.effect.accepted for graded in (*LEVEL_EFFECTS, *LEVEL_EFFECTS_FRESH))


def test_less_of_a_word_is_not_more_of_it():
    """The words of a ranking are compared with the accepted ones as `named` writes them."""
    concepts = [Concept(name=name, aspect="colour") for name in ("muted colours", "vivid colours")]
    accepted = BY_NAME["Pillow Color down"].accepted
    words = named([(0, 1), (0, -1), (1, -1), (1, 1)], concepts)
    assert [word in accepted for word in words] == [True, False, True, False]


def test_effects_whose_code_ran_in_training_are_known_by_name():
    assert set(SEEN_IN_TRAINING) <= set(BY_NAME)


def test_what_is_tuned_on_is_not_what_is_reported():
    splits = ("tune", "test", "fresh")
    libraries = {split: {e.library for e in EFFECTS if e.split == split} for split in splits}
    assert libraries == {
        "tune": {"albumentations"},
        "test": {"Pillow", "OpenCV", "scikit-image"},
        "fresh": {"ImageMagick", "pilgram"},
    }
    assert all(part.split == "fresh" for mix in MIXES_FRESH for part in mix.parts)
    assert all(graded.effect.split == "fresh" for graded in LEVEL_EFFECTS_FRESH)
    assert all(part.split == "test" for mix in MIXES for part in mix.parts)
    assert all(graded.effect.split == "test" for graded in LEVEL_EFFECTS)
    assert not set(photos.TRAIN) & set(photos.TEST)


def test_names_are_unique_and_begin_with_the_library():
    assert len(BY_NAME) == len(EFFECTS)
    assert all(effect.name.startswith(effect.library + " ") for effect in EFFECTS)
    assert len({mix.name for mix in (*MIXES, *MIXES_FRESH)}) == len(MIXES) + len(MIXES_FRESH)


def test_a_mix_is_its_parts_one_after_another(photograph):
    mix = next(mix for mix in MIXES if "rotate" in mix.name)
    rng, again = np.random.default_rng(1), np.random.default_rng(1)
    by_hand = photograph
    for part in mix.parts:
        by_hand = part.apply(by_hand, 0.7, again)
    np.testing.assert_array_equal(mix.apply(photograph, 0.7, rng), by_hand)
    assert mix.truth == tuple(part.accepted for part in mix.parts)
    assert mix.name == " + ".join(part.name for part in mix.parts)


def test_levels_rise():
    assert list(LEVELS) == sorted(LEVELS)
    assert 0 < LEVELS[0] < LEVELS[-1] <= 1


def test_helpers():
    picture = np.array([[[0, 100, 200]]], np.uint8)
    np.testing.assert_array_equal(blend(picture, 255 - picture, 0.0), picture)
    np.testing.assert_array_equal(blend(picture, 255 - picture, 1.0), 255 - picture)
    np.testing.assert_array_equal(blend(picture, np.array([[50]]), 0.5), [[[25, 75, 125]]])
    np.testing.assert_array_equal(to_bytes([-3.0, 0.6, 999]), [0, 1, 255])
    assert [odd(length) for length in (0, 3, 3.9, 4.1, 7)] == [3, 3, 3, 5, 7]
    assert unit(np.zeros((512, 900, 3))) == 2.0


def test_crops_are_the_same_for_a_seed():
    one, again, other = (
        list(photos.crops(photos.TEST, 6, 64, np.random.default_rng(seed))) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    for crop in one:
        assert (crop.shape, crop.dtype) == ((64, 64, 3), np.float32)
        assert 0 <= crop.min() <= crop.max() <= 1


@pytest.mark.parametrize("name", sorted({*photos.TRAIN, *photos.TEST}))
def test_every_photograph_is_there(name):
    picture = photos.load(name)
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert min(picture.shape[:2]) >= 150
