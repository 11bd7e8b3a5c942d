"""Lines, edges, cells, strokes and paper, shared by the line, texture and medium operators."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw
from scipy import ndimage

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import luma, mix

Array = np.ndarray
Rng = np.random.Generator


def blended(concept: str) -> Callable[[Callable[[Array, Rng], Array]], Callable[[Array, Rng], Array]]:
    """Register a full-strength effect `make(image, rng)`; the level fades it in over the picture."""

    def register(make: Callable[[Array, Rng], Array]) -> Callable[[Array, Rng], Array]:
        @wraps(make)
        def function(image: Array, level: float, rng: Rng) -> Array:
            return mix(image, np.clip(make(image, rng), 0, 1), level)

        operator(concept)(function)
        return make

    return register


def soft(x: Array, sigma: float) -> Array:
    """A Gaussian blur of the first two axes; two box passes once wide, for speed."""
    if sigma < 0.3:
        return x
    if sigma < 1.5:
        return ndimage.gaussian_filter(x, (sigma, sigma) + (0,) * (x.ndim - 2), truncate=2.5)
    width = round(np.sqrt(6 * sigma * sigma + 1)) | 1
    return box(box(x, width), width)


def box(x: Array, width: int) -> Array:
    return ndimage.uniform_filter(x, (width, width) + (1,) * (x.ndim - 2), mode="nearest")


def gray(image: Array) -> Array:
    return np.ascontiguousarray(luma(image)[..., 0], dtype=np.float32)


def step(x: Array, low: float, high: float) -> Array:
    """A smooth step from 0 at `low` to 1 at `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def stretch(x: Array, low: float = 2, high: float = 98) -> Array:
    """Spread the tones of a plane over [0, 1]."""
    a, b = np.percentile(x[::2, ::2], (low, high))
    return np.clip((x - a) / max(b - a, 0.05), 0, 1)


def saturate(image: Array, gain: float) -> Array:
    grey = luma(image)
    return np.clip(grey + (image - grey) * gain, 0, 1)


def gradient(plane: Array, sigma: float) -> tuple[Array, Array]:
    smooth = soft(plane, sigma)
    return ndimage.sobel(smooth, 1) / 8, ndimage.sobel(smooth, 0) / 8


def edges(plane: Array, sigma: float) -> Array:
    """Gradient magnitude, about 1 at the strong edges of this picture."""
    gx, gy = gradient(plane, sigma)
    size = np.hypot(gx, gy)
    return size / max(float(np.percentile(size[::2, ::2], 97)), 0.012)


def dog_lines(plane: Array, sigma: float, gain: float, bias: float = 0.01) -> Array:
    """Drawn lines (1 = ink) where a picture is darker than its surroundings."""
    return step(soft(plane, 1.6 * sigma) - soft(plane, sigma), bias, bias + 1 / gain)


def relief(height: Array, angle: float) -> Array:
    """Light from `angle` on a height field, zero on the flat."""
    gy, gx = np.gradient(height)
    return np.cos(angle) * gx + np.sin(angle) * gy


def ink_colour(rng: Rng) -> Array:
    """Mostly near-black, sometimes sepia, navy or another dark ink."""
    base = np.full(3, rng.uniform(0, 0.15)) if rng.random() < 0.6 else rng.uniform(0.02, 0.38, 3)
    return base.astype(np.float32)


def paper_colour(rng: Rng) -> Array:
    if rng.random() < 0.5:
        return np.full(3, rng.uniform(0.94, 1), np.float32)
    return (rng.uniform(0.88, 0.99) * np.array([1, rng.uniform(0.94, 1), rng.uniform(0.8, 1)])).astype(
        np.float32
    )


def inked(mask: Array, ink: Array, paper: Array) -> Array:
    return paper + (ink - paper) * mask[..., None]


def white(shape: tuple[int, ...], rng: Rng) -> Array:
    return rng.standard_normal(shape, dtype=np.float32)


def grain(shape: tuple[int, ...], sigma: float, rng: Rng) -> Array:
    """Blurred noise of mean 0 and deviation 1."""
    noise = soft(white(shape, rng), sigma)
    return (noise - noise.mean()) / max(float(noise.std()), 1e-6)


def tooth(shape: tuple[int, int], size: float, rng: Rng) -> Array:
    """The rough surface of drawing paper: a few scales of grain, mean 0, deviation 1."""
    mixed = grain(shape, 0.4 * size, rng) + rng.uniform(0.3, 0.9) * grain(shape, 1.4 * size, rng)
    return mixed / mixed.std()


def fibre(shape: tuple[int, int], angle: float, length: float, width: float, rng: Rng) -> Array:
    """Noise drawn out along `angle` (radians), mean 0, deviation 1."""
    n = int(np.hypot(*shape)) + 4
    noise = ndimage.uniform_filter1d(white((n, n), rng), max(2, int(length)), axis=1)
    noise = ndimage.gaussian_filter1d(noise, max(width, 0.3), axis=0, truncate=2.5)
    turned = Pillow.fromarray(noise).rotate(-np.degrees(angle), Pillow.Resampling.BILINEAR)
    top, left = (n - shape[0]) // 2, (n - shape[1]) // 2
    out = np.asarray(turned)[top : top + shape[0], left : left + shape[1]]
    return (out - out.mean()) / out.std()


def grid(shape: tuple[int, int]) -> tuple[Array, Array]:
    return np.arange(shape[0], dtype=np.float32)[:, None], np.arange(shape[1], dtype=np.float32)[None]


def stripes(shape: tuple[int, int], angle: float, period: float, wobble: Array | float = 0.0) -> Array:
    """Distance to the centre of parallel lines: 0 on a line, 1 midway; `wobble` in periods."""
    y, x = grid(shape)
    phase = (x * np.cos(angle) + y * np.sin(angle)) / period + wobble
    return np.abs(2 * (phase - np.floor(phase)) - 1)


def voronoi(
    shape: tuple[int, int],
    size: float,
    rng: Rng,
    jitter: float = 0.9,
    image: Array | None = None,
    pull: float = 0.0,
) -> tuple[Array, int, Array, Array]:
    """Labels, their number, and pixel distances to the own seed and the border, of a jittered grid of seeds.

    With `image`, cells also follow its colours (`pull` is the weight, in cells per unit of colour)."""
    h, w = shape
    rows, cols = int(h / size) + 3, int(w / size) + 3
    offset = 0.5 + jitter * (rng.random((2, rows, cols), dtype=np.float32) - 0.5)
    sy = ((np.arange(rows)[:, None] - 1 + offset[0]) * size).astype(np.float32)
    sx = ((np.arange(cols)[None] - 1 + offset[1]) * size).astype(np.float32)
    y, x = grid(shape)
    iy, ix = (y[:, 0] / size).astype(int) + 1, (x[0] / size).astype(int) + 1
    colours = None
    if image is not None:
        colours = image[np.clip(sy, 0, h - 1).astype(int), np.clip(sx, 0, w - 1).astype(int)]
    first = np.full(shape, 1e9, np.float32)
    second = first.copy()
    labels = np.zeros(shape, np.int32)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            at = np.ix_(iy + dy, ix + dx)
            d = (sy[at] - y) ** 2 + (sx[at] - x) ** 2
            if colours is not None:
                d += (pull * size) ** 2 * np.square(colours[at] - image).sum(-1)
            near = d < first
            second = np.where(near, first, np.minimum(second, d))
            first = np.where(near, d, first)
            labels = np.where(near, ((iy + dy) * cols)[:, None] + (ix + dx)[None], labels)
    first, second = np.sqrt(first), np.sqrt(second)
    return labels, rows * cols, first, 0.5 * (second - first)


def cell_means(image: Array, labels: Array, count: int) -> Array:
    """(count, 3): the mean colour of each label."""
    flat = labels.ravel()
    total = np.maximum(np.bincount(flat, minlength=count), 1)
    sums = [np.bincount(flat, image[..., c].ravel(), count) for c in range(3)]
    return (np.stack(sums, 1) / total[:, None]).astype(np.float32)


def blocks(image: Array, size: int) -> Array:
    """The mean colours of size x size blocks."""
    h, w = image.shape[:2]
    padded = np.pad(image, ((0, -h % size), (0, -w % size), (0, 0)), mode="edge")
    return padded.reshape(-(-h // size), size, -(-w // size), size, 3).mean((1, 3))


def unblock(small: Array, size: int, shape: tuple[int, int]) -> Array:
    return small.repeat(size, 0).repeat(size, 1)[: shape[0], : shape[1]]


def posterise(image: Array, tones: int, hardness: float = 6.0) -> Array:
    """Few tones per channel; the steps are slightly soft."""
    t = np.clip(image, 0, 1) * (tones - 1)
    low = np.floor(t)
    return (low + np.clip((t - low - 0.5) * hardness + 0.5, 0, 1)) / (tones - 1)


def palette_of(image: Array, count: int, rng: Rng) -> Array:
    """A few representative colours (k-means on a sample)."""
    pixels = image.reshape(-1, 3)
    sample = pixels[rng.integers(0, len(pixels), 500)]
    centres = sample[rng.permutation(500)[:count]].copy()
    for _ in range(5):
        label = nearest(sample, centres)
        for k in range(count):
            if (label == k).any():
                centres[k] = sample[label == k].mean(0)
    return centres.astype(np.float32)


def nearest(pixels: Array, palette: Array) -> Array:
    return np.argmin(np.square(palette).sum(1) - 2 * (pixels @ palette.T), axis=-1)


def quantised(image: Array, count: int, rng: Rng) -> Array:
    palette = palette_of(image, count, rng)
    return palette[nearest(image, palette)]


def tangent(plane: Array, sigma: float) -> Array:
    """The direction of the structure at each pixel (along edges), in radians."""
    gx, gy = gradient(plane, 0.8)
    xx, yy, xy = soft(gx * gx, sigma), soft(gy * gy, sigma), soft(gx * gy, sigma)
    return 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2


def smear(x: Array, angle: Array, length: float, steps: int = 4) -> Array:
    """Average along a field of directions (straight line-integral convolution)."""
    h, w = x.shape[:2]
    yy, xx = np.indices((h, w), dtype=np.float32)
    dy, dx = np.sin(angle), np.cos(angle)
    flat = x.reshape(h * w, -1)
    total = flat.copy()
    for k in range(1, steps + 1):
        for t in (k * length / steps / 2, -k * length / steps / 2):
            iy = np.clip(yy + t * dy + 0.5, 0, h - 1).astype(np.int32)
            ix = np.clip(xx + t * dx + 0.5, 0, w - 1).astype(np.int32)
            total += flat.take((iy * w + ix).ravel(), axis=0)
    return (total / (2 * steps + 1)).reshape(x.shape)


def kuwahara(image: Array, radius: int) -> Array:
    """Mean of the calmest of four neighbouring squares: edges stay, detail becomes patches."""
    h, w = image.shape[:2]
    plane = gray(image)
    pad = max(1, radius // 2 + radius % 2)
    stack = np.concatenate([image, plane[..., None], np.square(plane)[..., None]], -1)
    means = box(np.pad(stack, ((pad, pad), (pad, pad), (0, 0)), mode="reflect"), radius | 1)
    best, out = None, None
    for dy in (0, 2 * pad):
        for dx in (0, 2 * pad):
            part = means[dy : dy + h, dx : dx + w]
            spread = part[..., 4] - part[..., 3] ** 2
            if best is None:
                best, out = spread, part[..., :3]
            else:
                calm = spread < best
                best, out = np.where(calm, spread, best), np.where(calm[..., None], part[..., :3], out)
    return out


def mode_tone(image: Array, width: int, bins: int) -> Array:
    """Mean colour of the commonest tone in a window."""
    index = np.minimum((gray(image) * bins).astype(int), bins - 1)
    best, out = None, None
    stack = np.concatenate([image, np.ones_like(image[..., :1])], -1)
    for k in range(bins):
        part = box(np.where((index == k)[..., None], stack, np.float32(0)), width)
        if best is None:
            best, out = part[..., 3], part
        else:
            more = part[..., 3] > best
            best, out = np.where(more, part[..., 3], best), np.where(more[..., None], part, out)
    return out[..., :3] / np.maximum(out[..., 3:], 1e-4)


def guided(image: Array, width: int, eps: float) -> Array:
    """Guided filter of each channel by itself: flat where the variance is below eps."""
    mean = box(image, width)
    variance = np.maximum(box(image * image, width) - mean * mean, 0)
    a = variance / (variance + eps)
    return box(a, width) * image + box(mean * (1 - a), width)


def bilateral(image: Array, sigma: float, tone: float) -> Array:
    """Bilateral filter by a few tone layers, interpolated."""
    plane = gray(image)
    n = int(np.clip(0.6 / tone, 4, 6))
    total, weight = np.zeros_like(image), np.zeros_like(plane[..., None])
    for centre in np.linspace(0, 1, n, dtype=np.float32):
        w = np.exp(-0.5 * ((plane - centre) / max(tone, 0.6 / n)) ** 2)[..., None]
        part = soft(np.concatenate([image * w, w], -1), sigma)
        hat = np.maximum(1 - np.abs(plane - centre)[..., None] * (n - 1), 0)
        total += hat * part[..., :3] / (part[..., 3:] + 1e-4)
        weight += hat
    return total / np.maximum(weight, 1e-4)


def drawn(shape: tuple[int, int], lines: list[tuple[list[tuple[float, float]], float, float]]) -> Array:
    """A mask of (points, width, value) polylines, antialiased by drawing at twice the size."""
    h, w = shape
    canvas = Pillow.new("L", (2 * w, 2 * h))
    draw = ImageDraw.Draw(canvas)
    for points, width, value in lines:
        at = [(2 * x, 2 * y) for x, y in points]
        draw.line(at, fill=int(255 * np.clip(value, 0, 1)), width=max(1, round(2 * width)))
    return np.asarray(canvas.reduce(2), np.float32) / 255


def dabs(
    image: Array,
    base: Array,
    rng: Rng,
    spacing: float,
    length: float,
    width: float,
    angle: Array,
    vary: float,
) -> Array:
    """Short strokes of the picture's colours over `base`, along a field of directions."""
    h, w = image.shape[:2]
    count = int(min(h * w / spacing**2, 2600))
    y, x = rng.uniform(0, h, count), rng.uniform(0, w, count)
    iy, ix = y.astype(int), x.astype(int)
    colour = image[iy, ix] + vary * (white((count, 3), rng) * 0.7 + white((count, 1), rng))
    colour = (np.clip(colour, 0, 1) * 255).astype(np.uint8)
    turn = angle[iy, ix] + 0.25 * rng.standard_normal(count)
    reach = 0.5 * length * rng.uniform(0.6, 1.3, count)
    dx, dy = np.cos(turn) * reach, np.sin(turn) * reach
    ends = np.stack([x - dx, y - dy, x + dx, y + dy], 1).tolist()
    canvas = Pillow.fromarray((np.clip(base, 0, 1) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(canvas)
    widths = np.maximum(1, np.round(width * rng.uniform(0.7, 1.3, count))).astype(int).tolist()
    for end, fill, thick in zip(ends, map(tuple, colour.tolist()), widths, strict=True):
        draw.line(end, fill=fill, width=thick)
    return np.asarray(canvas, np.float32) / 255
