"""Veils, narrowed ranges, pale colours and grades by curves of other makes."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, from_hsv, luma, mix, side, smooth_noise, to_hsv
from finexl.lab.operators._spaces import from_lab, from_linear, to_lab, to_linear
from finexl.lab.operators._strokes import Array, Rng, saturate, step


def rgb(*values: float) -> Array:
    return np.array(values, np.float32)


# ------------------------------------------------------------------------------------------------- faded


@operator("faded")
def pale_veil(image: Array, level: float, rng: Rng) -> Array:
    """A white, gray or faintly coloured sheet laid half clear over the picture."""
    sheet = np.clip(rng.uniform(0.6, 1) + rng.normal(0, rng.choice((0.0, 0.04)), 3), 0, 1).astype(np.float32)
    return mix(image, sheet, level * rng.uniform(0.35, 0.6))


@operator("faded")
def narrower_brighter_range(image: Array, level: float, rng: Rng) -> Array:
    """Black rises far, white falls little; colour weakens along with it or not."""
    low, high = level * rng.uniform(0.22, 0.45), 1 - level * rng.uniform(0, 0.12)
    out = low + image * (high - low)
    return mix(out, luma(out), level * rng.choice((0.0, 0.3, 0.5)))


@operator("faded")
def raised_black_weak_colour(image: Array, level: float, rng: Rng) -> Array:
    hsv = to_hsv(image)
    hsv[..., 1] *= 1 - level * rng.uniform(0.35, 0.65)
    floor = level * rng.uniform(0.15, 0.35)
    hsv[..., 2] = floor + hsv[..., 2] * (1 - floor)
    return from_hsv(hsv)


@operator("faded")
def linear_light_flare(image: Array, level: float, rng: Rng) -> Array:
    """Some even stray light added to the light of the picture."""
    stray = level * rng.uniform(0.06, 0.2) * rgb(*(1 + rng.normal(0, 0.08, 3)))
    light = to_linear(image)
    return from_linear((light + stray) / (1 + stray * rng.uniform(0.3, 1)))


@operator("faded")
def lightness_lifted_chroma_lost(image: Array, level: float, rng: Rng) -> Array:
    lab = to_lab(image)
    low = level * rng.uniform(22, 42)
    lab[..., 0] = low + lab[..., 0] * (100 - low - level * rng.uniform(0, 8)) / 100
    lab[..., 1:] *= 1 - level * rng.uniform(0.3, 0.6)
    return from_lab(lab)


@operator("hazy")
def flat_bright_veil(image: Array, level: float, rng: Rng) -> Array:
    """Bright air everywhere alike, a little softness with it."""
    air = np.clip(rng.uniform(0.72, 0.95) + np.array([-0.02, 0, 0.03]) * rng.uniform(-0.5, 1.5), 0, 1)
    out = blur(image, side(image) * 0.004 * level * rng.uniform(0, 1))
    return mix(out, air.astype(np.float32), level * rng.uniform(0.5, 0.75))


@operator("hazy")
def lights_spread_in_air(image: Array, level: float, rng: Rng) -> Array:
    """A wide blur of the picture's own light, mixed with gray air."""
    glow = blur(image, side(image) * rng.uniform(0.08, 0.2))
    air = mix(glow, rng.uniform(0.7, 0.9), rng.uniform(0.4, 0.8))
    return mix(image, air, level * rng.uniform(0.5, 0.75))


# ------------------------------------------------------------------------------------------------ pastel


@operator("pastel colours")
def bright_with_little_colour(image: Array, level: float, rng: Rng) -> Array:
    """Value rises towards one, saturation is capped low."""
    hsv = to_hsv(image)
    cap = rng.uniform(0.25, 0.45)
    hsv[..., 1] = mix(hsv[..., 1], cap * np.tanh(1.4 * hsv[..., 1] / cap), level)
    hsv[..., 2] = mix(hsv[..., 2], rng.uniform(0.5, 0.65) + (1 - 0.6) * hsv[..., 2], level)
    return from_hsv(hsv)


@operator("pastel colours")
def screened_with_pale(image: Array, level: float, rng: Rng) -> Array:
    """Strengthened colours under a milky layer, sometimes of two pale hues."""
    rich = saturate(image, 1 + level * rng.uniform(0.2, 0.8))
    a, b = (1 - rng.uniform(0, 0.2, 3).astype(np.float32) for _ in range(2))
    tone = smooth_noise(image.shape[:2], rng.uniform(1, 3), rng)[..., None]
    return mix(rich, mix(a, b, tone), level * rng.uniform(0.42, 0.6))


@operator("pastel colours")
def lab_range_moved_up(image: Array, level: float, rng: Rng) -> Array:
    lab = to_lab(image)
    low = rng.uniform(55, 68)
    lab[..., 0] = mix(lab[..., 0], low + lab[..., 0] * (97 - low) / 100, level)
    size = np.hypot(lab[..., 1], lab[..., 2])[..., None] + 1e-3
    wanted = rng.uniform(18, 28) * np.tanh(size / rng.uniform(12, 24))
    lab[..., 1:] = mix(lab[..., 1:], lab[..., 1:] / size * wanted, level)
    return from_lab(lab)


# ------------------------------------------------------------------------------------------ grades, exposure


@operator("teal and orange")
def complementary_grade(image: Array, level: float, rng: Rng) -> Array:
    """In Lab: the dark half moves to teal, the light half to orange; hues are drawn to that line."""
    lab = to_lab(image)
    light = lab[..., :1] / 100
    side_of = step(light, rng.uniform(0.15, 0.35), rng.uniform(0.55, 0.8)) * 2 - 1
    lab[..., 1:] += level * side_of * rgb(rng.uniform(10, 20), rng.uniform(14, 26))
    along = rgb(0.55, 0.83)
    onto = (lab[..., 1:] @ along)[..., None] * along
    lab[..., 1:] = mix(lab[..., 1:], onto, level * rng.uniform(0.3, 0.7))
    return from_lab(lab)


@operator("deep shadows")
def dark_half_steepened(image: Array, level: float, rng: Rng) -> Array:
    """Below a knee tones fall by a power; above it nothing moves."""
    plane, knee = luma(image), rng.uniform(0.4, 0.65)
    below = np.clip(plane / knee, 1e-4, 1)
    return image * below ** (level * rng.uniform(1.4, 2.6))


@operator("overexposed")
def stops_added_in_linear_light(image: Array, level: float, rng: Rng) -> Array:
    """One to two stops more light, whites clipped hard; the dark lifted by flare."""
    light = to_linear(image) * 2 ** (level * rng.uniform(1.3, 2.4))
    return from_linear(light + level * rng.uniform(0, 0.05))


@operator("overexposed")
def white_point_dragged_down(image: Array, level: float, rng: Rng) -> Array:
    white = 1 - level * rng.uniform(0.4, 0.6)
    out = np.clip(image / white, 0, None) ** (1 - level * rng.uniform(0, 0.25))
    return mix(out, np.maximum(out, luma(out)), level * 0.4)


@operator("solarized")
def folded_tones(image: Array, level: float, rng: Rng) -> Array:
    """Tones run up and down again once or more, in every channel or by luma."""
    run = image * rng.uniform(1.4, 2.4)
    wave = 1 - np.abs(run % 2 - 1) if rng.random() < 0.4 else np.sin(0.5 * np.pi * run) ** 2
    return mix(image, 1 - wave if rng.random() < 0.3 else wave, level)
