"""Effects of ImageMagick: drawing, halftones, tone and colour. Those of focus, shape and frame are in `effects_magick_shapes`."""

from __future__ import annotations

import numpy as np

from finexl.bench.effect import Effect, Pixels, blend, registrar, unit
from finexl.bench.magick import magick

EFFECTS: list[Effect] = []
effect = registrar(EFFECTS, "ImageMagick", "fresh")
Rng = np.random.Generator


def seeded(rng: Rng) -> tuple[str, int]:
    """The setting that makes its noise repeatable."""
    return "-seed", int(rng.integers(1, 2**31 - 1))


# --- painting and drawing ---


@effect("paint", "oil painting", "impressionist brushwork", "acrylic painting", "simplified shapes", "smooth")
def paint(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-paint", 1 + 4 * level * unit(image))


@effect("kuwahara", "oil painting", "smooth", "simplified shapes", "watercolour", "flat colours")
def kuwahara(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-kuwahara", 1 + 5 * level * unit(image))


@effect(
    "morphology Open", "smooth", "-rough", "simplified shapes", "oil painting", "flat colours", "watercolour"
)
def morphology(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-morphology", "OpenI", f"Disk:{1 + 4.5 * level * unit(image):.2f}")


@effect("charcoal", "charcoal drawing", "pencil drawing", "black and white", "line art", "ink drawing")
def charcoal(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-charcoal", 2 * unit(image)), level)


@effect("sketch", "pencil drawing", "charcoal drawing", "black and white", "parallel hatching")
def sketch(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(
        image,
        magick(image, *seeded(rng), "-colorspace", "Gray", "-sketch", f"0x{3 * unit(image):.2f}+120"),
        level,
    )


@effect("edge negate", "line art", "pencil drawing", "ink drawing", "black and white", "outlined")
def edge_negate(image: Pixels, level: float, rng: Rng) -> Pixels:
    lines = ("-colorspace", "Gray", "-blur", "0x0.8", "-edge", 1, "-negate", "-level", "30%,95%")
    return blend(image, magick(image, *lines), level)


@effect("edge", "glowing edges", "white outlines", "coloured outlines", "line art")
def edge(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-blur", "0x0.8", "-edge", 1, "-level", "0,50%"), level)


@effect("canny", "glowing edges", "line art", "white outlines", "chalkboard drawing")
def canny(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-colorspace", "Gray", "-canny", "0x1+8%+22%"), level)


@effect("blueprint", "blueprint", "white outlines", "blue tint", "line art", "duotone")
def blueprint(image: Pixels, level: float, rng: Rng) -> Pixels:
    lines = ("-colorspace", "Gray", "-blur", "0x0.8", "-edge", 1, "-level", "0,60%")
    return blend(image, magick(image, *lines, "-colorspace", "sRGB", "+level-colors", "#123a8c,white"), level)


@effect("emboss", "embossed", "black and white", "monochromatic", "high contrast")
def emboss(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-colorspace", "Gray", "-emboss", f"0x{unit(image):.2f}"), level)


@effect("shade", "embossed", "black and white", "monochromatic")
def shade(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-blur", "0x0.6", "-shade", "120x40", "-normalize"), level)


# --- two and few tones ---


@effect("lat", "stark black and white", "ink drawing", "black and white", "line art")
def local_threshold(image: Pixels, level: float, rng: Rng) -> Pixels:
    side = round(18 * unit(image))
    tones = ("-colorspace", "Gray", "-blur", "0x0.8", "-negate", "-lat", f"{side}x{side}+5%", "-negate")
    return blend(image, magick(image, *tones), level)


@effect("monochrome", "stark black and white", "halftone", "stippled", "black and white")
def monochrome(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-monochrome"), level)


@effect("random-threshold", "stark black and white", "stippled", "black and white", "speckled", "film grain")
def random_threshold(image: Pixels, level: float, rng: Rng) -> Pixels:
    tones = ("-colorspace", "Gray", "-random-threshold", "10%x90%")
    return blend(image, magick(image, *seeded(rng), *tones), level)


@effect("ordered-dither gray", "halftone", "newspaper photograph", "stark black and white", "black and white")
def halftone(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-colorspace", "Gray", "-ordered-dither", "h6x6a"), level)


@effect(
    "ordered-dither colour",
    "halftone",
    "limited palette",
    "pop art",
    "comic book style",
    "screen print",
    "risograph",
)
def halftone_colour(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-ordered-dither", "h6x6a"), level)


@effect("posterize", "limited palette", "flat colours", "posterized shadows", "pop art")
def posterize(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "+dither", "-posterize", round(8 - 5 * level))


@effect("colors", "limited palette", "flat colours")
def colours(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "+dither", "-colors", round(2 ** (6 - 3.4 * level)))


@effect("solarize", "solarized", "inverted colours")
def solarize(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-solarize", "45%"), level)


@effect("negate", "inverted colours", "inverted tones")
def negate(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-negate"), level)


# --- light and contrast ---


@effect("modulate brightness up", "bright", "-dark", "overexposed", "-underexposed")
def brightness_up(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-modulate", 100 + 80 * level)


@effect("gamma dark", "dark", "-bright", "underexposed", "-overexposed", "deep shadows")
def gamma_dark(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-gamma", 1 / (1 + 1.6 * level))


@effect("gamma bright", "bright", "-dark", "overexposed", "-underexposed", "open shadows")
def gamma_bright(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-gamma", 1 + 1.6 * level)


@effect("level dark", "dark", "-bright", "deep shadows", "underexposed", "-overexposed", "high contrast")
def level_dark(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-level", f"{45 * level:.1f}%,100%")


@effect("+level", "faded", "low contrast", "-high contrast", "matte finish")
def faded(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "+level", f"{38 * level:.1f}%,{100 - 18 * level:.1f}%")


@effect("brightness-contrast", "low contrast", "-high contrast", "faded")
def contrast_down(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-brightness-contrast", f"0x{-65 * level:.1f}")


@effect("sigmoidal-contrast", "high contrast", "-low contrast")
def contrast_up(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-sigmoidal-contrast", f"{12 * level:.2f}x45%")


@effect("contrast-stretch", "high contrast", "-low contrast")
def contrast_stretch(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-contrast-stretch", f"{22 * level:.1f}%x{22 * level:.1f}%")


@effect("equalize", "high contrast", "-low contrast", "HDR look", "clarity boosted", "open shadows")
def equalize(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-equalize"), level)


@effect("haze", "hazy", "-clear air", "faded", "low contrast", "-high contrast", "veiling glare")
def haze(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-fill", "#e8ebee", "-colorize", f"{70 * level:.1f}%")


@effect("screen with blur", "glowing", "soft focus", "dreamy", "bright", "glamour glow")
def glow(image: Pixels, level: float, rng: Rng) -> Pixels:
    soft = ("(", "+clone", "-blur", f"0x{9 * unit(image):.2f}", ")", "-compose", "Screen", "-composite")
    return blend(image, magick(image, *soft), 0.9 * level)


@effect("vignette", "vignette", "spotlit", "bright centre")
def vignette(image: Pixels, level: float, rng: Rng) -> Pixels:
    soft = round(28 * unit(image))
    dark = ("-background", "black", "-vignette", f"0x{soft}-{soft // 2}-{soft // 2}")
    return blend(image, magick(image, *dark), level)


@effect("light leak", "light leak", "warm colours", "orange tint", "-cool colours")
def light_leak(image: Pixels, level: float, rng: Rng) -> Pixels:
    height, width = image.shape[:2]
    glow = ("(", "-size", f"{width * 2}x{height * 2}", "radial-gradient:#ff6a10e8-#ff6a1000", "-gravity")
    corner = (
        "SouthEast" if rng.random() < 0.5 else "SouthWest",
        "-crop",
        f"{width}x{height}+0+0",
        "+repage",
        ")",
    )
    return blend(image, magick(image, *glow, *corner, "-composite"), level)


# --- colour ---


@effect("modulate saturation up", "vivid colours", "-muted colours")
def saturation_up(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-modulate", f"100,{100 + 120 * level:.1f}")


@effect("modulate saturation down", "muted colours", "-vivid colours")
def saturation_down(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-modulate", f"100,{100 - 80 * level:.1f}")


@effect("modulate hue", "shifted hues")
def hue(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-modulate", f"100,100,{100 + 100 * level:.1f}")


@effect("grayscale", "black and white", "monochromatic", "muted colours", "-vivid colours")
def grayscale(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-grayscale", "Rec709Luma"), level)


@effect("sepia-tone", "sepia")
def sepia(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-sepia-tone", "80%"), level)


@effect(
    "blue-shift",
    "night scene",
    "moonlit",
    "dark",
    "-bright",
    "blue tint",
    "cool colours",
    "-warm colours",
    "muted colours",
    "-vivid colours",
)
def blue_shift(image: Pixels, level: float, rng: Rng) -> Pixels:
    night = ("-blue-shift", 1.3, "-gamma", 0.7, "-color-matrix", "0.35 0 0 0 0.45 0 0 0 0.8")
    return blend(image, magick(image, *night), level)


@effect("color-matrix warm", "warm colours", "-cool colours", "orange tint", "yellow tint")
def warm(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(
        image,
        "-color-matrix",
        f"{1 + 0.3 * level:.3f} 0 0 0 {1 + 0.02 * level:.3f} 0 0 0 {1 - 0.5 * level:.3f}",
    )


@effect("color-matrix cool", "cool colours", "-warm colours", "blue tint")
def cool(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-color-matrix", f"{1 - 0.45 * level:.3f} 0 0 0 1 0 0 0 {1 + 0.4 * level:.3f}")


def _colorize(name: str, fill: str, *accepted: str) -> None:
    @effect(f"colorize {name}", *accepted)
    def apply(image: Pixels, level: float, rng: Rng) -> Pixels:
        return magick(image, "-fill", fill, "-colorize", f"{45 * level:.1f}%")


_colorize("red", "#d01818", "red tint", "warm colours", "-cool colours")
_colorize("green", "#18a030", "green tint")
_colorize("purple", "#7020c0", "purple tint", "blue tint")


def _tint(name: str, fill: str, *accepted: str) -> None:
    @effect(f"tint {name}", *accepted)
    def apply(image: Pixels, level: float, rng: Rng) -> Pixels:
        return blend(image, magick(image, "-fill", fill, "-tint", 100), level)


_tint("teal", "#20b8b0", "teal tint", "cool colours", "-warm colours", "green tint", "blue tint")
_tint("pink", "#ff70b8", "pink tint", "red tint", "purple tint")
_tint("yellow", "#d8c818", "yellow tint", "warm colours", "-cool colours")


def _ramp(name: str, colours: tuple[str, ...], *accepted: str) -> None:
    """Tones from dark to light are given colours."""

    @effect(f"clut {name}", *accepted)
    def apply(image: Pixels, level: float, rng: Rng) -> Pixels:
        stops = [f"xc:{colour}" for colour in colours]
        ramp = ("(", "-size", "1x1", *stops, "-append", "-filter", "Triangle", "-resize", "1x256!", ")")
        return blend(image, magick(image, "-colorspace", "Gray", *ramp, "-clut"), level)


_ramp("navy and gold", ("#101050", "#ffd860"), "duotone", "split toned")
_ramp(
    "heat",
    ("#100040", "#9010a0", "#f04020", "#ffd020", "#ffffe0"),
    "thermal camera",
    "duotone",
    "warm colours",
    "orange tint",
    "purple tint",
    "neon colours",
)
_ramp(
    "night vision",
    ("#001000", "#20e040", "#e0ffe0"),
    "night vision green",
    "green tint",
    "monochromatic",
    "duotone",
)


@effect(
    "function Sinusoid",
    "psychedelic colours",
    "solarized",
    "inverted colours",
    "shifted hues",
    "neon colours",
    "rainbow colours",
)
def sinusoid(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, magick(image, "-function", "Sinusoid", "2,20"), level)


# --- noise and files ---


def _noise(name: str, strength: float, *accepted: str, kind: str, gray: bool = False) -> None:
    @effect(f"+noise {name}", *accepted)
    def apply(image: Pixels, level: float, rng: Rng) -> Pixels:
        grey = ("(", "+clone", "-fill", "gray50", "-colorize", "100%", "-channel", "G", "-attenuate", strength * level,
                "+noise", kind, "+channel", "-channel", "G", "-separate", "+channel", ")", "-compose", "Mathematics", "-define",
                "compose:args=0,1,1,-0.5", "-composite")  # fmt: skip
        drawn = grey if gray else ("-attenuate", strength * level, "+noise", kind)
        return magick(image, *seeded(rng), *drawn)


_noise("Gaussian", 2.5, "colour noise", "film grain", "-clean digital look", kind="Gaussian")
_noise(
    "Gaussian gray", 2.5, "film grain", "-clean digital look", "rough", "-smooth", kind="Gaussian", gray=True
)
_noise("Impulse", 2, "colour noise", "speckled", "film grain", "-clean digital look", kind="Impulse")
_noise("Multiplicative", 2, "colour noise", "film grain", "-clean digital look", kind="Multiplicative")


@effect("quality JPEG 2000", "compression artefacts", "-clean digital look", "blurry", "-sharp")
def jpeg_2000(image: Pixels, level: float, rng: Rng) -> Pixels:
    return magick(image, "-define", f"jp2:rate={30 * 8**level:.1f}", coded="jp2")
