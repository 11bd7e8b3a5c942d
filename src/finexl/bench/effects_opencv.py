"""Effects of OpenCV and its contributed modules (photo, xphoto, ximgproc)."""

from __future__ import annotations

from typing import Any

import numpy as np

from finexl.bench.effect import Effect, Pixels, blend, odd, registrar, unit

EFFECTS: list[Effect] = []
effect = registrar(EFFECTS, "OpenCV", "test")
Rng = np.random.Generator


def _cv() -> Any:
    import cv2

    return cv2


def _gray(image: Pixels) -> Any:
    cv2 = _cv()
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def _bgr(image: Pixels) -> Any:
    return np.ascontiguousarray(image[..., ::-1])


# --- photo: non-photorealistic rendering ---


@effect("stylization", "watercolour", "oil painting", "cel shaded", "smooth")
def stylization(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _cv().stylization(_bgr(image), sigma_s=60, sigma_r=0.45)[..., ::-1], level)


@effect("pencilSketch gray", "pencil drawing", "charcoal drawing", "line art")
def pencil_gray(image: Pixels, level: float, rng: Rng) -> Pixels:
    gray, _ = _cv().pencilSketch(_bgr(image), sigma_s=60, sigma_r=0.07, shade_factor=0.05)
    return blend(image, gray, level)


@effect("pencilSketch colour", "coloured pencil", "pencil drawing", "crayon drawing")
def pencil_colour(image: Pixels, level: float, rng: Rng) -> Pixels:
    _, colour = _cv().pencilSketch(_bgr(image), sigma_s=60, sigma_r=0.07, shade_factor=0.05)
    return blend(image, colour[..., ::-1], level)


@effect("edgePreservingFilter", "smooth", "-rough", "airbrushed", "simplified shapes")
def edge_preserving(image: Pixels, level: float, rng: Rng) -> Pixels:
    return np.asarray(_cv().edgePreservingFilter(image, flags=1, sigma_s=60, sigma_r=0.6 * level))


@effect("detailEnhance", "sharp", "HDR look", "-blurry", "clarity boosted", "oversharpened")
def detail_enhance(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _cv().detailEnhance(_bgr(image), sigma_s=12, sigma_r=0.25)[..., ::-1], level)


@effect("textureFlattening", "smooth", "-rough", "simplified shapes", "flat colours")
def texture_flattening(image: Pixels, level: float, rng: Rng) -> Pixels:
    mask = np.full(image.shape[:2], 255, np.uint8)
    mask[:2], mask[-2:], mask[:, :2], mask[:, -2:] = 0, 0, 0, 0
    result = _cv().textureFlattening(image, mask, low_threshold=30, high_threshold=60, kernel_size=3)
    return blend(image, result, level)


@effect("oilPainting", "oil painting", "impressionist brushwork", "acrylic painting")
def oil_painting(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _cv().xphoto.oilPainting(image, max(2, round(5 * unit(image))), 1), level)


# --- smoothing ---


@effect("bilateralFilter", "smooth", "-rough", "airbrushed")
def bilateral(image: Pixels, level: float, rng: Rng) -> Pixels:
    return np.asarray(_cv().bilateralFilter(image, odd(13 * unit(image)), 25 + 100 * level, 5 * unit(image)))


@effect("medianBlur", "smooth", "-rough", "blurry", "-sharp", "simplified shapes")
def median_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    return np.asarray(_cv().medianBlur(image, odd(13 * level * unit(image))))


@effect("pyrMeanShiftFiltering", "smooth", "flat colours", "cel shaded", "oil painting", "simplified shapes")
def mean_shift(image: Pixels, level: float, rng: Rng) -> Pixels:
    return np.asarray(_cv().pyrMeanShiftFiltering(image, 8 * unit(image), 10 + 40 * level))


@effect("l0Smooth", "smooth", "flat colours", "cel shaded", "simplified shapes")
def l0_smooth(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _cv().ximgproc.l0Smooth(image, None, 0.03, 2.0), level)


@effect("blur in a row", "motion blur", "blurry", "-sharp")
def motion_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    return np.asarray(_cv().blur(image, (odd(25 * level * unit(image)), 1)))


def _polar_blur(image: Pixels, radial: float, angular: float) -> Pixels:
    cv2 = _cv()
    height, width = image.shape[:2]
    # Reflected all round, so that a circle about the middle is filled and nothing black is smeared inwards.
    margin = max(height, width) // 4
    padded = cv2.copyMakeBorder(image, margin, margin, margin, margin, cv2.BORDER_REFLECT_101)
    size, centre = padded.shape[1::-1], (padded.shape[1] / 2, padded.shape[0] / 2)
    reach, flags = float(np.hypot(*size)) / 2 + 2, cv2.INTER_LINEAR + cv2.WARP_FILL_OUTLIERS
    polar = cv2.warpPolar(padded, (round(reach), 1024), centre, reach, flags)
    # Angles wrap round.
    polar = np.concatenate([polar[-128:], polar, polar[:128]])
    polar = cv2.blur(polar, (odd(radial, 1), odd(angular, 1)), borderType=cv2.BORDER_REPLICATE)[128:-128]
    result = cv2.warpPolar(polar, size, centre, reach, flags + cv2.WARP_INVERSE_MAP)
    return np.ascontiguousarray(result[margin : margin + height, margin : margin + width])


@effect("warpPolar zoom", "zoom blur", "motion blur", "radiating lines", "blurry")
def zoom_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _polar_blur(image, 3 + 30 * level * unit(image), 1)


@effect("warpPolar spin", "spinning blur", "motion blur", "concentric lines", "blurry")
def spin_blur(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _polar_blur(image, 1, 5 + 80 * level)


@effect("blendLinear tilt-shift", "tilt-shift", "shallow depth of field", "selective focus", "blurry")
def tilt_shift(image: Pixels, level: float, rng: Rng) -> Pixels:
    cv2 = _cv()
    rows = np.abs(np.linspace(-1, 1, image.shape[0], dtype=np.float32))[:, None]
    far = np.repeat(np.clip((rows - 0.15) / 0.25, 0, 1), image.shape[1], axis=1)
    blurred = cv2.GaussianBlur(image, (0, 0), 0.5 + 5 * level * unit(image))
    return np.asarray(cv2.blendLinear(image, blurred, 1 - far, far))


# --- lines and tones ---


@effect("adaptiveThreshold", "stark black and white", "ink drawing", "black and white", "line art")
def adaptive_threshold(image: Pixels, level: float, rng: Rng) -> Pixels:
    cv2 = _cv()
    mode = (cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY)
    return blend(image, cv2.adaptiveThreshold(_gray(image), 255, *mode, odd(15 * unit(image)), 7), level)


@effect("Canny", "glowing edges", "line art", "white outlines", "chalkboard drawing")
def canny(image: Pixels, level: float, rng: Rng) -> Pixels:
    return blend(image, _cv().Canny(image, 80, 180), level)


@effect("CLAHE", "HDR look", "high contrast", "clarity boosted", "open shadows")
def clahe(image: Pixels, level: float, rng: Rng) -> Pixels:
    cv2 = _cv()
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(1 + 6 * level, (8, 8)).apply(np.ascontiguousarray(lab[..., 0]))
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))


@effect("addWeighted with white", "faded", "hazy", "low contrast", "-high contrast", "veiling glare")
def white_veil(image: Pixels, level: float, rng: Rng) -> Pixels:
    return np.asarray(_cv().addWeighted(image, 1 - 0.65 * level, np.full_like(image, 235), 0.65 * level, 0))


# --- colour ---


@effect("transform sepia", "sepia")
def sepia(image: Pixels, level: float, rng: Rng) -> Pixels:
    matrix = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
    return blend(image, _cv().transform(image, matrix), level)


@effect("applyChannelGains cool", "cool colours", "blue tint", "-warm colours")
def cool(image: Pixels, level: float, rng: Rng) -> Pixels:
    gains = (1 + 0.45 * level, 1.0, 1 - 0.45 * level)
    return np.asarray(_cv().xphoto.applyChannelGains(_bgr(image), *gains))[..., ::-1].copy()


@effect("applyChannelGains purple", "purple tint", "pink tint")
def purple(image: Pixels, level: float, rng: Rng) -> Pixels:
    gains = (1 + 0.35 * level, 1 - 0.5 * level, 1 + 0.1 * level)
    return np.asarray(_cv().xphoto.applyChannelGains(_bgr(image), *gains))[..., ::-1].copy()


def _colour_map(name: str, *accepted: str) -> None:
    @effect(f"applyColorMap {name}", *accepted)
    def apply(image: Pixels, level: float, rng: Rng) -> Pixels:
        cv2 = _cv()
        mapped = cv2.applyColorMap(_gray(image), getattr(cv2, f"COLORMAP_{name}"))
        return blend(image, mapped[..., ::-1], level)


_colour_map("JET", "rainbow colours", "thermal camera", "psychedelic colours", "neon colours")
_colour_map("BONE", "black and white", "blue tint", "cool colours", "monochromatic")
_colour_map("HOT", "thermal camera", "orange tint", "red tint", "warm colours", "duotone")
_colour_map("OCEAN", "blue tint", "teal tint", "cool colours", "duotone")
_colour_map("COOL", "duotone", "neon colours", "purple tint", "blue tint")


# --- files ---


@effect("imencode JPEG", "compression artefacts", "-clean digital look")
def jpeg(image: Pixels, level: float, rng: Rng) -> Pixels:
    cv2 = _cv()
    _, coded = cv2.imencode(".jpg", _bgr(image), [cv2.IMWRITE_JPEG_QUALITY, round(34 - 31 * level)])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))[..., ::-1].copy()


# --- geometry and composition ---


def _lens(image: Pixels, k1: float, k2: float, before: float, after: float) -> Pixels:
    """Through the model of cv2.undistort, r -> r (1 + k1 r^2 + k2 r^4), between two focal lengths."""
    height, width = image.shape[:2]
    focal = max(height, width) / 2
    camera = np.array([[focal * before, 0, width / 2], [0, focal * before, height / 2], [0, 0, 1.0]])
    wanted = np.array([[focal * after, 0, width / 2], [0, focal * after, height / 2], [0, 0, 1.0]])
    return np.asarray(_cv().undistort(image, camera, np.array([k1, k2, 0, 0]), None, wanted))


@effect("undistort barrel", "fisheye", "inflated")
def fisheye(image: Pixels, level: float, rng: Rng) -> Pixels:
    return _lens(image, 2 * level, 0, 1.0, 1 + 0.75 * level)


@effect("undistort pincushion", "pinched", "warped space")
def pincushion(image: Pixels, level: float, rng: Rng) -> Pixels:
    # The middle of each edge stays in place; k2 keeps the model from folding over at the corners.
    return _lens(image, -0.3 * level, 0.05 * level, 1 / (1 - 0.25 * level), 1.0)


@effect("warpAffine wide", "stretched wide", "-stretched tall", "squat figures", "-elongated figures")
def wide(image: Pixels, level: float, rng: Rng) -> Pixels:
    cv2 = _cv()
    centre, k = image.shape[1] / 2, 1 + 0.8 * level
    matrix = np.array([[k, 0, centre * (1 - k)], [0, 1.0, 0]])
    return np.asarray(cv2.warpAffine(image, matrix, image.shape[1::-1]))


@effect("copyMakeBorder", "framed")
def make_border(image: Pixels, level: float, rng: Rng) -> Pixels:
    cv2 = _cv()
    width = max(1, round((0.02 + 0.13 * level) * min(image.shape[:2])))
    shade = (255, 255, 255) if rng.random() < 0.5 else (0, 0, 0)
    framed = cv2.copyMakeBorder(image, width, width, width, width, cv2.BORDER_CONSTANT, value=shade)
    return np.asarray(cv2.resize(framed, image.shape[1::-1], interpolation=cv2.INTER_AREA))


@effect("repeat", "repeated tiles", "pattern of repeats", "grid-like")
def repeat(image: Pixels, level: float, rng: Rng) -> Pixels:
    cv2 = _cv()
    height, width = image.shape[:2]
    n = 2 + round(2 * level)
    small = cv2.resize(image, (-(-width // n), -(-height // n)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.repeat(small, n, n)[:height, :width]).copy()
