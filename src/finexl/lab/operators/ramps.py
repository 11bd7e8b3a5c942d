"""Colours by ramps and tables over tone, turned hues and pure ones."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, from_hsv, luma, mix, side, to_hsv
from finexl.lab.operators._spaces import from_lab, from_linear, to_lab, to_linear
from finexl.lab.operators._strokes import Array, Rng, blended, gray, saturate, step, stretch


def rgb(*values: float) -> Array:
    return np.array(values, np.float32)


def ramped(tone: Array, stops: list, places: list | None = None) -> Array:
    """Colours along `stops`, evenly placed on [0, 1] unless `places` are given."""
    colours = np.array(stops, np.float32)
    at = np.linspace(0, 1, len(stops)) if places is None else places
    return np.stack([np.interp(tone, at, colours[:, c]) for c in range(3)], -1).astype(np.float32)


def tone_of(image: Array, rng: Rng) -> Array:
    """Luma, lightness, mean or largest channel, stretched or not."""
    kind = rng.integers(6)
    if kind < 3:
        plane = gray(image)
    else:
        plane = (image.mean(-1), image.max(-1), to_lab(image)[..., 0] / 100)[kind - 3]
    return stretch(plane, 1, 99) if rng.random() < 0.4 else np.clip(plane, 0, 1)


def shaken(stops: list, rng: Rng, by: float = 0.07) -> list:
    return [np.clip(np.array(s) + rng.normal(0, by, 3), 0, 1) for s in stops]


# ----------------------------------------------------------------------------------------------- duotone

PAIRS = (
    [(0, 0.7, 0.85), (0.95, 0.1, 0.6)],
    [(0.05, 0.08, 0.35), (1, 0.9, 0.3)],
    [(0.1, 0.02, 0.3), (1, 0.55, 0.45)],
    [(0.05, 0.2, 0.2), (0.95, 0.9, 0.8)],
    [(0.3, 0, 0.3), (0.4, 0.95, 0.85)],
    [(0.5, 0.05, 0.1), (0.95, 0.85, 0.7)],
    [(0, 0, 0), (0.2, 1, 0.4)],
    [(0.1, 0.1, 0.6), (0.95, 0.95, 1)],
)
TRIPLES = (
    [(0, 0.1, 0.6), (0, 0, 0), (1, 1, 1)],
    [(0, 0, 0), (0.1, 0.3, 0.8), (1, 1, 1)],
    [(0, 0, 0), (0.8, 0.1, 0.4), (1, 0.9, 0.5)],
    [(0.05, 0.05, 0.25), (0.9, 0.3, 0.4), (1, 0.95, 0.8)],
    [(0, 0, 0), (0.1, 0.6, 0.5), (0.95, 1, 0.9)],
    [(0.1, 0, 0.2), (0.6, 0.2, 0.7), (0.8, 1, 1)],
)


@blended("duotone")
def two_colour_ramp(image: Array, rng: Rng) -> Array:
    """Known pairs of colours, shaken, sometimes the wrong way round."""
    stops = shaken(PAIRS[rng.integers(len(PAIRS))], rng)
    if rng.random() < 0.3:
        stops = stops[::-1]
    return ramped(tone_of(image, rng) ** rng.uniform(0.7, 1.4), stops)


@blended("duotone")
def ramp_through_a_middle(image: Array, rng: Rng) -> Array:
    stops = shaken(TRIPLES[rng.integers(len(TRIPLES))], rng, 0.05)
    return ramped(tone_of(image, rng), stops, [0, rng.uniform(0.35, 0.65), 1])


@blended("duotone")
def any_two_colours(image: Array, rng: Rng) -> Array:
    """A dark and a light colour of any hue, blended in linear light, Lab or plainly."""
    tone = tone_of(image, rng)[..., None]
    hues = (rng.random() + np.array([0, rng.uniform(0.2, 0.8)])) % 1
    dark = from_hsv(rgb(hues[0], rng.uniform(0.6, 1), rng.uniform(0.15, 0.5))[None, None])
    light = from_hsv(rgb(hues[1], rng.uniform(0.2, 0.8), rng.uniform(0.85, 1))[None, None])
    kind = rng.integers(3)
    if kind == 0:
        return mix(dark, light, tone)
    if kind == 1:
        return from_linear(mix(to_linear(dark), to_linear(light), tone**2))
    return from_lab(mix(to_lab(dark), to_lab(light), tone))


@blended("duotone")
def hot_metal_ramp(image: Array, rng: Rng) -> Array:
    """Black through one pure colour and a brighter neighbour to white."""
    order = rng.permutation(3) if rng.random() < 0.4 else np.array([0, 1, 2])
    stops = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1)], np.float32)[:, order]
    a = rng.uniform(0.3, 0.42)
    return ramped(tone_of(image, rng), list(stops), [0, a, rng.uniform(0.65, 0.8), 1])


@blended("black and white")
def gray_faintly_toned(image: Array, rng: Rng) -> Array:
    """Gray with a trace of a cold or warm tone, and a little more or less contrast."""
    plane = 0.5 + (gray(image) - 0.5) * rng.uniform(0.9, 1.25)
    lean = rng.uniform(-0.025, 0.025)
    return np.clip(plane, 0, 1)[..., None] + lean * rgb(1, 0.1, -1) * (4 * plane * (1 - plane))[..., None]


# --------------------------------------------------------------------- shifted hues, rainbow, neon, grades


@operator("shifted hues")
def turned_in_plain_chroma(image: Array, level: float, rng: Rng) -> Array:
    """The colour differences from gray turned as a plane, tone kept."""
    angle = rng.choice((-1, 1)) * level * rng.uniform(1.2, np.pi)
    plane = luma(image)
    u, v = (image[..., 2:] - plane) * 0.49, (image[..., :1] - plane) * 0.88
    s, c = np.sin(angle), np.cos(angle)
    u, v = u * c - v * s, u * s + v * c
    r, b = plane + v / 0.88, plane + u / 0.49
    return np.concatenate([r, (plane - 0.299 * r - 0.114 * b) / 0.587, b], -1)


@operator("shifted hues")
def turned_about_gray(image: Array, level: float, rng: Rng) -> Array:
    """Red, green and blue turned about the line of grays, part of the way or through a whole channel."""
    angle = rng.choice((-1, 1)) * level * rng.uniform(1.2, 2.8)
    c, s = np.cos(angle), np.sin(angle) / np.sqrt(3)
    a = c + (1 - c) / 3
    lower, upper = (1 - c) / 3 - s, (1 - c) / 3 + s
    turn = np.array([[a, lower, upper], [upper, a, lower], [lower, upper, a]], np.float32)
    return image @ turn.T


@operator("shifted hues")
def hues_bent(image: Array, level: float, rng: Rng) -> Array:
    """Each hue moved by its own amount: some far, some hardly."""
    hsv = to_hsv(image)
    base, wave = rng.uniform(0.15, 0.45), rng.uniform(0, 0.12)
    move = base + wave * np.sin(2 * np.pi * (hsv[..., 0] * rng.integers(1, 3) + rng.random()))
    hsv[..., 0] = (hsv[..., 0] + rng.choice((-1, 1)) * level * move) % 1
    return from_hsv(hsv)


@blended("rainbow colours")
def false_colour_table(image: Array, rng: Rng) -> Array:
    """Tones shown in the colours of a map: blue to red, the whole wheel, or bands."""
    tone, kind = tone_of(image, rng), rng.integers(4)
    if rng.random() < 0.3:
        tone = 1 - tone
    if kind == 0:
        stops = [(0, 0, 0.5), (0, 0.1, 1), (0, 0.9, 1), (0.5, 1, 0.5), (1, 0.9, 0), (1, 0.1, 0), (0.5, 0, 0)]
        return ramped(tone, shaken(stops, rng, 0.04))
    if kind == 1:
        hue = (rng.random() + rng.choice((-1, 1)) * rng.uniform(0.7, 1.2) * tone) % 1
        full = np.full_like(tone, rng.uniform(0.75, 1))
        return from_hsv(np.stack([hue, full, full], -1))
    if kind == 2:
        start, speed = rng.random(3), rng.uniform(0.7, 1.4)
        return (0.5 + 0.5 * np.cos(2 * np.pi * (speed * tone[..., None] + start))).astype(np.float32)
    stops = [
        (0.25, 0, 0.35),
        (0.2, 0.3, 0.6),
        (0.1, 0.6, 0.55),
        (0.5, 0.8, 0.3),
        (1, 0.9, 0.15),
        (0.9, 0.2, 0.1),
    ]
    return ramped(tone, shaken(stops, rng, 0.05))


@blended("rainbow colours")
def wheel_on_tone(image: Array, rng: Rng) -> Array:
    """Hue runs with tone (once or more); the light stays the picture's own."""
    tone = tone_of(image, rng)
    hue = (rng.random() + rng.uniform(0.8, 2) * tone) % 1
    value = mix(tone, 1.0, rng.uniform(0.2, 0.6))
    return from_hsv(np.stack([hue, np.full_like(hue, rng.uniform(0.6, 1)), value], -1))


@blended("rainbow colours")
def hues_across_picture(image: Array, rng: Rng) -> Array:
    """Hue runs across the picture or round its middle; light stays."""
    h, w = image.shape[:2]
    y, x = np.mgrid[:h, :w].astype(np.float32) / side(image)
    angle, kind = rng.uniform(0, 6.3), rng.integers(3)
    run = (
        x * np.cos(angle) + y * np.sin(angle),
        np.arctan2(y - 0.5, x - 0.5) / (2 * np.pi),
        2 * np.hypot(y - 0.5, x - 0.5),
    )[kind]
    hue = (run * (1 if kind == 1 else rng.uniform(0.8, 1.6)) + rng.random()) % 1
    wheel = from_hsv(np.stack([hue, np.ones_like(hue), np.ones_like(hue)], -1))
    plane = luma(image)
    return np.where(plane < 0.5, 2 * plane * wheel, 1 - 2 * (1 - plane) * (1 - wheel))


@blended("neon colours")
def pushed_to_pure_hues(image: Array, rng: Rng) -> Array:
    """Colours driven to the rim of the colour solid, darks darker, the brights glowing."""
    hsv = to_hsv(image)
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(2.5, 5) + 0.05, 0, 1)
    hsv[..., 2] = np.clip(step(hsv[..., 2], 0, rng.uniform(0.7, 0.95)) * 1.05, 0, 1)
    out = from_hsv(hsv)
    return 1 - (1 - out) * (1 - rng.uniform(0, 0.6) * blur(out, side(image) * 0.02))


@blended("neon colours")
def electric_ramp(image: Array, rng: Rng) -> Array:
    """Tones in night blue, magenta, cyan and acid colours."""
    bright = [(1, 0, 0.8), (0, 1, 1), (0.6, 1, 0), (1, 0.9, 0), (0.5, 0, 1), (0, 0.4, 1), (1, 0.2, 0.2)]
    chosen = [bright[k] for k in rng.permutation(len(bright))[: rng.integers(2, 4)]]
    ramp = ramped(tone_of(image, rng), shaken([(0.03, 0, 0.12), *chosen], rng, 0.05))
    return mix(ramp, saturate(image, 3), rng.uniform(0, 0.5))


@blended("neon colours")
def channels_driven_apart(image: Array, rng: Rng) -> Array:
    steep = 1 / (1 + np.exp(-rng.uniform(7, 14) * (image - rng.uniform(0.4, 0.55, 3).astype(np.float32))))
    return saturate(steep.astype(np.float32), rng.uniform(1.5, 3))
