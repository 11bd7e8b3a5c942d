"""Image operators at exact levels: what one visual concept does to any picture.

Several implementations may stand behind one concept, so that a model trained on them learns the concept
and not one piece of code. The smallest operator:

    @operator("bright")
    def gain(image, level, rng):
        return image * (1 + 0.8 * level)

`image` is float32 RGB of shape (H, W, 3) in [0, 1] with H, W >= 48, any aspect ratio; `level` lies in [0, 1] and
is meant to be perceptually even (0 leaves the picture alone, 1 is as strong as people would use); `rng`
chooses everything else. The result has the same shape and may leave [0, 1]: `apply` clips.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Image = np.ndarray
Function = Callable[[Image, float, np.random.Generator], Image]


@dataclass(frozen=True)
class Operator:
    """One implementation of one concept. `name` is unique: "concept/function"."""

    name: str
    concept: str
    function: Function


_REGISTRY: dict[str, Operator] = {}


def operator(concept: str) -> Callable[[Function], Function]:
    """Register an implementation of `concept`, a name of the built-in vocabulary."""

    def register(function: Function) -> Function:
        name = f"{concept}/{function.__name__}"
        if name in _REGISTRY:
            raise ValueError(f"operator {name!r} is registered twice")
        _REGISTRY[name] = Operator(name, concept, function)
        return function

    return register


def operators() -> list[Operator]:
    """Every operator, in the order of their names."""
    from finexl.lab.operators import (  # noqa: F401  (importing registers them)
        bends,
        blurs,
        colour,
        colour_spaces,
        composition,
        compression,
        contours,
        era,
        filters,
        focus,
        geometry,
        layouts,
        light,
        line,
        medium,
        mood,
        noise,
        painterly,
        painting,
        ramps,
        regions,
        screens,
        smoothing,
        surfaces,
        texture,
        tone,
        tone_curves,
        veils,
        warps,
        weather,
    )

    return [_REGISTRY[name] for name in sorted(_REGISTRY)]


def apply(op: Operator, image: Image, level: float, rng: np.random.Generator) -> Image:
    """Apply `op` to a float RGB image (H, W, 3) in [0, 1]; level 0 gives the image back unchanged."""
    if level == 0:
        return image
    result = op.function(image, level, rng)
    return np.clip(result, 0.0, 1.0).astype(np.float32)
