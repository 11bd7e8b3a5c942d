"""What a phrase means in the embedding space: concept vectors f(C), their overlaps, the paper's filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from finexl.errors import InputError, UnknownNameError

Array = NDArray[np.float64]
Rule = Literal["largest", "sum"]
Family = tuple[tuple[int, float], ...]
FAMILY_SIZE = 8
_TIE_DIGITS = 10  # equal vectors at different places of a matrix differ in the last digits only


@dataclass(frozen=True)
class OrthogonalSet:
    """What `orthogonality_filter` keeps.

    Attributes:
        kept: indices of the concepts that stay, in the order in which they were considered.
        absorbed: (index, by_index, cosine) of each concept that goes: the kept concept it overlaps most with,
            and their signed cosine.
    """

    kept: tuple[int, ...]
    absorbed: tuple[tuple[int, int, float], ...]


def concept_directions(with_concept: ArrayLike, without: ArrayLike) -> Array:
    """Concept vectors f(C) = mean_t [Enc(t + C) - Enc(t)], over the same prompts as V (method section 1).

    Args:
        with_concept: unit-length text embeddings of every prompt with every concept, shape (k, t, d).
        without: those of the prompts alone, in the same order, shape (t, d).
    Returns:
        F of shape (k, d), not normalised: a weight of 1 is as far as adding the phrase moves the embedding.
    Raises:
        InputError: shapes do not fit, or a value is not finite (its concept named by index).
    Example:
        >>> concept_directions([[[0.0, 1.0], [0.0, 1.0]]], [[1.0, 0.0], [0.0, 1.0]])
        array([[-0.5,  0.5]])
    """
    told, plain = np.asarray(with_concept, dtype=np.float64), np.asarray(without, dtype=np.float64)
    if told.ndim != 3 or told.shape[1:] != plain.shape or plain.size == 0:
        raise InputError(
            f"text embeddings of shape {told.shape} with and {plain.shape} without concepts: "
            "expected (k, t, d) and (t, d) over the same t prompts."
        )
    if not np.isfinite(plain).all():
        raise InputError("a prompt's embedding (without concept) holds a value that is not finite.")
    wrong = np.flatnonzero(~np.isfinite(told).all(axis=(1, 2)))
    if len(wrong):
        raise InputError(f"the embedding of concept row {int(wrong[0])} holds a value that is not finite.")
    directions: Array = told.mean(axis=1) - plain.mean(axis=0)
    return directions


def unit_rows(F: Array) -> Array:
    """Rows of F divided by their length; rows of (numerically) no length become zero."""
    sizes = np.linalg.norm(F, axis=1, keepdims=True)
    live = sizes > 1e-9 * max(float(sizes.max(initial=0.0)), np.finfo(float).tiny)
    rows: Array = np.divide(F, sizes, out=np.zeros_like(F), where=live)
    return rows


def overlaps(F: Array, G: Array | None = None) -> Array:
    """Cosines between the rows of F (k, d) and of G (m, d), or of F itself: shape (k, m), in [-1, 1].

    A zero row overlaps with nothing, itself included.

    Example:
        >>> overlaps(np.array([[2.0, 0.0], [0.0, 3.0], [0.0, 0.0]]))
        array([[1., 0., 0.],
               [0., 1., 0.],
               [0., 0., 0.]])
    """
    units = unit_rows(F)
    cosines: Array = np.clip(units @ (units if G is None else unit_rows(G)).T, -1.0, 1.0)
    return cosines


def ranked(scores: Array, names: Sequence[str] = ()) -> NDArray[np.intp]:
    """Indices from the largest score to the smallest; ties by name, then by index. Never by memory order."""
    rounded = np.round(scores, _TIE_DIGITS)
    if names:
        return np.lexsort((np.asarray(names), -rounded))
    return np.argsort(-rounded, kind="stable")


def candidate_order(F: Array, V: Array, names: Sequence[str] = ()) -> NDArray[np.intp]:
    """The order in which concepts are tried: largest |cosine with V| first, ties by name, then by index.

    Example:
        >>> candidate_order(np.eye(3), np.array([0.1, -0.9, 0.1]), names=("c", "b", "a"))
        array([1, 2, 0])
    """
    return ranked(np.abs(overlaps(F, V[None, :])[:, 0]), names)


def orthogonality_filter(
    F: Array, V: Array, threshold: float = 0.2, rule: Rule = "largest", names: Sequence[str] = ()
) -> OrthogonalSet:
    """Keep concepts that say something new (step 2 of the paper's Algorithm 1).

    Concepts are considered in `candidate_order`; a zero vector is never kept.

    Args:
        F: concept vectors, shape (k, d).
        V: divergence vector, shape (d,).
        threshold: e_ortho; the paper uses 0.2.
        rule: "largest" keeps a concept while its largest |cosine| with those kept is below the threshold;
            "sum" is the paper's signed sum of cosines, in which a negative overlap cancels a positive one.
        names: of the concepts, for ties; () to use their index.
    Raises:
        UnknownNameError: `rule` is neither.
    Example:
        >>> F = np.array([[1.0, 0.0], [0.9, 0.3], [0.0, 1.0]])
        >>> orthogonality_filter(F, V=np.array([1.0, 0.5])).kept
        (1,)
        >>> orthogonality_filter(F, V=np.array([1.0, -0.1])).kept
        (0, 2)
    """
    if rule not in ("largest", "sum"):
        raise UnknownNameError("orthogonality rule", rule, ("largest", "sum"))
    units = unit_rows(F)
    live = np.any(units != 0, axis=1)
    kept: list[int] = []
    dropped: list[int] = []
    for j in candidate_order(F, V, names).tolist():
        if not live[j]:
            continue
        cosines = units[kept] @ units[j]
        overlap = np.abs(cosines).max(initial=0.0) if rule == "largest" else cosines.sum()
        if overlap < threshold or not kept:
            kept.append(j)
        else:
            dropped.append(j)
    with_kept = units[dropped] @ units[kept].T
    nearest = [int(np.argmax(np.abs(row))) for row in with_kept]
    absorbed = [(j, kept[at], float(row[at])) for j, at, row in zip(dropped, nearest, with_kept, strict=True)]
    return OrthogonalSet(tuple(kept), tuple(absorbed))


def families(
    F: Array, indices: Sequence[int], threshold: float, absorbed: Mapping[int, int] | None = None
) -> tuple[Family, ...]:
    """The concepts that each reported concept speaks for (method section 5.3).

    A concept that is not reported joins the reported one with which its |cosine| is largest, if that exceeds
    `threshold` or if `absorbed` says that it was rejected for the sake of a reported concept.

    Args:
        F: concept vectors, shape (k, d).
        indices: the reported concepts.
        absorbed: rejected concept -> the concept that absorbed it, where a method keeps such a list.
    Returns:
        For every reported concept, (index, signed cosine), largest |cosine| first, at most 8.
    Example:
        >>> families(np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]]), [0], 0.5)
        (((1, 0.8),),)
    """
    if not indices:
        return ()
    cosines = overlaps(F, F[list(indices)])  # (k, m)
    nearest = np.argmax(np.round(np.abs(cosines), _TIE_DIGITS), axis=1)
    claimed = {j: list(indices).index(by) for j, by in (absorbed or {}).items() if by in indices}
    members: list[list[tuple[int, float]]] = [[] for _ in indices]
    for j in np.flatnonzero(np.abs(cosines).max(axis=1) > threshold).tolist():
        claimed.setdefault(j, int(nearest[j]))
    for j, place in sorted(claimed.items()):
        if j not in indices:
            members[place].append((j, round(float(cosines[j, place]), 12)))
    return tuple(tuple(sorted(group, key=lambda m: (-abs(m[1]), m[0]))[:FAMILY_SIZE]) for group in members)
