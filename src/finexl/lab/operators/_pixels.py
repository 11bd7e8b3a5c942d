"""Small pixel helpers that the operators share: luma, blur, noise, resizing, colour spaces."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pil
from scipy.ndimage import gaussian_filter

Image = np.ndarray
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def side(image: Image) -> int:
    """The shorter side in pixels."""
    return min(image.shape[0], image.shape[1])


def mix(a, b, t):
    """`a` at t=0, `b` at t=1; `t` may be a map."""
    return a + (b - a) * t


def luma(image: Image) -> Image:
    """Rec. 601 luma of shape (H, W, 1)."""
    return (image @ LUMA)[..., None]


def _resample(nearest: bool) -> Pil.Resampling:
    return Pil.Resampling.NEAREST if nearest else Pil.Resampling.BILINEAR


def resize(image: Image, size: tuple[int, int], nearest: bool = False) -> Image:
    """Resize (H, W) or (H, W, C) to `size` = (h, w) in float; shrinking averages unless `nearest`."""
    wh = (int(size[1]), int(size[0]))
    if image.ndim == 2:
        plane = Pil.fromarray(np.ascontiguousarray(image, np.float32))
        return np.asarray(plane.resize(wh, _resample(nearest)), np.float32)
    return np.stack([resize(image[..., c], size, nearest) for c in range(image.shape[2])], axis=-1)


def blur(image: Image, sigma: float) -> Image:
    """Gaussian blur of (H, W) or (H, W, C); wide blurs are computed on a smaller picture."""
    if sigma <= 0:
        return image
    h, w = image.shape[:2]
    step = min(int(sigma / 2), min(h, w) // 8)
    if step >= 2:
        return resize(blur(resize(image, (-(-h // step), -(-w // step))), sigma / step), (h, w))
    sigmas = (sigma, sigma) if image.ndim == 2 else (sigma, sigma, 0)
    return gaussian_filter(image.astype(np.float32, copy=False), sigmas, mode="nearest", truncate=3.0)


def smooth_noise(shape_hw: tuple[int, int], cells: float, rng: np.random.Generator) -> Image:
    """A smooth random field (H, W) in [0, 1] with about `cells` bumps along the shorter side."""
    h, w = shape_hw
    scale = max(1.0, cells) / min(h, w)
    grid = rng.random((max(2, round(h * scale) + 1), max(2, round(w * scale) + 1)), dtype=np.float32)
    field = np.asarray(Pil.fromarray(grid).resize((w, h), Pil.Resampling.BICUBIC), np.float32)
    low, high = field.min(), field.max()
    return (field - low) / max(high - low, 1e-6)


def coordinates(h: int, w: int) -> tuple[Image, Image]:
    """y of shape (H, 1) and x of shape (1, W), both from 0 to 1."""
    return np.linspace(0, 1, h, dtype=np.float32)[:, None], np.linspace(0, 1, w, dtype=np.float32)[None]


def radius_map(h: int, w: int) -> Image:
    """Distance from the centre (H, W): 0 there, 1 in the corners."""
    y, x = coordinates(h, w)
    return np.sqrt(((2 * y - 1) ** 2 + (2 * x - 1) ** 2) / 2)


def to_hsv(image: Image) -> Image:
    """RGB to HSV, all three in [0, 1]."""
    rgb = np.clip(image, 0, 1).astype(np.float32, copy=False)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    high = np.maximum(np.maximum(r, g), b)
    chroma = high - np.minimum(np.minimum(r, g), b)
    safe = np.maximum(chroma, 1e-6)
    hue = np.where(high == r, (g - b) / safe, np.where(high == g, 2 + (b - r) / safe, 4 + (r - g) / safe))
    hue = np.where(chroma > 1e-6, (hue / 6) % 1.0, 0)
    return np.stack([hue, chroma / np.maximum(high, 1e-6), high], axis=-1).astype(np.float32)


def from_hsv(hsv: Image) -> Image:
    """HSV (hue taken modulo 1, the rest in [0, 1]) to RGB."""
    hue, saturation, value = hsv[..., :1] * 6, hsv[..., 1:2], hsv[..., 2:3]
    k = (hue + np.array([5, 3, 1], np.float32)) % 6
    return value - value * saturation * np.clip(np.minimum(k, 4 - k), 0, 1)
