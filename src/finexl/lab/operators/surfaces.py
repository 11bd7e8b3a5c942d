"""Surfaces and dry drawing media, each in one more way."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import mix, side, smooth_noise
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    blended,
    edges,
    grain,
    gray,
    paper_colour,
    relief,
    saturate,
    soft,
    step,
    stretch,
    stripes,
    voronoi,
)
from finexl.lab.operators._warp import grid
from finexl.lab.operators.smoothing import moved, unit


@operator("canvas texture")
def crossing_sines(image: Array, level: float, rng: Rng) -> Array:
    """Two sets of threads as sines whose strength wanders, multiplied onto the picture."""
    y, x = grid(image)
    period, shape = rng.uniform(2.6, 5) * unit(image), image.shape[:2]
    wander = smooth_noise(shape, rng.uniform(10, 25), rng)
    a = np.sin(2 * np.pi * x / period + 2 * wander) * (0.5 + wander)
    b = np.sin(2 * np.pi * y / period - 2 * wander) * (1.5 - wander)
    threads = (a + b + 0.4 * grain(shape, 0.6, rng)) * rng.uniform(0.08, 0.16)
    return image * (1 + level * threads[..., None])


@operator("paper texture")
def lit_fine_relief(image: Array, level: float, rng: Rng) -> Array:
    """Grain of two sizes lit from one side, added or multiplied, slightly yellowed."""
    shape, u = image.shape[:2], unit(image)
    height = grain(shape, rng.uniform(0.7, 1.4) * u, rng) + rng.uniform(0, 2) * grain(shape, 4 * u, rng)
    light = relief(height, rng.uniform(0, 6.3))
    light = (light / max(float(light.std()), 1e-6) * rng.uniform(0.06, 0.11))[..., None]
    out = image * (1 + level * light) if rng.random() < 0.5 else image + 0.7 * level * light
    return mix(out, out * paper_colour(rng), level)


@operator("cracked")
def crackle_of_two_sizes(image: Array, level: float, rng: Rng) -> Array:
    """Dark seams of wandering width between large cells, finer ones inside."""
    shape, s = image.shape[:2], side(image)
    wander = smooth_noise(shape, 6, rng)
    dark = np.zeros(shape, np.float32)
    for size, width in ((rng.uniform(0.14, 0.25), 1.6), (rng.uniform(0.06, 0.1), 0.9)):
        _, _, _, border = voronoi(shape, s * size, rng, 1.0)
        dark = np.maximum(
            dark, np.clip(width * (0.3 + wander) * unit(image) + 0.4 - border, 0, 1) * min(1.0, width)
        )
    light = moved(dark, -1, -1) * (1 - dark) * rng.uniform(0, 0.4)
    return mix(mix(image, rng.uniform(0, 0.15), level * dark[..., None]), 1.0, level * light[..., None])


@operator("woven")
def over_and_under(image: Array, level: float, rng: Rng) -> Array:
    """Strips that pass over and under one another, rounded by shading."""
    h, w = image.shape[:2]
    size = max(5, round(side(image) * rng.uniform(0.03, 0.06)))
    y, x = np.arange(h)[:, None], np.arange(w)[None]
    over = (y // size + x // size) % 2 == 0
    v, u = (y % size + 0.5) / size, (x % size + 0.5) / size
    across, along = np.where(over, v, u), np.where(over, u, v)
    shade = (0.45 + 0.65 * np.sin(np.pi * across) ** 0.6) * (0.7 + 0.35 * np.sin(np.pi * along))
    centre = image[
        np.minimum(y // size * size + size // 2, h - 1), np.minimum(x // size * size + size // 2, w - 1)
    ]
    return mix(image, mix(image, centre, rng.uniform(0.2, 0.8)) * shade[..., None], level)


@operator("dusty")
def blotches_and_motes(image: Array, level: float, rng: Rng) -> Array:
    """A thin brownish film in blotches and many light motes of several sizes."""
    shape, u = image.shape[:2], unit(image)
    film = smooth_noise(shape, rng.uniform(3, 8), rng) * 0.6 + 0.4 * smooth_noise(shape, 30, rng)
    dust = np.array([0.72, 0.66, 0.56], np.float32) * rng.uniform(0.9, 1.2)
    out = mix(image, dust, level * rng.uniform(0.25, 0.5) * film[..., None])
    for size in (0.4, 0.9):
        motes = soft((rng.random(shape) > 1 - 0.006 / size).astype(np.float32), size * u) * 6 * size * u
        out = mix(out, dust * 1.2, np.clip(motes, 0, 1)[..., None] * level * 0.8)
    return out


@operator("scratched")
def bundles_of_fine_lines(image: Array, level: float, rng: Rng) -> Array:
    """Long thin straight lines in bundles of nearly one direction, light or dark, broken by noise."""
    shape = image.shape[:2]
    y, x = grid(image)
    out, turn = image, rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(18, 45))):
        angle = turn + rng.normal(0, 0.3)
        away = (y - rng.uniform(0, shape[0])) * np.cos(angle) - (x - rng.uniform(0, shape[1])) * np.sin(angle)
        along = y * np.sin(angle) + x * np.cos(angle)
        broken = np.sin(along / side(image) * rng.uniform(3, 14) + rng.uniform(0, 6.3)) > rng.uniform(
            -0.8, 0.5
        )
        line = np.clip(rng.uniform(0.6, 1.1) * unit(image) - np.abs(away), 0, 1) * broken
        out = mix(out, np.float32(rng.random() < 0.75), (level * rng.uniform(0.5, 1) * line)[..., None])
    return out


@blended("crayon drawing")
def waxy_tooth_colours(image: Array, rng: Rng) -> Array:
    """Strong colours rubbed over rough paper that stays white in its hollows, along one slant."""
    shape, u = image.shape[:2], unit(image)
    noise = grain(shape, rng.uniform(0.5, 0.9) * u, rng)
    lean = int(rng.choice((-1, 1)))
    for k in (1, 2):
        noise = 0.5 * (noise + moved(noise, -lean * k, k))
    noise = noise / noise.std()
    colour = saturate(soft(image, rng.uniform(1, 2.5) * u), rng.uniform(1.4, 2))
    cover = step(noise + rng.uniform(1.4, 2.4) * (1 - 0.75 * gray(image)), 0.1, rng.uniform(0.9, 1.6))
    line = step(edges(gray(image), 1.3 * u), 0.5, 1.2)
    return mix(paper_colour(rng), colour * (1 - 0.5 * line[..., None]), np.maximum(cover, line)[..., None])


@blended("chalk pastel drawing")
def chalk_dust_on_gray(image: Array, rng: Rng) -> Array:
    """Powdery soft colours over gray, brown or black paper; darks are bare paper."""
    shape, u = image.shape[:2], unit(image)
    ground = (rng.uniform(0.08, 0.6) * rng.uniform(0.85, 1.1, 3)).astype(np.float32)
    rough = grain(shape, rng.uniform(0.5, 1.1) * u, rng) * 0.7 + 0.4 * grain(shape, 2 * u, rng)
    tone = stretch(soft(gray(image), rng.uniform(0.8, 2) * u))
    cover = step(tone * rng.uniform(1.8, 2.6) + 0.5 * rough, 0.5, rng.uniform(1.3, 1.9))
    powder = mix(soft(image, rng.uniform(1, 2) * u), 1.0, rng.uniform(0.1, 0.3))
    return mix(ground, powder, cover[..., None])


@operator("rough")
def pitted_and_streaked(image: Array, level: float, rng: Rng) -> Array:
    """Pits of noise drawn out a little along one direction, darkening the picture."""
    shape = image.shape[:2]
    pits = grain(shape, rng.uniform(0.6, 1.5) * unit(image), rng)
    pits = 0.5 * (pits + moved(pits, int(rng.integers(0, 3)), int(rng.integers(0, 3))))
    rule = stripes(shape, rng.uniform(0, np.pi), side(image) * 0.05, 0.1 * pits) - 0.5
    shade = -np.maximum(pits - rng.uniform(-0.2, 0.5), 0) * rng.uniform(0.25, 0.4) + 0.05 * rule
    return image * (1 + level * (shade - shade.mean()))[..., None]
