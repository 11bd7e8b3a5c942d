"""Pictures of even pieces: grown regions, merged tones, shapes with small parts filled, cells and facets."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.spatial import Delaunay

from finexl.lab.operators._pixels import blur, mix, resize, side
from finexl.lab.operators._spaces import to_lab
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    blended,
    box,
    cell_means,
    edges,
    gray,
    nearest,
    palette_of,
    posterise,
    saturate,
    soft,
    voronoi,
)
from finexl.lab.operators.smoothing import edge_stopped, moved, unit


def halved(image: Array, factor: int = 2) -> Array:
    return resize(image, tuple(max(16, n // factor) for n in image.shape[:2]))


def regions(image: Array, size: float, pull: float, rng: Rng) -> tuple[Array, int]:
    """Labels of regions about `size` wide that follow colour; larger `pull` makes them less compact."""
    seen = to_lab(image) / 60 if rng.random() < 0.4 else image
    labels, count, _, _ = voronoi(image.shape[:2], size, rng, rng.uniform(0.2, 1), seen, pull)
    return labels, count


def joined(labels: Array, image: Array, many: int, rng: Rng) -> Array:
    """Fill labels with their mean, then give all the nearest of `many` colours (as many as `many`)."""
    means = cell_means(image, labels, int(labels.max()) + 1)
    palette = palette_of(means[labels], many, rng)
    return palette[nearest(means, palette)][labels]


def connected(codes: Array) -> tuple[Array, int]:
    """Labels of the connected areas of equal code, and their number."""
    labels, count = np.zeros(codes.shape, np.int32), 0
    for code in np.unique(codes):
        part, n = ndimage.label(codes == code)
        labels += np.where(part > 0, part + count, 0).astype(np.int32)
        count += n
    return labels - 1, count


def voted(codes: Array, kinds: int, sigma: float) -> Array:
    """The code that is commonest about each pixel: borders become smooth."""
    return np.stack([soft((codes == k).astype(np.float32), sigma) for k in range(kinds)]).argmax(0)


def without_small(plane: Array, area: int, cuts: int) -> Array:
    """Light and dark spots smaller than `area` pixels removed from a plane in `cuts` tones."""
    out = np.zeros_like(plane)
    for k in range(cuts):
        mask = plane > (k + 0.5) / cuts
        for inside in (True, False):
            part, _ = ndimage.label(mask == inside)
            small = np.bincount(part.ravel()) < area
            small[0] = False
            mask = mask ^ small[part]
        out += mask
    return out / cuts


# -------------------------------------------------------------------------------------- simplified shapes


@blended("simplified shapes")
def grown_regions(image: Array, rng: Rng) -> Array:
    size = side(image) * rng.uniform(0.05, 0.11)
    labels, count = regions(soft(image, 0.8 * unit(image)), size, rng.uniform(2.5, 8), rng)
    if rng.random() < 0.5:
        return joined(labels, image, int(rng.integers(14, 30)), rng)
    return cell_means(image, labels, count)[labels]


@blended("simplified shapes")
def alike_areas_averaged(image: Array, rng: Rng) -> Array:
    """Connected areas of about the same colour, each replaced with its mean."""
    calm = edge_stopped(image, 5, rng.uniform(0.1, 0.2), rng.uniform(2, 6) * unit(image))
    kinds = int(rng.integers(6, 14))
    codes = nearest(calm, palette_of(calm, kinds, rng))
    codes = voted(codes, kinds, rng.uniform(1.2, 3) * unit(image))
    labels, count = connected(codes)
    return cell_means(image, labels, count)[labels]


@blended("simplified shapes")
def small_areas_filled(image: Array, rng: Rng) -> Array:
    """Light and dark spots below some area filled in every channel, on a halved picture."""
    small = halved(image)
    area = int(small.shape[0] * small.shape[1] * rng.uniform(0.003, 0.012))
    cuts = int(rng.integers(7, 13))
    if rng.random() < 0.4:
        plane = gray(small)
        out = blur(small, 2) + (without_small(plane, area, cuts) - soft(plane, 2))[..., None]
    else:
        out = np.stack([without_small(small[..., c], area, cuts) for c in range(3)], -1)
    return resize(out.astype(np.float32), image.shape[:2])


@blended("simplified shapes")
def shifted_to_the_mean(image: Array, rng: Rng) -> Array:
    """Each colour moves towards the mean of the like ones around it, several times."""
    small = halved(image)
    tone, reach = rng.uniform(0.08, 0.16), side(small) * rng.uniform(0.03, 0.06)
    out = small
    for _ in range(4):
        total, weight = out.copy(), np.ones_like(out[..., :1])
        for dy, dx in np.round(rng.uniform(-reach, reach, (16, 2))).astype(int):
            near = moved(out, dy, dx)
            w = (np.square(near - out).sum(-1, keepdims=True) < 3 * tone * tone).astype(np.float32)
            total += w * near
            weight += w
        out = total / weight
    return resize(out, image.shape[:2], nearest=rng.random() < 0.2)


@blended("simplified shapes")
def blurred_and_shocked(image: Array, rng: Rng) -> Array:
    """Blurred, then every pixel becomes its lightest or darkest neighbour until borders are hard again."""
    small = halved(image) if rng.random() < 0.6 else image
    out = blur(small, side(small) * rng.uniform(0.012, 0.03))
    for _ in range(int(rng.integers(4, 7))):
        bend = ndimage.laplace(soft(gray(out), 1.0))[..., None]
        light, dark = (f(out, (3, 3, 1)) for f in (ndimage.maximum_filter, ndimage.minimum_filter))
        out = np.where(bend < -1e-4, light, np.where(bend > 1e-4, dark, out))
    return resize(soft(out, 0.6), image.shape[:2])


@blended("simplified shapes")
def blocks_opened_and_closed(image: Array, rng: Rng) -> Array:
    a, b = (max(3, round(side(image) * rng.uniform(0.02, 0.05))) for _ in range(2))
    shut = ndimage.grey_closing(ndimage.grey_opening(image, (a, a, 1)), (b, b, 1))
    return ndimage.median_filter(shut, (3, 3, 1)) if rng.random() < 0.5 else edge_stopped(shut, 4, 0.1, 3)


# ------------------------------------------------------------------------------------------- flat colours


@blended("flat colours")
def tones_with_smooth_borders(image: Array, rng: Rng) -> Array:
    calm = edge_stopped(image, 6, rng.uniform(0.12, 0.22), rng.uniform(3, 8) * unit(image))
    calm = soft(calm, rng.uniform(0.6, 2) * unit(image))
    flat = posterise(saturate(calm, rng.uniform(1, 1.3)), int(rng.integers(3, 6)), rng.uniform(8, 30))
    return soft(flat, rng.uniform(0, 0.6))


@blended("flat colours")
def regions_of_few_hues(image: Array, rng: Rng) -> Array:
    labels, _ = regions(
        soft(image, unit(image)), side(image) * rng.uniform(0.04, 0.08), rng.uniform(3, 9), rng
    )
    return saturate(joined(labels, image, int(rng.integers(5, 11)), rng), rng.uniform(1, 1.3))


@blended("flat colours")
def voted_fills(image: Array, rng: Rng) -> Array:
    """The nearest of a few colours, its borders made smooth by a vote."""
    kinds = int(rng.integers(5, 12))
    calm = soft(image, rng.uniform(0.5, 2) * unit(image))
    seen = to_lab(calm) / 100 * np.array([rng.uniform(0.5, 1), 1, 1], np.float32)
    centres = palette_of(seen, kinds, rng)
    codes = voted(nearest(seen, centres), kinds, rng.uniform(1, 3) * unit(image))
    return soft(cell_means(image, codes, kinds)[codes], 0.4)


@blended("flat colours")
def constant_pieces(image: Array, rng: Rng) -> Array:
    """Averages that stop at edges until pieces are even; then each piece is filled."""
    out = edge_stopped(halved(image), 12, rng.uniform(0.1, 0.18), rng.uniform(3, 6))
    kinds = int(rng.integers(7, 14))
    codes = voted(nearest(out, palette_of(out, kinds, rng)), kinds, 0.8)
    labels, count = connected(codes)
    return resize(cell_means(out, labels, count)[labels], image.shape[:2])


# ---------------------------------------------------------------------------------------- mosaic, low poly


@blended("mosaic")
def borderless_pieces(image: Array, rng: Rng) -> Array:
    """Irregular cells without joints, from round to clinging to colour."""
    labels, count = regions(image, side(image) * rng.uniform(0.03, 0.07), rng.choice((0, 0.5, 1.5, 4)), rng)
    return cell_means(image, labels, count)[labels]


@blended("mosaic")
def honeycomb(image: Array, rng: Rng) -> Array:
    """Hexagons, or bricks, turned at will; joints sometimes show."""
    h, w = image.shape[:2]
    size, turn = side(image) * rng.uniform(0.03, 0.07), rng.uniform(0, np.pi) * rng.integers(2)
    y, x = np.mgrid[:h, :w].astype(np.float32)
    v, u = (y * np.cos(turn) + x * np.sin(turn)) / size, (x * np.cos(turn) - y * np.sin(turn)) / size
    tall = 0.75**0.5 if rng.random() < 0.6 else rng.uniform(0.4, 0.6)
    best, label, second = np.full((h, w), 9e9, np.float32), np.zeros((h, w), int), None
    row = np.floor(v / tall)
    for r in (row, row + 1):
        shift = 0.5 * (r % 2)
        column = np.round(u - shift)
        d = (v - r * tall) ** 2 + (u - column - shift) ** 2
        near = d < best
        second = np.where(near, best, d) if second is not None else best
        label = np.where(near, (r * 4096 + column).astype(int), label)
        best = np.where(near, d, best)
    _, label = np.unique(label, return_inverse=True)
    label = label.reshape(h, w)
    out = cell_means(image, label, int(label.max()) + 1)[label]
    if rng.random() < 0.4:
        border = (label != moved(label, 0, 1)) | (label != moved(label, 1, 0))
        out = np.where(border[..., None], np.float32(rng.choice((0.1, 0.9))), out)
    return out


@blended("mosaic")
def split_until_even(image: Array, rng: Rng) -> Array:
    """Squares halved again and again where the picture is not yet even inside them."""
    large = 2 ** int(np.log2(side(image) * rng.uniform(0.12, 0.25)))
    limit, out, rough = rng.uniform(0.03, 0.09), image, np.ones(image.shape[:2], bool)
    h, w = image.shape[:2]
    y, x = np.arange(h)[:, None], np.arange(w)[None]
    size, least = large, max(3, round(large / 8))
    while size >= least:
        label = (y // size) * (w // size + 1) + x // size
        count = int(label.max()) + 1
        mean = cell_means(image, label, count)
        spread = cell_means((image - mean[label]) ** 2, label, count).mean(1)
        out = np.where(rough[..., None], mean[label], out)
        rough = rough & (np.sqrt(spread) > limit)[label]
        size //= 2
    return out


@blended("low poly")
def cut_by_found_triangles(image: Array, rng: Rng) -> Array:
    """Triangles between random points, denser at edges or not; the colour is a mean or the middle's."""
    h, w = image.shape[:2]
    count = int(rng.integers(60, 320))
    edge = np.maximum(soft(edges(gray(image), unit(image)), 1.5)[::2, ::2], 0)  # rounding goes below it
    where = edge ** rng.uniform(0.5, 1.5) + rng.uniform(0.05, 1)
    where = where / where.sum()
    at = rng.choice(where.size, min(count, where.size // 2), replace=False, p=where.ravel() / where.sum())
    points = np.stack(np.unravel_index(at, where.shape), 1) * 2.0 + rng.uniform(-0.8, 0.8, (len(at), 2))
    side_points = np.linspace(-0.02, 1.02, int(rng.integers(3, 7)))
    rim = [(a, b) for a in side_points for b in side_points if min(a, b) < 0 or max(a, b) > 1]
    mesh = Delaunay(np.concatenate([points, np.array(rim) * (h - 1, w - 1)]))
    y, x = np.mgrid[:h, :w].astype(np.float64)
    label = np.maximum(mesh.find_simplex(np.stack([y.ravel(), x.ravel()], 1)), 0).reshape(h, w)
    if rng.random() < 0.6:
        fill = cell_means(image, label, len(mesh.simplices))
    else:
        middle = mesh.points[mesh.simplices].mean(1)
        iy, ix = (np.clip(middle[:, k], 0, n - 1).astype(int) for k, n in enumerate((h, w)))
        fill = soft(image, unit(image))[iy, ix]
    return (fill * rng.normal(1, rng.uniform(0, 0.06), (len(fill), 1)))[label]


@blended("low poly")
def tilted_facets(image: Array, rng: Rng) -> Array:
    """Flat polygons, some split in two by a straight cut, each a little lighter or darker."""
    size = side(image) * rng.uniform(0.06, 0.13)
    labels, count, _, _ = voronoi(image.shape[:2], size, rng, 1.0)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    at = cell_means(np.stack([y, x, x], -1), labels, count)[labels]
    turn = rng.uniform(0, np.pi, count).astype(np.float32)[labels]
    half = (y - at[..., 0]) * np.cos(turn) + (x - at[..., 1]) * np.sin(turn) > 0
    labels = 2 * labels + half
    fill = cell_means(image, labels, 2 * count) * rng.normal(1, rng.uniform(0.02, 0.07), (2 * count, 1))
    return mix(fill[labels], box(fill[labels], 3), 0.3)
