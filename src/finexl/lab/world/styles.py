"""Style operators at exact levels on the world's pictures: the truth that personalizations are trained on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from finexl.errors import InputError, UnknownNameError
from finexl.lab.operators import Operator, apply, operators

Picture = NDArray[np.uint8]


@cache
def _first_of_each() -> dict[str, Operator]:
    return {op.concept: op for op in reversed(operators())}


def style_operator(concept: str) -> Operator:
    """The operator that stands for a concept in the lab: of several the first by name, so one word means one look.

    Raises:
        UnknownNameError: no operator makes that concept.
    """
    looks = _first_of_each()
    if concept not in looks:
        raise UnknownNameError("style operator", concept, looks)
    return looks[concept]


def styled(picture: Picture, aspects: Mapping[str, float], seed: int = 0) -> Picture:
    """The picture in a style, or in several.

    Args:
        picture: RGB of shape (H, W, 3), sides of at least 48 pixels.
        aspects: concept -> level in [0, 1], applied in their order.
        seed: of what an operator draws at random, such as grain.
    Returns:
        RGB of the same shape.
    Raises:
        UnknownNameError: no operator makes that concept.
        InputError: a level lies outside [0, 1].
    Example:
        >>> night = draw("a street at night")               # doctest: +SKIP
        >>> styled(night, {"sepia": 0.6, "film grain": 0.3}).shape  # doctest: +SKIP
        (64, 64, 3)
    """
    image = picture.astype(np.float32) / 255
    for i, (concept, level) in enumerate(aspects.items()):
        if not 0 <= level <= 1:
            raise InputError(f"the level of {concept!r} is {level}. Give one from 0 to 1.")
        image = apply(style_operator(concept), image, level, np.random.default_rng([seed, i]))
    return np.rint(image * 255).astype(np.uint8)
