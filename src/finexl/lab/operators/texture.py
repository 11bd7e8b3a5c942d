"""Operators of the texture aspect: grain, surfaces, damage and smoothness."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import luma, side, smooth_noise
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    bilateral,
    blended,
    drawn,
    fibre,
    grain,
    gray,
    grid,
    guided,
    relief,
    soft,
    step,
    stripes,
    tooth,
    voronoi,
    white,
)


def size_of_grain(image: Array, rng: Rng) -> float:
    return 0.0 if rng.random() < 0.4 else side(image) * rng.uniform(0.0015, 0.006)


@operator("film grain")
def even_grain(image: Array, level: float, rng: Rng) -> Array:
    noise = grain(image.shape[:2], size_of_grain(image, rng), rng)
    return image + (level * rng.uniform(0.13, 0.22) * noise)[..., None]


@operator("film grain")
def midtone_grain(image: Array, level: float, rng: Rng) -> Array:
    noise = grain(image.shape[:2], size_of_grain(image, rng), rng)
    tone = gray(image)
    amount = 0.35 + 2.6 * tone * (1 - tone) if rng.random() < 0.6 else 1.3 - tone
    return image + (level * rng.uniform(0.13, 0.22) * amount * noise)[..., None]


@operator("film grain")
def clumped_grain(image: Array, level: float, rng: Rng) -> Array:
    shape = image.shape[:2]
    noise = 0.7 * grain(shape, 0.5, rng) + 0.7 * grain(shape, side(image) * rng.uniform(0.004, 0.01), rng)
    return (image + 0.04 * level) * np.exp(level * rng.uniform(0.25, 0.4) * noise)[..., None]


@operator("colour noise")
def rgb_noise(image: Array, level: float, rng: Rng) -> Array:
    noise = grain(image.shape, size_of_grain(image, rng), rng)
    return image + level * rng.uniform(0.16, 0.28) * noise


@operator("colour noise")
def salt_and_pepper(image: Array, level: float, rng: Rng) -> Array:
    """Some pixels (or single channels of them) become black, white or any colour."""
    h, w = image.shape[:2]
    u = rng.random((h, w, 3 if rng.random() < 0.5 else 1), dtype=np.float32)
    value = rng.random(image.shape, dtype=np.float32)
    if rng.random() < 0.7:
        value = (rng.random(u.shape, dtype=np.float32) > 0.5).astype(np.float32)
    return np.where(u < level * rng.uniform(0.1, 0.22), value, image)


@operator("colour noise")
def speckle(image: Array, level: float, rng: Rng) -> Array:
    noise = grain(image.shape, size_of_grain(image, rng), rng)
    return (image + 0.03 * level) * (1 + level * rng.uniform(0.35, 0.6) * noise)


@operator("colour noise")
def chroma_blotches(image: Array, level: float, rng: Rng) -> Array:
    noise = grain(image.shape, side(image) * rng.uniform(0.003, 0.014), rng)
    noise -= luma(noise) * rng.uniform(0.6, 1)
    return image + level * (rng.uniform(0.16, 0.28) * noise + 0.05 * white(image.shape, rng))


def shaded(image: Array, surface: Array, amount: float, rng: Rng) -> Array:
    """Lay a zero-mean surface over a picture: multiplied, added, or overlaid."""
    t = np.clip(amount * surface, -0.6, 0.6)[..., None]
    kind = rng.integers(3)
    if kind == 0:
        return image * (1 + 1.3 * t) + 0.25 * t
    if kind == 1:
        return image + 0.8 * t
    return image + t * (0.35 + 2.4 * image * (1 - image))


def weave(shape: tuple[int, int], period: float, rng: Rng) -> Array:
    y, x = grid(shape)
    wobble = smooth_noise(shape, 12, rng) * 1.2
    a, b = 2 * np.pi * (x / period) + wobble, 2 * np.pi * (y / period) + wobble
    return np.sin(a) * np.sin(b) + 0.5 * np.cos(2 * a) * 0.6 + 0.3 * np.cos(2 * b)


@operator("canvas texture")
def canvas_weave(image: Array, level: float, rng: Rng) -> Array:
    shape = image.shape[:2]
    height = weave(shape, max(4, side(image) * rng.uniform(0.018, 0.035)), rng) + 0.4 * white(shape, rng)
    return shaded(image, height, level * rng.uniform(0.22, 0.35), rng)


@operator("canvas texture")
def canvas_threads(image: Array, level: float, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    length, width = s * rng.uniform(0.06, 0.2), s * rng.uniform(0.002, 0.006)
    tilt = 0.05 * rng.standard_normal()
    height = fibre(shape, tilt, length, width, rng) + fibre(shape, np.pi / 2 + tilt, length, width, rng)
    return shaded(image, height, level * rng.uniform(0.12, 0.2), rng)


@operator("canvas texture")
def canvas_lit(image: Array, level: float, rng: Rng) -> Array:
    shape = image.shape[:2]
    height = weave(shape, max(4, side(image) * rng.uniform(0.02, 0.04)), rng) + 0.6 * grain(shape, 1, rng)
    light = relief(height, rng.uniform(0, 2 * np.pi))
    return shaded(image, light / light.std(), level * rng.uniform(0.16, 0.26), rng)


def creamed(image: Array, level: float, rng: Rng) -> Array:
    """Lift the shadows towards the paper and tint a little."""
    tint = np.array([1, rng.uniform(0.95, 1), rng.uniform(0.82, 0.98)], np.float32)
    return image + level * ((0.85 * image + 0.15 * rng.random()) * tint - image)


@operator("paper texture")
def paper_tooth(image: Array, level: float, rng: Rng) -> Array:
    height = tooth(image.shape[:2], max(1.0, side(image) * rng.uniform(0.004, 0.01)), rng)
    light = relief(height, rng.uniform(0, 2 * np.pi)) if rng.random() < 0.6 else height
    return shaded(creamed(image, level, rng), light / light.std(), level * rng.uniform(0.13, 0.2), rng)


@operator("paper texture")
def crumpled_paper(image: Array, level: float, rng: Rng) -> Array:
    """Facets of random tilt: the creases show as jumps of light."""
    shape, s = image.shape[:2], side(image)
    height = np.zeros(shape, np.float32)
    for size in (s * rng.uniform(0.25, 0.4), s * rng.uniform(0.1, 0.2)):
        height += size * np.abs(smooth_noise(shape, max(2, s / size), rng) - 0.5)
        labels, count, _, _ = voronoi(shape, size, rng)
        height += 0.25 * size * soft(rng.random(count, dtype=np.float32)[labels], 0.12 * size)
    light = relief(height, rng.uniform(0, 2 * np.pi))
    light = light / light.std() + 0.3 * tooth(shape, 1.2, rng)
    return shaded(creamed(image, level, rng), light, level * rng.uniform(0.12, 0.18), rng)


@operator("paper texture")
def fibrous_paper(image: Array, level: float, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    surface = 0.8 * grain(shape, 0.6, rng) + 0.8 * grain(shape, s * 0.012, rng)
    if rng.random() < 0.5:
        surface += 1.2 * (
            stripes(shape, rng.choice([0, np.pi / 2]), max(3, s * rng.uniform(0.015, 0.03))) - 0.5
        )
    lines = []
    for _ in range(int(rng.integers(60, 200))):
        x, y, a, r = (
            rng.uniform(0, shape[1]),
            rng.uniform(0, shape[0]),
            rng.uniform(0, 6.3),
            s * rng.uniform(0.01, 0.05),
        )
        bend = a + rng.normal(0, 0.6)
        mid = (x + r * np.cos(a), y + r * np.sin(a))
        lines.append(
            ([(x, y), mid, (mid[0] + r * np.cos(bend), mid[1] + r * np.sin(bend))], 0.5, rng.uniform(0.3, 1))
        )
    surface -= rng.uniform(1.5, 3) * drawn(shape, lines)
    return shaded(creamed(image, level, rng), surface, level * rng.uniform(0.12, 0.18), rng)


def faded_in(level: float, rank: float) -> float:
    """How visible a mark of rank 0..1 is: the first ones come early, all are there at level 1."""
    return float(np.clip(1.6 * level - 0.6 * rank, 0, 1))


def marked(image: Array, mask: Array, colour: Array | float, opacity: float = 1.0) -> Array:
    return image + (colour - image) * (opacity * mask)[..., None]


@operator("scratched")
def long_scratches(image: Array, level: float, rng: Rng) -> Array:
    h, w = image.shape[:2]
    s, main, spread = side(image), rng.uniform(0, np.pi), rng.uniform(0.1, 1.5)
    lines = []
    for _ in range(int(rng.integers(70, 150))):
        a, r = main + rng.normal(0, spread), s * rng.uniform(0.08, 0.6)
        x, y, bend = rng.uniform(0, w), rng.uniform(0, h), rng.normal(0, 0.04 * s)
        dx, dy = r * np.cos(a), r * np.sin(a)
        points = [(x - dx, y - dy), (x - bend * np.sin(a), y + bend * np.cos(a)), (x + dx, y + dy)]
        lines.append(
            (points, s * rng.uniform(0.002, 0.007), faded_in(level, rng.random()) * rng.uniform(0.5, 1))
        )
    broken = step(smooth_noise((h, w), 30, rng), 0.2, 0.45)
    return marked(image, drawn((h, w), lines) * broken, 0.95 if rng.random() < 0.75 else 0.08)


@operator("scratched")
def film_scratches(image: Array, level: float, rng: Rng) -> Array:
    """Upright lines that run through the frame, as on worn film."""
    h, w = image.shape[:2]
    s, out = side(image), image
    for colour in (0.97, 0.05):
        lines = []
        for _ in range(int(rng.integers(10, 26))):
            x, top, bottom = rng.uniform(0, w), rng.uniform(-h, h * 0.5), rng.uniform(h * 0.5, 2 * h)
            points = [(x + rng.normal(0, 0.004 * s), y) for y in np.linspace(top, bottom, 8)]
            lines.append(
                (points, s * rng.uniform(0.001, 0.005), faded_in(level, rng.random()) * rng.uniform(0.5, 1))
            )
        out = marked(out, drawn((h, w), lines), colour)
    return out


@operator("scratched")
def scuffs(image: Array, level: float, rng: Rng) -> Array:
    """Bundles of fine parallel scratches and worn patches."""
    shape, s = image.shape[:2], side(image)
    mask = np.zeros(shape, np.float32)
    for _ in range(3):
        streaks = fibre(shape, rng.uniform(0, np.pi), s * rng.uniform(0.2, 0.6), 0.3, rng)
        mask += step(streaks, 0.9, 1.9) * step(smooth_noise(shape, 4, rng), 0.3, 0.55)
    return marked(image, np.clip(mask, 0, 1), rng.uniform(0.8, 1) if rng.random() < 0.7 else 0.1, level)


@blended("smooth")
def tone_bilateral(image: Array, rng: Rng) -> Array:
    return bilateral(image, side(image) * rng.uniform(0.02, 0.04), rng.uniform(0.1, 0.16))


@blended("smooth")
def guided_smooth(image: Array, rng: Rng) -> Array:
    width = int(side(image) * rng.uniform(0.03, 0.07)) | 1
    return guided(guided(image, width, rng.uniform(0.004, 0.01)), width, 0.004)


@blended("smooth")
def diffusion(image: Array, rng: Rng) -> Array:
    """Perona-Malik: the picture flows flat except across strong edges."""
    out, k = image.copy(), rng.uniform(0.02, 0.035)
    for _ in range(int(np.clip(side(image) * 0.06, 8, 14))):
        for axis in (0, 1):
            d = np.diff(out, axis=axis)
            flow = 0.24 * d / (1 + np.square(d / k).mean(-1, keepdims=True))
            if axis == 0:
                out[:-1] += flow
                out[1:] -= flow
            else:
                out[:, :-1] += flow
                out[:, 1:] -= flow
    return out


@operator("cracked")
def cell_cracks(image: Array, level: float, rng: Rng) -> Array:
    """Dried mud or old glaze: borders of warped cells."""
    h, w = image.shape[:2]
    s = side(image)
    size = s * rng.uniform(0.07, 0.18)
    _, _, _, border = voronoi((h, w), size, rng)
    warp = 0.35 * size
    yy, xx = np.indices((h, w))
    iy = np.clip(yy + warp * (2 * smooth_noise((h, w), s / size * 2, rng) - 1), 0, h - 1).astype(int)
    ix = np.clip(xx + warp * (2 * smooth_noise((h, w), s / size * 2, rng) - 1), 0, w - 1).astype(int)
    border = border[iy, ix]
    width = s * rng.uniform(0.005, 0.01) * (0.4 + 1.2 * smooth_noise((h, w), 5, rng))
    crack = soft(step(border, width * 1.2 + 0.4, width * 0.4), 0.5)
    light = 1 + 0.15 * level * relief(crack, rng.uniform(0, 6.3))[..., None] * 4
    colour = rng.uniform(0, 0.12) if rng.random() < 0.8 else 0.92
    return marked(image * light, crack, colour, level)


@operator("cracked")
def ridge_cracks(image: Array, level: float, rng: Rng) -> Array:
    """Thin lines where a noise passes its middle, as in craquelure."""
    shape, cells = image.shape[:2], rng.uniform(4, 9)
    mask = np.zeros(shape, np.float32)
    for k in range(3):
        noise = smooth_noise(shape, cells * 1.5**k, rng) + 0.15 * smooth_noise(shape, cells * 5, rng)
        gy, gx = np.gradient(noise)
        distance = np.abs(noise - np.median(noise)) / (np.hypot(gx, gy) + 1e-3)
        mask = np.maximum(mask, step(distance, side(image) * rng.uniform(0.005, 0.009), 0.3))
    return marked(image, mask, rng.uniform(0, 0.15) if rng.random() < 0.8 else 0.9, level)


@operator("cracked")
def branching_cracks(image: Array, level: float, rng: Rng) -> Array:
    h, w = image.shape[:2]
    s, lines, ends = side(image), [], []
    for _ in range(int(rng.integers(5, 10))):
        ends.append(
            (rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0, 6.3), s * rng.uniform(0.008, 0.014), 0)
        )
    while ends and len(lines) < 160:
        x, y, a, width, depth = ends.pop(0)
        points = [(x, y)]
        for _ in range(int(rng.integers(5, 14))):
            a += rng.normal(0, 0.45)
            r = s * rng.uniform(0.02, 0.05)
            x, y = x + r * np.cos(a), y + r * np.sin(a)
            points.append((x, y))
            if rng.random() < 0.3 and depth < 3:
                ends.append((x, y, a + rng.choice([-1, 1]) * rng.uniform(0.5, 1.2), width * 0.7, depth + 1))
        lines.append((points, max(0.5, width), 1.0))
    crack = drawn((h, w), lines)
    edge = relief(soft(crack, 1), rng.uniform(0, 6.3))
    return marked(image + (0.5 * level * edge)[..., None], crack, rng.uniform(0, 0.12), level)


def thread_shade(u: Array) -> Array:
    """Round a strand: bright in the middle of u in [0, 1), dark at its sides."""
    return np.abs(np.sin(np.pi * u)) ** 0.6


@operator("woven")
def basket(image: Array, level: float, rng: Rng) -> Array:
    """Flat strands over and under one another; the strands take the colours they cover."""
    h, w = image.shape[:2]
    size = max(6, side(image) * rng.uniform(0.04, 0.08))
    y, x = grid((h, w))
    u, v = x / size, y / size
    over = (np.floor(u) + np.floor(v)) % 2 == 0
    fu, fv = u - np.floor(u), v - np.floor(v)
    across, along = np.where(over, fv, fu), np.where(over, fu, fv)
    shade = (0.25 + 0.8 * thread_shade(across)) * (0.55 + 0.45 * thread_shade(along))
    iy = np.clip((np.floor(v) + 0.5) * size, 0, h - 1).astype(int)
    ix = np.clip((np.floor(u) + 0.5) * size, 0, w - 1).astype(int)
    colour = 0.5 * image + 0.5 * soft(image, size * 0.4)[iy, ix]
    streak = np.where(over, fibre((h, w), 0, size, 0.5, rng), fibre((h, w), np.pi / 2, size, 0.5, rng))
    effect = colour * (shade * rng.uniform(1.1, 1.3) + 0.06 * streak)[..., None]
    return image + level * (effect - image)


@operator("woven")
def fabric_threads(image: Array, level: float, rng: Rng) -> Array:
    """Plain or twill cloth of warp and weft threads."""
    h, w = image.shape[:2]
    size = max(3, side(image) * rng.uniform(0.015, 0.03))
    y, x = grid((h, w))
    u, v = x / size, y / size
    period = int(rng.integers(2, 5))
    over = (np.floor(u) + np.floor(v)) % period < period / 2
    fu, fv = u - np.floor(u), v - np.floor(v)
    shade = np.where(over, thread_shade(fv) * (0.7 + 0.3 * thread_shade(fu)), 0.85 * thread_shade(fu))
    uneven = 1 + 0.1 * rng.standard_normal(int(w / size) + 2)[np.floor(u).astype(int)]
    effect = image * (rng.uniform(0.25, 0.4) + shade * uneven)[..., None]
    return image + level * (effect - image)


@operator("woven")
def knitted(image: Array, level: float, rng: Rng) -> Array:
    """Columns of slanted stitches."""
    h, w = image.shape[:2]
    size = max(6, side(image) * rng.uniform(0.03, 0.055))
    y, x = grid((h, w))
    u = x / size
    fu = np.abs(2 * (u - np.floor(u)) - 1)
    v = y / size * rng.uniform(1.1, 1.5) + fu * 0.7
    shade = thread_shade(v - np.floor(v)) * (0.45 + 0.55 * np.abs(np.sin(np.pi * fu)) ** 0.5)
    ix = np.clip((np.floor(u) + 0.5) * size, 0, w - 1).astype(int).repeat(h, 0)
    iy = np.clip(y + 0 * u, 0, h - 1).astype(int)
    colour = 0.5 * image + 0.5 * soft(image, size * 0.3)[iy, ix]
    effect = colour * (0.25 + rng.uniform(0.85, 1) * shade + 0.05 * white((h, w), rng))[..., None]
    return image + level * (effect - image)


def specks(
    shape: tuple[int, int], density: float, level: float, sizes: tuple[float, float], rng: Rng
) -> Array:
    h, w = shape
    lines = []
    for _ in range(int(density)):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(*sizes) * rng.random() ** 1.5 + 0.5
        dx, dy = rng.normal(0, 0.5 * r, 2)
        lines.append(([(x, y), (x + dx, y + dy)], r, faded_in(level, rng.random()) * rng.uniform(0.5, 1)))
    return drawn(shape, lines)


@operator("dusty")
def light_specks(image: Array, level: float, rng: Rng) -> Array:
    s = side(image)
    mask = specks(image.shape[:2], rng.uniform(500, 1000), level, (0.5, s * rng.uniform(0.01, 0.025)), rng)
    return marked(image, soft(mask, rng.uniform(0, 0.8)), rng.uniform(0.8, 1))


@operator("dusty")
def dirt_and_hairs(image: Array, level: float, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    lines = []
    for _ in range(int(rng.integers(8, 26))):
        x, y, a, points = rng.uniform(0, shape[1]), rng.uniform(0, shape[0]), rng.uniform(0, 6.3), []
        turn = rng.normal(0, 0.35)
        for _ in range(7):
            points.append((x, y))
            a += turn + rng.normal(0, 0.15)
            x, y = x + s * 0.012 * np.cos(a), y + s * 0.012 * np.sin(a)
        lines.append((points, 0.6, faded_in(level, rng.random())))
    light = rng.random() < 0.6
    mask = np.maximum(drawn(shape, lines), specks(shape, 500, level, (0.5, s * 0.02), rng))
    out = marked(image, mask, 0.95 if light else 0.1)
    return marked(out, specks(shape, 250, level, (0.5, s * 0.015), rng), 0.1 if light else 0.9)


@operator("dusty")
def dust_film(image: Array, level: float, rng: Rng) -> Array:
    """A pale uneven layer with a fine powder on it."""
    shape, s = image.shape[:2], side(image)
    colour = np.array([0.75, rng.uniform(0.66, 0.75), rng.uniform(0.5, 0.72)], np.float32)
    film = 0.2 + 0.5 * smooth_noise(shape, rng.uniform(2, 5), rng)
    out = marked(image, film, colour, 0.75 * level)
    powder = step(grain(shape, rng.uniform(0.3, 0.3 + s * 0.003), rng), 1.2, 2.2) * (0.3 + 0.7 * film)
    return marked(out, powder, np.minimum(colour * 1.25, 1), 0.85 * level)


@operator("rough")
def bumpy_relief(image: Array, level: float, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    size = max(0.6, s * rng.uniform(0.004, 0.012))
    height = sum(grain(shape, size * 2**k, rng) * 2 ** (0.8 * k) for k in range(3))
    light = relief(height, rng.uniform(0, 2 * np.pi))
    return shaded(image, light / light.std(), level * rng.uniform(0.2, 0.3), rng)


@operator("rough")
def stucco(image: Array, level: float, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    size = max(4, s * rng.uniform(0.025, 0.05))
    _, _, d, _ = voronoi(shape, size, rng)
    height = soft(np.sqrt(np.maximum(size**2 - d**2, 0)), 0.8) + 0.06 * size * grain(shape, 0.8, rng)
    light = relief(height, rng.uniform(0, 2 * np.pi))
    return shaded(image, light / light.std(), level * rng.uniform(0.2, 0.3), rng)


@operator("rough")
def eroded_surface(image: Array, level: float, rng: Rng) -> Array:
    """A pitted surface: dark pores, lit rims, and coarse unevenness."""
    shape, s = image.shape[:2], side(image)
    rock = grain(shape, max(0.7, s * rng.uniform(0.005, 0.01)), rng)
    pits = step(rock, 0.5, 1.6)
    light = relief(soft(-pits, 0.7), rng.uniform(0, 2 * np.pi))
    surface = 0.9 * light / light.std() - 0.9 * (pits - pits.mean()) + 0.5 * grain(shape, 0.5, rng)
    return shaded(image, surface, level * rng.uniform(0.2, 0.28), rng)
