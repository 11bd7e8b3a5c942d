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
Small = NDArray[np.float32]
_BLOCK = 1024  # candidates at once; their products with all draws stay in the cache
_ROUNDING = 1e-5  # relative, of products in float32; a draw that equals what was observed has to count


@dataclass(frozen=True)
class Draws:
    """Random numbers of one pursuit, and what every candidate has to do with them.

    The products with all candidates are made once; what later steps need differs from them by as many vectors as
    concepts were chosen. In float32: they are compared with one another in hundreds of draws, not added up.

    Attributes:
        flipped: means of the whitened rows under random signs, shape (draws, d).
        directions: N(0, I) in the whitened space, shape (draws, d).
        onto_flipped, onto_directions: products of the unit candidates with them, shape (k, draws).
    """

    flipped: Array
    directions: Array
    onto_flipped: Small
    onto_directions: Small

    @classmethod
    def make(cls, draws: int, rows: Array, units: Array, seed: int) -> Draws:
        """`draws` of each.

        Args:
            rows: whitened, shape (n, d); units: whitened candidates of unit length, shape (k, d).
        """
        rng = np.random.default_rng([seed, 1])
        flipped = random_signs(draws, len(rows), rng) @ rows / len(rows)
        directions = rng.standard_normal((draws, rows.shape[1]))
        small = units.astype(np.float32)
        products = (small @ numbers.astype(np.float32).T for numbers in (flipped, directions))
        return cls(flipped, directions, *products)


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
    reached = len(null) - int(np.searchsorted(null, observed * (1 - _ROUNDING)))
    return (1 + reached) / (1 + len(null))


def chance_level(
    r: Array, onto: Array, prior: Array, less: Array, basis: Array, kept: float, draws: Draws
) -> Chance:
    """Null distributions for the next pick.

    The metric was made from the scatter of the rows around *their* mean. Rows with other signs would have
    had another mean and so another metric, with more weight along it; forgetting this makes the observed gain
    look rare (with 20 pairs in 256 dimensions the false alarms rise several-fold). Every sign pattern is
    therefore scored in the metric it would have had. In the space that the observed metric makes white, with
    r the observed mean residual, v the flipped one, B = (I + kept r r')^-1 and h = kept v'Bv, the
    Sherman-Morrison formula gives that gain from x = |f'Bv| / sqrt(f'Bf) as
    x / (1 - h) / sqrt(1 + kept x^2 / (1 - h)), which for v = r is |f'r| / |f|.

    Args:
        r: mean of the whitened residual rows, projected off the chosen concepts, shape (d,).
        onto: products of the whitened candidates of unit length with the rows of `basis` and with r, shape (k, m + 1).
        prior: factor of each candidate's cosine, shape (k,), 0 for one that cannot be chosen any more; the best is
            found under it in every draw too.
        less: a further factor where the cosine is negative, shape (k,), in (0, 1]; likewise.
        basis: orthonormal basis of the chosen concepts in the whitened space, shape (m, d).
        kept: `NoiseWhitener.kept`.
        draws: the random numbers.
    """
    bend = kept / (1 + kept * float(r @ r))  # B = I - bend r r'
    inside = draws.flipped @ basis.T  # what of them lies along the chosen concepts, (draws, m)
    flipped = draws.flipped - inside @ basis
    along = flipped @ r
    h = kept * (np.sum(flipped**2, axis=1) - bend * along**2)
    within = draws.directions @ basis.T
    lengths = np.sqrt(np.sum(draws.directions**2, axis=1) - np.sum(within**2, axis=1))

    chosen, toward = onto[:, :-1], onto[:, -1]
    x = _largest(
        draws.onto_flipped,
        onto,
        np.column_stack([inside, bend * along]),
        prior / np.sqrt(np.maximum(1 - bend * toward**2, 1e-12)),  # divided by sqrt(f'Bf)
        less,
    )
    cosines = _largest(draws.onto_directions, chosen, within, prior, less) / lengths
    room = np.maximum(1 - h, 1e-12)
    gains = x / room / np.sqrt(1 + kept * x**2 / room)
    return Chance(np.sort(gains), np.sort(cosines))


def _largest(onto: Small, left: Array, right: Array, weight: Array, less: Array) -> Array:
    """max over candidates j of weight_j |onto - left right'|_j, times less_j where that is negative, for every draw.

    Args:
        onto: shape (k, draws); left: (k, m); right: (draws, m); weight, less: (k,).
    """
    best = np.zeros(onto.shape[1], np.float32)
    a, b = left.astype(np.float32), right.T.astype(np.float32)
    more, fewer = weight.astype(np.float32), (weight * less).astype(np.float32)
    for start in range(0, len(onto), _BLOCK):
        block = slice(start, start + _BLOCK)
        values = onto[block] - a[block] @ b
        taken = -fewer[block, None] * values
        values *= more[block, None]
        np.maximum(values, taken, out=values)
        np.maximum(best, values.max(axis=0), out=best)
    return best.astype(float)
