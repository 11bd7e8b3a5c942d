"""Effects of ImageMagick: focus, shape, view and frame. Those of drawing, tone and colour are in `effects_magick`."""

from __future__ import annotations

import numpy as np

from finexl.bench.effect import Effect, Pixels, blend, registrar, unit
from finexl.bench.effects_magick import seeded
from finexl.bench.magick import magick

EFFECTS: list[Effect] = []
effect = registrar(EFFECTS, "ImageMagick", "fresh")
Rng = np.random.Generator


def _either(rng: Rng) -> int:
    return 1 if rng.random() < 0.5 else -1


def _to_size(image: Pixels) -> tuple[str, str, str]:
    return "-resize", f"{image.shape[1]}x{image.shape[0]}!", "+repage"


# --- focus ---


@effect("blur", "blurry", "-sharp", "soft focus")
def blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-blur", f"0x{0.4 + 4.2 * level * unit(image):.2f}")


@effect("motion-blur", "motion blur", "blurry", "-sharp")
def motion_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-motion-blur", f"0x{11 * level * unit(image):.2f}+{rng.uniform(-30, 30):.0f}")


@effect("rotational-blur", "spinning blur", "motion blur", "concentric lines", "blurry")
def rotational_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-rotational-blur", 20 * level)


@effect("tilt-shift", "tilt-shift", "shallow depth of field", "selective focus", "blurry")
def tilt_shift(image: Pixels, level: float, rng: Rng) -> Pixels:
    height, width = image.shape[:2]
    far = (
        "(",
        "-size",
        f"{width}x{height // 2}",
        "gradient:white-black",
        "(",
        "+clone",
        "-flip",
        ")",
        "-append",
    )
    mask = (*far, "-level", "20%,70%", "-resize", f"{width}x{height}!", ")")
    soft = ("(", "-clone", 0, "-blur", f"0x{0.5 + 5 * level * unit(image):.2f}", ")")
    return magick(image, *soft, *mask, "-composite")


@effect("statistic Median", "smooth", "-rough", "blurry", "-sharp", "simplified shapes")
def median(image: Pixels, level: float, rng: Rng) -> Pixels:
    size = 3 + 2 * round(5 * level * unit(image))
    return magick(image, "-statistic", "Median", f"{size}x{size}")


@effect("despeckle", "smooth", "-rough", "blurry", "-sharp", "simplified shapes")
def despeckle(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, *["-despeckle"] * max(1, round(14 * level)))


@effect("unsharp", "sharp", "-blurry", "oversharpened", "clarity boosted")
def unsharp(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-unsharp", f"0x{2 * unit(image):.2f}+{4 * level:.2f}+0")


@effect("channel offset", "chromatic aberration", "glitched")
def channel_offset(image: Pixels, level: float, rng: Rng) -> Pixels:
    shift = max(1, round(7 * level * unit(image)))
    moved = [
        ("(", "-clone", i, "-roll", roll, ")")
        for i, roll in ((0, f"+{shift}+0"), (1, "+0+0"), (2, f"-{shift}+0"))
    ]
    sides = [word for channel in moved for word in channel]
    return magick(image, "-separate", *sides, "-delete", "0-2", "-combine")


@effect("spread", "frosted glass", "rough")
def spread(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, *seeded(rng), "-spread", max(1, round(8 * level * unit(image))))


# --- shape ---


@effect("swirl", "swirled", "warped space", "swirling patterns")
def swirl(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-swirl", 220 * level * _either(rng))


@effect("implode", "pinched", "warped space")
def implode(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-implode", 0.75 * level)


@effect("implode negative", "inflated", "fisheye")
def explode(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-implode", -1.3 * level)


@effect("wave", "wavy", "curved lines", "wobbly lines")
def wave(image: Pixels, level: float, rng: Rng) -> Pixels:
    height, length = 9 * level * unit(image), min(image.shape[:2]) / 5
    return magick(image, "-background", "black", "-wave", f"{height:.2f}x{length:.2f}", "+repage")


@effect("distort Barrel", "fisheye", "inflated")
def barrel(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-virtual-pixel", "Black", "-distort", "Barrel", f"0 {0.35 * level:.3f} 0")


@effect("distort Arc", "warped space", "bent lines of sight", "curved lines")
def arc(image: Pixels, level: float, rng: Rng) -> Pixels:
    turned = ("-virtual-pixel", "Black", "-distort", "Arc", 70 * level)
    return magick(image, *turned, *_to_size(image))


@effect("rotate", "tilted")
def rotate(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-background", "black", "-rotate", 28 * level * _either(rng), "+repage")


@effect("shear", "sheared", "tilted")
def shear(image: Pixels, level: float, rng: Rng) -> Pixels:
    angle = 27 * level * _either(rng)
    return magick(image, "-background", "black", "-shear", f"{angle:.2f}x0", "+repage")


@effect("resize wide", "stretched wide", "-stretched tall", "squat figures", "-elongated figures")
def wide(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-resize", f"{100 + 80 * level:.1f}%x100%")


@effect("resize tall", "stretched tall", "-stretched wide", "elongated figures", "-squat figures")
def tall(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-resize", f"100%x{100 + 80 * level:.1f}%")


# --- view and frame ---


@effect("crop", "close-up", "extreme close-up", "-distant view")
def crop(image: Pixels, level: float, rng: Rng) -> Pixels:
    part = f"{100 - 64 * level:.1f}%x{100 - 64 * level:.1f}%+0+0"
    return magick(image, "-gravity", "center", "-crop", part, *_to_size(image))


@effect("distort SRT", "distant view", "-close-up", "framed")
def farther(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-virtual-pixel", "Black", "-distort", "SRT", f"{1 - 0.5 * level:.3f} 0")


@effect("tile", "repeated tiles", "pattern of repeats", "grid-like")
def tile(image: Pixels, level: float, rng: Rng) -> Pixels:
    height, width = image.shape[:2]
    n = 2 + round(2 * level)
    small = ("-resize", f"{-(-width // n)}x{-(-height // n)}!", "-write", "mpr:tile", "+delete")
    return magick(image, *small, "-size", f"{width}x{height}", "tile:mpr:tile")


@effect("mirror", "mirrored", "symmetrical")
def mirror(image: Pixels, level: float, rng: Rng) -> Pixels:
    height, width = image.shape[:2]
    # The right of the picture, half of it at level 1, is the left one seen in a mirror.
    left = ("-gravity", "West", "-crop", f"{round(width * (1 - level / 2))}x{height}+0+0", "+repage")
    both = (*left, "(", "+clone", "-flop", ")", "+append", "-crop", f"{width}x{height}+0+0", "+repage")
    return magick(image, *both)


@effect("frame", "framed")
def frame(image: Pixels, level: float, rng: Rng) -> Pixels:
    side = max(2, round((0.02 + 0.13 * level) * min(image.shape[:2])))
    wood = ("-mattecolor", "#7a4a22", "-frame", f"{side}x{side}+{side // 4}+{side // 4}")
    return magick(image, *wood, *_to_size(image))


@effect("border", "framed")
def border(image: Pixels, level: float, rng: Rng) -> Pixels:
    side = max(1, round((0.02 + 0.13 * level) * min(image.shape[:2])))
    colour = "white" if rng.random() < 0.5 else "black"
    return magick(image, "-bordercolor", colour, "-border", f"{side}x{side}", *_to_size(image))


@effect("raise", "framed", "embossed")
def raised(image: Pixels, level: float, rng: Rng) -> Pixels:
    side = max(1, round(0.16 * level * min(image.shape[:2])))
    return magick(image, "-raise", f"{side}x{side}")


@effect("extent letterbox", "letterboxed")
def letterbox(image: Pixels, level: float, rng: Rng) -> Pixels:
    height, width = image.shape[:2]
    kept = round(height * (1 - 0.4 * level))
    cut = ("-gravity", "center", "-crop", f"{width}x{kept}+0+0", "+repage")
    return magick(image, *cut, "-background", "black", "-extent", f"{width}x{height}")


@effect("polaroid", "instant photo", "framed", "tilted")
def polaroid(image: Pixels, level: float, rng: Rng) -> Pixels:
    height, width = image.shape[:2]
    card = (
        "-bordercolor",
        "white",
        "-background",
        "black",
        "-polaroid",
        5 * _either(rng),
        "-background",
        "gray60",
    )
    # At low levels it is seen from so near that only a little of the card shows.
    seen = "x".join(str(round(side * (0.93 + 0.37 * level))) for side in (width, height))
    return magick(
        image, *card, "-flatten", "+repage", "-gravity", "center", "-extent", seen, *_to_size(image)
    )


@effect("circle", "circular crop")
def circle(image: Pixels, level: float, rng: Rng) -> Pixels:
    height, width = image.shape[:2]
    disc = ("(", "+clone", "-fill", "black", "-colorize", "100%", "-fill", "white", "-draw")
    drawn = f"ellipse {width / 2},{height / 2} {0.46 * width:.1f},{0.46 * height:.1f} 0,360"
    return blend(image, magick(image, *disc, drawn, ")", "-compose", "Multiply", "-composite"), level)


@effect("scale", "pixel art", "mosaic", "squared-off shapes")
def scale(image: Pixels, level: float, rng: Rng) -> Pixels:
    height, width = image.shape[:2]
    block = 1 + 14 * level * unit(image)
    small = f"{max(1, round(width / block))}x{max(1, round(height / block))}!"
    return magick(image, "-scale", small, "-scale", f"{width}x{height}!")


def _pattern(name: str, strength: int, *accepted: str) -> None:
    """One of its built-in patterns, multiplied in."""

    @effect(f"pattern {name}", *accepted)
    def apply(image: Pixels, level: float, rng: Rng) -> Pixels:
        height, width = image.shape[:2]
        drawn = (
            "(",
            "-size",
            f"{width}x{height}",
            f"pattern:{name}",
            "-fill",
            "white",
            "-colorize",
            f"{strength}%",
            ")",
        )
        return blend(image, magick(image, *drawn, "-compose", "Multiply", "-composite"), level)


_pattern("horizontal2", 35, "scanlines", "horizontal lines", "striped", "VHS look")
_pattern("crosshatch45", 0, "cross-hatched", "parallel hatching", "diagonal lines", "woven", "grid-like")
_pattern("checkerboard", 20, "chequered", "grid-like", "squared-off shapes")
