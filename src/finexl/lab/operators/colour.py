"""Operators of the aspect colour."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import Image, operator
from finexl.lab.operators._pixels import (
    blur,
    coordinates,
    from_hsv,
    luma,
    mix,
    radius_map,
    smooth_noise,
    to_hsv,
)

Rng = np.random.Generator
WEIGHTS = ((0.299, 0.587, 0.114), (0.2126, 0.7152, 0.0722), (1 / 3, 1 / 3, 1 / 3))
TO_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]], np.float32)
FROM_YIQ = np.linalg.inv(TO_YIQ).astype(np.float32)


def rgb(*values: float) -> Image:
    return np.array(values, np.float32)


def some_gray(image: Image, rng: Rng) -> Image:
    """A gray version (H, W, 1) by luma weights from the usual sets."""
    return (image @ rgb(*WEIGHTS[rng.integers(3)]))[..., None]


def hue_colour(hue: float, saturation: float = 1.0, value: float = 1.0) -> Image:
    return from_hsv(rgb(hue, saturation, value))


def relight(image: Image, target: Image) -> Image:
    """`image` moved to the luma (H, W, 1) `target`."""
    return image + (target - luma(image))


def scale_saturation(image: Image, factor: float) -> Image:
    hsv = to_hsv(image)
    hsv[..., 1] = np.clip(hsv[..., 1] * factor, 0, 1)
    return from_hsv(hsv)


def spread_channels(image: Image, amount: float) -> Image:
    """A colour matrix that adds to each channel what the two others lack."""
    matrix = np.eye(3, dtype=np.float32) * (1 + 1.5 * amount) - 0.5 * amount
    return image @ matrix


def rotate_hue(image: Image, turns: float) -> Image:
    """Rotation about the gray axis in YIQ."""
    c, s = np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]], np.float32)
    return image @ (FROM_YIQ @ turn @ TO_YIQ).T


# --- saturation


@operator("vivid colours")
def luma_extrapolated(image: Image, level: float, rng: Rng) -> Image:
    return mix(some_gray(image, rng), image, 1 + level * rng.uniform(1.2, 2.0))


@operator("vivid colours")
def hsv_saturated(image: Image, level: float, rng: Rng) -> Image:
    return scale_saturation(image, 1 + level * rng.uniform(1.3, 2.2))


@operator("vivid colours")
def vibrance(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    hsv[..., 1] = mix(hsv[..., 1], hsv[..., 1] ** rng.uniform(0.35, 0.5), level)
    hsv[..., 2] = np.clip(hsv[..., 2] * (1 + level * rng.uniform(0, 0.12)), 0, 1)
    return from_hsv(hsv)


@operator("vivid colours")
def channels_spread(image: Image, level: float, rng: Rng) -> Image:
    return spread_channels(image, level * rng.uniform(0.8, 1.3))


@operator("muted colours")
def luma_blended(image: Image, level: float, rng: Rng) -> Image:
    return mix(image, some_gray(image, rng), level * rng.uniform(0.65, 0.78))


@operator("muted colours")
def hsv_desaturated(image: Image, level: float, rng: Rng) -> Image:
    return scale_saturation(image, 1 - level * rng.uniform(0.65, 0.78))


@operator("muted colours")
def channels_drained(image: Image, level: float, rng: Rng) -> Image:
    return spread_channels(image, -level * rng.uniform(0.43, 0.52))


@operator("muted colours")
def dusty_veil(image: Image, level: float, rng: Rng) -> Image:
    drained = mix(image, some_gray(image, rng), level * rng.uniform(0.6, 0.75))
    return mix(drained, rgb(0.5, 0.49, 0.47), level * rng.uniform(0.05, 0.15))


@operator("black and white")
def luma_only(image: Image, level: float, rng: Rng) -> Image:
    return mix(image, some_gray(image, rng), level)


@operator("black and white")
def lightness_only(image: Image, level: float, rng: Rng) -> Image:
    high, low = image.max(axis=2, keepdims=True), image.min(axis=2, keepdims=True)
    return mix(image, mix(low, high, rng.uniform(0.4, 0.9)), level)


@operator("black and white")
def colour_filtered_film(image: Image, level: float, rng: Rng) -> Image:
    weights = rng.dirichlet((2, 3, 1.2)).astype(np.float32)
    gray = np.clip((image @ weights)[..., None], 0, 1) ** rng.uniform(0.85, 1.2)
    return mix(image, mix(0.5, gray, rng.uniform(0.95, 1.2)), level)


@operator("black and white")
def saturation_to_none(image: Image, level: float, rng: Rng) -> Image:
    linear = np.clip(image, 0, 1) ** 2.2
    gray = (linear @ rgb(0.2126, 0.7152, 0.0722))[..., None] ** (1 / 2.2)
    return mix(image, gray, level)


# --- tones of old prints and white balance

SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]], np.float32)


@operator("sepia")
def sepia_matrix(image: Image, level: float, rng: Rng) -> Image:
    return mix(image, np.minimum(image @ SEPIA.T * rng.uniform(0.85, 1), 1), level)


@operator("sepia")
def sepia_ramp(image: Image, level: float, rng: Rng) -> Image:
    dark = rgb(rng.uniform(0.08, 0.22), rng.uniform(0.04, 0.1), rng.uniform(0, 0.05))
    light = rgb(1, rng.uniform(0.9, 0.97), rng.uniform(0.7, 0.86))
    return mix(image, mix(dark, light, some_gray(image, rng)), level)


@operator("sepia")
def sepia_curves(image: Image, level: float, rng: Rng) -> Image:
    gray = np.clip(some_gray(image, rng), 0, 1)
    gamma = rgb(rng.uniform(0.65, 0.8), 1, rng.uniform(1.35, 1.7))
    return mix(image, gray**gamma, level)


@operator("sepia")
def sepia_shift(image: Image, level: float, rng: Rng) -> Image:
    brown = rgb(rng.uniform(0.09, 0.14), rng.uniform(0.0, 0.03), -rng.uniform(0.12, 0.19))
    return mix(image, some_gray(image, rng) + brown, level)


def balance(image: Image, amount: float, rng: Rng) -> Image:
    """Red up and blue down for `amount` above 0, the reverse below."""
    gain = rgb(1 + 0.3 * amount, 1 + rng.uniform(-0.02, 0.06) * amount, 1 - 0.42 * amount)
    if amount < 0:
        gain = rgb(1 + 0.4 * amount, 1 + rng.uniform(0, 0.1) * amount, 1 - 0.3 * amount)
    return image * gain


def balance_gamma(image: Image, amount: float, rng: Rng) -> Image:
    power = np.exp(amount * rgb(-0.4, rng.uniform(-0.05, 0.05), 0.5))
    return np.clip(image, 0, 1) ** power


def balance_shift(image: Image, amount: float, rng: Rng) -> Image:
    return relight(image + amount * rgb(0.17, rng.uniform(0.0, 0.06), -0.2), luma(image))


def balance_filter(image: Image, colour: Image, density: float) -> Image:
    """A photographic filter that keeps the luma."""
    toned = image * (colour / float(colour.max()))
    return mix(image, toned * (luma(image) + 0.02) / (luma(toned) + 0.02), density)


@operator("warm colours")
def warm_gain(image: Image, level: float, rng: Rng) -> Image:
    return balance(image, level * rng.uniform(0.75, 1.2), rng)


@operator("warm colours")
def warm_gamma(image: Image, level: float, rng: Rng) -> Image:
    return balance_gamma(image, level * rng.uniform(0.8, 1.3), rng)


@operator("warm colours")
def warm_shift(image: Image, level: float, rng: Rng) -> Image:
    return balance_shift(image, level * rng.uniform(0.7, 1.1), rng)


@operator("warm colours")
def warm_filter(image: Image, level: float, rng: Rng) -> Image:
    return balance_filter(image, hue_colour(rng.uniform(0.06, 0.11), rng.uniform(0.6, 0.9)), 0.65 * level)


@operator("cool colours")
def cool_gain(image: Image, level: float, rng: Rng) -> Image:
    return balance(image, -level * rng.uniform(0.75, 1.2), rng)


@operator("cool colours")
def cool_gamma(image: Image, level: float, rng: Rng) -> Image:
    return balance_gamma(image, -level * rng.uniform(0.8, 1.3), rng)


@operator("cool colours")
def cool_shift(image: Image, level: float, rng: Rng) -> Image:
    return balance_shift(image, -level * rng.uniform(0.7, 1.1), rng)


@operator("cool colours")
def cool_filter(image: Image, level: float, rng: Rng) -> Image:
    return balance_filter(image, hue_colour(rng.uniform(0.54, 0.61), rng.uniform(0.6, 0.9)), 0.6 * level)


# --- tints: the same four ways for eight hues

TINTS = {
    "red tint": (-0.02, 0.015),
    "orange tint": (0.06, 0.09),
    "yellow tint": (0.135, 0.17),
    "green tint": (0.27, 0.39),
    "teal tint": (0.47, 0.525),
    "blue tint": (0.58, 0.66),
    "purple tint": (0.73, 0.8),
    "pink tint": (0.88, 0.945),
}


def multiplied(image: Image, level: float, colour: Image, rng: Rng) -> Image:
    return image * mix(1, colour * rng.uniform(1.0, 1.25), level * rng.uniform(0.7, 0.95))


def veiled(image: Image, level: float, colour: Image, rng: Rng) -> Image:
    return mix(image, colour * rng.uniform(0.75, 1.0), level * rng.uniform(0.4, 0.6))


def luma_coloured(image: Image, level: float, colour: Image, rng: Rng) -> Image:
    gray, middle = some_gray(image, rng), rng.uniform(0.45, 0.65)
    ramp = np.where(gray < middle, colour * (gray / middle), mix(colour, 1, (gray - middle) / (1 - middle)))
    return mix(image, ramp, level * rng.uniform(0.7, 0.95))


def channel_shifted(image: Image, level: float, colour: Image, rng: Rng) -> Image:
    return image + (colour - mix(colour.mean(), luma(colour), rng.random())) * level * rng.uniform(0.3, 0.45)


def overlaid(image: Image, level: float, colour: Image, rng: Rng) -> Image:
    laid = np.where(image < 0.5, 2 * image * colour, 1 - 2 * (1 - image) * (1 - colour))
    return mix(image, laid, level * rng.uniform(0.6, 0.85))


def register_tint(concept: str, low: float, high: float) -> None:
    for way in (multiplied, veiled, luma_coloured, channel_shifted, overlaid):

        def tint(image: Image, level: float, rng: Rng, way=way) -> Image:
            saturation = rng.uniform(0.4, 0.75) if concept == "pink tint" else rng.uniform(0.7, 1)
            return way(image, level, hue_colour(rng.uniform(low, high), saturation), rng)

        tint.__name__ = way.__name__
        operator(concept)(tint)


for _concept, (_low, _high) in TINTS.items():
    register_tint(_concept, _low, _high)


# --- palettes


@operator("pastel colours")
def pastel_hsv(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    hsv[..., 1] *= 1 - level * rng.uniform(0.45, 0.6)
    hsv[..., 2] = mix(hsv[..., 2], rng.uniform(0.65, 0.75) + 0.32 * hsv[..., 2], level * 0.9)
    return from_hsv(np.minimum(hsv, 1))


@operator("pastel colours")
def pastel_white(image: Image, level: float, rng: Rng) -> Image:
    return mix(spread_channels(image, 0.3 * level), 1, level * rng.uniform(0.5, 0.62))


@operator("pastel colours")
def pastel_curve(image: Image, level: float, rng: Rng) -> Image:
    light = 1 - (1 - np.clip(image, 0, 1)) ** rng.uniform(1.6, 2.0) * 0.55
    light = mix(light, luma(light), rng.uniform(0.0, 0.2))
    return mix(image, light + rgb(*rng.uniform(-0.03, 0.03, 3)), level)


def edges(image: Image) -> Image:
    """Gradient magnitude of every channel, near [0, 1]."""
    dy = np.abs(np.diff(image, axis=0, append=image[-1:]))
    dx = np.abs(np.diff(image, axis=1, append=image[:, -1:]))
    return dy + dx


@operator("neon colours")
def neon_glow(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    hsv[..., 1] = hsv[..., 1] ** 0.35
    hsv[..., 2] = hsv[..., 2] ** rng.uniform(1.6, 2.4)
    base = from_hsv(hsv)
    glow = blur(base, min(image.shape[:2]) * rng.uniform(0.015, 0.04))
    lines = blur(edges(base), 0.8) * rng.uniform(1.2, 2.2)
    return mix(image, 0.8 * base + 0.5 * glow + lines, level)


@operator("neon colours")
def neon_ramp(image: Image, level: float, rng: Rng) -> Image:
    gray = np.clip(luma(image), 0, 1)
    hues = (rng.uniform(0.45, 0.55), rng.uniform(0.8, 0.95), rng.uniform(0.12, 0.45))
    knots = np.stack([rgb(0.03, 0.0, 0.1), *(hue_colour(hue) for hue in rng.permutation(hues))])
    ramp = np.stack([np.interp(gray[..., 0], (0.2, 0.5, 0.75, 1.0), knots[:, c]) for c in range(3)], axis=-1)
    return mix(image, ramp.astype(np.float32), level * rng.uniform(0.7, 0.95))


@operator("neon colours")
def neon_saturated(image: Image, level: float, rng: Rng) -> Image:
    pushed = spread_channels(mix(0.42, image, 1.4), rng.uniform(1.6, 2.6))
    tone = mix(hue_colour(rng.choice((0.5, 0.83, 0.92))), 1, 0.5)
    return mix(image, np.clip(pushed, 0, 1) * tone, level)


@operator("inverted colours")
def negative(image: Image, level: float, rng: Rng) -> Image:
    # the channels pass gray one after another, so that half a negative is not plain gray
    return mix(image, 1 - image, level ** rgb(*rng.uniform(0.8, 1.5, 3)))


@operator("inverted colours")
def negative_turned(image: Image, level: float, rng: Rng) -> Image:
    # the hue turns on the way, so that half a negative is not plain gray
    gray = luma(image)
    chroma = rotate_hue(image, level * rng.choice((-0.5, 0.5))) - gray
    return mix(gray, 1 - gray, level) + chroma


@operator("inverted colours")
def negative_from_the_top(image: Image, level: float, rng: Rng) -> Image:
    flipped = np.clip((image - (1 - 1.3 * level)) / 0.3, 0, 1)
    return mix(image, 1 - image, flipped)


@operator("limited palette")
def posterised(image: Image, level: float, rng: Rng) -> Image:
    step = max(level**1.3 * rng.uniform(0.4, 0.5), 1 / 255)
    return np.round(image / step) * step


@operator("limited palette")
def ordered_dither(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    step = max(level**1.3 * rng.uniform(0.5, 1.0), 1 / 255)
    cell = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.47
    grid = np.tile(cell, (h // 4 + 1, w // 4 + 1))[:h, :w, None]
    return np.round(image / step + grid) * step


@operator("limited palette")
def nearest_of_few(image: Image, level: float, rng: Rng) -> Image:
    pixels = image.reshape(-1, 3)
    colours = pixels[rng.integers(len(pixels), size=rng.integers(4, 9))]
    distance = (colours**2).sum(axis=1) - 2 * pixels @ colours.T
    return mix(image, colours[distance.argmin(axis=1)].reshape(image.shape), level)


@operator("duotone")
def duotone_linear(image: Image, level: float, rng: Rng) -> Image:
    hue = rng.random()
    dark = hue_colour(hue, rng.uniform(0.6, 1), rng.uniform(0.15, 0.5))
    light = hue_colour(hue + rng.uniform(0.2, 0.8), rng.uniform(0.3, 0.9), 1)
    return mix(image, mix(dark, light, some_gray(image, rng)), level)


@operator("duotone")
def duotone_smoothstep(image: Image, level: float, rng: Rng) -> Image:
    gray = np.clip(mix(0.5, some_gray(image, rng), rng.uniform(1.1, 1.6)), 0, 1)
    pair = rng.random((2, 3), dtype=np.float32)
    dark, light = (pair[0] * 0.55, 1 - pair[1] * 0.6)
    return mix(image, mix(dark, light, gray * gray * (3 - 2 * gray)), level)


@operator("duotone")
def duotone_inks(image: Image, level: float, rng: Rng) -> Image:
    # the two inks of a print, laid over one another on white paper
    gray, hue = np.clip(some_gray(image, rng), 0, 1), rng.random()
    first = mix(hue_colour(hue, 0.9, rng.uniform(0.3, 0.6)), 1, gray ** rng.uniform(0.8, 1.3))
    second = mix(hue_colour(hue + rng.uniform(0.15, 0.85), 0.8), 1, gray ** rng.uniform(2, 3))
    return mix(image, first * second, level)


def rainbow(phase: Image, rng: Rng) -> Image:
    hsv = np.stack([phase, np.full_like(phase, rng.uniform(0.75, 1)), np.ones_like(phase)], axis=-1)
    return from_hsv(hsv)


def wavefront(h: int, w: int, rng: Rng) -> Image:
    """A field with one turn of hue or more over the picture: slanted, round or lumpy."""
    y, x = coordinates(h, w)
    kind, turns = rng.integers(3), rng.uniform(0.9, 2.2)
    if kind == 0:
        angle = rng.uniform(0, 2 * np.pi)
        field = float(np.cos(angle)) * x + float(np.sin(angle)) * y
    else:
        field = radius_map(h, w) if kind == 1 else smooth_noise((h, w), rng.uniform(2, 4), rng)
    return field * turns + rng.random()


@operator("rainbow colours")
def rainbow_laid(image: Image, level: float, rng: Rng) -> Image:
    colour = rainbow(wavefront(*image.shape[:2], rng), rng)
    laid = np.where(image < 0.5, 2 * image * colour, 1 - 2 * (1 - image) * (1 - colour))
    return mix(image, laid, level * rng.uniform(0.75, 1))


@operator("rainbow colours")
def rainbow_by_luma(image: Image, level: float, rng: Rng) -> Image:
    gray = np.clip(luma(image), 0, 1)
    phase = gray[..., 0] * rng.uniform(0.8, 1.6) * int(rng.choice((-1, 1))) + rng.random()
    return mix(image, rainbow(phase, rng) * mix(0.35, 1, gray), level * rng.uniform(0.75, 1))


@operator("rainbow colours")
def rainbow_chroma(image: Image, level: float, rng: Rng) -> Image:
    colour = rainbow(wavefront(*image.shape[:2], rng), rng)
    return mix(image, luma(image) + (colour - luma(colour)) * rng.uniform(0.5, 0.8), level)


@operator("shifted hues")
def hue_turned(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    hsv[..., 0] += level * rng.choice((-1, 1)) * rng.uniform(0.3, 0.5)
    return from_hsv(hsv)


@operator("shifted hues")
def hue_rotated(image: Image, level: float, rng: Rng) -> Image:
    return rotate_hue(image, level * rng.choice((-1, 1)) * rng.uniform(0.3, 0.5))


@operator("shifted hues")
def channels_swapped(image: Image, level: float, rng: Rng) -> Image:
    order = ((1, 2, 0), (2, 0, 1), (2, 1, 0), (1, 0, 2), (0, 2, 1))[rng.integers(5)]
    return mix(image, image[..., order], level)


TEAL, ORANGE = rgb(-0.16, 0.05, 0.11), rgb(0.18, 0.03, -0.15)


@operator("teal and orange")
def split_toned(image: Image, level: float, rng: Rng) -> Image:
    gray = np.clip(luma(image), 0, 1)
    middle = rng.uniform(0.4, 0.55)
    weight = 1 / (1 + np.exp(-(gray - middle) * rng.uniform(7, 12)))
    return image + mix(TEAL, ORANGE, weight) * level * rng.uniform(1.0, 1.5)


@operator("teal and orange")
def two_hues(image: Image, level: float, rng: Rng) -> Image:
    # the pull is on the chroma axis from teal to orange: whatever lies across it fades
    gray, axis = luma(image), rgb(0.62, 0.02, -0.52)
    along = (image - gray) @ (axis / float(np.linalg.norm(axis)))
    bias = (gray[..., 0] - gray.mean()) * rng.uniform(0.3, 0.6)
    pulled = np.tanh((along * rng.uniform(2.0, 3.0) + bias) * 2) * 0.35
    return mix(image, gray + pulled[..., None] * axis, level * 0.9)


@operator("teal and orange")
def film_curves(image: Image, level: float, rng: Rng) -> Image:
    x = np.clip(image, 0, 1)
    s = x * x * (3 - 2 * x)
    bend = rgb(rng.uniform(0.8, 1.1), rng.uniform(-0.05, 0.15), -rng.uniform(0.8, 1.1))
    graded = x + (s - x) * bend * 2.2 + rgb(-0.04, 0.01, 0.05)
    return mix(image, mix(luma(graded), graded, 1.15), level)
