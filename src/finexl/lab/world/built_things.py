"""Buildings, vehicles and street furniture. The foot is at (x, y), the height is s."""

from __future__ import annotations

import numpy as np

from finexl.lab.world.board import Board, Drawer
from finexl.lab.world.words import RGB

_WOOD = (0.42, 0.27, 0.16)
_CREAM = (0.96, 0.94, 0.88)
_DARK = (0.16, 0.17, 0.2)


def lit_window(b: Board, x0: float, y0: float, x1: float, y1: float) -> None:
    """A pane that is bright in the dark."""
    if b.time in ("dusk", "night"):
        with b.glowing():
            b.rect(x0, y0, x1, y1, (1, 0.86, 0.42))
    else:
        b.rect(x0, y0, x1, y1, (0.3, 0.38, 0.5))


def house(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    wall = b.paint(colour, "white", "yellow", "red", "blue")
    roof: RGB = (0.35, 0.2, 0.2) if colour == "red" else (0.62, 0.22, 0.16)
    b.rect(x - 0.5 * s, y - 0.58 * s, x + 0.5 * s, y, wall)
    b.polygon([(x - 0.6 * s, y - 0.56 * s), (x + 0.6 * s, y - 0.56 * s), (x, y - s)], roof)
    b.rect(x - 0.1 * s, y - 0.34 * s, x + 0.1 * s, y, _WOOD)
    for dx in (-0.36, 0.18):
        lit_window(b, x + dx * s, y - 0.44 * s, x + (dx + 0.18) * s, y - 0.22 * s)


def church(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    wall = b.paint(colour, "white", "white", "yellow")
    b.rect(x - 0.1 * s, y - 0.36 * s, x + 0.42 * s, y, wall, 0.92)
    b.polygon(
        [
            (x - 0.1 * s, y - 0.36 * s),
            (x + 0.46 * s, y - 0.36 * s),
            (x + 0.36 * s, y - 0.54 * s),
            (x - 0.1 * s, y - 0.54 * s),
        ],
        (0.4, 0.22, 0.2),
    )
    b.rect(x - 0.34 * s, y - 0.6 * s, x - 0.06 * s, y, wall)
    b.polygon(
        [(x - 0.37 * s, y - 0.6 * s), (x - 0.03 * s, y - 0.6 * s), (x - 0.2 * s, y - s)], (0.3, 0.3, 0.36)
    )
    for x0 in (-0.25, 0.06, 0.24):
        lit_window(b, x + x0 * s, y - 0.28 * s, x + (x0 + 0.1) * s, y - 0.1 * s)


def lighthouse(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "red", "blue")
    b.polygon(
        [(x - 0.16 * s, y), (x + 0.16 * s, y), (x + 0.1 * s, y - 0.76 * s), (x - 0.1 * s, y - 0.76 * s)],
        _CREAM,
    )
    for low, top in ((0.12, 0.3), (0.48, 0.64)):
        k0, k1 = 0.16 - 0.08 * low, 0.16 - 0.08 * top
        b.polygon(
            [
                (x - k0 * s, y - low * s),
                (x + k0 * s, y - low * s),
                (x + k1 * s, y - top * s),
                (x - k1 * s, y - top * s),
            ],
            c,
        )
    with b.glowing():
        b.rect(x - 0.08 * s, y - 0.88 * s, x + 0.08 * s, y - 0.76 * s, (1, 0.93, 0.5))
        if b.time in ("dusk", "night"):
            side = 1 if b.rng.random() < 0.5 else -1
            b.polygon(
                [(x, y - 0.84 * s), (x + side * 0.8 * s, y - s), (x + side * 0.8 * s, y - 0.7 * s)],
                (0.95, 0.88, 0.5),
            )
    b.polygon([(x - 0.12 * s, y - 0.88 * s), (x + 0.12 * s, y - 0.88 * s), (x, y - s)], c)


def windmill(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "white", "white", "red")
    b.polygon(
        [(x - 0.2 * s, y), (x + 0.2 * s, y), (x + 0.11 * s, y - 0.62 * s), (x - 0.11 * s, y - 0.62 * s)], c
    )
    b.polygon(
        [(x - 0.14 * s, y - 0.6 * s), (x + 0.14 * s, y - 0.6 * s), (x, y - 0.78 * s)], (0.45, 0.24, 0.18)
    )
    turn = b.between(0.3, 1.2)
    for k in range(4):
        a = turn + k * np.pi / 2
        b.line(
            [(x, y - 0.62 * s), (x + 0.42 * s * np.cos(a), y - 0.62 * s - 0.42 * s * np.sin(a))],
            _DARK,
            0.07 * s,
        )


def tent(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "orange", "red", "green", "blue", "yellow")
    b.polygon([(x - 0.75 * s, y), (x + 0.75 * s, y), (x, y - s)], c)
    b.polygon([(x + 0.15 * s, y), (x + 0.75 * s, y), (x, y - s)], c, 0.75)
    b.polygon([(x - 0.22 * s, y), (x + 0.15 * s, y), (x, y - 0.72 * s)], _DARK)


def car(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "blue", "yellow", "white", "green", "black")
    b.polygon(
        [
            (x - 0.55 * s, y - 0.55 * s),
            (x - 0.35 * s, y - s),
            (x + 0.4 * s, y - s),
            (x + 0.62 * s, y - 0.55 * s),
        ],
        c,
        0.85,
    )
    b.polygon(
        [(x - 0.4 * s, y - 0.58 * s), (x - 0.27 * s, y - 0.9 * s), (x, y - 0.9 * s), (x, y - 0.58 * s)],
        (0.6, 0.78, 0.9),
    )
    b.polygon(
        [
            (x + 0.08 * s, y - 0.58 * s),
            (x + 0.08 * s, y - 0.9 * s),
            (x + 0.33 * s, y - 0.9 * s),
            (x + 0.46 * s, y - 0.58 * s),
        ],
        (0.6, 0.78, 0.9),
    )
    b.rect(x - s, y - 0.58 * s, x + s, y - 0.16 * s, c)
    for dx in (-0.55, 0.55):
        b.oval(x + dx * s, y - 0.16 * s, 0.22 * s, 0.22 * s, (0.08, 0.08, 0.1))
        b.oval(x + dx * s, y - 0.16 * s, 0.09 * s, 0.09 * s, (0.75, 0.75, 0.78))


def bus(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "yellow", "green")
    b.rect(x - 0.95 * s, y - s, x + 0.95 * s, y - 0.12 * s, c)
    for i in range(4):
        lit_window(b, x + (-0.84 + 0.44 * i) * s, y - 0.86 * s, x + (-0.5 + 0.44 * i) * s, y - 0.5 * s)
    for dx in (-0.55, 0.55):
        b.oval(x + dx * s, y - 0.13 * s, 0.17 * s, 0.17 * s, (0.08, 0.08, 0.1))


def lantern(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    b.rect(x - 0.03 * s, y - 0.85 * s, x + 0.03 * s, y, _DARK)
    with b.glowing():
        if b.time in ("dusk", "night"):
            b.oval(x, y - 0.87 * s, 0.2 * s, 0.2 * s, (0.85, 0.7, 0.3))
        b.oval(x, y - 0.87 * s, 0.12 * s, 0.13 * s, (1, 0.94, 0.6))
    b.rect(x - 0.12 * s, y - 1.02 * s, x + 0.12 * s, y - 0.97 * s, _DARK)


def bench(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "green") if colour else b.near((0.55, 0.33, 0.18))
    for dx in (-0.75, 0.65):
        b.rect(x + dx * s, y - 0.95 * s, x + (dx + 0.1) * s, y, _DARK)
    b.rect(x - 0.95 * s, y - s, x + 0.95 * s, y - 0.68 * s, c)
    b.rect(x - s, y - 0.52 * s, x + s, y - 0.34 * s, c, 0.85)


SIZES = {
    "house": 0.32,
    "church": 0.44,
    "lighthouse": 0.5,
    "windmill": 0.44,
    "tent": 0.24,
    "car": 0.18,
    "bus": 0.26,
    "lantern": 0.44,
    "bench": 0.18,
}
DRAWERS: dict[str, Drawer] = {
    "house": house,
    "church": church,
    "lighthouse": lighthouse,
    "windmill": windmill,
    "tent": tent,
    "car": car,
    "bus": bus,
    "lantern": lantern,
    "bench": bench,
}
