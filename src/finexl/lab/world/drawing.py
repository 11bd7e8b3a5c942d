"""Scene -> picture: the place, then its things from far to near, then what falls or hangs in the air."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finexl.errors import InputError
from finexl.lab.world import built_things, indoor_things, living_things, nature_things
from finexl.lab.world.board import Board, Drawer
from finexl.lab.world.grammar import Scene, Thing, parse
from finexl.lab.world.places import OPEN_AIR, Band, light_of, sky_colours
from finexl.lab.world.rooms import INDOORS
from finexl.lab.world.styles import Picture, styled
from finexl.lab.world.words import KINDS, PLACES, STYLE_LEVEL, stand

PAINTERS = OPEN_AIR | INDOORS
DRAWERS = built_things.DRAWERS | nature_things.DRAWERS | indoor_things.DRAWERS | living_things.DRAWERS
SIZES = built_things.SIZES | nature_things.SIZES | indoor_things.SIZES | living_things.SIZES
_SPANS = {"left": (0.1, 0.36), "middle": (0.36, 0.64), "right": (0.64, 0.9), None: (0.12, 0.88)}
_SHRINK = {1: 1.1, 2: 0.92, 3: 0.78, 4: 0.7}
_TRIES = 10


def draw(prompt: str, seed: int = 0, size: int = 64) -> Picture:
    """Draw what a prompt says; the seed chooses whatever it leaves open (layout, colours, sizes).

    Args:
        prompt: in the words of the world (see `parse`).
        seed: 0 or more. Same prompt, seed and size, same bytes; prompts that say the same in other words agree, and
            prompts of one place, hour and weather have the same ground for the same seed.
        size: side in pixels, 16 to 2048.
    Returns:
        RGB of shape (size, size, 3).
    Raises:
        InputError: the prompt cannot be understood, or size or seed is out of range.
    Example:
        >>> draw("two sailboats on a lake at dusk", seed=3).shape
        (64, 64, 3)
    """
    if not 16 <= size <= 2048 or seed < 0:
        raise InputError(
            f"cannot draw with size {size} and seed {seed}. Give a size from 16 to 2048, a seed from 0."
        )
    scene = parse(prompt)
    board = Board(np.random.default_rng(seed), 2 * size, scene.time, scene.weather)
    open_air = PLACES[scene.place].open_air
    board.tint = light_of(scene.time, scene.weather) if open_air else _indoor_light(scene.time)
    bands = PAINTERS[scene.place](board)
    for y, x, height, thing in _layout(scene, bands, board):
        _drawer(scene, thing)(board, x, y, height, thing.colour)
    _falling(board)
    picture = np.asarray(board.picture.reduce(2))
    picture = _foggy(picture, scene) if scene.weather == "fog" else picture
    return styled(picture, dict.fromkeys(scene.styles, STYLE_LEVEL), seed) if scene.styles else picture


def _indoor_light(time: str) -> tuple[float, float, float]:
    r, g, b = light_of(time, "clear")
    return 0.3 + 0.7 * r, 0.24 + 0.76 * g, 0.14 + 0.86 * b  # lamps are warm


def _drawer(scene: Scene, thing: Thing) -> Drawer:
    drawers = DRAWERS | living_things.PORTRAITS if scene.place == "portrait" else DRAWERS
    return drawers[thing.kind]


def _layout(scene: Scene, bands: Mapping[str, Band], board: Board) -> list[tuple[float, float, float, Thing]]:
    """Foot, middle and height of every single thing, far ones first."""
    rng = board.rng
    if scene.place == "portrait":
        x, s = board.between(0.44, 0.56), board.between(0.84, 0.94)
        return [(1.0, x, s, thing) for thing in scene.things]
    singles = [thing for thing in scene.things for _ in range(thing.count)]
    if not singles:
        return []
    total = min(4, len(singles))
    spans = np.array([_SPANS[thing.position] for thing in singles])
    tries = spans[:, 0] + (spans[:, 1] - spans[:, 0]) * rng.random((_TRIES, len(singles)))
    chosen = tries[0]
    if len(singles) > 1:
        gaps = np.abs(tries[:, :, None] - tries[:, None, :]) + 9 * np.eye(len(singles))
        chosen = tries[gaps.min((1, 2)).argmax()]
    placed = []
    for x, thing in zip(chosen, singles, strict=True):
        band = bands[stand(PLACES[scene.place], KINDS[thing.kind]) or ""]
        t = float(rng.random())
        size = SIZES[thing.kind] * band.scale * _SHRINK[total] * (0.9 + 0.2 * t) * board.between(0.92, 1.08)
        placed.append((band.far + (band.near - band.far) * t, float(x), size, thing))
    return sorted(placed, key=lambda one: one[0])


def _falling(board: Board) -> None:
    if board.weather == "rain":
        for x, y in board.rng.random((26, 2)):
            board.line([(x, y), (x - 0.03, y + 0.1)], (0.85, 0.9, 1.0), 0.01)
    elif board.weather == "snowfall":
        with board.glowing():
            for x, y in board.rng.random((34, 2)):
                board.oval(x, y, 0.013, 0.013, (1, 1, 1), 0.75 if board.time == "night" else 1.0)


def _foggy(picture: Picture, scene: Scene) -> Picture:
    """Thick in the distance, thin at one's feet."""
    size = len(picture)
    veil = np.interp(np.linspace(0, 1, size), (0.0, 0.45, 1.0), (0.5, 0.72, 0.3))[:, None, None]
    fog = 255 * np.array(sky_colours(scene.time, "fog")[1])
    return np.rint(picture * (1 - veil) + fog * veil).astype(np.uint8)
