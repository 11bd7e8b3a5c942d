"""Pictures that an encoder takes as rows of patches, as many of them as their shape asks for (SigLIP 2, "NaFlex").

`Encoder.prepare` gives arrays of one fixed shape, so a picture travels as its padded patches and one more row that holds how many
stand in each direction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CHANNELS = 3
_SHAPE = np.dtype("<u2")


def pack(patches: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Padded patches (n, p * p * 3), of which height * width count -> (n + 1, p * p * 3)."""
    last = np.zeros(patches.shape[1], np.uint8)
    last[: 2 * _SHAPE.itemsize] = np.array([height, width], _SHAPE).view(np.uint8)
    return np.concatenate([patches, last[None]])


def unpack(packed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What `pack` made -> the picture, shape (3, height * p, width * p)."""
    height, width = (int(side) for side in packed[-1, : 2 * _SHAPE.itemsize].copy().view(_SHAPE))
    side = int(np.sqrt(packed.shape[1] // CHANNELS))
    grid = packed[: height * width].reshape(height, width, side, side, CHANNELS)
    picture: NDArray[np.uint8] = grid.transpose(4, 0, 2, 1, 3).reshape(CHANNELS, height * side, width * side)
    return picture
