"""Operators of the aspect mood."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw

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
    to_hsv,
)

Rng = np.random.Generator


def rgb(*values: float) -> Image:
    return np.array(values, np.float32)


@operator("dreamy")
def soft_pink_glow(image: Image, level: float, rng: Rng) -> Image:
    soft = blur(image, side(image) * rng.uniform(0.02, 0.04))
    glow = 1 - (1 - np.clip(image, 0, 1)) * (1 - np.clip(soft, 0, 1) * rng.uniform(0.6, 0.8))
    tint = rgb(1, rng.uniform(0.88, 0.94), rng.uniform(0.95, 1.05))
    return mix(image, mix(glow, soft, rng.uniform(0.2, 0.45)) * tint, level)


@operator("dreamy")
def pastel_mist(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    field = smooth_noise((h, w), rng.uniform(1.5, 3), rng)[..., None]
    mist = mix(rgb(1, 0.82, 0.9), rgb(0.8, 0.86, 1), field)
    soft = mix(image, blur(image, side(image) * rng.uniform(0.015, 0.035)), rng.uniform(0.55, 0.8))
    return mix(image, mix(soft, mist, rng.uniform(0.3, 0.45)) + 0.05, level)


@operator("dreamy")
def soft_edges(image: Image, level: float, rng: Rng) -> Image:
    rim = np.clip(radius_map(*image.shape[:2]) * rng.uniform(1.1, 1.5), 0, 1)[..., None] ** 2
    soft = blur(image, side(image) * rng.uniform(0.03, 0.05))
    light = 1 - (1 - np.clip(soft, 0, 1)) ** 1.7
    glowing = mix(image, light, mix(0.45, 0.95, rim)) + rgb(0.05, 0.01, 0.06)
    return mix(image, glowing, level)


@operator("gloomy")
def overcast(image: Image, level: float, rng: Rng) -> Image:
    gray = mix(image, luma(image), rng.uniform(0.5, 0.8))
    cold = gray * rgb(rng.uniform(0.48, 0.56), rng.uniform(0.53, 0.6), rng.uniform(0.6, 0.7))
    return mix(image, cold + rng.uniform(0.0, 0.05), level)


@operator("gloomy")
def heavy_sky(image: Image, level: float, rng: Rng) -> Image:
    y = coordinates(*image.shape[:2])[0]
    clouds = smooth_noise(image.shape[:2], rng.uniform(2, 4), rng)
    weight = np.clip(1.1 - y + 0.4 * (clouds - 0.5), 0, 1)[..., None]
    gray = mix(image, luma(image), rng.uniform(0.5, 0.75))
    return mix(image, gray * mix(0.62, 0.32, weight) * rgb(0.94, 1, 1.08), level)


@operator("gloomy")
def dull_curve(image: Image, level: float, rng: Rng) -> Image:
    x = np.clip(mix(image, luma(image), rng.uniform(0.45, 0.7)), 0, 1)
    low = x ** rng.uniform(1.3, 1.7) * rng.uniform(0.5, 0.65) + rgb(0.02, 0.035, 0.05)
    return mix(image, low * (1 - 0.4 * radius_map(*image.shape[:2])[..., None] ** 2), level)


@operator("cheerful")
def sunny(image: Image, level: float, rng: Rng) -> Image:
    bright = 1 - (1 - np.clip(image, 0, 1)) ** rng.uniform(1.4, 1.7)
    vivid = mix(luma(bright), bright, rng.uniform(1.4, 1.8))
    return mix(image, vivid * rgb(1.05, 1.0, rng.uniform(0.84, 0.93)) + rgb(0.03, 0.02, 0), level)


@operator("cheerful")
def candy(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    hsv[..., 1] = np.minimum(hsv[..., 1] ** 0.7 * rng.uniform(1.05, 1.25), 1)
    hsv[..., 2] = hsv[..., 2] ** rng.uniform(0.55, 0.7)
    return mix(image, from_hsv(hsv) * rgb(1.04, 1.0, 0.94), level)


@operator("cheerful")
def bright_pop(image: Image, level: float, rng: Rng) -> Image:
    lifted = mix(0.4, image, 1.15) + rng.uniform(0.12, 0.2)
    warm = lifted * rgb(1.06, 1.02, 0.92)
    light = smooth_noise(image.shape[:2], 1.5, rng)[..., None] * rgb(0.12, 0.09, 0.02)
    return mix(image, mix(luma(warm), warm, rng.uniform(1.4, 1.7)) + light, level)


@operator("eerie")
def sickly_green(image: Image, level: float, rng: Rng) -> Image:
    gray = mix(image, luma(image), rng.uniform(0.6, 0.85))
    tone = rgb(rng.uniform(0.4, 0.52), rng.uniform(0.68, 0.8), rng.uniform(0.48, 0.7))
    fall = 1 - rng.uniform(0.6, 0.9) * radius_map(*image.shape[:2])[..., None] ** 2
    return mix(image, np.clip(gray, 0, 1) ** 1.2 * tone * fall, level)


@operator("eerie")
def cold_fog(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    y = coordinates(h, w)[0]
    fog = np.clip(smooth_noise((h, w), rng.uniform(2, 4), rng) * 0.7 + y * 0.5 - 0.2, 0, 1)[..., None]
    dark = mix(image, luma(image), 0.75) * rgb(0.3, 0.42, 0.45)
    return mix(image, mix(dark, rgb(0.4, rng.uniform(0.52, 0.6), 0.52), fog * rng.uniform(0.5, 0.75)), level)


@operator("eerie")
def haunted(image: Image, level: float, rng: Rng) -> Image:
    x = np.clip(mix(0.45, mix(image, luma(image), rng.uniform(0.5, 0.75)), 1.3), 0, 1)
    graded = x ** rgb(rng.uniform(1.8, 2.3), rng.uniform(1.25, 1.4), rng.uniform(1.4, 1.7)) * 0.75
    ghost = np.roll(blur(graded, side(image) * 0.01), round(side(image) * 0.02), axis=1)
    fall = 1 - 0.75 * radius_map(*image.shape[:2])[..., None] ** 1.8
    return mix(image, mix(graded, ghost, rng.uniform(0.15, 0.4)) * fall + rgb(0, 0.02, 0.02), level)


def overcast_base(image: Image, level: float, rng: Rng) -> Image:
    gray = mix(image, luma(image), rng.uniform(0.3, 0.5))
    wet = mix(gray * rgb(0.72, 0.78, 0.86), rgb(0.62, 0.66, 0.7), rng.uniform(0.1, 0.25))
    return mix(image, wet, level)


def drawn_streaks(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    sheet = Pil.new("L", (w, h))
    draw = ImageDraw.Draw(sheet)
    lean, length = rng.uniform(-0.35, 0.35), rng.uniform(0.05, 0.14) * min(h, w)
    width = max(1, round(min(h, w) * rng.uniform(0.002, 0.007)))
    for x, y, size, tone in rng.random((round(rng.uniform(150, 300) * mix(0.3, 1, level)), 4)):
        x, y, run = (x * 1.4 - 0.2) * w, (y * 1.2 - 0.2) * h, length * (0.5 + size)
        draw.line((x, y, x + lean * run, y + run), fill=int(110 + 145 * tone), width=width)
    return blur(np.asarray(sheet, np.float32) / 255, 0.5)[..., None]


def stretched_noise(image: Image, rng: Rng) -> Image:
    """Rain as noise stretched along the fall and sheared."""
    h, w = image.shape[:2]
    fine = max(1.0, min(h, w) / rng.uniform(110, 220))
    rows, columns = max(6, round(h / min(h, w) * rng.uniform(7, 14))), round(w / fine)
    noise = rng.random((rows, columns), dtype=np.float32) ** 14
    field = resize(noise, (h, w))
    lean = rng.uniform(-0.35, 0.35)
    at = (np.arange(w)[None] + (np.arange(h)[:, None] * lean)).astype(np.int32) % w
    return np.take_along_axis(field, at, axis=1)[..., None]


@operator("rainy")
def rain_lines(image: Image, level: float, rng: Rng) -> Image:
    streaks = drawn_streaks(image, level, rng)
    return mix(
        overcast_base(image, level, rng), rgb(0.85, 0.88, 0.92), streaks * level * rng.uniform(0.55, 0.8)
    )


@operator("rainy")
def rain_sheets(image: Image, level: float, rng: Rng) -> Image:
    streaks = stretched_noise(image, rng) + 0.7 * stretched_noise(image, rng)
    return overcast_base(image, level, rng) + streaks * level * rng.uniform(0.5, 0.8)


@operator("rainy")
def wet_window(image: Image, level: float, rng: Rng) -> Image:
    # drops on the glass show the scene upside down, small and sharp
    h, w = image.shape[:2]
    sheet = Pil.new("L", (w, h))
    draw = ImageDraw.Draw(sheet)
    for x, y, size in rng.random((round(rng.uniform(60, 130)), 3)):
        r = (0.006 + 0.026 * size**3) * min(h, w)
        draw.ellipse((x * w - r, y * h - r, x * w + r, y * h + r * 1.3), fill=255)
    drops = blur(np.asarray(sheet, np.float32) / 255, side(image) * 0.004)
    dy = (np.diff(drops, axis=0, append=drops[-1:]) * side(image) * 0.05)[..., None]
    base = blur(overcast_base(image, level, rng), level * side(image) * rng.uniform(0.006, 0.014))
    rain = 0.5 * stretched_noise(image, rng) * level
    return (
        mix(base, image[::-1] * 0.9 + 0.1 - np.clip(dy, -0.35, 0.35), level * 0.75 * drops[..., None]) + rain
    )


def winter(image: Image, level: float, rng: Rng) -> Image:
    pale = mix(image, luma(image), rng.uniform(0.3, 0.5)) * rgb(0.86, 0.92, 1)
    return mix(image, mix(pale, rgb(0.86, 0.9, 0.96), rng.uniform(0.15, 0.35)), level)


@operator("snowy")
def snow_flakes(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    out = winter(image, level, rng)
    for size, count, soft in ((0.004, 220, 0.001), (0.009, 90, 0.003), (0.018, 22, 0.007)):
        sheet = Pil.new("L", (w, h))
        draw = ImageDraw.Draw(sheet)
        for x, y, scale in rng.random((round(count * rng.uniform(0.6, 1.3) * mix(0.3, 1, level)), 3)):
            r = size * (0.6 + 0.8 * scale) * min(h, w)
            draw.ellipse((x * w - r, y * h - r, x * w + r, y * h + r), fill=255)
        flakes = blur(np.asarray(sheet, np.float32) / 255, soft * min(h, w))[..., None]
        out = mix(out, 1, flakes * level * 0.85)
    return out


@operator("snowy")
def snow_noise(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    out = winter(image, level, rng)
    for grid, share in ((rng.uniform(35, 60), 0.05), (rng.uniform(70, 110), 0.04)):
        scale = grid / min(h, w)
        seeds = (rng.random((round(h * scale), round(w * scale))) < share).astype(np.float32)
        flakes = np.clip(blur(resize(seeds, (h, w)), 0.2 / scale) * 2.2 - 0.35, 0, 1)[..., None]
        out = mix(out, 1, np.clip(flakes * 1.6, 0, 1) * level)
    return out


@operator("snowy")
def snow_cover(image: Image, level: float, rng: Rng) -> Image:
    # snow lies where light comes from above, and some of it is still falling aslant
    (h, w), gray = image.shape[:2], blur(luma(image), side(image) * 0.008)
    y = coordinates(h, w)[0][..., None]
    lie = np.clip((gray - 0.6 + 0.45 * y + 0.25 * (smooth_noise((h, w), 7, rng)[..., None] - 0.5)) * 4, 0, 1)
    out = mix(winter(image, level, rng), rgb(0.94, 0.96, 1), lie * level * 0.85)
    cells = rng.uniform(60, 90) / min(h, w)
    seeds = (rng.random((round(h * cells), round(w * cells))) < 0.035).astype(np.float32)
    flakes = np.clip(resize(seeds, (h, w)) * 2 - 0.6, 0, 1)[..., None]
    return mix(out, 1, flakes * level)
