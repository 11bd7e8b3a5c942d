"""Effects of scikit-image."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import numpy as np

from finexl.bench.effect import Effect, Pixels, blend, registrar, to_bytes, unit

EFFECTS: list[Effect] = []
effect = registrar(EFFECTS, "scikit-image", "test")
Rng = np.random.Generator


def _sk(name: str) -> Any:
    return import_module("skimage." + name)


def _floats(image: Pixels) -> Any:
    return image.astype(np.float64) / 255


def _done(picture: Any) -> Pixels:
    return to_bytes(np.asarray(picture) * 255)


# --- exposure ---


@effect("adjust_gamma dark", "dark", "-bright", "underexposed", "-overexposed", "deep shadows")
def gamma_dark(image: Pixels, level: float, rng: Rng) -> Pixels:
    adjust_gamma = _sk("exposure").adjust_gamma
    return np.asarray(adjust_gamma(image, 1 + 1.6 * level))


@effect("adjust_gamma bright", "bright", "-dark", "overexposed", "-underexposed", "open shadows")
def gamma_bright(image: Pixels, level: float, rng: Rng) -> Pixels:
    adjust_gamma = _sk("exposure").adjust_gamma
    return np.asarray(adjust_gamma(image, 1 - 0.6 * level))


@effect("adjust_sigmoid", "high contrast", "-low contrast")
def sigmoid(image: Pixels, level: float, rng: Rng) -> Pixels:
    adjust_sigmoid = _sk("exposure").adjust_sigmoid
    return np.asarray(adjust_sigmoid(image, cutoff=0.45, gain=4 + 8 * level))


@effect("equalize_adapthist", "HDR look", "high contrast", "clarity boosted", "open shadows")
def adapthist(image: Pixels, level: float, rng: Rng) -> Pixels:
    equalize_adapthist = _sk("exposure").equalize_adapthist
    return _done(equalize_adapthist(image, clip_limit=0.05 * level))


@effect("rescale_intensity", "faded", "low contrast", "-high contrast", "matte finish")
def rescale(image: Pixels, level: float, rng: Rng) -> Pixels:
    rescale_intensity = _sk("exposure").rescale_intensity
    limits = (100 * level, 255 - 55 * level)
    return to_bytes(rescale_intensity(image.astype(np.float64), in_range=(0, 255), out_range=limits))


# --- util ---


def _noise(image: Pixels, rng: Rng, **settings: Any) -> Pixels:
    random_noise = _sk("util").random_noise
    return _done(random_noise(_floats(image), rng=rng, **settings))


@effect("random_noise gaussian", "colour noise", "film grain", "-clean digital look")
def gaussian_noise(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _noise(image, rng, mode="gaussian", var=(0.2 * level) ** 2)


@effect("random_noise s&p", "colour noise", "speckled", "film grain", "-clean digital look")
def salt_and_pepper(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _noise(image, rng, mode="s&p", amount=0.12 * level)


@effect("random_noise speckle", "colour noise", "film grain", "-clean digital look")
def speckle(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _noise(image, rng, mode="speckle", var=(0.45 * level) ** 2)


# --- color ---


@effect("rgb2gray", "black and white", "monochromatic", "muted colours", "-vivid colours")
def rgb2gray(image: Pixels, level: float, rng: Rng) -> Pixels:
    rgb2gray = _sk("color").rgb2gray
    return blend(image, rgb2gray(image) * 255, level)


@effect("rgb2hsv hue", "shifted hues")
def hue_shift(image: Pixels, level: float, rng: Rng) -> Pixels:
    hsv2rgb = _sk("color").hsv2rgb
    rgb2hsv = _sk("color").rgb2hsv
    hsv = rgb2hsv(image)
    hsv[..., 0] = (hsv[..., 0] + 0.5 * level) % 1
    return _done(hsv2rgb(hsv))


def _lab_tint(name: str, a: float, b: float, *accepted: str) -> None:
    @effect(f"rgb2lab {name}", *accepted)
    def apply(image: Pixels, level: float, rng: Rng) -> Pixels:
        lab2rgb = _sk("color").lab2rgb
        rgb2lab = _sk("color").rgb2lab
        lab = rgb2lab(image) + np.array([0, a * level, b * level])
        with warnings.catch_warnings():  # it warns of colours outside sRGB, which are clipped
            warnings.simplefilter("ignore", UserWarning)
            return _done(lab2rgb(lab))


_lab_tint("yellow", 0, 40, "yellow tint", "warm colours", "-cool colours")
_lab_tint("blue", 5, -40, "blue tint", "cool colours", "-warm colours", "purple tint")
_lab_tint("pink", 38, 0, "pink tint", "red tint", "purple tint")
_lab_tint("teal", -30, -14, "teal tint", "cool colours", "-warm colours", "green tint")


# --- segmentation ---


@effect("slic average", "low poly", "mosaic", "simplified shapes", "flat colours", "stained glass")
def slic_average(image: Pixels, level: float, rng: Rng) -> Pixels:
    label2rgb = _sk("color").label2rgb
    slic = _sk("segmentation").slic
    labels = slic(image, n_segments=round(1500 * 0.1**level), compactness=12, start_label=1)
    return to_bytes(label2rgb(labels, image, kind="avg", bg_label=0))


@effect("mark_boundaries", "stained glass", "cracked", "mosaic", "outlined")
def boundaries(image: Pixels, level: float, rng: Rng) -> Pixels:
    label2rgb = _sk("color").label2rgb
    mark_boundaries = _sk("segmentation").mark_boundaries
    slic = _sk("segmentation").slic
    labels = slic(image, n_segments=180, compactness=12, start_label=1)
    panes = to_bytes(label2rgb(labels, image, kind="avg", bg_label=0))
    return blend(image, mark_boundaries(panes, labels, color=(0, 0, 0), mode="thick") * 255, level)


@effect("felzenszwalb average", "simplified shapes", "flat colours", "paper cutout", "vector illustration")
def felzenszwalb_average(image: Pixels, level: float, rng: Rng) -> Pixels:
    label2rgb = _sk("color").label2rgb
    felzenszwalb = _sk("segmentation").felzenszwalb
    labels = felzenszwalb(image, scale=20 + 180 * level, sigma=0.6, min_size=round(10 + 40 * level)) + 1
    return to_bytes(label2rgb(labels, image, kind="avg", bg_label=0))


# --- restoration and filters ---


@effect("denoise_tv_chambolle", "smooth", "-rough", "airbrushed", "watercolour")
def total_variation(image: Pixels, level: float, rng: Rng) -> Pixels:
    denoise_tv_chambolle = _sk("restoration").denoise_tv_chambolle
    return _done(denoise_tv_chambolle(_floats(image), weight=0.3 * level, channel_axis=-1, max_num_iter=60))


@effect("unsharp_mask", "sharp", "-blurry", "oversharpened", "clarity boosted")
def unsharp(image: Pixels, level: float, rng: Rng) -> Pixels:
    unsharp_mask = _sk("filters").unsharp_mask
    # channel_axis=-1 leaves all but three rows of the result unset in scikit-image 0.26; 2 does not.
    return _done(unsharp_mask(_floats(image), radius=2 * unit(image), amount=3.5 * level, channel_axis=2))


@effect("sobel", "glowing edges", "white outlines", "line art")
def sobel(image: Pixels, level: float, rng: Rng) -> Pixels:
    rgb2gray = _sk("color").rgb2gray
    sobel = _sk("filters").sobel
    return blend(image, np.minimum(sobel(rgb2gray(image)) * 4, 1) * 255, level)


@effect("threshold_otsu", "stark black and white", "black and white", "high contrast", "stencil art")
def otsu(image: Pixels, level: float, rng: Rng) -> Pixels:
    rgb2gray = _sk("color").rgb2gray
    threshold_otsu = _sk("filters").threshold_otsu
    gray = rgb2gray(image)
    return blend(image, (gray > threshold_otsu(gray)) * 255.0, level)


@effect("window vignette", "vignette", "spotlit", "bright centre")
def window_vignette(image: Pixels, level: float, rng: Rng) -> Pixels:
    window = _sk("filters").window
    # The window is made larger than the picture, so that corners are dark but not black.
    height, width = image.shape[:2]
    y, x = height // 8, width // 8
    shade = window("hann", (height + 2 * y, width + 2 * x))[y : y + height, x : x + width, None]
    return blend(image, image * np.sqrt(np.clip(shade, 0, 1)), level)


# --- transform ---


@effect("swirl", "swirled", "warped space", "swirling patterns")
def swirl(image: Pixels, level: float, rng: Rng) -> Pixels:
    swirl = _sk("transform").swirl
    return _done(swirl(_floats(image), strength=6 * level, radius=0.8 * min(image.shape[:2]), mode="reflect"))


@effect("warp wave", "wavy", "curved lines")
def wave(image: Pixels, level: float, rng: Rng) -> Pixels:
    warp = _sk("transform").warp
    phase, height, size = rng.uniform(0, 2 * np.pi), 9 * level * unit(image), min(image.shape[:2])

    def ripple(points: Any) -> Any:
        shift = height * np.sin(points[:, 1] / size * 2 * np.pi * 5 + phase)
        return points + np.stack([shift, np.zeros_like(shift)], 1)

    return _done(warp(_floats(image), ripple, mode="reflect"))


@effect("AffineTransform shear", "sheared", "tilted")
def shear(image: Pixels, level: float, rng: Rng) -> Pixels:
    AffineTransform = _sk("transform").AffineTransform
    warp = _sk("transform").warp
    slope, centre = np.tan(0.5 * level) * (1 if rng.random() < 0.5 else -1), image.shape[0] / 2
    inverse = AffineTransform(matrix=np.array([[1, slope, -slope * centre], [0, 1, 0], [0, 0, 1.0]]))
    return _done(warp(_floats(image), inverse, mode="constant"))
