"""All effects, the fixed mixes of two and three, and the effects whose strength is graded.

Everything here was fixed before any result was seen. The effects themselves are in `effects_pillow`,
`effects_opencv`, `effects_skimage` (split "test"), `effects_albumentations` (split "tune"), and `effects_magick`,
`effects_magick_shapes` and `effects_pilgram` (split "fresh": added after the others' results were known, and looked at by no
design decision since).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finexl.bench import (
    effects_albumentations,
    effects_magick,
    effects_magick_shapes,
    effects_opencv,
    effects_pilgram,
    effects_pillow,
    effects_skimage,
)
from finexl.bench.effect import Apply, Effect, Pixels, Split

EFFECTS: list[Effect] = [
    *effects_pillow.EFFECTS,
    *effects_opencv.EFFECTS,
    *effects_skimage.EFFECTS,
    *effects_albumentations.EFFECTS,
    *effects_magick.EFFECTS,
    *effects_magick_shapes.EFFECTS,
    *effects_pilgram.EFFECTS,
]
BY_NAME = {effect.name: effect for effect in EFFECTS}


@dataclass(frozen=True)
class LevelEffect:
    """An effect applied at LEVELS, and the concept whose weight should rise with the level."""

    effect: Effect
    concept: str


@dataclass(frozen=True)
class Mix:
    """Effects applied one after another."""

    parts: tuple[Effect, ...]

    @property
    def name(self) -> str:
        return " + ".join(part.name for part in self.parts)

    @property
    def truth(self) -> tuple[tuple[str, ...], ...]:
        """The accepted words of each part; every part should be found."""
        return tuple(part.accepted for part in self.parts)

    def apply(self, image: Pixels, level: float, rng: np.random.Generator) -> Pixels:
        """All parts at the same level."""
        for part in self.parts:
            image = part.apply(image, level, rng)
        return image


SEEN_IN_TRAINING = ("Pillow quantize", "OpenCV imencode JPEG")
"""Effects whose code also ran in training: two operators call Pillow's quantize and its JPEG encoder, which is
libjpeg like OpenCV's. They are run, and left out of what is reported."""

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MIX_LEVEL = 0.7

LEVEL_EFFECTS: list[LevelEffect] = [
    LevelEffect(BY_NAME[name], concept)
    for name, concept in (
        ("Pillow Color down", "muted colours"),
        ("Pillow Color up", "vivid colours"),
        ("OpenCV transform sepia", "sepia"),
        ("Pillow warm matrix", "warm colours"),
        ("scikit-image adjust_gamma dark", "dark"),
        ("Pillow radial gradient", "vignette"),
        ("Pillow Contrast up", "high contrast"),
        ("scikit-image rescale_intensity", "faded"),
        ("Pillow EMBOSS", "embossed"),
        ("Pillow effect_noise", "film grain"),
        ("OpenCV oilPainting", "oil painting"),
        ("Pillow pixelation", "pixel art"),
        ("Pillow GaussianBlur", "blurry"),
        ("OpenCV blur in a row", "motion blur"),
        ("scikit-image swirl", "swirled"),
        ("Pillow rotate", "tilted"),
        ("Pillow centre crop", "close-up"),
        ("Pillow expand border", "framed"),
        ("OpenCV imencode JPEG", "compression artefacts"),
    )
]

LEVEL_EFFECTS_FRESH: list[LevelEffect] = [
    LevelEffect(BY_NAME[name], concept)
    for name, concept in (
        ("ImageMagick modulate saturation down", "muted colours"),
        ("ImageMagick color-matrix warm", "warm colours"),
        ("ImageMagick gamma dark", "dark"),
        ("ImageMagick sigmoidal-contrast", "high contrast"),
        ("ImageMagick +level", "faded"),
        ("ImageMagick +noise Gaussian gray", "film grain"),
        ("ImageMagick paint", "oil painting"),
        ("ImageMagick scale", "pixel art"),
        ("ImageMagick blur", "blurry"),
        ("ImageMagick swirl", "swirled"),
        ("ImageMagick crop", "close-up"),
        ("ImageMagick frame", "framed"),
    )
]

# Parts in the order of application: what moves or redraws the picture, then colour and tone, then borders.
MIXES: list[Mix] = [
    Mix(tuple(BY_NAME[name] for name in names))
    for names in (
        ("OpenCV oilPainting", "Pillow warm matrix"),
        ("OpenCV pencilSketch colour", "OpenCV copyMakeBorder"),
        ("Pillow grayscale", "Pillow effect_noise"),
        ("OpenCV transform sepia", "Pillow radial gradient"),
        ("Pillow GaussianBlur", "Pillow Color up"),
        ("scikit-image swirl", "scikit-image rgb2hsv hue"),
        ("Pillow pixelation", "Pillow Color up"),
        ("Pillow rotate", "scikit-image adjust_gamma dark"),
        ("Pillow centre crop", "OpenCV detailEnhance"),
        ("OpenCV applyChannelGains cool", "Pillow letterbox"),
        ("scikit-image warp wave", "Pillow green matrix"),
        ("OpenCV stylization", "scikit-image rgb2lab pink"),
        ("Pillow Brightness down", "scikit-image random_noise gaussian"),
        ("OpenCV blur in a row", "scikit-image rgb2lab blue"),
        ("scikit-image slic average", "Pillow Color down"),
        ("OpenCV undistort barrel", "Pillow Contrast up"),
        ("Pillow screen with blur", "scikit-image rgb2lab yellow"),
        ("scikit-image window vignette", "OpenCV imencode JPEG"),
        ("OpenCV repeat", "Pillow red matrix"),
        ("Pillow EMBOSS", "OpenCV applyChannelGains purple"),
        ("OpenCV oilPainting", "Pillow warm matrix", "Pillow expand border"),
        ("Pillow grayscale", "Pillow effect_noise", "Pillow radial gradient"),
        ("Pillow GaussianBlur", "OpenCV transform sepia", "OpenCV copyMakeBorder"),
        ("scikit-image swirl", "Pillow Color up", "scikit-image adjust_gamma dark"),
        ("Pillow pixelation", "OpenCV applyChannelGains cool", "Pillow expand border"),
        ("Pillow rotate", "OpenCV blur in a row", "scikit-image rgb2lab pink"),
        ("Pillow centre crop", "Pillow Contrast up", "OpenCV applyChannelGains cool"),
        ("OpenCV stylization", "Pillow Color down", "scikit-image window vignette"),
        ("scikit-image warp wave", "scikit-image rgb2hsv hue", "scikit-image random_noise gaussian"),
        ("OpenCV blendLinear tilt-shift", "Pillow Color up", "Pillow letterbox"),
        ("scikit-image rgb2lab teal", "Pillow Contrast down", "OpenCV imencode JPEG"),
        ("scikit-image mark_boundaries", "Pillow Color up", "scikit-image adjust_gamma bright"),
    )
]

MIXES_FRESH: list[Mix] = [
    Mix(tuple(BY_NAME[name] for name in names))
    for names in (
        ("ImageMagick paint", "ImageMagick color-matrix cool"),
        ("ImageMagick charcoal", "ImageMagick frame"),
        ("ImageMagick kuwahara", "ImageMagick modulate saturation up"),
        ("ImageMagick swirl", "ImageMagick colorize green"),
        ("ImageMagick wave", "pilgram css.sepia"),
        ("ImageMagick scale", "ImageMagick clut navy and gold"),
        ("ImageMagick crop", "ImageMagick gamma dark"),
        ("ImageMagick blur", "ImageMagick tint pink"),
        ("ImageMagick rotate", "pilgram inkwell"),
        ("ImageMagick ordered-dither colour", "ImageMagick polaroid"),
        ("ImageMagick paint", "ImageMagick modulate saturation down", "ImageMagick vignette"),
        ("ImageMagick motion-blur", "pilgram kelvin", "ImageMagick extent letterbox"),
        ("ImageMagick distort Barrel", "ImageMagick colorize purple", "ImageMagick sigmoidal-contrast"),
        ("pilgram willow", "ImageMagick +noise Gaussian gray", "ImageMagick border"),
        ("ImageMagick tilt-shift", "ImageMagick modulate saturation up", "ImageMagick frame"),
        ("ImageMagick resize wide", "ImageMagick haze", "ImageMagick pattern horizontal2"),
    )
]

MIXES_OF: dict[Split, list[Mix]] = {"tune": [], "test": MIXES, "fresh": MIXES_FRESH}
LEVEL_EFFECTS_OF: dict[Split, list[LevelEffect]] = {
    "tune": [],
    "test": LEVEL_EFFECTS,
    "fresh": LEVEL_EFFECTS_FRESH,
}

__all__ = [
    "BY_NAME",
    "EFFECTS",
    "LEVELS",
    "LEVEL_EFFECTS",
    "LEVEL_EFFECTS_FRESH",
    "LEVEL_EFFECTS_OF",
    "MIXES",
    "MIXES_FRESH",
    "MIXES_OF",
    "MIX_LEVEL",
    "SEEN_IN_TRAINING",
    "Apply",
    "Effect",
    "LevelEffect",
    "Mix",
    "Pixels",
    "Split",
]
