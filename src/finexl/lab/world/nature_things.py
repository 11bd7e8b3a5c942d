"""Birds, plants, beasts, boats and what floats in the sky. The foot (in the sky the middle) is at (x, y), the height is s."""

from __future__ import annotations

import numpy as np

from finexl.lab.world.board import Board, Drawer
from finexl.lab.world.built_things import lit_window

_WOOD = (0.42, 0.27, 0.16)
_CREAM = (0.96, 0.94, 0.88)
_DARK = (0.16, 0.17, 0.2)


def bird(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "black", "white", "blue")
    lift = b.between(0.35, 0.6)
    b.polygon([(x - s, y - lift * s), (x - 0.1 * s, y), (x - 0.15 * s, y + 0.28 * s)], c)
    b.polygon([(x + s, y - lift * s), (x + 0.1 * s, y), (x + 0.15 * s, y + 0.28 * s)], c, 0.85)
    b.oval(x, y + 0.14 * s, 0.34 * s, 0.17 * s, c)
    b.polygon(
        [(x + 0.3 * s, y + 0.05 * s), (x + 0.56 * s, y + 0.14 * s), (x + 0.3 * s, y + 0.22 * s)],
        (0.98, 0.7, 0.1),
    )


def balloon(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "orange", "yellow", "purple", "blue")
    b.oval(x, y - 0.15 * s, 0.38 * s, 0.42 * s, c)
    b.oval(x, y - 0.15 * s, 0.16 * s, 0.42 * s, c, 1.35)
    b.polygon(
        [
            (x - 0.27 * s, y + 0.13 * s),
            (x + 0.27 * s, y + 0.13 * s),
            (x + 0.08 * s, y + 0.4 * s),
            (x - 0.08 * s, y + 0.4 * s),
        ],
        c,
        0.85,
    )
    b.rect(x - 0.1 * s, y + 0.42 * s, x + 0.1 * s, y + 0.58 * s, _WOOD)


def plane(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "white", "white", "blue", "red")
    b.polygon(
        [(x - 0.95 * s, y - 0.5 * s), (x - 0.7 * s, y - 0.5 * s), (x - 0.5 * s, y), (x - 0.9 * s, y)], c, 0.75
    )
    b.oval(x, y, s, 0.2 * s, c)
    b.polygon(
        [(x - 0.1 * s, y), (x + 0.3 * s, y), (x - 0.35 * s, y + 0.6 * s), (x - 0.55 * s, y + 0.6 * s)],
        c,
        0.65,
    )
    b.rect(x + 0.5 * s, y - 0.1 * s, x + 0.75 * s, y, (0.2, 0.3, 0.45))


def sailboat(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "blue", "black", "green")
    b.polygon(
        [(x - 0.45 * s, y - 0.2 * s), (x + 0.45 * s, y - 0.2 * s), (x + 0.3 * s, y), (x - 0.3 * s, y)], c
    )
    sail = c if colour else _CREAM
    b.polygon([(x + 0.03 * s, y - s), (x + 0.03 * s, y - 0.26 * s), (x + 0.42 * s, y - 0.26 * s)], sail, 1.0)
    b.polygon(
        [(x - 0.03 * s, y - 0.88 * s), (x - 0.03 * s, y - 0.26 * s), (x - 0.34 * s, y - 0.26 * s)], sail, 0.8
    )


def ship(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "black", "blue", "red")
    b.polygon([(x - s, y - 0.36 * s), (x + s, y - 0.36 * s), (x + 0.72 * s, y), (x - 0.8 * s, y)], c)
    b.rect(x - 0.6 * s, y - 0.62 * s, x + 0.45 * s, y - 0.36 * s, _CREAM)
    for i in range(3):
        lit_window(b, x + (0.3 * i - 0.48) * s, y - 0.56 * s, x + (0.3 * i - 0.34) * s, y - 0.43 * s)
    for dx in (-0.3, 0.1):
        b.rect(x + dx * s, y - 0.95 * s, x + (dx + 0.18) * s, y - 0.62 * s, (0.85, 0.3, 0.15))


def duck(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c, side = b.paint(colour, "white", "yellow", "white"), 1 if b.rng.random() < 0.5 else -1
    b.oval(x, y - 0.25 * s, 0.5 * s, 0.27 * s, c)
    b.polygon(
        [
            (x - side * 0.3 * s, y - 0.35 * s),
            (x - side * 0.66 * s, y - 0.5 * s),
            (x - side * 0.4 * s, y - 0.12 * s),
        ],
        c,
    )
    b.oval(x + side * 0.36 * s, y - 0.68 * s, 0.22 * s, 0.22 * s, c)
    b.oval(x + side * 0.62 * s, y - 0.64 * s, 0.14 * s, 0.07 * s, (0.98, 0.6, 0.1))


def tree(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    leaf = b.near((0.2, 0.52, 0.18), 0.12)
    b.rect(x - 0.06 * s, y - 0.45 * s, x + 0.06 * s, y, _WOOD)
    for dx, dy, r, gain in ((-0.17, -0.55, 0.2, 0.85), (0.17, -0.57, 0.2, 0.9), (0, -0.76, 0.24, 1.08)):
        b.oval(x + dx * s, y + dy * s, r * s, r * s, leaf, gain)


def pine(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    leaf = b.near((0.08, 0.36, 0.2), 0.08)
    b.rect(x - 0.05 * s, y - 0.15 * s, x + 0.05 * s, y, _WOOD)
    for low, top, w, gain in ((0.12, 0.55, 0.27, 0.85), (0.36, 0.78, 0.21, 1.0), (0.6, 1.0, 0.15, 1.15)):
        b.polygon([(x - w * s, y - low * s), (x + w * s, y - low * s), (x, y - top * s)], leaf, gain)
        if b.weather == "snowfall":
            k = 0.45
            b.polygon(
                [
                    (x - k * w * s, y - (top - k * (top - low)) * s),
                    (x + k * w * s, y - (top - k * (top - low)) * s),
                    (x, y - top * s),
                ],
                (0.95, 0.97, 1),
            )


def palm(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    lean = 0.14 * (b.rng.random() - 0.5)
    top = (x + lean * s, y - 0.78 * s)
    b.line([(x, y), (x + 0.3 * lean * s, y - 0.4 * s), top], (0.55, 0.38, 0.2), 0.07 * s)
    leaf = b.near((0.14, 0.52, 0.2))
    for dx, dy in ((-0.42, 0.12), (-0.34, -0.14), (0.0, -0.22), (0.34, -0.14), (0.42, 0.12)):
        b.polygon(
            [(top[0], top[1] - 0.05 * s), (top[0] + dx * s, top[1] + dy * s), (top[0], top[1] + 0.08 * s)],
            leaf,
        )


def cactus(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.near((0.18, 0.5, 0.24))
    b.line([(x, y), (x, y - 0.9 * s)], c, 0.2 * s)
    b.oval(x, y - 0.9 * s, 0.1 * s, 0.1 * s, c)
    for side, low, top in ((-1, 0.4, 0.7), (1, 0.3, 0.62)):
        b.line([(x, y - low * s), (x + side * 0.28 * s, y - low * s)], c, 0.13 * s)
        b.line(
            [(x + side * 0.28 * s, y - low * s + 0.06 * s), (x + side * 0.28 * s, y - top * s)], c, 0.13 * s
        )


def flower(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "yellow", "purple", "white", "orange")
    b.rect(x - 0.03 * s, y - 0.7 * s, x + 0.03 * s, y, (0.15, 0.45, 0.14))
    b.oval(x + 0.14 * s, y - 0.25 * s, 0.14 * s, 0.06 * s, (0.15, 0.45, 0.14))
    for k in range(6):
        a = k * np.pi / 3
        b.oval(x + 0.19 * s * np.cos(a), y - (0.74 + 0.19 * np.sin(a)) * s, 0.12 * s, 0.12 * s, c)
    b.oval(
        x, y - 0.74 * s, 0.11 * s, 0.11 * s, (0.35, 0.2, 0.08) if colour == "yellow" else (0.98, 0.8, 0.15)
    )


def mushroom(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "red", "orange")
    b.rect(x - 0.14 * s, y - 0.55 * s, x + 0.14 * s, y, _CREAM)
    b.draw.pieslice(
        [v * b.n for v in (x - 0.5 * s, y - s, x + 0.5 * s, y - 0.1 * s)], 180, 360, fill=b.ink(c)
    )
    for dx, dy in ((-0.25, -0.68), (0.05, -0.85), (0.27, -0.66)):
        b.oval(x + dx * s, y + dy * s, 0.07 * s, 0.06 * s, _CREAM)


def snowman(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    for dy, r in ((0.26, 0.27), (0.62, 0.2), (0.87, 0.14)):
        b.oval(x, y - dy * s, (r + 0.02) * s, r * s + 0.02 * s, (0.62, 0.68, 0.78))
        b.oval(x, y - dy * s, r * s, r * s, (0.98, 0.99, 1))
    b.rect(x - 0.11 * s, y - 1.12 * s, x + 0.11 * s, y - 0.96 * s, _DARK)
    b.rect(x - 0.18 * s, y - 0.98 * s, x + 0.18 * s, y - 0.93 * s, _DARK)
    b.rect(x - 0.17 * s, y - 0.78 * s, x + 0.17 * s, y - 0.71 * s, (0.85, 0.15, 0.12))
    b.polygon([(x, y - 0.89 * s), (x + 0.2 * s, y - 0.85 * s), (x, y - 0.83 * s)], (0.98, 0.5, 0.1))


def sheep(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    side = 1 if b.rng.random() < 0.5 else -1
    for dx in (-0.35, -0.15, 0.15, 0.35):
        b.rect(x + (dx - 0.05) * s, y - 0.35 * s, x + (dx + 0.05) * s, y, _DARK)
    for dx, dy in ((-0.35, 0.55), (0, 0.66), (0.35, 0.55), (-0.15, 0.45), (0.18, 0.45)):
        b.oval(x + dx * s, y - dy * s, 0.27 * s, 0.23 * s, (0.97, 0.96, 0.92))
    b.oval(x + side * 0.62 * s, y - 0.66 * s, 0.16 * s, 0.21 * s, _DARK)


SIZES = {
    "bird": 0.13,
    "balloon": 0.36,
    "plane": 0.17,
    "sailboat": 0.38,
    "ship": 0.24,
    "duck": 0.19,
    "tree": 0.46,
    "pine": 0.46,
    "palm": 0.5,
    "cactus": 0.36,
    "flower": 0.3,
    "mushroom": 0.24,
    "snowman": 0.36,
    "sheep": 0.2,
}
DRAWERS: dict[str, Drawer] = {
    "bird": bird,
    "balloon": balloon,
    "plane": plane,
    "sailboat": sailboat,
    "ship": ship,
    "duck": duck,
    "tree": tree,
    "pine": pine,
    "palm": palm,
    "cactus": cactus,
    "flower": flower,
    "mushroom": mushroom,
    "snowman": snowman,
    "sheep": sheep,
}
