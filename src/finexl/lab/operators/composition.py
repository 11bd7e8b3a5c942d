"""Composition: crops, frames, mirrors, tiles, clutter and emptiness."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw

from finexl.lab.operators import operator
from finexl.lab.operators._pixels import blur, mix, resize, side, smooth_noise
from finexl.lab.operators._warp import any_colour, centred, from_pil, grid, remap, scaled, to_pil

# ------------------------------------------------------------------------------------ close-up, distant


@operator("close-up")
def middle_enlarged(image, level, rng):
    _, _, cy, cx = centred(image, rng, 0.05)
    return scaled(image, 1 + 2 * level * rng.uniform(0.85, 1.15), cy, cx)


@operator("close-up")
def corner_enlarged(image, level, rng):
    h, w = image.shape[:2]
    factor = 1 + 1.9 * level * rng.uniform(0.9, 1.1)
    box_h, box_w = h / factor, w / factor
    y, x = (h - box_h) * rng.uniform(0.25, 0.75), (w - box_w) * rng.uniform(0.25, 0.75)
    size = (w, h)
    planes = [Pil.fromarray(np.ascontiguousarray(image[..., c])) for c in range(3)]
    box = (x, y, x + box_w, y + box_h)
    return np.stack([np.asarray(p.resize(size, Pil.Resampling.BICUBIC, box=box)) for p in planes], -1)


@operator("close-up")
def soft_macro(image, level, rng):
    """Enlarged, with the rim out of focus as near subjects have it."""
    dy, dx, cy, cx = centred(image, rng, 0.04)
    out = scaled(image, 1 + 2.1 * level, cy, cx)
    rim = np.clip(np.hypot(dy, dx) / (0.7 * side(image)) - 0.3, 0, 1)[..., None]
    return mix(out, blur(out, 0.02 * side(image) * level), rim)


def _shrunk(image, factor, fill):
    """The picture `factor` (<= 1) times as large in the middle of `fill` (H, W, 3)."""
    h, w = image.shape[:2]
    y, x = grid(image)
    ys, xs = (y - (h - 1) / 2) / factor + (h - 1) / 2, (x - (w - 1) / 2) / factor + (w - 1) / 2
    out = remap(blur(image, 0.45 * (1 / factor - 1)), ys, xs, "edge")
    inside = np.clip(1 + np.minimum(ys, h - 1 - ys), 0, 1) * np.clip(1 + np.minimum(xs, w - 1 - xs), 0, 1)
    return mix(fill, out, inside[..., None])


def _scale(level, rng, least=0.36):
    return 1 / (1 + (1 / least - 1) * level * rng.uniform(0.9, 1.1))


@operator("distant view")
def soft_surroundings(image, level, rng):
    return _shrunk(image, _scale(level, rng), blur(image, side(image) * rng.uniform(0.06, 0.14)))


@operator("distant view")
def reflected_surroundings(image, level, rng):
    """Mirror images all around, softened, lest it look like a wall of tiles."""
    h, w = image.shape[:2]
    factor = _scale(level, rng)
    y, x = grid(image)
    ys, xs = (y - (h - 1) / 2) / factor + (h - 1) / 2, (x - (w - 1) / 2) / factor + (w - 1) / 2
    around = remap(image, ys, xs, "reflect" if rng.random() < 0.6 else "edge")
    return _shrunk(image, factor, blur(around, side(image) * rng.uniform(0.015, 0.04)))


@operator("distant view")
def plain_surroundings(image, level, rng):
    rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    colour = rim.mean(0) if rng.random() < 0.6 else any_colour(rng, image)
    return _shrunk(image, _scale(level, rng), np.zeros_like(image) + colour)


# ----------------------------------------------------------------------------- framed, bars, circular crop


def _rim(image):
    """Distance in pixels from the nearest edge, (H, W)."""
    h, w = image.shape[:2]
    y, x = grid(image)
    return np.minimum(np.minimum(y, h - 1 - y), np.minimum(x, w - 1 - x))


def _inset(image, width):
    """The picture shrunk so that a border of `width` pixels hides nothing."""
    h, w = image.shape[:2]
    y, x = grid(image)
    return remap(
        image,
        (y - width) * (h - 1) / (h - 1 - 2 * width),
        (x - width) * (w - 1) / (w - 1 - 2 * width),
        "edge",
    )


def _within(distance, width):
    return np.clip(width - distance, 0, 1)[..., None]


def _width(image, level, rng, most=0.13):
    return side(image) * most * level * rng.uniform(0.8, 1.2)


@operator("framed")
def plain_border(image, level, rng):
    width = _width(image, level, rng)
    inner = _inset(image, width) if rng.random() < 0.5 else image
    return mix(inner, any_colour(rng, image), _within(_rim(image), width))


@operator("framed")
def mounted(image, level, rng):
    """A coloured frame with a pale or dark mount inside."""
    width = _width(image, level, rng, 0.15)
    share = rng.uniform(0.25, 0.7)
    mount, frame = any_colour(rng), any_colour(rng)
    if np.abs(mount - frame).mean() < 0.3:
        mount = 1 - frame
    d = _rim(image)
    return mix(mix(_inset(image, width), mount, _within(d, width)), frame, _within(d, width * share))


@operator("framed")
def wooden(image, level, rng):
    """A bevelled wood or metal frame with grain, light from the upper left and an inner shadow."""
    h, w = image.shape[:2]
    width = _width(image, level, rng)
    base = np.array([(0.45, 0.28, 0.14), (0.75, 0.6, 0.25), (0.2, 0.13, 0.08), (0.6, 0.6, 0.62)])[
        rng.integers(4)
    ]
    d = _rim(image)
    grain = smooth_noise((h, w), side(image) / 6, rng)[..., None] * 0.2 - 0.1
    bevel = np.sin(np.pi * np.clip(d / max(width, 1), 0, 1))[..., None] * 0.35 + 0.75
    y, x = grid(image)
    light = np.where(y / h + x / w < 1, 1.12, 0.85)[..., None]
    inner = _inset(image, width)
    shadow = 1 - 0.5 * level * np.exp(-np.maximum(d - width, 0) / (0.015 * side(image)))[..., None]
    return mix(inner * shadow, base * bevel * light + grain, _within(d, width)).astype(np.float32)


@operator("letterboxed")
def black_bars(image, level, rng):
    h = image.shape[0]
    y, x = grid(image)
    d = np.minimum(y, h - 1 - y) + 0 * x
    return mix(image, rng.choice([0.0, 0.0, 0.03]), _within(d, h * 0.22 * level * rng.uniform(0.85, 1.15)))


@operator("letterboxed")
def moved_bars(image, level, rng):
    """The picture slides behind the bars, so that another part of it shows."""
    h = image.shape[0]
    bar = h * 0.21 * level * rng.uniform(0.85, 1.15)
    y, x = grid(image)
    d = np.minimum(y, h - 1 - y) + 0 * x
    shift = rng.uniform(-0.6, 0.6) * bar
    return mix(remap(image, y + shift, x, "edge"), 0.0, _within(d, bar))


@operator("letterboxed")
def uneven_bars(image, level, rng):
    """Bars of slightly different height, nearly black, now and then with a thin pale line."""
    h = image.shape[0]
    y, x = grid(image)
    top, low = h * 0.21 * level * rng.uniform(0.85, 1.15, 2)
    out = mix(image, rng.uniform(0, 0.04), _within(y + 0 * x, top))
    return mix(out, rng.uniform(0, 0.04), _within(h - 1 - y + 0 * x, low))


def _plain(rng):
    return (np.ones(3), np.zeros(3), np.full(3, rng.uniform(0, 1)), rng.random(3))[
        rng.choice(4, p=(0.4, 0.4, 0.1, 0.1))
    ]


def _circle_radius(image, level, rng):
    h, w = image.shape[:2]
    return mix(np.hypot(h, w) / 2, side(image) / 2 * rng.uniform(0.8, 1.0), level**0.7)


@operator("circular crop")
def closing_disk(image, level, rng):
    dy, dx, _, _ = centred(image, rng, 0.02)
    return mix(
        image,
        _plain(rng),
        np.clip(np.hypot(dy, dx) - _circle_radius(image, level, rng) + 0.5, 0, 1)[..., None],
    )


@operator("circular crop")
def fading_disk(image, level, rng):
    dy, dx, _, _ = centred(image, rng, 0.02)
    r = np.hypot(dy, dx) - side(image) / 2 * rng.uniform(0.82, 1.0)
    return mix(
        image, _plain(rng), level * np.clip(r / (side(image) * rng.uniform(0.004, 0.02)), 0, 1)[..., None]
    )


@operator("circular crop")
def closing_ellipse(image, level, rng):
    h, w = image.shape[:2]
    dy, dx, _, _ = centred(image, rng)
    reach = mix(np.sqrt(2), rng.uniform(0.85, 1.0), level**0.7)
    r = np.hypot(dy / (h / 2), dx / (w / 2))
    return mix(image, _plain(rng), np.clip((r - reach) * side(image) / 2 + 0.5, 0, 1)[..., None])


# ---------------------------------------------------------------------------------------- mirrored, tiles


def _mirror(image, rng):
    axis = int(rng.random() < 0.7)
    return axis, (image if rng.random() < 0.5 else np.flip(image, axis))


@operator("mirrored")
def half_over_half(image, level, rng):
    axis, source = _mirror(image, rng)
    n = image.shape[axis]
    place = np.arange(n)
    folded = np.take(source, np.minimum(place, n - 1 - place), axis)
    return mix(image, folded, level)


@operator("mirrored")
def hard_seam(image, level, rng):
    """The mirror plane moves in from an edge to the middle."""
    axis = int(rng.random() < 0.7)
    near = rng.random() < 0.5
    picture = np.flip(image, axis) if near else image
    n = image.shape[axis]
    coords = list(grid(image))
    plane = (n - 1) * (1 - 0.5 * level)
    coords[axis] = plane - np.abs(coords[axis] - plane)
    out = remap(np.ascontiguousarray(picture), *coords, "reflect")
    return np.flip(out, axis) if near else out


@operator("mirrored")
def symmetric_average(image, level, rng):
    """A mirrored half whose seam is soft."""
    axis, source = _mirror(image, rng)
    t = list(grid(image))[axis] / (image.shape[axis] - 1)
    weight = np.clip((t - 0.5) / rng.uniform(0.02, 0.12) + 0.5, 0, 1)[..., None]
    return mix(image, mix(source, np.flip(source, axis), weight), level)


def _tiled(image, rows, columns, flip):
    h, w = image.shape[:2]
    tile = resize(image, (-(-h // rows), -(-w // columns)))
    if flip:
        tile = np.concatenate([tile, tile[:, ::-1]], 1)
        tile = np.concatenate([tile, tile[::-1]], 0)
    return np.tile(tile, (rows, columns, 1))[:h, :w]


@operator("repeated tiles")
def appearing_grid(image, level, rng):
    k = int(rng.integers(2, 6))
    rows = k if rng.random() < 0.8 else max(1, k - 1)
    return mix(image, _tiled(image, rows, k, False), level)


@operator("repeated tiles")
def zooming_out(image, level, rng):
    """The picture shrinks on an endless wall of itself."""
    h, w = image.shape[:2]
    factor = 1 + level * rng.uniform(2.2, 4)
    y, x = grid(image)
    mode = "wrap" if rng.random() < 0.75 else "reflect"
    anchor = rng.uniform(0, 1, 2) * (h, w)
    ys, xs = (y - anchor[0]) * factor + anchor[0], (x - anchor[1]) * factor + anchor[1]
    return remap(blur(image, 0.4 * (factor - 1)), ys, xs, mode)


@operator("repeated tiles")
def tinted_wall(image, level, rng):
    """A grid of tiles, some mirrored, with joints between them."""
    h, w = image.shape[:2]
    k = int(rng.integers(2, 6))
    wall = _tiled(image, k, k, rng.random() < 0.4)
    y, x = grid(image)
    joint = np.minimum(np.mod(y, -(-h // k)), np.mod(x, -(-w // k))) < side(image) * rng.choice(
        [0, 0.008, 0.015]
    )
    wall = mix(wall, any_colour(rng), joint[..., None].astype(np.float32))
    return mix(image, wall, level)


# ------------------------------------------------------------------------------------ cluttered, collage


def _polygon(draw, rng, y, x, r, fill):
    kind = rng.integers(4)
    box = (x - r, y - r * rng.uniform(0.4, 1), x + r, y + r * rng.uniform(0.4, 1))
    if kind == 0:
        draw.ellipse(box, fill=fill)
    elif kind == 1:
        draw.rectangle(box, fill=fill)
    elif kind == 2:
        draw.line(
            [x - r, y - r * rng.uniform(-1, 1), x + r, y + r * rng.uniform(-1, 1)],
            fill=fill,
            width=max(1, int(r / 4)),
        )
    else:
        a = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 7))))
        draw.polygon([(x + r * np.cos(t), y + r * np.sin(t)) for t in a], fill=fill)


@operator("cluttered")
def many_shapes(image, level, rng):
    h, w = image.shape[:2]
    picture = to_pil(image)
    draw = ImageDraw.Draw(picture)
    own = rng.random() < 0.6
    size = rng.uniform(0.03, 0.06)
    for _ in range(round(130 * level * rng.uniform(0.8, 1.2))):
        y, x = rng.uniform(0, h), rng.uniform(0, w)
        colour = image[rng.integers(h), rng.integers(w)] if own else rng.random(3)
        fill = tuple(int(255 * v) for v in np.clip(colour * rng.uniform(0.6, 1.4), 0, 1))
        _polygon(draw, rng, y, x, side(image) * size * rng.uniform(0.4, 2.0), fill)
    return mix(image, from_pil(picture), min(1, 10 * level))


@operator("cluttered")
def many_crops(image, level, rng):
    """Small copies of parts of the picture strewn over it."""
    h, w = image.shape[:2]
    s = side(image)
    out = image.copy()
    small = resize(image, (max(24, h // 2), max(24, w // 2)))
    count = 75 * level * rng.uniform(0.85, 1.15)
    for i in range(int(np.ceil(count))):
        source = small if rng.random() < 0.5 else image
        bh, bw = (int(s * rng.uniform(0.06, 0.2)) + 2 for _ in range(2))
        sy, sx = (int(rng.integers(0, n - b)) for n, b in zip(source.shape, (bh, bw), strict=False))
        y, x = int(rng.integers(0, h - bh)), int(rng.integers(0, w - bw))
        block = source[sy : sy + bh, sx : sx + bw]
        if rng.random() < 0.5:
            block = block[:, ::-1]
        block = block * rng.uniform(0.75, 1.25)
        yy, xx = (
            np.linspace(-1, 1, bh, dtype=np.float32)[:, None],
            np.linspace(-1, 1, bw, dtype=np.float32)[None],
        )
        mask = (yy**2 + xx**2 < 1)[..., None] if rng.random() < 0.5 else np.ones((bh, bw, 1), bool)
        place = out[y : y + bh, x : x + bw]
        place += (block - place) * mask * min(1.0, count - i)
    return out


@operator("cluttered")
def scribbled_debris(image, level, rng):
    """Sticks, discs with shadows and bits of other colours in a dense heap."""
    h, w = image.shape[:2]
    s = side(image)
    picture = to_pil(image)
    draw = ImageDraw.Draw(picture)
    palette = (rng.random((7, 3)) * 255).astype(int)
    for _ in range(round(90 * level * rng.uniform(0.8, 1.2))):
        y, x, r = rng.uniform(0, h), rng.uniform(0, w), s * rng.uniform(0.015, 0.07)
        fill = tuple(int(v) for v in palette[rng.integers(7)])
        dark = tuple(v // 4 for v in fill)
        if rng.random() < 0.5:
            draw.ellipse((x - r + 2, y - r + 2, x + r + 2, y + r + 2), fill=dark)
            draw.ellipse((x - r, y - r, x + r, y + r), fill=fill, outline=dark)
        else:
            angle = rng.uniform(0, np.pi)
            dy, dx = 2.4 * r * np.sin(angle), 2.4 * r * np.cos(angle)
            draw.line((x - dx, y - dy + 1, x + dx, y + dy + 1), fill=dark, width=max(2, int(r * 0.6) + 1))
            draw.line((x - dx, y - dy, x + dx, y + dy), fill=fill, width=max(1, int(r * 0.6)))
    return mix(image, from_pil(picture), min(1, 10 * level))


def _paste(picture, piece, y, x, angle, edge, colour, shadow=True):
    """Paste `piece` with an edge, turned, its centre at (y, x)."""
    w, h = piece.width + 2 * edge, piece.height + 2 * edge
    card = Pil.new("RGB", (w, h), colour)
    card.paste(piece, (edge, edge))
    mask = Pil.new("L", (w, h), 255).rotate(angle, Pil.Resampling.BILINEAR, expand=True)
    card = card.rotate(angle, Pil.Resampling.BILINEAR, expand=True)
    corner = (int(x - card.width / 2), int(y - card.height / 2))
    if shadow:
        picture.paste((20, 20, 20), (corner[0] + 2, corner[1] + 3), mask.point(lambda v: v * 0.4))
    picture.paste(card, corner, mask)


def _ground(image, rng):
    colour = any_colour(rng, image) * 255
    return Pil.new("RGB", image.shape[1::-1], tuple(int(v) for v in colour))


@operator("collage")
def pasted_cards(image, level, rng):
    h, w = image.shape[:2]
    s = side(image)
    source, picture = to_pil(image), to_pil(image)
    edge = max(1, round(s * rng.uniform(0.008, 0.02)))
    count = 16 * level * rng.uniform(0.85, 1.15)
    for i in range(int(np.ceil(count))):
        ph, pw = int(s * rng.uniform(0.18, 0.4)), int(s * rng.uniform(0.18, 0.4))
        sy, sx = int(rng.integers(0, h - ph)), int(rng.integers(0, w - pw))
        before = picture.copy() if count - i < 1 else None
        _paste(picture, source.crop((sx, sy, sx + pw, sy + ph)), rng.uniform(0, h), rng.uniform(0, w),
               rng.normal(0, 18), edge, "white")  # fmt: skip
        if before is not None:
            picture = Pil.blend(before, picture, count - i)
    return from_pil(picture)


@operator("collage")
def photo_wall(image, level, rng):
    """The picture cut into a grid of cards that drift and turn on a plain ground."""
    h, w = image.shape[:2]
    s = side(image)
    rows, columns = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    source, picture = to_pil(image), _ground(image, rng)
    edge = round(s * 0.015 * level)
    for k in rng.permutation(rows * columns):
        i, j = divmod(int(k), columns)
        y0, y1, x0, x1 = h * i // rows, h * (i + 1) // rows, w * j // columns, w * (j + 1) // columns
        grow = int(s * 0.04 * level)
        piece = source.crop((max(0, x0 - grow), max(0, y0 - grow), min(w, x1 + grow), min(h, y1 + grow)))
        drift = rng.normal(0, 0.035 * s * level, 2)
        _paste(picture, piece, (y0 + y1) / 2 + drift[0], (x0 + x1) / 2 + drift[1],
               rng.normal(0, 10 * level), edge, "white")  # fmt: skip
    return mix(image, from_pil(picture), min(1, 8 * level))


@operator("collage")
def torn_pieces(image, level, rng):
    """Ragged polygons cut from elsewhere, recoloured, each with a torn white edge."""
    h, w = image.shape[:2]
    s = side(image)
    picture = to_pil(image)
    count = 13 * level * rng.uniform(0.85, 1.15)
    edge = s * rng.uniform(0.008, 0.02)
    for i in range(int(np.ceil(count))):
        before = picture.copy() if count - i < 1 else None
        n = int(rng.integers(5, 12))
        angles = np.sort(rng.uniform(0, 2 * np.pi, n))
        r = s * rng.uniform(0.12, 0.25) * rng.uniform(0.75, 1.15, n)
        y, x = rng.uniform(0, h), rng.uniform(0, w)
        shift = (int(rng.integers(0, h)), int(rng.integers(0, w)))
        other = np.roll(image, shift, (0, 1)) * rng.uniform(0.8, 1.2) + rng.normal(0, 0.06, 3)
        for grow, content in ((edge, None), (0, to_pil(other))):
            mask = Pil.new("L", (w, h), 0)
            points = [
                (x + (q + grow) * np.cos(a), y + (q + grow) * np.sin(a))
                for q, a in zip(r, angles, strict=True)
            ]
            ImageDraw.Draw(mask).polygon(points, fill=255)
            picture.paste(content or Pil.new("RGB", (w, h), (245, 243, 238)), (0, 0), mask)
        if before is not None:
            picture = Pil.blend(before, picture, count - i)
    return from_pil(picture)


# -------------------------------------------------------------------------------------------- minimalist


def _subject(image, rng):
    """A soft mask (H, W, 1) of the middle of the picture."""
    dy, dx, _, _ = centred(image, rng, 0.05)
    r = np.hypot(dy * rng.uniform(0.75, 1.2), dx) / side(image)
    return np.clip((rng.uniform(0.25, 0.36) - r) / rng.uniform(0.03, 0.12), 0, 1)[..., None]


def _empty(image, rng):
    """A calm ground: the rim's mean colour, or a slow gradient of it, or off-white."""
    rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).mean(0)
    kind = rng.integers(3)
    if kind == 0:
        return np.zeros_like(image) + rim
    if kind == 1:
        y, _ = grid(image)
        return np.zeros_like(image) + mix(image[0].mean(0), image[-1].mean(0), (y / len(y))[..., None])
    return np.zeros_like(image) + mix(rim, rng.uniform(0.8, 0.97), 0.75)


@operator("minimalist")
def lonely_subject(image, level, rng):
    """The surroundings of the subject fade to an empty ground."""
    outside = 1 - _subject(image, rng)
    soft = blur(image, 0.06 * side(image) * level)
    return mix(image, mix(soft, _empty(image, rng), 0.95 * level), outside)


@operator("minimalist")
def small_on_empty(image, level, rng):
    """A small cut-out of the subject on a large empty ground."""
    ground, mask = _empty(image, rng), _subject(image, rng)
    factor = 1 + 1.2 * level
    dy, dx, cy, cx = centred(image, rng)
    oy, ox = rng.uniform(-0.15, 0.15, 2) * side(image) * level
    layers = np.concatenate([image, mask], 2)
    moved = remap(layers, cy + (dy - oy) * factor, cx + (dx - ox) * factor, "edge")
    return mix(moved[..., :3], ground, (1 - moved[..., 3:]) * level)


@operator("minimalist")
def few_flat_areas(image, level, rng):
    """Only a few broad flat areas remain."""
    s = side(image)
    soft = blur(image, 0.045 * s)
    tones = rng.integers(3, 5)
    flat = blur(np.round(soft * (tones - 1)) / (tones - 1) * 0.6 + 0.4 * blur(image, 0.2 * s), 0.006 * s)
    return mix(image, flat, level)
