"""Pictures sheared, waved, stretched, turned and twisted by formulas of other makes."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, side, smooth_noise
from finexl.lab.operators._strokes import Array, Rng
from finexl.lab.operators._warp import any_colour, centred, grid, remap


def outside(rng: Rng) -> tuple[str, float]:
    """How the picture goes on beyond its border, and with what tone if with a plain one."""
    mode = ("fill", "fill", "reflect", "edge", "wrap")[rng.integers(5)]
    return mode, float(rng.choice((0.0, 0.0, 1.0, 0.5)))


def sign(rng: Rng) -> float:
    return float(rng.choice((-1, 1)))


# ----------------------------------------------------------------------------------------------- sheared


@operator("sheared")
def rows_slid(image: Array, level: float, rng: Rng) -> Array:
    """Rows slide sideways in proportion to their height, about the middle row or the lowest."""
    dy, dx, cy, cx = centred(image, rng)
    slope = sign(rng) * level * rng.uniform(0.2, 0.55)
    pivot = rng.choice((0.0, 0.0, 0.5)) * image.shape[0]
    mode, fill = outside(rng)
    return remap(image, cy + dy + 0 * dx, cx + dx + slope * (dy - pivot), mode, fill)


@operator("sheared")
def columns_slid(image: Array, level: float, rng: Rng) -> Array:
    dy, dx, cy, cx = centred(image, rng)
    slope = sign(rng) * level * rng.uniform(0.2, 0.5)
    mode, fill = outside(rng)
    return remap(image, cy + dy + slope * dx, cx + dx + 0 * dy, mode, fill)


@operator("sheared")
def parallelogram(image: Array, level: float, rng: Rng) -> Array:
    """The whole slanted picture, shrunk so that all of it shows, on a plain ground."""
    dy, dx, cy, cx = centred(image, rng)
    slope = sign(rng) * level * rng.uniform(0.25, 0.6)
    shrink = 1 + abs(slope) * rng.uniform(0.5, 1.0)
    fill = any_colour(rng, image) if rng.random() < 0.6 else 0.0
    tall = shrink if rng.random() < 0.5 else 1.0
    return remap(image, cy + dy * tall + 0 * dx, cx + dx * shrink + slope * dy, "fill", fill)


@operator("sheared")
def slanted_and_filled(image: Array, level: float, rng: Rng) -> Array:
    """Sheared along a random axis and enlarged so that hardly any corner is bare."""
    slope = sign(rng) * level * rng.uniform(0.2, 0.45)
    zoom = 1 / (1 + abs(slope) * rng.uniform(0.6, 1.0))
    dy, dx, cy, cx = centred(image, rng, 0.04)
    y, x = cy + dy * zoom + 0 * dx, cx + dx * zoom + 0 * dy
    if rng.random() < 0.5:
        x = x + slope * zoom * dy
    else:
        y = y + slope * zoom * dx
    return remap(image, y, x, ("edge", "reflect")[rng.integers(2)])


@operator("sheared")
def both_axes_slanted(image: Array, level: float, rng: Rng) -> Array:
    a, b = sign(rng) * level * rng.uniform(0.2, 0.4), sign(rng) * level * rng.uniform(0, 0.15)
    dy, dx, cy, cx = centred(image, rng)
    mode, fill = outside(rng)
    return remap(image, cy + dy + b * dx, cx + dx + a * dy, mode, fill)


# -------------------------------------------------------------------------------------------------- wavy


def waveform(t: Array, rng: Rng) -> Array:
    """A wave of period 1 and height 1: a sine, a triangle, or a sine with an overtone."""
    kind = rng.integers(4)
    if kind == 0:
        return 4 * np.abs(t - np.floor(t + 0.5)) - 1
    if kind == 1:
        return 0.75 * np.sin(2 * np.pi * t) + 0.3 * np.sin(4 * np.pi * t + rng.uniform(0, 6.3))
    return np.sin(2 * np.pi * t)


@operator("wavy")
def rows_in_step(image: Array, level: float, rng: Rng) -> Array:
    """Every row, or column, is pushed along itself by a wave down the picture."""
    y, x = grid(image)
    periods, reach = rng.uniform(2, 9), side(image) * level * rng.uniform(0.015, 0.05)
    mode, fill = outside(rng)
    if rng.random() < 0.5:
        push = reach * waveform(y / len(y) * periods + rng.random(), rng)
        return remap(image, y + 0 * x, x + push, mode, fill)
    push = reach * waveform(x / x.size * periods + rng.random(), rng)
    return remap(image, y + push, x + 0 * y, mode, fill)


@operator("wavy")
def columns_lifted(image: Array, level: float, rng: Rng) -> Array:
    """Whole columns (or rows) move up and down by whole pixels, going round the border or not."""
    turned = rng.random() < 0.4
    source = image.swapaxes(0, 1) if turned else image
    h, w = source.shape[:2]
    reach = side(image) * level * rng.uniform(0.015, 0.05)
    push = np.round(reach * waveform(np.arange(w) / w * rng.uniform(2, 8) + rng.random(), rng)).astype(int)
    rows = np.arange(h)[:, None] + push[None]
    bare = (rows < 0) | (rows >= h)
    kind = rng.integers(3)
    rows = rows % h if kind == 0 else np.clip(rows, 0, h - 1)
    out = source[rows, np.arange(w)[None]]
    if kind == 1:
        out = np.where(bare[..., None], np.float32(rng.choice((0.0, 0.0, 1.0))), out)
    return out.swapaxes(0, 1) if turned else out


@operator("wavy")
def crossing_waves(image: Array, level: float, rng: Rng) -> Array:
    """Rows wave and columns wave, each with its own number of periods."""
    y, x = grid(image)
    s, (a, b) = side(image), rng.uniform(2, 8, 2)
    up, along = (s * level * rng.uniform(0.01, 0.035) for _ in range(2))
    dx = along * waveform(y / len(y) * a + rng.random(), rng)
    dy = up * waveform(x / x.size * b + rng.random(), rng)
    mode, fill = outside(rng)
    return remap(image, y + dy, x + dx, mode, fill)


@operator("wavy")
def slanted_waves(image: Array, level: float, rng: Rng) -> Array:
    """Waves that run at any slant and push across or along themselves."""
    y, x = grid(image)
    angle, s = rng.uniform(0, np.pi), side(image)
    wave = waveform((y * np.sin(angle) + x * np.cos(angle)) / s * rng.uniform(3, 8), rng)
    push = angle + (np.pi / 2 if rng.random() < 0.7 else 0)
    reach = s * level * rng.uniform(0.012, 0.035)
    mode, fill = outside(rng)
    return remap(image, y + reach * np.sin(push) * wave, x + reach * np.cos(push) * wave, mode, fill)


# -------------------------------------------------------------------- stretched, tilted, swirled, pinched


def uneven(n: int, factor: float, kind: int) -> Array:
    """Where each of n pixels looks when a line grows by `factor`: evenly, or most in the middle."""
    t = np.linspace(-1, 1, n, dtype=np.float32)
    inner = np.sign(t) * np.abs(t) ** (1 + 0.7 * (factor - 1))
    t = inner if kind == 1 else t / np.float32(factor)
    return (t + 1) * np.float32((n - 1) / 2)


@operator("stretched tall")
def grown_in_height(image: Array, level: float, rng: Rng) -> Array:
    y, x = grid(image)
    rows = uneven(len(y), 1 + level * rng.uniform(0.5, 1.1), int(rng.integers(3)))
    return remap(image, rows[:, None] + 0 * x, x + 0 * y, "edge")


@operator("stretched wide")
def grown_in_width(image: Array, level: float, rng: Rng) -> Array:
    y, x = grid(image)
    columns = uneven(x.size, 1 + level * rng.uniform(0.5, 1.1), int(rng.integers(3)))
    return remap(image, y + 0 * x, columns[None] + 0 * y, "edge")


@operator("tilted")
def turned_by_three_shears(image: Array, level: float, rng: Rng) -> Array:
    """A turn as three slides of rows and columns; corners are black."""
    angle = sign(rng) * np.deg2rad(rng.uniform(16, 32)) * level
    y, x = grid(image)
    cy, cx = (len(y) - 1) / 2, (x.size - 1) / 2
    a, b = -np.tan(angle / 2), np.sin(angle)
    out = remap(image, y + 0 * x, x + a * (y - cy), "fill", 0.0)
    out = remap(out, y + b * (x - cx), x + 0 * y, "fill", 0.0)
    return remap(out, y + 0 * x, x + a * (y - cy), "fill", 0.0)


@operator("tilted")
def slightly_crooked(image: Array, level: float, rng: Rng) -> Array:
    """Turned about any point; corners black, white, or the picture's own border drawn out."""
    angle = sign(rng) * np.deg2rad(rng.uniform(12, 30)) * level
    dy, dx, cy, cx = centred(image, rng, 0.15)
    s, c = np.sin(angle), np.cos(angle)
    mode = ("fill", "fill", "edge")[rng.integers(3)]
    fill = float(rng.choice((0.0, 0.0, 1.0)))
    return remap(image, cy + dy * c + dx * s, cx + dx * c - dy * s, mode, fill)


@operator("swirled")
def twist_fading_linearly(image: Array, level: float, rng: Rng) -> Array:
    """The turn falls off in a straight line or a cosine from the middle to a radius."""
    dy, dx, cy, cx = centred(image, rng, 0.1)
    r = np.clip(np.hypot(dy, dx) / (side(image) * rng.uniform(0.4, 0.75)), 0, 1)
    fall = 1 - r if rng.random() < 0.5 else 0.5 + 0.5 * np.cos(np.pi * r)
    angle = sign(rng) * level * rng.uniform(1.6, 3.6) * fall
    s, c = np.sin(angle), np.cos(angle)
    return remap(image, cy + dy * c + dx * s, cx + dx * c - dy * s, "edge")


@operator("swirled")
def endless_whirl(image: Array, level: float, rng: Rng) -> Array:
    """The farther out, the more it is turned, or the other way round; no edge to the whirl."""
    dy, dx, cy, cx = centred(image, rng, 0.06)
    r = np.hypot(dy, dx) / (side(image) / 2)
    angle = rng.uniform(1.0, 2.0) * r if rng.random() < 0.4 else rng.uniform(1.8, 3.2) * np.exp(-2 * r)
    angle = sign(rng) * level * angle
    s, c = np.sin(angle), np.cos(angle)
    mode, fill = outside(rng)
    return remap(image, cy + dy * c + dx * s, cx + dx * c - dy * s, mode, fill)


@operator("pinched")
def drawn_to_the_middle(image: Array, level: float, rng: Rng) -> Array:
    """Inside a circle, radii follow a sine or an arctangent so that the middle shrinks."""
    dy, dx, cy, cx = centred(image, rng, 0.06)
    reach = side(image) * rng.uniform(0.4, 0.65)
    r = np.clip(np.hypot(dy, dx) / reach, 1e-4, 1)
    k = level * rng.uniform(0.7, 1.0)
    bent = np.sin(0.5 * np.pi * r) if rng.random() < 0.5 else np.arctan(4 * r) / np.arctan(4.0)
    factor = ((1 - k) * r + k * bent) / r
    factor = np.where(np.hypot(dy, dx) < reach, factor, 1)
    return remap(image, cy + dy * factor, cx + dx * factor, "edge")


@operator("fisheye")
def lens_seen_in_part(image: Array, level: float, rng: Rng) -> Array:
    """Bent so that radii follow a power, about a point off the middle."""
    dy, dx, cy, cx = centred(image, rng, 0.08)
    r = np.hypot(dy, dx) / np.hypot(*image.shape[:2]) * 2
    factor = np.maximum(r, 1e-3) ** (level * rng.uniform(0.4, 0.75))
    return remap(image, cy + dy * factor, cx + dx * factor, "edge")


@operator("distant view")
def far_away_on_noise(image: Array, level: float, rng: Rng) -> Array:
    """Made small; around it a soft cloud of the picture's own colours."""
    h, w = image.shape[:2]
    _, _, cy, cx = centred(image, rng, 0.05)
    y, x = grid(image)
    factor = 1 + level * rng.uniform(1.0, 1.8)
    cloud = smooth_noise((h, w), rng.uniform(2, 6), rng)[..., None]
    ground = image.mean((0, 1)) + (cloud - 0.5) * image.std((0, 1)) * rng.uniform(0.5, 1.5)
    source = blur(image, 0.4 * (factor - 1))
    return remap(source, cy + (y - cy) * factor, cx + (x - cx) * factor, "fill", ground)
