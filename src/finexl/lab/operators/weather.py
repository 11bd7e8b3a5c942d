"""Light, weather, mood and the look of old media, each in one more way."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, from_hsv, luma, mix, radius_map, side, smooth_noise, to_hsv
from finexl.lab.operators._spaces import from_lab, from_linear, to_lab, to_linear
from finexl.lab.operators._strokes import Array, Rng, saturate, soft, step
from finexl.lab.operators._warp import centred, grid, remap
from finexl.lab.operators.smoothing import moved, unit


def rgb(*values: float) -> Array:
    return np.array(values, np.float32)


def screen(a: Array, b: Array) -> Array:
    return 1 - (1 - np.clip(a, 0, 1)) * (1 - np.clip(b, 0, 1))


@operator("glowing")
def bright_parts_bleed(image: Array, level: float, rng: Rng) -> Array:
    """Light above a threshold spread in linear light over two widths and added."""
    light = to_linear(image)
    low, high = np.percentile(luma(image)[::2, ::2], (rng.uniform(40, 70), rng.uniform(88, 97)))
    lit = light * step(luma(image), min(low, rng.uniform(0.4, 0.6)), max(high, low + 0.1))
    s = side(image)
    halo = 0.6 * blur(lit, s * rng.uniform(0.015, 0.03)) + 0.6 * blur(lit, s * rng.uniform(0.05, 0.1))
    return from_linear(light + level * rng.uniform(0.7, 1.3) * halo)


@operator("golden hour")
def amber_light_in_lab(image: Array, level: float, rng: Rng) -> Array:
    """Amber added most to the lights, from one side, the shadows a little cool or not."""
    lab = to_lab(image)
    h, w = image.shape[:2]
    y, x = grid(image)
    angle = rng.uniform(0, 6.3)
    run = 0.5 + 0.5 * ((y / h - 0.5) * np.sin(angle) + (x / w - 0.5) * np.cos(angle))[..., None]
    light = lab[..., :1] / 100
    lab[..., 1:] += level * (0.5 + run) * (0.35 + 0.65 * light) * rgb(rng.uniform(8, 14), rng.uniform(26, 42))
    lab[..., :1] += level * rng.uniform(0, 10) * run
    return from_lab(lab)


@operator("lens flare")
def discs_along_a_line(image: Array, level: float, rng: Rng) -> Array:
    """A glare near the rim and tinted discs on the line from it through the middle."""
    y, x = grid(image)
    h, w = image.shape[:2]
    s = side(image)
    sy, sx = h * rng.uniform(0.05, 0.35), w * rng.choice((rng.uniform(0.05, 0.3), rng.uniform(0.7, 0.95)))
    far = np.hypot(y - sy, x - sx) / s
    light = (np.exp(-far / rng.uniform(0.1, 0.25)) + 0.5 * np.exp(-((far / 0.05) ** 2)))[..., None] * rgb(
        1, 0.95, 0.8
    )
    for along in rng.uniform(0.4, 2.1, int(rng.integers(3, 7))):
        cy, cx, size = sy + along * (h / 2 - sy), sx + along * (w / 2 - sx), s * rng.uniform(0.02, 0.1)
        disc = step(size - np.hypot(y - cy, x - cx), 0, rng.uniform(1, 0.5 * size + 1))
        light = light + rng.uniform(0.2, 0.5) * disc[..., None] * rng.uniform(0.3, 1, 3).astype(np.float32)
    return screen(image, level * np.clip(light, 0, 1))


@operator("light leak")
def coloured_clouds_from_rim(image: Array, level: float, rng: Rng) -> Array:
    """Red to yellow light that seeps in from one rim in clouds."""
    h, w = image.shape[:2]
    y, x = grid(image)
    run = (y / h + 0 * x, 1 - y / h + 0 * x, x / w + 0 * y, 1 - x / w + 0 * y)[rng.integers(4)]
    cloud = smooth_noise((h, w), rng.uniform(1.5, 4), rng)
    light = step(1 - run + 0.5 * (cloud - 0.5), rng.uniform(0.5, 0.7), rng.uniform(1.0, 1.2))[..., None]
    hue = mix(rgb(1, 0.15, 0.05), rgb(1, 0.8, 0.3), light ** rng.uniform(0.8, 2))
    return screen(image, level * rng.uniform(0.8, 1) * light * hue)


@operator("light rays")
def fan_of_streaks(image: Array, level: float, rng: Rng) -> Array:
    """A fan of brighter and fainter streaks from a point at or beyond the upper rim."""
    h, w = image.shape[:2]
    y, x = grid(image)
    cy, cx = -h * rng.uniform(0, 0.3), w * rng.uniform(0, 1)
    angle, far = np.arctan2(y - cy, x - cx), np.hypot(y - cy, x - cx) / side(image)
    streaks = np.zeros_like(angle)
    for k in rng.integers(6, 40, 4):
        streaks += np.sin(k * angle + rng.uniform(0, 6.3))
    light = step(streaks, -0.5, 2.2) * np.exp(-far * rng.uniform(0.4, 1.1))
    return screen(
        image,
        (level * rng.uniform(0.8, 1.1) * light)[..., None] * rgb(1, rng.uniform(0.9, 1), rng.uniform(0.7, 1)),
    )


@operator("night scene")
def blue_dark_with_lights_kept(image: Array, level: float, rng: Rng) -> Array:
    """Far darker and blue in linear light; only the brightest spots keep their warmth."""
    light = to_linear(image)
    cold = mix(luma(light), light, 0.5) * rgb(0.5, rng.uniform(0.6, 0.8), 1.15) * rng.uniform(0.06, 0.16)
    lamps = step(luma(image), rng.uniform(0.75, 0.85), 1.0) * rgb(1, 0.8, 0.45) * rng.uniform(0, 0.6)
    lamps = lamps + blur(lamps, side(image) * 0.03)
    return mix(image, from_linear(cold + lamps), level)


@operator("spotlit")
def cone_on_darkness(image: Array, level: float, rng: Rng) -> Array:
    """A disc of light with a hard or soft rim; around it near darkness."""
    dy, dx, _, _ = centred(image, rng, 0.2)
    radius = side(image) * rng.uniform(0.18, 0.36)
    lit = 1 - step(
        np.hypot(dy * rng.uniform(0.7, 1.2), dx) / radius, rng.uniform(0.5, 0.95), rng.uniform(1.05, 1.7)
    )
    tint = rgb(1, rng.uniform(0.94, 1), rng.uniform(0.8, 1))
    return image * mix(1.0, mix(rng.uniform(0.05, 0.2), rng.uniform(1.1, 1.4) * tint, lit[..., None]), level)


@operator("rainy")
def slanted_streaks_and_gray(image: Array, level: float, rng: Rng) -> Array:
    """Sparse noise drawn out along a slant, over a duller, bluer picture."""
    drops = (rng.random(image.shape[:2]) > 1 - rng.uniform(0.01, 0.03)).astype(np.float32)
    lean = rng.uniform(-0.4, 0.4)
    for k in range(int(np.log2(side(image) * rng.uniform(0.06, 0.12)))):
        drops = drops + moved(drops, 2**k, round(lean * 2**k))
    streaks = np.clip(soft(drops, 0.5 * unit(image)), 0, 1)[..., None] * rng.uniform(0.3, 0.6)
    dull = saturate(image, 0.6) * rgb(0.8, 0.86, 0.95) * rng.uniform(0.8, 1)
    return mix(image, mix(dull, 0.9, streaks), level)


@operator("snowy")
def flakes_of_three_depths(image: Array, level: float, rng: Rng) -> Array:
    """White spots, small and sharp or large and soft, with a whitened ground."""
    out = mix(image, mix(luma(image), 1.0, rng.uniform(0.1, 0.4)), 0.5 * level)
    for size in (0.5, 1.0, 2.2):
        spots = (rng.random(image.shape[:2]) > 1 - 0.012 / size**1.6).astype(np.float32)
        flake = soft(spots, size * unit(image)) * 7 * size**2 * unit(image) ** 2
        out = mix(out, 1.0, np.clip(flake, 0, 1)[..., None] * level * rng.uniform(0.7, 1))
    return out


@operator("dreamy")
def lilac_veil_and_blur(image: Array, level: float, rng: Rng) -> Array:
    glow = screen(image, 0.5 * blur(image, side(image) * rng.uniform(0.025, 0.05)))
    tint = rgb(rng.uniform(0.85, 1), rng.uniform(0.75, 0.9), rng.uniform(0.9, 1))
    return mix(image, mix(mix(image, glow, 0.8), tint, rng.uniform(0.15, 0.3)), level)


@operator("gloomy")
def dark_gray_blue(image: Array, level: float, rng: Rng) -> Array:
    lab = to_lab(image)
    lab[..., 0] *= 1 - level * rng.uniform(0.3, 0.5)
    lab[..., 1:] *= 1 - level * rng.uniform(0.5, 0.75)
    lab[..., 2] -= level * rng.uniform(2, 7)
    edge = radius_map(*image.shape[:2])[..., None]
    return from_lab(lab) * (1 - level * rng.uniform(0, 0.4) * edge**2)


@operator("cheerful")
def bright_warm_and_rich(image: Array, level: float, rng: Rng) -> Array:
    hsv = to_hsv(image)
    hsv[..., 1] = 1 - (1 - hsv[..., 1]) ** (1 + level * rng.uniform(0.4, 0.9))
    hsv[..., 2] = 1 - (1 - hsv[..., 2]) ** (1 + level * rng.uniform(0.4, 0.9))
    return from_hsv(hsv) * (1 + level * rng.uniform(0.02, 0.07) * rgb(1, 0.5, -0.8))


@operator("eerie")
def green_gray_and_dark_rim(image: Array, level: float, rng: Rng) -> Array:
    plane = luma(image)
    tint = rgb(rng.uniform(0.6, 0.85), 1, rng.uniform(0.7, 0.95))
    mist = smooth_noise(image.shape[:2], rng.uniform(2, 5), rng)[..., None]
    out = mix(plane, image, 0.35) ** 1.25 * tint
    out = mix(out, 0.6 * tint, rng.uniform(0.1, 0.4) * mist)
    return mix(image, out * (1 - rng.uniform(0.5, 0.9) * radius_map(*image.shape[:2])[..., None] ** 2), level)


@operator("cyberpunk")
def magenta_and_cyan_by_tone(image: Array, level: float, rng: Rng) -> Array:
    """Darks to violet and blue, lights to magenta or cyan by place, with a glow."""
    plane = luma(image) ** rng.uniform(1.1, 1.6)
    place = step(smooth_noise(image.shape[:2], rng.uniform(1.5, 3), rng), 0.3, 0.7)[..., None]
    lights = mix(rgb(1, 0.15, 0.85), rgb(0.1, 0.9, 1), place)
    out = mix(rgb(0.06, 0.02, 0.2), 1.25 * lights, plane)
    out = mix(out, saturate(image, 1.6), rng.uniform(0.15, 0.4))
    return mix(image, screen(out, 0.35 * blur(out * plane, 0.03 * side(image))), level)


@operator("instant photo")
def print_with_thick_foot(image: Array, level: float, rng: Rng) -> Array:
    """Soft greenish or creamy colours, a whitish border that is widest below."""
    h, w = image.shape[:2]
    y, x = grid(image)
    tint = rgb(1, rng.uniform(0.95, 1), rng.uniform(0.82, 0.92))
    toned = (0.1 + 0.84 * saturate(image, 0.8)) * tint
    rim = rng.uniform(0.04, 0.07)
    inside = np.minimum(
        np.minimum(x, w - 1 - x) / w - rim, np.minimum(y / h - rim, (h - 1 - y) / h - rng.uniform(0.15, 0.22))
    )
    border = np.clip(0.5 - inside * side(image), 0, 1)[..., None]
    return mix(image, mix(toned, rng.uniform(0.9, 0.98) * rgb(1, 0.99, 0.96), border), level)


@operator("vintage photo")
def yellowed_and_dim(image: Array, level: float, rng: Rng) -> Array:
    lab = to_lab(image)
    lab[..., 0] = 14 + 0.76 * lab[..., 0]
    lab[..., 1:] = lab[..., 1:] * rng.uniform(0.3, 0.7) + rgb(rng.uniform(2, 7), rng.uniform(10, 22))
    noise = soft(rng.standard_normal(image.shape[:2], dtype=np.float32), 0.6 * unit(image))
    out = from_lab(lab) + rng.uniform(0.02, 0.06) * noise[..., None]
    return mix(image, out * (1 - rng.uniform(0.2, 0.5) * radius_map(*image.shape[:2])[..., None] ** 2), level)


@operator("VHS look")
def smeared_chroma_rows(image: Array, level: float, rng: Rng) -> Array:
    """Colour smeared sideways and displaced, rows trembling, faint lines and snow."""
    h, w = image.shape[:2]
    y, x = grid(image)
    shake = (
        level * side(image) * 0.006 * soft(rng.standard_normal((h, 1), dtype=np.float32), rng.uniform(0, 1))
    )
    out = remap(image, y + 0 * x, x + shake, "edge")
    plane = luma(out)
    chroma = out - plane
    for k in (1, 2, 4):
        chroma = 0.5 * (chroma + moved(chroma, 0, -round(k * unit(image) * (1 + level))))
    lines = 1 - rng.uniform(0.05, 0.2) * (y % 2)[..., None]
    snow = rng.uniform(0.02, 0.06) * rng.standard_normal((h, w, 1), dtype=np.float32)
    return mix(image, (soft(plane, 0.6) + rng.uniform(1, 1.3) * chroma) * lines + snow, level)
