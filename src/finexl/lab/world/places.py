"""The places in the open: each paints its ground and says where things stand there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from finexl.lab.world.board import Board
from finexl.lab.world.words import RGB


@dataclass(frozen=True)
class Band:
    """Where feet can stand: from far to near, in heights of the picture, with the size of things there."""

    far: float
    near: float
    scale: float = 1.0


Bands = dict[str, Band]
Painter = Callable[[Board], Bands]

SKIES: dict[str, tuple[RGB, RGB]] = {
    "day": ((0.3, 0.58, 0.95), (0.74, 0.88, 1.0)),
    "dawn": ((0.62, 0.62, 0.86), (1.0, 0.8, 0.72)),
    "dusk": ((0.3, 0.16, 0.45), (1.0, 0.5, 0.18)),
    "night": ((0.02, 0.03, 0.12), (0.09, 0.12, 0.28)),
}
TINTS: dict[str, RGB] = {
    "day": (1.0, 1.0, 1.0),
    "dawn": (0.98, 0.85, 0.84),
    "dusk": (0.78, 0.5, 0.46),
    "night": (0.36, 0.42, 0.62),
}
_GREYS = {"day": 0.74, "dawn": 0.66, "dusk": 0.42, "night": 0.16}
_GREYNESS = {"clear": 0.0, "cloudy": 0.45, "rain": 0.8, "snowfall": 0.75, "fog": 0.7}
_DIM = {"clear": 1.0, "cloudy": 0.92, "rain": 0.72, "snowfall": 0.95, "fog": 0.95}
SKY_BAND = Band(0.12, 0.4)
_SNOW = (0.93, 0.95, 1.0)


def sky_colours(time: str, weather: str) -> tuple[RGB, RGB]:
    """Zenith and horizon."""
    grey, part = _GREYS[time], _GREYNESS[weather]
    level = grey * (0.78 if weather == "rain" else 1.0)
    top, low = ([c * (1 - part) + level * part for c in colour] for colour in SKIES[time])
    return (top[0], top[1], top[2]), (low[0], low[1], low[2])


def light_of(time: str, weather: str) -> RGB:
    """The colour by which everything that gives no light itself is multiplied."""
    dim = _DIM[weather] if time != "night" else 1.0
    r, g, b = (c * dim for c in TINTS[time])
    return r, g, b


def sky(b: Board, horizon: float) -> None:
    """Sky down to the horizon, with sun, moon and stars, and clouds."""
    top, low = sky_colours(b.time, b.weather)
    rng = b.rng
    with b.glowing():
        b.shade(0, horizon, b.near(top, 0.04), low)
        b.rect(0, horizon, 1, horizon + 0.12, low)  # hills may dip below the horizon
        if b.weather in ("clear", "cloudy"):
            _lights(b, horizon)
    if b.weather in ("cloudy", "rain"):
        gain = 1.0 if b.weather == "cloudy" else 0.5
        for _ in range(4):
            _cloud(b, float(rng.random()), b.between(0.03, 0.22), b.between(0.09, 0.15), gain)


def _lights(b: Board, horizon: float) -> None:
    x = b.between(0.12, 0.88)
    if b.time == "night":
        for x_star, y_star in b.rng.random((14, 2)):
            b.oval(x_star, y_star * horizon, 0.007, 0.007, (1, 1, 0.9))
        b.oval(x, 0.13, 0.07, 0.07, (1, 0.98, 0.82))
        b.oval(x + 0.03, 0.115, 0.058, 0.058, SKIES["night"][0])
    elif b.time == "day":
        if b.rng.random() < 0.5:
            b.oval(x, 0.12, 0.065, 0.065, (1, 0.95, 0.5))
    else:
        b.oval(x, horizon - 0.05, 0.09, 0.09, (1, 0.93, 0.62) if b.time == "dawn" else (1, 0.35, 0.12))


def _cloud(b: Board, x: float, y: float, r: float, gain: float) -> None:
    for dx, dy, size in ((-0.9, 0.1, 0.55), (0.0, 0.0, 0.75), (0.9, 0.12, 0.5)):
        b.oval(x + dx * r, y + dy * r, size * r * 1.5, size * r * 0.75, (0.96, 0.96, 0.98), gain)


def _ground(b: Board, horizon: float, colour: RGB) -> None:
    """Flat ground, white where it snows."""
    if b.weather == "snowfall":
        colour = _SNOW
    c = b.near(colour)
    b.shade(horizon, 1, [0.9 * v for v in c], [1.08 * v for v in c])


def _water(b: Board, horizon: float) -> None:
    _, low = sky_colours(b.time, b.weather)
    deep = b.near((0.1, 0.36, 0.62), 0.04)
    mirror = [0.45 * s + 0.55 * d * t for s, d, t in zip(low, deep, b.tint, strict=True)]
    with b.glowing():
        b.shade(horizon, 1, mirror, [d * t for d, t in zip(deep, b.tint, strict=True)])
        for x, t in b.rng.random((9, 2)):
            y = horizon + 0.03 + (0.95 - horizon) * t
            b.line([(x - 0.05, y), (x + 0.05, y)], mirror, 0.012, 1.12)


def lake(b: Board) -> Bands:
    h = b.between(0.4, 0.5)
    sky(b, h)
    b.land(np.array(b.wave(h - 0.06, 0.04, 2.0)), b.near((0.3, 0.45, 0.32)), 0.9)
    _ground(b, h - 0.02, (0.36, 0.58, 0.26))
    _water(b, h + 0.05)
    return {"sky": SKY_BAND, "water": Band(h + 0.2, 0.92), "ground": Band(h + 0.03, h + 0.05, 0.75)}


def sea(b: Board) -> Bands:
    h = b.between(0.4, 0.52)
    sky(b, h)
    _water(b, h)
    return {"sky": SKY_BAND, "water": Band(h + 0.14, 0.92)}


def beach(b: Board) -> Bands:
    h = b.between(0.34, 0.42)
    sky(b, h)
    _water(b, h)
    b.land(np.array(b.wave(h + 0.24, 0.02, 1.2)), _SNOW, 1.0)
    b.land(np.array(b.wave(h + 0.26, 0.02, 1.2)), b.near((0.95, 0.84, 0.56)))
    return {"sky": SKY_BAND, "water": Band(h + 0.08, h + 0.18, 0.6), "ground": Band(h + 0.42, 0.95)}


def island(b: Board) -> Bands:
    h = b.between(0.38, 0.46)
    sky(b, h)
    _water(b, h)
    y = h + 0.26
    b.oval(0.5, y + 0.03, 0.42, 0.12, b.near((0.95, 0.84, 0.56)))
    b.oval(0.5, y, 0.36, 0.09, b.near((0.3, 0.58, 0.24)))
    return {"sky": SKY_BAND, "ground": Band(y - 0.04, y + 0.04, 0.85), "water": Band(0.9, 0.97, 0.7)}


def mountains(b: Board) -> Bands:
    h = b.between(0.6, 0.68)
    sky(b, h)
    rock = b.near((0.5, 0.5, 0.6))
    for x in (b.between(0.05, 0.25), b.between(0.4, 0.6), b.between(0.75, 0.95)):
        top, w = b.between(0.14, 0.3), b.between(0.26, 0.36)
        b.polygon([(x - w, h + 0.02), (x, top), (x + w, h + 0.02)], rock, b.between(0.8, 1.1))
        b.polygon([(x, top), (x + w, h + 0.02), (x + 0.25 * w, h + 0.02)], rock, 0.72)
        k = 0.34
        peak = [
            (x - k * w, top + k * (h - top)),
            (x, top),
            (x + k * w, top + k * (h - top)),
            (x, top + 0.24 * (h - top)),
        ]
        b.polygon(peak, _SNOW)
    _ground(b, h, (0.4, 0.56, 0.3))
    return {"sky": Band(0.1, 0.25), "ground": Band(h + 0.12, 0.94)}


def meadow(b: Board) -> Bands:
    h = b.between(0.46, 0.56)
    sky(b, h)
    b.land(
        np.array(b.wave(h, 0.05, 1.6)), b.near((0.44, 0.66, 0.3)) if b.weather != "snowfall" else _SNOW, 0.86
    )
    _ground(b, h + 0.1, (0.5, 0.74, 0.28))
    return {"sky": SKY_BAND, "ground": Band(h + 0.18, 0.94)}


def forest(b: Board) -> Bands:
    sky(b, 0.55)
    leaf = b.near((0.12, 0.38, 0.16))
    for x in np.linspace(-0.02, 1.02, 8):
        b.oval(
            x + 0.08 * (b.rng.random() - 0.5), b.between(0.2, 0.34), 0.12, 0.16, leaf, b.between(0.75, 1.0)
        )
    b.rect(0, 0.34, 1, 0.62, leaf, 0.5)
    for x in np.linspace(0.04, 0.96, 7):
        x += 0.06 * (b.rng.random() - 0.5)
        b.rect(x - 0.022, 0.3, x + 0.022, 0.64, (0.42, 0.27, 0.16))
    _ground(b, 0.6, (0.28, 0.42, 0.18))
    return {"sky": Band(0.06, 0.1, 0.7), "ground": Band(0.76, 0.95)}


def desert(b: Board) -> Bands:
    h = b.between(0.46, 0.55)
    sky(b, h)
    sand = b.near((0.93, 0.68, 0.36))
    b.land(np.array(b.wave(h, 0.07, 1.1)), sand, 0.84)
    b.land(np.array(b.wave(h + 0.13, 0.05, 1.4)), sand, 0.94)
    b.land(np.array(b.wave(h + 0.27, 0.03, 0.9)), sand, 1.05)
    return {"sky": SKY_BAND, "ground": Band(h + 0.3, 0.95)}


def snowy_plain(b: Board) -> Bands:
    h = b.between(0.46, 0.56)
    sky(b, h)
    b.land(np.array(b.wave(h, 0.05, 1.3)), _SNOW, 0.84)
    c = b.near(_SNOW, 0.03)
    b.shade(h + 0.08, 1, [0.94 * v for v in c], c)
    return {"sky": SKY_BAND, "ground": Band(h + 0.2, 0.94)}


def road(b: Board) -> Bands:
    h = b.between(0.42, 0.5)
    sky(b, h)
    _ground(b, h, (0.46, 0.64, 0.3))
    end = b.between(0.4, 0.6)
    b.polygon([(end - 0.03, h), (end + 0.03, h), (0.98, 1.02), (0.02, 1.02)], b.near((0.36, 0.36, 0.39)))
    for t0, t1 in ((0.1, 0.2), (0.32, 0.48), (0.65, 0.9)):
        points = [(end + (0.5 - end) * t, h + (1 - h) * t) for t in (t0, t1)]
        b.line(points, (0.95, 0.93, 0.8), 0.012 + 0.025 * t1)
    return {"sky": SKY_BAND, "ground": Band(h + 0.22, 0.94)}


def _windows(b: Board, x: float, top: float, w: float, bottom: float, columns: int, step: float) -> None:
    night = b.time in ("dusk", "night")
    for y in np.arange(top + 0.04, bottom - 0.05, step):
        for i in range(columns):
            x0 = x + w * (i + 0.28) / columns
            if night and b.rng.random() < 0.65:
                with b.glowing():
                    b.rect(x0, y, x0 + 0.45 * w / columns, y + 0.5 * step, (1, 0.86, 0.42))
            else:
                b.rect(x0, y, x0 + 0.45 * w / columns, y + 0.5 * step, (0.3, 0.38, 0.5))


def street(b: Board) -> Bands:
    sky(b, 0.5)
    base, x = b.between(0.62, 0.66), -0.04
    walls: tuple[RGB, ...] = ((0.8, 0.45, 0.36), (0.88, 0.76, 0.52), (0.62, 0.68, 0.74), (0.76, 0.6, 0.56))
    first = int(b.rng.integers(4))
    for i in range(6):
        if x > 1:
            break
        w, top = b.between(0.22, 0.3), b.between(0.22, 0.34)
        b.rect(x, top, x + w, base, b.near(walls[(first + i) % 4]))
        b.polygon([(x - 0.01, top), (x + w + 0.01, top), (x + w / 2, top - 0.12)], b.near((0.45, 0.22, 0.18)))
        _windows(b, x, top + 0.02, w, base, 2, 0.13)
        x += w + 0.01
    b.rect(0, base, 1, base + 0.08, (0.66, 0.64, 0.62))
    b.shade(base + 0.08, 1, (0.34, 0.34, 0.37), (0.42, 0.42, 0.45))
    return {"sky": Band(0.06, 0.12, 0.7), "ground": Band(base + 0.14, 0.95)}


def city(b: Board) -> Bands:
    sky(b, 0.75)
    x, base = -0.03, 0.8
    while x < 1:
        w, top = b.between(0.12, 0.19), b.between(0.18, 0.5)
        b.rect(x, top, x + w, base, b.near((0.5, 0.54, 0.62), 0.14))
        _windows(b, x, top, w, base, 2, 0.08)
        x += w + 0.015
    b.shade(base, 1, (0.4, 0.4, 0.43), (0.48, 0.48, 0.5))
    return {"sky": Band(0.08, 0.16, 0.75), "ground": Band(0.88, 0.96, 0.9)}


def garden(b: Board) -> Bands:
    sky(b, 0.42)
    b.rect(0, 0.38, 1, 0.6, b.near((0.2, 0.46, 0.2)))
    for x in np.linspace(0, 1, 7):
        b.oval(x, 0.39, 0.1, 0.06, b.near((0.2, 0.46, 0.2), 0.04))
    _ground(b, 0.56, (0.42, 0.7, 0.28))
    petals: tuple[RGB, ...] = ((0.95, 0.3, 0.4), (0.98, 0.85, 0.25), (0.75, 0.4, 0.85), (0.98, 0.98, 0.98))
    for i, x in enumerate(np.linspace(0.04, 0.96, 9)):
        y = 0.58 + 0.03 * b.rng.random()
        b.oval(x, y, 0.032, 0.032, petals[(i + int(b.rng.integers(2))) % 4])
    return {"sky": SKY_BAND, "ground": Band(0.76, 0.94)}


OPEN_AIR: dict[str, Painter] = {
    "lake": lake, "sea": sea, "beach": beach, "island": island, "mountains": mountains, "field": meadow,
    "forest": forest, "desert": desert, "snow": snowy_plain, "road": road, "street": street, "city": city,
    "garden": garden,
}  # fmt: skip
