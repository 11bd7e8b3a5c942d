"""People and animals, whole in a scene and from the chest up in a portrait; hat, scarf and beard."""

from __future__ import annotations

from finexl.lab.world.board import Board, Drawer
from finexl.lab.world.words import RGB

_DARK = (0.12, 0.12, 0.15)
_SKINS: tuple[RGB, ...] = ((0.98, 0.82, 0.7), (0.86, 0.65, 0.48), (0.55, 0.36, 0.24))
_HAIRS: tuple[RGB, ...] = ((0.12, 0.08, 0.06), (0.4, 0.22, 0.1), (0.9, 0.74, 0.35), (0.72, 0.3, 0.12))
_FURS: tuple[RGB, ...] = ((0.9, 0.6, 0.26), (0.3, 0.28, 0.28), (0.95, 0.93, 0.9), (0.5, 0.34, 0.2))


def _skin_and_hair(b: Board) -> tuple[RGB, RGB]:
    return _SKINS[b.rng.integers(3)], _HAIRS[b.rng.integers(4)]


def man(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    skin, hair = _skin_and_hair(b)
    shirt = b.paint(None, "blue", "green", "red", "white")
    for dx in (-0.13, 0.02):
        b.rect(x + dx * s, y - 0.42 * s, x + (dx + 0.11) * s, y, (0.2, 0.22, 0.32))
    for side in (-1, 1):
        b.line([(x + side * 0.16 * s, y - 0.72 * s), (x + side * 0.22 * s, y - 0.4 * s)], skin, 0.07 * s)
    b.rect(x - 0.17 * s, y - 0.78 * s, x + 0.17 * s, y - 0.38 * s, shirt)
    b.oval(x, y - 0.9 * s, 0.1 * s, 0.11 * s, skin)
    b.rect(x - 0.1 * s, y - 1.01 * s, x + 0.1 * s, y - 0.94 * s, hair)


def woman(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    skin, hair = _skin_and_hair(b)
    dress = b.paint(None, "red", "purple", "yellow", "orange")
    b.oval(x, y - 0.84 * s, 0.16 * s, 0.18 * s, hair)
    for dx in (-0.1, 0.03):
        b.rect(x + dx * s, y - 0.25 * s, x + (dx + 0.07) * s, y, skin)
    for side in (-1, 1):
        b.line([(x + side * 0.1 * s, y - 0.7 * s), (x + side * 0.24 * s, y - 0.42 * s)], skin, 0.06 * s)
    b.polygon(
        [
            (x - 0.1 * s, y - 0.76 * s),
            (x + 0.1 * s, y - 0.76 * s),
            (x + 0.28 * s, y - 0.2 * s),
            (x - 0.28 * s, y - 0.2 * s),
        ],
        dress,
    )
    b.oval(x, y - 0.87 * s, 0.1 * s, 0.12 * s, skin)


def child(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    skin, hair = _skin_and_hair(b)
    shirt = b.paint(None, "yellow", "orange", "green", "red")
    for dx in (-0.16, 0.02):
        b.rect(x + dx * s, y - 0.3 * s, x + (dx + 0.14) * s, y, (0.25, 0.35, 0.6))
    for side in (-1, 1):
        b.line([(x + side * 0.18 * s, y - 0.56 * s), (x + side * 0.36 * s, y - 0.7 * s)], skin, 0.09 * s)
    b.rect(x - 0.2 * s, y - 0.6 * s, x + 0.2 * s, y - 0.26 * s, shirt)
    b.oval(x, y - 0.82 * s, 0.21 * s, 0.21 * s, hair)
    b.oval(x, y - 0.77 * s, 0.18 * s, 0.17 * s, skin)


def _fur(b: Board, colour: str | None) -> RGB:
    return b.paint(colour, "white") if colour else b.near(_FURS[b.rng.integers(4)])


def dog(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c, side = _fur(b, colour), 1 if b.rng.random() < 0.5 else -1
    for dx in (-0.42, -0.24, 0.2, 0.38):
        b.rect(x + (dx - 0.06) * s, y - 0.42 * s, x + (dx + 0.06) * s, y, c, 0.85)
    b.rect(x - 0.5 * s, y - 0.66 * s, x + 0.48 * s, y - 0.32 * s, c)
    b.line([(x - side * 0.48 * s, y - 0.6 * s), (x - side * 0.72 * s, y - 0.92 * s)], c, 0.1 * s)
    b.rect(x + side * 0.32 * s, y - s, x + side * 0.66 * s, y - 0.58 * s, c)
    b.rect(x + side * 0.6 * s, y - 0.8 * s, x + side * 0.88 * s, y - 0.6 * s, c, 1.1)
    b.oval(x + side * 0.88 * s, y - 0.77 * s, 0.06 * s, 0.06 * s, _DARK)
    b.polygon(
        [(x + side * 0.3 * s, y - s), (x + side * 0.46 * s, y - s), (x + side * 0.34 * s, y - 0.66 * s)],
        c,
        0.6,
    )


def cat(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = _fur(b, colour)
    b.line(
        [(x + 0.2 * s, y - 0.06 * s), (x + 0.5 * s, y - 0.1 * s), (x + 0.52 * s, y - 0.42 * s)],
        c,
        0.1 * s,
        0.85,
    )
    b.oval(x, y - 0.28 * s, 0.28 * s, 0.3 * s, c)
    for side in (-1, 1):
        b.polygon(
            [
                (x + side * 0.25 * s, y - 0.7 * s),
                (x + side * 0.04 * s, y - 0.84 * s),
                (x + side * 0.22 * s, y - s),
            ],
            c,
            0.85,
        )
    b.oval(x, y - 0.68 * s, 0.26 * s, 0.21 * s, c)
    for side in (-1, 1):
        b.oval(x + side * 0.11 * s, y - 0.7 * s, 0.05 * s, 0.05 * s, (0.5, 0.8, 0.2))


def _shoulders(b: Board, x: float, s: float, c: RGB) -> None:
    b.draw.pieslice(
        [v * b.n for v in (x - 0.42 * s, 1 - 0.3 * s, x + 0.42 * s, 1 + 0.3 * s)], 180, 360, fill=b.ink(c)
    )


def _face(b: Board, x: float, s: float, skin: RGB, ry: float) -> None:
    b.rect(x - 0.09 * s, 1 - 0.42 * s, x + 0.09 * s, 1 - 0.24 * s, skin, 0.85)
    b.oval(x, 1 - 0.56 * s, 0.22 * s, ry * s, skin)
    for side in (-1, 1):
        b.oval(x + side * 0.09 * s, 1 - 0.59 * s, 0.045 * s, 0.032 * s, (0.98, 0.98, 0.98))
        b.oval(x + side * 0.09 * s, 1 - 0.59 * s, 0.025 * s, 0.03 * s, _DARK)
    b.polygon([(x, 1 - 0.56 * s), (x + 0.035 * s, 1 - 0.48 * s), (x - 0.015 * s, 1 - 0.48 * s)], skin, 0.8)
    b.rect(x - 0.07 * s, 1 - 0.425 * s, x + 0.07 * s, 1 - 0.4 * s, (0.75, 0.25, 0.25))


def man_portrait(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    skin, hair = _skin_and_hair(b)
    _shoulders(b, x, s, b.paint(None, "blue", "black", "green", "white"))
    b.oval(x, 1 - 0.64 * s, 0.235 * s, 0.2 * s, hair)
    _face(b, x, s, skin, 0.26)
    b.rect(x - 0.2 * s, 1 - 0.86 * s, x + 0.2 * s, 1 - 0.72 * s, hair)


def woman_portrait(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    skin, hair = _skin_and_hair(b)
    b.oval(x, 1 - 0.58 * s, 0.33 * s, 0.31 * s, hair)
    b.rect(x - 0.33 * s, 1 - 0.58 * s, x + 0.33 * s, 1 - 0.2 * s, hair)
    _shoulders(b, x, s, b.paint(None, "red", "purple", "yellow", "orange"))
    _face(b, x, s, skin, 0.24)
    b.polygon(
        [(x - 0.21 * s, 1 - 0.66 * s), (x, 1 - 0.86 * s), (x + 0.21 * s, 1 - 0.66 * s), (x, 1 - 0.74 * s)],
        hair,
    )


def child_portrait(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    skin, hair = _skin_and_hair(b)
    s *= 0.86
    _shoulders(b, x, 0.85 * s, b.paint(None, "yellow", "orange", "green", "red"))
    b.oval(x, 1 - 0.62 * s, 0.3 * s, 0.26 * s, hair)
    b.oval(x, 1 - 0.52 * s, 0.27 * s, 0.25 * s, skin)
    for side in (-1, 1):
        b.oval(x + side * 0.11 * s, 1 - 0.54 * s, 0.06 * s, 0.06 * s, _DARK)
        b.oval(x + side * 0.18 * s, 1 - 0.44 * s, 0.05 * s, 0.035 * s, (0.95, 0.5, 0.45))
    b.draw.pieslice(
        [v * b.n for v in (x - 0.1 * s, 1 - 0.46 * s, x + 0.1 * s, 1 - 0.32 * s)],
        0,
        180,
        fill=b.ink((0.75, 0.2, 0.2)),
    )


def dog_portrait(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = _fur(b, colour)
    _shoulders(b, x, s, (0.85 * c[0], 0.85 * c[1], 0.85 * c[2]))
    b.oval(x, 1 - 0.6 * s, 0.27 * s, 0.27 * s, c)
    for side in (-1, 1):
        b.oval(x + side * 0.29 * s, 1 - 0.56 * s, 0.1 * s, 0.24 * s, c, 0.6)
        b.oval(x + side * 0.11 * s, 1 - 0.66 * s, 0.05 * s, 0.055 * s, _DARK)
    b.oval(x, 1 - 0.47 * s, 0.17 * s, 0.14 * s, c, 1.2)
    b.oval(x, 1 - 0.53 * s, 0.075 * s, 0.055 * s, _DARK)
    b.oval(x, 1 - 0.36 * s, 0.055 * s, 0.08 * s, (0.92, 0.42, 0.45))


def cat_portrait(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = _fur(b, colour)
    _shoulders(b, x, 0.85 * s, (0.85 * c[0], 0.85 * c[1], 0.85 * c[2]))
    for side in (-1, 1):
        b.polygon(
            [
                (x + side * 0.3 * s, 1 - 0.62 * s),
                (x + side * 0.04 * s, 1 - 0.78 * s),
                (x + side * 0.27 * s, 1 - 0.96 * s),
            ],
            c,
            0.8,
        )
    b.oval(x, 1 - 0.54 * s, 0.32 * s, 0.26 * s, c)
    for side in (-1, 1):
        b.oval(x + side * 0.14 * s, 1 - 0.59 * s, 0.075 * s, 0.06 * s, (0.6, 0.85, 0.2))
        b.oval(x + side * 0.14 * s, 1 - 0.59 * s, 0.025 * s, 0.06 * s, _DARK)
        b.line(
            [(x + side * 0.1 * s, 1 - 0.46 * s), (x + side * 0.4 * s, 1 - 0.49 * s)],
            (0.98, 0.98, 0.98),
            0.018 * s,
        )
    b.oval(x, 1 - 0.49 * s, 0.045 * s, 0.035 * s, (0.92, 0.5, 0.5))


def hat(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "black", "red", "blue")
    b.rect(x - 0.22 * s, 1 - 1.02 * s, x + 0.22 * s, 1 - 0.76 * s, c)
    b.rect(x - 0.4 * s, 1 - 0.78 * s, x + 0.4 * s, 1 - 0.71 * s, c, 0.8)


def scarf(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "red", "yellow", "blue", "green")
    b.oval(x, 1 - 0.28 * s, 0.25 * s, 0.08 * s, c)
    b.rect(x + 0.06 * s, 1 - 0.28 * s, x + 0.19 * s, 1, c, 0.85)


def beard(b: Board, x: float, y: float, s: float, colour: str | None) -> None:
    c = b.paint(colour, "black", "white", "orange")
    b.draw.pieslice(
        [v * b.n for v in (x - 0.22 * s, 1 - 0.64 * s, x + 0.22 * s, 1 - 0.22 * s)], 0, 180, fill=b.ink(c)
    )
    b.rect(x - 0.06 * s, 1 - 0.4 * s, x + 0.06 * s, 1 - 0.37 * s, (0.75, 0.25, 0.25))


SIZES = {
    "man": 0.44,
    "woman": 0.44,
    "child": 0.32,
    "dog": 0.24,
    "cat": 0.28,
    "hat": 0.9,
    "scarf": 0.9,
    "beard": 0.9,
}
DRAWERS: dict[str, Drawer] = {
    "man": man, "woman": woman, "child": child, "dog": dog, "cat": cat, "hat": hat, "scarf": scarf, "beard": beard,
}  # fmt: skip
PORTRAITS: dict[str, Drawer] = {
    "man": man_portrait, "woman": woman_portrait, "child": child_portrait, "dog": dog_portrait, "cat": cat_portrait,
}  # fmt: skip
