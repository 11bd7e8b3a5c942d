"""The places indoors: rooms, the table of a still life, the wall behind a portrait."""

from __future__ import annotations

import numpy as np

from finexl.lab.world.board import Board
from finexl.lab.world.places import Band, Bands, Painter, sky_colours
from finexl.lab.world.words import RGB


def _window(b: Board, x: float, y: float, w: float, h: float) -> None:
    top, low = sky_colours(b.time, "clear")
    b.rect(x - 0.025, y - 0.025, x + w + 0.025, y + h + 0.025, (0.96, 0.94, 0.9))
    with b.glowing():
        b.rect(x, y, x + w, y + h / 2, top)
        b.rect(x, y + h / 2, x + w, y + h, low)
        if b.time == "night":
            b.oval(x + 0.7 * w, y + 0.3 * h, 0.03, 0.03, (1, 0.98, 0.82))
    b.rect(x + w / 2 - 0.01, y, x + w / 2 + 0.01, y + h, (0.96, 0.94, 0.9))
    b.rect(x, y + h / 2 - 0.01, x + w, y + h / 2 + 0.01, (0.96, 0.94, 0.9))


def living_room(b: Board) -> Bands:
    walls: tuple[RGB, ...] = ((0.88, 0.78, 0.62), (0.66, 0.76, 0.74), (0.86, 0.68, 0.62), (0.74, 0.72, 0.84))
    floor = b.between(0.64, 0.7)
    b.rect(0, 0, 1, floor, b.near(walls[b.rng.integers(4)]))
    b.rect(0, floor - 0.025, 1, floor, (0.95, 0.93, 0.9))
    b.shade(floor, 1, (0.5, 0.32, 0.2), (0.64, 0.42, 0.26))
    _window(b, 0.1 if b.rng.random() < 0.5 else 0.64, 0.12, 0.26, 0.28)
    b.oval(0.5, 0.88, 0.38, 0.08, b.near((0.7, 0.3, 0.3), 0.2))
    return {"floor": Band(floor + 0.12, 0.93), "wall": Band(0.27, 0.36)}


def kitchen(b: Board) -> Bands:
    b.rect(0, 0, 1, 0.7, b.near((0.82, 0.9, 0.88)))
    tile, dark = b.near((0.92, 0.92, 0.9), 0.03), (0.72, 0.76, 0.78)
    b.rect(0, 0.7, 1, 1, tile)
    for row, (y0, y1) in enumerate(((0.7, 0.83), (0.83, 1.0))):
        for column in range(row % 2, 6, 2):
            b.rect(column / 6, y0, (column + 1) / 6, y1, dark)
    front = b.near(((0.86, 0.5, 0.3), (0.4, 0.6, 0.72), (0.9, 0.86, 0.8))[b.rng.integers(3)])
    left = b.rng.random() < 0.5
    _window(b, 0.12 if left else 0.62, 0.1, 0.26, 0.26)
    b.rect(0, 0.48, 1, 0.72, front)
    b.rect(0, 0.45, 1, 0.49, (0.32, 0.3, 0.3))
    for x in np.linspace(0.2, 0.8, 3):
        b.rect(x - 0.005, 0.5, x + 0.005, 0.72, front, 0.7)
    fridge = 0.84 if left else 0.0
    b.rect(fridge, 0.2, fridge + 0.16, 0.74, (0.95, 0.96, 0.98))
    b.rect(fridge, 0.4, fridge + 0.16, 0.415, (0.6, 0.62, 0.66))
    return {"floor": Band(0.82, 0.94, 1.0), "wall": Band(0.22, 0.26)}


def library(b: Board) -> Bands:
    wood = b.near((0.42, 0.26, 0.15))
    b.rect(0, 0, 1, 0.7, wood)
    backs: tuple[RGB, ...] = (
        (0.7, 0.18, 0.16),
        (0.18, 0.36, 0.6),
        (0.2, 0.5, 0.3),
        (0.85, 0.7, 0.3),
        (0.5, 0.3, 0.55),
    )
    for shelf in range(3):
        y, x = 0.21 * (shelf + 1), 0.03
        while x < 0.96:
            w = b.between(0.055, 0.085)
            b.rect(x, y - b.between(0.12, 0.165), x + w - 0.006, y, backs[b.rng.integers(5)])
            x += w
        b.rect(0, y, 1, y + 0.02, wood, 1.35)
    for x in (0.0, 0.33, 0.66, 0.98):
        b.rect(x, 0, x + 0.025, 0.7, wood, 1.2)
    b.shade(0.7, 1, (0.36, 0.16, 0.14), (0.46, 0.22, 0.18))
    return {"floor": Band(0.84, 0.94), "wall": Band(0.3, 0.36)}


def table(b: Board) -> Bands:
    walls: tuple[RGB, ...] = ((0.36, 0.42, 0.5), (0.62, 0.52, 0.44), (0.5, 0.6, 0.54), (0.8, 0.74, 0.66))
    b.rect(0, 0, 1, 1, b.near(walls[b.rng.integers(4)]))
    edge = b.between(0.56, 0.62)
    tops: tuple[RGB, ...] = ((0.6, 0.38, 0.2), (0.92, 0.9, 0.86), (0.42, 0.24, 0.14))
    top = b.near(tops[b.rng.integers(3)])
    b.polygon([(0.08, edge), (0.92, edge), (1.05, 0.92), (-0.05, 0.92)], top)
    b.rect(-0.05, 0.92, 1.05, 1, top, 0.65)
    return {"table": Band(edge + 0.12, 0.86)}


def portrait(b: Board) -> Bands:
    walls: tuple[RGB, ...] = (
        (0.45, 0.6, 0.72),
        (0.78, 0.72, 0.6),
        (0.5, 0.62, 0.48),
        (0.72, 0.56, 0.62),
        (0.6, 0.6, 0.64),
    )
    c = b.near(walls[b.rng.integers(5)])
    b.shade(0, 1, [1.1 * v for v in c], [0.8 * v for v in c])
    return {"sitter": Band(1.0, 1.0), "worn": Band(1.0, 1.0)}


INDOORS: dict[str, Painter] = {
    "living room": living_room, "kitchen": kitchen, "library": library, "table": table, "portrait": portrait,
}  # fmt: skip
