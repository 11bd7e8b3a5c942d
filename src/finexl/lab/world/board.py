"""A drawing board in relative coordinates whose colours stand in the light of the scene."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PIL import Image as Pil

from finexl.lab.scenes_shapes import Canvas
from finexl.lab.world.words import COLOURS, RGB


class Board(Canvas):
    """A `Canvas` that multiplies every colour by the light of the hour, so that dusk costs no further pass.

    Attributes:
        tint: the light's colour; (1, 1, 1) at noon.
        time, weather: as in `Scene`; they decide sky, windows and ground.
    """

    def __init__(self, rng: np.random.Generator, n: int, time: str, weather: str):
        super().__init__(rng, n)
        self.time, self.weather = time, weather
        self.tint: RGB = (1.0, 1.0, 1.0)

    def ink(self, colour: Sequence[float], gain: float = 1.0) -> tuple[int, ...]:
        return tuple(
            min(255, max(0, int(255 * gain * c * t))) for c, t in zip(colour, self.tint, strict=True)
        )

    @contextmanager
    def glowing(self) -> Iterator[None]:
        """What is drawn inside gives light itself: the hour does not darken it."""
        tint, self.tint = self.tint, (1.0, 1.0, 1.0)
        yield
        self.tint = tint

    def near(self, colour: Sequence[float], spread: float = 0.06) -> RGB:
        """The colour, a little other: as no two things have quite the same."""
        r, g, b = colour
        gain = 1 + spread * (2 * self.rng.random() - 1)
        d = self.rng.random(3) - 0.5
        return (
            r * gain + spread * float(d[0]),
            g * gain + spread * float(d[1]),
            b * gain + spread * float(d[2]),
        )

    def paint(self, colour: str | None, *usual: str) -> RGB:
        """A named colour, or one of the usual ones by chance."""
        name = colour or usual[self.rng.integers(len(usual))]
        return self.near(COLOURS[name])

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * float(self.rng.random())

    def shade(self, y0: float, y1: float, top: Sequence[float], low: Sequence[float]) -> None:
        """A band whose colour runs from top to low."""
        a, b = round(y0 * self.n), round(y1 * self.n)
        if b <= a:
            return
        t = np.linspace(0, 1, b - a)[:, None]
        rows = (np.asarray(top) * (1 - t) + np.asarray(low) * t) * np.asarray(self.tint)
        column = Pil.fromarray((rows.clip(0, 1) * 255).astype(np.uint8)[:, None])
        self.picture.paste(column.resize((self.n, b - a), Pil.Resampling.NEAREST), (0, a))

    def wave(self, y: float, height: float, bumps: float) -> list[tuple[float, float]]:
        """A smooth skyline as (x, y) points: two sines of random phase."""
        x = np.linspace(-0.02, 1.02, 25)
        p, q = 6.3 * self.rng.random(2)
        rise = np.sin(bumps * 3.1 * x + p) + 0.5 * np.sin(2.3 * bumps * 3.1 * x + q)
        return [(float(a), float(b)) for a, b in zip(x, y - height * rise / 1.5, strict=True)]


Drawer = Callable[[Board, float, float, float, str | None], None]
"""Draws one thing: on a board, at x and y, of a height, in a named colour or one of its usual ones."""
