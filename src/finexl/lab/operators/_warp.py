"""Fast resampling that the operators share: bilinear remap, affine moves, kernels, Voronoi cells."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pil
from scipy import fft

Image = np.ndarray
BORDERS = ("reflect", "wrap", "edge", "fill")


def _fold(p: Image, n: int, mode: str) -> Image:
    if mode == "wrap":
        return np.mod(p, n)
    if mode == "reflect":
        return (n - 1) - np.abs((n - 1) - np.mod(p, 2 * (n - 1)))
    return np.clip(p, 0, n - 1)


def remap(image: Image, ys: Image, xs: Image, mode: str = "reflect", fill=0.0) -> Image:
    """Bilinear samples of `image` at pixel coordinates; `mode` is one of BORDERS."""
    h, w = image.shape[:2]
    ys, xs = np.broadcast_arrays(np.asarray(ys, np.float32), np.asarray(xs, np.float32))
    y, x = _fold(ys, h, mode), _fold(xs, w, mode)
    y0, x0 = y.astype(np.intp), x.astype(np.intp)
    fy, fx = (y - y0)[..., None], (x - x0)[..., None]
    if mode == "wrap":
        y0, x0 = y0 % h, x0 % w
        y1, x1 = (y0 + 1) % h, (x0 + 1) % w
    else:
        y1, x1 = np.minimum(y0 + 1, h - 1), np.minimum(x0 + 1, w - 1)
    flat = image.reshape(h * w, -1)
    top = flat[y0 * w + x0]
    top += (flat[y0 * w + x1] - top) * fx
    low = flat[y1 * w + x0]
    low += (flat[y1 * w + x1] - low) * fx
    out = top + (low - top) * fy
    if mode == "fill":
        inside = np.clip(1 - np.maximum(np.abs(ys - y), np.abs(xs - x)), 0, 1)[..., None]
        out = fill + (out - fill) * inside
    return out.astype(np.float32, copy=False)


def grid(image: Image) -> tuple[Image, Image]:
    """Pixel coordinates y (H, 1) and x (1, W)."""
    h, w = image.shape[:2]
    return np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)[None]


def centred(image: Image, rng: np.random.Generator, spread: float = 0.0):
    """dy (H, 1), dx (1, W) from a jittered centre, and that centre (cy, cx)."""
    h, w = image.shape[:2]
    y, x = grid(image)
    cy = (h - 1) / 2 + h * rng.uniform(-spread, spread)
    cx = (w - 1) / 2 + w * rng.uniform(-spread, spread)
    return y - np.float32(cy), x - np.float32(cx), cy, cx


def scaled(image: Image, factor: float, cy: float, cx: float) -> Image:
    """Enlarge by `factor` >= 1 about a centre (below 1 the edge is repeated)."""
    y, x = grid(image)
    return remap(image, cy + (y - cy) / factor, cx + (x - cx) / factor, "edge")


def convolve(image: Image, kernel: Image) -> Image:
    """Convolve every channel with a (k, k) kernel of sum 1, reflecting the border."""
    r = kernel.shape[0] // 2
    h, w = image.shape[:2]
    padded = np.pad(image, ((r, r), (r, r), (0, 0)), mode="symmetric").transpose(2, 0, 1)
    shape = tuple(fft.next_fast_len(n + kernel.shape[0], real=True) for n in padded.shape[1:])
    spectrum = fft.rfft2(np.ascontiguousarray(padded, np.float32), shape)
    spectrum *= fft.rfft2(kernel.astype(np.float32), shape)
    return fft.irfft2(spectrum, shape)[:, 2 * r : 2 * r + h, 2 * r : 2 * r + w].transpose(1, 2, 0)


def disk_kernel(radius: float) -> Image:
    r = int(np.ceil(radius)) + 1
    i = np.arange(-r, r + 1, dtype=np.float32)
    k = np.clip(radius + 0.5 - np.hypot(i[:, None], i[None]), 0, 1)
    return k / k.sum()


def path_kernel(ys: Image, xs: Image, weights: Image | None = None) -> Image:
    """A kernel drawn as antialiased points along a path given in pixels."""
    r = int(np.ceil(max(np.abs(ys).max(), np.abs(xs).max()))) + 1
    k = np.zeros((2 * r + 1, 2 * r + 1), np.float32)
    weights = np.ones(len(ys)) if weights is None else weights
    y0, x0 = np.floor(ys).astype(int), np.floor(xs).astype(int)
    fy, fx = ys - y0, xs - x0
    for dy, wy in ((0, 1 - fy), (1, fy)):
        for dx, wx in ((0, 1 - fx), (1, fx)):
            np.add.at(k, (y0 + dy + r, x0 + dx + r), wy * wx * weights)
    return k / k.sum()


def cells(h: int, w: int, seeds: Image) -> tuple[Image, Image]:
    """Index of the nearest seed (n, 2; y, x in pixels) and how far the second is behind it, both (H, W)."""
    y, x = np.arange(h, dtype=np.float32), np.arange(w, dtype=np.float32)
    first = np.full((h, w), np.inf, np.float32)
    second = first.copy()
    index = np.zeros((h, w), np.intp)
    for i, (sy, sx) in enumerate(seeds.astype(np.float32)):
        d = ((y - sy) ** 2)[:, None] + ((x - sx) ** 2)[None]
        nearer = d < first
        np.minimum(second, np.maximum(first, d), out=second)
        np.copyto(index, i, where=nearer)
        np.minimum(first, d, out=first)
    return index, np.sqrt(second) - np.sqrt(first)


def to_pil(image: Image) -> Pil.Image:
    return Pil.fromarray((np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8))


def from_pil(picture: Pil.Image) -> Image:
    return np.asarray(picture.convert("RGB"), np.float32) / 255


def any_colour(rng: np.random.Generator, image: Image | None = None) -> Image:
    """Mostly white or black, now and then a grey, any colour or the picture's own mean."""
    kind = rng.integers(6)
    if kind == 5 and image is not None:
        return image.mean((0, 1)).astype(np.float32)
    choice = (
        np.ones(3),
        np.zeros(3),
        np.ones(3),
        np.full(3, rng.uniform(0.1, 0.95)),
        rng.random(3),
        rng.random(3),
    )
    return choice[kind].astype(np.float32)


def border(rng: np.random.Generator, image: Image) -> tuple[str, Image]:
    """A random border mode and the colour to fill with."""
    return str(rng.choice(BORDERS)), any_colour(rng, image)
