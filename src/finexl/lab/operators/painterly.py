"""Calmed pictures by patches, ranks at reduced sizes and flow, and two crafts."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from finexl.lab.operators._pixels import mix, resize, side
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    blended,
    blocks,
    box,
    dog_lines,
    gray,
    palette_of,
    posterise,
    relief,
    saturate,
    smear,
    soft,
    step,
    tangent,
    unblock,
)
from finexl.lab.operators.smoothing import edge_stopped, moved, unit


@blended("smooth")
def alike_patches_averaged(image: Array, rng: Rng) -> Array:
    """Places whose surroundings look alike are averaged; surroundings compared as small windows of luma."""
    plane, tone = gray(image), rng.uniform(0.1, 0.25)
    width, reach = 2 * int(rng.integers(1, 3)) + 1, rng.uniform(2, 5) * unit(image)
    total, weight = image.copy(), np.ones_like(plane)
    for dy, dx in np.round(rng.normal(0, reach, (12, 2))).astype(int):
        apart = box(np.square(moved(plane, dy, dx) - plane), width)
        w = np.exp(-apart / (tone * tone))
        total += w[..., None] * moved(image, dy, dx)
        weight += w
    return total / weight[..., None]


@blended("smooth")
def strongly_calmed(image: Array, rng: Rng) -> Array:
    """Surfaces made as even as porcelain, strong edges kept."""
    small = resize(image, tuple(max(24, n // 2) for n in image.shape[:2])) if rng.random() < 0.5 else image
    out = edge_stopped(small, 7, rng.uniform(0.08, 0.13), rng.uniform(2, 5) * unit(small))
    return resize(out, image.shape[:2]) if small is not image else out


@blended("oil painting")
def ranks_along_the_flow(image: Array, rng: Rng) -> Array:
    """Smeared along edges, then small lightest or darkest spots widened into dabs and lit."""
    u = unit(image)
    angle = tangent(gray(image), rng.uniform(1.5, 4) * u)
    out = smear(image, angle, rng.uniform(4, 10) * u, 3)
    width = max(2, round(rng.uniform(2, 4) * u))
    ranked = ndimage.maximum_filter if rng.random() < 0.5 else ndimage.minimum_filter
    out = mix(out, ranked(out, (width, width, 1)), rng.uniform(0.3, 0.9))
    out = posterise(out, int(rng.integers(8, 22)), 3)
    return saturate(out + rng.uniform(0, 1.5) * relief(gray(out), rng.uniform(0, 6.3))[..., None], 1.15)


@blended("simplified shapes")
def medians_of_small_copy(image: Array, rng: Rng) -> Array:
    """Medians on a much reduced copy, enlarged with its steps drawn tight again."""
    factor = rng.uniform(2.5, 4.5)
    small = resize(image, tuple(max(16, round(n / factor)) for n in image.shape[:2]))
    out = small
    for _ in range(int(rng.integers(1, 3))):
        out = ndimage.median_filter(out, (5, 5, 1))
    out = posterise(out, int(rng.integers(6, 16)), 3) if rng.random() < 0.5 else out
    wide = soft(resize(out, image.shape[:2]), 0.3 * factor)
    low, high = (f(wide, (3, 3, 1)) for f in (ndimage.minimum_filter, ndimage.maximum_filter))
    return np.where(wide - low < high - wide, low, high)


@blended("flat colours")
def levels_of_three_planes(image: Array, rng: Rng) -> Array:
    """Hard levels of lightness and of two colour differences, after calming."""
    calm = edge_stopped(soft(image, unit(image)), 5, 0.18, rng.uniform(3, 6) * unit(image))
    plane = gray(calm)[..., None]
    steps = int(rng.integers(4, 7))
    light = np.round(plane * steps) / steps
    grid = rng.uniform(0.08, 0.16)
    return np.clip(light + np.round((calm - plane) / grid) * grid, 0, 1)


@blended("cross-stitch")
def slanting_half_stitches(image: Array, rng: Rng) -> Array:
    """Two crossing threads a cell, the upper one lighter, in a small palette; dark holes at the corners."""
    cell = max(4, round(side(image) * rng.uniform(0.022, 0.042)))
    small = blocks(image, cell)
    palette = palette_of(small, int(rng.integers(10, 24)), rng)
    nearest = np.square(small[:, :, None] - palette).sum(-1).argmin(-1)
    colour = unblock(palette[nearest], cell, image.shape[:2])
    y, x = ((np.arange(n) % cell + 0.5) / cell for n in image.shape[:2])
    up, down = np.abs(y[:, None] - x[None]), np.abs(y[:, None] + x[None] - 1)
    shade = np.where(up < 0.25, 1.08, np.where(down < 0.25, 0.88, rng.uniform(0.45, 0.7)))
    hole = step(np.maximum(np.abs(y - 0.5)[:, None], np.abs(x - 0.5)[None]) * 2, 0.75, 1.0)
    return colour * (shade * (1 - 0.35 * hole))[..., None]


@blended("blueprint")
def blue_print_of_drawing(image: Array, rng: Rng) -> Array:
    """A line drawing and some faint tone printed white in a blue ground."""
    plane = soft(gray(image), 0.7 * unit(image))
    line = dog_lines(plane, rng.uniform(0.7, 1.4) * unit(image), 40, 0.006)
    line = np.maximum(line, step(ndimage.maximum_filter(plane, 3) - plane, 0.06, rng.uniform(0.15, 0.3)))
    blue = np.array([rng.uniform(0.02, 0.15), rng.uniform(0.2, 0.4), rng.uniform(0.55, 0.8)], np.float32)
    ground = blue * (0.85 + rng.uniform(0, 0.4) * plane[..., None])
    return mix(ground, rng.uniform(0.85, 1.0), line[..., None])
