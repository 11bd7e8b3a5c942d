"""Effects of albumentations: for design decisions only, never reported."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from finexl.bench.effect import Effect, Pixels, blend, odd, registrar, to_bytes, unit

EFFECTS: list[Effect] = []
effect = registrar(EFFECTS, "albumentations", "tune")
Rng = np.random.Generator


def _run(image: Pixels, rng: Rng, name: str, **settings: Any) -> Pixels:
    """Apply one transform, seeded; the version check that asks the network is switched off."""
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    import albumentations

    transform = getattr(albumentations, name)(p=1.0, **settings)
    seeded = albumentations.Compose([transform], seed=int(rng.integers(2**31)))
    return np.asarray(seeded(image=image)["image"])


def _planckian(image: Pixels, kelvin: int) -> Pixels:
    """What PlanckianJitter applies; the transform itself draws the temperature at random."""
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    from albumentations.augmentations.pixel import functional

    floats = image.astype(np.float32) / 255
    return to_bytes(functional.planckian_jitter(floats, kelvin, mode="blackbody") * 255)


# --- colour ---


@effect("ToSepia", "sepia")
def sepia(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _run(image, rng, "ToSepia"), level)


@effect("ToGray", "black and white", "monochromatic", "muted colours", "-vivid colours")
def gray(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _run(image, rng, "ToGray"), level)


@effect("PlanckianJitter warm", "warm colours", "-cool colours", "orange tint", "yellow tint", "red tint")
def warm(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _planckian(image, round(6000 - 3000 * level))


@effect("PlanckianJitter cool", "cool colours", "-warm colours", "blue tint")
def cool(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _planckian(image, round(6500 + 8500 * level))


def _hsv(image: Pixels, rng: Rng, hue: float, saturation: float) -> Pixels:
    limits = {"hue_shift_limit": (hue, hue), "sat_shift_limit": (saturation, saturation)}
    return _run(image, rng, "HueSaturationValue", val_shift_limit=(0, 0), **limits)


@effect("saturation up", "vivid colours", "-muted colours")
def saturation_up(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _hsv(image, rng, 0, 110 * level)


@effect("saturation down", "muted colours", "-vivid colours")
def saturation_down(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _hsv(image, rng, 0, -110 * level)


@effect("hue shift", "shifted hues")
def hue(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _hsv(image, rng, 80 * level, 0)


def _rgb_shift(name: str, shift: tuple[int, int, int], *accepted: str) -> None:
    @effect(f"RGBShift {name}", *accepted)
    def apply(image: Pixels, level: float, rng: Rng) -> Pixels:
        # Fractions of the range: it takes shifts up to 1 for fractions and others for bytes.
        r, g, b = (level * s / 255 for s in shift)
        limits = {"r_shift_limit": (r, r), "g_shift_limit": (g, g), "b_shift_limit": (b, b)}
        return _run(image, rng, "RGBShift", **limits)


_rgb_shift("red", (60, -30, -30), "red tint", "warm colours", "-cool colours", "pink tint")
_rgb_shift("blue", (-30, -10, 60), "blue tint", "cool colours", "-warm colours", "purple tint")
_rgb_shift("green", (-30, 50, -30), "green tint")


@effect("InvertImg", "inverted colours", "inverted tones")
def invert(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _run(image, rng, "InvertImg"), 0.5 + 0.5 * level)


@effect("Posterize", "limited palette", "flat colours", "posterized shadows")
def posterize(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _run(image, rng, "Posterize", num_bits=round(6 - 5 * level))


@effect("Solarize", "solarized", "inverted colours")
def solarize(image: Pixels, level: float, rng: Rng) -> Pixels:
    threshold = 0.85 - 0.45 * level
    return _run(image, rng, "Solarize", threshold_range=(threshold, threshold))


# --- light and tone ---


def _light(image: Pixels, rng: Rng, brightness: float, contrast: float) -> Pixels:
    limits = {"brightness_limit": (brightness, brightness), "contrast_limit": (contrast, contrast)}
    return _run(image, rng, "RandomBrightnessContrast", **limits)


@effect("brightness up", "bright", "-dark", "overexposed", "-underexposed")
def brighter(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _light(image, rng, 0.45 * level, 0)


@effect("brightness down", "dark", "-bright", "underexposed", "-overexposed")
def darker(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _light(image, rng, -0.45 * level, 0)


@effect("contrast up", "high contrast", "-low contrast")
def contrast_up(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _light(image, rng, -0.45 * level, 0.9 * level)


@effect("contrast down", "low contrast", "-high contrast", "faded")
def contrast_down(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _light(image, rng, 0.35 * level, -0.7 * level)


@effect("RandomGamma dark", "dark", "-bright", "underexposed", "-overexposed", "deep shadows")
def gamma(image: Pixels, level: float, rng: Rng) -> Pixels:
    value = 100 + 150 * level
    return _run(image, rng, "RandomGamma", gamma_limit=(value, value))


@effect("CLAHE", "HDR look", "high contrast", "clarity boosted", "open shadows")
def clahe(image: Pixels, level: float, rng: Rng) -> Pixels:
    limit = 1 + 6 * level
    return _run(image, rng, "CLAHE", clip_limit=(limit, limit))


@effect("RandomFog", "hazy", "-clear air", "faded", "low contrast")
def fog(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _run(image, rng, "RandomFog", alpha_coef=0.12, fog_coef_range=(level, level))


@effect("RandomSunFlare", "lens flare", "light leak", "glowing", "bright")
def sun_flare(image: Pixels, level: float, rng: Rng) -> Pixels:
    settings = {"src_radius": round(150 * unit(image)), "flare_roi": (0.1, 0, 0.9, 0.5)}
    return blend(image, _run(image, rng, "RandomSunFlare", method="physics_based", **settings), level)


# --- weather ---


@effect("RandomRain", "rainy", "scratched")
def rain(image: Pixels, level: float, rng: Rng) -> Pixels:
    settings = {"slant_range": (-12, 12), "blur_value": 3, "rain_type": "heavy"}
    return blend(image, _run(image, rng, "RandomRain", **settings), level)


# RandomSnow is left out: in 2.0.8 its texture method turns hues, and its bleach method shows no falling snow.


# --- noise and files ---


@effect("ISONoise", "colour noise", "film grain", "-clean digital look")
def iso_noise(image: Pixels, level: float, rng: Rng) -> Pixels:
    shift, power = 0.01 + 0.07 * level, 0.1 + 0.8 * level
    return _run(image, rng, "ISONoise", color_shift=(shift, shift), intensity=(power, power))


@effect("ShotNoise", "colour noise", "film grain", "-clean digital look")
def shot_noise(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _run(image, rng, "ShotNoise", scale_range=(0.35 * level, 0.35 * level))


@effect("ImageCompression", "compression artefacts", "-clean digital look")
def compression(image: Pixels, level: float, rng: Rng) -> Pixels:
    quality = round(34 - 31 * level)
    return _run(image, rng, "ImageCompression", quality_range=(quality, quality))


@effect("Downscale", "pixel art", "mosaic", "squared-off shapes")
def downscale(image: Pixels, level: float, rng: Rng) -> Pixels:
    scale = 1 / (1 + 12 * level * unit(image))
    return _run(image, rng, "Downscale", scale_range=(scale, scale))


@effect("Superpixels", "mosaic", "low poly", "simplified shapes", "flat colours", "stained glass")
def superpixels(image: Pixels, level: float, rng: Rng) -> Pixels:
    segments = round(400 * 0.2**level)
    return _run(image, rng, "Superpixels", p_replace=(1, 1), n_segments=(segments, segments))


# --- focus and line ---


@effect("MotionBlur", "motion blur", "blurry", "-sharp")
def motion_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    width = odd(25 * level * unit(image))
    return _run(image, rng, "MotionBlur", blur_limit=(width, width))


@effect("ZoomBlur", "zoom blur", "motion blur", "radiating lines", "blurry")
def zoom_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    factor = 1.02 + 0.23 * level
    return _run(image, rng, "ZoomBlur", max_factor=(factor, factor), step_factor=(0.01, 0.01))


@effect("Defocus", "blurry", "-sharp", "soft focus")
def defocus(image: Pixels, level: float, rng: Rng) -> Pixels:
    radius = max(1, round(8 * level * unit(image)))
    return _run(image, rng, "Defocus", radius=(radius, radius), alias_blur=(0.2, 0.2))


@effect("GlassBlur", "frosted glass", "rough", "blurry")
def glass_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    reach = max(1, round(6 * level * unit(image)))
    return _run(image, rng, "GlassBlur", sigma=0.5, max_delta=reach, iterations=1)


@effect("Sharpen", "sharp", "-blurry", "oversharpened")
def sharpen(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _run(image, rng, "Sharpen", alpha=(0.8 * level, 0.8 * level), lightness=(1, 1))


@effect("Emboss", "embossed", "sharp")
def emboss(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _run(image, rng, "Emboss", alpha=(level, level), strength=(1.5, 1.5))


@effect("ChromaticAberration", "chromatic aberration")
def aberration(image: Pixels, level: float, rng: Rng) -> Pixels:
    first, second = 0.2 * level, 0.2 * level
    limits = {"primary_distortion_limit": (first, first), "secondary_distortion_limit": (second, second)}
    return _run(image, rng, "ChromaticAberration", mode="red_blue", **limits)


# --- geometry ---


@effect("OpticalDistortion", "fisheye", "inflated")
def optical(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _run(image, rng, "OpticalDistortion", distort_limit=(0.7 * level, 0.7 * level), mode="fisheye")


@effect("ElasticTransform", "wavy", "warped space", "wobbly lines")
def elastic(image: Pixels, level: float, rng: Rng) -> Pixels:
    settings = {"alpha": 300 * level * unit(image), "sigma": 7 * unit(image)}
    return _run(image, rng, "ElasticTransform", border_mode=4, **settings)  # 4: reflected


@effect("Rotate", "tilted")
def rotate(image: Pixels, level: float, rng: Rng) -> Pixels:
    angle = 30 * level * (1 if rng.random() < 0.5 else -1)
    return _run(image, rng, "Rotate", limit=(angle, angle))


@effect("Affine scale", "close-up", "extreme close-up", "-distant view")
def scale(image: Pixels, level: float, rng: Rng) -> Pixels:
    factor = 1 / (1 - 0.64 * level)
    return _run(image, rng, "Affine", scale=(factor, factor))
