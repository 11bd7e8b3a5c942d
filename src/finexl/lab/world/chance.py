"""Random scenes and prompts: what the generators learn from and are asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from finexl.errors import InputError
from finexl.lab.world.grammar import Scene, Thing
from finexl.lab.world.words import KINDS, PLACES, POSITIONS, STYLES, WEATHERS, stand


def prompts(n: int, seed: int = 0) -> list[str]:
    """n random prompts; the same seed gives the same ones, and the first of more are the same.

    Args:
        n: how many, 0 or more.
        seed: of every draw.
    Returns:
        Prompts that `parse` understands. Places are equally frequent.
    Raises:
        InputError: n or seed is negative.
    Example:
        >>> prompts(1, seed=3) == prompts(2, seed=3)[:1]
        True
    """
    if n < 0 or seed < 0:
        raise InputError(f"cannot draw {n} prompts from seed {seed}. Give numbers from 0.")
    return [random_scene(np.random.default_rng([seed, i])).prompt for i in range(n)]


def random_scene(rng: np.random.Generator, styled: float = 0.0) -> Scene:
    """A scene of a place drawn evenly, with none to three groups of things, mostly such as are usual there.

    Args:
        styled: probability that it is in a style.
    """
    scene = _random_plain(rng)
    return replace(scene, styles=(STYLES[rng.integers(len(STYLES))],)) if rng.random() < styled else scene


def _random_plain(rng: np.random.Generator) -> Scene:
    place = PLACES[list(PLACES)[rng.integers(len(PLACES))]]
    if place.name == "portrait":
        return _random_portrait(rng)
    time = (
        ("day", "dawn", "dusk", "night")[rng.choice(4, p=(0.4, 0.18, 0.2, 0.22))] if place.has_time else "day"
    )
    weather = "clear"
    if place.open_air:
        weather = tuple(WEATHERS)[rng.choice(5, p=(0.5, 0.14, 0.13, 0.11, 0.12))]
    able = [kind.name for kind in KINDS.values() if stand(place, kind)]
    groups = int(rng.choice(4, p=(0.1, 0.5, 0.32, 0.08)))
    pool = [place.usual if rng.random() < 0.85 else able for _ in range(groups)]
    kinds = list(dict.fromkeys(names[rng.integers(len(names))] for names in pool))
    things = tuple(_random_thing(kind, rng, first=i == 0) for i, kind in enumerate(kinds))
    # A count is only worth saying of few things: more than five of all kinds do not fit.
    while sum(thing.count for thing in things) > 5:
        things = tuple(replace(thing, count=max(1, thing.count - 1)) for thing in things)
    return Scene(place.name, time, weather, things)


def _random_thing(kind: str, rng: np.random.Generator, first: bool) -> Thing:
    count = int(1 + rng.choice(4, p=(0.58, 0.2, 0.14, 0.08)))
    colour = None
    colours = KINDS[kind].colours
    if colours and rng.random() < 0.4:
        colour = colours[rng.integers(len(colours))]
    position = None
    if rng.random() < (0.15 if first else 0.6):
        position = list(POSITIONS)[rng.integers(len(POSITIONS))]
    return Thing(kind, count, colour, position)


def _random_portrait(rng: np.random.Generator) -> Scene:
    usual = PLACES["portrait"].usual
    sitter = usual[rng.integers(len(usual))]
    able = ["hat", "scarf", *(["beard"] if sitter == "man" else [])]
    worn = [kind for kind in able if rng.random() < 0.35]
    things = [
        replace(_random_thing(kind, rng, first=True), count=1, position=None) for kind in (sitter, *worn)
    ]
    return Scene("portrait", things=tuple(things))
