"""Focus and lens: blur of every kind, depth of field, tilt-shift, colour fringes."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter, uniform_filter1d

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, luma, mix, resize, side, smooth_noise
from finexl.lab.operators._warp import centred, convolve, disk_kernel, grid, path_kernel, remap, scaled


def _sigma(image, level, rng, most=0.034):
    return side(image) * most * level * rng.uniform(0.85, 1.2)


def _box(image, size):
    """Box filter of a real-valued width."""
    low = int(size)
    a = uniform_filter(image, (low, low, 0), mode="nearest") if low > 1 else image
    return mix(a, uniform_filter(image, (low + 1, low + 1, 0), mode="nearest"), size - low)


def _disk(image, radius):
    return convolve(image, disk_kernel(radius))


# ------------------------------------------------------------------------------------------------ blurry


@operator("blurry")
def gaussian(image, level, rng):
    return blur(image, _sigma(image, level, rng))


@operator("blurry")
def box(image, level, rng):
    return _box(image, 1 + 3.0 * _sigma(image, level, rng))


@operator("blurry")
def disk(image, level, rng):
    return _disk(image, 1.8 * _sigma(image, level, rng))


@operator("blurry")
def iterated(image, level, rng):
    times = int(rng.integers(2, 5))
    size = np.sqrt(12 * _sigma(image, level, rng) ** 2 / times + 1)
    for _ in range(times):
        image = _box(image, size)
    return image


@operator("blurry")
def shrunk_and_enlarged(image, level, rng):
    h, w = image.shape[:2]
    factor = 1 + 2.2 * _sigma(image, level, rng)
    small = resize(image, (max(6, round(h / factor)), max(6, round(w / factor))))
    return mix(image, resize(small, (h, w)), min(1.0, level * 12))


# -------------------------------------------------------------------------------------------- soft focus


@operator("soft focus")
def veil(image, level, rng):
    return mix(image, blur(image, _sigma(image, 1.0, rng, 0.03)), 0.8 * level)


@operator("soft focus")
def two_veils(image, level, rng):
    fine, wide = blur(image, _sigma(image, 1, rng, 0.012)), blur(image, _sigma(image, 1, rng, 0.05))
    share = rng.uniform(0.3, 0.6)
    return mix(image, mix(fine, wide, share), 0.85 * level)


@operator("soft focus")
def soft_detail(image, level, rng):
    base = blur(image, _sigma(image, 1, rng, rng.uniform(0.018, 0.035)))
    detail = image - base
    keep = 1 - (0.9 - 0.4 * np.clip(np.abs(luma(detail)) * rng.uniform(2, 5), 0, 1)) * level
    return base + detail * keep


# ------------------------------------------------------------------------------------------- motion blur


def _length(image, level, rng):
    return side(image) * 0.16 * level * rng.uniform(0.8, 1.2)


@operator("motion blur")
def line_kernel(image, level, rng):
    angle = rng.uniform(0, np.pi) if rng.random() < 0.6 else rng.normal(0, 0.1)
    length = _length(image, level, rng)
    t = np.linspace(-0.5, 0.5, max(8, int(3 * length))) * length
    return convolve(image, path_kernel(t * np.sin(angle), t * np.cos(angle)))


@operator("motion blur")
def along_an_axis(image, level, rng):
    axis = int(rng.random() < 0.7)
    size = 1 + _length(image, level, rng)
    low = int(size)
    a = uniform_filter1d(image, low, axis=axis, mode="nearest") if low > 1 else image
    return mix(a, uniform_filter1d(image, low + 1, axis=axis, mode="nearest"), size - low)


@operator("motion blur")
def shaky_hand(image, level, rng):
    length, angle = _length(image, level, rng), rng.uniform(0, 2 * np.pi)
    t = np.linspace(-0.5, 0.5, 96)
    bend = rng.uniform(-0.9, 0.9) * t**2 + 0.05 * np.sin(t * rng.uniform(5, 15))
    ys, xs = t * np.sin(angle) + bend * np.cos(angle), t * np.cos(angle) - bend * np.sin(angle)
    return convolve(image, path_kernel(ys * length, xs * length))


@operator("motion blur")
def fading_trail(image, level, rng):
    length, angle = 1.3 * _length(image, level, rng), rng.uniform(0, 2 * np.pi)
    t = np.linspace(0, 1, 96)
    weights = np.exp(-t * rng.uniform(1.0, 2.5))
    return convolve(image, path_kernel(t * length * np.sin(angle), t * length * np.cos(angle), weights))


# --------------------------------------------------------------------------------------------- zoom blur


@operator("zoom blur")
def doubled_zoom(image, level, rng):
    _, _, cy, cx = centred(image, rng, 0.06)
    total = 0.36 * level * rng.uniform(0.8, 1.2)
    for k in range(1, 4):
        image = 0.5 * (image + scaled(image, 1 + total / 2**k, cy, cx))
    return image


@operator("zoom blur")
def polar_smear(image, level, rng):
    dy, dx, cy, cx = centred(image, rng, 0.06)
    h, w = image.shape[:2]
    radius = np.hypot(dy, dx) + 1e-3
    rows, columns = int(0.8 * side(image)), int(2.2 * side(image))
    scale = rows / np.log1p(np.hypot(h, w) * 0.6)
    theta = np.arange(columns, dtype=np.float32)[None] * (2 * np.pi / columns)
    r = np.expm1(np.arange(rows, dtype=np.float32)[:, None] / scale)
    polar = remap(image, cy + r * np.sin(theta), cx + r * np.cos(theta), "edge")
    polar = uniform_filter1d(polar, max(1, int(0.3 * level * scale)), axis=0, mode="nearest")
    back = np.arctan2(dy, dx) % (2 * np.pi) * (columns / (2 * np.pi))
    smeared = remap(polar, np.log1p(radius) * scale, np.minimum(back, columns - 1), "edge")
    return mix(image, smeared, np.clip(level * 8 * radius / side(image), 0, 1)[..., None])


@operator("zoom blur")
def stacked_zooms(image, level, rng):
    _, _, cy, cx = centred(image, rng, 0.06)
    total, fade = 0.34 * level * rng.uniform(0.8, 1.2), rng.uniform(0.75, 1.0)
    steps = 5
    out, weight = image.copy(), 1.0
    for k in range(1, steps):
        out += scaled(image, 1 + total * k / (steps - 1), cy, cx) * fade**k
        weight += fade**k
    return out / weight


# -------------------------------------------------------------------------------- tilt-shift, depth of field


def _three_blurs(image, sigma, depth):
    """`depth` (H, W) in [0, 1] picks between sharp, half and full blur."""
    half, full = blur(image, sigma * 0.45), blur(image, sigma)
    d = depth[..., None]
    return mix(mix(image, half, np.clip(2 * d, 0, 1)), full, np.clip(2 * d - 1, 0, 1))


def _saturate(image, amount):
    return mix(luma(image), image, 1 + amount)


def _band(image, rng, tilt=0.0):
    h, w = image.shape[:2]
    y, x = grid(image)
    return np.abs(y / h - rng.uniform(0.42, 0.65) + tilt * (x / w - 0.5)) + np.zeros((1, w), np.float32)


@operator("tilt-shift")
def graded_band(image, level, rng):
    width = rng.uniform(0.06, 0.14)
    depth = np.clip((_band(image, rng) - width) / rng.uniform(0.15, 0.35), 0, 1)
    return _saturate(_three_blurs(image, _sigma(image, level, rng, 0.03), depth), 0.4 * level)


@operator("tilt-shift")
def smooth_band(image, level, rng):
    depth = 1 - np.exp(-((_band(image, rng, rng.normal(0, 0.08)) / rng.uniform(0.14, 0.24)) ** 2))
    soft = blur(image, _sigma(image, level, rng, 0.028))
    out = _saturate(mix(image, soft, depth[..., None]), rng.uniform(0.2, 0.6) * level)
    return mix(0.5, out, 1 + 0.12 * level)


@operator("tilt-shift")
def lens_band(image, level, rng):
    width = rng.uniform(0.08, 0.16)
    depth = np.clip((_band(image, rng) - width) / rng.uniform(0.05, 0.2), 0, 1)
    soft = _disk(image, _sigma(image, level, rng, 0.045))
    return _saturate(mix(image, soft, depth[..., None]), rng.uniform(0, 0.5) * level)


@operator("shallow depth of field")
def sharp_ellipse(image, level, rng):
    dy, dx, _, _ = centred(image, rng, 0.07)
    s = side(image) / 2
    radius = np.hypot(dy / rng.uniform(0.8, 1.25), dx) / s
    depth = np.clip((radius - rng.uniform(0.35, 0.55)) / rng.uniform(0.15, 0.5), 0, 1)
    return _three_blurs(image, _sigma(image, level, rng, 0.036), depth)


@operator("shallow depth of field")
def sharp_subject(image, level, rng):
    """The subject is what differs from the rim of the picture, near the middle."""
    dy, dx, _, _ = centred(image, rng, 0.05)
    near = np.exp(-((np.hypot(dy, dx) / (side(image) * rng.uniform(0.3, 0.42))) ** 2))
    rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).mean(0)
    odd = blur(np.abs(image - rim).mean(2), side(image) * 0.05)
    depth = 1 - np.clip((near * (0.5 + odd / (odd.max() + 1e-6)) - 0.25) * 3, 0, 1)
    bright = np.clip(image, 0, 1) ** 3
    soft = np.cbrt(np.maximum(_disk(bright, _sigma(image, level, rng, 0.06)), 0))
    return mix(image, soft, (depth * min(1, 8 * level))[..., None])


@operator("shallow depth of field")
def ragged_subject(image, level, rng):
    dy, dx, _, _ = centred(image, rng, 0.1)
    wobble = 0.35 * (smooth_noise(image.shape[:2], rng.uniform(2, 5), rng) - 0.5)
    radius = np.hypot(dy * rng.uniform(0.6, 1.1), dx) / (side(image) / 2) + wobble
    depth = np.clip((radius - rng.uniform(0.4, 0.6)) / rng.uniform(0.05, 0.25), 0, 1)
    return mix(image, blur(image, _sigma(image, level, rng, 0.034)), depth[..., None])


# ---------------------------------------------------------------------------------- chromatic aberration


def _ends(rng):
    """Which two channels move apart."""
    return ((0, 2), (2, 0), (0, 2), (0, 1))[rng.integers(4)]


@operator("chromatic aberration")
def radial_fringe(image, level, rng):
    _, _, cy, cx = centred(image, rng, 0.03)
    amount = 0.045 * level * rng.uniform(0.8, 1.2)
    out, (a, b) = image.copy(), _ends(rng)
    out[..., a] = scaled(image[..., a : a + 1], 1 + amount, cy, cx)[..., 0]
    out[..., b] = scaled(image[..., b : b + 1], 1 - amount * rng.uniform(0.4, 1), cy, cx)[..., 0]
    return out


@operator("chromatic aberration")
def lateral_fringe(image, level, rng):
    angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.5 else np.pi * rng.integers(2)
    shift = side(image) * 0.022 * level * rng.uniform(0.8, 1.2)
    y, x = grid(image)
    out = image.copy()
    for channel, sign in zip(_ends(rng), (1, -1), strict=True):
        moved = remap(image[..., channel : channel + 1], y + sign * shift * np.sin(angle),
                      x + sign * shift * np.cos(angle), "edge")  # fmt: skip
        out[..., channel] = moved[..., 0]
    return out


@operator("chromatic aberration")
def lens_fringe(image, level, rng):
    """Cubic growth towards the corners, with the outer channels a little soft."""
    dy, dx, cy, cx = centred(image, rng)
    r2 = (dy**2 + dx**2) / (side(image) / 2) ** 2
    amount = 0.05 * level * rng.uniform(0.8, 1.2) * r2 / (0.4 + r2)
    out, (a, b) = image.copy(), _ends(rng)
    for channel, sign in ((a, 1), (b, -1)):
        part = remap(image[..., channel : channel + 1], cy + dy * (1 + sign * amount),
                     cx + dx * (1 + sign * amount), "reflect")[..., 0]  # fmt: skip
        out[..., channel] = blur(part, 0.004 * level * side(image))
    return out
