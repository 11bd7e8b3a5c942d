"""Effects of Pillow: ImageEnhance, ImageOps, ImageFilter, ImageChops and the Image class itself."""

from __future__ import annotations

import ctypes
import sys

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from finexl.bench.effect import Effect, Pixels, blend, registrar, unit

EFFECTS: list[Effect] = []
effect = registrar(EFFECTS, "Pillow", "test")
Rng = np.random.Generator

_LANCZOS = Image.Resampling.LANCZOS
_BICUBIC = Image.Resampling.BICUBIC


def _open(image: Pixels) -> Image.Image:
    return Image.fromarray(image)


def _done(picture: Image.Image) -> Pixels:
    return np.array(picture.convert("RGB"))


def _seed_c_library(rng: Rng) -> None:
    """effect_noise and effect_spread draw from the C library's rand(), which has no Python interface."""
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    library.srand(int(rng.integers(1, 2**31 - 1)))


# --- ImageEnhance ---


@effect("Color down", "muted colours", "-vivid colours")
def colour_down(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(ImageEnhance.Color(_open(image)).enhance(1 - 0.8 * level))


@effect("Color up", "vivid colours", "-muted colours")
def colour_up(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(ImageEnhance.Color(_open(image)).enhance(1 + 1.5 * level))


@effect("Brightness down", "dark", "-bright", "underexposed", "-overexposed")
def brightness_down(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(ImageEnhance.Brightness(_open(image)).enhance(1 - 0.65 * level))


@effect("Brightness up", "bright", "-dark", "overexposed", "-underexposed")
def brightness_up(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(ImageEnhance.Brightness(_open(image)).enhance(1 + 0.9 * level))


@effect("Contrast up", "high contrast", "-low contrast")
def contrast_up(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(ImageEnhance.Contrast(_open(image)).enhance(1 + 1.3 * level))


@effect("Contrast down", "low contrast", "-high contrast", "faded")
def contrast_down(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(ImageEnhance.Contrast(_open(image)).enhance(1 - 0.75 * level))


@effect("Sharpness up", "sharp", "-blurry", "oversharpened")
def sharpness_up(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(ImageEnhance.Sharpness(_open(image)).enhance(1 + 9 * level))


# --- ImageOps ---


@effect("grayscale", "black and white", "monochromatic", "muted colours", "-vivid colours")
def grayscale(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, ImageOps.grayscale(_open(image)), level)


@effect("posterize", "limited palette", "flat colours", "posterized shadows")
def posterize(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(ImageOps.posterize(_open(image), round(6 - 5 * level)))


@effect("solarize", "solarized", "inverted colours")
def solarize(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(ImageOps.solarize(_open(image), round(215 - 115 * level)))


@effect("invert", "inverted colours", "inverted tones")
def invert(image: Pixels, level: float, rng: Rng) -> Pixels:
    # Half way lies a uniform gray, so the blend runs from there.
    return blend(image, ImageOps.invert(_open(image)), 0.5 + 0.5 * level)


@effect("colorize duotone", "duotone", "split toned")
def duotone(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, ImageOps.colorize(ImageOps.grayscale(_open(image)), "#1b0b5e", "#ffd23c"), level)


@effect("autocontrast", "high contrast", "-low contrast")
def autocontrast(image: Pixels, level: float, rng: Rng) -> Pixels:
    cutoff = 14 * level
    return _done(ImageOps.autocontrast(_open(image), cutoff=(cutoff, cutoff), preserve_tone=True))


@effect("expand border", "framed")
def border(image: Pixels, level: float, rng: Rng) -> Pixels:
    width = max(1, round((0.02 + 0.13 * level) * min(image.shape[:2])))
    colour = ("white", "black", "#5a3a1c", "#c8b070")[rng.integers(4)]
    framed = ImageOps.expand(_open(image), border=width, fill=colour)
    return _done(framed.resize(image.shape[1::-1], _LANCZOS))


@effect("letterbox", "letterboxed")
def letterbox(image: Pixels, level: float, rng: Rng) -> Pixels:
    bar = max(1, round((0.03 + 0.19 * level) * image.shape[0]))
    middle = ImageOps.crop(_open(image), (0, bar, 0, bar))
    return _done(ImageOps.expand(middle, border=(0, bar), fill="black"))


@effect("mirror", "mirrored", "symmetrical")
def mirror(image: Pixels, level: float, rng: Rng) -> Pixels:
    picture = _open(image)
    half = (picture.width + 1) // 2
    result = picture.copy()
    result.paste(ImageOps.mirror(picture).crop((half, 0, picture.width, picture.height)), (half, 0))
    return blend(image, result, level)


# --- ImageFilter ---


@effect("GaussianBlur", "blurry", "-sharp", "soft focus")
def gaussian_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(_open(image).filter(ImageFilter.GaussianBlur(5 * level * unit(image))))


@effect("BoxBlur", "blurry", "-sharp", "soft focus")
def box_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(_open(image).filter(ImageFilter.BoxBlur(7 * level * unit(image))))


@effect("CONTOUR", "line art", "pencil drawing", "outlined")
def contour(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _open(image).filter(ImageFilter.CONTOUR), level)


@effect("EMBOSS", "embossed")
def emboss(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _open(image).filter(ImageFilter.EMBOSS), level)


@effect("FIND_EDGES", "glowing edges", "white outlines", "coloured outlines", "line art")
def find_edges(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _open(image).filter(ImageFilter.FIND_EDGES), level)


@effect("EDGE_ENHANCE_MORE", "sharp", "-blurry", "oversharpened")
def edge_enhance(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _open(image).filter(ImageFilter.EDGE_ENHANCE_MORE), level)


@effect("ModeFilter", "oil painting", "smooth", "simplified shapes", "watercolour")
def mode_filter(image: Pixels, level: float, rng: Rng) -> Pixels:
    size = 2 * max(2, round(4 * level * unit(image))) + 1
    return blend(image, _open(image).filter(ImageFilter.ModeFilter(size)), 0.4 + 0.6 * level)


# --- Image ---


@effect("quantize", "limited palette", "flat colours")
def quantize(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _done(_open(image).quantize(round(2 ** (6 - 4 * level)), dither=Image.Dither.NONE))


@effect("dither", "stark black and white", "halftone", "stippled", "black and white")
def dither(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _open(image).convert("1").convert("L"), level)


@effect("effect_noise", "film grain", "-clean digital look", "rough", "-smooth")
def effect_noise(image: Pixels, level: float, rng: Rng) -> Pixels:
    _seed_c_library(rng)
    noise = Image.effect_noise(image.shape[1::-1], 50 * level).convert("RGB")
    return _done(ImageChops.add(_open(image), noise, offset=-128))


@effect("effect_spread", "frosted glass", "rough")
def effect_spread(image: Pixels, level: float, rng: Rng) -> Pixels:
    _seed_c_library(rng)
    return _done(_open(image).effect_spread(max(2, round(12 * level * unit(image)))))


@effect("pixelation", "pixel art", "mosaic", "squared-off shapes")
def pixelation(image: Pixels, level: float, rng: Rng) -> Pixels:
    block = 1 + max(1, round(15 * level * unit(image)))
    small = _open(image).reduce(block)
    large = small.resize((small.width * block, small.height * block), Image.Resampling.NEAREST)
    return _done(large.crop((0, 0, image.shape[1], image.shape[0])))


@effect("centre crop", "close-up", "extreme close-up", "-distant view")
def centre_crop(image: Pixels, level: float, rng: Rng) -> Pixels:
    height, width = image.shape[:2]
    x, y = 0.32 * level * width, 0.32 * level * height
    return _done(_open(image).resize((width, height), _LANCZOS, box=(x, y, width - x, height - y)))


@effect("rotate", "tilted")
def rotate(image: Pixels, level: float, rng: Rng) -> Pixels:
    angle = 30 * level * (1 if rng.random() < 0.5 else -1)
    return _done(_open(image).rotate(angle, _BICUBIC))


@effect("transform tall", "stretched tall", "-stretched wide", "elongated figures", "-squat figures")
def tall(image: Pixels, level: float, rng: Rng) -> Pixels:
    centre, k = image.shape[0] / 2, 1 / (1 + 0.8 * level)
    matrix = (1, 0, 0, 0, k, centre * (1 - k))
    picture = _open(image)
    return _done(picture.transform(picture.size, Image.Transform.AFFINE, matrix, _BICUBIC))


@effect("warm matrix", "warm colours", "-cool colours", "orange tint", "yellow tint")
def warm(image: Pixels, level: float, rng: Rng) -> Pixels:
    matrix = (1 + 0.3 * level, 0, 0, 0, 0, 1 + 0.03 * level, 0, 0, 0, 0, 1 - 0.5 * level, 0)
    return _done(_open(image).convert("RGB", matrix))


@effect("green matrix", "green tint")
def green(image: Pixels, level: float, rng: Rng) -> Pixels:
    matrix = (1 - 0.45 * level, 0, 0, 0, 0, 1 + 0.25 * level, 0, 0, 0, 0, 1 - 0.45 * level, 0)
    return _done(_open(image).convert("RGB", matrix))


@effect("red matrix", "red tint", "warm colours", "-cool colours")
def red(image: Pixels, level: float, rng: Rng) -> Pixels:
    matrix = (1 + 0.35 * level, 0, 0, 0, 0, 1 - 0.45 * level, 0, 0, 0, 0, 1 - 0.45 * level, 0)
    return _done(_open(image).convert("RGB", matrix))


# --- ImageChops ---


@effect("radial gradient", "vignette", "spotlit", "bright centre")
def vignette(image: Pixels, level: float, rng: Rng) -> Pixels:
    shade = ImageOps.invert(Image.radial_gradient("L").resize(image.shape[1::-1], _BICUBIC)).convert("RGB")
    return blend(image, ImageChops.multiply(_open(image), shade), level)


@effect("channel offset", "chromatic aberration", "glitched")
def channel_offset(image: Pixels, level: float, rng: Rng) -> Pixels:
    r, g, b = _open(image).split()
    shift = max(1, round(7 * level * unit(image)))
    return _done(Image.merge("RGB", (ImageChops.offset(r, -shift, 0), g, ImageChops.offset(b, shift, 0))))


@effect("screen with blur", "glowing", "soft focus", "dreamy", "bright")
def screen(image: Pixels, level: float, rng: Rng) -> Pixels:
    picture = _open(image)
    glow = ImageChops.screen(picture, picture.filter(ImageFilter.GaussianBlur(9 * unit(image))))
    return blend(image, glow, 0.9 * level)
