"""Operators of the line aspect: contours, hatching, relief and sharpness."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import from_hsv, luma, side, smooth_noise
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    blended,
    dog_lines,
    drawn,
    edges,
    gradient,
    gray,
    ink_colour,
    inked,
    paper_colour,
    posterise,
    relief,
    saturate,
    soft,
    step,
    stretch,
    stripes,
)


def region_lines(image: Array, rng: Rng) -> Array:
    """Borders between areas of similar tone."""
    s = side(image)
    tone = posterise(soft(gray(image), s * rng.uniform(0.006, 0.014)), int(rng.integers(4, 7)), 50)
    width = max(2, round(s * rng.uniform(0.006, 0.014)))
    change = ndimage.maximum_filter(tone, width) - ndimage.minimum_filter(tone, width)
    return soft(step(change, 0.02, 0.12), 0.5)


@blended("outlined")
def gradient_contours(image: Array, rng: Rng) -> Array:
    low = rng.uniform(0.25, 0.45)
    mask = step(
        edges(gray(image), side(image) * rng.uniform(0.003, 0.009)), low, low + rng.uniform(0.15, 0.5)
    )
    return image + (ink_colour(rng) * 0.5 - image) * mask[..., None]


@blended("outlined")
def darker_side_contours(image: Array, rng: Rng) -> Array:
    mask = dog_lines(gray(image), side(image) * rng.uniform(0.004, 0.011), rng.uniform(25, 60), 0.008)
    return image + (ink_colour(rng) * 0.5 - image) * mask[..., None]


@blended("outlined")
def region_borders(image: Array, rng: Rng) -> Array:
    return image + (ink_colour(rng) * 0.5 - image) * region_lines(image, rng)[..., None]


@blended("line art")
def fine_pen(image: Array, rng: Rng) -> Array:
    plane = stretch(gray(image))
    mask = dog_lines(plane, side(image) * rng.uniform(0.003, 0.008), rng.uniform(20, 60), 0.012)
    return inked(mask, ink_colour(rng), paper_colour(rng))


@blended("line art")
def contour_lines(image: Array, rng: Rng) -> Array:
    e = edges(gray(image), side(image) * rng.uniform(0.003, 0.008))
    ridge = e >= ndimage.maximum_filter(e, int(rng.integers(3, 5))) * rng.uniform(0.75, 0.95)
    mask = soft((ridge & (e > rng.uniform(0.2, 0.4))).astype(np.float32), rng.uniform(0.4, 0.8)) * 1.6
    return inked(np.clip(mask, 0, 1), ink_colour(rng), paper_colour(rng))


@blended("line art")
def thresholded_edges(image: Array, rng: Rng) -> Array:
    mask = step(edges(gray(image), side(image) * rng.uniform(0.003, 0.006)), 0.25, rng.uniform(0.5, 1.1))
    return inked(mask, ink_colour(rng), paper_colour(rng))


@blended("line art")
def level_lines(image: Array, rng: Rng) -> Array:
    return inked(region_lines(image, rng), ink_colour(rng), paper_colour(rng))


def hatching(image: Array, rng: Rng) -> Array:
    h, w = image.shape[:2]
    tone = stretch(soft(gray(image), 1.0))
    period = max(3.0, side(image) * rng.uniform(0.018, 0.035))
    start, width = rng.uniform(0, np.pi), rng.uniform(0.3, 0.5)
    wobble = rng.uniform(0, 0.5) * smooth_noise((h, w), 6, rng)
    mask = np.zeros((h, w), np.float32)
    layers = int(rng.integers(3, 5))
    for k, turn in enumerate((0, np.pi / 2, np.pi / 4, 3 * np.pi / 4)[:layers]):
        line = step(stripes((h, w), start + turn, period, wobble), width + 0.25, width - 0.05)
        dark = step(tone, (1 - (k + 0.4) / (layers + 0.3)) + 0.05, (1 - (k + 0.4) / (layers + 0.3)) - 0.07)
        mask = np.maximum(mask, line * dark)
    return mask


@blended("cross-hatched")
def tone_hatching(image: Array, rng: Rng) -> Array:
    return inked(hatching(image, rng), ink_colour(rng), paper_colour(rng))


@blended("cross-hatched")
def hatched_colours(image: Array, rng: Rng) -> Array:
    light = np.clip(image * 0.7 + rng.uniform(0.2, 0.35), 0, 1)
    return light + (image * rng.uniform(0, 0.4) - light) * hatching(image, rng)[..., None]


@blended("cross-hatched")
def hand_strokes(image: Array, rng: Rng) -> Array:
    h, w = image.shape[:2]
    s, tone = side(image), stretch(soft(gray(image), 1.0))
    start, length = rng.uniform(0, np.pi), s * rng.uniform(0.035, 0.07)
    count = 4000
    y, x = rng.uniform(0, h, count), rng.uniform(0, w, count)
    crossed = rng.random(count) < 0.5
    keep = tone[y.astype(int), x.astype(int)] + rng.uniform(0, 0.5, count) < np.where(crossed, 0.65, 0.95)
    angle = start + np.where(crossed, np.pi / 2, 0) + 0.06 * rng.standard_normal(count)
    dx, dy = np.cos(angle) * length / 2, np.sin(angle) * length / 2
    width = max(0.5, s * rng.uniform(0.0025, 0.005))
    ends = np.stack([x - dx, y - dy, x + dx, y + dy], 1)[keep].tolist()
    mask = drawn((h, w), [([(a, b), (c, d)], width, 1.0) for a, b, c, d in ends])
    return inked(mask, ink_colour(rng), paper_colour(rng))


@blended("embossed")
def gray_relief(image: Array, rng: Rng) -> Array:
    light = relief(soft(gray(image), side(image) * rng.uniform(0.002, 0.006)), rng.uniform(0, 2 * np.pi))
    return (rng.uniform(0.45, 0.6) + rng.uniform(3, 6) * light)[..., None].repeat(3, 2)


@blended("embossed")
def colour_relief(image: Array, rng: Rng) -> Array:
    light = relief(soft(gray(image), side(image) * rng.uniform(0.002, 0.006)), rng.uniform(0, 2 * np.pi))
    return image * rng.uniform(0.6, 0.9) + 0.08 + (rng.uniform(3, 6) * light)[..., None]


@blended("embossed")
def shifted_difference(image: Array, rng: Rng) -> Array:
    """The picture less a shifted copy of itself, on gray; per channel or of the luma."""
    reach = max(1, side(image) * rng.uniform(0.005, 0.012))
    angle = rng.uniform(0, 2 * np.pi)
    dy, dx = round(np.sin(angle) * reach), round(np.cos(angle) * reach)
    if dy == dx == 0:
        dx = 1
    base = image if rng.random() < 0.5 else luma(image).repeat(3, 2)
    h, w = base.shape[:2]
    p = max(abs(dy), abs(dx))
    moved = np.pad(base, ((p, p), (p, p), (0, 0)), mode="edge")[p + dy : p + dy + h, p + dx : p + dx + w]
    return 0.5 + rng.uniform(0.8, 1.6) * (base - moved)


@blended("embossed")
def lit_metal(image: Array, rng: Rng) -> Array:
    gx, gy = gradient(gray(image), side(image) * rng.uniform(0.003, 0.007))
    depth, angle = rng.uniform(8, 16), rng.uniform(0, 2 * np.pi)
    shade = (0.6 - depth * 0.8 * (np.cos(angle) * gx + np.sin(angle) * gy)) / np.sqrt(
        1 + depth**2 * (gx**2 + gy**2)
    )
    tint = np.array([1, 1, 1]) if rng.random() < 0.5 else rng.uniform(0.7, 1.1, 3)
    return (shade[..., None] * tint).astype(np.float32)


@operator("sharp")
def unsharp(image: Array, level: float, rng: Rng) -> Array:
    return image + level * rng.uniform(1.8, 3) * (
        image - soft(image, side(image) * rng.uniform(0.003, 0.012))
    )


@operator("sharp")
def kernel_sharpen(image: Array, level: float, rng: Rng) -> Array:
    around = (
        ndimage.uniform_filter(image, (3, 3, 1)) if rng.random() < 0.5 else soft(image, rng.uniform(0.6, 0.9))
    )
    return image + level * rng.uniform(2.5, 4.5) * (image - around)


@operator("sharp")
def luma_detail(image: Array, level: float, rng: Rng) -> Array:
    """Detail of the luma at two scales, held back at large contrasts."""
    plane = gray(image)
    s = side(image)
    fine, wide = plane - soft(plane, 0.8), plane - soft(plane, s * rng.uniform(0.006, 0.015))
    detail = rng.uniform(2.5, 4) * fine + rng.uniform(0.8, 1.5) * wide
    return image + (level * 0.4 * np.tanh(detail / 0.4))[..., None]


@blended("glowing edges")
def channel_edges(image: Array, rng: Rng) -> Array:
    sigma = side(image) * rng.uniform(0.002, 0.007)
    e = np.stack([np.hypot(*gradient(image[..., c], sigma)) for c in range(3)], -1)
    return saturate(np.clip(e / max(float(np.percentile(e, 96)), 0.01), 0, 1.5) * 0.9, rng.uniform(1.2, 2.2))


@blended("glowing edges")
def neon_lines(image: Array, rng: Rng) -> Array:
    h, w = image.shape[:2]
    e = step(edges(gray(image), side(image) * rng.uniform(0.003, 0.007)), 0.2, 0.9)
    glow = np.clip(e + rng.uniform(0.6, 1.2) * soft(e, side(image) * rng.uniform(0.01, 0.025)), 0, 1)
    hue = (rng.random() + rng.uniform(0, 1) * smooth_noise((h, w), 3, rng)) % 1
    tint = from_hsv(
        np.stack([hue, np.full((h, w), rng.uniform(0.6, 1)), np.ones((h, w))], -1).astype(np.float32)
    )
    return glow[..., None] * tint + 0.4 * (e**3)[..., None]


@blended("glowing edges")
def bright_contours(image: Array, rng: Rng) -> Array:
    e = step(edges(gray(image), side(image) * rng.uniform(0.002, 0.006)), 0.15, rng.uniform(0.7, 1.2))
    own = saturate(image / np.maximum(image.max(-1, keepdims=True), 0.1), rng.uniform(0.8, 2.5))
    bloom = soft(e, side(image) * 0.012)
    return image * rng.uniform(0, 0.12) + own * np.clip(e + 0.7 * bloom, 0, 1.2)[..., None]
