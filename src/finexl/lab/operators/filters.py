"""Blurs, sharpening, relief and lens faults of other designs than `focus` and `line`."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, luma, mix, resize, side
from finexl.lab.operators._spaces import from_linear, to_linear
from finexl.lab.operators._strokes import Array, Rng, blended, edges, gray, saturate, soft, step, white
from finexl.lab.operators._warp import centred, convolve, grid, remap

# ---------------------------------------------------------------------------------- blurry, frosted glass


def polygon_kernel(radius: float, corners: int, turn: float) -> Array:
    """An aperture of straight blades, sum 1."""
    r = int(np.ceil(radius)) + 1
    y, x = np.mgrid[-r : r + 1, -r : r + 1].astype(np.float32)
    angle = np.mod(np.arctan2(y, x) + turn, 2 * np.pi / corners) - np.pi / corners
    reach = np.hypot(y, x) * np.cos(angle) / np.cos(np.pi / corners)
    kernel = np.clip(radius + 0.5 - reach, 0, 1)
    return kernel / kernel.sum()


@operator("blurry")
def bladed_aperture(image: Array, level: float, rng: Rng) -> Array:
    radius = side(image) * 0.06 * level * rng.uniform(0.85, 1.2)
    kernel = polygon_kernel(radius, int(rng.integers(5, 9)), rng.uniform(0, 6))
    if rng.random() < 0.4:
        return from_linear(convolve(to_linear(image), kernel))
    return convolve(image, kernel)


@operator("blurry")
def exponential_blur(image: Array, level: float, rng: Rng) -> Array:
    """Wide tails: the sum of a narrow and a wide blur."""
    sigma = side(image) * 0.03 * level * rng.uniform(0.85, 1.2)
    return mix(blur(image, 0.6 * sigma), blur(image, 1.8 * sigma), rng.uniform(0.3, 0.6))


@operator("blurry")
def median_blur(image: Array, level: float, rng: Rng) -> Array:
    width = side(image) * 0.06 * level * rng.uniform(0.85, 1.2)
    shrink = max(1, round(width / 7))
    small = resize(image, tuple(-(-n // shrink) for n in image.shape[:2]))
    calm = ndimage.median_filter(small, (max(3, round(width / shrink) | 1),) * 2 + (1,))
    return mix(image, blur(resize(calm, image.shape[:2]), 0.3 * width), min(1, 6 * level))


@operator("frosted glass")
def swapped_neighbours(image: Array, level: float, rng: Rng) -> Array:
    """Every pixel comes from somewhere near, once or several times over, and may be smoothed."""
    h, w = image.shape[:2]
    reach = 0.03 * side(image) * level * rng.uniform(0.8, 1.2)
    y, x = grid(image)
    out = blur(image, rng.uniform(0, 0.7))
    for _ in range(int(rng.integers(1, 3))):
        dy, dx = np.round(reach * (2 * rng.random((2, h, w), dtype=np.float32) - 1))
        out = remap(out, y + dy, x + dx, "edge")
    return blur(out, rng.uniform(0, 0.8))


@operator("soft focus")
def lightened_by_blur(image: Array, level: float, rng: Rng) -> Array:
    veil = blur(image, side(image) * rng.uniform(0.015, 0.035))
    return mix(
        image, mix(veil, np.maximum(image, veil), rng.uniform(0.2, 0.5)), level * rng.uniform(0.7, 0.9)
    )


# ----------------------------------------------------------------------------------- motion and zoom blur


@operator("motion blur")
def uneven_shake(image: Array, level: float, rng: Rng) -> Array:
    """The mean of moved copies, in linear light or not, some copies longer exposed."""
    y, x = grid(image)
    angle, length = rng.uniform(0, np.pi), side(image) * 0.16 * level * rng.uniform(0.8, 1.2)
    linear = rng.random() < 0.5
    light = to_linear(image) if linear else image
    count = int(np.clip(length, 6, 20))
    weights = rng.uniform(0.5, 1.5, count)
    total = np.zeros_like(image)
    mode = str(rng.choice(("reflect", "edge", "wrap")))
    for t, weight in zip(np.linspace(-0.5, 0.5, count) * length, weights / weights.sum(), strict=True):
        total += remap(light, y + t * np.sin(angle), x + t * np.cos(angle), mode) * np.float32(weight)
    return from_linear(total) if linear else total


@operator("zoom blur")
def growing_copies(image: Array, level: float, rng: Rng) -> Array:
    """The mean of the picture and of ever larger copies, all from one centre."""
    dy, dx, cy, cx = centred(image, rng, 0.06)
    most = level * rng.uniform(0.16, 0.3)
    count = int(rng.integers(8, 16))
    steps = np.linspace(0, most, count)
    weights = np.ones(count) if rng.random() < 0.5 else np.linspace(1.5, 0.5, count)
    return sum(
        remap(image, cy + dy / (1 + s), cx + dx / (1 + s), "edge") * np.float32(weight)
        for s, weight in zip(steps, weights / weights.sum(), strict=True)
    )


# ------------------------------------------------------------------------------------------ sharp, relief


@operator("sharp")
def laplacian_added(image: Array, level: float, rng: Rng) -> Array:
    four = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], np.float32)
    eight = np.full((3, 3), -1, np.float32)
    eight[1, 1] = 8
    kernel = four if rng.random() < 0.5 else 0.5 * eight
    detail = ndimage.convolve(image, kernel[..., None], mode="nearest")
    return image + level * rng.uniform(0.5, 1.1) * detail


@operator("sharp")
def high_pass_overlaid(image: Array, level: float, rng: Rng) -> Array:
    """The difference from a blur laid over the picture as a gray picture."""
    size = side(image) * rng.uniform(0.003, 0.015)
    high = np.clip(0.5 + rng.uniform(1.2, 2.5) * (luma(image) - blur(luma(image), size)), 0, 1)
    laid = np.where(image < 0.5, 2 * image * high, 1 - 2 * (1 - image) * (1 - high))
    return mix(image, laid, level)


@operator("sharp")
def deblurred(image: Array, level: float, rng: Rng) -> Array:
    """A few rounds of multiplying by what a blur of the guess would lack."""
    sigma = rng.uniform(0.8, 1.4) * max(1.0, side(image) / 224)
    guess = np.clip(image, 0.01, 1)
    for _ in range(int(rng.integers(3, 6))):
        guess = np.clip(guess * blur((image + 0.01) / (blur(guess, sigma) + 0.01), sigma), 0.005, 1.2)
    return mix(image, guess, level * rng.uniform(0.8, 1.2))


@operator("embossed")
def small_kernel_relief(image: Array, level: float, rng: Rng) -> Array:
    """Opposite weights on either side of each pixel; the pixel itself stays in or does not."""
    angle = rng.integers(8) * np.pi / 4
    y, x = np.mgrid[-1:2, -1:2]
    slope = np.round(np.cos(angle) * x + np.sin(angle) * y).astype(np.float32) * rng.uniform(0.6, 1.5)
    light = ndimage.convolve(image, slope[..., None], mode="nearest")
    if rng.random() < 0.5:
        return image + level * light
    plain = (luma(light) if rng.random() < 0.5 else light) + 0.5
    return mix(image, plain, level)


@blended("glowing edges")
def laplacian_on_black(image: Array, rng: Rng) -> Array:
    source = soft(image, rng.uniform(0.5, 1.6))
    found = np.abs(ndimage.laplace(source[..., 0] if rng.random() < 0.3 else gray(source)))
    if rng.random() < 0.6:
        found = np.stack([np.abs(ndimage.laplace(source[..., c])) for c in range(3)], -1)
    else:
        found = found[..., None].repeat(3, -1)
    return found / max(float(np.percentile(found, 98)), 0.02)


@blended("glowing edges")
def thin_white_lines(image: Array, rng: Rng) -> Array:
    """Ridges of the gradient one pixel wide, white on black."""
    e = edges(gray(image), rng.uniform(0.6, 1.6) * max(1.0, side(image) / 224))
    ridge = (e >= ndimage.maximum_filter(e, 3) * rng.uniform(0.8, 0.97)) & (e > rng.uniform(0.15, 0.4))
    line = np.clip(soft(ridge.astype(np.float32), rng.uniform(0, 0.5)) * 1.4, 0, 1)
    return line[..., None].repeat(3, -1)


@blended("glowing edges")
def gradient_as_tone(image: Array, rng: Rng) -> Array:
    e = edges(gray(image), rng.uniform(0, 1.2)) * rng.uniform(0.5, 0.9)
    own = saturate(image, rng.uniform(1, 2)) if rng.random() < 0.4 else np.ones_like(image)
    return np.clip(e, 0, 1)[..., None] * own


# ------------------------------------------------------------------------------------ smooth, lens faults


@blended("smooth")
def plain_median(image: Array, rng: Rng) -> Array:
    width = max(3, round(min(side(image), 224) * rng.uniform(0.012, 0.03)) | 1)
    return ndimage.median_filter(image, (width, width, 1))


@blended("smooth")
def surface_blur(image: Array, rng: Rng) -> Array:
    """Neighbours count less the more they differ; sampled at random places, a few rounds."""
    reach, tone = side(image) * rng.uniform(0.008, 0.016), rng.uniform(0.05, 0.12)
    out = image
    for _ in range(2):
        total, weight = out.copy(), np.ones_like(out[..., :1])
        for dy, dx in np.round(rng.normal(0, reach, (14, 2))).astype(int):
            near = np.roll(out, (dy, dx), (0, 1))
            w = np.exp(-np.square(near - out).sum(-1, keepdims=True) / (2 * tone * tone))
            total, weight = total + w * near, weight + w
        out = total / weight
    return out


@blended("smooth")
def calm_where_calm(image: Array, rng: Rng) -> Array:
    """Wide blur away from edges, none at them."""
    plane = gray(image)
    keep = soft(step(edges(plane, side(image) * 0.006), 0.2, 0.9), side(image) * 0.005)[..., None]
    return mix(
        blur(image, side(image) * rng.uniform(0.012, 0.025)), soft(image, 0.5), np.clip(keep * 1.3, 0, 1)
    )


@operator("chromatic aberration")
def bent_channels(image: Array, level: float, rng: Rng) -> Array:
    """Red and blue distorted by polynomials of the radius, oppositely or alike."""
    dy, dx, cy, cx = centred(image, rng)
    r2 = (dy**2 + dx**2) / (side(image) / 2) ** 2
    signs = rng.choice((-1, 1), 2)
    out = image.copy()
    for c, sign in zip((0, 2), signs, strict=True):
        first, second = sign * level * rng.uniform(0.02, 0.09), sign * level * rng.uniform(0, 0.04)
        factor = 1 + first * r2 + second * r2**2
        factor = factor / (1 + 0.5 * first) if rng.random() < 0.5 else factor
        out[..., c] = remap(image[..., c : c + 1], cy + dy * factor, cx + dx * factor, "edge")[..., 0]
    return out


@operator("rough")
def jagged_noise_relief(image: Array, level: float, rng: Rng) -> Array:
    height = soft(white(image.shape[:2], rng), rng.uniform(0.6, 1.6) * max(1.0, side(image) / 200))
    light = np.gradient(height, axis=int(rng.integers(2)))
    return image * (1 + level * rng.uniform(0.25, 0.4) * (light / light.std())[..., None])
