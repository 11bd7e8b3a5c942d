"""Effects of pilgram: looks of Instagram's filters that have a plain word, and the filters of CSS."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from PIL import Image

from finexl.bench.effect import Effect, Pixels, blend, registrar
from finexl.errors import MissingExtraError

EFFECTS: list[Effect] = []
effect = registrar(EFFECTS, "pilgram", "fresh")
Rng = np.random.Generator


def _pilgram(name: str, image: Pixels, *settings: float) -> Pixels:
    """One of its filters: "moon", or "css.sepia" with its amount."""
    try:
        found: Any = import_module("pilgram")
        import_module("pilgram.css")
    except ImportError as error:
        raise MissingExtraError("pilgram's filters", "bench") from error
    for part in name.split("."):
        found = getattr(found, part)
    return np.array(found(Image.fromarray(image), *settings).convert("RGB"))


def _look(name: str, *accepted: str) -> None:
    @effect(name.lstrip("_"), *accepted)
    def apply(image: Pixels, level: float, rng: Rng) -> Pixels:
        return blend(image, _pilgram(name, image), level)


_look("inkwell", "black and white", "monochromatic", "muted colours", "-vivid colours")
_look("moon", "black and white", "monochromatic", "muted colours", "-vivid colours", "silvery tones")
_look("willow", "black and white", "monochromatic", "muted colours", "-vivid colours")
_look("_1977", "pink tint", "vintage photo", "faded", "red tint", "bright")
_look(
    "earlybird",
    "vintage photo",
    "warm colours",
    "vignette",
    "sepia",
    "orange tint",
    "yellow tint",
    "-cool colours",
)
_look(
    "toaster",
    "warm colours",
    "orange tint",
    "vintage photo",
    "-cool colours",
    "red tint",
    "pink tint",
    "1970s",
)
_look("kelvin", "orange tint", "warm colours", "yellow tint", "-cool colours", "vivid colours")
_look("hudson", "cool colours", "blue tint", "-warm colours", "purple tint", "vignette")
_look(
    "nashville",
    "warm colours",
    "orange tint",
    "vintage photo",
    "-cool colours",
    "yellow tint",
    "pink tint",
    "faded",
)


@effect("css.sepia", "sepia")
def sepia(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _pilgram("css.sepia", image, level)


@effect("css.saturate up", "vivid colours", "-muted colours")
def saturate(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _pilgram("css.saturate", image, 1 + 2 * level)


@effect("css.hue_rotate", "shifted hues")
def hue_rotate(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _pilgram("css.hue_rotate", image, 170 * level)


@effect("css.contrast up", "high contrast", "-low contrast")
def contrast_up(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _pilgram("css.contrast", image, 1 + 1.2 * level)


@effect("css.brightness down", "dark", "-bright", "underexposed", "-overexposed")
def brightness_down(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _pilgram("css.brightness", image, 1 - 0.65 * level)
