"""Operators of the medium aspect: painted and drawn pictures (printed and built ones: medium_print)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

import finexl.lab.operators.medium_print  # noqa: F401  (importing registers them)
from finexl.lab.operators._pixels import luma, side, smooth_noise
from finexl.lab.operators._strokes import (
    Array,
    Rng,
    bilateral,
    blended,
    dabs,
    dog_lines,
    edges,
    fibre,
    grain,
    gray,
    guided,
    ink_colour,
    inked,
    kuwahara,
    mode_tone,
    paper_colour,
    posterise,
    quantised,
    relief,
    saturate,
    smear,
    soft,
    step,
    stretch,
    stripes,
    tangent,
    tooth,
)


def width_of(image: Array, low: float, high: float, rng: Rng, least: int = 3) -> int:
    return max(least, round(side(image) * rng.uniform(low, high))) | 1


def impasto(image: Array, stroke_angle: Array, rng: Rng) -> Array:
    """Bristle marks along the strokes, lit from one side."""
    s = side(image)
    bristle = smear(grain(image.shape[:2], 0.5, rng), stroke_angle, s * rng.uniform(0.03, 0.07), 3)
    light = relief(bristle + 2 * gray(image), rng.uniform(0, 2 * np.pi))
    return image + (rng.uniform(0.025, 0.06) * np.clip(light / light.std(), -3, 3))[..., None]


@blended("oil painting")
def calm_patches(image: Array, rng: Rng) -> Array:
    out = saturate(kuwahara(image, width_of(image, 0.025, 0.05, rng)), rng.uniform(1, 1.35))
    return impasto(out, tangent(gray(out), side(image) * 0.015), rng) if rng.random() < 0.6 else out


@blended("oil painting")
def common_tone(image: Array, rng: Rng) -> Array:
    out = mode_tone(image, width_of(image, 0.04, 0.065, rng), int(rng.integers(5, 9)))
    return saturate(out, rng.uniform(1, 1.3))


@blended("oil painting")
def smeared_paint(image: Array, rng: Rng) -> Array:
    s = side(image)
    angle = tangent(gray(image), s * rng.uniform(0.012, 0.025))
    noisy = soft(image, 1) + 0.14 * grain((*image.shape[:2], 1), 0.7, rng)
    out = smear(smear(noisy, angle, s * rng.uniform(0.05, 0.09), 3), angle, s * 0.03, 2)
    return impasto(saturate(out, rng.uniform(1.1, 1.4)), angle, rng)


@blended("oil painting")
def loaded_brush(image: Array, rng: Rng) -> Array:
    s = side(image)
    angle = tangent(gray(image), s * 0.02)
    base = soft(image, s * 0.012)
    out = dabs(
        base, base, rng, s * 0.028, s * rng.uniform(0.07, 0.12), s * rng.uniform(0.018, 0.03), angle, 0.02
    )
    out = dabs(image, out, rng, s * 0.025, s * 0.04, s * 0.012, angle, 0.03)
    return impasto(saturate(soft(out, 0.6), 1.15), angle, rng)


@blended("impressionist brushwork")
def oriented_dabs(image: Array, rng: Rng) -> Array:
    s = side(image)
    angle = tangent(gray(image), s * rng.uniform(0.015, 0.04))
    vivid = saturate(np.clip(image * 1.05 + 0.03, 0, 1), rng.uniform(1.15, 1.6))
    base = soft(vivid, s * 0.02)
    width = s * rng.uniform(0.012, 0.022)
    out = dabs(
        vivid, base, rng, s * 0.022, s * rng.uniform(0.045, 0.08), width, angle, rng.uniform(0.04, 0.09)
    )
    return soft(out, rng.uniform(0, 0.6))


@blended("impressionist brushwork")
def one_way_dabs(image: Array, rng: Rng) -> Array:
    """Strokes that share a slowly turning direction, whatever they depict."""
    s = side(image)
    angle = rng.uniform(0, np.pi) + rng.uniform(0.5, 3) * smooth_noise(
        image.shape[:2], rng.uniform(1.5, 3), rng
    )
    vivid = saturate(image, rng.uniform(1.15, 1.6))
    length, width = s * rng.uniform(0.04, 0.08), s * rng.uniform(0.013, 0.025)
    return dabs(vivid, soft(vivid, s * 0.03), rng, s * 0.023, length, width, angle, rng.uniform(0.04, 0.1))


@blended("impressionist brushwork")
def swirling_strokes(image: Array, rng: Rng) -> Array:
    """Broken colour drawn out along a swirling field."""
    shape, s = image.shape[:2], side(image)
    angle = tangent(gray(image) + 0.6 * smooth_noise(shape, 4, rng), s * 0.03)
    noise = grain(image.shape, s * rng.uniform(0.003, 0.006), rng) * 0.2 + 0.15 * grain(
        (*shape, 1), s * 0.004, rng
    )
    out = smear(soft(saturate(image, 1.5), s * 0.008) + noise, angle, s * rng.uniform(0.05, 0.08), 4)
    return impasto(out, angle, rng)


def bleeding(image: Array, amount: float, cells: float, rng: Rng) -> Array:
    """Move pixels by smooth noise, so that outlines wander."""
    h, w = image.shape[:2]
    yy, xx = np.indices((h, w), dtype=np.float32)
    iy = np.clip(yy + amount * (2 * smooth_noise((h, w), cells, rng) - 1) + 0.5, 0, h - 1).astype(int)
    ix = np.clip(xx + amount * (2 * smooth_noise((h, w), cells, rng) - 1) + 0.5, 0, w - 1).astype(int)
    return image[iy, ix]


def washed(flat: Array, rng: Rng) -> Array:
    """Pigment behaviour: light tones, dark rims, granulation, pools."""
    shape, s = flat.shape[:2], side(flat)
    rim = step(edges(gray(flat), s * 0.003), 0.2, 1.3) * rng.uniform(0.1, 0.3)
    pools = rng.uniform(0.15, 0.4) * (smooth_noise(shape, rng.uniform(3, 7), rng) - 0.5)
    density = 1 + rim + pools + rng.uniform(0.05, 0.13) * tooth(shape, max(1, s * 0.005), rng)
    light = np.clip(flat, 0.03, 1) ** rng.uniform(0.55, 0.75)
    out = light ** np.clip(density, 0.3, 2)[..., None]
    return out * paper_colour(rng)


@blended("watercolour")
def wet_wash(image: Array, rng: Rng) -> Array:
    s = side(image)
    flat = bilateral(image, s * rng.uniform(0.015, 0.03), rng.uniform(0.1, 0.15))
    return washed(saturate(bleeding(flat, s * rng.uniform(0.01, 0.03), rng.uniform(10, 25), rng), 1.25), rng)


@blended("watercolour")
def layered_glazes(image: Array, rng: Rng) -> Array:
    s = side(image)
    flat = posterise(guided(image, width_of(image, 0.03, 0.06, rng), 0.02), int(rng.integers(4, 7)), 3)
    return washed(saturate(soft(bleeding(flat, s * 0.012, 20, rng), 0.6), rng.uniform(1, 1.3)), rng)


@blended("watercolour")
def loose_watercolour(image: Array, rng: Rng) -> Array:
    """Pale patches that leave white paper at the borders and in the lights."""
    shape, s = image.shape[:2], side(image)
    out = washed(saturate(kuwahara(image, width_of(image, 0.03, 0.05, rng)), rng.uniform(1.1, 1.5)), rng)
    h, w = shape
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j].astype(np.float32)
    edge = np.maximum(np.abs(x), np.abs(y)) + rng.uniform(0.1, 0.4) * (smooth_noise(shape, 6, rng) - 0.5)
    bare = np.maximum(step(edge, 0.85, 1.0) * (rng.random() < 0.7), 0.8 * step(gray(out), 0.75, 0.95))
    sketch = dog_lines(gray(image), s * 0.004, 25, 0.015) * rng.uniform(0, 0.5)
    return (out + (paper_colour(rng) - out) * bare[..., None]) * (1 - sketch)[..., None]


@blended("pencil drawing")
def dodge_sketch(image: Array, rng: Rng) -> Array:
    plane = gray(image)
    sketch = np.clip(
        plane / (soft(plane, side(image) * rng.uniform(0.01, 0.04)) + 0.02), 0, 1
    ) ** rng.uniform(1.5, 4)
    sketch += rng.uniform(0, 0.05) * tooth(image.shape[:2], 1.2, rng)
    return inked(1 - np.clip(sketch, 0, 1), np.full(3, rng.uniform(0.1, 0.35), np.float32), paper_colour(rng))


@blended("pencil drawing")
def shaded_pencil(image: Array, rng: Rng) -> Array:
    """Strokes of one slant whose density follows the tone, with contours."""
    shape, s = image.shape[:2], side(image)
    angle = rng.uniform(0, np.pi)
    dark = 1 - stretch(gray(image))
    strokes = fibre(shape, angle, s * rng.uniform(0.06, 0.15), s * 0.002, rng) * 0.28
    second = fibre(shape, angle + rng.uniform(0.5, 1.5), s * 0.08, s * 0.002, rng) * 0.2
    shade = np.clip(dark * 0.85 + (strokes + second * (dark > 0.5)) * np.clip(dark * 2, 0.1, 1) - 0.08, 0, 1)
    lines = dog_lines(gray(image), s * 0.005, 20, 0.006)
    return inked(np.clip(0.8 * shade + 0.6 * lines, 0, 1), ink_colour(rng) * 0.5 + 0.15, paper_colour(rng))


@blended("pencil drawing")
def coloured_pencil(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    plane = gray(image)
    sketch = np.clip(plane / (soft(plane, s * rng.uniform(0.01, 0.025)) + 0.02), 0, 1) ** 2
    hatch = fibre(shape, rng.uniform(0, np.pi), s * 0.08, s * 0.002, rng)
    cover = np.clip(rng.uniform(0.5, 0.7) + 0.22 * hatch + 0.1 * tooth(shape, 1.2, rng), 0, 1)
    tint = saturate(np.clip(image * 0.85 + 0.18, 0, 1), 1.3)
    return (1 + (tint - 1) * cover[..., None]) * sketch[..., None]


@blended("ink drawing")
def brushed_blacks(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    plane = stretch(soft(gray(image), s * rng.uniform(0.003, 0.008)))
    plane = plane + 0.12 * (smooth_noise(shape, 40, rng) - 0.5)
    cut = rng.uniform(0.25, 0.42)
    mask = np.maximum(
        step(plane, cut + 0.04, cut - 0.04), dog_lines(gray(image), s * rng.uniform(0.004, 0.008), 40)
    )
    return inked(mask, ink_colour(rng), paper_colour(rng))


@blended("ink drawing")
def ink_wash(image: Array, rng: Rng) -> Array:
    """Lines over two or three diluted gray washes."""
    shape, s = image.shape[:2], side(image)
    flat = gray(kuwahara(image, width_of(image, 0.025, 0.045, rng)))
    wash = 1 - posterise(stretch(flat), int(rng.integers(3, 5)), 4)
    wash = wash * (0.55 + 0.5 * smooth_noise(shape, 5, rng)) * rng.uniform(0.6, 0.95)
    mask = np.maximum(soft(wash, 0.6), dog_lines(gray(image), s * rng.uniform(0.003, 0.007), 40, 0.008))
    return inked(np.clip(mask, 0, 1), ink_colour(rng), paper_colour(rng))


@blended("ink drawing")
def stippled_ink(image: Array, rng: Rng) -> Array:
    """Pen dots for the tones and pen lines for the contours."""
    shape, s = image.shape[:2], side(image)
    dots = step(grain(shape, max(0.6, s * 0.004), rng) * 0.35 + 0.75 - 1.1 * stretch(gray(image)), 0.25, 0.55)
    lines = dog_lines(gray(image), s * 0.004, 40, 0.01)
    return inked(np.maximum(dots, lines), ink_colour(rng), paper_colour(rng))


def rubbed(dark: Array, rough: Array, bite: float) -> Array:
    """Dry medium: the darker, the deeper it goes into the paper's valleys."""
    return step(dark + bite * rough, 0.25, 0.85)


@blended("charcoal drawing")
def charcoal_smudge(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    dark = 1 - stretch(soft(gray(image), s * rng.uniform(0.004, 0.01)))
    rough = tooth(shape, max(1, s * 0.006), rng)
    lines = soft(step(edges(gray(image), s * 0.006), 0.3, 1.2), s * 0.002)
    mask = (
        0.75 * rubbed(dark, rough, 0.16) + rng.uniform(0.3, 0.6) * lines * (0.8 + 0.3 * rough) + 0.12 * dark
    )
    return inked(np.clip(mask, 0, 1), np.full(3, 0.1, np.float32), paper_colour(rng) * rng.uniform(0.85, 1))


@blended("charcoal drawing")
def charcoal_strokes(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    dark = 1 - stretch(soft(gray(image), s * 0.006))
    strokes = fibre(
        shape, rng.uniform(0, np.pi), s * rng.uniform(0.08, 0.2), s * rng.uniform(0.005, 0.01), rng
    )
    rough = 0.7 * strokes + 0.6 * tooth(shape, max(1, s * 0.005), rng)
    mask = rubbed(dark, rough, rng.uniform(0.18, 0.28)) * 0.9 + 0.5 * dog_lines(
        gray(image), s * 0.009, 15, 0.01
    )
    return inked(np.clip(mask, 0, 1), np.full(3, 0.07, np.float32), paper_colour(rng) * rng.uniform(0.85, 1))


@blended("charcoal drawing")
def charcoal_and_highlight(image: Array, rng: Rng) -> Array:
    """Black and a little white on toned paper."""
    shape, s = image.shape[:2], side(image)
    tone = stretch(soft(gray(image), s * 0.006))
    rough = tooth(shape, max(1, s * 0.006), rng) + 0.5 * fibre(
        shape, rng.uniform(0, np.pi), s * 0.1, s * 0.004, rng
    )
    out = inked(
        rubbed(1 - tone, rough, 0.15), np.full(3, 0.08, np.float32), np.float32(rng.uniform(0.6, 0.75))
    )
    return out + (0.97 - out) * (0.8 * step(tone + 0.08 * rough, 0.75, 1.0))[..., None]


@blended("chalk pastel drawing")
def pastel_on_colour(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    ground = rng.uniform(0.1, 0.65) * rng.uniform(0.7, 1.1, 3).astype(np.float32)
    chalk = saturate(kuwahara(image, width_of(image, 0.02, 0.035, rng)) * 0.8 + 0.2, rng.uniform(1, 1.3))
    strokes = fibre(shape, rng.uniform(0, np.pi), s * rng.uniform(0.05, 0.12), s * 0.006, rng)
    rough = 0.7 * strokes + 0.8 * tooth(shape, max(1, s * 0.005), rng)
    cover = step(rough, rng.uniform(-1.7, -1.1), rng.uniform(0.2, 0.8))
    return ground + (chalk - ground) * cover[..., None]


@blended("chalk pastel drawing")
def soft_pastel_strokes(image: Array, rng: Rng) -> Array:
    s, shape = side(image), image.shape[:2]
    pale = saturate(image * 0.75 + 0.22, 1.25)
    base = np.broadcast_to(rng.uniform(0.25, 0.8, 3).astype(np.float32), image.shape)
    angle = rng.uniform(0, np.pi) + 0.8 * smooth_noise(shape, 3, rng)
    out = dabs(soft(pale, 1), base, rng, s * 0.024, s * 0.1, s * rng.uniform(0.015, 0.025), angle, 0.03)
    rough = tooth(shape, max(1, s * 0.004), rng)
    return out + (base - out) * step(rough, 0.6, 2.0)[..., None] + (0.03 * rough)[..., None]


@blended("chalk pastel drawing")
def chalkboard(image: Array, rng: Rng) -> Array:
    """Light dusty strokes on a dark ground, in the picture's hues."""
    shape, s = image.shape[:2], side(image)
    ground = np.array([0.13, rng.uniform(0.13, 0.2), rng.uniform(0.13, 0.18)], np.float32)
    tone = stretch(soft(gray(image), s * 0.006))
    strokes = fibre(shape, rng.uniform(0, np.pi), s * 0.09, s * 0.005, rng)
    rough = 0.6 * strokes + 0.8 * tooth(shape, max(1, s * 0.005), rng)
    chalk = np.clip(saturate(image, 0.9) * 0.55 + 0.42, 0, 1)
    return ground + (chalk - ground) * (0.9 * step(tone + 0.2 * rough, 0.3, 1.0))[..., None]


def waxy(shape: tuple[int, int], s: int, rng: Rng) -> Array:
    y, x = rng.uniform(0, np.pi), max(3.0, s * rng.uniform(0.02, 0.04))
    wobble = 1.5 * smooth_noise(shape, 5, rng)
    scribble = 1 - 2 * stripes(shape, y, x, wobble)
    return 0.8 * scribble + 0.8 * tooth(shape, max(1, s * 0.006), rng)


@blended("crayon drawing")
def wax_scribble(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    flat = saturate(kuwahara(image, width_of(image, 0.03, 0.05, rng)), rng.uniform(1.5, 2.2))
    dark = 1 - gray(flat)
    cover = step(waxy(shape, s, rng) + 1.6 * dark, -0.7, 0.7) * 0.95
    return 1 + (np.clip(flat * 0.9 + 0.05, 0, 1) - 1) * cover[..., None]


@blended("crayon drawing")
def few_crayons(image: Array, rng: Rng) -> Array:
    """A box of few bright colours, rough outlines, bare paper between."""
    shape, s = image.shape[:2], side(image)
    smooth = bleeding(soft(saturate(image, 1.8), s * 0.012), s * 0.012, 25, rng)
    flat = saturate(quantised(smooth, int(rng.integers(6, 10)), rng), 1.3)
    rough = waxy(shape, s, rng)
    out = 1 + (flat - 1) * step(rough, -1.2, 0.4)[..., None]
    line = step(edges(gray(smooth), s * 0.007), 0.4, 0.8) * step(rough, -1.5, 0.2)
    return out * (1 - rng.uniform(0.4, 0.9) * line)[..., None]


@blended("crayon drawing")
def crayon_strokes(image: Array, rng: Rng) -> Array:
    shape, s = image.shape[:2], side(image)
    angle = rng.choice([0.8, 2.3, 1.4]) + 0.5 * smooth_noise(shape, 3, rng)
    paper = np.full(image.shape, 0.97, np.float32)
    vivid = saturate(soft(image, s * 0.01), rng.uniform(1.5, 2))
    out = dabs(vivid, paper, rng, s * 0.028, s * 0.14, s * rng.uniform(0.012, 0.02), angle, 0.05)
    bare = step(tooth(shape, max(1, s * 0.006), rng), rng.uniform(0, 0.4), 1.4)
    return out + (0.97 - out) * bare[..., None]


@blended("comic book style")
def inked_posterised(image: Array, rng: Rng) -> Array:
    s = side(image)
    flat = posterise(
        saturate(kuwahara(image, width_of(image, 0.02, 0.035, rng)), rng.uniform(1.3, 1.8)),
        int(rng.integers(3, 6)),
    )
    line = dog_lines(gray(image), s * rng.uniform(0.005, 0.01), 40, 0.01)
    black = step(stretch(soft(gray(image), 1)), 0.2, 0.12)
    return flat * (1 - np.maximum(line, black))[..., None]


@blended("comic book style")
def benday_comic(image: Array, rng: Rng) -> Array:
    """Flat colours, dots in the half tones, heavy contours."""
    shape, s = image.shape[:2], side(image)
    flat = saturate(bilateral(image, s * 0.02, 0.12), rng.uniform(1.4, 1.9))
    tone = stretch(gray(flat))
    period, turn = max(4, s * rng.uniform(0.02, 0.035)), rng.uniform(0.3, 1.2)
    dots = 1 - np.maximum(stripes(shape, turn, period), stripes(shape, turn + np.pi / 2, period))
    mid = step(tone, 0.3, 0.36) * step(tone, 0.72, 0.66) * step(dots, 0.3, 0.5)
    out = posterise(np.clip(flat * 1.15, 0, 1), int(rng.integers(3, 5)))
    out = out * (1 - rng.uniform(0.35, 0.6) * mid)[..., None]
    line = step(edges(gray(flat), s * rng.uniform(0.004, 0.007)), 0.4, 0.7)
    return out * (1 - np.maximum(line, step(tone, 0.18, 0.1)))[..., None]


@blended("comic book style")
def graphic_novel(image: Array, rng: Rng) -> Array:
    s = side(image)
    flat = quantised(
        saturate(mode_tone(image, width_of(image, 0.02, 0.035, rng), 6), 1.4), int(rng.integers(6, 11)), rng
    )
    tone = stretch(soft(gray(image), s * 0.005))
    hatch = step(stripes(image.shape[:2], rng.uniform(0, np.pi), max(3, s * 0.02)), 0.5, 0.3) * step(
        tone, 0.4, 0.34
    )
    ink = np.maximum(np.maximum(hatch, step(tone, 0.2, 0.14)), dog_lines(gray(image), s * 0.007, 40, 0.008))
    return np.clip(flat * 1.1 + 0.04, 0, 1) * (1 - ink)[..., None]


def flat_tones(image: Array, tones: int) -> Array:
    """Band the luma, keep the hue."""
    plane = luma(image)
    return image * (posterise(plane, tones, 8) * 0.9 + 0.08) / np.maximum(plane, 0.04)


@blended("cel shaded")
def banded_light(image: Array, rng: Rng) -> Array:
    s = side(image)
    flat = bilateral(image, s * rng.uniform(0.025, 0.04), 0.12)
    out = saturate(np.clip(flat_tones(flat, int(rng.integers(3, 6))), 0, 1), rng.uniform(1.2, 1.5))
    return out * (1 - rng.uniform(0.6, 1) * dog_lines(gray(flat), s * 0.004, 40, 0.012))[..., None]


@blended("cel shaded")
def clustered_cel(image: Array, rng: Rng) -> Array:
    s = side(image)
    flat = kuwahara(kuwahara(image, width_of(image, 0.03, 0.05, rng)), width_of(image, 0.02, 0.03, rng))
    out = soft(quantised(saturate(flat, 1.3), int(rng.integers(7, 13)), rng), 0.5)
    return out * (1 - 0.8 * step(edges(gray(flat), s * 0.003), 0.5, 1.0))[..., None]


@blended("cel shaded")
def anime_flat(image: Array, rng: Rng) -> Array:
    s, width = side(image), width_of(image, 0.03, 0.05, rng)
    flat = guided(guided(guided(image, width, 0.02), width, 0.01), width, 0.01)
    flat = posterise(saturate(flat * 1.05 + 0.03, rng.uniform(1.2, 1.5)), int(rng.integers(4, 7)), 8)
    thin = ndimage.maximum_filter(gray(flat), 3) - gray(flat)
    line = np.maximum(step(thin, 0.1, 0.25), dog_lines(gray(image), s * 0.004, 30, 0.02))
    return soft(flat, 0.4) * (1 - rng.uniform(0.5, 0.9) * line)[..., None]
