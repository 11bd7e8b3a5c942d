"""Procedural scenes: endless varied pictures to train on, each with a short caption."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pil
from scipy.ndimage import gaussian_filter

from finexl.lab.scenes_shapes import KINDS, Canvas

SUBJECTS: tuple[str, ...] = tuple(KINDS)


def power_noise(rng: np.random.Generator, size: int, slope: float) -> np.ndarray:
    """Noise (size, size) of mean 0 and deviation 1 whose amplitude falls as 1 / f**slope."""
    f = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]).astype(np.float32)
    f[0, 0] = 1 / size
    spectrum = np.fft.rfft2(rng.standard_normal((size, size), np.float32)) * f**-slope
    spectrum[0, 0] = 0
    noise = np.fft.irfft2(spectrum, (size, size)).astype(np.float32)
    return noise / (noise.std() + 1e-6)


def _surface(image: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Fine texture and slow shading, so that flat areas are as uneven as photographed ones."""
    size = len(image)
    rough = power_noise(rng, size, rng.uniform(0.6, 1.0))[..., None]
    slow = power_noise(rng, size, rng.uniform(1.3, 2.0))[..., None]
    if kind == "noise clouds":
        tint = rng.normal(0, 0.18, 3).astype(np.float32)
        other = np.roll(slow[::-1], size // 3, 1) * rng.normal(0, 0.14, 3).astype(np.float32)
        return image + slow * tint + other + rough * rng.uniform(0, 0.05)
    calm = 0.3 if kind in ("page", "night sky") else 1.0
    gain = 1 + calm * (rng.uniform(0.01, 0.09) * rough + rng.uniform(0.02, 0.11) * slow)
    return image * gain + calm * rng.uniform(0, 0.025) * rough


def _lighting(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One global palette, exposure, saturation, contrast and light direction for the picture."""
    size = len(image)
    t = np.linspace(-1, 1, size, dtype=np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    fall = rng.uniform(0, 0.15) * (np.sin(angle) * t[:, None] + np.cos(angle) * t[None])
    image = image * (1 + fall[..., None])
    grey = image.mean(2, keepdims=True)
    image = grey + (image - grey) * rng.uniform(0.45, 1.15)
    if rng.random() < 0.12:
        image = image[..., rng.permutation(3)]
    image = image * rng.normal(1, 0.06, 3).astype(np.float32)
    image = 0.45 + (image - 0.45) * rng.uniform(0.75, 1.15) + rng.normal(0.02, 0.05)
    return np.clip(image, 0, 1) ** rng.uniform(0.8, 1.25)


def render(rng: np.random.Generator, size: int) -> tuple[np.ndarray, str]:
    """A float32 RGB picture (size, size, 3) in [0, 1] and what it shows."""
    kind = SUBJECTS[rng.integers(len(SUBJECTS))]
    canvas = Canvas(rng, 2 * size)
    caption = KINDS[kind](canvas)
    picture = canvas.picture
    if rng.random() < 0.5 and kind != "page":
        picture = picture.transpose(Pil.Transpose.FLIP_LEFT_RIGHT)
    image = np.asarray(picture.reduce(2), np.float32) / 255
    image = _lighting(_surface(image, kind, rng), rng)
    sigma = rng.uniform(0.2, 0.7) * size / 224
    if sigma > 0.25:
        image = gaussian_filter(image, (sigma, sigma, 0), truncate=3)
    image = image + rng.normal(0, rng.uniform(0, 0.012)) * rng.standard_normal(image.shape, np.float32)
    return np.clip(image, 0, 1).astype(np.float32), caption
