"""Lines and drawings from gradients, Laplacians and ratios, by channel or by luma, thresholded or not."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from finexl.lab.operators._pixels import blur, mix, side
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    blended,
    box,
    dog_lines,
    edges,
    grain,
    gray,
    ink_colour,
    inked,
    paper_colour,
    saturate,
    soft,
    step,
    stretch,
    stripes,
    tooth,
)
from finexl.lab.operators.smoothing import edge_stopped, moved, unit


def slopes(image: Array, sigma: float, rng: Rng) -> Array:
    """The gradient's size in every channel (or plane), by one of several small kernels."""
    x = soft(image, sigma)
    kind = rng.integers(4)
    if kind == 0:
        dx, dy = (ndimage.sobel(x, axis) / 4 for axis in (1, 0))
    elif kind == 1:
        dx, dy = moved(x, 0, 1) - x, moved(x, 1, 0) - x
    elif kind == 2:
        dx, dy = moved(x, 1, 1) - x, moved(x, 1, 0) - moved(x, 0, 1)
    else:
        size = (3, 3, 1)[: x.ndim]
        return ndimage.grey_dilation(x, size) - ndimage.grey_erosion(x, size)
    return np.abs(dx) + np.abs(dy) if rng.random() < 0.4 else np.hypot(dx, dy)


def strength(x: Array, percentile: float = 97) -> Array:
    return x / max(float(np.percentile(x[::2, ::2], percentile)), 0.012)


def colour_contours(image: Array, rng: Rng) -> Array:
    """About 1 at this picture's strong contours, from the channels' largest or joint gradient."""
    size = slopes(image, rng.uniform(0.4, 1.5) * unit(image), rng)
    joint = size.max(-1) if rng.random() < 0.6 else np.sqrt(np.square(size).sum(-1))
    return strength(joint, rng.uniform(93, 98))


def paper_or_white(rng: Rng) -> Array:
    return np.ones(3, np.float32) if rng.random() < 0.7 else paper_colour(rng)


def black_or_ink(rng: Rng) -> Array:
    return np.zeros(3, np.float32) if rng.random() < 0.6 else ink_colour(rng)


# ---------------------------------------------------------------------------------------------- line art


@blended("line art")
def hard_colour_contours(image: Array, rng: Rng) -> Array:
    """Where colours change faster than a threshold there is ink; lines may be widened or thinned."""
    mask = colour_contours(image, rng) > rng.uniform(0.3, 0.75)
    kind = rng.integers(4)
    if kind == 0:
        mask = ndimage.binary_dilation(mask)
    elif kind == 1:
        part, _ = ndimage.label(mask, np.ones((3, 3)))
        few = np.bincount(part.ravel()) < 12
        mask = mask & ~few[part]
    line = soft(mask.astype(np.float32), rng.choice((0.0, 0.5)))
    return inked(line, black_or_ink(rng), paper_or_white(rng))


@blended("line art")
def white_less_the_gradient(image: Array, rng: Rng) -> Array:
    """White minus each channel's gradient: faint lines in the colours' complements, or in gray."""
    size = slopes(image, rng.uniform(0.3, 1.3) * unit(image), rng)
    if rng.random() < 0.35:
        size = np.repeat(size.mean(-1, keepdims=True), 3, -1)
    faint = strength(size, 98) * rng.uniform(0.6, 1.2)
    return 1 - np.clip(faint, 0, 1) ** rng.uniform(0.7, 1.3)


@blended("line art")
def dark_side_of_laplacian(image: Array, rng: Rng) -> Array:
    """Lines where the second derivative is large, on the dark side, the light side or both."""
    plane = soft(image.max(-1) if rng.random() < 0.3 else gray(image), rng.uniform(0.6, 1.8) * unit(image))
    bend = ndimage.laplace(plane)
    bend = (np.maximum(bend, 0), np.maximum(-bend, 0), np.abs(bend))[rng.integers(3)]
    low = rng.uniform(0.15, 0.5)
    line = step(strength(bend, 97), low, low + rng.uniform(0.1, 0.7))
    return inked(line, black_or_ink(rng), paper_or_white(rng))


@blended("line art")
def divided_by_surroundings(image: Array, rng: Rng) -> Array:
    """The picture over its own local maximum or blur, so that only what is darker than near things shows."""
    source = image if rng.random() < 0.3 else np.repeat(gray(image)[..., None], 3, -1)
    width = max(3, round(rng.uniform(3, 7) * unit(image)) | 1)
    around = (
        ndimage.maximum_filter(source, (width, width, 1)) if rng.random() < 0.5 else box(source, 2 * width)
    )
    ratio = (source + 0.05) / (soft(around, 1) + 0.05)
    low = rng.uniform(0.4, 0.7)
    return step(ratio, low, rng.uniform(0.85, 1.0))


@blended("line art")
def contours_of_blurred_masks(image: Array, rng: Rng) -> Array:
    """Borders between areas above and below some tones."""
    plane = gray(edge_stopped(image, 3, 0.15, 2 * unit(image)))
    line = np.zeros_like(plane)
    for cut in np.percentile(plane[::2, ::2], np.sort(rng.uniform(8, 92, int(rng.integers(3, 7))))):
        mask = soft((plane > cut).astype(np.float32), rng.uniform(0.6, 1.4) * unit(image))
        line = np.maximum(line, 1 - np.abs(2 * mask - 1))
    return inked(step(line, 0.3, rng.uniform(0.5, 0.95)), black_or_ink(rng), paper_or_white(rng))


# --------------------------------------------------------------------------------- glowing edges, outlined


@blended("glowing edges")
def channel_gradients_on_black(image: Array, rng: Rng) -> Array:
    """Each channel's gradient shown as it is, bright on black, with a halo or none."""
    bright = np.clip(strength(slopes(image, rng.uniform(0, 1.4) * unit(image), rng), 98), 0, 1)
    bright = bright ** rng.uniform(0.6, 1.3)
    return bright + rng.uniform(0, 0.8) * soft(bright, rng.uniform(1, 4) * unit(image))


@blended("glowing edges")
def tinted_contours_on_dark(image: Array, rng: Rng) -> Array:
    line = step(colour_contours(image, rng), rng.uniform(0.1, 0.35), rng.uniform(0.6, 1.1))
    tint = (0.4 + 0.6 * rng.random(3)).astype(np.float32)
    tint = saturate(image + 0.2, 2.5) if rng.random() < 0.5 else tint / tint.max()
    return image * rng.uniform(0, 0.25) + line[..., None] * tint


@blended("outlined")
def colours_less_contours(image: Array, rng: Rng) -> Array:
    """Black lines where colours change fast, hard or soft, over the picture or a calmer one."""
    found, low = colour_contours(image, rng), rng.uniform(0.25, 0.6)
    line = step(found, low, low + rng.uniform(0.02, 0.5))
    ground = image if rng.random() < 0.6 else edge_stopped(image, 4, 0.12, 2 * unit(image))
    return mix(ground, black_or_ink(rng), (rng.uniform(0.8, 1) * line)[..., None])


@blended("outlined")
def multiplied_by_drawing(image: Array, rng: Rng) -> Array:
    """The picture times a line drawing of it."""
    if rng.random() < 0.5:
        line = dog_lines(gray(image), rng.uniform(0.8, 2) * unit(image), rng.uniform(15, 60), 0.008)
    else:
        plane = soft(gray(image), rng.uniform(0.5, 1.2))
        wide = ndimage.maximum_filter(plane, 3) - plane
        line = step(strength(wide, 95), 0.3, 0.9)
    if rng.random() < 0.3:
        line = ndimage.maximum_filter(line, 2)
    return np.clip(image * rng.uniform(1, 1.15), 0, 1) * (1 - rng.uniform(0.8, 1) * line)[..., None]


@blended("outlined")
def thick_hard_outline(image: Array, rng: Rng) -> Array:
    """Only the strongest contours, widened and cut off hard."""
    found = colour_contours(soft(image, unit(image)), rng) > rng.uniform(0.5, 0.9)
    width = max(2, round(rng.uniform(2, 4) * unit(image)))
    line = ndimage.maximum_filter(found.astype(np.float32), width)
    return mix(image, black_or_ink(rng), soft(line, 0.5)[..., None])


# ------------------------------------------------------------------------------- pencil, charcoal, ink


@blended("pencil drawing")
def gray_over_its_blur(image: Array, rng: Rng) -> Array:
    """Tone divided by blurred tone, darkened by a power; the wider the blur, the more shading stays."""
    plane = gray(image)
    kind, size = rng.integers(3), side(image) * rng.uniform(0.01, 0.05)
    around = (soft(plane, size), box(plane, round(2 * size) | 1), ndimage.maximum_filter(plane, 5))[kind]
    out = np.clip((plane + 0.02) / (around + 0.02), 0, 1) ** rng.uniform(1, 3)
    out = mix(out, out * stretch(plane) ** 0.4, rng.uniform(0, 0.6))
    return inked(1 - out, np.full(3, rng.uniform(0, 0.25), np.float32), paper_or_white(rng))


@blended("pencil drawing")
def streaked_graphite(image: Array, rng: Rng) -> Array:
    """Noise smeared along one or two slants, darker where the picture is, with drawn contours."""
    shape, u = image.shape[:2], unit(image)
    plane = stretch(gray(image)) ** rng.uniform(0.7, 1.1)
    dark = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 3))):
        noise = rng.standard_normal(shape, dtype=np.float32)
        lean = int(rng.choice((-1, 1)))
        for k in (1, 2, 4):
            noise = 0.5 * (moved(noise, -k * lean, k) + moved(noise, 0, 0)) * 1.3
        dark = np.maximum(dark, step(noise / noise.std(), -1.5 + 2.4 * plane, 1.2 + 2.0 * plane))
    line = step(edges(gray(image), rng.uniform(0.6, 1.2) * u), 0.25, 1.0)
    dark = np.clip(rng.uniform(0.4, 0.8) * dark * (1 - plane) * 1.4 + rng.uniform(0.5, 0.9) * line, 0, 1)
    return inked(dark, np.full(3, rng.uniform(0.1, 0.3), np.float32), paper_colour(rng))


@blended("pencil drawing")
def faint_colour_pencils(image: Array, rng: Rng) -> Array:
    """Each channel divided by its own blur, pale colours laid under it."""
    out = np.clip((image + 0.03) / (blur(image, side(image) * rng.uniform(0.01, 0.04)) + 0.03), 0, 1)
    out = out ** rng.uniform(1, 2.5)
    pale = 1 - rng.uniform(0.1, 0.45) * (1 - soft(saturate(image, 1.3), 1.5))
    rough = 1 - rng.uniform(0.02, 0.07) * np.abs(tooth(image.shape[:2], unit(image), rng))[..., None]
    return out * pale * rough


@blended("charcoal drawing")
def smudged_dark_contours(image: Array, rng: Rng) -> Array:
    """Broad soft contours broken by rough paper, no colour, some smudged tone."""
    u = unit(image)
    found = slopes(gray(image), rng.uniform(1, 2.2) * u, rng)
    line = np.clip(soft(strength(found, rng.uniform(92, 97)), rng.uniform(0.5, 1.2) * u), 0, 1.2)
    tone = soft(1 - stretch(gray(image)), rng.uniform(1, 4) * u) * rng.uniform(0.1, 0.6)
    rough = grain(image.shape[:2], rng.uniform(0.4, 1.0) * u, rng)
    dark = np.clip(1.1 * np.maximum(line, tone) * (1 + rng.uniform(0.1, 0.4) * rough), 0, 1)
    return inked(dark, np.full(3, rng.uniform(0, 0.12), np.float32), paper_or_white(rng))


@blended("ink drawing")
def pen_and_solid_blacks(image: Array, rng: Rng) -> Array:
    """Thin hard contours; the darkest parts solid, the next ones ruled or dotted."""
    u = unit(image)
    plane = stretch(soft(gray(image), rng.uniform(0.6, 1.5) * u))
    line = colour_contours(image, rng) > rng.uniform(0.5, 0.8)
    solid = plane < rng.uniform(0.12, 0.3)
    rule = stripes(image.shape[:2], rng.uniform(0, np.pi), rng.uniform(3, 5) * u) < rng.uniform(0.3, 0.5)
    if rng.random() < 0.4:
        rule = rng.random(image.shape[:2]) < 0.3
    shade = rule & (plane < rng.uniform(0.35, 0.55))
    mask = soft((line | solid | shade).astype(np.float32), rng.choice((0.0, 0.5)))
    return inked(mask, black_or_ink(rng), paper_or_white(rng))


@blended("cross-hatched")
def ruled_by_depth_of_tone(image: Array, rng: Rng) -> Array:
    """More directions of ruled lines the darker it is, each cut off at its own tone."""
    plane, u = stretch(soft(gray(image), unit(image))), unit(image)
    turn, period = rng.uniform(0, np.pi), rng.uniform(3.5, 6) * u
    dark = np.zeros_like(plane)
    for k, cut in enumerate(np.linspace(0.75, 0.2, int(rng.integers(3, 5)))):
        angle = turn + (k % 2) * np.pi / 2 + (k // 2) * np.pi / 4
        line = 1 - step(stripes(image.shape[:2], angle, period), 0.2, 0.55)
        dark = np.maximum(dark, line * step(cut - plane, -0.04, 0.04))
    return inked(dark, black_or_ink(rng), paper_or_white(rng))


@blended("blueprint")
def white_gradient_on_blue(image: Array, rng: Rng) -> Array:
    """Contours in white on a plain blue, ruled squares or none."""
    line = step(colour_contours(image, rng), rng.uniform(0.1, 0.4), rng.uniform(0.7, 1.2))
    blue = np.array([rng.uniform(0, 0.15), rng.uniform(0.15, 0.35), rng.uniform(0.5, 0.75)], np.float32)
    period = side(image) * rng.uniform(0.06, 0.12)
    ruled = np.maximum(
        *(1 - step(stripes(image.shape[:2], a, period), 0, 2.5 / period) for a in (0, np.pi / 2))
    )
    return mix(blue, 1.0, np.maximum(line, ruled * rng.choice((0.0, 0.25)))[..., None])


@blended("woodcut")
def black_and_carved_white(image: Array, rng: Rng) -> Array:
    """Hard black areas, cut into by white lines that run along the picture's tones."""
    plane = stretch(soft(gray(image), rng.uniform(1, 2.5) * unit(image)))
    wave = np.sin(2 * np.pi * (plane * rng.uniform(4, 9) + stripes(image.shape[:2], rng.uniform(0, 3), 60)))
    cut = plane + rng.uniform(0.15, 0.3) * wave > rng.uniform(0.4, 0.55)
    return inked(1 - soft(cut.astype(np.float32), 0.6), black_or_ink(rng), paper_colour(rng))
