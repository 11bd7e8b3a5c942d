"""Noise of sensors and scans: in tone and in colour, at several scales and by several laws."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import from_hsv, luma, mix, side, to_hsv
from finexl.lab.operators._spaces import from_lab, from_linear, to_lab, to_linear
from finexl.lab.operators._strokes import Array, Rng, grain, gray, soft, white


def uniform(shape: tuple[int, ...], rng: Rng) -> Array:
    """Even noise of mean 0 and deviation 1."""
    return (rng.random(shape, dtype=np.float32) - np.float32(0.5)) * np.float32(12**0.5)


@operator("film grain")
def lightness_grain(image: Array, level: float, rng: Rng) -> Array:
    lab = to_lab(image)
    lab[..., 0] += level * rng.uniform(9, 18) * grain(image.shape[:2], rng.uniform(0, 1.2), rng)
    return from_lab(lab)


@operator("film grain")
def even_law_grain(image: Array, level: float, rng: Rng) -> Array:
    return image + level * rng.uniform(0.1, 0.2) * uniform((*image.shape[:2], 1), rng)


@operator("film grain")
def overlaid_grain(image: Array, level: float, rng: Rng) -> Array:
    """A gray picture of noise, averaged with the picture or overlaid on it."""
    noise = 0.5 + rng.uniform(0.2, 0.4) * grain(image.shape[:2], rng.uniform(0, 0.8), rng)[..., None]
    if rng.random() < 0.5:
        return mix(image, noise, level * rng.uniform(0.35, 0.6))
    laid = np.where(image < 0.5, 2 * image * noise, 1 - 2 * (1 - image) * (1 - noise))
    return mix(image, laid, level)


@operator("film grain")
def photon_grain(image: Array, level: float, rng: Rng) -> Array:
    """Counting noise of the tone: its deviation grows with the root of the light."""
    tone = to_linear(gray(image)[..., None])
    count = tone + level * rng.uniform(0.06, 0.14) * np.sqrt(tone + 0.01) * white(tone.shape, rng)
    return image + from_linear(np.clip(count, 0, 1)) - from_linear(tone)


@operator("colour noise")
def sensor_noise(image: Array, level: float, rng: Rng) -> Array:
    """As of a camera at high sensitivity: hue and saturation waver, the tone less or more."""
    shape = image.shape[:2]
    hsv, size = to_hsv(image), rng.uniform(0, 0.8)
    hsv[..., 0] += level * rng.uniform(0.03, 0.12) * grain(shape, size, rng)
    hsv[..., 1] = np.clip(hsv[..., 1] + level * rng.uniform(0.0, 0.15) * grain(shape, size, rng), 0, 1)
    tone = level * rng.uniform(0.08, 0.25) * grain(shape, size, rng)[..., None]
    return from_hsv(hsv) + tone * (1 - luma(image) * rng.uniform(0, 0.8))


@operator("colour noise")
def photon_noise(image: Array, level: float, rng: Rng) -> Array:
    """Counting noise in every channel, in linear light or not."""
    linear = rng.random() < 0.5
    light = to_linear(image) if linear else np.clip(image, 0, 1)
    scale = level * rng.uniform(0.1, 0.3)
    noisy = light + scale * np.sqrt(light + 0.004) * white(image.shape, rng)
    return from_linear(noisy) if linear else noisy


@operator("colour noise")
def even_law_noise(image: Array, level: float, rng: Rng) -> Array:
    return image + level * rng.uniform(0.12, 0.25) * uniform(image.shape, rng)


@operator("colour noise")
def lab_chroma_noise(image: Array, level: float, rng: Rng) -> Array:
    lab, size = to_lab(image), side(image) * rng.uniform(0, 0.006)
    noise = grain(image.shape, size, rng) * np.array([rng.uniform(2, 10), 22, 22], np.float32)
    return from_lab(lab + level * rng.uniform(0.6, 1.1) * noise)


@operator("colour noise")
def noise_and_its_removal(image: Array, level: float, rng: Rng) -> Array:
    """Noise that a camera tried to smooth away: coarse coloured spots are left."""
    noise = white(image.shape, rng)
    left = 0.5 * noise + rng.uniform(0.8, 1.6) * soft(noise, rng.uniform(0.8, 1.6))
    return image + level * rng.uniform(0.12, 0.22) * left
