"""Smoothed and painterly pictures by small repeated averages, ranks, votes and shrunk detail."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from finexl.lab.operators._pixels import blur, mix, resize, side
from finexl.lab.operators._spaces import from_lab, to_lab
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    blended,
    box,
    dog_lines,
    gray,
    nearest,
    palette_of,
    posterise,
    relief,
    saturate,
    soft,
    step,
    tooth,
)

SIDES = ((0, 1), (1, 0), (0, -1), (-1, 0))


def moved(x: Array, dy: int, dx: int) -> Array:
    """The value `dy` rows down and `dx` columns to the right; the border is repeated."""
    h, w = x.shape[:2]
    rows = np.clip(np.arange(h) + dy, 0, h - 1)
    columns = np.clip(np.arange(w) + dx, 0, w - 1)
    return x.take(rows, 0).take(columns, 1)


def edge_stopped(image: Array, rounds: int, tone: float, reach: float, joint: bool = True) -> Array:
    """Rounds of averages with four neighbours, each counting less the more it differs; `reach` pixels in all."""
    out = image
    h, w = image.shape[:2]
    joint = joint and image.shape[2] == 3
    for k in range(rounds):
        far = max(1, round(reach * (rounds - k) / rounds))
        padded = np.pad(out, ((far, far), (far, far), (0, 0)), mode="edge")
        total, weight = out.copy(), 1
        for dy, dx in SIDES:
            near = padded[far * (1 + dy) :][:h, far * (1 + dx) :][:, :w]
            apart = (near - out) * np.float32(1 / tone)
            apart *= apart
            if joint:
                apart = (apart[..., :1] + apart[..., 1:2] + apart[..., 2:]) * np.float32(1 / 3)
            part = 1 / (1 + apart * apart)
            total += part * near
            weight = weight + part
        out = total / weight
    return out


def unit(image: Array) -> float:
    """Pixels per pixel of a picture of 208."""
    return max(1.0, side(image) / 208)


def median_of_three(x: Array, dy: int, dx: int) -> Array:
    a, b = moved(x, dy, dx), moved(x, -dy, -dx)
    return np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), x))


# ----------------------------------------------------------------------------------------------- smooth


@blended("smooth")
def edge_stopping_rounds(image: Array, rng: Rng) -> Array:
    reach = rng.uniform(1, 4) * unit(image)
    return edge_stopped(image, int(rng.integers(4, 8)), rng.uniform(0.06, 0.16), reach, rng.random() < 0.5)


@blended("smooth")
def total_variation_steps(image: Array, rng: Rng) -> Array:
    """Each pixel drawn to its neighbours with a force that does not grow with the difference."""
    pull, eps = rng.uniform(0.02, 0.2), rng.uniform(0.01, 0.04)
    out = blur(image, rng.uniform(0, 0.7))
    for k in range(int(rng.integers(5, 9))):
        total, weight = pull / 0.1 * image, np.full_like(image, pull / 0.1)
        far = 2 if k % 3 == 0 else 1
        for dy, dx in SIDES:
            near = moved(out, dy * far, dx * far)
            w = 0.1 / (np.abs(near - out) + eps)
            total += w * near
            weight += w
        out = total / weight
    return out


@blended("smooth")
def without_the_extremes(image: Array, rng: Rng) -> Array:
    """The mean of a window after its smallest and largest values are left out."""
    out = image
    for _ in range(int(rng.integers(2, 4))):
        far = max(1, round(rng.uniform(0.8, 2.2) * unit(image)))
        near = [out] + [moved(out, dy * far, dx * far) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
        low, high, total = near[0].copy(), near[0].copy(), near[0].copy()
        for x in near[1:]:
            np.minimum(low, x, out=low)
            np.maximum(high, x, out=high)
            total += x
        out = (total - low - high) / 7
    return out


@blended("smooth")
def crossed_medians(image: Array, rng: Rng) -> Array:
    """Medians of three along rows, columns and diagonals, farther and farther apart."""
    out = image
    for far in range(1, int(rng.integers(2, 5))):
        far = round(far * unit(image))
        for dy, dx in ((0, far), (far, 0), (far, far), (far, -far)):
            out = median_of_three(out, dy, dx)
    return soft(out, rng.uniform(0, 0.8))


@blended("smooth")
def lightness_smoothed(image: Array, rng: Rng) -> Array:
    """Only the lightness is smoothed (edges kept); colour stays or is blurred."""
    lab = to_lab(image)
    light = lab[..., :1] / 100
    light = edge_stopped(
        light, int(rng.integers(5, 9)), rng.uniform(0.05, 0.12), rng.uniform(1, 4) * unit(image)
    )
    colour = (
        lab[..., 1:] if rng.random() < 0.5 else blur(lab[..., 1:], side(image) * rng.uniform(0.003, 0.01))
    )
    return from_lab(np.concatenate([light * 100, colour], -1))


@blended("smooth")
def small_detail_shrunk(image: Array, rng: Rng) -> Array:
    """Details of several sizes pulled towards nothing by the same amount each."""
    cut, size = rng.uniform(0.03, 0.09), rng.uniform(0.7, 1.2) * unit(image)
    out, base = np.zeros_like(image), image
    for k in range(3):
        wide = soft(base, size * 2**k)
        detail = base - wide
        out += np.sign(detail) * np.maximum(np.abs(detail) - cut / (1 + 0.5 * k), 0)
        base = wide
    return out + base


# ------------------------------------------------------------------------------------------ oil painting


@blended("oil painting")
def votes_of_tones(image: Array, rng: Rng) -> Array:
    """Means of the tones in a window of a few pixels, the commonest weighing by far the most."""
    bins, width = int(rng.integers(6, 13)), round(rng.integers(2, 6) * unit(image)) * 2 + 1
    kind = rng.integers(3)
    tone = (gray(image), image.max(-1), image.mean(-1))[kind] * (bins - 1)
    total, weight = np.zeros_like(image), np.zeros_like(image[..., :1])
    sharp = rng.uniform(3, 8)
    hard = rng.random() < 0.5
    for k in range(bins):
        member = (np.abs(tone - k) < 0.5) if hard else np.maximum(1 - np.abs(tone - k), 0)
        member = member.astype(np.float32)[..., None]
        if not member.any():
            continue
        part = box(np.concatenate([image * member, member], -1), width)
        vote = np.clip(part[..., 3:], 1e-3, 1) ** sharp
        total += vote * part[..., :3] / np.maximum(part[..., 3:], 1e-4)
        weight += vote
    return total / np.maximum(weight, 1e-30)


@blended("oil painting")
def commonest_colour(image: Array, rng: Rng) -> Array:
    """The commonest of some colours in a small window; shaded by the blurred picture or not."""
    palette = palette_of(image, int(rng.integers(10, 22)), rng)
    label = nearest(image, palette)
    width = round(rng.integers(2, 6) * unit(image)) * 2 + 1
    count = np.stack([box((label == k).astype(np.float32), width) for k in range(len(palette))])
    out = palette[count.argmax(0)]
    shade = soft(gray(image), width / 3) - soft(gray(out), width / 3)
    return saturate(out + rng.uniform(0, 1) * shade[..., None], rng.uniform(1, 1.3))


@blended("oil painting")
def small_calm_squares(image: Array, rng: Rng) -> Array:
    """The calmest of four or eight squares of a few pixels beside each pixel, once or twice."""
    out = image
    turns = int(rng.choice((4, 8)))
    for _ in range(int(rng.integers(1, 3))):
        radius = max(1, round(rng.integers(2, 5) * unit(image) / 2))
        mean = box(out, 2 * radius + 1)
        plane = out.max(-1) if rng.random() < 0.3 else gray(out)
        spread = box(plane * plane, 2 * radius + 1) - box(plane, 2 * radius + 1) ** 2
        best, found = np.full_like(spread, np.inf), mean
        for k in range(turns):
            angle = 2 * np.pi * (k + 0.5) / turns
            dy, dx = (
                round(float(np.sign(f(angle)) * min(abs(f(angle)) * 1.5, 1) * radius))
                for f in (np.sin, np.cos)
            )
            there = moved(spread, dy, dx)
            calm = there < best
            best = np.where(calm, there, best)
            found = np.where(calm[..., None], moved(mean, dy, dx), found)
        out = found
    return out


@blended("oil painting")
def opened_and_closed_paint(image: Array, rng: Rng) -> Array:
    """Small light and dark spots filled in each channel, the ridges lit like thick paint."""
    a, b = (max(2, round(rng.integers(2, 7) * unit(image))) for _ in range(2))
    out = ndimage.grey_closing(ndimage.grey_opening(image, (a, b, 1)), (b, a, 1))
    few = posterise(out, int(rng.integers(8, 20)), 4)
    light = relief(soft(gray(few), 0.7), rng.uniform(0, 6.3))[..., None]
    return saturate(soft(few, rng.uniform(0, 0.8)) + rng.uniform(0, 1.5) * light, rng.uniform(1, 1.4))


@blended("oil painting")
def thick_dabs_of_samples(image: Array, rng: Rng) -> Array:
    """Pixels take the colour of a near one that lies along a smooth random direction, then are voted on."""
    h, w = image.shape[:2]
    size = rng.uniform(2, 5) * unit(image)
    field = soft(rng.standard_normal((h, w, 2), dtype=np.float32), size)
    field /= np.abs(field).max(-1, keepdims=True) + 1e-6
    y, x = np.mgrid[:h, :w]
    out = image
    for reach in (size, -size / 2):
        iy = np.clip(np.round(y + reach * field[..., 0]), 0, h - 1).astype(int)
        ix = np.clip(np.round(x + reach * field[..., 1]), 0, w - 1).astype(int)
        out = edge_stopped(out[iy, ix], 2, rng.uniform(0.1, 0.2), 2 * unit(image))
    return saturate(out, rng.uniform(1, 1.3))


# ---------------------------------------------------------------------------------- watercolour, cel shaded


@blended("watercolour")
def pooled_pigment(image: Array, rng: Rng) -> Array:
    """Calm washes, lighter than the picture, with pigment gathered at their rims and in the paper's hollows."""
    u = unit(image)
    calm = edge_stopped(image, 6, rng.uniform(0.1, 0.2), rng.uniform(4, 8) * u)
    wash = mix(calm, posterise(calm, int(rng.integers(5, 9)), 3), rng.uniform(0.2, 0.8))
    wash = 1 - (1 - wash) * rng.uniform(0.65, 0.9)
    rim = np.abs(wash - soft(wash, rng.uniform(1.5, 3) * u)).mean(-1)
    rough = tooth(image.shape[:2], rng.uniform(1, 2) * u, rng)
    density = 1 + rng.uniform(1.5, 4) * rim + rng.uniform(0.03, 0.1) * rough
    return np.clip(wash, 0.02, 1) ** np.clip(density, 0.6, 2)[..., None]


@blended("cel shaded")
def stepped_lightness(image: Array, rng: Rng) -> Array:
    """Lightness in a few steps over colour that hardly varies, with or without dark lines."""
    lab = to_lab(edge_stopped(image, 6, rng.uniform(0.1, 0.18), rng.uniform(3, 7) * unit(image)))
    light = posterise(lab[..., :1] / 100, int(rng.integers(3, 6)), 10) * rng.uniform(90, 100)
    colour = blur(lab[..., 1:], side(image) * 0.008) * rng.uniform(1.1, 1.5)
    out = from_lab(np.concatenate([light, colour], -1))
    line = dog_lines(gray(image), rng.uniform(0.7, 1.3) * unit(image), 30, 0.015)
    return out * (1 - rng.choice((0.0, 0.6, 0.9)) * line)[..., None]


@blended("cel shaded")
def two_tone_light(image: Array, rng: Rng) -> Array:
    """Each surface in a light and a shaded version of its own colour."""
    s = side(image)
    small = resize(image, tuple(max(24, n // 2) for n in image.shape[:2]))
    calm = resize(edge_stopped(small, 6, 0.14, rng.uniform(2, 5) * unit(image)), image.shape[:2])
    local = soft(gray(calm), s * rng.uniform(0.06, 0.12))
    lit = step(gray(calm) - local, -0.02, 0.02)
    base = palette_of(calm, int(rng.integers(8, 16)), rng)
    flat = base[nearest(calm, base)]
    return soft(
        saturate(flat * mix(rng.uniform(0.65, 0.85), 1.12, lit)[..., None], rng.uniform(1.1, 1.5)), 0.5
    )
