"""Blurs about a point, along a line, by depth and at reduced sizes, in several colour spaces."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, coordinates, luma, mix, resize, side, smooth_noise
from finexl.lab.operators._spaces import from_lab, from_linear, to_lab, to_linear
from finexl.lab.operators._strokes import Array, Rng, box, saturate, step
from finexl.lab.operators._warp import centred, convolve, disk_kernel, grid, remap


def some_blur(image: Array, sigma: float, rng: Rng) -> Array:
    """About as wide as a Gaussian of `sigma`, of a random kind."""
    kind = rng.integers(3)
    if kind == 0 or sigma < 0.7:
        return blur(image, sigma)
    if kind == 1:
        return box(box(image, round(2.45 * sigma) | 1), max(1, round(2.45 * sigma) | 1))
    return convolve(image, disk_kernel(2 * sigma))


# ------------------------------------------------------------------------------------------------ blurry


@operator("blurry")
def lightness_blurred_most(image: Array, level: float, rng: Rng) -> Array:
    """Lightness and colour blurred each by its own amount."""
    sigma = side(image) * rng.uniform(0.012, 0.035) * level
    lab = to_lab(image)
    light, colour = blur(lab[..., :1], sigma), blur(lab[..., 1:], sigma * rng.uniform(0.3, 1.5))
    return from_lab(np.concatenate([light, colour], -1))


@operator("blurry")
def pyramid_of_halves(image: Array, level: float, rng: Rng) -> Array:
    """Halved by 2 x 2 means, then enlarged step by step."""
    shape = image.shape[:2]
    depth = level * rng.uniform(2.0, 3.2) + np.log2(max(1.0, side(image) / 208))
    small, made = image, [image]
    for _ in range(int(np.ceil(depth))):
        small = resize(small, tuple(max(4, n // 2) for n in small.shape[:2]))
        made.append(resize(small, shape))
    low = int(depth)
    return mix(made[low], made[min(low + 1, len(made) - 1)], depth - low)


@operator("blurry")
def several_small_boxes(image: Array, level: float, rng: Rng) -> Array:
    """Means of a small odd window, whole or by rows and columns of different width."""
    out, reach = image, side(image) * rng.uniform(0.015, 0.05) * level
    for _ in range(int(rng.integers(1, 4))):
        a, b = (max(1, round(reach * rng.uniform(0.8, 1.2)) | 1) for _ in range(2))
        out = ndimage.uniform_filter(out, (a, b, 1), mode="reflect")
    return mix(image, out, min(1.0, 4 * level))


@operator("blurry")
def root_space_blur(image: Array, level: float, rng: Rng) -> Array:
    """Blurred as a power of the picture: light or dark parts spread farther."""
    power, sigma = rng.uniform(0.5, 3), side(image) * rng.uniform(0.01, 0.03) * level
    return np.clip(some_blur(np.clip(image, 0, 1) ** power, sigma, rng), 0, 1) ** (1 / power)


# -------------------------------------------------------------------------------------------- soft focus


@operator("soft focus")
def linear_light_veil(image: Array, level: float, rng: Rng) -> Array:
    light = to_linear(image)
    veil = blur(light, side(image) * rng.uniform(0.012, 0.04))
    return from_linear(mix(light, veil, level * rng.uniform(0.5, 0.85)))


@operator("soft focus")
def lightness_softened(image: Array, level: float, rng: Rng) -> Array:
    """Fine detail lowered and the lights made to bleed a little, in lightness only."""
    lab = to_lab(image)
    light = lab[..., :1]
    near, far = blur(light, side(image) * 0.008), blur(light, side(image) * rng.uniform(0.02, 0.04))
    out = light - level * rng.uniform(0.6, 0.9) * (light - near)
    out = out + level * rng.uniform(0.2, 0.5) * np.maximum(far - light, 0)
    return from_lab(np.concatenate([out, lab[..., 1:]], -1))


@operator("soft focus")
def screened_blur(image: Array, level: float, rng: Rng) -> Array:
    veil = some_blur(image, side(image) * rng.uniform(0.012, 0.03), rng)
    screened = 1 - (1 - image) * (1 - veil)
    return mix(image, mix(veil, screened, rng.uniform(0.1, 0.45)), level * rng.uniform(0.5, 0.8))


# ------------------------------------------------------------------------- motion, spinning and zoom blur


@operator("motion blur")
def rows_or_columns_smeared(image: Array, level: float, rng: Rng) -> Array:
    """A plain or a one-sided mean along rows or columns."""
    axis, width = int(rng.integers(2)), max(1, round(side(image) * level * rng.uniform(0.07, 0.17)))
    origin = int(rng.choice((0, (width - 1) // 2, -((width - 1) // 2))))
    light = to_linear(image) if rng.random() < 0.3 else None
    mode = str(rng.choice(("nearest", "reflect", "wrap")))
    source = image if light is None else light
    out = ndimage.uniform_filter1d(source, width, axis, mode=mode, origin=origin)
    out = out if light is None else from_linear(out)
    return mix(image, out, min(1.0, 6 * level))


@operator("motion blur")
def slanted_line_of_copies(image: Array, level: float, rng: Rng) -> Array:
    """Whole-pixel steps along a line of any slant, doubled until it is long enough."""
    angle, length = rng.uniform(0, np.pi), side(image) * level * rng.uniform(0.07, 0.16)
    y, x = grid(image)
    out, reach = image, length / 2
    mode = ("edge", "reflect")[rng.integers(2)]
    while reach > 0.7:
        dy, dx = reach / 2 * np.sin(angle), reach / 2 * np.cos(angle)
        out = 0.5 * (remap(out, y - dy, x - dx, mode) + remap(out, y + dy, x + dx, mode))
        reach /= 2
    return out


def turned(image: Array, centre: tuple, angle: float, mode: str) -> Array:
    dy, dx, cy, cx = centre
    s, c = np.float32(np.sin(angle)), np.float32(np.cos(angle))
    return remap(image, cy + dy * c + dx * s, cx + dx * c - dy * s, mode)


def border_mode(rng: Rng) -> str:
    return ("reflect", "edge", "edge", "fill")[rng.integers(4)]


@operator("spinning blur")
def doubled_turns(image: Array, level: float, rng: Rng) -> Array:
    """The mean over all small turns about a centre, built by halving the turn again and again."""
    centre, mode = centred(image, rng, rng.choice((0.0, 0.12))), border_mode(rng)
    reach, out = np.deg2rad(rng.uniform(9, 18)) * level, image
    for _ in range(4):
        out = 0.5 * (turned(out, centre, -reach / 2, mode) + turned(out, centre, reach / 2, mode))
        reach /= 2
    return out


@operator("spinning blur")
def polar_rows_smeared(image: Array, level: float, rng: Rng) -> Array:
    """Unrolled to angle and radius, smeared along the angle, rolled up again."""
    dy, dx, cy, cx = centred(image, rng, rng.choice((0.0, 0.1)))
    radius, angle = np.hypot(dy, dx), np.arctan2(dy, dx)
    most = float(radius.max())
    turns, rings = 3 * side(image), round(most) + 1
    a = np.arange(turns, dtype=np.float32)[:, None] * np.float32(2 * np.pi / turns)
    r = np.arange(rings, dtype=np.float32)[None]
    rolled = remap(image, cy + r * np.sin(a), cx + r * np.cos(a), ("reflect", "edge")[rng.integers(2)])
    width = max(1, round(turns * level * rng.uniform(0.04, 0.08)))
    if rng.random() < 0.5:
        rolled = ndimage.uniform_filter1d(rolled, width, 0, mode="wrap")
    else:
        rolled = ndimage.gaussian_filter1d(rolled, 0.35 * width, 0, mode="wrap", truncate=2)
    out = remap(rolled, (angle / (2 * np.pi) % 1) * turns, np.broadcast_to(radius, angle.shape), "wrap")
    return mix(image, out, min(1.0, 8 * level))


@operator("spinning blur")
def few_turned_copies(image: Array, level: float, rng: Rng) -> Array:
    """Some turned copies averaged, evenly or fading to one side, in linear light or not."""
    centre, mode = centred(image, rng, rng.choice((0.0, 0.08))), border_mode(rng)
    most, count = np.deg2rad(rng.uniform(8, 20)) * level, int(rng.integers(5, 9))
    linear = rng.random() < 0.3
    source = to_linear(image) if linear else image
    weights = np.ones(count) if rng.random() < 0.6 else np.linspace(1.5, 0.3, count)
    start = rng.choice((0.0, -0.5))
    total = np.zeros_like(image)
    for t, weight in zip(np.linspace(0, 1, count), weights / weights.sum(), strict=True):
        total += turned(source, centre, (t + start) * most, mode) * np.float32(weight)
    return from_linear(total) if linear else total


@operator("spinning blur")
def sharp_hub(image: Array, level: float, rng: Rng) -> Array:
    """Spun about a hub that stays sharp."""
    centre, mode = centred(image, rng, 0.06), border_mode(rng)
    reach, out = np.deg2rad(rng.uniform(10, 20)) * level, image
    for _ in range(4):
        out = 0.5 * (turned(out, centre, -reach / 2, mode) + turned(out, centre, reach / 2, mode))
        reach /= 2
    hub = side(image) * rng.uniform(0.08, 0.25)
    return mix(image, out, step(np.hypot(centre[0], centre[1]), hub, 1.6 * hub)[..., None])


@operator("zoom blur")
def halved_zooms(image: Array, level: float, rng: Rng) -> Array:
    """The mean over all zooms up to some size, by means of two that halve the zoom each time."""
    dy, dx, cy, cx = centred(image, rng, rng.choice((0.0, 0.1)))
    reach, out = rng.uniform(0.12, 0.28) * level, image
    mode = ("edge", "reflect")[rng.integers(2)]
    inwards = rng.random() < 0.4
    for _ in range(4):
        a, b = (np.exp(-reach / 2), np.exp(reach / 2)) if inwards else (1.0, np.exp(-reach))
        out = 0.5 * (remap(out, cy + dy * a, cx + dx * a, mode) + remap(out, cy + dy * b, cx + dx * b, mode))
        reach /= 2
    return out


# ------------------------------------------------------------- tilt-shift, depth of field, close-up, frost


def by_map(image: Array, amount: Array, sigma: float, rng: Rng) -> Array:
    """Blurred more where `amount` (H, W) is nearer 1, through one or two blurred copies."""
    linear = rng.random() < 0.3
    source = to_linear(image) if linear else image
    far = some_blur(source, sigma, rng)
    near = blur(source, 0.4 * sigma)
    a = amount[..., None]
    out = mix(mix(source, near, np.clip(2.5 * a, 0, 1)), far, step(a, 0.3, 1))
    return from_linear(out) if linear else out


def band(image: Array, rng: Rng, most: float) -> Array:
    """0 in a band across the picture and 1 far from it."""
    y, x = coordinates(*image.shape[:2])
    angle = rng.normal(0, most)
    away = np.abs((y - rng.uniform(0.38, 0.68)) * np.cos(angle) + (x - 0.5) * np.sin(angle))
    width = rng.uniform(0.06, 0.16)
    return step(away, width, width + rng.uniform(0.05, 0.3))


@operator("tilt-shift")
def two_blurs_off_the_band(image: Array, level: float, rng: Rng) -> Array:
    out = by_map(image, band(image, rng, 0.1), side(image) * level * rng.uniform(0.018, 0.035), rng)
    return saturate(out, 1 + level * rng.uniform(0, 0.35))


@operator("tilt-shift")
def rows_ever_softer(image: Array, level: float, rng: Rng) -> Array:
    """Upper and lower parts blurred in steps that grow with the distance from a level line."""
    y = coordinates(*image.shape[:2])[0]
    away = np.abs(y - rng.uniform(0.4, 0.65))
    out, start, count = image, rng.uniform(0.06, 0.14), int(rng.integers(2, 4))
    for k in range(count):
        edge = start + k * rng.uniform(0.06, 0.12)
        softer = blur(out, side(image) * level * rng.uniform(0.01, 0.022))
        out = mix(out, softer, np.clip((away - edge) / 0.06, 0, 1)[..., None])
    return out


@operator("tilt-shift")
def slanted_miniature(image: Array, level: float, rng: Rng) -> Array:
    """A band of any slant, brighter and stronger in colour, as a model on a table."""
    out = by_map(image, band(image, rng, 0.5), side(image) * level * rng.uniform(0.02, 0.04), rng)
    return saturate(out * (1 + 0.08 * level), 1 + level * rng.uniform(0.1, 0.5))


@operator("shallow depth of field")
def surroundings_out_of_focus(image: Array, level: float, rng: Rng) -> Array:
    """A rounded or squarish part about the middle stays sharp."""
    y, x = coordinates(*image.shape[:2])
    power = rng.choice((1.5, 2, 2, 4))
    dy, dx = (np.abs(t - rng.uniform(0.38, 0.62)) / rng.uniform(0.18, 0.34) for t in (y, x))
    amount = step((dy**power + dx**power) ** (1 / power), 0.8, rng.uniform(1.1, 1.8))
    return by_map(image, amount, side(image) * level * rng.uniform(0.02, 0.045), rng)


@operator("shallow depth of field")
def detail_decides(image: Array, level: float, rng: Rng) -> Array:
    """The most detailed part near the middle stays sharp; all the rest is blurred."""
    s = side(image)
    plane = luma(image)[..., 0]
    busy = blur(np.abs(plane - blur(plane, 0.01 * s)), rng.uniform(0.05, 0.09) * s)
    y, x = coordinates(*image.shape[:2])
    busy = busy * np.exp(-((y - 0.5) ** 2 + (x - 0.5) ** 2) * rng.uniform(4, 8))
    low, high = np.percentile(busy[::4, ::4], (rng.uniform(45, 60), rng.uniform(75, 88)))
    amount = 1 - step(busy, low, high + 1e-4)
    return by_map(image, amount, s * level * rng.uniform(0.02, 0.04), rng)


@operator("close-up")
def enlarged_towards_detail(image: Array, level: float, rng: Rng) -> Array:
    """Enlarged about the most detailed place, wherever that is."""
    s = side(image)
    plane = luma(image)[..., 0]
    busy = blur(np.abs(plane - blur(plane, 0.015 * s)), 0.08 * s)
    at = np.unravel_index(int(busy.argmax()), busy.shape)
    factor = 1 + level * rng.uniform(1.2, 2.4)
    y, x = grid(image)
    return remap(image, at[0] + (y - at[0]) / factor, at[1] + (x - at[1]) / factor, "edge")


@operator("frosted glass")
def wavering_pane(image: Array, level: float, rng: Rng) -> Array:
    """Small lens-like bumps bend the light; a little blur and a pale sheen over it."""
    h, w = image.shape[:2]
    bumps = np.stack([smooth_noise((h, w), rng.uniform(25, 60), rng) - 0.5 for _ in range(2)], -1)
    reach = 0.08 * side(image) * level
    y, x = grid(image)
    out = remap(
        blur(image, 0.004 * side(image) * level), y + reach * bumps[..., 0], x + reach * bumps[..., 1]
    )
    return mix(out, 1.0, level * rng.uniform(0, 0.15))
