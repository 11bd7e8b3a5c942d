"""Linear light and CIE Lab (D65), for operators that must not all think in sRGB."""

from __future__ import annotations

import numpy as np

Image = np.ndarray
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32)
WHITE = TO_XYZ.sum(1)
FROM_XYZ = np.linalg.inv(TO_XYZ).astype(np.float32)


def to_linear(image: Image) -> Image:
    """sRGB in [0, 1] -> linear light."""
    x = np.clip(image, 0, 1)
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4).astype(np.float32)


def from_linear(light: Image) -> Image:
    """Linear light -> sRGB, clipped to [0, 1]."""
    x = np.clip(light, 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)


def to_lab(image: Image) -> Image:
    """sRGB -> L in [0, 100], a and b about [-100, 100]."""
    t = (to_linear(image) @ TO_XYZ.T) / WHITE
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1).astype(np.float32)


def from_lab(lab: Image) -> Image:
    """Lab -> sRGB, clipped to [0, 1]."""
    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], -1)
    t = np.where(f > 0.2069, f**3, (f - 16 / 116) / 7.787)
    return from_linear((t * WHITE).astype(np.float32) @ FROM_XYZ.T)
