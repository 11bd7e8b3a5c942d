"""Painted and drawn pictures by other algorithms than `medium` and `line` use."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from finexl.lab.operators._pixels import blur, from_hsv, luma, mix, resize, side, smooth_noise, to_hsv
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    blended,
    box,
    cell_means,
    dabs,
    edges,
    fibre,
    gray,
    ink_colour,
    inked,
    nearest,
    palette_of,
    paper_colour,
    posterise,
    relief,
    saturate,
    smear,
    soft,
    step,
    stretch,
    stripes,
    tangent,
    tooth,
    voronoi,
)

# -------------------------------------------------------------------------------------------- oil painting


def sectors(image: Array, radius: float, sharpness: float) -> Array:
    """Means over eight discs around each pixel, the calm ones weighing most."""
    stack = np.concatenate([image, np.square(luma(image)), luma(image)], -1)
    means = soft(stack, 0.6 * radius)
    total, weight = np.zeros_like(image), np.zeros_like(image[..., :1])
    h, w = image.shape[:2]
    pad = int(np.ceil(radius)) + 1
    padded = np.pad(means, ((pad, pad), (pad, pad), (0, 0)), mode="reflect")
    for turn in np.arange(8) * np.pi / 4:
        dy, dx = (pad + round(float(f(turn) * radius)) for f in (np.sin, np.cos))
        part = padded[dy : dy + h, dx : dx + w]
        spread = np.sqrt(np.maximum(part[..., 3:4] - part[..., 4:5] ** 2, 0))
        calm = 1 / (1e-3 + spread * 4) ** sharpness
        total, weight = total + calm * part[..., :3], weight + calm
    return total / weight


@blended("oil painting")
def soft_sectors(image: Array, rng: Rng) -> Array:
    out = sectors(image, side(image) * rng.uniform(0.015, 0.035), rng.uniform(3, 8))
    return saturate(out, rng.uniform(1, 1.3))


@blended("oil painting")
def coarse_to_fine_strokes(image: Array, rng: Rng) -> Array:
    """Broad strokes first, finer ones only where the picture still differs from the canvas."""
    s = side(image)
    angle = tangent(gray(image), s * 0.02)
    canvas = soft(image, s * 0.02)
    for size in (0.035, 0.018):
        ready = soft(image, s * size * 0.5)
        painted = dabs(ready, canvas, rng, s * size, s * size * 3, s * size * 0.9, angle, 0.02)
        wrong = soft(np.abs(canvas - image).mean(-1), s * size)
        canvas = mix(canvas, painted, step(wrong, 0.01, 0.05)[..., None] if size < 0.03 else 1.0)
    light = relief(gray(canvas), rng.uniform(0, 6.3))[..., None]
    return saturate(canvas + rng.uniform(0, 1.2) * light, rng.uniform(1, 1.3))


@blended("oil painting")
def median_and_few_tones(image: Array, rng: Rng) -> Array:
    width = max(3, round(min(side(image), 224) * rng.uniform(0.02, 0.04)) | 1)
    calm = ndimage.median_filter(image, (width, width, 1))
    few = mix(calm, posterise(calm, int(rng.integers(5, 10)), 4), rng.uniform(0.4, 1))
    return np.clip(few + rng.uniform(0, 1) * (few - soft(few, 2)), 0, 1)


@blended("oil painting")
def commonest_level(image: Array, rng: Rng) -> Array:
    """The mean of the window's commonest intensity, found on a smaller picture and enlarged hard."""
    shrink = max(1, round(side(image) / 200))
    small = resize(image, tuple(-(-n // shrink) for n in image.shape[:2]))
    bins, width = int(rng.integers(6, 14)), max(3, round(side(small) * rng.uniform(0.02, 0.045)) | 1)
    index = np.minimum((small.mean(-1) * bins).astype(int), bins - 1)
    counts = np.stack([box((index == k).astype(np.float32), width) for k in range(bins)])
    top = counts.argmax(0)
    out = np.zeros_like(small)
    for k in range(bins):
        member = (index == k)[..., None].astype(np.float32)
        share = box(np.concatenate([small * member, member], -1), width)
        out = np.where((top == k)[..., None], share[..., :3] / np.maximum(share[..., 3:], 1e-4), out)
    return resize(out, image.shape[:2], nearest=shrink > 1 and rng.random() < 0.5)


@blended("impressionist brushwork")
def shaken_colours(image: Array, rng: Rng) -> Array:
    """Strokes whose hue and value stray from what they depict, over a warm or cool ground."""
    s = side(image)
    hsv = to_hsv(image)
    shape = image.shape[:2]
    hsv[..., 0] += 0.05 * (2 * smooth_noise(shape, s / 4, rng) - 1)
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(1.1, 1.6) + 0.04, 0, 1)
    ground = mix(soft(image, s * 0.03), rng.uniform(0.3, 0.9, 3).astype(np.float32), 0.35)
    angle = tangent(gray(image), s * 0.03) + rng.normal(0, 0.4)
    length, width = s * rng.uniform(0.03, 0.06), s * rng.uniform(0.01, 0.018)
    return dabs(from_hsv(hsv), ground, rng, s * 0.02, length, width, angle, rng.uniform(0.03, 0.08))


# --------------------------------------------------------------------------------------------- watercolour


@blended("watercolour")
def edge_darkened_sectors(image: Array, rng: Rng) -> Array:
    s, shape = side(image), image.shape[:2]
    flat = sectors(saturate(image, rng.uniform(1, 1.4)), s * rng.uniform(0.02, 0.035), 5)
    rim = step(edges(gray(flat), s * 0.004), 0.3, 1.5) * rng.uniform(0.05, 0.25)
    flow = 0.1 * (smooth_noise(shape, rng.uniform(4, 10), rng) - 0.5) + 0.02 * tooth(shape, 1.2, rng)
    pale = mix(flat, 1.0, rng.uniform(0.15, 0.4))
    return pale * (1 - rim + flow)[..., None]


@blended("watercolour")
def smoothed_and_lightened(image: Array, rng: Rng) -> Array:
    """Edge-preserving smoothing alone, lightened, as simple watercolour filters do it."""
    s = side(image)
    calm = image
    for _ in range(int(rng.integers(1, 3))):
        calm = sectors(calm, s * rng.uniform(0.012, 0.022), rng.uniform(2, 5))
    return mix(saturate(calm, rng.uniform(1.0, 1.3)), 1.0, rng.uniform(0.02, 0.2))


# ------------------------------------------------------------------------------- pencil, ink, charcoal, line


@blended("pencil drawing")
def gradient_pencil(image: Array, rng: Rng) -> Array:
    """The gradient as graphite, with grain and a little of the tone."""
    e = edges(gray(image), rng.uniform(0.6, 1.8)) * rng.uniform(0.4, 0.9)
    shade = (1 - gray(image)) * rng.uniform(0, 0.35)
    dark = np.clip(e + shade + 0.04 * tooth(image.shape[:2], 1.0, rng) * (e + shade > 0.1), 0, 0.9)
    return inked(dark, np.full(3, rng.uniform(0, 0.25), np.float32), paper_colour(rng))


@blended("pencil drawing")
def dodged_colours(image: Array, rng: Rng) -> Array:
    """Each channel divided by its blur, then some of the colour laid back."""
    sketch = np.clip(image / (soft(image, side(image) * rng.uniform(0.008, 0.03)) + 0.02), 0, 1)
    sketch = sketch ** rng.uniform(1, 3)
    if rng.random() < 0.5:
        return luma(sketch).repeat(3, -1)
    return sketch * mix(1.0, image, rng.uniform(0, 0.6))


@blended("pencil drawing")
def hatched_by_tone(image: Array, rng: Rng) -> Array:
    """One or two directions of thin grey lines whose darkness follows the tone, over faint contours."""
    shape, s = image.shape[:2], side(image)
    dark, angle = 1 - stretch(gray(image)), rng.uniform(0, np.pi)
    period = max(2.5, s * rng.uniform(0.01, 0.02))
    mask = np.zeros(shape, np.float32)
    for k, least in enumerate((0.15, 0.55)[: int(rng.integers(1, 3))]):
        line = step(stripes(shape, angle + k * 1.2, period, 0.4 * smooth_noise(shape, 8, rng)), 0.75, 0.25)
        mask = np.maximum(mask, line * np.clip((dark - least) * 1.4, 0, 1))
    mask = np.maximum(mask, 0.6 * step(edges(gray(image), 1.2), 0.4, 1.4))
    return inked(np.clip(mask, 0, 1) * 0.85, np.full(3, 0.2, np.float32), paper_colour(rng))


@blended("pencil drawing")
def detail_on_paper(image: Array, rng: Rng) -> Array:
    """What a blur takes away, drawn dark on white; the light side vanishes."""
    plane = gray(image)
    detail = sum(soft(plane, s) - plane for s in (1.2, side(image) * rng.uniform(0.012, 0.03)))
    dark = np.clip(detail * rng.uniform(3, 7) + rng.uniform(0, 0.1), 0, 1)
    return inked(dark, np.full(3, rng.uniform(0.1, 0.3), np.float32), paper_colour(rng))


@blended("ink drawing")
def soft_thresholded_difference(image: Array, rng: Rng) -> Array:
    """A difference of blurs pushed through a steep curve: lines and blacks at once."""
    plane, s = gray(image), side(image)
    fine, wide = soft(plane, s * rng.uniform(0.003, 0.006)), soft(plane, s * rng.uniform(0.008, 0.016))
    sharpened = fine + rng.uniform(8, 20) * (fine - wide)
    return inked(step(sharpened, 0.6, 0.3), ink_colour(rng), paper_colour(rng))


@blended("charcoal drawing")
def dark_gradient_on_paper(image: Array, rng: Rng) -> Array:
    """A coarse gradient smeared along one slant."""
    shape, s = image.shape[:2], side(image)
    e = step(edges(gray(image), s * rng.uniform(0.006, 0.012)), 0.15, 1.3)
    smeared = smear(e[..., None], np.full(shape, rng.uniform(0, np.pi)), s * 0.03, 3)[..., 0]
    shade = rng.uniform(0.2, 0.5) * (1 - gray(blur(image, s * 0.01)))
    rough = 0.25 * fibre(shape, rng.uniform(0, np.pi), s * 0.05, 0.8, rng) * (smeared + shade)
    return inked(np.clip(smeared + shade + rough, 0, 1), np.full(3, 0.08, np.float32), paper_colour(rng))


@blended("line art")
def surroundings_threshold(image: Array, rng: Rng) -> Array:
    """Dark where a pixel is darker than its surroundings by a margin."""
    plane = soft(gray(image), rng.uniform(0.3, 1.2))
    around = box(plane, max(5, round(side(image) * rng.uniform(0.02, 0.05)) | 1))
    mask = step(around - plane, 0.01, rng.uniform(0.03, 0.08))
    return inked(mask, ink_colour(rng), paper_colour(rng))


@blended("outlined")
def laplacian_outline(image: Array, rng: Rng) -> Array:
    s = side(image) * rng.uniform(0.004, 0.008)
    lines = step(ndimage.laplace(soft(gray(image), s)) * s * s, 0.01, rng.uniform(0.03, 0.06))
    return image * (1 - lines * rng.uniform(0.8, 1))[..., None]


# ---------------------------------------------------------------------------------- flat colours and pieces


@blended("cel shaded")
def median_tones_and_lines(image: Array, rng: Rng) -> Array:
    """Medians, few tones, and dark lines by a local threshold: the usual cartoon filter."""
    width = max(3, round(min(side(image), 224) * rng.uniform(0.015, 0.035)) | 1)
    calm = ndimage.median_filter(saturate(image, rng.uniform(1, 1.5)), (width, width, 1))
    if rng.random() < 0.6:
        calm = posterise(calm, int(rng.integers(4, 8)), 8)
    plane = ndimage.median_filter(gray(image), 3)
    around = box(plane, max(5, round(side(image) * 0.035) | 1))
    line = step(around - plane, 0.02, rng.uniform(0.04, 0.07)) * rng.uniform(0.6, 1)
    return calm * (1 - line)[..., None]


@blended("cel shaded")
def palette_of_flats(image: Array, rng: Rng) -> Array:
    calm = sectors(image, side(image) * 0.02, 6)
    palette = palette_of(calm, int(rng.integers(6, 14)), rng)
    flat = palette[nearest(calm, palette)]
    ink = step(edges(gray(calm), side(image) * 0.004), 0.5, 1.1) * rng.uniform(0, 0.9)
    return saturate(flat, rng.uniform(1, 1.4)) * (1 - ink)[..., None]


@blended("mosaic")
def means_of_pieces(image: Array, rng: Rng) -> Array:
    """Pieces that follow the picture, each in its mean colour, with no joints or thin ones."""
    size = side(image) * rng.uniform(0.05, 0.11)
    labels, count, _, border = voronoi(
        image.shape[:2], size, rng, rng.uniform(0.2, 0.9), soft(image, 1), rng.uniform(0, 4)
    )
    flat = cell_means(image, labels, count)[labels]
    if rng.random() < 0.3:
        flat = mix(flat, rng.uniform(0, 1), step(border, 1.2, 0.2)[..., None] * rng.uniform(0.3, 0.8))
    return flat


@blended("low poly")
def split_squares(image: Array, rng: Rng) -> Array:
    """Squares cut along a diagonal, each half in its mean colour."""
    h, w = image.shape[:2]
    size = side(image) * rng.uniform(0.06, 0.12)
    wobble = size * 0.25
    y, x = np.mgrid[:h, :w].astype(np.float32)
    y = y + wobble * (2 * smooth_noise((h, w), side(image) / size, rng) - 1)
    x = x + wobble * (2 * smooth_noise((h, w), side(image) / size, rng) - 1)
    row, column = np.floor((y + size) / size).astype(int), np.floor((x + size) / size).astype(int)
    fy, fx = (y + size) / size - row, (x + size) / size - column
    upper = np.where((row + column) % 2 == 0, fy > fx, fy + fx > 1)
    columns = int(column.max()) + 1
    labels = (row * columns + column) * 2 + upper
    return cell_means(image, labels, int(labels.max()) + 1)[labels]


@blended("pointillism")
def dots_on_white(image: Array, rng: Rng) -> Array:
    """Round dots on a jittered grid, larger where it is darker, on a pale ground."""
    s = side(image)
    size = max(3.0, s * rng.uniform(0.018, 0.035))
    labels, count, distance, _ = voronoi(image.shape[:2], size, rng, rng.uniform(0.4, 0.9))
    colour = saturate(cell_means(image, labels, count), rng.uniform(1.1, 1.7))[labels]
    reach = size * (rng.uniform(0.3, 0.42) + rng.uniform(0.1, 0.25) * (1 - gray(image)))
    mask = step(distance, reach + 0.6, reach - 0.6)[..., None]
    return mix(rng.uniform(0.85, 1.0), colour, mask)
