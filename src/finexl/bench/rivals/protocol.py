"""What every rival is given, what it returns, and the one map from its words back to the embedding space."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from finexl.errors import InputError
from finexl.method import Settings, differences
from finexl.method.directions import unit_rows
from finexl.method.divergence import UNIT_TOLERANCE, require_rows

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Case:
    """Two sets of images of the same probes, and the words that may say how they differ.

    Attributes:
        base, personalized: unit-length image embeddings in matching order, shape (n, d), n >= 2.
        words: names of the words, k >= 1. A name may occur twice.
        directions: concept vectors f(C) = mean over prompts of Enc(t + C) - Enc(t), shape (k, d), of any length.
        texts: unit-length embeddings of "an image, WORD", shape (k, d): absolute, not differences.
        settings: of our own methods. Rivals that name a fixed number of words take `max_concepts`, tests take
            `confidence`.
        seed: of a rival's own random draws.

    Raises:
        InputError: a shape does not fit, or a row is not finite or (images, texts) not of unit length.
    """

    base: Array
    personalized: Array
    words: Sequence[str]
    directions: Array
    texts: Array
    settings: Settings = field(default_factory=Settings)
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("base", "personalized", "directions", "texts"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        expected = (len(self.words), differences(self.base, self.personalized).shape[1])
        for name in ("directions", "texts"):
            rows = require_rows(name, getattr(self, name), least=1)
            if rows.shape != expected:
                raise InputError(
                    f"{name} has shape {rows.shape}: expected {expected}, a row for each word from the encoder of the images."
                )
        sizes = np.linalg.norm(self.texts, axis=1)
        wrong = np.flatnonzero(np.abs(sizes - 1) > UNIT_TOLERANCE)
        if len(wrong):
            i = int(wrong[0])
            raise InputError(
                f"texts row {i} ({self.words[i]!r}) has length {sizes[i]:.4g}, not 1: divide every embedding by its length."
            )

    @property
    def D(self) -> Array:  # noqa: N802 - the paper's name
        """Paired differences, shape (n, d)."""
        return self.personalized - self.base

    @property
    def V(self) -> Array:  # noqa: N802 - the paper's name
        """Divergence vector, the mean of D, shape (d,)."""
        V: Array = self.D.mean(axis=0)
        return V

    def among(self, kept: Sequence[int]) -> Case:
        """The same pictures with some of the words as the only candidates.

        Args:
            kept: their indices, in the order in which they are to be.
        """
        return replace(
            self,
            words=[self.words[j] for j in kept],
            directions=self.directions[list(kept)],
            texts=self.texts[list(kept)],
            settings=self.settings.for_some(kept),
        )


Rival = Callable[[Case], Array]
"""A case -> signed scores (k,): 0 for a word that is not named, larger |score| = more important."""


def scores_of(k: int, indices: Iterable[int], values: ArrayLike) -> Array:
    """Scores (k,) that are zero but for these."""
    scores = np.zeros(k)
    scores[list(indices)] = values
    return scores


def explanation_vector(case_directions: Array, scores: Array) -> Array:
    """Where the words of an explanation point: sum_i score_i f_i / |f_i|, at unit length.

    Every rival's scores go through this same map, so that none is compared in a space of its own.

    Args:
        case_directions: concept vectors, shape (k, d).
        scores: of a rival, shape (k,).
    Returns:
        A unit vector (d,); the zero vector when nothing is named or all that is named cancels.
    Raises:
        InputError: not one finite score for each direction.
    Example:
        >>> explanation_vector(np.array([[2.0, 0.0], [0.0, 5.0]]), np.array([0.6, -0.8]))
        array([ 0.6, -0.8])
    """
    if scores.shape != case_directions.shape[:1] or not np.isfinite(scores).all():
        raise InputError(
            f"scores of shape {scores.shape} for {len(case_directions)} words: one finite score each."
        )
    total = scores @ unit_rows(case_directions)
    size = float(np.linalg.norm(total))
    vector: Array = total / size if size > 1e-9 * float(np.abs(scores).sum()) else np.zeros_like(total)
    return vector
