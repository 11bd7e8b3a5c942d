"""Pictures repeated, mirrored, framed, cropped and cut up, each in one more way."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, mix, resize, side
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    blended,
    cell_means,
    gray,
    saturate,
    soft,
    step,
    stretch,
    voronoi,
)
from finexl.lab.operators._warp import any_colour, centred, grid, remap
from finexl.lab.operators.smoothing import edge_stopped, moved, unit


@operator("circular crop")
def round_window(image: Array, level: float, rng: Rng) -> Array:
    """All but a disc about the middle is covered by a plain or a blurred ground."""
    dy, dx, _, _ = centred(image, rng, 0.04)
    reach = np.hypot(*image.shape[:2]) / 2
    radius = mix(reach, side(image) * rng.uniform(0.33, 0.48), level)
    hard = rng.choice((1.0, 1.0, 0.04 * side(image)))
    inside = np.clip((radius - np.hypot(dy, dx)) / hard + 0.5, 0, 1)[..., None]
    return mix(any_colour(rng, image), image, inside)


@operator("cluttered")
def crowded_with_pieces(image: Array, level: float, rng: Rng) -> Array:
    """Small turned copies of any parts strewn all over."""
    out = image.copy()
    h, w = image.shape[:2]
    for _ in range(round(level * rng.integers(25, 60))):
        a, b = (max(4, round(side(image) * rng.uniform(0.06, 0.18))) for _ in range(2))
        y0, x0, y1, x1 = (int(rng.integers(0, n - k)) for n, k in ((h, a), (w, b), (h, a), (w, b)))
        piece = image[y0 : y0 + a, x0 : x0 + b][:: rng.choice((-1, 1)), :: rng.choice((-1, 1))]
        out[y1 : y1 + a, x1 : x1 + b] = piece[..., rng.permutation(3)] if rng.random() < 0.4 else piece
    return out


@operator("collage")
def cut_and_shuffled(image: Array, level: float, rng: Rng) -> Array:
    """Cut into unequal rectangles; more and more of them show another part, mirrored, enlarged or recoloured."""
    h, w = image.shape[:2]
    out = image.copy()
    rows, columns = (
        np.concatenate([[0], np.sort(rng.uniform(0.1, 0.9, int(rng.integers(2, 5)))), [1]]) * n
        for n in (h, w)
    )
    edge = any_colour(rng, image)
    gap = int(rng.integers(0, max(2, round(0.015 * side(image)) + 1)))
    for top, low in zip(rows[:-1].astype(int), rows[1:].astype(int), strict=True):
        for left, right in zip(columns[:-1].astype(int), columns[1:].astype(int), strict=True):
            a, b = low - top, right - left
            if rng.random() > level or min(a, b) < 2 * gap + 3:
                continue
            y, x = int(rng.integers(0, h - a + 1)), int(rng.integers(0, w - b + 1))
            piece = image[y : y + a, x : x + b][:, :: rng.choice((-1, 1))]
            piece = gray(piece)[..., None] * any_colour(rng) if rng.random() < 0.25 else piece
            out[top:low, left:right] = edge
            out[top + gap : low - gap, left + gap : right - gap] = piece[gap : a - gap, gap : b - gap]
    return out


@operator("framed")
def double_border(image: Array, level: float, rng: Rng) -> Array:
    """A border of two or three bands over the picture's rim, sometimes with a bevel."""
    h, w = image.shape[:2]
    y, x = grid(image)
    inwards = np.minimum(np.minimum(y, h - 1 - y), np.minimum(x, w - 1 - x))
    width = side(image) * level * rng.uniform(0.08, 0.15)
    out = image
    for share in (1.0, rng.uniform(0.7, 0.9), rng.uniform(0.1, 0.5))[: rng.integers(2, 4)]:
        cover = np.clip(width * share - inwards, 0, 1)[..., None]
        lit = 1 + rng.choice((0.0, 0.25)) * np.sign(y / h - x / w)[..., None] * 0.5
        out = mix(out, any_colour(rng, image) * lit, cover)
    return out


@operator("letterboxed")
def bars_of_blur_or_black(image: Array, level: float, rng: Rng) -> Array:
    """Bars above and below, or to the sides: black, dark or a dimmed blur of the picture."""
    h, w = image.shape[:2]
    y, x = grid(image)
    away = (
        np.minimum(y, h - 1 - y) / h + 0 * x if rng.random() < 0.75 else np.minimum(x, w - 1 - x) / w + 0 * y
    )
    bar = np.clip((level * rng.uniform(0.12, 0.22) - away) * h + 0.5, 0, 1)[..., None]
    ground = np.float32(rng.choice((0.0, 0.0, 0.0, 0.06, 1.0)))
    if rng.random() < 0.15:
        ground = 0.4 * blur(image, 0.05 * side(image))
    return mix(image, ground, bar)


@operator("mirrored")
def folded_along_a_line(image: Array, level: float, rng: Rng) -> Array:
    """One side of a line through the middle is the other's reflection; the line is level, upright or slanted."""
    angle = rng.choice((0, np.pi / 2, np.pi, 1.5 * np.pi)) if rng.random() < 0.75 else rng.uniform(0, 6.3)
    dy, dx, cy, cx = centred(image, rng, 0.03)
    n = np.array([np.sin(angle), np.cos(angle)])
    far = np.maximum(dy * n[0] + dx * n[1], 0)
    there = remap(image, cy + dy - 2 * far * n[0], cx + dx - 2 * far * n[1], "reflect")
    return mix(image, there, min(1.0, level * rng.uniform(1.0, 1.3)))


@operator("repeated tiles")
def small_copies(image: Array, level: float, rng: Rng) -> Array:
    """The picture goes on repeating as it shrinks; every second copy may be turned over."""
    h, w = image.shape[:2]
    many = 1 + level * rng.uniform(1.0, 3.0)
    y, x = grid(image)
    mode = "wrap" if rng.random() < 0.7 else "reflect"
    start = rng.choice((0.0, 0.5))
    source = blur(image, 0.3 * (many - 1))
    return remap(source, (y - start * h) * many + start * h + 0 * x, (x - start * w) * many + start * w, mode)


@operator("kaleidoscopic")
def wedges_folded(image: Array, level: float, rng: Rng) -> Array:
    """Angles folded into one wedge and its mirror image, cross-faded early on."""
    dy, dx, cy, cx = centred(image, rng, 0.05)
    wedge = np.pi / int(rng.integers(3, 9))
    angle = np.arctan2(dy, dx) + rng.uniform(0, 6.3)
    folded = np.abs((angle + wedge) % (2 * wedge) - wedge) + rng.uniform(0, 6.3)
    r = np.hypot(dy, dx) * rng.uniform(0.7, 1.1)
    return mix(image, remap(image, cy + r * np.sin(folded), cx + r * np.cos(folded)), min(1.0, 1.2 * level))


@operator("minimalist")
def all_but_middle_emptied(image: Array, level: float, rng: Rng) -> Array:
    """Outside a soft oval everything gives way to one even tone; inside detail is calmed."""
    dy, dx, _, _ = centred(image, rng, 0.08)
    r = np.hypot(dy / rng.uniform(0.7, 1.2), dx) / side(image)
    edge = rng.uniform(0.16, 0.3)
    outside = step(r, edge, edge + rng.uniform(0.03, 0.15))[..., None]
    ground = mix(image.mean((0, 1)), rng.uniform(0.75, 1.0), rng.uniform(0.3, 1))
    calm = edge_stopped(image, 4, 0.14, 3 * unit(image))
    return mix(image, mix(calm, ground.astype(np.float32), outside), level)


@operator("glitched")
def bands_and_channels_off(image: Array, level: float, rng: Rng) -> Array:
    """Bands of rows pushed aside, their channels apart, some filled with noise or another channel."""
    h, w = image.shape[:2]
    out = image.copy()
    for _ in range(int(rng.integers(4, 14))):
        top = int(rng.integers(0, h - 2))
        low = min(h, top + max(1, round(h * rng.uniform(0.005, 0.1))))
        push = round(w * level * rng.normal(0, 0.12))
        for c in range(3):
            out[top:low, :, c] = np.roll(
                image[top:low, :, c], push + round(w * level * rng.normal(0, 0.03)), 1
            )
        if rng.random() < 0.25 * level:
            out[top:low] = out[top:low][..., rng.permutation(3)]
    apart = round(w * level * rng.uniform(0, 0.03))
    out[..., 0] = np.roll(out[..., 0], apart, 1)
    return out


@operator("shattered")
def cells_thrown_apart(image: Array, level: float, rng: Rng) -> Array:
    """Cells each moved and turned a little, with light or dark cracks between."""
    size = side(image) * rng.uniform(0.12, 0.25)
    labels, count, _, border = voronoi(image.shape[:2], size, rng, 1.0)
    y, x = grid(image)
    middle = cell_means(np.stack([y + 0 * x, x + 0 * y, x + 0 * y], -1), labels, count)[labels]
    turn = (level * rng.normal(0, 0.3, count)).astype(np.float32)[labels]
    dy, dx = y - middle[..., 0], x - middle[..., 1]
    move = (level * size * rng.normal(0, 0.22, (count, 2))).astype(np.float32)[labels]
    s, c = np.sin(turn), np.cos(turn)
    out = remap(
        image,
        middle[..., 0] + dy * c + dx * s + move[..., 0],
        middle[..., 1] + dx * c - dy * s + move[..., 1],
    )
    crack = np.clip(rng.uniform(0.6, 1.4) * unit(image) - border, 0, 1) * min(1.0, 2 * level)
    return mix(out, np.float32(rng.choice((0.0, 1.0, 0.9))), crack[..., None])


@blended("stained glass")
def glass_in_dark_lead(image: Array, rng: Rng) -> Array:
    """Cells of rich colour, unevenly lit, parted by dark lead."""
    size = side(image) * rng.uniform(0.06, 0.13)
    labels, count, _, border = voronoi(image.shape[:2], size, rng, 1.0, image, rng.choice((0.0, 1.0, 2.5)))
    fill = saturate(cell_means(image, labels, count)[labels], rng.uniform(1.4, 2.2)) * rng.uniform(1.05, 1.3)
    edge = (labels != moved(labels, 0, 1)) | (labels != moved(labels, 1, 0))
    lead = np.clip(soft(edge.astype(np.float32), rng.uniform(0.7, 1.4) * unit(image)) * 2.6, 0, 1)
    glow = 0.85 + 0.3 * np.clip(border / size, 0, 1)
    return fill * glow[..., None] * (1 - lead[..., None] * rng.uniform(0.85, 1))


@blended("paper cutout")
def stacked_tones_with_shadows(image: Array, rng: Rng) -> Array:
    """Sheets cut along tones, one over another, each throwing a shadow."""
    plane = stretch(soft(gray(image), rng.uniform(2, 4) * unit(image)))
    cuts = np.linspace(0.2, 0.8, int(rng.integers(3, 6)))
    off = max(1, round(rng.uniform(1.5, 3) * unit(image)))
    out = np.broadcast_to(image[plane <= cuts[0]].mean(0) if (plane <= cuts[0]).any() else 0.2, image.shape)
    for cut in cuts:
        mask = (plane > cut).astype(np.float32)
        shadow = soft(moved(mask, -off, -off), off) * (1 - mask)
        near = mask * (plane < cut + 0.25)
        colour = (image * near[..., None]).sum((0, 1)) / max(float(near.sum()), 1.0)
        out = mix(out * (1 - 0.45 * shadow[..., None]), saturate(colour[None, None], 1.4), mask[..., None])
    return out


@blended("pop art")
def loud_flat_tones(image: Array, rng: Rng) -> Array:
    """Three to five tones in clashing bright colours, in one picture or four copies of it."""
    panels = int(rng.choice((1, 2)))
    h, w = image.shape[:2]
    small = resize(image, (-(-h // panels), -(-w // panels)))
    tone = stretch(soft(gray(small), rng.uniform(0.6, 1.6)))
    cuts = np.sort(rng.uniform(0.15, 0.85, int(rng.integers(2, 5))))
    index, parts = np.digitize(tone, cuts), []
    for _ in range(panels * panels):
        bright = rng.random((len(cuts) + 1, 3))
        bright[np.arange(len(bright)), rng.integers(0, 3, len(bright))] = rng.uniform(0.85, 1, len(bright))
        bright[:, :] = np.where(bright < 0.5, bright * 0.3, bright)
        if rng.random() < 0.6:
            bright[0] = rng.uniform(0, 0.15)
        parts.append(bright[index].astype(np.float32))
    rows = [np.concatenate(parts[k * panels : (k + 1) * panels], 1) for k in range(panels)]
    return np.concatenate(rows, 0)[:h, :w]
