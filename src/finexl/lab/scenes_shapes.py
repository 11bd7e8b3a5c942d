"""The kinds of scene: each draws one subject on a canvas in relative coordinates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw

Colour = np.ndarray


class Canvas:
    """A Pillow drawing of n x n pixels addressed from 0 to 1, with a palette's random colours."""

    def __init__(self, rng: np.random.Generator, n: int):
        self.rng, self.n = rng, n
        self.picture = Pil.new("RGB", (n, n))
        self.draw = ImageDraw.Draw(self.picture)
        self.light = rng.uniform(0.7, 1.15)
        self.left_lit = rng.random() < 0.5

    def tone(self, r: float, g: float, b: float, spread: float = 0.12) -> Colour:
        colour = np.array([r, g, b]) * self.rng.uniform(1 - 1.5 * spread, 1 + 1.5 * spread)
        return colour + self.rng.normal(0, spread / 2, 3)

    def any(self) -> Colour:
        return self.rng.random(3) * self.rng.uniform(0.5, 1.1)

    def ink(self, colour: Colour, gain: float = 1.0) -> tuple[int, ...]:
        return tuple(int(255 * v) for v in np.clip(np.asarray(colour) * gain * self.light, 0, 1))

    def _points(self, points) -> list[tuple[float, float]]:
        return [(float(x) * self.n, float(y) * self.n) for x, y in points]

    def polygon(self, points, colour: Colour, gain: float = 1.0) -> None:
        self.draw.polygon(self._points(points), fill=self.ink(colour, gain))

    def line(self, points, colour: Colour, width: float, gain: float = 1.0) -> None:
        self.draw.line(
            self._points(points),
            fill=self.ink(colour, gain),
            width=max(1, int(width * self.n)),
            joint="curve",
        )

    def rect(self, x0, y0, x1, y1, colour: Colour, gain: float = 1.0) -> None:
        n = self.n
        box = (min(x0, x1) * n, min(y0, y1) * n, max(x0, x1) * n, max(y0, y1) * n)
        self.draw.rectangle(box, fill=self.ink(colour, gain))

    def oval(self, x, y, rx, ry, colour: Colour, gain: float = 1.0) -> None:
        n = self.n
        rx, ry = abs(rx), abs(ry)
        self.draw.ellipse(
            ((x - rx) * n, (y - ry) * n, (x + rx) * n, (y + ry) * n), fill=self.ink(colour, gain)
        )

    def ball(self, x, y, rx, ry, colour: Colour, steps: int = 7) -> None:
        """An oval shaded towards the light."""
        side = -1 if self.left_lit else 1
        for i in range(steps):
            t = i / (steps - 1)
            self.oval(
                x + side * 0.3 * rx * t,
                y - 0.3 * ry * t,
                rx * (1 - 0.8 * t),
                ry * (1 - 0.8 * t),
                colour,
                0.55 + 0.7 * t,
            )

    def gradient(self, y0: float, y1: float, top: Colour, low: Colour) -> None:
        a, b = int(y0 * self.n), int(np.ceil(y1 * self.n))
        if b <= a:
            return
        t = np.linspace(0, 1, b - a)[:, None]
        rows = np.clip((top * (1 - t) + low * t) * self.light, 0, 1) * 255
        band = Pil.fromarray(rows.astype(np.uint8)[:, None]).resize((self.n, b - a), Pil.Resampling.NEAREST)
        self.picture.paste(band, (0, a))

    def sky(self, horizon: float = 1.0) -> str:
        kind = str(self.rng.choice(["clear", "cloudy", "sunset", "grey"]))
        tops = {
            "clear": (0.25, 0.5, 0.9),
            "cloudy": (0.45, 0.6, 0.85),
            "sunset": (0.35, 0.3, 0.55),
            "grey": (0.6, 0.62, 0.65),
        }
        lows = {
            "clear": (0.75, 0.87, 0.98),
            "cloudy": (0.8, 0.85, 0.9),
            "sunset": (1.0, 0.6, 0.3),
            "grey": (0.8, 0.8, 0.8),
        }
        self.gradient(0, horizon, self.tone(*tops[kind]), self.tone(*lows[kind]))
        if kind in ("cloudy", "sunset"):
            for _ in range(self.rng.integers(2, 6)):
                self.cloud(
                    self.rng.random(), self.rng.uniform(0.02, 0.7 * horizon), self.rng.uniform(0.04, 0.12)
                )
        if kind == "sunset" or self.rng.random() < 0.2:
            r = self.rng.uniform(0.025, 0.07)
            self.oval(
                self.rng.uniform(0.15, 0.85),
                self.rng.uniform(0.3, 0.95) * horizon,
                r,
                r,
                np.array([1.2, 1.1, 0.8]),
            )
        return kind

    def cloud(self, x, y, r) -> None:
        for _ in range(9):
            dx, dy = self.rng.normal(0, 1.1 * r), self.rng.normal(0, 0.25 * r)
            size = r * self.rng.uniform(0.3, 0.7)
            self.oval(x + dx, y + dy, size * 1.4, size * 0.7, np.full(3, self.rng.uniform(0.8, 1.05)))

    def ridge(self, base: float, height: float, roughness: float, points: int = 9) -> np.ndarray:
        """A fractal skyline as (x, y) points."""
        y = self.rng.normal(0, 1, points) * height
        scale = height * roughness
        while len(y) < 120:
            fine = np.empty(2 * len(y) - 1)
            fine[::2] = y
            fine[1::2] = (y[1:] + y[:-1]) / 2 + self.rng.normal(0, scale, len(y) - 1)
            y, scale = fine, scale * 0.5
        return np.stack([np.linspace(-0.02, 1.02, len(y)), base - y], -1)

    def land(self, ridge: np.ndarray, colour: Colour, gain: float = 1.0) -> None:
        self.polygon([*ridge, (1.02, 1.02), (-0.02, 1.02)], colour, gain)

    def tree(self, x, y, h, colour: Colour, conifer: bool) -> None:
        rng = self.rng
        self.line([(x, y), (x + rng.normal(0, 0.03 * h), y - 0.6 * h)], self.tone(0.3, 0.2, 0.12), 0.05 * h)
        if conifer:
            for i in range(4):
                w, top = h * (0.28 - 0.055 * i), y - h * (0.4 + 0.2 * i)
                self.polygon(
                    [(x - w, y - h * (0.12 + 0.2 * i)), (x + w, y - h * (0.12 + 0.2 * i)), (x, top)],
                    colour,
                    0.75 + 0.1 * i,
                )
        else:
            for i in range(10):
                r = h * rng.uniform(0.1, 0.22)
                self.oval(
                    x + rng.normal(0, 0.14 * h), y - h * rng.uniform(0.5, 0.9), r, r, colour, 0.6 + 0.06 * i
                )

    def house(self, x, y, w, h) -> None:
        wall, roof, rng = self.tone(0.8, 0.7, 0.6, 0.25), self.tone(0.55, 0.25, 0.2, 0.2), self.rng
        self.rect(x, y - h, x + w, y, wall)
        shade = x + (0.7 * w if self.left_lit else 0.0)
        self.rect(shade, y - h, shade + 0.3 * w, y, wall, 0.8)
        self.polygon(
            [(x - 0.06 * w, y - h), (x + 1.06 * w, y - h), (x + w / 2, y - h - w * rng.uniform(0.3, 0.6))],
            roof,
        )
        rows, columns = max(1, int(h / 0.1)), max(1, int(w / 0.08))
        glass = self.tone(0.25, 0.3, 0.4, 0.3)
        for i in range(rows):
            for j in range(columns):
                wx, wy = x + w * (j + 0.25) / columns, y - h * (i + 0.8) / rows
                self.rect(wx, wy, wx + 0.5 * w / columns, wy + 0.5 * h / rows, glass, rng.uniform(0.6, 1.4))
        self.rect(x + 0.42 * w, y - min(0.12, 0.4 * h), x + 0.58 * w, y, self.tone(0.35, 0.2, 0.15, 0.3))


def mountains(c: Canvas) -> str:
    sky = c.sky(0.8)
    layers = int(c.rng.integers(2, 5))
    far, near = c.tone(0.6, 0.68, 0.8), c.tone(0.2, 0.3, 0.2, 0.25)
    for i in range(layers):
        t = i / max(1, layers - 1)
        ridge = c.ridge(0.45 + 0.35 * t, 0.12 * (1 - 0.5 * t), 0.5)
        c.land(ridge, far * (1 - t) + near * t)
        if i == 0 and c.rng.random() < 0.5:
            top = ridge[:, 1].min()
            snow = ridge.copy()
            snow[:, 1] = np.where(
                ridge[:, 1] < top + 0.1, np.minimum(ridge[:, 1] + 0.05, top + 0.13), ridge[:, 1]
            )
            c.polygon([*ridge, *snow[::-1]], np.full(3, 1.0))
    return f"mountains under a {sky} sky"


def _water(c: Canvas, horizon: float) -> None:
    colour = c.tone(0.15, 0.4, 0.55, 0.2)
    c.gradient(horizon, 1, colour * 1.5, colour * 0.7)
    for _ in range(c.rng.integers(40, 110)):
        t = c.rng.random() ** 1.5
        x, y, w = c.rng.random(), horizon + (1 - horizon) * t, 0.02 + 0.1 * t
        c.line([(x, y), (x + w, y)], colour, 0.002 + 0.006 * t, c.rng.uniform(0.6, 2.2))


def _boat(c: Canvas, x: float, y: float, s: float) -> None:
    hull = c.any()
    c.polygon(
        [
            (x - s, y - 0.25 * s),
            (x + s, y - 0.25 * s),
            (x + 0.7 * s, y + 0.12 * s),
            (x - 0.7 * s, y + 0.12 * s),
        ],
        hull,
    )
    c.line([(x, y - 0.25 * s), (x, y - 1.9 * s)], np.full(3, 0.3), 0.03 * s)
    sail = c.tone(0.95, 0.92, 0.85, 0.2)
    c.polygon([(x + 0.05 * s, y - 1.8 * s), (x + 0.05 * s, y - 0.4 * s), (x + 0.85 * s, y - 0.4 * s)], sail)
    c.polygon(
        [(x - 0.05 * s, y - 1.6 * s), (x - 0.05 * s, y - 0.4 * s), (x - 0.6 * s, y - 0.4 * s)], sail, 0.85
    )


def seascape(c: Canvas) -> str:
    horizon = c.rng.uniform(0.35, 0.65)
    sky = c.sky(horizon)
    _water(c, horizon)
    if c.rng.random() < 0.6:
        c.land(c.ridge(0.9, 0.03, 0.4), c.tone(0.85, 0.75, 0.55))
        return f"a beach by the sea under a {sky} sky"
    return f"the open sea under a {sky} sky"


def boats(c: Canvas) -> str:
    horizon = c.rng.uniform(0.35, 0.55)
    c.sky(horizon)
    c.land(c.ridge(horizon, 0.03, 0.5), c.tone(0.3, 0.4, 0.3))
    _water(c, horizon + 0.02)
    for y in np.sort(c.rng.uniform(horizon + 0.06, 0.9, c.rng.integers(1, 5))):
        _boat(c, c.rng.uniform(0.1, 0.9), y, 0.04 + 0.2 * (y - horizon))
    return "boats on a lake"


def forest(c: Canvas) -> str:
    c.sky(0.7)
    c.gradient(0.55, 1, c.tone(0.35, 0.45, 0.2), c.tone(0.2, 0.28, 0.12))
    autumn, conifer = c.rng.random() < 0.3, c.rng.random() < 0.5
    for y in np.sort(c.rng.uniform(0.55, 1.05, c.rng.integers(14, 32))):
        leaf = c.tone(0.75, 0.4, 0.12, 0.25) if autumn else c.tone(0.18, 0.4, 0.15, 0.25)
        c.tree(c.rng.random(), y, 0.15 + 0.6 * (y - 0.5) + 0.1 * c.rng.random(), leaf, conifer)
    return "an autumn forest" if autumn else "a forest of trees"


def skyline(c: Canvas, night: bool | None = None) -> str:
    night = c.rng.random() < 0.3 if night is None else night
    if night:
        c.gradient(0, 1, c.tone(0.03, 0.04, 0.12), c.tone(0.25, 0.15, 0.3))
    else:
        c.sky(0.9)
    for layer in range(2):
        x = -0.05
        while x < 1:
            w, top = c.rng.uniform(0.06, 0.17), c.rng.uniform(0.2, 0.6) + 0.15 * layer
            wall = c.tone(0.12, 0.12, 0.18) if night else c.tone(0.55, 0.55, 0.58, 0.2) * (1.1 - 0.3 * layer)
            c.rect(x, top, x + w, 1, wall)
            c.rect(
                x + (0.75 * w if c.left_lit else 0), top, x + (w if c.left_lit else 0.25 * w), 1, wall, 0.75
            )
            step = c.rng.uniform(0.022, 0.04)
            for wy in np.arange(top + step, 0.97, step * 1.4):
                for wx in np.arange(x + 0.012, x + w - 0.015, step):
                    lit = c.rng.random() < 0.4
                    pane = np.array([1.2, 1.0, 0.5]) if night and lit else wall * (0.6 if lit else 1.25)
                    c.rect(wx, wy, wx + step * 0.5, wy + step * 0.7, pane)
            x += w * c.rng.uniform(0.8, 1.15)
    return "a city skyline at night" if night else "a city skyline with tall buildings"


def street(c: Canvas) -> str:
    c.sky(0.7)
    base = c.rng.uniform(0.65, 0.8)
    x = -0.05
    while x < 1:
        w = c.rng.uniform(0.15, 0.32)
        c.house(x, base, w, c.rng.uniform(0.18, 0.4))
        x += w * c.rng.uniform(1.0, 1.25)
    c.gradient(base, 1, c.tone(0.5, 0.5, 0.48), c.tone(0.35, 0.35, 0.36))
    for x in np.arange(c.rng.uniform(-0.2, 0), 1, 0.22):
        c.rect(x, 0.92, x + 0.1, 0.935, np.full(3, 0.9))
    for _ in range(c.rng.integers(0, 3)):
        c.tree(c.rng.random(), base + 0.05, c.rng.uniform(0.2, 0.4), c.tone(0.25, 0.42, 0.2), False)
    if c.rng.random() < 0.5:
        x, paint = c.rng.uniform(0.1, 0.6), c.any()
        c.polygon([(x + 0.05, 0.8), (x + 0.1, 0.74), (x + 0.22, 0.74), (x + 0.27, 0.8)], paint, 0.8)
        c.rect(x, 0.8, x + 0.32, 0.87, paint)
        for wheel in (0.07, 0.25):
            c.oval(x + wheel, 0.87, 0.03, 0.03, np.full(3, 0.08))
    return "a street with houses"


def still_life(c: Canvas) -> str:
    wall, table = c.any() * 0.7, c.tone(0.5, 0.32, 0.2, 0.25)
    edge = c.rng.uniform(0.45, 0.65)
    c.gradient(0, edge, wall, wall * 0.7)
    c.gradient(edge, 1, table * 1.2, table * 0.7)
    if c.rng.random() < 0.5:
        x, h, glass = c.rng.uniform(0.2, 0.8), c.rng.uniform(0.3, 0.45), c.any()
        c.ball(x, edge + 0.05, 0.08, h * 0.4, glass)
        c.rect(x - 0.025, edge + 0.1 - h, x + 0.025, edge, glass, 0.9)
    for y in np.sort(c.rng.uniform(edge + 0.02, 0.88, c.rng.integers(4, 10))):
        r, x = c.rng.uniform(0.05, 0.11), c.rng.uniform(0.1, 0.9)
        fruit = ((0.85, 0.15, 0.1), (0.95, 0.6, 0.1), (0.95, 0.85, 0.25), (0.4, 0.7, 0.2), (0.4, 0.15, 0.45))
        c.oval(x + (0.4 if c.left_lit else -0.4) * r, y + 0.75 * r, r * 1.1, 0.35 * r, table, 0.4)
        c.ball(x, y, r, r * c.rng.uniform(0.8, 1.1), c.tone(*fruit[c.rng.integers(5)]))
        c.line([(x, y - 0.7 * r), (x + 0.2 * r, y - 1.15 * r)], np.array([0.3, 0.2, 0.1]), 0.1 * r)
    return "a still life with fruit on a table"


def portrait(c: Canvas) -> str:
    ground = c.any()
    c.gradient(0, 1, ground, ground * c.rng.uniform(0.4, 1.2))
    skin, hair, coat = (
        c.tone(0.85, 0.65, 0.52, 0.2) * c.rng.uniform(0.5, 1.05),
        c.tone(0.3, 0.2, 0.12, 0.4),
        c.any(),
    )
    x, y, r = c.rng.uniform(0.42, 0.58), c.rng.uniform(0.36, 0.46), c.rng.uniform(0.13, 0.2)
    long = c.rng.random() < 0.5
    c.oval(x, y - 0.1 * r + (0.5 * r if long else 0), 1.15 * r, (1.9 if long else 1.35) * r, hair)
    c.ball(x, 1.05, 2.3 * r, 1.05 - y - 1.25 * r, coat)
    c.rect(x - 0.35 * r, y + 0.8 * r, x + 0.35 * r, y + 1.6 * r, skin, 0.75)
    c.ball(x, y, 0.88 * r, 1.15 * r, skin)
    c.polygon(
        [
            (x - r, y - 0.4 * r),
            (x - 0.5 * r, y - 1.35 * r),
            (x + 0.6 * r, y - 1.3 * r),
            (x + r, y - 0.4 * r),
            (x, y - 0.75 * r),
        ],
        hair,
    )
    for side in (-1, 1):
        ex = x + side * 0.36 * r
        c.oval(ex, y - 0.05 * r, 0.17 * r, 0.09 * r, np.full(3, 0.95))
        c.oval(ex, y - 0.05 * r, 0.08 * r, 0.09 * r, np.full(3, 0.1))
        c.line([(ex - 0.2 * r, y - 0.26 * r), (ex + 0.2 * r, y - 0.27 * r)], hair, 0.05 * r)
    c.line([(x, y), (x + 0.1 * r, y + 0.35 * r), (x - 0.04 * r, y + 0.38 * r)], skin, 0.04 * r, 0.6)
    c.oval(x, y + 0.65 * r, 0.3 * r, 0.08 * r, c.tone(0.7, 0.3, 0.3))
    return "a portrait of a person"


def interior(c: Canvas) -> str:
    wall, floor = c.tone(0.8, 0.75, 0.68, 0.25), c.tone(0.5, 0.35, 0.22, 0.25)
    x0, x1, y0, y1 = *np.sort(c.rng.uniform((0.15, 0.6), (0.35, 0.85))), 0.2, 0.65
    c.polygon([(0, 0), (1, 0), (x1, y0), (x0, y0)], wall, 1.1)
    c.polygon([(0, 0), (x0, y0), (x0, y1), (0, 1)], wall, 0.7)
    c.polygon([(1, 0), (x1, y0), (x1, y1), (1, 1)], wall, 0.85)
    c.polygon([(0, 1), (x0, y1), (x1, y1), (1, 1)], floor)
    for i in range(9):
        t = i / 8
        c.line([(t, 1), (x0 + (x1 - x0) * t, y1)], floor, 0.004, 0.6)
    c.rect(x0, y0, x1, y1, wall)
    wx, w = c.rng.uniform(x0 + 0.02, x1 - 0.2), 0.17
    c.rect(wx, 0.26, wx + w, 0.48, np.full(3, 0.98))
    for i in range(2):
        for j in range(2):
            c.rect(
                wx + 0.01 + 0.08 * i,
                0.27 + 0.105 * j,
                wx + 0.08 + 0.08 * i,
                0.365 + 0.105 * j,
                np.array([0.6, 0.8, 1.0]),
            )
    x, sofa = c.rng.uniform(0.1, 0.45), c.any()
    c.rect(x, 0.58, x + 0.4, 0.74, sofa, 0.8)
    c.rect(x - 0.03, 0.7, x + 0.43, 0.84, sofa)
    for leg in (x, x + 0.37):
        c.rect(leg, 0.84, leg + 0.025, 0.89, np.full(3, 0.15))
    if c.rng.random() < 0.6:
        x = c.rng.uniform(0.75, 0.9)
        c.line([(x, 0.85), (x, 0.45)], np.full(3, 0.2), 0.01)
        c.polygon(
            [(x - 0.07, 0.47), (x + 0.07, 0.47), (x + 0.04, 0.36), (x - 0.04, 0.36)],
            np.array([1.0, 0.9, 0.6]),
        )
    return "an interior room with a sofa and a window"


def _bloom(c: Canvas, x, y, r, petal: Colour) -> None:
    count, turn = int(c.rng.integers(5, 10)), c.rng.uniform(0, 6)
    for ring, gain in ((1.0, 0.8), (0.65, 1.1)):
        for k in range(count):
            a = turn + 2 * np.pi * k / count + ring
            c.ball(
                x + 0.6 * ring * r * np.cos(a),
                y + 0.6 * ring * r * np.sin(a),
                0.4 * r * ring,
                0.4 * r * ring,
                petal * gain,
                3,
            )
    c.ball(x, y, 0.27 * r, 0.27 * r, c.tone(0.9, 0.7, 0.15), 4)


def flowers(c: Canvas) -> str:
    c.gradient(0, 1, c.tone(0.45, 0.6, 0.4, 0.35), c.tone(0.15, 0.3, 0.12, 0.25))
    for _ in range(c.rng.integers(30, 80)):
        x, y, h = c.rng.random(), c.rng.uniform(0.5, 1.1), c.rng.uniform(0.1, 0.35)
        c.line([(x, y), (x + c.rng.normal(0, 0.04), y - h)], c.tone(0.2, 0.45, 0.15, 0.25), 0.008)
    petals = [c.any() * 1.2 for _ in range(3)]
    for y in np.sort(c.rng.uniform(0.15, 0.85, c.rng.integers(3, 10))):
        x, r = c.rng.uniform(0.08, 0.92), c.rng.uniform(0.06, 0.16)
        c.line([(x, y), (x + 0.02, 1)], c.tone(0.2, 0.45, 0.15), 0.012)
        _bloom(c, x, y, r, petals[c.rng.integers(3)])
    return "flowers in a garden"


def night_sky(c: Canvas) -> str:
    c.gradient(0, 1, c.tone(0.02, 0.03, 0.1), c.tone(0.12, 0.12, 0.3, 0.2))
    for _ in range(c.rng.integers(80, 240)):
        r = 0.0015 + 0.004 * c.rng.random() ** 4
        c.oval(c.rng.random(), c.rng.random(), r, r, np.array([1, 1, 1.1]), c.rng.uniform(0.5, 1.6))
    if c.rng.random() < 0.6:
        r = c.rng.uniform(0.04, 0.1)
        c.ball(c.rng.uniform(0.2, 0.8), c.rng.uniform(0.12, 0.4), r, r, np.array([1.1, 1.05, 0.9]), 3)
    c.land(c.ridge(0.85, 0.05, 0.6), np.full(3, 0.03))
    return "a night sky with stars over hills"


def dunes(c: Canvas) -> str:
    sky = c.sky(0.6)
    sand = c.tone(0.85, 0.62, 0.36)
    for i in range(c.rng.integers(3, 6)):
        x = np.linspace(-0.02, 1.02, 60)
        f, p = c.rng.uniform(0.5, 1.6), c.rng.uniform(0, 1)
        y = (
            0.45
            + 0.13 * i
            - 0.07 * (1 - np.abs(np.sin(np.pi * (f * x + p)))) ** 1.4
            - 0.03 * np.sin(3 * x + 6 * p)
        )
        ridge = np.stack([x, y], -1)
        c.land(ridge, sand, 1.05 - 0.05 * i)
        lee = ridge + np.stack([0.05 + 0 * x, 0.14 * (1 + np.sin(2 * np.pi * (f * x + p))) / 2], -1)
        c.polygon([*ridge, *lee[::-1]], sand, 0.72)
    return f"desert dunes under a {sky} sky"


def cat(c: Canvas) -> str:
    ground, fur = c.any(), c.tone(0.5, 0.4, 0.3, 0.4) * c.rng.uniform(0.2, 1.4)
    c.gradient(0, 0.7, ground, ground * 0.8)
    c.gradient(0.7, 1, c.any(), c.any())
    x, s = c.rng.uniform(0.4, 0.6), c.rng.uniform(0.16, 0.22)
    t = np.linspace(0, 1, 14)
    c.line(
        np.stack([x + s * (0.6 + 1.1 * t), 0.85 - s * 1.4 * t**2 + 0.05 * np.sin(7 * t)], -1),
        fur,
        0.2 * s,
        0.8,
    )
    c.ball(x, 0.7, 0.85 * s, 1.15 * s, fur)
    y = 0.7 - 1.4 * s
    for side in (-1, 1):
        c.polygon(
            [
                (x + side * 0.7 * s, y - 0.1 * s),
                (x + side * 0.15 * s, y - 0.5 * s),
                (x + side * 0.6 * s, y - s),
            ],
            fur,
            0.85,
        )
        c.oval(x + side * 0.35 * s, 0.7 + 1.1 * s, 0.22 * s, 0.12 * s, fur, 1.1)
    c.ball(x, y, 0.72 * s, 0.6 * s, fur)
    for side in (-1, 1):
        c.oval(x + side * 0.28 * s, y - 0.05 * s, 0.13 * s, 0.12 * s, c.tone(0.7, 0.8, 0.3))
        c.oval(x + side * 0.28 * s, y - 0.05 * s, 0.04 * s, 0.11 * s, np.zeros(3))
        for k in (-0.1, 0.05, 0.2):
            c.line(
                [(x + side * 0.1 * s, y + 0.22 * s), (x + side * 0.9 * s, y + (0.2 + k) * s)],
                np.full(3, 0.9),
                0.002,
            )
    c.oval(x, y + 0.17 * s, 0.08 * s, 0.05 * s, np.array([0.8, 0.45, 0.45]))
    return "a sitting cat"


def bird(c: Canvas) -> str:
    c.sky(1.0)
    body = c.any()
    x, y, s = c.rng.uniform(0.4, 0.6), c.rng.uniform(0.4, 0.55), c.rng.uniform(0.15, 0.24)
    c.line([(-0.02, y + 0.95 * s), (0.5, y + 0.85 * s), (1.02, y + 0.7 * s)], c.tone(0.35, 0.25, 0.15), 0.025)
    c.polygon(
        [
            (x - 0.7 * s, y + 0.1 * s),
            (x - 1.9 * s, y + 0.55 * s),
            (x - 1.7 * s, y + 0.85 * s),
            (x - 0.5 * s, y + 0.5 * s),
        ],
        body,
        0.6,
    )
    c.ball(x, y, s, 0.68 * s, body)
    c.ball(x + 0.75 * s, y - 0.55 * s, 0.42 * s, 0.4 * s, body)
    c.polygon(
        [(x + 1.1 * s, y - 0.65 * s), (x + 1.1 * s, y - 0.42 * s), (x + 1.55 * s, y - 0.5 * s)],
        c.tone(0.95, 0.65, 0.1),
    )
    c.oval(x + 0.85 * s, y - 0.62 * s, 0.07 * s, 0.07 * s, np.full(3, 0.02))
    wing = [
        (x - 0.9 * s, y + 0.3 * s),
        (x + 0.3 * s, y - 0.35 * s),
        (x + 0.5 * s, y + 0.15 * s),
        (x - 0.2 * s, y + 0.45 * s),
    ]
    c.polygon(wing, c.any() * 0.6 + body * 0.3)
    for leg in (-0.1, 0.2):
        c.line([(x + leg * s, y + 0.6 * s), (x + leg * s, y + 0.95 * s)], np.full(3, 0.2), 0.008)
    return "a bird on a branch"


def leaves(c: Canvas) -> str:
    """Dead leaves: overlapping shapes with power-law sizes, which have the statistics of natural pictures."""
    rng = c.rng
    palette = [c.any() * 1.2 for _ in range(rng.integers(4, 14))]
    c.rect(0, 0, 1, 1, palette[0])
    low, high = rng.uniform(0.01, 0.03), rng.uniform(0.15, 0.4)
    sizes = (low**-2 + rng.random(rng.integers(200, 450)) * (high**-2 - low**-2)) ** -0.5
    sizes[:20] = rng.uniform(0.4, 1, 20) * high
    straight = rng.random()
    for r in sizes:
        x, y = rng.random(2)
        colour = palette[rng.integers(len(palette))]
        if rng.random() < straight:
            a = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 7)))
            c.polygon(np.stack([x + r * np.cos(a), y + r * np.sin(a)], -1), colour, rng.uniform(0.5, 1.2))
        else:
            c.oval(x, y, r, r * rng.uniform(0.5, 1), colour, rng.uniform(0.5, 1.2))
    return "many overlapping shapes of every size"


def clouds(c: Canvas) -> str:
    c.gradient(0, 1, c.any(), c.any())
    return "soft coloured clouds of noise"


def bricks(c: Canvas) -> str:
    joint, brick = c.tone(0.7, 0.68, 0.64, 0.2), c.tone(0.62, 0.3, 0.22, 0.25)
    c.rect(0, 0, 1, 1, joint)
    h = c.rng.uniform(0.05, 0.14)
    w, gap = h * c.rng.uniform(1.6, 3), h * c.rng.uniform(0.06, 0.16)
    for i, y in enumerate(np.arange(-h / 2, 1, h)):
        for x in np.arange(-w * (0.5 + 0.5 * (i % 2)), 1, w):
            c.rect(
                x + gap,
                y + gap,
                x + w - gap,
                y + h - gap,
                brick + c.rng.normal(0, 0.04, 3),
                c.rng.uniform(0.75, 1.2),
            )
    return "a brick wall"


def ground(c: Canvas) -> str:
    base = c.tone(0.5, 0.45, 0.36, 0.35)
    c.rect(0, 0, 1, 1, base)
    for y in np.sort(c.rng.random(c.rng.integers(80, 260))):
        r = 0.006 + 0.05 * c.rng.random() ** 3
        x = c.rng.random()
        c.oval(x + 0.3 * r, y + 0.4 * r, r, 0.7 * r, base, 0.4)
        c.ball(x, y, r, r * 0.7, base + c.rng.normal(0, 0.08, 3), 3)
    return "stony ground"


def geometric(c: Canvas) -> str:
    rng = c.rng
    c.gradient(0, 1, c.any(), c.any())
    for _ in range(rng.integers(4, 22)):
        (x, y), r, colour = rng.random(2), rng.uniform(0.04, 0.3), c.any() * 1.2
        kind = rng.integers(5)
        if kind == 0:
            c.oval(x, y, r, r, colour)
        elif kind == 1:
            a = rng.uniform(0, 6) + np.arange(rng.integers(3, 7)) * 2.1
            c.polygon(np.stack([x + r * np.cos(a), y + r * np.sin(a)], -1), colour)
        elif kind == 2:
            c.rect(x, y, x + r, y + r * rng.uniform(0.2, 2), colour)
        elif kind == 3:
            c.line(rng.random((rng.integers(2, 5), 2)), colour, rng.uniform(0.005, 0.04))
        else:
            for k in range(4):
                c.oval(x, y, r * (1 - k / 4), r * (1 - k / 4), colour if k % 2 else 1 - colour)
    return "abstract geometric shapes"


def page(c: Canvas) -> str:
    rng, ink = c.rng, c.tone(0.1, 0.1, 0.13, 0.2)
    c.rect(0, 0, 1, 1, c.tone(0.93, 0.91, 0.86, 0.1))
    pitch = rng.uniform(0.038, 0.065)
    if rng.random() < 0.6:
        c.rect(0.1, 0.07, rng.uniform(0.4, 0.9), 0.07 + 1.3 * pitch, ink)
    for y in np.arange(0.2, 0.93, pitch):
        x, end = 0.08, 0.92 if rng.random() < 0.85 else rng.uniform(0.3, 0.9)
        while x < end:
            for _ in range(rng.integers(2, 9)):
                w, up = pitch * rng.uniform(0.15, 0.3), pitch * rng.choice([0.3, 0.3, 0.5])
                points = [
                    (x, y),
                    (x + w * rng.random(), y - up),
                    (x + w, y - up * rng.random()),
                    (x + w * rng.random(), y),
                ]
                c.line(points, ink, 0.004)
                x += w * 1.35
            x += 0.3 * pitch
    if rng.random() < 0.4:
        c.rect(0.5, 0.4, 0.92, 0.7, c.any())
    return "a page of text"


KINDS: dict[str, Callable[[Canvas], str]] = {
    "mountains": mountains, "seascape": seascape, "forest": forest, "city skyline": skyline, "street": street,
    "still life": still_life, "portrait": portrait, "interior": interior, "flowers": flowers,
    "night sky": night_sky, "dunes": dunes, "cat": cat, "bird": bird, "boats": boats, "dead leaves": leaves,
    "noise clouds": clouds, "bricks": bricks, "ground": ground, "geometric": geometric, "page": page,
}  # fmt: skip
