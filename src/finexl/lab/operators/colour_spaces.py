"""Colour operators that work in other spaces than the first ones: linear light, Lab, plain bytes, palettes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import uniform_filter

from finexl.lab.operators import Image, operator
from finexl.lab.operators._pixels import from_hsv, luma, mix, to_hsv
from finexl.lab.operators._spaces import from_lab, from_linear, to_lab, to_linear

Rng = np.random.Generator


def rgb(*values: float) -> Image:
    return np.array(values, np.float32)


# --- saturation


def scaled_chroma(image: Image, factor: float) -> Image:
    return from_lab(to_lab(image) * rgb(1, factor, factor))


@operator("vivid colours")
def lab_chroma_up(image: Image, level: float, rng: Rng) -> Image:
    return scaled_chroma(image, 1 + level * rng.uniform(1.0, 1.8))


@operator("vivid colours")
def hsv_added(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    hsv[..., 1] = np.clip(hsv[..., 1] + level * rng.uniform(0.3, 0.5), 0, 1)
    return from_hsv(hsv)


@operator("vivid colours")
def linear_saturated(image: Image, level: float, rng: Rng) -> Image:
    light = to_linear(image)
    gray = luma(light)
    return from_linear(gray + (light - gray) * (1 + level * rng.uniform(1.0, 1.8)))


@operator("muted colours")
def lab_chroma_down(image: Image, level: float, rng: Rng) -> Image:
    return scaled_chroma(image, 1 - level * rng.uniform(0.65, 0.8))


@operator("muted colours")
def hsv_taken_away(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    hsv[..., 1] = np.maximum(hsv[..., 1] - level * rng.uniform(0.3, 0.45), 0.0)
    return from_hsv(hsv)


@operator("muted colours")
def linear_drained(image: Image, level: float, rng: Rng) -> Image:
    light = to_linear(image)
    return from_linear(mix(light, luma(light), level * rng.uniform(0.65, 0.8)))


@operator("black and white")
def one_channel(image: Image, level: float, rng: Rng) -> Image:
    weights = rng.dirichlet((0.6, 0.6, 0.6)).astype(np.float32)
    return mix(image, (image @ weights)[..., None], level)


@operator("black and white")
def lab_lightness(image: Image, level: float, rng: Rng) -> Image:
    return scaled_chroma(image, 1 - level)


@operator("black and white")
def middle_of_extremes(image: Image, level: float, rng: Rng) -> Image:
    share = rng.uniform(0.3, 0.7)
    return mix(image, mix(image.min(-1, keepdims=True), image.max(-1, keepdims=True), share), level)


@operator("sepia")
def lab_sepia(image: Image, level: float, rng: Rng) -> Image:
    lab = to_lab(image)
    tone = rgb(0, rng.uniform(2, 9), rng.uniform(14, 28))
    return from_lab(mix(lab, lab * rgb(1, 0, 0) + tone, level))


@operator("sepia")
def brown_ramp(image: Image, level: float, rng: Rng) -> Image:
    """Gray levels looked up on a ramp from dark brown to cream."""
    dark, light = rgb(0.16, 0.08, 0.03) * rng.uniform(0, 1.2), rgb(1, 0.95, rng.uniform(0.74, 0.86))
    middle = rgb(0.58, 0.44, rng.uniform(0.27, 0.35))
    gray = luma(image)
    ramp = mix(mix(dark, middle, gray * 2), mix(middle, light, gray * 2 - 1), (gray > 0.5).astype(np.float32))
    return mix(image, ramp, level)


# --- casts


def gained(image: Image, gains: Image, level: float, keep: bool) -> Image:
    """Channel gains in linear light, with the luma kept or not."""
    light = to_linear(image)
    turned = light * gains**level
    if keep:
        turned = turned * (luma(light) + 0.01) / (luma(turned) + 0.01)
    return from_linear(turned)


@operator("warm colours")
def low_temperature(image: Image, level: float, rng: Rng) -> Image:
    gains = rgb(rng.uniform(1.2, 1.6), rng.uniform(0.88, 1.0), rng.uniform(0.35, 0.6))
    return gained(image, gains, level, rng.random() < 0.5)


@operator("warm colours")
def lab_warmth(image: Image, level: float, rng: Rng) -> Image:
    return from_lab(to_lab(image) + level * rgb(0, rng.uniform(2, 12), rng.uniform(16, 30)))


@operator("warm colours")
def warm_byte_shift(image: Image, level: float, rng: Rng) -> Image:
    return image + level * rgb(rng.uniform(0.1, 0.2), rng.uniform(-0.02, 0.06), -rng.uniform(0.1, 0.22))


@operator("cool colours")
def high_temperature(image: Image, level: float, rng: Rng) -> Image:
    gains = rgb(rng.uniform(0.45, 0.7), rng.uniform(0.88, 1.0), rng.uniform(1.2, 1.7))
    return gained(image, gains, level, rng.random() < 0.5)


@operator("cool colours")
def lab_coolness(image: Image, level: float, rng: Rng) -> Image:
    return from_lab(to_lab(image) - level * rgb(0, rng.uniform(-3, 8), rng.uniform(16, 30)))


@operator("cool colours")
def cool_byte_shift(image: Image, level: float, rng: Rng) -> Image:
    return image + level * rgb(-rng.uniform(0.1, 0.22), rng.uniform(-0.03, 0.05), rng.uniform(0.1, 0.2))


# Lab angle in degrees, and the signs of a plain shift of the three channels, of every tint.
TINTS = {
    "red tint": (35, (1.0, -0.5, -0.5)),
    "orange tint": (65, (1.0, 0.25, -0.9)),
    "yellow tint": (98, (0.7, 0.6, -1.0)),
    "green tint": (140, (-0.55, 0.9, -0.55)),
    "teal tint": (200, (-0.9, 0.5, 0.5)),
    "blue tint": (285, (-0.5, -0.25, 1.0)),
    "purple tint": (315, (0.4, -0.8, 0.8)),
    "pink tint": (355, (0.8, -0.5, 0.35)),
}


def lab_tint(angle: float) -> Callable[[Image, float, Rng], Image]:
    def lab_cast(image: Image, level: float, rng: Rng) -> Image:
        turn = np.deg2rad(angle + rng.uniform(-8, 8))
        reach = level * rng.uniform(24, 42)
        return from_lab(to_lab(image) + rgb(0, reach * np.cos(turn), reach * np.sin(turn)))

    return lab_cast


def shift_tint(signs: tuple[float, float, float]) -> Callable[[Image, float, Rng], Image]:
    def plain_shift(image: Image, level: float, rng: Rng) -> Image:
        uneven = rgb(*signs) * rng.uniform(0.6, 1.2, 3).astype(np.float32)
        return image + level * rng.uniform(0.16, 0.3) * uneven

    return plain_shift


for _concept, (_angle, _signs) in TINTS.items():
    operator(_concept)(lab_tint(_angle))
    operator(_concept)(shift_tint(_signs))


# --- turned and inverted


@operator("shifted hues")
def lab_turned(image: Image, level: float, rng: Rng) -> Image:
    turn = level * rng.choice((-1, 1)) * rng.uniform(0.6, 1.0) * np.pi
    lab = to_lab(image)
    c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    a, b = lab[..., 1].copy(), lab[..., 2].copy()
    lab[..., 1], lab[..., 2] = c * a - s * b, s * a + c * b
    return from_lab(lab)


@operator("shifted hues")
def hue_turned_at_one_luma(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    hsv[..., 0] += level * rng.choice((-1, 1)) * rng.uniform(0.25, 0.5)
    turned = from_hsv(hsv)
    return turned + (luma(image) - luma(turned)) * rng.choice((0.0, 0.6, 1.0))


@operator("shifted hues")
def channels_mixed(image: Image, level: float, rng: Rng) -> Image:
    """A matrix between the identity and a cyclic exchange of channels."""
    order = np.roll(np.eye(3, dtype=np.float32), int(rng.choice((1, 2))), axis=0)
    return image @ mix(np.eye(3, dtype=np.float32), mix(order, 1 / 3, rng.uniform(-0.3, 0.15)), level)


@operator("inverted colours")
def nearly_all_negative(image: Image, level: float, rng: Rng) -> Image:
    return mix(image, 1 - image, 1 - (1 - level) ** rng.uniform(1.8, 2.6))


@operator("inverted colours")
def film_negative(image: Image, level: float, rng: Rng) -> Image:
    """Inverted, on a base that may be orange and with the contrast of film."""
    base = rgb(1, rng.uniform(0.75, 1), rng.uniform(0.55, 1)) if rng.random() < 0.5 else rgb(1, 1, 1)
    negative = (1 - np.clip(image, 0, 1) ** rng.uniform(0.7, 1.3)) * base * rng.uniform(0.85, 1)
    return mix(image, negative, 1 - (1 - level) ** rng.uniform(1.2, 2.2))


@operator("inverted colours")
def channel_after_channel(image: Image, level: float, rng: Rng) -> Image:
    start = rng.permutation(3).astype(np.float32) * rng.uniform(0.1, 0.25)
    amount = np.clip((level - start) / (1 - start.max()), 0, 1)
    return mix(image, 1 - image, amount.astype(np.float32))


@operator("inverted colours")
def lab_negative(image: Image, level: float, rng: Rng) -> Image:
    lab = to_lab(image)
    opposite = rgb(100, 0, 0) - lab
    turn = np.pi * level
    c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    a, b = lab[..., 1], lab[..., 2]
    out = mix(lab, opposite, level)
    out[..., 1], out[..., 2] = c * a - s * b, s * a + c * b
    return from_lab(out)


@operator("solarized")
def lowered_threshold(image: Image, level: float, rng: Rng) -> Image:
    """Everything above a threshold is inverted outright; the level lowers the threshold."""
    threshold = 1 - level * rng.uniform(0.45, 0.65)
    return np.where(image < threshold, image, 1 - image)


@operator("solarized")
def luma_decides(image: Image, level: float, rng: Rng) -> Image:
    over = np.clip((luma(image) - rng.uniform(0.4, 0.6)) * rng.uniform(8, 30) + 0.5, 0, 1)
    return mix(image, 1 - image, over * level)


# --- few colours


def median_cut(image: Image, count: int) -> Image:
    """Colours of boxes that are halved at the median of their longest side, the fullest first, (count, 3)."""
    sample = image[::3, ::3].reshape(-1, 3)
    boxes = [sample]
    while len(boxes) < count:
        spans = [float(np.ptp(b, axis=0).max()) * len(b) ** 0.5 if len(b) > 1 else 0.0 for b in boxes]
        widest = boxes.pop(int(np.argmax(spans)))
        ordered = widest[np.argsort(widest[:, np.ptp(widest, axis=0).argmax()], kind="stable")]
        half = max(1, len(ordered) // 2)
        boxes += [b for b in (ordered[:half], ordered[half:]) if len(b)]
        if len(widest) <= 1:
            break
    return np.stack([b.mean(0) for b in boxes]).astype(np.float32)


def snapped(image: Image, palette: Image) -> Image:
    pixels = image.reshape(-1, 3)
    distance = np.square(palette).sum(1) - 2 * pixels @ palette.T
    return palette[distance.argmin(1)].reshape(image.shape)


@operator("limited palette")
def adaptive_palette(image: Image, level: float, rng: Rng) -> Image:
    palette = median_cut(image, max(2, round(rng.integers(4, 8) * 16 ** (1 - level))))
    spread = rng.uniform(0.1, 0.3) if rng.random() < 0.35 else 0.0
    grain = spread * (rng.random((*image.shape[:2], 1), dtype=np.float32) - 0.5)
    return mix(image, snapped(np.clip(image + grain * level, 0, 1), palette), min(1, 3 * level))


@operator("limited palette")
def bits_dropped(image: Image, level: float, rng: Rng) -> Image:
    """Each channel rounded down to a step, as where the low bits of bytes are cut."""
    step = 2 ** -max(0.9, 7 - 6.3 * level**0.7)
    floor = np.floor(np.clip(image, 0, 0.999) / step)
    return (floor + rng.choice((0.0, 0.5))) * step


@operator("limited palette")
def few_hues_and_tones(image: Image, level: float, rng: Rng) -> Image:
    hsv = to_hsv(image)
    steps = rng.integers((5, 2, 3), (10, 4, 6)).astype(np.float32)
    return mix(image, from_hsv(np.round(hsv * steps) / steps), level)


@operator("limited palette")
def smooth_then_few(image: Image, level: float, rng: Rng) -> Image:
    calm = uniform_filter(image, (3, 3, 0)) if rng.random() < 0.5 else image
    lab = to_lab(calm)
    steps = rgb(*rng.uniform((14, 22, 22), (28, 45, 45)))
    return mix(image, from_lab(np.round(lab / steps) * steps), min(1, 1.3 * level))


@operator("duotone")
def lab_ramp(image: Image, level: float, rng: Rng) -> Image:
    """Lightness kept or stretched; the colour runs from one hue in the shadows to another in the lights."""
    lightness = to_lab(image)[..., :1]
    turn = rng.uniform(0, 2 * np.pi) + np.array([0, rng.uniform(1.2, 5)])
    ends = np.stack([np.zeros(2), np.cos(turn), np.sin(turn)], 1) * rng.uniform(35, 65)
    colour = mix(ends[0], ends[1], lightness / 100).astype(np.float32)
    return mix(image, from_lab(colour + lightness * rgb(1, 0, 0)), level)


@operator("pastel colours")
def lab_pastel(image: Image, level: float, rng: Rng) -> Image:
    lab = to_lab(image)
    pale = mix(rgb(rng.uniform(84, 92), 0, 0), lab, rgb(rng.uniform(0.3, 0.45), 0.55, 0.55))
    return from_lab(mix(lab, pale, level))


@operator("neon colours")
def lab_neon(image: Image, level: float, rng: Rng) -> Image:
    lab = to_lab(image)
    chroma = np.hypot(lab[..., 1:2], lab[..., 2:3]) + 4
    pushed = lab * mix(1, (60 + chroma) / chroma, np.clip(chroma / 14, 0, 1))
    pushed[..., 0] = mix(50, lab[..., 0], rng.uniform(1.2, 1.6))
    return from_lab(mix(lab, pushed, level))
