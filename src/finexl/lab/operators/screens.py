"""Two tones, dots, ruled lines and blocks: thresholds, dither patterns and coarse pixels of several kinds."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import mix, resize, side
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    blended,
    blocks,
    gray,
    ink_colour,
    inked,
    nearest,
    palette_of,
    paper_colour,
    posterise,
    saturate,
    soft,
    step,
    stretch,
    unblock,
)
from finexl.lab.operators.smoothing import edge_stopped, moved, unit


def plane_of(image: Array, rng: Rng) -> Array:
    """Luma, mostly; now and then the mean, the largest channel or one channel."""
    kind = rng.integers(6)
    if kind < 3:
        return gray(image)
    return (image.mean(-1), image.max(-1), image[..., rng.integers(3)])[kind - 3]


def two_tones(light: Array, rng: Rng) -> Array:
    """Pure black and white, rarely slightly toned."""
    if rng.random() < 0.8:
        return np.repeat(light[..., None], 3, -1).astype(np.float32)
    return inked(1 - light.astype(np.float32), ink_colour(rng), paper_colour(rng))


def bayer(order: int) -> Array:
    """The ordered threshold matrix of 2**order rows, in (0, 1)."""
    m = np.zeros((1, 1))
    for _ in range(order):
        m = np.block([[4 * m, 4 * m + 2], [4 * m + 3, 4 * m + 1]])
    return ((m + 0.5) / m.size).astype(np.float32)


def tiled(pattern: Array, shape: tuple[int, int]) -> Array:
    h, w = pattern.shape
    return np.tile(pattern, (-(-shape[0] // h), -(-shape[1] // w)))[: shape[0], : shape[1]]


def best_split(plane: Array) -> float:
    """The threshold that parts the tones into the two most different groups."""
    count, edge = np.histogram(plane, 64, (0, 1))
    middle = 0.5 * (edge[1:] + edge[:-1])
    low = np.cumsum(count) + 1e-9
    high = low[-1] - low + 1e-9
    below = np.cumsum(count * middle)
    apart = low * high * (below / low - (below[-1] - below) / high) ** 2
    return float(middle[apart.argmax()] + 0.5 / 64)


# --------------------------------------------------------------------------------- stark black and white


@blended("stark black and white")
def parted_at_best_split(image: Array, rng: Rng) -> Array:
    plane = soft(plane_of(image, rng), rng.choice((0.0, 0.6, 1.5)) * unit(image))
    cut = best_split(plane) + rng.normal(0, 0.03)
    return two_tones(plane > cut, rng)


@blended("stark black and white")
def ordered_black_dots(image: Array, rng: Rng) -> Array:
    """An ordered pattern of thresholds, one or two pixels to a cell, down to black and white."""
    cell = max(1, round(rng.choice((1, 1, 2)) * unit(image)))
    small = blocks(image, cell)
    plane = np.clip(0.5 + (plane_of(small, rng) - 0.5) * rng.uniform(1, 1.6), 0, 1)
    light = plane > tiled(bayer(int(rng.integers(1, 5))), plane.shape)
    return two_tones(unblock(light[..., None].repeat(3, -1), cell, image.shape[:2])[..., 0], rng)


@blended("stark black and white")
def blue_noise_dither(image: Array, rng: Rng) -> Array:
    """Thresholds of noise without low frequencies: the grain that error diffusion leaves."""
    shape = image.shape[:2]
    noise = rng.random(shape, dtype=np.float32)
    for _ in range(int(rng.integers(1, 3))):
        noise = noise - soft(noise, rng.uniform(1.0, 1.6))
    flat = np.sort(noise.ravel()[::7])
    rank = np.searchsorted(flat, noise.ravel()).reshape(shape) / len(flat)
    plane = plane_of(image, rng)
    plane = 0.5 + (plane - 0.5) * rng.uniform(1, 1.5)
    return two_tones(plane > mix(0.5, rank, rng.uniform(0.7, 1)), rng)


@blended("stark black and white")
def error_pushed_along_rows(image: Array, rng: Rng) -> Array:
    """Each row keeps what its pixels could not show and hands it down to the next row."""
    plane = np.clip(0.5 + (plane_of(image, rng) - 0.5) * rng.uniform(1, 1.4), 0, 1).astype(np.float32)
    jitter = rng.uniform(-0.25, 0.25, plane.shape).astype(np.float32)
    out, rest = np.zeros_like(plane), np.zeros(plane.shape[1], np.float32)
    for k, row in enumerate(plane):
        want = row + rest
        out[k] = want + jitter[k] > 0.5
        left = want - out[k]
        rest = 0.5 * left + 0.25 * np.roll(left, 1) + 0.25 * np.roll(left, -1)
    return two_tones(out, rng)


@blended("stark black and white")
def against_the_near_mean(image: Array, rng: Rng) -> Array:
    """Light where lighter than a share of the mean of a window, of any width."""
    plane = plane_of(image, rng)
    width = round(side(image) * rng.uniform(0.08, 0.5)) | 1
    near = ndimage.uniform_filter(plane, width, mode="nearest")
    return two_tones(plane > mix(near, best_split(plane), rng.uniform(0, 0.6)) - rng.uniform(0, 0.06), rng)


@blended("stark black and white")
def calm_then_split(image: Array, rng: Rng) -> Array:
    plane = gray(edge_stopped(image, 5, 0.15, 4 * unit(image)))
    cut = np.percentile(plane[::2, ::2], rng.uniform(35, 65))
    return two_tones(step(soft(plane, 0.8) - cut, -0.015, 0.015), rng)


# ------------------------------------------------------------------------------------ halftone, engraving


def dot_screen(shape: tuple[int, int], period: float, angle: float, kind: int) -> Array:
    """Thresholds in [0, 1] of round dots, squares, diamonds or lines."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    u = (x * np.cos(angle) + y * np.sin(angle)) / period % 1 - 0.5
    v = (y * np.cos(angle) - x * np.sin(angle)) / period % 1 - 0.5
    if kind == 0:
        return np.clip(np.pi * (u * u + v * v), 0, 1)
    if kind == 1:
        return 4 * np.maximum(np.abs(u), np.abs(v)) ** 2
    if kind == 2:
        return np.abs(u) + np.abs(v)
    return 2 * np.abs(u)


@blended("halftone")
def one_ink_screen(image: Array, rng: Rng) -> Array:
    """Dots (or squares, diamonds, lines) of one dark ink; tones taken per cell or per pixel."""
    period = max(3.5, side(image) * rng.uniform(0.02, 0.05))
    screen = dot_screen(image.shape[:2], period, rng.uniform(0, np.pi / 2), int(rng.choice((0, 0, 1, 2, 3))))
    dark = 1 - stretch(soft(plane_of(image, rng), rng.uniform(0.2, 0.6) * period / 2), 1, 99)
    hard = rng.uniform(0.05, 0.25)
    return two_tones(1 - step(dark * 1.05 - screen, -hard, hard), rng)


@blended("halftone")
def three_screens(image: Array, rng: Rng) -> Array:
    """Red, green and blue (or their complements) screened each at its own angle."""
    period, start = max(3.5, side(image) * rng.uniform(0.02, 0.045)), rng.uniform(0, np.pi)
    ready = np.clip(saturate(soft(image, 0.3 * period), rng.uniform(1, 1.4)), 0, 1)
    kind, hard, light_dots = int(rng.choice((0, 0, 2))), rng.uniform(0.05, 0.2), rng.random() < 0.3
    out = np.empty_like(image)
    for c, turn in enumerate(rng.permutation((0.26, 0.79, 1.31))):
        screen = dot_screen(image.shape[:2], period, start + turn, kind)
        tone = ready[..., c] if light_dots else 1 - ready[..., c]
        mark = step(tone * 1.02 - screen, -hard, hard)
        out[..., c] = mark if light_dots else 1 - mark
    return out


@blended("halftone")
def discs_of_cell_colour(image: Array, rng: Rng) -> Array:
    """One disc in each square cell, in the cell's colour or black, as large as it is dark or light."""
    cell = max(4, round(side(image) * rng.uniform(0.022, 0.05)))
    small = blocks(image, cell)
    colour = unblock(small, cell, image.shape[:2])
    tone = gray(colour)
    h, w = image.shape[:2]
    y, x = np.arange(h)[:, None] % cell + 0.5 - cell / 2, np.arange(w)[None] % cell + 0.5 - cell / 2
    on_black = rng.random() < 0.4
    radius = cell * 0.72 * np.sqrt(np.clip(tone if on_black else 1 - tone, 0.02, 1))
    disc = np.clip(radius - np.hypot(y, x) + 0.5, 0, 1)[..., None]
    fill = saturate(colour, 1.4) if rng.random() < 0.6 else np.float32(on_black)
    return mix(np.float32(not on_black), fill, disc)


@blended("engraving")
def lines_swelling_with_tone(image: Array, rng: Rng) -> Array:
    """Level or slanted lines, bent by the tones, thick in the dark and broken in the light."""
    shape, u = image.shape[:2], unit(image)
    plane = stretch(soft(gray(image), rng.uniform(0.8, 1.6) * u))
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), rng.uniform(3.2, 5) * u
    phase = (x * np.cos(angle) + y * np.sin(angle)) / period + rng.uniform(0, 2.5) * soft(plane, 3 * u)
    line = np.abs(2 * (phase - np.floor(phase)) - 1)
    mark = step((1 - plane) * rng.uniform(0.9, 1.15) - line, -0.15, 0.2)
    if rng.random() < 0.4:
        second = np.abs(2 * ((phase + x / period) % 1) - 1)
        mark = np.maximum(mark, step(0.45 - plane - second, -0.1, 0.1))
    return inked(mark, ink_colour(rng), paper_colour(rng))


# ---------------------------------------------------------------------------------------------- pixel art


@blended("pixel art")
def coarse_with_few_levels(image: Array, rng: Rng) -> Array:
    """Large pixels, each channel in a few levels, picked or averaged."""
    cell = max(2, round(side(image) * rng.uniform(0.018, 0.05)))
    small = blocks(image, cell) if rng.random() < 0.6 else image[cell // 2 :: cell, cell // 2 :: cell]
    few = posterise(saturate(small, rng.uniform(1, 1.4)), int(rng.integers(3, 8)), 30)
    return unblock(np.pad(few, ((0, 1), (0, 1), (0, 0)), mode="edge"), cell, image.shape[:2])


@blended("pixel art")
def commonest_in_block(image: Array, rng: Rng) -> Array:
    """Each block takes whichever colour of a small palette is commonest in it."""
    cell = max(2, round(side(image) * rng.uniform(0.018, 0.045)))
    palette = palette_of(image, int(rng.integers(8, 24)), rng)
    label = nearest(image, palette)
    counts = [
        blocks((label == k)[..., None].repeat(3, -1).astype(np.float32), cell)[..., 0]
        for k in range(len(palette))
    ]
    return unblock(palette[np.argmax(counts, 0)], cell, image.shape[:2])


@operator("pixel art")
def crossfaded_pixels(image: Array, level: float, rng: Rng) -> Array:
    """Pixels of the size that suits the level, from a sharpened small copy; dark gaps between or none."""
    h, w = image.shape[:2]
    cell = 1 + level * side(image) * rng.uniform(0.02, 0.045)
    size = tuple(max(6, round(n / cell)) for n in (h, w))
    small = resize(image, size)
    small = np.clip(small + rng.uniform(0, 0.6) * (small - soft(small, 1)), 0, 1)
    out = resize(small, (h, w), nearest=True)
    if rng.random() < 0.25 and cell > 4:
        row, column = (np.floor(np.arange(n) * s / n) for n, s in zip((h, w), size, strict=True))
        gap = (np.diff(row, append=row[-1]) > 0)[:, None] | (np.diff(column, append=column[-1]) > 0)[None]
        out = out * (1 - rng.uniform(0.2, 0.6) * gap[..., None])
    return mix(image, out, min(1.0, 5 * level))


# ------------------------------------------------------------------------------------- other prints, crafts


@blended("cross-stitch")
def crosses_on_cloth(image: Array, rng: Rng) -> Array:
    """One cross of the cell's colour in each cell, the cloth showing in the gaps."""
    cell = max(5, round(side(image) * rng.uniform(0.026, 0.05)))
    small = blocks(image, cell)
    few = palette_of(small, int(rng.integers(8, 20)), rng)
    colour = unblock(few[nearest(small, few)], cell, image.shape[:2])
    h, w = image.shape[:2]
    y, x = (np.arange(h)[:, None] % cell + 0.5) / cell, (np.arange(w)[None] % cell + 0.5) / cell
    apart = np.minimum(np.abs(y - x), np.abs(y + x - 1))
    thread = step(rng.uniform(0.2, 0.34) - apart, -0.05, 0.1)[..., None]
    round_ = 1 - rng.uniform(0.2, 0.5) * apart[..., None]
    return mix(paper_colour(rng) * rng.uniform(0.6, 1), colour * round_, thread)


@blended("pointillism")
def dots_in_shifted_rows(image: Array, rng: Rng) -> Array:
    """Round dots of strengthened colours at shaken places, laid over one another in three passes."""
    h, w = image.shape[:2]
    out = np.broadcast_to(paper_colour(rng), image.shape)
    y, x = np.mgrid[:h, :w].astype(np.float32)
    for _ in range(3):
        size = side(image) * rng.uniform(0.02, 0.032)
        rows, columns = int(h / size) + 2, int(w / size) + 2
        iy, ix = (y / size).astype(int), (x / size).astype(int)
        shake = rng.uniform(0.3, 0.7, (2, rows, columns)).astype(np.float32)
        cy, cx = (iy + shake[0][iy, ix]) * size, (ix + shake[1][iy, ix]) * size
        near = image[np.clip(cy, 0, h - 1).astype(int), np.clip(cx, 0, w - 1).astype(int)]
        stray = rng.normal(0, 0.08, (rows, columns, 3)).astype(np.float32)[iy, ix]
        dot = np.clip(rng.uniform(0.38, 0.5) * size - np.hypot(y - cy, x - cx) + 0.5, 0, 1)[..., None]
        out = mix(out, saturate(near + stray, rng.uniform(1.1, 1.6)), dot)
    return out


@blended("comic book style")
def flat_inks_and_lines(image: Array, rng: Rng) -> Array:
    """Few strong tones, hard black contours, dots in the half-tones or none."""
    calm = edge_stopped(image, 5, 0.15, 4 * unit(image))
    flat = posterise(saturate(calm, rng.uniform(1.3, 1.8)), int(rng.integers(3, 6)), 12)
    plane = soft(gray(image), rng.uniform(0.7, 1.3) * unit(image))
    around = np.maximum(*(np.abs(moved(plane, *d) - moved(plane, -d[0], -d[1])) for d in ((0, 1), (1, 0))))
    line = step(around / max(float(np.percentile(around, 96)), 0.02), 0.5, 0.9)
    line = np.maximum(line, step(0.16 - plane, -0.03, 0.03))
    if rng.random() < 0.5:
        screen = dot_screen(plane.shape, max(4, side(image) * 0.025), 0.79, 0)
        flat = flat * (1 - 0.25 * step(0.7 - plane - screen, 0, 0.2))[..., None]
    return flat * (1 - line)[..., None]


@blended("scanlines")
def every_few_rows_darkened(image: Array, rng: Rng) -> Array:
    period = max(2, round(rng.integers(2, 6) * unit(image)))
    rows = np.arange(image.shape[0])[:, None, None] % period < max(1, period // 2)
    shade = np.where(rows, 1.0, rng.uniform(0.15, 0.6))
    return image * shade * rng.uniform(1, 1.2)
