"""More ways to bend, turn and crop: lens polynomials, elastic fields, plain borders, other kernels."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pil

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, mix, resize, side, smooth_noise
from finexl.lab.operators._warp import any_colour, centred, grid, remap


def _plain(rng):
    """Mostly black, else white or gray: what tools fill with unless told otherwise."""
    return float(rng.choice((0.0, 0.0, 0.0, 1.0, 0.5)))


def _mode(rng):
    return ("fill", "fill", "reflect", "edge", "wrap")[rng.integers(5)]


def _radial(image, factor, centre, rng):
    dy, dx, cy, cx = centre
    return remap(image, cy + dy * factor, cx + dx * factor, _mode(rng), _plain(rng))


# -------------------------------------------------------------------------------------- fisheye, pinched


@operator("fisheye")
def tangent_lens(image, level, rng):
    """Equal angles become equal lengths, as in a real fisheye lens; the rim may lie bare."""
    centre = centred(image, rng, 0.03)
    r = np.hypot(centre[0], centre[1]) / (side(image) / 2) + 1e-6
    bend = level * rng.uniform(0.8, 1.15)
    angle = np.minimum(r * bend, 1.45)
    factor = np.tan(angle) / (r * bend)
    return _radial(
        image, factor * (bend / np.tan(min(bend, 1.4)) if rng.random() < 0.6 else 1.0), centre, rng
    )


@operator("fisheye")
def lens_polynomial(image, level, rng):
    centre = centred(image, rng, 0.04)
    r2 = (centre[0] ** 2 + centre[1] ** 2) / (side(image) / 2) ** 2
    first, second = level * rng.uniform(0.25, 0.6), level * rng.uniform(0, 0.25)
    zoom = 1 + first + second if rng.random() < 0.5 else 1.0
    return _radial(image, (1 + first * r2 + second * r2**2) / zoom, centre, rng)


@operator("fisheye")
def stereographic_bulge(image, level, rng):
    """The middle swells and the rest keeps its place."""
    centre = centred(image, rng, 0.06)
    r = np.hypot(centre[0], centre[1]) / (side(image) / 2 * rng.uniform(0.8, 1.3))
    inside = np.clip(1 - r, 0, 1)
    return _radial(image, 1 - level * rng.uniform(0.5, 0.65) * inside ** rng.uniform(0.8, 1.6), centre, rng)


@operator("pinched")
def inward_polynomial(image, level, rng):
    centre = centred(image, rng, 0.04)
    r2 = (centre[0] ** 2 + centre[1] ** 2) / (side(image) / 2) ** 2
    k = level * rng.uniform(0.2, 0.32)
    return _radial(image, np.maximum((1 - k * r2) * rng.uniform(1.0, 1.2), 0.05), centre, rng)


@operator("swirled")
def logarithmic_swirl(image, level, rng):
    dy, dx, cy, cx = centred(image, rng, 0.05)
    r = np.hypot(dy, dx) / (side(image) * rng.uniform(0.5, 0.7))
    angle = rng.choice((-1, 1)) * level * rng.uniform(2.4, 3.6) * np.clip(1 - np.sqrt(r), 0, 1)
    s, c = np.sin(angle), np.cos(angle)
    return remap(image, cy + dy * c + dx * s, cx + dx * c - dy * s, _mode(rng), _plain(rng))


# ------------------------------------------------------------------------------------------------- wavy


@operator("wavy")
def rubber_sheet(image, level, rng):
    """White noise smoothed into a field of small or large moves."""
    h, w = image.shape[:2]
    sigma = side(image) * rng.uniform(0.018, 0.05)
    moves = blur(rng.standard_normal((h, w, 2), dtype=np.float32), sigma)
    moves *= level * sigma * rng.uniform(0.45, 0.8) / max(float(moves.std()), 1e-6)
    y, x = grid(image)
    return remap(image, y + moves[..., 0], x + moves[..., 1], _mode(rng), _plain(rng))


@operator("wavy")
def bent_mesh(image, level, rng):
    """The knots of a coarse mesh are moved; what lies between follows."""
    h, w = image.shape[:2]
    n = int(rng.integers(4, 8))
    reach = level * side(image) / n * rng.uniform(0.35, 0.55)
    knots = rng.uniform(-1, 1, (n + 1, n + 1, 2)).astype(np.float32) * reach
    planes = [Pil.fromarray(np.ascontiguousarray(knots[..., k])) for k in (0, 1)]
    kernel = Pil.Resampling.BILINEAR if rng.random() < 0.5 else Pil.Resampling.BICUBIC
    dy, dx = (np.asarray(plane.resize((w, h), kernel), np.float32) for plane in planes)
    y, x = grid(image)
    return remap(image, y + dy, x + dx, _mode(rng), _plain(rng))


@operator("wavy")
def many_sines(image, level, rng):
    y, x = grid(image)
    s = side(image)
    dy = dx = np.float32(0)
    for _ in range(int(rng.integers(2, 5))):
        ky, kx = rng.normal(0, 2 * np.pi * 3 / s, 2)
        wave = np.sin(ky * y + kx * x + rng.uniform(0, 6.3))
        angle = rng.uniform(0, 6.3)
        dy, dx = dy + np.sin(angle) * wave, dx + np.cos(angle) * wave
    reach = 0.03 * s * level * rng.uniform(0.7, 1.2)
    return remap(image, y + reach * dy, x + reach * dx, _mode(rng), _plain(rng))


# ----------------------------------------------------------------------------------- tilted, stretched


def _turned(image, angle, zoom, mode, fill, centre):
    dy, dx, cy, cx = centre
    s, c = np.sin(angle) / zoom, np.cos(angle) / zoom
    return remap(image, cy + dy * c + dx * s, cx + dx * c - dy * s, mode, fill)


def _angle(level, rng):
    return rng.choice((-1, 1)) * np.deg2rad(30) * level * rng.uniform(0.85, 1.1)


@operator("tilted")
def corners_laid_bare(image, level, rng):
    """Turned on a plain ground, mostly black."""
    return _turned(image, _angle(level, rng), 1, "fill", _plain(rng), centred(image, rng))


@operator("tilted")
def whole_picture_turned(image, level, rng):
    """Shrunk just so much that no corner of it is lost."""
    angle = _angle(level, rng)
    zoom = 1 / (np.cos(angle) + abs(np.sin(angle)) * rng.uniform(0.3, 1.0))
    fill = _plain(rng) if rng.random() < 0.7 else any_colour(rng, image)
    return _turned(image, angle, zoom, "fill", fill, centred(image, rng))


@operator("tilted")
def turned_and_continued(image, level, rng):
    """The corners filled by mirror images, repeated edges or the other side, a little enlarged or not."""
    mode = ("reflect", "edge", "wrap")[rng.integers(3)]
    return _turned(image, _angle(level, rng), rng.uniform(1.0, 1.15), mode, 0.0, centred(image, rng, 0.05))


def _letterboxed_stretch(image, level, rng, axis):
    """Enlarged along one axis, the other one shrunk, on a plain ground."""
    coords = list(grid(image))
    grow = 1 + level * rng.uniform(0.4, 0.8)
    shrink = 1 + level * rng.uniform(0.2, 0.5)
    for k, factor in ((axis, 1 / grow), (1 - axis, shrink)):
        middle = (image.shape[k] - 1) / 2
        coords[k] = middle + (coords[k] - middle) * factor
    return remap(image, *coords, "fill" if rng.random() < 0.7 else "edge", _plain(rng))


@operator("stretched wide")
def wide_on_plain_ground(image, level, rng):
    return _letterboxed_stretch(image, level, rng, 1)


@operator("stretched tall")
def tall_on_plain_ground(image, level, rng):
    return _letterboxed_stretch(image, level, rng, 0)


# ------------------------------------------------------------------------- close-up, distant view, blocks


@operator("close-up")
def cropped_with_kernel(image, level, rng):
    """A crop enlarged with one of the usual kernels, the coarsest included."""
    h, w = image.shape[:2]
    part = 1 / (1 + 2 * level * rng.uniform(0.85, 1.15))
    top, left = (n * (1 - part) * rng.uniform(0.3, 0.7) for n in (h, w))
    box = (left, top, left + w * part, top + h * part)
    kernels = (
        Pil.Resampling.NEAREST,
        Pil.Resampling.BILINEAR,
        Pil.Resampling.BICUBIC,
        Pil.Resampling.LANCZOS,
    )
    kernel = kernels[rng.choice(4, p=(0.1, 0.3, 0.3, 0.3))]
    planes = [Pil.fromarray(np.ascontiguousarray(image[..., c])) for c in range(3)]
    return np.stack([np.asarray(p.resize((w, h), kernel, box=box)) for p in planes], -1)


@operator("distant view")
def small_on_plain_ground(image, level, rng):
    factor = 1 + level * rng.uniform(1.0, 1.8)
    dy, dx, cy, cx = centred(image, rng)
    small = blur(image, 0.4 * (factor - 1))
    mode = "fill" if rng.random() < 0.7 else "edge"
    return remap(small, cy + dy * factor, cx + dx * factor, mode, _plain(rng))


@operator("pixel art")
def picked_not_averaged(image, level, rng):
    """Every nth pixel enlarged; how large the blocks are follows the level."""
    h, w = image.shape[:2]
    factor = 1 + level * side(image) * rng.uniform(0.03, 0.06)
    size = tuple(max(6, round(n / factor)) for n in (h, w))
    small = resize(image, size, nearest=rng.random() < 0.6)
    return mix(image, resize(small, (h, w), nearest=True), min(1, 5 * level))


@operator("wavy")
def wandering_rows(image, level, rng):
    """Every row (or column) is moved on by a smooth random walk."""
    h, w = image.shape[:2]
    axis = int(rng.integers(2))
    walk = smooth_noise((w if axis else h, 48), rng.uniform(3, 9), rng)[:, 0] - 0.5
    reach = side(image) * 0.12 * level * rng.uniform(0.8, 1.2)
    y, x = grid(image)
    if axis:
        return remap(image, y + reach * walk[None], x, _mode(rng), _plain(rng))
    return remap(image, y, x + reach * walk[:, None], _mode(rng), _plain(rng))
