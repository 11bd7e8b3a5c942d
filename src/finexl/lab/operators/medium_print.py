"""Operators of the medium aspect: printed, built and crafted pictures."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw
from scipy.spatial import Delaunay

from finexl.lab.operators._pixels import from_hsv, luma, side, smooth_noise
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    blended,
    blocks,
    cell_means,
    dog_lines,
    edges,
    fibre,
    grain,
    gray,
    grid,
    ink_colour,
    inked,
    kuwahara,
    paper_colour,
    posterise,
    quantised,
    relief,
    saturate,
    smear,
    soft,
    step,
    stretch,
    stripes,
    tangent,
    tooth,
    unblock,
    voronoi,
    white,
)


@blended("woodcut")
def carved_flow(image: Array, rng: Rng) -> Array:
    """Binary grain drawn along the forms, thresholded by the tone."""
    shape, s = image.shape[:2], side(image)
    angle = tangent(gray(image), s * rng.uniform(0.015, 0.03))
    cut = smear(grain(shape, max(0.6, s * 0.005), rng), angle, s * rng.uniform(0.05, 0.09), 4)
    dark = 0.5 - stretch(soft(gray(image), s * 0.006)) + rng.uniform(0.25, 0.4) * cut / cut.std()
    mask = np.maximum(step(dark, -0.06, 0.06), dog_lines(gray(image), s * 0.008, 50, 0.012))
    return inked(mask, ink_colour(rng), paper_colour(rng) * rng.uniform(0.9, 1))


@blended("woodcut")
def gouged_lines(image: Array, rng: Rng) -> Array:
    """White gouge lines of one direction that widen with the light."""
    shape, s = image.shape[:2], side(image)
    tone = stretch(soft(gray(image), s * 0.007))
    wobble = rng.uniform(0.4, 1) * smooth_noise(shape, 8, rng) + rng.uniform(0, 1.5) * tone
    line = stripes(shape, rng.uniform(0, np.pi), max(4, s * rng.uniform(0.025, 0.045)), wobble)
    mask = step(line - 1.25 * (tone - 0.1) + 0.1 * grain(shape, 1, rng), -0.08, 0.12)
    return inked(mask, ink_colour(rng), paper_colour(rng))


@blended("woodcut")
def linocut(image: Array, rng: Rng) -> Array:
    """Broad black shapes with chips, one block or two."""
    shape, s = image.shape[:2], side(image)
    tone = stretch(soft(gray(image), s * rng.uniform(0.008, 0.014))) + 0.1 * (
        smooth_noise(shape, 25, rng) - 0.5
    )
    chips = fibre(shape, rng.uniform(0, np.pi), s * 0.08, s * 0.006, rng)
    black = step(tone + 0.12 * chips, 0.42, 0.36)
    second = rng.uniform(0.3, 0.9, 3).astype(np.float32) if rng.random() < 0.5 else np.float32(0.5)
    out = inked(step(tone + 0.1 * chips, 0.74, 0.68) * step(chips, -0.9, -0.5), second, paper_colour(rng))
    return out + (ink_colour(rng) - out) * black[..., None]


def cut_line(line: Array, tone: Array, hard: float = 0.12) -> Array:
    """Ink where a line wave is below the darkness."""
    return step(line - (1 - tone) * 1.1 + 0.05, hard, -hard)


@blended("engraving")
def banknote_lines(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    tone = stretch(soft(gray(image), 0.8))
    period, angle = max(3.2, s * rng.uniform(0.016, 0.028)), rng.uniform(0, np.pi)
    bend = rng.uniform(0, 1.2) * soft(tone, s * 0.03) + rng.uniform(0, 1.5) * smooth_noise(shape, 2, rng)
    mask = cut_line(stripes(shape, angle, period, bend), tone, 0.15)
    if rng.random() < 0.6:
        cross = cut_line(stripes(shape, angle + rng.uniform(0.8, 1.6), period, bend), tone + 0.4, 0.15)
        mask = np.maximum(mask, cross)
    return inked(mask, ink_colour(rng), paper_colour(rng))


@blended("engraving")
def circular_engraving(image: Array, rng: Rng) -> Array:
    """One family of rings or a spiral that swells with the tone."""
    h, w = image.shape[:2]
    y, x = grid((h, w))
    y, x = y - h * rng.uniform(0.2, 0.8), x - w * rng.uniform(0.2, 0.8)
    phase = np.hypot(x, y) / max(3.2, side(image) * rng.uniform(0.018, 0.03)) + np.arctan2(y, x) / (2 * np.pi)
    mask = cut_line(np.abs(2 * (phase - np.floor(phase)) - 1), stretch(soft(gray(image), 0.8)), 0.15)
    return inked(mask, ink_colour(rng), paper_colour(rng))


@blended("engraving")
def contour_engraving(image: Array, rng: Rng) -> Array:
    """Lines that ride over the forms, with fine contours."""
    shape, s = image.shape[:2], side(image)
    plane = stretch(gray(image))
    lift = soft(plane, s * 0.015) * rng.uniform(1.5, 3)
    mask = cut_line(
        stripes(shape, np.pi / 2 + rng.normal(0, 0.2), max(3.2, s * rng.uniform(0.018, 0.028)), lift),
        plane,
        0.15,
    )
    mask = np.maximum(mask, dog_lines(plane, s * 0.004, 25, 0.01))
    return inked(mask, ink_colour(rng), paper_colour(rng))


@blended("mosaic")
def square_tiles(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    size = max(5, int(s * rng.uniform(0.03, 0.055)))
    small = blocks(image, size)
    small = small * (1 + rng.uniform(0.03, 0.12) * white((*small.shape[:2], 1), rng))
    y, x = grid(shape)
    gap = np.minimum(np.minimum(x % size, size - 1 - x % size), np.minimum(y % size, size - 1 - y % size))
    tile = step(gap, -0.3, max(0.8, size * 0.12))
    grout = np.float32(rng.choice([0.1, 0.35, 0.85]))
    return grout + (unblock(small, size, shape) - grout) * tile[..., None]


def voronoi_tiles(image: Array, size: float, gap: float, pull: float, rng: Rng) -> tuple[Array, Array]:
    follow = soft(image, 1) if pull else None
    labels, count, _, border = voronoi(image.shape[:2], size, rng, rng.uniform(0.4, 0.95), follow, pull)
    colours = cell_means(image, labels, count)
    colours = colours * (1 + 0.06 * white((count, 1), rng))
    return colours[labels], step(border, gap * 0.5, gap * 0.5 + 1)


@blended("mosaic")
def jittered_tiles(image: Array, rng: Rng) -> Array:
    s = side(image)
    flat, tile = voronoi_tiles(
        image, max(5, s * rng.uniform(0.03, 0.06)), s * rng.uniform(0.003, 0.008), 0, rng
    )
    grout = np.float32(rng.choice([0.08, 0.3, 0.9]))
    out = grout + (flat - grout) * tile[..., None]
    return out + 0.3 * relief(soft(tile, 0.7), rng.uniform(0, 6.3))[..., None]


@blended("mosaic")
def fitted_tiles(image: Array, rng: Rng) -> Array:
    """Pieces that follow the picture; the joint may be thin or missing."""
    s = side(image)
    flat, tile = voronoi_tiles(
        image, max(6, s * rng.uniform(0.04, 0.08)), s * rng.uniform(0.001, 0.004), 1.0, rng
    )
    joint = rng.choice([0.0, 0.6, 1.0])
    return flat * (1 - joint * (1 - tile))[..., None]


@blended("stained glass")
def leaded_cells(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    glass, lead = voronoi_tiles(image, s * rng.uniform(0.08, 0.14), s * rng.uniform(0.009, 0.018), 0, rng)
    glass = saturate(np.clip(glass * 1.25 + 0.05, 0, 1), rng.uniform(1.8, 2.8))
    glass = glass * (0.8 + 0.4 * smooth_noise(shape, 12, rng))[..., None]
    return glass * lead[..., None] + 0.04


@blended("stained glass")
def fitted_glass(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    labels, count, d, _ = voronoi(shape, s * rng.uniform(0.09, 0.15), rng, 0.9, soft(image, s * 0.02), 1.1)
    colour = saturate(np.clip(cell_means(image, labels, count) * 1.25, 0, 1)[None], rng.uniform(1.8, 2.6))[0]
    border = (np.diff(labels, axis=0, append=labels[-1:]) != 0) | (
        np.diff(labels, axis=1, append=labels[:, -1:]) != 0
    )
    lead = step(soft(border.astype(np.float32), max(0.8, s * rng.uniform(0.004, 0.007))), 0.08, 0.25)
    out = np.clip(colour[labels] * (1.2 - 0.4 * d / (s * 0.12))[..., None], 0, 1)
    return out * (1 - lead)[..., None] + 0.03


@blended("stained glass")
def lead_outlines(image: Array, rng: Rng) -> Array:
    """Panes of few pure colours, a lead came along every change and a lattice."""
    shape, s = image.shape[:2], side(image)
    flat = quantised(soft(saturate(image, 2), s * 0.015), int(rng.integers(5, 9)), rng)
    lead = step(soft(np.clip(edges(gray(flat), 0.6), 0, 1), s * 0.004), 0.2, 0.45)
    _, _, _, border = voronoi(shape, s * rng.uniform(0.14, 0.24), rng)
    lead = np.maximum(lead, step(border, s * 0.009 + 0.7, s * 0.006))
    pane = (
        saturate(np.clip(flat * 1.3 + 0.08, 0, 1), 1.6) * (0.8 + 0.4 * smooth_noise(shape, 9, rng))[..., None]
    )
    return pane * (1 - lead)[..., None] + 0.03


def pixel_size(image: Array, rng: Rng) -> int:
    return max(3, round(side(image) * rng.uniform(0.018, 0.04)))


@blended("pixel art")
def block_palette(image: Array, rng: Rng) -> Array:
    size = pixel_size(image, rng)
    small = quantised(saturate(blocks(image, size), rng.uniform(1.1, 1.4)), int(rng.integers(8, 24)), rng)
    return unblock(small, size, image.shape[:2])


@blended("pixel art")
def plain_blocks(image: Array, rng: Rng) -> Array:
    size = pixel_size(image, rng)
    small = blocks(image, size) if rng.random() < 0.5 else image[size // 2 :: size, size // 2 :: size]
    h, w = image.shape[:2]
    out = unblock(small, size, (h, w))
    return np.pad(out, ((0, h - out.shape[0]), (0, w - out.shape[1]), (0, 0)), mode="edge")


@blended("pixel art")
def dithered_console(image: Array, rng: Rng) -> Array:
    """Ordered dither of a few tones per channel, or of a console's four greens or grays."""
    size = pixel_size(image, rng)
    small = blocks(image, size)
    bayer = (
        np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) + 0.5
    ) / 16 - 0.5
    h, w = small.shape[:2]
    dither = np.tile(bayer, (h // 4 + 1, w // 4 + 1))[:h, :w, None]
    if rng.random() < 0.3:
        index = np.clip(np.round(stretch(gray(small))[..., None] * 3 + 0.8 * dither), 0, 3)[..., 0].astype(
            int
        )
        dark, light = rng.uniform(0, 0.25, 3), rng.uniform(0.65, 1, 3)
        small = (dark + (light - dark) * np.linspace(0, 1, 4)[:, None]).astype(np.float32)[index]
    else:
        tones = int(rng.integers(3, 6))
        small = np.clip(np.round(small * (tones - 1) + rng.uniform(0.4, 0.9) * dither), 0, tones - 1) / (
            tones - 1
        )
    return unblock(small, size, image.shape[:2])


def triangles(image: Array, points: Array, colour_at: Array, rng: Rng, vary: float) -> Array:
    h, w = image.shape[:2]
    corners = np.array([[0, 0], [0, h], [w, 0], [w, h]], float)
    points = np.concatenate([corners, points])
    canvas = Pillow.new("RGB", (w, h))
    draw = ImageDraw.Draw(canvas)
    faces = points[Delaunay(points).simplices]
    centre = faces.mean(1)
    colours = colour_at[
        np.clip(centre[:, 1], 0, h - 1).astype(int), np.clip(centre[:, 0], 0, w - 1).astype(int)
    ]
    colours = colours * (1 + vary * rng.standard_normal((len(colours), 1)))
    for face, colour in zip(faces.tolist(), (np.clip(colours, 0, 1) * 255).astype(int).tolist(), strict=True):
        draw.polygon([tuple(p) for p in face], fill=tuple(colour))
    return np.asarray(canvas, np.float32) / 255


@blended("low poly")
def edge_triangles(image: Array, rng: Rng) -> Array:
    h, w = image.shape[:2]
    s = side(image)
    weight = (np.clip(edges(gray(image), s * 0.006), 0, 1.5) + rng.uniform(0.03, 0.12)).ravel().cumsum()
    at = np.searchsorted(weight, rng.uniform(0, weight[-1], int(rng.integers(180, 500))))
    border = [[x, y] for x in np.linspace(0, w, 7)[1:-1] for y in (0, h)]
    border += [[x, y] for y in np.linspace(0, h, 7)[1:-1] for x in (0, w)]
    points = np.concatenate(
        [np.array(border), np.stack([at % w, at // w], 1) + rng.uniform(0, 1, (len(at), 2))]
    )
    return triangles(image, points, soft(image, s * 0.012), rng, rng.uniform(0, 0.06))


@blended("low poly")
def even_triangles(image: Array, rng: Rng) -> Array:
    h, w = image.shape[:2]
    size = side(image) * rng.uniform(0.06, 0.11)
    y, x = np.mgrid[0 : h + size : size, 0 : w + size : size]
    points = np.stack([x, y], -1).reshape(-1, 2) + size * rng.uniform(-0.38, 0.38, (x.size, 2))
    return triangles(image, points, saturate(soft(image, size * 0.25), 1.15), rng, rng.uniform(0.02, 0.1))


def screen(shape: tuple[int, int], angle: float, period: float) -> Array:
    y, x = grid(shape)
    u = 2 * np.pi / period * (x * np.cos(angle) + y * np.sin(angle))
    v = 2 * np.pi / period * (y * np.cos(angle) - x * np.sin(angle))
    return 0.5 + 0.25 * (np.cos(u) + np.cos(v))


def dots(dark: Array, angle: float, period: float) -> Array:
    """Ink dots that cover as much as `dark` asks."""
    return np.clip((dark * 1.04 - 1 + screen(dark.shape, angle, period)) * period * 0.45 + 0.5, 0, 1)


def dot_period(image: Array, rng: Rng) -> float:
    return max(4.0, side(image) * rng.uniform(0.018, 0.04))


@blended("halftone")
def gray_dots(image: Array, rng: Rng) -> Array:
    period = dot_period(image, rng)
    mask = dots(1 - stretch(soft(gray(image), period * 0.2)), rng.uniform(0, np.pi / 2), period)
    return inked(mask, ink_colour(rng), paper_colour(rng))


@blended("halftone")
def cmyk_dots(image: Array, rng: Rng) -> Array:
    period, turn = dot_period(image, rng), rng.uniform(0, 0.5)
    ink = 1 - np.clip(soft(saturate(image, 1.2), period * 0.2), 0, 1)
    black = rng.uniform(0.3, 0.9) * ink.min(-1)
    out = np.ones_like(image)
    for c, angle in enumerate((0.26, 1.31, 0.0)):
        out[..., c] = 1 - 0.95 * dots(np.clip(ink[..., c] - black, 0, 1), turn + angle, period)
    return out * (1 - dots(black, turn + 0.79, period))[..., None] * paper_colour(rng)


@blended("halftone")
def colour_dot_grid(image: Array, rng: Rng) -> Array:
    """Round dots of the local colour, large where it is dark (or light, on black)."""
    shape = image.shape[:2]
    size = max(5, round(side(image) * rng.uniform(0.025, 0.045)))
    small = blocks(image, size)
    tone = unblock(luma(small), size, shape)[..., 0]
    light = rng.random() < 0.4
    y, x = grid(shape)
    d = np.hypot(x % size - (size - 1) / 2, y % size - (size - 1) / 2)
    radius = size * 0.66 * np.sqrt(np.clip(tone if light else 1.05 - tone, 0, 1))
    mask = np.clip(radius - d + 0.5, 0, 1)[..., None]
    ground = np.float32(0.03 if light else 0.98)
    colour = unblock(small, size, shape) if rng.random() < 0.6 else np.float32(1 - ground)
    return ground + (colour - ground) * mask


def round_dots(image: Array, base: Array, radius: float, count: int, vary: float, rng: Rng) -> Array:
    h, w = image.shape[:2]
    y, x = rng.uniform(0, h, count), rng.uniform(0, w, count)
    colour = image[y.astype(int), x.astype(int)] + vary * white((count, 3), rng)
    r = radius * rng.uniform(0.75, 1.2, count)
    canvas = Pillow.fromarray((np.clip(base, 0, 1) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(canvas)
    boxes = np.stack([x - r, y - r, x + r, y + r], 1).tolist()
    for at, fill in zip(boxes, (np.clip(colour, 0, 1) * 255).astype(int).tolist(), strict=True):
        draw.ellipse(at, fill=tuple(fill))
    return np.asarray(canvas, np.float32) / 255


@blended("pointillism")
def scattered_dots(image: Array, rng: Rng) -> Array:
    s = side(image)
    radius = max(1.3, s * rng.uniform(0.008, 0.014))
    ground = np.broadcast_to(paper_colour(rng) * rng.uniform(0.8, 1), image.shape)
    count = int(min(3200, 0.55 * image.shape[0] * image.shape[1] / radius**2))
    return round_dots(
        saturate(image, rng.uniform(1.2, 1.7)), ground, radius, count, rng.uniform(0.08, 0.16), rng
    )


@blended("pointillism")
def packed_dots(image: Array, rng: Rng) -> Array:
    """One dot per cell of a jittered grid, its colour split from the mean."""
    s = side(image)
    size = max(3.5, s * rng.uniform(0.015, 0.03))
    labels, count, d, _ = voronoi(image.shape[:2], size, rng, 0.7)
    colour = saturate(cell_means(image, labels, count)[None], rng.uniform(1.2, 1.8))[0]
    colour = np.clip(colour + rng.uniform(0.06, 0.15) * white((count, 3), rng), 0, 1)
    dot = np.clip(size * rng.uniform(0.42, 0.52) - d + 0.5, 0, 1)[..., None]
    ground = paper_colour(rng) if rng.random() < 0.7 else np.float32(0.12)
    return ground + (colour[labels] - ground) * dot


@blended("cross-stitch")
def aida_crosses(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    size = max(6, round(s * rng.uniform(0.028, 0.045)))
    small = quantised(saturate(blocks(image, size), 1.2), int(rng.integers(10, 24)), rng)
    small = small * (1 + 0.04 * white((*small.shape[:2], 1), rng))
    y, x = grid(shape)
    u, v = (x % size + 0.5) / size, (y % size + 0.5) / size
    width = rng.uniform(0.2, 0.3)
    first, second = np.abs(u - v), np.abs(u + v - 1)
    top = step(first, width + 0.08, width - 0.05)
    under = step(second, width + 0.08, width - 0.05) * (1 - top)
    shade = top * (1.08 - 0.9 * first) + under * (0.85 - 0.9 * second)
    cloth = paper_colour(rng) * rng.uniform(0.75, 1)
    holes = 1 - 0.6 * step(np.minimum(u, 1 - u) + np.minimum(v, 1 - v), 0.2, 0.05)
    thread = unblock(small, size, shape)
    out = cloth * holes[..., None]
    return out + (thread * shade[..., None] - out) * np.maximum(top, under)[..., None]


@blended("cross-stitch")
def full_stitches(image: Array, rng: Rng) -> Array:
    """Crosses that fill their cell; only a dark seam shows between them."""
    shape, s = image.shape[:2], side(image)
    size = max(6, round(s * rng.uniform(0.025, 0.04)))
    small = blocks(image, size)
    small = small if rng.random() < 0.5 else quantised(small, 16, rng)
    y, x = grid(shape)
    u, v = (x % size + 0.5) / size * 2 - 1, (y % size + 0.5) / size * 2 - 1
    arm = np.maximum(1 - np.abs(u - v) * 1.3, (1 - np.abs(u + v) * 1.3) * 0.85)
    shade = np.clip(0.35 + 0.85 * np.clip(arm, 0, 1) ** 0.6, 0, 1.15)
    twist = 1 + 0.12 * np.sin(2 * np.pi * (u + v) * 2)
    return unblock(small, size, shape) * (shade * twist)[..., None]


def stacked(tone: Array, colours: Array, cuts: Array, rng: Rng) -> Array:
    """Sheets of paper one above the other, each with the shadow it throws on those below."""
    h, w = tone.shape
    s = min(h, w)
    reach, angle = max(1.5, s * rng.uniform(0.012, 0.025)), rng.uniform(0, 2 * np.pi)
    dy, dx = round(reach * np.sin(angle)), round(reach * np.cos(angle))
    out = np.broadcast_to(colours[0], (h, w, 3))
    for colour, cut in zip(colours[1:], cuts, strict=True):
        sheet = step(tone, cut - 0.012, cut + 0.012)
        shadow = soft(np.roll(sheet, (dy, dx), (0, 1)), reach * 0.5) * rng.uniform(0.45, 0.65)
        out = out * (1 - shadow)[..., None]
        out = out + (colour - out) * sheet[..., None]
    return out * (1 + 0.03 * tooth((h, w), 1.0, rng))[..., None]


@blended("paper cutout")
def picture_sheets(image: Array, rng: Rng) -> Array:
    s, n = side(image), int(rng.integers(4, 7))
    smooth = soft(kuwahara(image, max(3, int(s * 0.05)) | 1), s * rng.uniform(0.006, 0.014))
    tone = stretch(gray(smooth))
    cuts = np.linspace(0, 1, n + 1)[1:-1] + rng.uniform(-0.04, 0.04, n - 1)
    index = np.searchsorted(cuts, tone.ravel()).reshape(tone.shape)
    colours = saturate(cell_means(image, index, n)[None], rng.uniform(1.3, 2))[0]
    if rng.random() < 0.5:
        return stacked(tone, colours, cuts, rng)
    return stacked(1 - tone, colours[::-1], (1 - cuts)[::-1], rng)


@blended("paper cutout")
def coloured_sheets(image: Array, rng: Rng) -> Array:
    """Free paper colours, from dark to light."""
    s, n = side(image), int(rng.integers(4, 6))
    tone = stretch(soft(gray(image), s * rng.uniform(0.012, 0.022)))
    hue = (rng.random() + rng.uniform(0.1, 0.6) * np.linspace(0, 1, n) + 0.05 * rng.standard_normal(n)) % 1
    hsv = np.stack([hue, np.linspace(0.85, 0.35, n), np.linspace(0.3, 1, n)], -1)
    colours = from_hsv(hsv[None].astype(np.float32))[0]
    return stacked(tone, colours, np.linspace(0, 1, n + 1)[1:-1], rng)


@blended("paper cutout")
def colour_pieces(image: Array, rng: Rng) -> Array:
    """Flat pieces by colour, each edge with a small shadow."""
    s = side(image)
    flat = quantised(soft(saturate(image, 1.5), s * rng.uniform(0.015, 0.025)), int(rng.integers(5, 8)), rng)
    shift = max(1, int(s * 0.012))
    height = gray(flat)
    drop = np.clip(np.roll(height, (shift, shift), (0, 1)) - height, 0, 1)
    shadow = soft(step(drop, 0.01, 0.06), s * 0.006) * step(drop, -0.01, 0.02)
    out = soft(flat, 0.4) * (1 - rng.uniform(0.5, 0.7) * np.clip(shadow * 1.5, 0, 1))[..., None]
    return out * (1 + 0.03 * tooth(height.shape, 1.0, rng))[..., None]


def loud_palette(count: int, rng: Rng) -> Array:
    """Saturated colours of well separated hues, from dark to light."""
    hue = (rng.random() + rng.permutation(count) / count + 0.05 * rng.standard_normal(count)) % 1
    hsv = np.stack([hue, rng.uniform(0.75, 1, count), np.linspace(0.55, 1, count)], -1)
    colours = from_hsv(hsv[None].astype(np.float32))[0]
    if rng.random() < 0.5:
        colours[0] = 0.04
    return colours[np.argsort(colours @ np.array([0.3, 0.59, 0.11]))].astype(np.float32)


def screenprint(tone: Array, rng: Rng) -> Array:
    count = int(rng.integers(3, 6))
    index = np.minimum((tone * count).astype(int), count - 1)
    return soft(loud_palette(count, rng)[index], 0.4)


@blended("pop art")
def flat_screenprint(image: Array, rng: Rng) -> Array:
    return screenprint(stretch(soft(gray(image), side(image) * rng.uniform(0.004, 0.012))), rng)


@blended("pop art")
def four_panels(image: Array, rng: Rng) -> Array:
    """The picture four times, each in other inks."""
    h, w = image.shape[:2]
    tone = stretch(soft(gray(image), 1.2))
    top, left = (h + 1) // 2, (w + 1) // 2
    y = np.minimum(np.arange(top) * 2, h - 1)
    x = np.minimum(np.arange(left) * 2, w - 1)
    small = tone[np.ix_(y, x)]
    rows = [np.concatenate([screenprint(small, rng) for _ in range(2)], 1) for _ in range(2)]
    return np.concatenate(rows, 0)[:h, :w]


@blended("pop art")
def dotted_pop(image: Array, rng: Rng) -> Array:
    """Saturated primaries, dots for the half tones, black shapes and lines."""
    s = side(image)
    smooth = soft(image, s * 0.008)
    tone = stretch(gray(smooth))
    colours = loud_palette(3, rng)
    period = max(4, s * rng.uniform(0.025, 0.045))
    out = (
        colours[2]
        + (colours[1] - colours[2]) * dots(np.clip(1.15 - 1.2 * tone, 0, 1), 0.79, period)[..., None]
    )
    flat = posterise(saturate(smooth, 3), 2, 8)
    out = out if rng.random() < 0.5 else 0.5 * out + 0.5 * flat
    line = np.maximum(step(edges(gray(image), s * 0.006), 0.5, 0.8), step(tone, 0.25, 0.18))
    return out * (1 - line)[..., None]


def blue_paper(shape: tuple[int, int], rng: Rng) -> Array:
    blue = np.array([rng.uniform(0.02, 0.15), rng.uniform(0.15, 0.35), rng.uniform(0.45, 0.72)], np.float32)
    s = min(shape)
    uneven = 0.88 + 0.24 * smooth_noise(shape, 3, rng) + 0.03 * tooth(shape, 1.0, rng)
    paper = blue * uneven[..., None]
    if rng.random() < 0.7:
        period = max(8, s * rng.uniform(0.05, 0.1))
        lines = np.maximum(stripes(shape, 0, period), stripes(shape, np.pi / 2, period))
        paper = paper + rng.uniform(0.1, 0.25) * step(lines, 1 - 2.4 / period, 1 - 0.8 / period)[..., None]
    return paper


@blended("blueprint")
def drafted_lines(image: Array, rng: Rng) -> Array:
    s = side(image)
    line = dog_lines(stretch(gray(image)), s * rng.uniform(0.003, 0.007), 25, 0.012)
    paper = blue_paper(image.shape[:2], rng)
    return paper + (np.float32([0.92, 0.96, 1]) - paper) * (0.92 * line)[..., None]


@blended("blueprint")
def cyanotype_edges(image: Array, rng: Rng) -> Array:
    """White contours with a trace of the tones in blue."""
    s = side(image)
    line = step(edges(gray(image), s * rng.uniform(0.003, 0.006)), 0.2, rng.uniform(0.7, 1.1))
    paper = blue_paper(image.shape[:2], rng) * (0.8 + rng.uniform(0, 0.5) * stretch(gray(image)))[..., None]
    return paper + (np.float32([0.9, 0.96, 1]) - paper) * (0.95 * line)[..., None]
