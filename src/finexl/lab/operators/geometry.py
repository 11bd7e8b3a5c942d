"""Geometry: warps, rotations, mirrors, broken signals and broken glass."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, mix, resize, side, smooth_noise
from finexl.lab.operators._warp import border, cells, centred, grid, remap


def _radial(image, factor, centre, mode, fill):
    """Sample at `factor` times the distance from the centre."""
    dy, dx, cy, cx = centre
    return remap(image, cy + dy * factor, cx + dx * factor, mode, fill)


# -------------------------------------------------------------------------------------- fisheye, pinched


@operator("fisheye")
def barrel(image, level, rng):
    centre = centred(image, rng, 0.03)
    r2 = (centre[0] ** 2 + centre[1] ** 2) / (side(image) / 2) ** 2
    k = level * rng.uniform(0.7, 1.0)
    mode, fill = border(rng, image)
    return _radial(image, (1 + k * r2) / (1 + 0.7 * k), centre, mode, fill)


@operator("fisheye")
def bulge(image, level, rng):
    centre = centred(image, rng, 0.04)
    reach = np.hypot(*image.shape[:2]) / 2 * rng.uniform(0.75, 1.0)
    r = np.minimum(np.hypot(centre[0], centre[1]) / reach, 1) + 1e-6
    return _radial(image, r ** (1.0 * level * rng.uniform(0.85, 1.15)), centre, "edge", 0)


@operator("fisheye")
def glass_ball(image, level, rng):
    """Inverse orthographic projection inside a disk, a dark or pale rim outside when strong."""
    centre = centred(image, rng)
    r = np.hypot(centre[0], centre[1]) / (side(image) / 2 * rng.uniform(0.95, 1.15))
    inside = np.minimum(r, 0.999)
    factor = mix(1, np.arcsin(inside) / (np.pi / 2) / (inside + 1e-6), level)
    out = _radial(image, factor, centre, "edge", 0)
    colour = 0.0 if rng.random() < 0.8 else 1.0
    outside = np.clip((r - 1) * side(image) / 3, 0, 1)[..., None] * level
    return mix(out, colour, outside)


@operator("pinched")
def power_pinch(image, level, rng):
    centre = centred(image, rng, 0.05)
    reach = side(image) / 2 * rng.uniform(0.85, 1.15)
    r = np.clip(np.hypot(centre[0], centre[1]) / reach, 0.02, 1)
    return _radial(image, r ** (-0.6 * level), centre, "reflect", 0)


@operator("pinched")
def pincushion(image, level, rng):
    centre = centred(image, rng, 0.03)
    r2 = (centre[0] ** 2 + centre[1] ** 2) / (side(image) / 2) ** 2
    k = 0.9 * level * rng.uniform(0.8, 1.1)
    mode, fill = border(rng, image)
    return _radial(image, (1 + 0.8 * k) / (1 + k * r2), centre, "edge" if mode == "wrap" else mode, fill)


@operator("pinched")
def gaussian_pinch(image, level, rng):
    centre = centred(image, rng, 0.06)
    r = np.hypot(centre[0], centre[1]) / (side(image) * rng.uniform(0.26, 0.36))
    return _radial(image, 1 + 1.6 * level * np.exp(-(r**2)), centre, "reflect", 0)


# ---------------------------------------------------------------------------------------- swirled, wavy


def _turn(image, angle, centre, mode, fill=0.0):
    dy, dx, cy, cx = centre
    s, c = np.sin(angle), np.cos(angle)
    return remap(image, cy + dy * c + dx * s, cx + dx * c - dy * s, mode, fill)


def _sign(rng):
    return 1 if rng.random() < 0.5 else -1


@operator("swirled")
def exponential_swirl(image, level, rng):
    centre = centred(image, rng, 0.06)
    r = np.hypot(centre[0], centre[1]) / (side(image) * rng.uniform(0.2, 0.3))
    return _turn(image, _sign(rng) * 3.6 * level * np.exp(-r), centre, "reflect")


@operator("swirled")
def disk_swirl(image, level, rng):
    centre = centred(image, rng, 0.04)
    r = np.clip(np.hypot(centre[0], centre[1]) / (side(image) * rng.uniform(0.45, 0.6)), 0, 1)
    return _turn(image, _sign(rng) * 3.2 * level * (1 - r) ** rng.uniform(1, 2), centre, "reflect")


@operator("swirled")
def gaussian_swirl(image, level, rng):
    centre = centred(image, rng, 0.06)
    r = np.hypot(centre[0], centre[1]) / (side(image) * rng.uniform(0.28, 0.4))
    mode, fill = border(rng, image)
    return _turn(image, _sign(rng) * 2.6 * level * np.exp(-(r**2)), centre, mode, fill)


@operator("wavy")
def sine_rows(image, level, rng):
    y, x = grid(image)
    s = side(image)
    mode, fill = border(rng, image)
    amount, count = 0.05 * level * s * rng.uniform(0.7, 1.2), rng.uniform(2, 6)
    wave_y = np.sin(2 * np.pi * count * y / s + rng.uniform(0, 6))
    wave_x = np.sin(2 * np.pi * count * x / s + rng.uniform(0, 6))
    if rng.random() < 0.5:
        return remap(image, y, x + amount * wave_y, mode, fill)
    return remap(image, y + amount * wave_x, x, mode, fill)


@operator("wavy")
def sine_both(image, level, rng):
    y, x = grid(image)
    s = side(image)
    amount = 0.035 * level * s * rng.uniform(0.8, 1.2)
    f = 2 * np.pi * rng.uniform(1.5, 5, 2) / s
    p = rng.uniform(0, 6, 2)
    return remap(image, y + amount * np.sin(f[0] * x + p[0]), x + amount * np.sin(f[1] * y + p[1]), "reflect")


@operator("wavy")
def ripples(image, level, rng):
    centre = centred(image, rng, 0.15)
    s = side(image)
    r = np.hypot(centre[0], centre[1]) + 1e-3
    push = 0.028 * level * s * np.sin(2 * np.pi * r / s * rng.uniform(4, 8) + rng.uniform(0, 6))
    return _radial(image, 1 + push / np.maximum(r, 0.05 * s), centre, "reflect", 0)


@operator("wavy")
def elastic(image, level, rng):
    y, x = grid(image)
    amount, bumps = 0.13 * level * side(image), rng.uniform(3, 7)
    dy, dx = (smooth_noise(image.shape[:2], bumps, rng) - 0.5 for _ in range(2))
    return remap(image, y + amount * dy, x + amount * dx, "reflect")


# ----------------------------------------------------------------------------------- stretched, tilted


def _stretch(image, level, rng, axis):
    """Enlarge along one axis about a random anchor."""
    coords = list(grid(image))
    n = image.shape[axis]
    anchor = n * rng.uniform(0.35, 0.65)
    coords[axis] = anchor + (coords[axis] - anchor) / (1 + 1.1 * level * rng.uniform(0.85, 1.15))
    return remap(image, *coords, "reflect")


def _squeeze(image, level, rng, axis):
    """Shrink along the other axis and fill what is laid bare."""
    factor = 1 + 0.9 * level * rng.uniform(0.85, 1.15)
    mode, fill = border(rng, image)
    h, w = image.shape[:2]
    size = (max(8, round(h / factor)), w) if axis == 1 else (h, max(8, round(w / factor)))
    small = resize(image, size)
    coords = list(grid(image))
    other = 1 - axis
    coords[other] = (coords[other] + 0.5 - image.shape[other] / 2) * (
        size[other] / image.shape[other] * factor
    )
    coords[other] = coords[other] + size[other] / 2 - 0.5
    return remap(small, *coords, "edge" if mode == "wrap" else mode, fill)


def _bulge_axis(image, level, rng, axis):
    """Stretch the middle most and the ends least."""
    coords = list(grid(image))
    n = image.shape[axis]
    t = 2 * coords[axis] / (n - 1) - 1
    k = 0.65 * level * rng.uniform(0.9, 1.1)
    coords[axis] = (n - 1) * (0.5 + 0.5 * ((1 - k) * t + k * 0.4 * t**3))
    return remap(image, *coords, "edge")


@operator("stretched wide")
def enlarged_across(image, level, rng):
    return _stretch(image, level, rng, 1)


@operator("stretched wide")
def squeezed_down(image, level, rng):
    return _squeeze(image, level, rng, 1)


@operator("stretched wide")
def wide_middle(image, level, rng):
    return _bulge_axis(image, level, rng, 1)


@operator("stretched tall")
def enlarged_upwards(image, level, rng):
    return _stretch(image, level, rng, 0)


@operator("stretched tall")
def squeezed_sideways(image, level, rng):
    return _squeeze(image, level, rng, 0)


@operator("stretched tall")
def tall_middle(image, level, rng):
    return _bulge_axis(image, level, rng, 0)


@operator("tilted")
def turned(image, level, rng):
    mode, fill = border(rng, image)
    return _turn(
        image, _sign(rng) * np.deg2rad(30) * level * rng.uniform(0.85, 1.15), centred(image, rng), mode, fill
    )


@operator("tilted")
def turned_and_cropped(image, level, rng):
    h, w = image.shape[:2]
    angle = np.deg2rad(28) * level * rng.uniform(0.85, 1.15)
    zoom = np.cos(angle) + np.sin(angle) * max(h, w) / min(h, w)
    dy, dx, cy, cx = centred(image, rng)
    return _turn(image, _sign(rng) * angle, (dy / zoom, dx / zoom, cy, cx), "edge")


@operator("tilted")
def turned_off_centre(image, level, rng):
    centre = centred(image, rng, 0.3)
    mode, fill = border(rng, image)
    return _turn(image, _sign(rng) * np.deg2rad(27) * level, centre, mode, fill)


# ---------------------------------------------------------------------------------------- kaleidoscopic


def _folded(image, rng, count, turn):
    dy, dx, cy, cx = centred(image, rng, 0.12)
    wedge = 2 * np.pi / count
    angle = np.mod(np.arctan2(dy, dx) + turn, wedge)
    angle = np.minimum(angle, wedge - angle) + rng.uniform(0, 2 * np.pi)
    r = np.hypot(dy, dx)
    return cy + r * np.sin(angle), cx + r * np.cos(angle)


@operator("kaleidoscopic")
def angular_mirrors(image, level, rng):
    count = 2 * int(rng.integers(2, 6))
    ys, xs = _folded(image, rng, count, rng.uniform(0, 6))
    return mix(image, remap(image, ys, xs, "reflect"), min(1, 1.1 * level))


@operator("kaleidoscopic")
def unfolding_mirrors(image, level, rng):
    ys, xs = _folded(image, rng, 2 * int(rng.integers(2, 5)), 0)
    y, x = grid(image)
    return remap(image, mix(y, ys, level), mix(x, xs, level), "reflect")


@operator("kaleidoscopic")
def four_mirrors(image, level, rng):
    """Mirror along rows, columns and the diagonal of a zoomed corner."""
    h, w = image.shape[:2]
    y, x = grid(image)
    v, u = np.abs(2 * y / (h - 1) - 1), np.abs(2 * x / (w - 1) - 1)
    if rng.random() < 0.7:
        v, u = np.maximum(v, u), np.minimum(v, u)
    zoom = rng.uniform(0.5, 0.9)
    oy, ox = rng.uniform(0, 1 - zoom, 2)
    folded = remap(image, (oy + zoom * v) * (h - 1), (ox + zoom * u) * (w - 1), "reflect")
    return mix(image, folded, level)


# --------------------------------------------------------------------------------------------- glitched


def _rows(h, rng, blocks):
    """Random cut points that split the rows into blocks, as a block index per row."""
    cuts = np.sort(rng.integers(0, h, blocks - 1))
    return np.searchsorted(cuts, np.arange(h), side="right")


def _shift_channels(image, amount, rng):
    out = image.copy()
    out[..., 0] = np.roll(image[..., 0], round(amount), axis=1)
    out[..., 2] = np.roll(image[..., 2], -round(amount * rng.uniform(0.5, 1)), axis=1)
    return out


@operator("glitched")
def shifted_rows(image, level, rng):
    h, w = image.shape[:2]
    blocks = int(rng.integers(10, 30))
    moves = rng.normal(0, 0.16 * w, blocks) * (rng.random(blocks) < 0.6) * level
    y, x = grid(image)
    out = remap(image, y, x + moves[_rows(h, rng, blocks)][:, None], "wrap")
    return _shift_channels(out, 0.035 * w * level, rng)


@operator("glitched")
def misplaced_blocks(image, level, rng):
    h, w = image.shape[:2]
    s = side(image)
    out = _shift_channels(image, 0.02 * w * level, rng)
    source = out.copy()
    count = 30 * level
    for i in range(int(np.ceil(count))):
        bh, bw = int(s * rng.uniform(0.02, 0.1)) + 1, int(s * rng.uniform(0.1, 0.45)) + 2
        y, x, sy, sx = (int(rng.integers(0, n)) for n in (h - bh, w - bw, h - bh, w - bw))
        block = source[sy : sy + bh, sx : sx + bw]
        if rng.random() < 0.4:
            block = block[..., rng.permutation(3)]
        place = out[y : y + bh, x : x + bw]
        place += (block - place) * min(1, count - i)
    return out


@operator("glitched")
def torn_signal(image, level, rng):
    """Every channel has its own row shifts; some rows smear, some flicker."""
    h, w = image.shape[:2]
    y, x = grid(image)
    out = np.empty_like(image)
    blocks = int(rng.integers(15, 40))
    index = _rows(h, rng, blocks)
    common = rng.standard_t(2, blocks).clip(-4, 4) * 0.05 * w
    for c in range(3):
        move = (common + rng.normal(0, 0.02 * w, blocks)) * level
        out[..., c] = remap(image[..., c : c + 1], y, x + move[index][:, None], "wrap")[..., 0]
    smear = (rng.random(blocks) < 0.2)[index]
    start = int(rng.integers(w // 4, 3 * w // 4))
    out[smear, start:] = mix(out[smear, start:], out[smear, start : start + 1], level)
    return out * (1 + level * rng.normal(0, 0.15, blocks)[index][:, None, None])


# ---------------------------------------------------------------------------------------- frosted glass


@operator("frosted glass")
def pixel_spread(image, level, rng):
    y, x = grid(image)
    reach = 0.035 * side(image) * level * rng.uniform(0.8, 1.2)
    dy, dx = rng.random((2, *image.shape[:2]), np.float32) * 2 - 1
    return remap(image, y + reach * dy, x + reach * dx, "reflect")


@operator("frosted glass")
def grainy_glass(image, level, rng):
    """Displacement correlated over a few pixels, then a slight blur and veil."""
    y, x = grid(image)
    h, w = image.shape[:2]
    cells_across = side(image) / rng.uniform(2, 4)
    reach = 0.075 * side(image) * level * rng.uniform(0.8, 1.1)
    dy, dx = (smooth_noise((h, w), cells_across, rng) - 0.5 for _ in range(2))
    out = blur(remap(image, y + reach * dy, x + reach * dx, "reflect"), 0.003 * level * side(image))
    return mix(out, 1.0, rng.uniform(0, 0.12) * level)


@operator("frosted glass")
def scattering(image, level, rng):
    y, x = grid(image)
    sigma = 0.016 * side(image) * level
    image = blur(image, sigma * 0.35)
    dy, dx = rng.standard_normal((2, *image.shape[:2]), np.float32)
    out = remap(image, y + sigma * dy, x + sigma * dx, "reflect")
    return mix(out, image, rng.uniform(0, 0.3))


# -------------------------------------------------------------------------------------------- shattered


def _seeds(image, rng, count, radial):
    h, w = image.shape[:2]
    if not radial:
        return rng.random((count, 2)) * (h, w)
    angle, r = rng.uniform(0, 2 * np.pi, count), side(image) * 0.65 * rng.random(count)
    centre = np.array([h, w]) * rng.uniform(0.35, 0.65, 2)
    return centre + np.stack([r * np.sin(angle), r * np.cos(angle)], -1)


def _line(gap, width):
    return np.clip(1.3 - gap / max(width, 1e-3), 0, 1)[..., None]


@operator("shattered")
def moved_shards(image, level, rng):
    h, w = image.shape[:2]
    count = int(rng.integers(18, 45))
    index, gap = cells(h, w, _seeds(image, rng, count, rng.random() < 0.5))
    move = (rng.normal(0, 0.055 * side(image) * level, (count, 2))).astype(np.float32)
    y, x = grid(image)
    out = remap(image, y + move[index, 0], x + move[index, 1], "reflect")
    shade = rng.normal(0, 0.12 * level, count).astype(np.float32)[index][..., None]
    colour = 1.0 if rng.random() < 0.5 else 0.0
    return mix(out + shade, colour, _line(gap, 0.008 * side(image)) * 0.8 * min(1, 1.3 * level))


@operator("shattered")
def turned_shards(image, level, rng):
    h, w = image.shape[:2]
    count = int(rng.integers(14, 32))
    seeds = _seeds(image, rng, count, True).astype(np.float32)
    index, gap = cells(h, w, seeds)
    angle = rng.normal(0, 0.4 * level, count).astype(np.float32)
    s, c = np.sin(angle)[index], np.cos(angle)[index]
    sy, sx = seeds[index, 0], seeds[index, 1]
    y, x = grid(image)
    dy, dx = y - sy, x - sx
    out = remap(image, sy + dy * c + dx * s, sx + dx * c - dy * s, "reflect")
    shade = 1 + rng.normal(0, 0.18 * level, count).astype(np.float32)[index][..., None]
    return mix(
        out * shade, rng.choice([0.0, 0.05, 0.95]), _line(gap, 0.01 * side(image) * level) * min(1, 2 * level)
    )


@operator("shattered")
def impact(image, level, rng):
    """Sectors around a point of impact, split by broken rings."""
    h, w = image.shape[:2]
    dy, dx, _, _ = centred(image, rng, 0.2)
    rays, rings = int(rng.integers(9, 16)), int(rng.integers(3, 6))
    angles = np.sort(rng.uniform(-np.pi, np.pi, rays))
    wobble = 0.25 * (smooth_noise((h, w), 6, rng) - 0.5)
    sector = np.searchsorted(angles, (np.arctan2(dy, dx) + wobble).ravel()).reshape(h, w) % rays
    radius = np.hypot(dy, dx) / side(image) + rng.uniform(-0.06, 0.06, rays).astype(np.float32)[sector]
    ring = np.minimum(np.sqrt(np.maximum(radius, 0)) * rings * 1.1, rings - 1).astype(np.intp)
    index = sector * rings + ring
    n = rays * rings
    move = rng.normal(0, 0.045 * side(image) * level, (n, 2)).astype(np.float32)
    y, x = grid(image)
    out = remap(image, y + move[index, 0], x + move[index, 1], "reflect")
    out = out + rng.normal(0, 0.1 * level, n).astype(np.float32)[index][..., None]
    edge = np.zeros((h, w), np.float32)
    edge[1:] = index[1:] != index[:-1]
    edge[:, 1:] = np.maximum(edge[:, 1:], index[:, 1:] != index[:, :-1])
    edge = np.clip(blur(edge, 0.003 * side(image)) * 1.8, 0, 1)[..., None]
    return mix(out, rng.choice([1.0, 0.9, 0.05]), edge * 0.85 * min(1, 1.3 * level))
