"""How different two pictures look, without any learned network: CIELAB over a Gaussian pyramid.

    distance(a, b) = mean over scales s of  mean |lab(a)_s - lab(b)_s|

lab() is CIE 1976 L*a*b* of sRGB under D65, so the unit is that of L*: 100 from black to white. Scale 0 is the picture, every
further one is blurred with (1, 4, 6, 4, 1) / 16 and halved (Burt and Adelson, "The Laplacian Pyramid as a Compact Image
Code", 1983), down to a short side of `COARSEST` pixels. Fine scales see texture, coarse ones colour and composition. It
stands in where LPIPS cannot be had: it is not LPIPS, and their figures cannot be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d
from scipy.spatial.distance import pdist

Pixels = NDArray[np.uint8]
COARSEST = 16
"""Least short side of a scale, in pixels; a smaller picture has one scale."""

_KERNEL = np.array([1, 4, 6, 4, 1], np.float32) / 16
_SRGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_TO_XYZ = (_SRGB / _SRGB.sum(1, keepdims=True)).astype(np.float32)
"""Relative to D65 white, which is what (1, 1, 1) comes to."""
_LEVELS = np.arange(256) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)


def distance(a: Pixels, b: Pixels) -> float:
    """Distance of two pictures (H, W, 3) of one size, in units of L*, 0 for equal ones."""
    return float(pairwise([a, b])[0])


def pairwise(pictures: Sequence[Pixels]) -> NDArray[np.float64]:
    """Distances of all pairs of m pictures of one size, shape (m (m - 1) / 2,), in the order of scipy's pdist."""
    found: NDArray[np.float64] = pdist(np.stack([features(picture) for picture in pictures]), "cityblock")
    return found


def features(picture: Pixels) -> NDArray[np.float32]:
    """All scales in one row, weighted so that sum |features(a) - features(b)| is the distance."""
    scale = lab(picture)
    scales = [scale]
    while min(scale.shape[:2]) >= 2 * COARSEST:
        scale = halved(scale)
        scales.append(scale)
    return np.concatenate([s.ravel() / (s.size * len(scales)) for s in scales])


def lab(picture: Pixels) -> NDArray[np.float32]:
    """CIE 1976 L*a*b* under D65 of 8-bit sRGB, shape (H, W, 3)."""
    xyz = _LINEAR[picture] @ _TO_XYZ.T
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    parts = [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])]
    return np.stack(parts, axis=-1).astype(np.float32)


def halved(picture: NDArray[np.float32]) -> Any:
    """Blurred and every second row and column of it, shape (ceil(H / 2), ceil(W / 2), 3)."""
    blurred = convolve1d(convolve1d(picture, _KERNEL, axis=0, mode="mirror"), _KERNEL, axis=1, mode="mirror")
    return blurred[::2, ::2]
