"""Operators of the aspect tone."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import Image, operator
from finexl.lab.operators._pixels import blur, luma, mix, side, smooth_noise

Rng = np.random.Generator


def sigmoid(x: Image) -> Image:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


@operator("high contrast")
def stretched_about_middle(image: Image, level: float, rng: Rng) -> Image:
    return mix(rng.uniform(0.45, 0.55), image, 1 + level * rng.uniform(0.9, 1.5))


@operator("high contrast")
def stretched_about_mean(image: Image, level: float, rng: Rng) -> Image:
    return mix(float(luma(image).mean()), image, 1 + level * rng.uniform(0.9, 1.5))


@operator("high contrast")
def s_curve(image: Image, level: float, rng: Rng) -> Image:
    slope, middle = rng.uniform(9, 13), rng.uniform(0.45, 0.55)
    low, high = sigmoid(np.float32(-slope * middle)), sigmoid(np.float32(slope * (1 - middle)))
    return mix(image, (sigmoid(slope * (image - middle)) - low) / (high - low), level)


@operator("high contrast")
def luma_curve(image: Image, level: float, rng: Rng) -> Image:
    x = np.clip(luma(image), 0, 1)
    power = rng.uniform(2.2, 3.2)
    steep = np.where(x < 0.5, 0.5 * (2 * x) ** power, 1 - 0.5 * (2 - 2 * x) ** power)
    return mix(image, image * (steep + 0.01) / (x + 0.01), level)


@operator("high contrast")
def range_clipped(image: Image, level: float, rng: Rng) -> Image:
    low, high = np.quantile(image[::3, ::3], (rng.uniform(0.12, 0.25), rng.uniform(0.75, 0.88)))
    return mix(image, np.clip((image - float(low)) / max(float(high - low), 0.1), 0, 1), level)


@operator("low contrast")
def squeezed_to_middle(image: Image, level: float, rng: Rng) -> Image:
    return mix(image, rng.uniform(0.42, 0.6), level * rng.uniform(0.6, 0.78))


@operator("low contrast")
def squeezed_to_mean(image: Image, level: float, rng: Rng) -> Image:
    return mix(image, float(luma(image).mean()), level * rng.uniform(0.6, 0.78))


@operator("low contrast")
def range_narrowed(image: Image, level: float, rng: Rng) -> Image:
    low, high = rng.uniform(0.22, 0.42), rng.uniform(0.55, 0.72)
    return mix(image, low + (high - low) * image, level)


@operator("low contrast")
def flat_luma(image: Image, level: float, rng: Rng) -> Image:
    gray = luma(image)
    return image + (mix(float(gray.mean()), gray, rng.uniform(0.2, 0.35)) - gray) * level


@operator("faded")
def lifted_blacks(image: Image, level: float, rng: Rng) -> Image:
    floor = rng.uniform(0.22, 0.34) + rng.uniform(-0.04, 0.04, 3).astype(np.float32)
    washed = mix(image, luma(image), rng.uniform(0.25, 0.5))
    return mix(image, floor + washed * (rng.uniform(0.82, 0.92) - floor), level)


@operator("faded")
def matte_curve(image: Image, level: float, rng: Rng) -> Image:
    x = np.clip(image, 0, 1)
    toe = rng.uniform(0.22, 0.32)
    matte = np.sqrt(x * x + toe * toe) / (1 + 0.35 * toe) * rng.uniform(0.88, 0.95)
    return mix(image, mix(matte, luma(matte), rng.uniform(0.2, 0.4)), level)


@operator("faded")
def sun_bleached(image: Image, level: float, rng: Rng) -> Image:
    veil = np.array([rng.uniform(0.78, 0.9), rng.uniform(0.74, 0.84), rng.uniform(0.66, 0.8)], np.float32)
    washed = mix(image, luma(image), rng.uniform(0.2, 0.4))
    patch = mix(0.8, 1.0, smooth_noise(image.shape[:2], 2, rng)[..., None])
    return mix(image, mix(washed, veil, rng.uniform(0.38, 0.5) * patch), level)


def compressed(image: Image, sigma: float, keep: float, detail: float) -> Image:
    """The wide light compressed to `keep` of its log range, the detail multiplied."""
    log = np.log(np.clip(luma(image), 0, 1) + 0.03)
    base = blur(log, sigma)
    middle = float(np.log(0.45))
    return image * np.exp(mix(middle, base, keep) + detail * (log - base) - log)


@operator("HDR look")
def tone_mapped(image: Image, level: float, rng: Rng) -> Image:
    mapped = compressed(
        image, side(image) * rng.uniform(0.04, 0.09), rng.uniform(0.35, 0.55), rng.uniform(1.3, 1.8)
    )
    return mix(image, mix(luma(mapped), mapped, rng.uniform(1.1, 1.4)), level)


@operator("HDR look")
def clarity(image: Image, level: float, rng: Rng) -> Image:
    gray = luma(image)
    coarse = gray - blur(gray, side(image) * rng.uniform(0.05, 0.1))
    fine = gray - blur(gray, side(image) * rng.uniform(0.008, 0.015))
    lift = (0.5 - blur(gray, side(image) * 0.06)) * rng.uniform(0.3, 0.5)
    crisp = image + coarse * rng.uniform(0.7, 1.2) + fine * rng.uniform(0.9, 1.5) + lift
    return mix(image, mix(luma(crisp), crisp, rng.uniform(1.2, 1.5)), level)


@operator("HDR look")
def locally_normalised(image: Image, level: float, rng: Rng) -> Image:
    gray, sigma = luma(image), side(image) * rng.uniform(0.06, 0.12)
    mean = blur(gray, sigma)
    deviation = np.sqrt(np.maximum(blur(gray * gray, sigma) - mean * mean, 0))
    local = mix(0.5, mean, 0.55) + (gray - mean) * rng.uniform(0.18, 0.24) / (deviation + 0.07)
    return mix(image, (image + 0.03) * (np.clip(local, 0.02, 1) / (gray + 0.03)), level * 0.9)


@operator("stark black and white")
def soft_threshold(image: Image, level: float, rng: Rng) -> Image:
    gray = luma(image)
    cut = float(np.quantile(gray[::3, ::3], rng.uniform(0.4, 0.6)))
    return mix(image, sigmoid((gray - cut) * rng.uniform(18, 40)), level)


@operator("stark black and white")
def fixed_threshold(image: Image, level: float, rng: Rng) -> Image:
    gray = blur(luma(image), side(image) * rng.uniform(0.0, 0.008))
    ramp = np.clip((gray - rng.uniform(0.38, 0.56)) * rng.uniform(6, 25) + 0.5, 0, 1)
    return mix(image, ramp, level)


@operator("stark black and white")
def local_threshold(image: Image, level: float, rng: Rng) -> Image:
    gray = luma(image)
    cut = mix(0.5, blur(gray, side(image) * rng.uniform(0.1, 0.2)), rng.uniform(0.3, 0.7))
    return mix(image, sigmoid((gray - cut) * rng.uniform(18, 40)), level)


@operator("solarized")
def flipped_highlights(image: Image, level: float, rng: Rng) -> Image:
    # half strength flips with half the slope: the point of return stays where it is
    over = np.maximum(image - rng.uniform(0.4, 0.6), 0)
    return image - 2 * level * over


@operator("solarized")
def flipped_above(image: Image, level: float, rng: Rng) -> Image:
    threshold = rng.uniform(0.4, 0.6)
    return mix(image, np.where(image < threshold, image, 1 - image), level)


@operator("solarized")
def sabattier(image: Image, level: float, rng: Rng) -> Image:
    x = mix(image, luma(image), float(rng.choice((0.0, 0.0, 0.7))))
    curve = (
        rng.uniform(2.6, 3.4) * x * (1 - x)
        if rng.random() < 0.5
        else 0.5 - 0.5 * np.cos(x * rng.uniform(2.4, 3.2) * np.pi)
    )
    return mix(image, curve, level)


@operator("deep shadows")
def blacks_crushed(image: Image, level: float, rng: Rng) -> Image:
    black = level * rng.uniform(0.3, 0.42)
    return (image - black) / (1 - black)


@operator("deep shadows")
def shadows_multiplied(image: Image, level: float, rng: Rng) -> Image:
    gray = luma(image)
    lit = sigmoid((gray - rng.uniform(0.42, 0.58)) * rng.uniform(9, 14))
    return image * mix(1, lit, level * rng.uniform(0.9, 1.0))


@operator("deep shadows")
def toe_curve(image: Image, level: float, rng: Rng) -> Image:
    x = np.clip(luma(image), 0, 1)
    toe = x ** rng.uniform(2.6, 3.6)
    return mix(image, image * mix(toe, x, x**2) / (x + 1e-3), level)
