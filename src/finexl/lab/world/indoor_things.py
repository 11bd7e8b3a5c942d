"""Things of rooms and tables. Each is drawn with its foot (on the wall its middle) at (x, y) and height s."""

from __future__ import annotations

from finexl.lab.world.board import Board, Drawer
from finexl.lab.world.words import RGB

_WOOD = (0.5, 0.32, 0.18)
_CREAM = (0.96, 0.94, 0.88)
_DARK = (0.14, 0.14, 0.17)


def _cloth(b: Board, colour: str | None) -> RGB:
    return b.paint(colour, "red", "green", "blue", "purple", "orange")


def sofa(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = _cloth(b, colour)
    b.rect(x - 0.85 * s, y - s, x + 0.85 * s, y - 0.2 * s, c, 0.8)
    b.rect(x - 0.8 * s, y - 0.55 * s, x + 0.8 * s, y - 0.12 * s, c, 1.1)
    b.rect(x - 0.01, y - 0.55 * s, x + 0.01, y - 0.12 * s, c, 0.7)
    for side in (-1, 1):
        b.rect(x + side * 0.78 * s, y - 0.72 * s, x + side * s, y - 0.08 * s, c, 0.95)
        b.rect(x + side * 0.75 * s, y - 0.1 * s, x + side * 0.88 * s, y, _DARK)


def chair(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red") if colour else b.near(_WOOD)
    for dx in (-0.26, 0.18):
        b.rect(x + dx * s, y - 0.45 * s, x + (dx + 0.08) * s, y, c, 0.8)
    b.rect(x - 0.32 * s, y - 0.52 * s, x + 0.32 * s, y - 0.4 * s, c)
    for dx in (-0.28, -0.04, 0.2):
        b.rect(x + dx * s, y - s, x + (dx + 0.08) * s, y - 0.5 * s, c)
    b.rect(x - 0.28 * s, y - s, x + 0.28 * s, y - 0.86 * s, c)


def lamp(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "yellow", "orange", "white")
    b.rect(x - 0.025 * s, y - 0.7 * s, x + 0.025 * s, y, _DARK)
    b.rect(x - 0.15 * s, y - 0.04 * s, x + 0.15 * s, y, _DARK)
    with b.glowing():
        b.polygon(
            [
                (x - 0.22 * s, y - 0.66 * s),
                (x + 0.22 * s, y - 0.66 * s),
                (x + 0.12 * s, y - s),
                (x - 0.12 * s, y - s),
            ],
            c,
        )


def plant(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    leaf = b.near((0.16, 0.5, 0.2))
    for dx, dy in ((-0.3, 0.72), (-0.15, 0.95), (0.0, 1.0), (0.17, 0.93), (0.3, 0.7)):
        b.polygon(
            [(x - 0.07 * s, y - 0.36 * s), (x + dx * s, y - dy * s), (x + 0.07 * s, y - 0.36 * s)], leaf
        )
    b.polygon(
        [(x - 0.24 * s, y - 0.38 * s), (x + 0.24 * s, y - 0.38 * s), (x + 0.16 * s, y), (x - 0.16 * s, y)],
        (0.78, 0.38, 0.22),
    )


def picture(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    b.rect(x - 0.6 * s, y - 0.5 * s, x + 0.6 * s, y + 0.5 * s, (0.72, 0.55, 0.2))
    b.rect(x - 0.5 * s, y - 0.4 * s, x + 0.5 * s, y + 0.4 * s, (0.6, 0.8, 0.95))
    b.polygon(
        [(x - 0.5 * s, y + 0.4 * s), (x - 0.1 * s, y - 0.2 * s), (x + 0.4 * s, y + 0.4 * s)], (0.3, 0.5, 0.32)
    )
    b.rect(x - 0.5 * s, y + 0.22 * s, x + 0.5 * s, y + 0.4 * s, (0.3, 0.55, 0.3))


def clock(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    b.oval(x, y, 0.5 * s, 0.5 * s, b.paint(colour, "black", "red", "blue"))
    b.oval(x, y, 0.38 * s, 0.38 * s, _CREAM)
    b.line([(x, y), (x, y - 0.3 * s)], _DARK, 0.08 * s)
    b.line([(x, y), (x + 0.2 * s, y + 0.08 * s)], _DARK, 0.08 * s)


def apple(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "green", "red")
    b.oval(x - 0.14 * s, y - 0.42 * s, 0.34 * s, 0.42 * s, c)
    b.oval(x + 0.14 * s, y - 0.42 * s, 0.34 * s, 0.42 * s, c)
    b.oval(x - 0.2 * s, y - 0.56 * s, 0.1 * s, 0.13 * s, c, 1.5)
    b.line([(x, y - 0.78 * s), (x + 0.06 * s, y - s)], (0.35, 0.2, 0.1), 0.08 * s)
    b.oval(x + 0.2 * s, y - 0.94 * s, 0.16 * s, 0.07 * s, (0.25, 0.6, 0.2))


def pear(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "green", "yellow", "yellow")
    b.oval(x, y - 0.3 * s, 0.34 * s, 0.3 * s, c)
    b.polygon(
        [
            (x - 0.3 * s, y - 0.4 * s),
            (x + 0.3 * s, y - 0.4 * s),
            (x + 0.13 * s, y - 0.8 * s),
            (x - 0.13 * s, y - 0.8 * s),
        ],
        c,
    )
    b.oval(x, y - 0.76 * s, 0.15 * s, 0.13 * s, c)
    b.line([(x, y - 0.85 * s), (x + 0.05 * s, y - 1.02 * s)], (0.35, 0.2, 0.1), 0.07 * s)


def lemon(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.near((0.98, 0.88, 0.16))
    b.oval(x, y - 0.45 * s, 0.55 * s, 0.45 * s, c)
    for side in (-1, 1):
        b.oval(x + side * 0.56 * s, y - 0.45 * s, 0.13 * s, 0.12 * s, c, 0.9)
    b.oval(x - 0.14 * s, y - 0.6 * s, 0.16 * s, 0.1 * s, (1, 0.97, 0.7))


def bottle(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "green", "green", "blue")
    b.rect(x - 0.17 * s, y - 0.6 * s, x + 0.17 * s, y, c, 0.85)
    b.polygon(
        [
            (x - 0.17 * s, y - 0.6 * s),
            (x + 0.17 * s, y - 0.6 * s),
            (x + 0.06 * s, y - 0.76 * s),
            (x - 0.06 * s, y - 0.76 * s),
        ],
        c,
        0.85,
    )
    b.rect(x - 0.06 * s, y - s, x + 0.06 * s, y - 0.74 * s, c, 0.85)
    b.rect(x - 0.17 * s, y - 0.42 * s, x + 0.17 * s, y - 0.16 * s, _CREAM)


def vase(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "blue", "white", "purple")
    for dx, dy, petal in (
        (-0.2, 0.84, (0.95, 0.3, 0.4)),
        (0.2, 0.86, (0.98, 0.85, 0.3)),
        (0, 0.97, (0.95, 0.55, 0.7)),
    ):
        b.line([(x, y - 0.5 * s), (x + dx * s, y - dy * s)], (0.2, 0.5, 0.2), 0.04 * s)
        b.oval(x + dx * s, y - dy * s, 0.13 * s, 0.12 * s, petal)
    b.oval(x, y - 0.24 * s, 0.24 * s, 0.24 * s, c)
    b.rect(x - 0.1 * s, y - 0.58 * s, x + 0.1 * s, y - 0.4 * s, c, 0.9)
    b.rect(x - 0.16 * s, y - 0.6 * s, x + 0.16 * s, y - 0.54 * s, c)


def cup(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "white", "blue", "red")
    b.oval(x + 0.45 * s, y - 0.5 * s, 0.24 * s, 0.24 * s, c, 0.8)
    b.oval(x + 0.45 * s, y - 0.5 * s, 0.12 * s, 0.12 * s, (0.4, 0.35, 0.3))
    b.polygon(
        [(x - 0.48 * s, y - 0.9 * s), (x + 0.48 * s, y - 0.9 * s), (x + 0.34 * s, y), (x - 0.34 * s, y)], c
    )
    b.oval(x, y - 0.9 * s, 0.48 * s, 0.12 * s, (0.32, 0.18, 0.1))


def bowl(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "blue", "white", "orange")
    b.draw.pieslice([v * b.n for v in (x - 0.9 * s, y - 1.7 * s, x + 0.9 * s, y)], 0, 180, fill=b.ink(c))
    b.oval(x, y - 0.85 * s, 0.9 * s, 0.18 * s, c, 0.6)


def candle(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    b.rect(x - 0.24 * s, y - 0.08 * s, x + 0.24 * s, y, (0.72, 0.55, 0.2))
    b.rect(x - 0.11 * s, y - 0.68 * s, x + 0.11 * s, y - 0.06 * s, b.paint(colour, "white", "red"))
    with b.glowing():
        b.oval(x, y - 0.84 * s, 0.1 * s, 0.16 * s, (1, 0.7, 0.15))
        b.oval(x, y - 0.8 * s, 0.05 * s, 0.09 * s, (1, 0.97, 0.75))


def book(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "blue", "green", "purple")
    b.polygon(
        [
            (x - 0.75 * s, y - 0.6 * s),
            (x - 0.45 * s, y - s),
            (x + 0.95 * s, y - s),
            (x + 0.75 * s, y - 0.6 * s),
        ],
        c,
    )
    b.rect(x - 0.72 * s, y - 0.55 * s, x + 0.72 * s, y - 0.12 * s, _CREAM)
    b.rect(x - 0.75 * s, y - 0.62 * s, x + 0.75 * s, y - 0.48 * s, c, 0.8)
    b.rect(x - 0.75 * s, y - 0.14 * s, x + 0.75 * s, y, c, 0.8)


def teapot(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "blue", "white", "orange", "red")
    b.oval(x + 0.6 * s, y - 0.45 * s, 0.25 * s, 0.28 * s, c, 0.75)
    b.oval(x + 0.6 * s, y - 0.45 * s, 0.13 * s, 0.16 * s, (0.4, 0.35, 0.3))
    b.polygon(
        [
            (x - 0.4 * s, y - 0.55 * s),
            (x - 0.4 * s, y - 0.22 * s),
            (x - 0.95 * s, y - 0.72 * s),
            (x - 0.8 * s, y - 0.82 * s),
        ],
        c,
        0.85,
    )
    b.oval(x, y - 0.4 * s, 0.56 * s, 0.4 * s, c)
    b.oval(x, y - 0.78 * s, 0.28 * s, 0.08 * s, c, 0.8)
    b.oval(x, y - 0.9 * s, 0.09 * s, 0.09 * s, c, 0.8)


SIZES = {
    "sofa": 0.3, "chair": 0.4, "lamp": 0.5, "plant": 0.4, "picture": 0.22, "clock": 0.2, "apple": 0.24, "pear": 0.3,
    "lemon": 0.2, "bottle": 0.5, "vase": 0.48, "cup": 0.24, "bowl": 0.22, "candle": 0.4, "book": 0.2, "teapot": 0.32,
}  # fmt: skip
DRAWERS: dict[str, Drawer] = {
    "sofa": sofa, "chair": chair, "lamp": lamp, "plant": plant, "picture": picture, "clock": clock, "apple": apple,
    "pear": pear, "lemon": lemon, "bottle": bottle, "vase": vase, "cup": cup, "bowl": bowl, "candle": candle,
    "book": book, "teapot": teapot,
}  # fmt: skip
