"""What an effect is, and the few helpers all libraries share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Apply = Callable[[Pixels, float, np.random.Generator], Pixels]
Split = Literal["tune", "test", "fresh"]


@dataclass(frozen=True)
class Effect:
    """One change of a picture, made by a library that is not ours.

    Attributes:
        name: unique; starts with the library.
        library: whose code makes the change.
        accepted: concepts that a careful person would call a correct first word; "-x" means "less of x".
        apply: (uint8 RGB (H, W, 3), level in (0, 1], rng) -> uint8 RGB of the same shape.
        split: "tune" for design decisions, "test" for what is reported, "fresh" for what no design decision has looked at.
    """

    name: str
    library: str
    accepted: tuple[str, ...]
    apply: Apply
    split: Split


def registrar(effects: list[Effect], library: str, split: Split) -> Callable[..., Callable[[Apply], Apply]]:
    """A decorator `@effect(name, *accepted)` that appends to `effects`."""

    def effect(name: str, *accepted: str) -> Callable[[Apply], Apply]:
        def register(apply: Apply) -> Apply:
            effects.append(Effect(f"{library} {name}", library, accepted, apply, split))
            return apply

        return register

    return effect


def unit(image: Pixels) -> float:
    """Scale for lengths in pixels: 1.0 for a short side of 256."""
    return float(min(image.shape[:2])) / 256


def odd(length: float, least: int = 3) -> int:
    """The odd whole number nearest to `length`, at least `least`."""
    return max(least, 2 * round((length - 1) / 2) + 1)


def blend(original: Pixels, result: Any, level: float) -> Pixels:
    """Original at level 0, result (uint8 levels, gray or RGB) at level 1."""
    picture = np.asarray(result, np.float32)
    if picture.ndim == 2:
        picture = picture[..., None]
    return to_bytes(original + (picture - original) * np.float32(level))


def to_bytes(picture: Any) -> Pixels:
    """Anything on the 0..255 scale -> uint8, rounded and clipped."""
    result: Pixels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return result
