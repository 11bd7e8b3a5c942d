"""Compression artefacts: our own block coders, with no image library's codec."""

from __future__ import annotations

import numpy as np
from scipy.fft import dctn, idctn

from finexl.lab.operators import Image, operator
from finexl.lab.operators._pixels import mix, resize

Rng = np.random.Generator
TO_YCC = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]], np.float32)
FROM_YCC = np.linalg.inv(TO_YCC).astype(np.float32)


def coarsened(plane: Image, size: int, step: float, slope: float) -> Image:
    """(H, W) in blocks of `size`, their cosine coefficients rounded to steps that grow with frequency."""
    h, w = plane.shape
    padded = np.pad(plane, ((0, -h % size), (0, -w % size)), mode="edge")
    rows, columns = padded.shape[0] // size, padded.shape[1] // size
    blocks = padded.reshape(rows, size, columns, size).swapaxes(1, 2)
    frequency = np.add.outer(np.arange(size), np.arange(size)).astype(np.float32) * (8 / size)
    steps = step * (1 + slope * frequency) * (size / 8)
    coded = idctn(
        np.round(dctn(blocks, axes=(2, 3), norm="ortho") / steps) * steps, axes=(2, 3), norm="ortho"
    )
    return coded.swapaxes(1, 2).reshape(padded.shape)[:h, :w].astype(np.float32)


def block_coded(image: Image, amount: float, rng: Rng, size: int = 8) -> Image:
    """Luma and halved chroma through `coarsened`; `amount` from 0 (faint) to 1 (ruined)."""
    ycc = image @ TO_YCC.T
    step = 0.03 * 16 ** (amount ** rng.uniform(0.5, 0.8)) * rng.uniform(0.8, 1.3)
    slope = rng.uniform(0.15, 0.6)
    out = [coarsened(ycc[..., 0], size, step, slope)]
    h, w = image.shape[:2]
    shrink = int(rng.choice((1, 2, 2)))
    for c in (1, 2):
        small = resize(ycc[..., c], (-(-h // shrink), -(-w // shrink)))
        coded = coarsened(small, size, step * rng.uniform(1, 2), slope)
        out.append(resize(coded, (h, w), nearest=rng.random() < 0.5) if shrink > 1 else coded)
    return np.stack(out, -1) @ FROM_YCC.T


@operator("compression artefacts")
def cosine_blocks(image: Image, level: float, rng: Rng) -> Image:
    return mix(image, block_coded(image, level, rng), min(1, 8 * level))


@operator("compression artefacts")
def thumbnail_blocks(image: Image, level: float, rng: Rng) -> Image:
    """Blocks of more than 8 pixels, as in a small coded picture that was enlarged."""
    scale = rng.uniform(1.2, 2.0)
    small = resize(image, tuple(max(16, round(n / scale)) for n in image.shape[:2]))
    coded = block_coded(small, 0.85 * level, rng)
    return mix(image, resize(coded, image.shape[:2], nearest=rng.random() < 0.3), min(1, 2.5 * level))


@operator("compression artefacts")
def large_and_small_blocks(image: Image, level: float, rng: Rng) -> Image:
    """Large blocks where it is calm, small ones where it is busy, as newer coders choose."""
    fine, coarse = (block_coded(image, level, rng, size) for size in (int(rng.choice((4, 8))), 16))
    h, w = image.shape[:2]
    cells = (-(-h // 16), -(-w // 16))
    busy = resize(np.abs(image - resize(resize(image, cells), (h, w))).mean(-1), cells)
    choice = resize(
        (busy > np.quantile(busy, rng.uniform(0.3, 0.7))).astype(np.float32), (h, w), nearest=True
    )
    return mix(image, mix(coarse, fine, choice[..., None]), min(1, 8 * level))


@operator("compression artefacts")
def chroma_blocks(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    block = int(rng.choice((8, 12, 16)))
    ycc = image @ TO_YCC.T
    flat = resize(resize(ycc, (-(-h // block), -(-w // block))), (h, w), nearest=True)
    step = rng.uniform(0.12, 0.2)
    bright = flat[..., :1] + np.round((ycc - flat)[..., :1] / step) * step
    return mix(image, np.concatenate([bright, flat[..., 1:]], axis=2) @ FROM_YCC.T, level)
