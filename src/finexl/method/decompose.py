"""Which phrases explain the divergence vector: three methods with one signature.

All of them look for V ~ sum_j w_j f(C_j), a short signed sum of concept vectors.

    method      | distance is measured  | candidates enter by            | stops when
    ------------|-----------------------|--------------------------------|------------------------------
    algorithm1  | in the encoder space  | |cosine| with V, unless they   | relative residual < e_decomp
     (paper)    |                       | overlap with one kept already  |
    subspace    | in the space of the   | all at once, non-negative      | the strongest are refitted
                | vocabulary's variance |                                |
    finexl      | in units of the noise | largest gain, if the data tell | the gain is no more than chance
     (default)  | between pairs         | them apart from those chosen   |

Each method only *chooses* concepts and fits them; `_report` turns any choice into the same `Decomposition`,
with intervals, shares, families and residual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finexl.errors import InputError, UnknownNameError
from finexl.method.directions import Family, families, orthogonality_filter, ranked
from finexl.method.divergence import Estimate, require_rows, resample_counts, sign_flip_test
from finexl.method.fitting import Fit, fit_jointly, shares
from finexl.method.pursuit import pursue
from finexl.method.residual import corrected_residual, pair_weights, relative_residual
from finexl.method.settings import Settings
from finexl.method.whitening import beside, vocabulary_projection

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Decomposition:
    """An explanation in numbers; arrays are in the order of `indices`.

    Attributes:
        indices: the reported concepts (rows of F), strongest share first; () when there are none.
        weights: signed coefficients of their concept vectors in V, shape (m,).
        pairs: the same of every single pair, whose mean they are, shape (n, m).
        low, high: confidence intervals of the weights, shape (m,).
        share: part of the explained squared length, shape (m,); sums to 1.
        families: for each concept those it speaks for, as (index, signed cosine), largest first.
        residual: part of V's length left unexplained, corrected for noise, 0..1; None when the method found
            no difference to explain. Of V as the method sees it (`seen_by`).
        relative_residual: the paper's |V - F w| / |V|, which counts noise as unexplained.
        p_value: sign-flip test of "no difference".
    """

    indices: tuple[int, ...]
    weights: Array
    pairs: Array
    low: Array
    high: Array
    share: Array
    families: tuple[Family, ...]
    residual: Estimate | None
    relative_residual: float
    p_value: float


def decompose(D: Array, F: Array, method: str = "finexl", settings: Settings | None = None) -> Decomposition:
    """Explain paired differences by a few concepts.

    Args:
        D: paired differences d_i as `differences` gives them, shape (n, d), n >= 2.
        F: candidate concept vectors as `concept_directions` gives them, shape (k, d); with k = 0 nothing is reported.
        method: "finexl", "algorithm1" or "subspace".
        settings: defaults if None.
    Raises:
        UnknownNameError: no such method.
        InputError: shapes do not fit, a value is not finite (its row is named by index), or
            settings.names, .opposites or .milder do not have one entry for each concept, or settings.plain or .shown is not (d,).
    Example:
        >>> rng = np.random.default_rng(0)
        >>> F = np.eye(3, 32)
        >>> D = 0.8 * F[0] - 0.5 * F[2] + 0.1 * rng.standard_normal((40, 32))
        >>> found = decompose(D, F)
        >>> found.indices, found.weights.round(1)
        ((0, 2), array([ 0.8, -0.5]))
    """
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    settings = settings or Settings()
    D = require_rows("paired differences D", D, least=2)
    F = require_rows("concept vectors F", F, least=0)
    if D.shape[1] != F.shape[1]:
        raise InputError(
            f"D has {D.shape[1]} dimensions and F has {F.shape[1]}: use one encoder for images and phrases."
        )
    listed = {
        "names": settings.names or None, "opposites": settings.opposites, "milder": settings.milder
    }  # fmt: skip
    for name, entries in listed.items():
        if entries is not None and len(entries) != len(F):
            raise InputError(f"settings.{name} has {len(entries)} entries for {len(F)} concepts.")
    for name, vector in (("plain", settings.plain), ("shown", settings.shown)):
        if vector is not None and vector.shape != (D.shape[1],):
            raise InputError(
                f"{name} has shape {vector.shape}: the pictures' embeddings have {D.shape[1]} dimensions."
            )
    if not len(F):
        p = sign_flip_test(D, settings.draws, settings.seed)
        return _nothing(D, settings, difference=p < settings.alpha)
    return METHODS[method](D, F, settings)


def algorithm1(D: Array, F: Array, settings: Settings) -> Decomposition:
    """The paper's Algorithm 1 (method section 2), faithful, and sure to end.

    Candidates in order of |cosine| with V (ties by name); those that overlap with a kept one by `e_ortho` or
    more are filtered out; the rest enter one after another, each time fitting *all* of them jointly, until
    the relative residual is below `e_decomp`, `max_concepts` are in, or candidates run out. Signed weights.
    Arguments as `decompose`, validated.
    """
    V = D.mean(axis=0)
    if not np.any(V):
        return _nothing(D, settings, difference=False)
    orthogonal = orthogonality_filter(F, V, settings.e_ortho, settings.ortho_rule, settings.names)
    chosen: list[int] = []
    for j in orthogonal.kept[: settings.max_concepts]:
        chosen.append(j)
        (weights,) = pair_weights(V[None], F[chosen])
        if relative_residual(V, F[chosen], weights) < settings.e_decomp:
            break
    fit = fit_jointly(D, F[chosen], settings.confidence)
    absorbed = {j: by for j, by, _ in orthogonal.absorbed}
    return _report(D, F, chosen, fit, settings, settings.e_ortho, absorbed)


def subspace(D: Array, F: Array, settings: Settings) -> Decomposition:
    """PCA-truncated whitening by the vocabulary, then non-negative least squares (method section 4).

    V and F are mapped by `vocabulary_projection`; NNLS over all concepts gives a ranking; the `max_concepts`
    largest weights are refitted on their own, because weights fitted beside concepts that are then dropped
    mean nothing. Weights are never negative. Arguments as `decompose`, validated.
    """
    from scipy.optimize import nnls  # 0.1 s to import, and only needed here

    projection = vocabulary_projection(F, settings.components)
    Dp, Fp = D @ projection, F @ projection
    Vp = Dp.mean(axis=0)
    first, _ = nnls(Fp.T, Vp)
    least = 1e-9 * first.max(initial=0.0)  # below it, rounding of the solver
    top = [j for j in ranked(first, settings.names).tolist() if first[j] > least][: settings.max_concepts]
    if not top:
        return _nothing(D, settings, difference=bool(np.any(D)))
    second, _ = nnls(Fp[top].T, Vp)
    chosen = [j for j, weight in zip(top, second, strict=True) if weight > least]
    # On the concepts that NNLS leaves positive its solution is the ordinary least-squares one.
    fit = fit_jointly(Dp, Fp[chosen], settings.confidence)
    positive = Fit(fit.pairs, fit.weights, np.maximum(fit.low, 0.0), fit.high)
    return _report(D, F, chosen, positive, settings, settings.redundancy)


def finexl(D: Array, F: Array, settings: Settings) -> Decomposition:
    """Noise-whitened signed pursuit with families, intervals and a chance level (method section 5).

    Nothing is reported unless the sign-flip test says that there is a difference; then `pursue` chooses.
    Arguments as `decompose`, validated.
    """
    if sign_flip_test(D, settings.draws, settings.seed) >= settings.alpha:
        return _nothing(D, settings, difference=False)
    search = pursue(D, F, settings)
    if not search.chosen:
        return _nothing(D, settings, difference=True)
    fit = search.fit(search.chosen)
    return _report(D, F, search.chosen, fit, settings, settings.redundancy, search.absorbed, settings.plain)


def seen_by(method: str, X: Array, settings: Settings) -> Array:
    """Rows X (m, d) as a method sees them: `finexl` leaves out what leads along a plain picture (`Settings.plain`).

    What a method does not see it cannot leave unexplained (docs/decisions/0017).
    """
    return beside(X, settings.plain) if method == "finexl" else X


METHODS: dict[str, Callable[[Array, Array, Settings], Decomposition]] = {
    "finexl": finexl,
    "algorithm1": algorithm1,
    "subspace": subspace,
}
"""Every method by name. A method of your own: `METHODS["mine"] = function`, then `method="mine"`."""


def _report(
    D: Array,
    F: Array,
    chosen: Sequence[int],
    fit: Fit,
    settings: Settings,
    overlap: float,
    absorbed: Mapping[int, int] | None = None,
    plain: Array | None = None,
) -> Decomposition:
    """The choice of a method, in order of share, with all that is derived from it.

    Args:
        plain: direction that the fit did not see, shape (d,).
    """
    selected = F[list(chosen)]
    share = shares(selected, fit.weights)
    order = ranked(share, [settings.names[j] for j in chosen] if settings.names else ())
    indices = tuple(int(chosen[j]) for j in order)
    counts = resample_counts(len(D), settings.bootstrap, settings.seed)
    return Decomposition(
        indices=indices,
        weights=fit.weights[order],
        pairs=fit.pairs[:, order],
        low=fit.low[order],
        high=fit.high[order],
        share=share[order],
        families=families(F, indices, overlap, absorbed),
        residual=corrected_residual(
            beside(D, plain), beside(selected, plain), fit.pairs, settings.confidence, counts
        ),
        relative_residual=relative_residual(D.mean(axis=0), selected, fit.weights),
        p_value=sign_flip_test(D, settings.draws, settings.seed),
    )


def _nothing(D: Array, settings: Settings, difference: bool) -> Decomposition:
    """No concepts: because there is no difference, or because there is one and no concept explains it."""
    none = np.zeros(0)
    residual = Estimate(1.0, 1.0, 1.0) if difference else None
    p = sign_flip_test(D, settings.draws, settings.seed)
    return Decomposition((), none, np.zeros((len(D), 0)), none, none, none, (), residual, 1.0, p)
