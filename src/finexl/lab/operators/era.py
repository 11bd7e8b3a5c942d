"""Operators of the aspect era."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw
from scipy.ndimage import uniform_filter1d

from finexl.lab.operators import Image, operator
from finexl.lab.operators._pixels import (
    blur,
    coordinates,
    from_hsv,
    luma,
    mix,
    radius_map,
    resize,
    side,
    smooth_noise,
)

Rng = np.random.Generator
TO_YCC = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]], np.float32)
FROM_YCC = np.linalg.inv(TO_YCC).astype(np.float32)


def rgb(*values: float) -> Image:
    return np.array(values, np.float32)


def grain(shape: tuple[int, int], rng: Rng) -> Image:
    """Unit noise (H, W, 1), at the scale of the pixels or of the picture."""
    scale = 1.0 if rng.random() < 0.5 else max(1.0, min(shape) / rng.uniform(120, 260))
    small = rng.standard_normal((round(shape[0] / scale), round(shape[1] / scale)), dtype=np.float32)
    return (small if scale == 1 else resize(small, shape))[..., None]


def scratches(shape: tuple[int, int], rng: Rng) -> Image:
    """Bright dust and thin, nearly vertical scratches (H, W, 1)."""
    h, w = shape
    sheet = Pil.new("L", (w, h))
    draw = ImageDraw.Draw(sheet)
    for _ in range(rng.integers(1, 6)):
        x, y, lean = rng.uniform(0, w), rng.uniform(-0.3, 0.7) * h, rng.uniform(-0.03, 0.03) * w
        draw.line((x, y, x + lean, y + rng.uniform(0.2, 1) * h), fill=int(rng.integers(90, 220)))
    for _ in range(rng.integers(5, 30)):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0.001, 0.005) * min(h, w)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=int(rng.integers(90, 220)))
    return np.asarray(sheet, np.float32)[..., None] / 255


def aged(image: Image, rng: Rng) -> Image:
    """An old colour: sepia, cross-processed or yellowed."""
    kind = rng.integers(3)
    if kind == 0:
        gray = luma(image)
        return mix(image, mix(rgb(0.14, 0.08, 0.04), rgb(1, 0.93, 0.76), gray), rng.uniform(0.6, 1))
    if kind == 1:
        return mix(image, luma(image), 0.3) * rgb(0.9, 0.82, rng.uniform(0.5, 0.65)) + rgb(0.1, 0.07, 0.12)
    x = np.clip(image, 0, 1)
    return mix(x, luma(x), 0.25) ** rgb(0.85, 1, 1.1) * rgb(0.98, 0.9, 0.7) + rgb(0.05, 0.03, 0.06)


@operator("vintage photo")
def old_print(image: Image, level: float, rng: Rng) -> Image:
    shape = image.shape[:2]
    out = aged(image, rng)
    if rng.random() < 0.6:
        out = rng.uniform(0.12, 0.2) + out * rng.uniform(0.68, 0.78)
    if rng.random() < 0.7:
        out = out * (1 - rng.uniform(0.4, 0.8) * radius_map(*shape)[..., None] ** 2.5)
    if rng.random() < 0.7:
        out = out + grain(shape, rng) * rng.uniform(0.03, 0.08)
    return mix(image, out, level)


@operator("vintage photo")
def worn_print(image: Image, level: float, rng: Rng) -> Image:
    shape = image.shape[:2]
    stain = mix(
        1,
        rgb(0.9, 0.78, 0.55),
        smooth_noise(shape, rng.uniform(2, 4), rng)[..., None] * rng.uniform(0.4, 0.9),
    )
    out = aged(blur(image, side(image) * rng.uniform(0, 0.005)), rng) * stain + scratches(shape, rng) * 0.6
    return mix(image, out + grain(shape, rng) * rng.uniform(0.02, 0.05), level)


@operator("vintage photo")
def seventies_snapshot(image: Image, level: float, rng: Rng) -> Image:
    shape = image.shape[:2]
    x = np.clip(mix(image, luma(image), rng.uniform(0.15, 0.4)), 0, 1)
    toe = rgb(rng.uniform(0.14, 0.2), rng.uniform(0.09, 0.14), rng.uniform(0.05, 0.16))
    out = toe + (rgb(1, rng.uniform(0.86, 0.93), rng.uniform(0.66, 0.78)) - toe) * x ** rgb(0.9, 1, 1)
    fall = rng.uniform(0.1, 0.45) * radius_map(*shape)[..., None] ** 2
    return mix(image, out * (1 - fall) + grain(shape, rng) * rng.uniform(0, 0.05), level)


def shifted_rows(image: Image, offsets: Image) -> Image:
    """Every row moved sideways by its own number of pixels, in fractions too."""
    w = image.shape[1]
    at = np.arange(w, dtype=np.float32)[None] + offsets[:, None].astype(np.float32)
    at = np.clip(at, 0, w - 1.001)
    low = at.astype(np.int32)
    rows = np.arange(image.shape[0])[:, None]
    return mix(image[rows, low], image[rows, low + 1], (at - low)[..., None])


def dark_rows(shape: tuple[int, int], period: float, phase: float, duty: float) -> Image:
    """1 on the dark part of every period of rows, (H, 1, 1)."""
    at = (np.arange(shape[0], dtype=np.float32) / period + phase) % 1
    return (
        np.clip((duty - at) * period + 0.5, 0, 1)[:, None, None]
        if period > 3
        else (at < duty)[:, None, None] * 1.0
    )


@operator("VHS look")
def tape(image: Image, level: float, rng: Rng) -> Image:
    (h, w), s = image.shape[:2], side(image)
    ycc = image @ TO_YCC.T
    bleed = max(1, round(level * s * rng.uniform(0.04, 0.09)))
    chroma = np.roll(uniform_filter1d(ycc[..., 1:], bleed, axis=1, mode="nearest"), bleed // 3, axis=1)
    soft = mix(ycc[..., :1], uniform_filter1d(ycc[..., :1], 3, axis=1, mode="nearest"), level)
    out = np.concatenate([soft, chroma * (1 + 0.3 * level)], axis=2) @ FROM_YCC.T
    jitter = uniform_filter1d(rng.standard_normal(h), 3) * s * 0.006 * level
    noise = rng.standard_normal((h, w, 1), dtype=np.float32)
    noise = uniform_filter1d(noise, 4, axis=1) * rng.uniform(0.06, 0.12)
    rows = dark_rows((h, w), max(2, h / rng.uniform(60, 120)), 0, 0.5) * rng.uniform(0.1, 0.2)
    return shifted_rows(out, jitter) * (1 - level * rows.astype(np.float32)) + noise * level


@operator("VHS look")
def worn_tape(image: Image, level: float, rng: Rng) -> Image:
    (h, w), s = image.shape[:2], side(image)
    shift = s * level * rng.uniform(0.008, 0.02)
    y = np.arange(h, dtype=np.float32)
    wobble = np.sin(y / h * rng.uniform(10, 30)) * s * 0.006 * level
    wobble = wobble + np.exp(-(((y / h - rng.uniform(0.2, 0.98)) / 0.03) ** 2)) * s * 0.12 * level
    out = np.stack(
        [shifted_rows(image[..., c : c + 1], wobble + shift * (c - 1))[..., 0] for c in range(3)], axis=-1
    )
    dropout = (rng.random((h, 1)) < 0.03) * smooth_noise((h, w), 12, rng) ** 3
    out = mix(out, mix(luma(out), out, 0.75) * 0.85 + 0.08, level)
    return out + level * (0.6 * dropout[..., None] + 0.05 * rng.standard_normal((h, w, 1), dtype=np.float32))


@operator("VHS look")
def small_tape(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    lines, columns = min(h, int(rng.integers(120, 200))), max(8, w // int(rng.integers(2, 4)))
    ycc = image @ TO_YCC.T
    bright = resize(resize(ycc[..., 0], (lines, columns)), (h, w))
    chroma = resize(resize(ycc[..., 1:], (max(8, lines // 2), max(8, columns // 6))), (h, w))
    out = np.concatenate([bright[..., None], chroma * 1.2], axis=2) @ FROM_YCC.T
    rows = (
        1
        - rng.uniform(0.15, 0.3) * (0.5 + 0.5 * np.cos(np.arange(h, dtype=np.float32) * np.pi))[:, None, None]
    )
    streaks = rng.standard_normal((h, 1, 1), dtype=np.float32) * 0.035 + grain((h, w), rng) * 0.05
    return mix(image, out * rows + streaks, level)


def row_period(h: int, rng: Rng) -> float:
    """Rows of one scan line: a few pixels, or a fixed number of lines per picture."""
    return float(rng.integers(2, 6)) if rng.random() < 0.5 else max(2.0, h / rng.uniform(35, 100))


@operator("scanlines")
def hard_scanlines(image: Image, level: float, rng: Rng) -> Image:
    rows = dark_rows(image.shape[:2], row_period(image.shape[0], rng), rng.random(), rng.uniform(0.35, 0.55))
    return image * (1 - level * rng.uniform(0.6, 0.85) * rows.astype(np.float32))


@operator("scanlines")
def sine_scanlines(image: Image, level: float, rng: Rng) -> Image:
    period = max(row_period(image.shape[0], rng), 2.0)
    phase = np.arange(image.shape[0], dtype=np.float32)[:, None, None] / period * 2 * np.pi
    dark = (0.5 + 0.5 * np.cos(phase)) ** rng.uniform(0.7, 1.5)
    return image * (1 - level * rng.uniform(0.6, 0.85) * dark) * (1 + 0.2 * level)


@operator("scanlines")
def tube(image: Image, level: float, rng: Rng) -> Image:
    # an aperture grille: dark rows and, weaker, columns of red, green and blue
    rows = dark_rows(image.shape[:2], row_period(image.shape[0], rng), 0, 0.5)
    columns = np.full((1, image.shape[1], 3), 0.75, np.float32)
    for c in range(3):
        columns[:, c::3, c] = 1.3
    return mix(
        image,
        image * (1 - rng.uniform(0.5, 0.8) * rows.astype(np.float32)) * mix(1, columns, 0.6) * 1.1,
        level,
    )


def framed_print(image: Image, level: float, rng: Rng, inner: Image) -> Image:
    """`inner` shrunk into the window of a white print; the frame grows with the level."""
    h, w = image.shape[:2]
    edge = level * rng.uniform(0.05, 0.08) * side(image)
    bottom = level * rng.uniform(0.18, 0.24) * h
    top, left, low, right = round(edge), round(edge), h - round(bottom), w - round(edge)
    paper = (
        np.ones_like(image) * rgb(1, rng.uniform(0.96, 0.99), rng.uniform(0.91, 0.97)) * rng.uniform(0.93, 1)
    )
    paper[top:low, left:right] = resize(inner, (low - top, right - left))
    return paper


@operator("instant photo")
def instant_warm(image: Image, level: float, rng: Rng) -> Image:
    soft = mix(image, luma(image), rng.uniform(0.2, 0.4))
    faded = 0.12 + soft * rgb(0.86, 0.8, rng.uniform(0.62, 0.72))
    return framed_print(image, level, rng, mix(image, faded, level))


@operator("instant photo")
def instant_cool(image: Image, level: float, rng: Rng) -> Image:
    x = np.clip(mix(image, luma(image), rng.uniform(0.1, 0.35)), 0, 1)
    faded = rgb(0.1, 0.14, 0.18) + x * rgb(rng.uniform(0.78, 0.86), 0.82, 0.7)
    fall = 1 - rng.uniform(0.2, 0.5) * radius_map(*image.shape[:2])[..., None] ** 2
    return framed_print(image, level, rng, mix(image, faded * fall, level))


@operator("instant photo")
def instant_cropped(image: Image, level: float, rng: Rng) -> Image:
    # the window cuts the picture instead of shrinking it
    (h, w), s = image.shape[:2], side(image)
    y, x = np.arange(h)[:, None], np.arange(w)[None]
    edge, bottom = level * rng.uniform(0.05, 0.08) * s, level * rng.uniform(0.18, 0.24) * h
    inside = np.clip(
        np.minimum(np.minimum(x - edge, w - 1 - edge - x), np.minimum(y - edge, h - 1 - bottom - y)) + 1, 0, 1
    )
    faded = mix(image, (image - 0.5) * 0.7 + rgb(0.6, 0.56, rng.uniform(0.46, 0.56)), level)
    paper = rgb(0.98, 0.97, 0.94) * rng.uniform(0.93, 1.02)
    return mix(paper, faded, inside[..., None].astype(np.float32))


MAGENTA, CYAN, VIOLET = rgb(1, 0.1, 0.75), rgb(0.05, 0.9, 1), rgb(0.35, 0.1, 0.75)


@operator("cyberpunk")
def neon_split(image: Image, level: float, rng: Rng) -> Image:
    gray = np.clip(mix(0.42, luma(image), rng.uniform(1.2, 1.5)), 0, 1)
    ramp = np.where(
        gray < 0.5, mix(rgb(0.03, 0.01, 0.12), MAGENTA, gray * 1.6), mix(MAGENTA * 0.8, CYAN, gray * 2 - 1)
    )
    graded = mix(ramp, image, rng.uniform(0.1, 0.3))
    return mix(image, graded + 0.4 * blur(graded**2, side(image) * 0.03), level)


@operator("cyberpunk")
def two_neon_lights(image: Image, level: float, rng: Rng) -> Image:
    y, x = coordinates(*image.shape[:2])
    t = np.clip(x + (y - 0.5) * rng.uniform(-0.8, 0.8), 0, 1)[..., None]
    light = mix(MAGENTA, CYAN, t if rng.random() < 0.5 else 1 - t)
    dark = np.clip(mix(image, luma(image), 0.5), 0, 1) ** rng.uniform(1.3, 1.8)
    lit = dark * light * 1.5 + VIOLET * rng.uniform(0.05, 0.14)
    return mix(image, lit + 0.3 * blur(lit, side(image) * 0.04), level)


@operator("cyberpunk")
def neon_city(image: Image, level: float, rng: Rng) -> Image:
    s, x = side(image), np.clip(image, 0, 1)
    warm = np.clip((x[..., :1] - x[..., 2:]) * 2.5 + 0.5, 0, 1)
    hue = mix(CYAN, MAGENTA, warm)
    graded = mix(x, luma(x) * hue * 1.6, 0.75) ** 1.4
    step = max(1, round(s * 0.008 * level))
    split = np.stack(
        [np.roll(graded[..., 0], step, 1), graded[..., 1], np.roll(graded[..., 2], -step, 1)], axis=-1
    )
    sign = (
        from_hsv(rgb(rng.choice((0.5, 0.85, 0.9)), 0.9, 1))
        * smooth_noise(x.shape[:2], 3, rng)[..., None] ** 3
    )
    return mix(image, split + sign * 0.35 + rgb(0.02, 0, 0.07), level)
