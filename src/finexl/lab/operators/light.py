"""Operators of the aspect light."""

from __future__ import annotations

import numpy as np

from finexl.lab.operators import Image, operator
from finexl.lab.operators._pixels import (
    blur,
    coordinates,
    from_hsv,
    luma,
    mix,
    radius_map,
    side,
    smooth_noise,
)

Rng = np.random.Generator


def rgb(*values: float) -> Image:
    return np.array(values, np.float32)


def screen(a: Image, b: Image) -> Image:
    return 1 - (1 - np.clip(a, 0, 1)) * (1 - np.clip(b, 0, 1))


def plane(image: Image) -> tuple[Image, Image]:
    """y (H, 1) and x (1, W) in units of the shorter side, 0 at the upper left."""
    h, w = image.shape[:2]
    y, x = coordinates(h, w)
    return y * (h / min(h, w)), x * (w / min(h, w))


def place(image: Image, rng: Rng, low: float = 0.0, high: float = 1.0) -> tuple[float, float]:
    """A point of the plane between these fractions of the height and the width."""
    h, w = image.shape[:2]
    return rng.uniform(low, high) * h / min(h, w), rng.uniform(low, high) * w / min(h, w)


def blob(image: Image, centre: tuple[float, float], radius: float, power: float = 2.0) -> Image:
    """A bump (H, W, 1), 1 at `centre`, `radius` in shorter sides."""
    y, x = plane(image)
    distance = ((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / (radius * radius)
    return np.exp(-(distance ** (power / 2)))[..., None]


@operator("bright")
def gain(image: Image, level: float, rng: Rng) -> Image:
    return image * (1 + level * rng.uniform(0.6, 1.0))


@operator("bright")
def lifted_gamma(image: Image, level: float, rng: Rng) -> Image:
    return np.clip(image, 0, 1) ** (1 / (1 + level * rng.uniform(0.9, 1.6)))


@operator("bright")
def offset_up(image: Image, level: float, rng: Rng) -> Image:
    return image + level * rng.uniform(0.25, 0.4)


@operator("bright")
def screened_with_itself(image: Image, level: float, rng: Rng) -> Image:
    return mix(image, 1 - (1 - np.clip(image, 0, 1)) ** rng.uniform(2.0, 2.6), level)


@operator("dark")
def dimmed(image: Image, level: float, rng: Rng) -> Image:
    return image * (1 - level * rng.uniform(0.6, 0.8))


@operator("dark")
def lowered_gamma(image: Image, level: float, rng: Rng) -> Image:
    return np.clip(image, 0, 1) ** (1 + level * rng.uniform(1.4, 2.4))


@operator("dark")
def offset_down(image: Image, level: float, rng: Rng) -> Image:
    return image - level * rng.uniform(0.3, 0.45)


@operator("dark")
def multiplied_with_itself(image: Image, level: float, rng: Rng) -> Image:
    return mix(image, image * luma(image) ** rng.uniform(0.6, 1.0) * rng.uniform(0.6, 0.85), level)


@operator("vignette")
def corners_darkened(image: Image, level: float, rng: Rng) -> Image:
    fall = radius_map(*image.shape[:2]) ** rng.uniform(1.6, 3.2)
    return image * (1 - level * rng.uniform(0.8, 1.0) * fall[..., None])


@operator("vignette")
def round_bump(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    middle = (h / (2 * side(image)), w / (2 * side(image)))
    bump = blob(image, middle, rng.uniform(0.5, 0.68) * (max(h, w) / side(image)) ** 0.5, rng.uniform(2, 4))
    return image * mix(1, bump, level * rng.uniform(0.8, 1.0))


@operator("vignette")
def lens_falloff(image: Image, level: float, rng: Rng) -> Image:
    fall = 1 / (1 + (radius_map(*image.shape[:2]) * rng.uniform(1.1, 1.6)) ** 2) ** 2
    return image * mix(1, fall[..., None] ** rng.uniform(1, 1.3), level)


@operator("vignette")
def dark_border(image: Image, level: float, rng: Rng) -> Image:
    y, x = coordinates(*image.shape[:2])
    edge = np.minimum(np.minimum(y, 1 - y), np.minimum(x, 1 - x) + 0 * y)
    inside = np.clip(edge / rng.uniform(0.2, 0.35), 0, 1)
    inside = blur(inside * inside * (3 - 2 * inside), side(image) * 0.05)[..., None]
    return image * mix(1, inside, level * rng.uniform(0.75, 0.95))


@operator("glowing")
def bloom(image: Image, level: float, rng: Rng) -> Image:
    bright = image * np.clip((luma(image) - rng.uniform(0.3, 0.5)) * 3, 0, 1)
    halo = blur(bright, side(image) * rng.uniform(0.02, 0.05)) * rng.uniform(0.9, 1.3)
    return mix(image, screen(image, halo), level)


@operator("glowing")
def orton(image: Image, level: float, rng: Rng) -> Image:
    lit = screen(image, image)
    glow = blur(lit, side(image) * rng.uniform(0.02, 0.05))
    return mix(image, screen(image * rng.uniform(0.8, 0.95), glow**1.5 * rng.uniform(0.7, 0.9)), level)


@operator("glowing")
def layered_halo(image: Image, level: float, rng: Rng) -> Image:
    bright = np.clip(image, 0, 1) ** rng.uniform(2, 3)
    tone = mix(1, rgb(*rng.uniform(0.6, 1.1, 3)), rng.random())
    halo = sum(blur(bright, side(image) * s) for s in (0.012, 0.035, 0.09)) * tone
    return image + halo * level * rng.uniform(0.35, 0.5)


@operator("light leak")
def edge_leaks(image: Image, level: float, rng: Rng) -> Image:
    leak = np.zeros_like(image)
    for _ in range(rng.integers(1, 4)):
        y, x = place(image, rng)
        y, x = (
            ((y, x if rng.random() < 0.5 else 0.0) if x < 0.5 else (0.0, x)) if rng.random() < 0.7 else (y, x)
        )
        colour = rgb(1, rng.uniform(0.15, 0.75), rng.uniform(0, 0.35))
        leak += blob(image, (y, x), rng.uniform(0.25, 0.6)) * colour * rng.uniform(0.7, 1.1)
    return mix(image, screen(image, leak), level)


@operator("light leak")
def leaking_band(image: Image, level: float, rng: Rng) -> Image:
    y, x = plane(image)
    angle = float(rng.choice((0, np.pi / 2))) + rng.uniform(-0.4, 0.4)
    across = y * float(np.sin(angle)) + x * float(np.cos(angle))
    low, high = float(across.min()), float(across.max())
    band = np.abs(across - mix(low, high, rng.choice((0.0, 1.0, rng.random())))) / rng.uniform(0.12, 0.35)
    lumps = mix(0.5, 1, smooth_noise(image.shape[:2], 2, rng))
    core, skirt = np.exp(-(band**2)) * lumps, np.exp(-((band / 2) ** 2)) * lumps
    leak = core[..., None] * rgb(1, 0.75, 0.35) + skirt[..., None] * rgb(0.9, rng.uniform(0.1, 0.3), 0.1)
    return image + leak * level * rng.uniform(0.7, 0.9)


@operator("light leak")
def film_burn(image: Image, level: float, rng: Rng) -> Image:
    y, x = coordinates(*image.shape[:2])
    ramp = (x, 1 - x, y, 1 - y)[rng.integers(4)] + np.zeros(image.shape[:2], np.float32)
    heat = np.clip(ramp * 1.7 - 0.85 + 0.6 * (smooth_noise(image.shape[:2], 3, rng) - 0.4), 0, 1)[..., None]
    burn = np.clip(heat * rgb(3.2, rng.uniform(1.3, 1.9), rng.uniform(0.5, 0.9)), 0, 1)
    return mix(image, screen(image, burn), level)


def ghosts(image: Image, sun: tuple[float, float], rng: Rng) -> Image:
    """Discs on the line from `sun` through the middle."""
    h, w = image.shape[:2]
    middle = (h / (2 * side(image)), w / (2 * side(image)))
    y, x = plane(image)
    out = np.zeros_like(image)
    for _ in range(rng.integers(3, 7)):
        t, radius = rng.uniform(0.3, 2.1), rng.uniform(0.025, 0.12)
        distance = np.hypot(y - mix(sun[0], middle[0], t), x - mix(sun[1], middle[1], t)) / radius
        disc = np.clip((1 - distance) * 8, 0, 1) * mix(0.5, 1, np.clip(distance, 0, 1) ** 3)
        out += disc[..., None] * from_hsv(rgb(rng.random(), rng.uniform(0.2, 0.7), rng.uniform(0.15, 0.4)))
    return out


@operator("lens flare")
def flare_with_ghosts(image: Image, level: float, rng: Rng) -> Image:
    sun = place(image, rng, 0.08, 0.92)
    warm = rgb(1, rng.uniform(0.8, 1), rng.uniform(0.55, 1))
    core = (
        1.3 * blob(image, sun, rng.uniform(0.05, 0.09))
        + 0.6 * blob(image, sun, rng.uniform(0.2, 0.35), 1) * warm
    )
    return image + (core + ghosts(image, sun, rng)) * level


@operator("lens flare")
def star_flare(image: Image, level: float, rng: Rng) -> Image:
    sun, (y, x) = place(image, rng, 0.1, 0.9), plane(image)
    angle, distance = np.arctan2(y - sun[0], x - sun[1]), np.hypot(y - sun[0], x - sun[1])
    arms = np.abs(np.cos(angle * (rng.integers(2, 7)) + rng.uniform(0, 6))) ** rng.uniform(12, 40)
    star = arms * np.exp(-distance / rng.uniform(0.12, 0.25)) + np.exp(-((distance / 0.06) ** 2)) * 1.3
    star += 0.4 * np.exp(-distance / 0.3)
    return (
        image + (star[..., None] * rgb(1, 0.96, rng.uniform(0.7, 1)) + 0.6 * ghosts(image, sun, rng)) * level
    )


@operator("lens flare")
def streak_flare(image: Image, level: float, rng: Rng) -> Image:
    sun, (y, x) = place(image, rng, 0.15, 0.85), plane(image)
    thin = np.exp(-np.abs(y - sun[0]) / rng.uniform(0.008, 0.02)) * np.exp(
        -np.abs(x - sun[1]) / rng.uniform(0.3, 0.7)
    )
    ring = np.exp(-(((np.hypot(y - sun[0], x - sun[1]) - rng.uniform(0.2, 0.4)) / 0.02) ** 2)) * 0.25
    colour = from_hsv(rgb(rng.choice((0.58, 0.55, 0.08)), rng.uniform(0.2, 0.6), 1))
    core = 1.3 * blob(image, sun, 0.06) + 0.4 * blob(image, sun, 0.25, 1)
    return image + (core + (thin + ring)[..., None] * colour + ghosts(image, sun, rng)) * level


def shafts(image: Image, sun: tuple[float, float], rng: Rng) -> Image:
    """Bright and dark sectors about `sun`, weaker further off: (H, W, 1)."""
    y, x = plane(image)
    angle, distance = np.arctan2(y - sun[0], x - sun[1]), np.hypot(y - sun[0], x - sun[1])
    wave = np.zeros_like(angle)
    for _ in range(5):
        wave += np.cos(angle * int(rng.integers(5, 34)) + rng.uniform(0, 6.3))
    return (np.clip(0.25 + 0.35 * wave, 0, 1) * np.exp(-distance / rng.uniform(0.7, 1.3)))[..., None]


def sun_outside(image: Image, rng: Rng) -> tuple[float, float]:
    return rng.uniform(-0.3, 0.1), place(image, rng, -0.1, 1.1)[1]


@operator("light rays")
def god_rays(image: Image, level: float, rng: Rng) -> Image:
    rays = shafts(image, sun_outside(image, rng), rng) * rgb(1, rng.uniform(0.85, 1), rng.uniform(0.6, 0.95))
    return mix(image, screen(image * rng.uniform(0.75, 0.95), rays * rng.uniform(0.8, 1)), level)


@operator("light rays")
def parallel_shafts(image: Image, level: float, rng: Rng) -> Image:
    y, x = plane(image)
    along = x + y * rng.uniform(-1, 1)
    wave = sum(np.cos(along * rng.uniform(5, 26) + rng.uniform(0, 6.3)) for _ in range(4))
    fade = 1 - coordinates(*image.shape[:2])[0] * rng.uniform(0.5, 0.9)
    rays = (np.clip(0.2 + 0.4 * wave, 0, 1) * fade)[..., None] * rgb(1, 0.96, rng.uniform(0.7, 0.95))
    return mix(image, image * 0.85 + rays * rng.uniform(0.4, 0.6), level)


@operator("light rays")
def rays_of_highlights(image: Image, level: float, rng: Rng) -> Image:
    sun = place(image, rng, 0.0, 1.0) if rng.random() < 0.4 else sun_outside(image, rng)
    rays = shafts(image, sun, rng) * mix(0.4, 1, blur(luma(image), side(image) * 0.06))
    glow = blob(image, sun, rng.uniform(0.25, 0.45), 1)
    return image + (rays + 0.6 * glow) * rgb(1, 0.93, rng.uniform(0.65, 0.9)) * level * rng.uniform(0.7, 0.95)


def air(rng: Rng) -> Image:
    return rng.uniform(0.78, 0.93) * rgb(rng.uniform(0.92, 1), rng.uniform(0.95, 1), rng.uniform(0.93, 1.05))


@operator("hazy")
def even_veil(image: Image, level: float, rng: Rng) -> Image:
    return mix(image, air(rng), level * rng.uniform(0.55, 0.75))


@operator("hazy")
def distant_haze(image: Image, level: float, rng: Rng) -> Image:
    y = coordinates(*image.shape[:2])[0]
    depth = np.exp(-((y / rng.uniform(0.6, 1.1)) ** 2))[..., None] * 0.65 + 0.25
    return mix(blur(image, level * side(image) * 0.003), air(rng), level * depth)


@operator("hazy")
def fog_banks(image: Image, level: float, rng: Rng) -> Image:
    h, w = image.shape[:2]
    lumps = 0.65 * smooth_noise((h, w), rng.uniform(2, 4), rng) + 0.35 * smooth_noise((h, w), 8, rng)
    return mix(image, air(rng), level * mix(0.3, 0.95, lumps)[..., None])


@operator("golden hour")
def low_sun(image: Image, level: float, rng: Rng) -> Image:
    warm = image * rgb(1.15, rng.uniform(0.88, 0.98), rng.uniform(0.5, 0.68))
    sun = blob(image, sun_outside(image, rng), rng.uniform(0.7, 1.1), 1) * rgb(1, rng.uniform(0.65, 0.8), 0.3)
    return mix(image, screen(warm, sun * rng.uniform(0.6, 0.85)), level)


@operator("golden hour")
def golden_grade(image: Image, level: float, rng: Rng) -> Image:
    x = np.clip(image, 0, 1)
    power = rgb(rng.uniform(0.72, 0.82), 1.0, rng.uniform(1.5, 1.9))
    gold = x**power + luma(x) ** 2 * rgb(0.12, 0.06, -0.05)
    return mix(image, gold + rgb(0.03, 0.0, 0.01), level)


@operator("golden hour")
def side_light(image: Image, level: float, rng: Rng) -> Image:
    x = coordinates(*image.shape[:2])[1][..., None]
    lit = (x if rng.random() < 0.5 else 1 - x) ** rng.uniform(0.8, 1.5)
    gold = rgb(1, rng.uniform(0.72, 0.82), rng.uniform(0.35, 0.5))
    return mix(
        image, image * mix(rgb(0.9, 0.75, 0.68), gold * 1.35, lit) + gold * lit * rng.uniform(0.1, 0.2), level
    )


@operator("spotlit")
def spot(image: Image, level: float, rng: Rng) -> Image:
    pool = blob(image, place(image, rng, 0.3, 0.7), rng.uniform(0.22, 0.4), rng.uniform(2, 5))
    colour = rgb(1, rng.uniform(0.9, 1), rng.uniform(0.75, 1)) * rng.uniform(1.1, 1.5)
    return image * mix(1, mix(rng.uniform(0.06, 0.18), colour, pool), level)


@operator("spotlit")
def oval_spot(image: Image, level: float, rng: Rng) -> Image:
    (cy, cx), (y, x) = place(image, rng, 0.35, 0.65), plane(image)
    distance = np.hypot((y - cy) / rng.uniform(0.25, 0.45), (x - cx) / rng.uniform(0.25, 0.45))
    pool = 1 / (1 + np.exp(np.clip((distance - 1) * rng.uniform(5, 20), -30, 30)))
    return mix(image, image * (rng.uniform(0.05, 0.2) + pool[..., None] * rng.uniform(1.0, 1.4)), level)


@operator("spotlit")
def stage_beam(image: Image, level: float, rng: Rng) -> Image:
    (cy, cx), (y, x) = place(image, rng, 0.45, 0.7), plane(image)
    source, radius = cx + rng.uniform(-0.4, 0.4), rng.uniform(0.22, 0.34)
    pool = blob(image, (cy, cx), radius, 3)
    run = np.clip((y + 0.1) / (cy + 0.1), 0, 1)
    off = np.abs(x - mix(source, cx, run)) / (radius * run + 0.02)
    beam = np.clip((1.1 - off) * 3, 0, 1) * np.clip((cy - y) * 6 + 0.5, 0, 1)
    lit = image * (rng.uniform(0.08, 0.18) + 1.2 * pool) + beam[..., None] * rng.uniform(0.12, 0.25)
    return mix(image, lit, level)


@operator("night scene")
def day_for_night(image: Image, level: float, rng: Rng) -> Image:
    gray = mix(image, luma(image), rng.uniform(0.4, 0.7))
    tone = rgb(rng.uniform(0.35, 0.55), rng.uniform(0.5, 0.7), rng.uniform(0.9, 1.1))
    return mix(image, np.clip(gray, 0, 1) ** rng.uniform(1.2, 1.7) * tone * rng.uniform(0.4, 0.6), level)


def lamps(image: Image, rng: Rng) -> Image:
    out = np.zeros_like(image)
    for _ in range(rng.integers(3, 9)):
        centre, colour = place(image, rng), rgb(1, rng.uniform(0.6, 0.95), rng.uniform(0.25, 0.8))
        out += (
            blob(image, centre, rng.uniform(0.01, 0.03))
            + 0.4 * blob(image, centre, rng.uniform(0.05, 0.12), 1)
        ) * colour
    return out


@operator("night scene")
def lamp_lit_night(image: Image, level: float, rng: Rng) -> Image:
    light = lamps(image, rng)
    near = blur(light, side(image) * 0.12) * 2.5
    dark = image * (rgb(0.16, 0.2, 0.34) * rng.uniform(0.8, 1.2) + near)
    return mix(image, dark + light, level)


@operator("night scene")
def windows_at_night(image: Image, level: float, rng: Rng) -> Image:
    x = np.clip(image, 0, 1)
    own = np.clip((luma(x) - rng.uniform(0.65, 0.75)) * 4, 0, 1) * rgb(0.9, 0.75, 0.4)
    dark = x ** rgb(2.4, 2.1, rng.uniform(1.3, 1.6)) * rng.uniform(0.4, 0.55) + rgb(0, 0.005, 0.04)
    return mix(image, dark + own * rng.uniform(0.3, 0.8), level)


@operator("overexposed")
def blown_out(image: Image, level: float, rng: Rng) -> Image:
    linear = np.clip(image, 0, 1) ** 2.2 * 2 ** (level * rng.uniform(2.2, 3.2))
    return np.minimum(linear, 1) ** (1 / 2.2)


@operator("overexposed")
def blown_with_bloom(image: Image, level: float, rng: Rng) -> Image:
    pushed = np.minimum(image * (1 + level * rng.uniform(1.0, 1.6)), 1.5)
    spill = np.maximum(pushed - 0.75, 0)
    return pushed + level * blur(spill, side(image) * rng.uniform(0.02, 0.05)) * rng.uniform(0.6, 1.0)


@operator("overexposed")
def clipped_offset(image: Image, level: float, rng: Rng) -> Image:
    white = mix(image, luma(image), 0.3 * level) + level * rng.uniform(0.05, 0.15)
    return white / (1 - level * rng.uniform(0.36, 0.5))
