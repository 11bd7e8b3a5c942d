"""Every number that a decomposition depends on, in one place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finexl.errors import InputError
from finexl.method.directions import Rule

if TYPE_CHECKING:
    from finexl.types import Concept


EXTENDED = 0.6
"""How well a concept that is no core word must fit before a core word that fits less well gives way to it."""
SHOWN = 0.3
"""Concept vectors by which pictures have to show a look for "less" of it to compete in full."""
STRONG = 0.45
"""Concept vectors by which pictures have to show a strong degree of a look for it to be named."""


@dataclass(frozen=True)
class Settings:
    """Settings of the three methods; a method reads those it needs.

    Attributes:
        max_concepts: report at most this many.
        confidence: of intervals, and 1 - the error rate of tests, in (0, 1).
        seed: of every random draw.
        bootstrap: resamples of the pairs for the residual's interval.
        flips: random sign patterns of a test; raised by itself where `confidence` needs more.
        names: of the concepts, to break ties; () breaks them by index.
        opposites: for each concept the index of its opposite or -1; None when there are none.
        milder: finexl: for each concept the index of the word for a lesser degree of it, or -1; None when there are none.
        prior: finexl: for each concept the factor, in (0, 1], of its cosine when candidates compete; () for 1.
        e_ortho, ortho_rule: algorithm1: overlap from which a concept is dropped, and how it is measured.
        e_decomp: algorithm1: relative residual at which to stop.
        components: subspace: principal components of the concept vectors that are kept.
        ridge: finexl: misfit allowed for, as a variance relative to the mean variance of d_i.
        plain: finexl: where the encoder of `for_encoder` puts a picture without any look, shape (d,), which the fit does
            not see; None where that is not known.
        shown: finexl: what the pictures before the change show beside a plain one, shape (d,), of `for_base`; None
            where that is not known.
        redundancy: finexl: |cosine| above which data must tell two concepts apart, or they form a family.
        min_weight: finexl: smallest |weight| worth reporting, in concept vectors.
        min_share: finexl: smallest part of the explained squared length worth reporting.
    """

    max_concepts: int = 8
    confidence: float = 0.95
    seed: int = 0
    bootstrap: int = 500
    flips: int = 499
    names: tuple[str, ...] = ()
    opposites: tuple[int, ...] | None = None
    milder: tuple[int, ...] | None = None
    prior: tuple[float, ...] = ()
    e_ortho: float = 0.2
    ortho_rule: Rule = "largest"
    e_decomp: float = 0.2
    components: int = 18
    ridge: float = 100.0
    redundancy: float = 0.5
    min_weight: float = 0.05
    min_share: float = 0.01
    plain: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)
    shown: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise InputError(f"confidence {self.confidence}: must lie between 0 and 1, such as 0.95.")
        for name in ("max_concepts", "bootstrap", "flips", "components"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} {getattr(self, name)}: must be at least 1.")
        for name in ("e_ortho", "e_decomp", "ridge", "redundancy", "min_weight", "min_share"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} {getattr(self, name)}: must not be negative.")

    @property
    def alpha(self) -> float:
        """Error rate of every test."""
        return round(1 - self.confidence, 12)

    @property
    def draws(self) -> int:
        """Sign patterns of a test: `flips`, or as many as a p-value well below `alpha` takes."""
        return max(self.flips, math.ceil(5 / self.alpha) - 1)

    def for_encoder(self, encoder: object) -> Settings:
        """The same settings with what an encoder knows of itself; as they are for one that knows nothing.

        Args:
            encoder: with an attribute `plain`, shape (d,), or without.
        """
        plain = getattr(encoder, "plain", None)
        return self if plain is None else replace(self, plain=plain)

    def for_base(self, base: NDArray[np.floating]) -> Settings:
        """The same settings for changes of these pictures, where it is known what a plain picture is.

        Args:
            base: unit-length embeddings of the pictures before the change, shape (n, d).
        """
        return self if self.plain is None else replace(self, shown=base.mean(axis=0) - self.plain)

    def for_concepts(self, concepts: Sequence[Concept]) -> Settings:
        """The same settings with the names, opposites, lesser degrees and priors of these concepts.

        Example:
            >>> from finexl.types import Concept
            >>> dark = Concept(name="dark", aspect="light", opposite="bright")
            >>> bright = Concept(name="bright", aspect="light")
            >>> Settings().for_concepts([dark, bright]).opposites
            (1, -1)
        """
        names = tuple(concept.name for concept in concepts)
        place = {name: i for i, name in reversed(list(enumerate(names)))}
        opposites = tuple(place.get(c.opposite, -1) if c.opposite else -1 for c in concepts)
        milder = tuple(place.get(c.milder, -1) if c.milder else -1 for c in concepts)
        prior = tuple(1.0 if c.core else EXTENDED for c in concepts)
        return replace(self, names=names, opposites=opposites, milder=milder, prior=prior)

    def for_some(self, kept: Sequence[int]) -> Settings:
        """The same settings for some of the concepts that they were made for.

        Args:
            kept: indices of these concepts, in their new order.
        Example:
            >>> Settings(names=("dark", "sepia", "bright"), opposites=(2, -1, 0)).for_some([2, 0]).opposites
            (1, 0)
        """
        place = {old: new for new, old in enumerate(kept)} | {-1: -1}

        def moved(indices: tuple[int, ...] | None) -> tuple[int, ...] | None:
            return None if indices is None else tuple(place.get(indices[j], -1) for j in kept)

        return replace(
            self,
            names=tuple(self.names[j] for j in kept) if self.names else (),
            opposites=moved(self.opposites),
            milder=moved(self.milder),
            prior=tuple(self.prior[j] for j in kept) if self.prior else (),
        )
