"""The perceptual distance: a colour space and a pyramid that others agree with, and what it calls far."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from finexl.bench import photos
from finexl.bench.perceptual import distance, features, halved, lab, pairwise


@pytest.fixture(scope="module")
def picture():
    return np.rint(photos.load("coffee.png")[:96, :128] * 255).astype(np.uint8)


def test_cielab_as_scikit_image_has_it(picture):
    from skimage.color import rgb2lab

    np.testing.assert_allclose(lab(picture), rgb2lab(picture), atol=0.02)


def test_black_and_white_are_a_hundred_apart():
    black, white = (np.full((64, 64, 3), value, np.uint8) for value in (0, 255))
    assert distance(black, white) == pytest.approx(100 / 3, abs=0.01)  # of three channels one differs


def test_halving_as_scipy_would_in_one_step(picture):
    from scipy.ndimage import convolve

    row = np.array([1, 4, 6, 4, 1]) / 16
    kernel = np.outer(row, row)[..., None]
    expected = convolve(lab(picture).astype(float), kernel, mode="mirror")[::2, ::2]
    np.testing.assert_allclose(halved(lab(picture)), expected, atol=1e-3)


def test_every_scale_counts_alike(picture):
    assert features(np.full((64, 64, 3), 255, np.uint8)).sum() == pytest.approx(100 / 3, abs=0.01)
    assert len(features(picture)) == 3 * (96 * 128 + 48 * 64 + 24 * 32)
    assert len(features(picture[:20, :20])) == 3 * 400  # too small to be halved


def test_distance_is_a_distance(picture):
    others = [picture, picture[:, ::-1], np.rot90(picture, 2), np.asarray(255 - picture)]
    found = pairwise(others)
    assert found.shape == (6,)
    assert found[0] == pytest.approx(distance(others[1], others[0]), rel=1e-5)
    assert distance(picture, picture) == 0
    assert distance(others[0], others[2]) <= distance(others[0], others[1]) + distance(others[1], others[2])


def test_more_of_a_change_is_further_away(picture):
    image = Image.fromarray(picture)
    blurred = [
        distance(picture, np.asarray(image.filter(ImageFilter.GaussianBlur(r)))) for r in (0.5, 1, 2, 4)
    ]
    darker = [distance(picture, (picture * part).astype(np.uint8)) for part in (0.9, 0.7, 0.4)]
    assert blurred == sorted(blurred)
    assert darker == sorted(darker)


def test_colour_is_seen_on_all_scales_and_noise_on_fine_ones():
    """Every value moves by 20 on average, by noise here and by a tint there: the tint is further away."""
    gray = np.full((128, 128, 3), 128, np.uint8)
    noisy = (gray + np.random.default_rng(0).choice([-20, 20], gray.shape)).astype(np.uint8)
    tinted = (gray + np.array([30, 0, -30])).astype(np.uint8)
    assert distance(gray, tinted) > 1.5 * distance(gray, noisy)
