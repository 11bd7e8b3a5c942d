"""Signed, sparse and few: greedy pursuit in the noise-whitened space (method sections 5.2 and 5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from finexl.method.chance import Chance, Draws, chance_level
from finexl.method.directions import ranked, unit_rows
from finexl.method.fitting import Fit, fit_jointly, shares
from finexl.method.settings import EXTENDED, SHOWN, STRONG, Settings
from finexl.method.whitening import NoiseWhitener, noise_whitener

Array = NDArray[np.float64]
SAME = 1 - 1e-6  # cosine from which two concept vectors are one
NEARLY_AS_WELL = 0.9  # "darker" is preferred to "less bright" if it fits at least this much as well
AHEAD = 40  # candidates among which the best pair is looked for
CLEARLY_MORE = 1.15  # times what the best candidate explains with its best partner; then a pair is preferred


@dataclass
class Pursuit:
    """The state of one search: which concepts were chosen, and which were rejected for their sake.

    Attributes:
        settings: as given.
        whitener: the metric, fixed for the whole search.
        F: concept vectors, shape (k, d).
        Dw: whitened rows, shape (n, d).
        Fw: whitened concepts, shape (k, d).
        units: the same with unit length; zero rows stay zero.
        live: which candidates have a direction at all and may be named, shape (k,).
        prior: factor of each candidate's cosine, shape (k,): plain words before compound ones.
        less: a further factor where the cosine is negative, shape (k,): looks that were there before others (`_less`).
        chosen: indices of the chosen concepts, in the order of choice.
        absorbed: rejected concept -> the chosen one that already says it.
    """

    settings: Settings
    whitener: NoiseWhitener
    F: Array
    Dw: Array
    Fw: Array
    units: Array
    live: NDArray[np.bool_]
    prior: Array
    less: Array
    chosen: list[int] = field(default_factory=list)
    absorbed: dict[int, int] = field(default_factory=dict)

    def fit(self, indices: list[int]) -> Fit:
        """Joint fit of these concepts."""
        return fit_jointly(self.Dw, self.Fw[indices], self.settings.confidence, self.whitener)

    def is_open(self) -> NDArray[np.bool_]:
        """Which candidates may still be chosen, shape (k,)."""
        still_open = self.live.copy()
        still_open[[*self.chosen, *self.absorbed]] = False
        return still_open


@dataclass(frozen=True)
class Step:
    """What the candidates have to do with the mean residual at one step.

    Attributes:
        cosines: of all candidates with the residual, factors included, shape (k,).
        factor: which these are, shape (k,).
        inside: products of the candidates with an orthonormal basis of the chosen concepts, shape (k, m).
        order: candidates from the largest |cosine| to the smallest.
        still_open: which may be chosen, shape (k,); those met on the way and absorbed are closed.
    """

    cosines: Array
    factor: Array
    inside: Array
    order: list[int]
    still_open: NDArray[np.bool_]


def pursue(D: Array, F: Array, settings: Settings) -> Pursuit:
    """Choose concepts one by one while the best candidate does better than chance, then weed.

    At each step the candidate with the largest |cosine| with the mean residual is chosen, or one half of a pair that
    explains clearly more (`_look_ahead`), and all chosen concepts are refitted jointly. The search ends when the
    largest |cosine| is no better than chance (`chance_level`) or `max_concepts` are found. At last, concepts whose
    refitted interval holds zero, whose weight is below `min_weight` or share below `min_share`, are dropped one at a
    time, the last chosen first, refitting after each.

    Args:
        D: paired differences, shape (n, d); F: concept vectors, shape (k, d).
    """
    whitener = noise_whitener(D, settings.ridge, settings.plain)
    Fw = whitener(F)
    prior = np.array(settings.prior) if settings.prior else np.ones(len(F))
    units = unit_rows(Fw)
    live = np.any(units != 0, axis=1) & _earned(D, F, settings)
    state = Pursuit(settings, whitener, F, whitener(D), Fw, units, live, prior, _less(F, settings.shown))
    draws = Draws.make(settings.draws, state.Dw, state.units, settings.seed)
    while len(state.chosen) < settings.max_concepts:
        pick = _next(state, draws)
        if pick is None:
            break
        state.chosen.append(pick)
    _weed(state)
    return state


def _less(F: Array, shown: Array | None) -> Array:
    """Factor of each concept where "less" of it is meant, shape (k,): what is not there cannot be taken away.

    With all words as candidates in both signs, what a change leaves unexplained always lies opposite to some of them.
    "Less" of a look counts in full if the pictures before the change show it by `SHOWN` concept vectors beside a plain
    picture, and as little as a word that is no core word if they do not show it at all; in between, in proportion.

    Args:
        F: concept vectors, shape (k, d); shown: `Settings.shown`; without it every concept may be taken away.
    """
    if shown is None:
        return np.ones(len(F))
    factor: Array = EXTENDED + (1 - EXTENDED) * np.clip(_level(F, shown) / SHOWN, 0, 1)
    return factor


def _earned(D: Array, F: Array, settings: Settings) -> NDArray[np.bool_]:
    """Which concepts may be named at all, shape (k,): a strong degree of a look only where the pictures show it.

    "Black and white" and "muted colours" are nearly one direction, so that a change does not tell them apart; where the
    pictures lie does. A concept that has a milder degree is a candidate only if the pictures before or after the change
    show it by `STRONG` concept vectors beside a plain picture (docs/decisions/0015).
    """
    if settings.milder is None or settings.shown is None:
        return np.ones(len(F), dtype=np.bool_)
    before, after = _level(F, settings.shown), _level(F, settings.shown + D.mean(axis=0))
    earned: NDArray[np.bool_] = (np.array(settings.milder) < 0) | (np.maximum(before, after) >= STRONG)
    return earned


def _level(F: Array, x: Array) -> Array:
    """How many of each concept vector x shows, shape (k,); 0 for a zero vector."""
    squares = np.sum(F**2, axis=1)
    level: Array = np.divide(F @ x, squares, out=np.zeros(len(F)), where=squares > 0)
    return level


def _next(state: Pursuit, draws: Draws) -> int | None:
    """The next concept to choose, or None. Redundant candidates met on the way are absorbed."""
    still_open = state.is_open()
    if not still_open.any():
        return None
    basis = np.linalg.qr(state.Fw[state.chosen].T)[0].T  # orthonormal, (m, d)
    V = state.Dw.mean(axis=0)
    r = V - (V @ basis.T) @ basis
    size = float(np.linalg.norm(r))
    if size <= 1e-9 * float(np.linalg.norm(V)):
        return None
    onto = state.units @ np.vstack([basis, r]).T  # the one walk over all candidates of this step, (k, m + 1)
    factor = state.prior * np.where(onto[:, -1] < 0, state.less, 1.0)
    cosines = factor * onto[:, -1] / size
    chance = chance_level(r, onto, state.prior * still_open, state.less, basis, state.whitener.kept, draws)
    order = [j for j in ranked(np.abs(cosines), state.settings.names).tolist() if still_open[j]]
    step = Step(cosines, factor, onto[:, :-1], order, still_open)
    for j in order:
        while still_open[j]:
            if not _beats(chance, cosines[j], size, state.settings.alpha):
                return None
            pick = next(
                i
                for i in _readings(state, step, j)
                if i == j or _beats(chance, cosines[i], size, state.settings.alpha)
            )
            rival = _redundant_with(state, pick)
            if rival is None:
                return pick
            state.absorbed[pick] = rival
            still_open[pick] = False
    return None


def _readings(state: Pursuit, step: Step, j: int) -> Iterator[int]:
    """What could be taken for the best candidate `j`, in order of preference; at last `j` itself."""
    for i in (_look_ahead(state, step, j), j):
        yield _positive_reading(step, i, state.settings.opposites)
        yield i


def _look_ahead(state: Pursuit, step: Step, j: int) -> int:
    """`j`, or the stronger half of two candidates that together explain clearly more than `j` with its best partner.

    What two causes have in common lies near a word for both: sepia with a vignette near "vintage photo". Taken first,
    that word leaves over what it says too much and too little, and neither cause is ever named. Of unit candidates a
    and b, less what lies along the chosen concepts, with cosines p and q to the residual and g to each other, both
    signed so that p, q > 0, a joint fit explains (p^2 + q^2 - 2 g p q) / (1 - g^2) of its squared length, and gives a
    the weight (p - g q) / (1 - g^2). Candidates are compared as everywhere with their factors in p and q. Pairs that overlap
    beside the chosen concepts (|g| above `redundancy`), and those one of which would get a weight of the other sign, do
    not count; nor does any where there is room for one concept only.
    """
    top = np.array([j, *islice((i for i in step.order if step.still_open[i] and i != j), AHEAD)])
    if len(top) == 1 or len(state.chosen) + 1 >= state.settings.max_concepts:
        return j
    cosines, inside = step.cosines[top], step.inside[top]
    outside = np.sqrt(np.maximum(1 - np.sum(inside**2, axis=1), 1e-12))
    p = np.abs(cosines) / outside
    plain = p / step.factor[top]
    sign = np.sign(cosines) / outside
    g = (state.units[top] @ state.units[top].T - inside @ inside.T) * np.outer(sign, sign)
    weight = plain[:, None] - g * plain  # of the first of two, but for a positive factor
    pairs = (np.abs(g) < state.settings.redundancy) & (weight > 0) & (weight.T > 0)
    np.fill_diagonal(pairs, False)
    g = np.where(pairs, g, 0.0)
    gain = np.where(pairs, (p[:, None] ** 2 + p**2 - 2 * g * np.outer(p, p)) / (1 - g**2), 0.0)
    a, b = np.unravel_index(int(np.argmax(gain)), gain.shape)
    if gain[a, b] <= CLEARLY_MORE * max(gain[0].max(), p[0] ** 2):
        return j
    return int(top[a] if p[a] >= p[b] else top[b])


def _beats(chance: Chance, cosine: float, size: float, alpha: float) -> bool:
    return chance.is_exceeded(abs(cosine) * size, abs(cosine), alpha)


def _positive_reading(step: Step, j: int, opposites: tuple[int, ...] | None) -> int:
    """The opposite of `j` where `j` would weigh negatively and its opposite fits about as well."""
    if step.cosines[j] >= 0 or opposites is None or opposites[j] < 0:
        return j
    other = opposites[j]
    fits = step.cosines[other] >= -NEARLY_AS_WELL * step.cosines[j]
    return other if step.still_open[other] and fits else j


def _redundant_with(state: Pursuit, j: int) -> int | None:
    """The chosen concept that already says what candidate `j` says, or None (the redundancy guard).

    Of two degrees of one look only one is said (`Settings.milder`). Other concepts that overlap are both kept only where
    the data tell them apart: in the joint fit with `j` the intervals of both exclude zero, and the weight of the earlier
    one keeps its sign.
    """
    if not state.chosen:
        return None
    milder = state.settings.milder
    if milder is not None:
        degree = next((i for i in state.chosen if milder[i] == j or milder[j] == i), None)
        if degree is not None:
            return degree
    cosines = np.abs(state.units[state.chosen] @ state.units[j])
    close = np.flatnonzero(cosines > state.settings.redundancy)
    if not len(close):
        return None
    nearest = state.chosen[int(np.argmax(cosines))]
    if cosines.max() > SAME:
        return nearest
    before, after = state.fit(state.chosen), state.fit([*state.chosen, j])
    together = [*close.tolist(), len(state.chosen)]
    told_apart = after.decided[together].all()
    same_sign = (np.sign(before.weights[close]) == np.sign(after.weights[close])).all()
    return None if told_apart and same_sign else nearest


def _weed(state: Pursuit) -> None:
    """Drop what does not hold up in the final joint fit, last chosen first, until all of it does.

    Later words say what the earlier left over. Several of them together can say what an earlier one says, so that in the
    joint fit none of them is certain, the right one least of all; alone it holds up (docs/decisions/0013).
    """
    while state.chosen:
        fit = state.fit(state.chosen)
        light = np.abs(fit.weights) < state.settings.min_weight
        little = shares(state.F[state.chosen], fit.weights) < state.settings.min_share
        weak = np.flatnonzero(~fit.decided | light | little)
        if not len(weak):
            return
        del state.chosen[int(weak[-1])]
