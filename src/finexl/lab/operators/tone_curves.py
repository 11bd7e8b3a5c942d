"""Light and tone by other curves: exposure in linear light, Lab lightness, levels, histograms, fog."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter, minimum_filter

from finexl.lab.operators import Image, operator
from finexl.lab.operators._pixels import (
    blur,
    coordinates,
    from_hsv,
    luma,
    mix,
    resize,
    side,
    smooth_noise,
    to_hsv,
)
from finexl.lab.operators._spaces import from_lab, from_linear, to_lab, to_linear

Rng = np.random.Generator


def with_lightness(image: Image, curve: Image) -> Image:
    """`image` with the Lab lightness (H, W) in [0, 100] replaced."""
    lab = to_lab(image)
    lab[..., 0] = np.clip(curve, 0, 100)
    return from_lab(lab)


@operator("bright")
def exposure_up(image: Image, level: float, rng: Rng) -> Image:
    return from_linear(to_linear(image) * 2 ** (level * rng.uniform(1.0, 1.8)))


@operator("bright")
def lightness_up(image: Image, level: float, rng: Rng) -> Image:
    lightness = to_lab(image)[..., 0]
    return with_lightness(image, lightness + level * rng.uniform(20, 32))


@operator("bright")
def white_point_lowered(image: Image, level: float, rng: Rng) -> Image:
    return image / (1 - level * rng.uniform(0.35, 0.5))


@operator("bright")
def value_up(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    hsv[..., 2] = np.clip(hsv[..., 2] + level * rng.uniform(0.25, 0.4), 0, 1)
    return from_hsv(hsv)


@operator("dark")
def exposure_down(image: Image, level: float, rng: Rng) -> Image:
    return from_linear(to_linear(image) * 2 ** (-level * rng.uniform(1.8, 3.0)))


@operator("dark")
def lightness_down(image: Image, level: float, rng: Rng) -> Image:
    lightness = to_lab(image)[..., 0]
    shift = level * rng.uniform(24, 38)
    return with_lightness(image, lightness - shift if rng.random() < 0.5 else lightness * (1 - shift / 60))


@operator("dark")
def gamma_down(image: Image, level: float, rng: Rng) -> Image:
    x = np.clip(image, 0, 1)
    return x ** (1 + level * rng.uniform(1.0, 2.0)) * (1 - level * rng.uniform(0, 0.2))


@operator("dark")
def value_down(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    hsv[..., 2] = np.clip(hsv[..., 2] - level * rng.uniform(0.28, 0.42), 0, 1)
    return from_hsv(hsv)


@operator("high contrast")
def lightness_stretched(image: Image, level: float, rng: Rng) -> Image:
    lightness = to_lab(image)[..., 0]
    return with_lightness(image, mix(rng.uniform(42, 58), lightness, 1 + level * rng.uniform(0.8, 1.4)))


@operator("high contrast")
def levels_clipped(image: Image, level: float, rng: Rng) -> Image:
    low, high = level * rng.uniform(0.15, 0.3), 1 - level * rng.uniform(0.15, 0.3)
    return (image - low) / (high - low)


@operator("high contrast")
def histogram_evened(image: Image, level: float, rng: Rng) -> Image:
    """Tones replaced by their ranks, pushed apart a little more."""
    gray = luma(image)
    ranks = np.searchsorted(np.sort(gray[::2, ::2], axis=None), gray) / max(gray[::2, ::2].size, 1)
    even = np.clip(mix(0.5, ranks.astype(np.float32), rng.uniform(1.0, 1.4)), 0, 1)
    return mix(image, image * (even + 0.02) / (gray + 0.02), level)


@operator("low contrast")
def lightness_squeezed(image: Image, level: float, rng: Rng) -> Image:
    lightness = to_lab(image)[..., 0]
    return with_lightness(image, mix(lightness, rng.uniform(42, 64), level * rng.uniform(0.55, 0.75)))


@operator("low contrast")
def both_ends_pulled_in(image: Image, level: float, rng: Rng) -> Image:
    low, high = level * rng.uniform(0.2, 0.34), 1 - level * rng.uniform(0.2, 0.34)
    return low + np.clip(image, 0, 1) * (high - low)


@operator("faded")
def blacks_lifted_only(image: Image, level: float, rng: Rng) -> Image:
    floor = level * rng.uniform(0.3, 0.45)
    return floor + image * (1 - floor - level * rng.uniform(0, 0.1))


@operator("faded")
def lightness_faded(image: Image, level: float, rng: Rng) -> Image:
    lab = to_lab(image)
    floor = rng.uniform(28, 42)
    pale = lab * np.array([(rng.uniform(86, 95) - floor) / 100, 0.6, 0.6], np.float32)
    pale[..., 0] += floor
    return from_lab(mix(lab, pale, level))


def tile_evened(gray: Image, tiles: int, limit: float) -> Image:
    """Ranks of tones (H, W) in [0, 1] within overlapping tiles; no tone counts for more than `limit` times its share."""
    h, w = gray.shape
    bins = 64
    index = np.clip((gray * bins).astype(int), 0, bins - 1)
    tables = np.empty((tiles, tiles, bins), np.float32)
    rows, columns = (np.linspace(0, n, tiles + 1).astype(int) for n in (h, w))
    for i in range(tiles):
        for j in range(tiles):
            part = index[rows[i] : rows[i + 1], columns[j] : columns[j + 1]].ravel()
            share = np.bincount(part, minlength=bins) / max(part.size, 1)
            cut = np.minimum(share, limit / bins)
            tables[i, j] = np.cumsum(cut + (1 - cut.sum()) / bins)
    y = np.clip((np.arange(h) + 0.5) / h * tiles - 0.5, 0, tiles - 1)[:, None]
    x = np.clip((np.arange(w) + 0.5) / w * tiles - 0.5, 0, tiles - 1)[None]
    y0, x0 = y.astype(int), x.astype(int)
    y1, x1 = np.minimum(y0 + 1, tiles - 1), np.minimum(x0 + 1, tiles - 1)
    top = mix(tables[y0, x0, index], tables[y0, x1, index], x - x0)
    return mix(top, mix(tables[y1, x0, index], tables[y1, x1, index], x - x0), y - y0).astype(np.float32)


@operator("HDR look")
def tiles_evened(image: Image, level: float, rng: Rng) -> Image:
    """Histograms evened tile by tile, on the lightness or on each channel."""
    tiles, limit = int(rng.integers(4, 10)), 1 + (level * rng.uniform(3, 7))
    if rng.random() < 0.7:
        lightness = to_lab(image)[..., 0] / 100
        return with_lightness(
            image, 100 * mix(lightness, tile_evened(lightness, tiles, limit), min(1, 3 * level))
        )
    each = np.stack([tile_evened(np.clip(image[..., c], 0, 1), tiles, limit) for c in range(3)], -1)
    return mix(image, each, min(1, 3 * level) * rng.uniform(0.7, 1))


@operator("HDR look")
def range_compressed(image: Image, level: float, rng: Rng) -> Image:
    """Light divided by itself plus its surroundings, then the detail brought back."""
    light = to_linear(image)
    gray = luma(light)
    around = blur(gray, side(image) * rng.uniform(0.03, 0.08))
    pressed = light * (1 + rng.uniform(0.2, 0.5)) / (gray * 0.3 + around * 0.7 + rng.uniform(0.15, 0.35))
    out = from_linear(pressed * rng.uniform(0.3, 0.45) / max(float(np.mean(pressed)), 0.05))
    return mix(image, out + rng.uniform(0.5, 1.2) * (image - blur(image, side(image) * 0.01)), level * 0.9)


@operator("HDR look")
def many_scales(image: Image, level: float, rng: Rng) -> Image:
    gray = luma(image)
    gain = sum(
        rng.uniform(0.4, 1.0) * np.tanh(6 * (gray - blur(gray, side(image) * size))) / 4
        for size in (0.006, 0.02, 0.06)
    )
    return image + level * gain


@operator("hazy")
def soft_patches(image: Image, level: float, rng: Rng) -> Image:
    """Many pale discs laid over one another and blurred."""
    h, w = image.shape[:2]
    y, x = coordinates(h, w)
    cover = np.zeros((h, w), np.float32)
    for _ in range(int(rng.integers(20, 60))):
        cy, cx, r = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.05, 0.25)
        cover += ((y - cy) ** 2 + (x - cx) ** 2 < r * r) * np.float32(rng.uniform(0.05, 0.15))
    cover = blur(1 - np.exp(-cover), side(image) * rng.uniform(0.02, 0.06))
    pale = mix(
        image, rng.uniform(0.8, 1.0), level * np.clip(cover * rng.uniform(0.8, 1.3), 0, 0.9)[..., None]
    )
    return blur(pale, side(image) * 0.006 * level * rng.uniform(0, 1))


@operator("hazy")
def guessed_depth(image: Image, level: float, rng: Rng) -> Image:
    """The veil is thicker where the picture is already pale and gray, as distance is."""
    width = max(3, round(side(image) * 0.06))
    veiled = maximum_filter(minimum_filter(image.min(-1), width), width)
    far = blur(veiled / max(float(veiled.max()), 0.1), side(image) * 0.05)
    thick = level * mix(rng.uniform(0.3, 0.5), rng.uniform(0.75, 0.9), far)[..., None]
    air = np.array([rng.uniform(0.75, 0.95)] * 3, np.float32) * rng.uniform(0.95, 1, 3).astype(np.float32)
    return mix(image, air, thick)


@operator("hazy")
def drifting_fog(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    lumps = (
        smooth_noise((h, w), rng.uniform(2, 6), rng) * smooth_noise((h, w), rng.uniform(6, 14), rng) ** 0.5
    )
    thick = np.clip(rng.uniform(0.25, 0.5) + 0.8 * lumps, 0, 0.95)[..., None]
    return mix(blur(image, side(image) * 0.005 * level), rng.uniform(0.82, 1.0), level * thick)


@operator("deep shadows")
def lightness_toe(image: Image, level: float, rng: Rng) -> Image:
    t = np.clip(to_lab(image)[..., 0] / 100, 0, 1)
    toe = np.where(t < 0.5, 0.5 * (2 * t) ** rng.uniform(2.2, 3.4), t)
    return with_lightness(image, 100 * mix(t, toe, level))


@operator("overexposed")
def exposed_for_the_shadows(image: Image, level: float, rng: Rng) -> Image:
    light = to_linear(image) * 2 ** (level * rng.uniform(1.8, 2.8))
    white = mix(light, light.mean(-1, keepdims=True), np.clip(light.max(-1, keepdims=True) - 1, 0, 1))
    return from_linear(white)


@operator("vignette")
def linear_falloff(image: Image, level: float, rng: Rng) -> Image:
    y, x = coordinates(*image.shape[:2])
    power = rng.uniform(2, 4)
    far = (np.abs(2 * y - 1) ** power + np.abs(2 * x - 1) ** power) ** (1 / power)
    fall = np.clip((far - rng.uniform(0.2, 0.5)) / rng.uniform(0.6, 0.9), 0, 1)[..., None]
    return from_linear(to_linear(image) * (1 - level * rng.uniform(0.85, 1) * fall) ** 2)


@operator("stark black and white")
def block_threshold(image: Image, level: float, rng: Rng) -> Image:
    """Threshold halfway between the darkest and the lightest of the surroundings."""
    gray = luma(image)[..., 0]
    h, w = gray.shape
    n = int(rng.integers(4, 12))
    local = resize(resize(gray, (n, n)), (h, w))
    cut = mix(float(np.median(gray)), local, rng.uniform(0, 0.7))
    ink = np.clip((gray - cut) * rng.uniform(20, 80) + 0.5, 0, 1)[..., None]
    return mix(image, ink, level)
