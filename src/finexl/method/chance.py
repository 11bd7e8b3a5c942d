"""Is a gain more than chance? The two reasons for which a long list of candidates always has one that fits.

1. Noise. With few pairs the mean residual points somewhere, and some candidate lies that way. Flipping the
   signs of the residual rows keeps their scatter and destroys their mean; the largest gain over *all*
   candidates under random signs is what the best of them reaches by chance (family-wise control).
2. Misfit. With many pairs the residual is known exactly and still needs no candidate: what no word says
   points in some direction, and some candidate lies near any direction. The largest |cosine| over all
   candidates with a random direction is what the best of them reaches then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finexl.method.divergence import random_signs

Array = NDArray[np.float64]
_BLOCK = 4096  # candidates at once


@dataclass(frozen=True)
class Draws:
    """Random numbers of one pursuit, shared by all its steps.

    Attributes:
        signs: +-1, shape (draws, n).
        directions: N(0, I) in the whitened space, shape (draws, d).
    """

    signs: Array
    directions: Array

    @classmethod
    def make(cls, draws: int, shape: tuple[int, int], seed: int) -> Draws:
        """`draws` of each for rows of this shape (n, d)."""
        n, d = shape
        rng = np.random.default_rng([seed, 1])
        return cls(random_signs(draws, n, rng), rng.standard_normal((draws, d)))


@dataclass(frozen=True)
class Chance:
    """What the best candidate reaches by chance in every draw, given the concepts already chosen.

    Attributes:
        gains: largest |cos(f_j, r)| |r| under random signs, ascending, shape (draws,).
        cosines: largest |cos(f_j, u)| with random directions u, ascending, shape (draws,).
    """

    gains: Array
    cosines: Array

    def is_exceeded(self, gain: float, cosine: float, alpha: float) -> bool:
        """Whether both null hypotheses are rejected at level `alpha`."""
        return _p_value(self.gains, gain) < alpha and _p_value(self.cosines, cosine) < alpha


def _p_value(null: Array, observed: float) -> float:
    reached = len(null) - int(np.searchsorted(null, observed * (1 - 1e-9)))
    return (1 + reached) / (1 + len(null))


def chance_level(R: Array, units: Array, prior: Array, chosen: Array, kept: float, draws: Draws) -> Chance:
    """Null distributions for the next pick.

    The metric was made from the scatter of the rows around *their* mean. Rows with other signs would have
    had another mean and so another metric, with more weight along it; forgetting this makes the observed gain
    look rare (with 20 pairs in 256 dimensions the false alarms rise several-fold). Every sign pattern is
    therefore scored in the metric it would have had. In the space that the observed metric makes white, with
    r the observed mean residual, v the flipped one, B = (I + kept r r')^-1 and h = kept v'Bv, the
    Sherman-Morrison formula gives that gain from x = |f'Bv| / sqrt(f'Bf) as
    x / (1 - h) / sqrt(1 + kept x^2 / (1 - h)), which for v = r is |f'r| / |f|.

    Args:
        R: whitened residual rows, projected off the chosen concepts, shape (n, d).
        units: whitened open candidates of unit length, shape (k, d).
        prior: factor of each candidate's cosine, shape (k,); the best is found under it in every draw too.
        chosen: orthonormal basis of the chosen concepts in the whitened space, shape (m, d).
        kept: `NoiseWhitener.kept`.
        draws: the random numbers.
    """
    r = R.mean(axis=0)
    bend = kept / (1 + kept * float(r @ r))  # B = I - bend r r'
    flipped = draws.signs @ R / len(R)  # (draws, d)
    along = flipped @ r
    h = kept * (np.sum(flipped**2, axis=1) - bend * along**2)
    directions = draws.directions - (draws.directions @ chosen.T) @ chosen
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)

    x = np.zeros(len(flipped))
    cosines = np.zeros(len(flipped))
    for start in range(0, len(units), _BLOCK):
        block, weight = units[start : start + _BLOCK], prior[start : start + _BLOCK]
        toward = block @ r
        lengths = np.sqrt(np.maximum(1 - bend * toward**2, 1e-12))  # sqrt(f'Bf)
        values = (flipped @ block.T - bend * np.outer(along, toward)) / lengths
        np.maximum(x, (np.abs(values) * weight).max(axis=1), out=x)
        np.maximum(cosines, (np.abs(directions @ block.T) * weight).max(axis=1), out=cosines)
    room = np.maximum(1 - h, 1e-12)
    gains = x / room / np.sqrt(1 + kept * x**2 / room)
    return Chance(np.sort(gains), np.sort(cosines))
