"""The selection task on any pool: cases of all models, perceptual distances, and everybody's choices (P1 and P2)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from finexl.bench import selection_tables as tables
from finexl.bench.effect import Pixels
from finexl.bench.experiment import Cell, Row, Setting
from finexl.bench.grading import spread
from finexl.bench.grounds import Array, Scorer, scorers
from finexl.bench.perceptual import pairwise
from finexl.bench.rivals import Case, explanation_vector
from finexl.bench.selecting import picks
from finexl.method.whitening import NoiseWhitener, noise_whitener

COUNTS: tuple[int, ...] = (3, 5, 8)
QUICK_COUNTS: tuple[int, ...] = (3,)
"""Levels of every style. Eight are spread over all that there are, three and five over the eight."""
LEAST_RUNS = 3
"""Independent runs that make a style (P2)."""
PICTURES, QUICK_PICTURES = 25, 2
"""On which perceptual distances are measured: the same for all models (P1)."""


@dataclass(frozen=True)
class Model:
    """A style at one level, by one run.

    Attributes:
        source: of what it is made, where a run has several; "" for the run itself.
    """

    style: str
    run: str
    level: float
    source: str = ""

    @property
    def id(self) -> str:
        """Unique; ties are broken by it."""
        return f"{self.source or self.run} @ {self.level}"


class Pool(ABC):
    """The models, in the order of their ids, and their cases; made when the first cell asks, once for all methods.

    Args:
        setting: its seed and size are used.
        models: all that there are; those of levels that no pool has are left out.
        levels: that every style has, ascending; pools of fewer take some of them, spread evenly.
        pairs: in every case.
        family: of the pool, for the tables; "" where there is one only.

    Attributes:
        asked: the words of the naive model's short list.
    """

    asked: Sequence[str]

    def __init__(
        self, setting: Setting, models: Sequence[Model], levels: Sequence[float], pairs: int, family: str = ""
    ) -> None:
        self.setting, self.pairs, self.family = setting, pairs, family
        counts, self.pictures = (QUICK_COUNTS, QUICK_PICTURES) if setting.quick else (COUNTS, PICTURES)
        most = [levels[i] for i in spread(min(max(COUNTS), len(levels)), len(levels))]
        self.levels = {
            count: [most[i] for i in spread(count, len(most))] for count in counts if count <= len(most)
        }
        used = {level for some in self.levels.values() for level in some}
        self.models = sorted((model for model in models if model.level in used), key=lambda model: model.id)

    @abstractmethod
    def make_case(self, model: Model) -> Case:
        """A case from pairs alone."""

    @abstractmethod
    def shown(self, picture: int) -> list[Pixels]:
        """One picture as every model shows it."""

    @cached_property
    def cases(self) -> list[Case]:
        """One a model."""
        found = []
        for done, model in enumerate(self.models):
            self.setting.progress("models", done, len(self.models))
            found.append(self.make_case(model))
        self.setting.progress("models", len(self.models), len(self.models))
        return found

    def members(self, count: int) -> list[int]:
        """Indices of the models of the pool with so many levels."""
        return [i for i, model in enumerate(self.models) if model.level in self.levels[count]]

    def whitener(self, members: Sequence[int]) -> NoiseWhitener:
        """S^(-1/2), S the shrunk covariance (Ledoit and Wolf) of d_i - V over all pairs of all these models: one map for all methods."""
        return noise_whitener(np.concatenate([self.cases[i].D - self.cases[i].V for i in members]), ridge=0.0)

    def vectors(self, score: Scorer) -> Array:
        """Explanation vectors of all models by one method, shape (m, d), through the one shared map."""
        return np.stack(
            [
                explanation_vector(case.directions, score(case, {model.style: model.level}))
                for model, case in zip(self.models, self.cases, strict=True)
            ]
        )


def pool_cells(pool: Pool, key: str = "") -> list[Cell]:
    """Perceptual distances of all pairs of models, then one for every method.

    Args:
        key: goes before the keys of the cells.
    """
    methods: Mapping[str, Scorer | None] = {tables.V: None, **scorers(pool.setting, pool.asked)}
    return [
        Cell(f"{key}distances", partial(distances, pool)),
        *(Cell(f"{key}{name}", partial(_picks, pool, name, score)) for name, score in methods.items()),
    ]


def distances(pool: Pool) -> list[Row]:
    """Every model with its distances to those before it, mean over the same pictures."""
    m = len(pool.models)
    total = np.zeros(m * (m - 1) // 2)
    for picture in range(pool.pictures):
        pool.setting.progress("distances", picture, pool.pictures)
        total += pairwise(pool.shown(picture))
    pool.setting.progress("distances", pool.pictures, pool.pictures)
    square = np.zeros((m, m))
    square[np.triu_indices(m, 1)] = total / pool.pictures
    return [
        {"family": pool.family, "model": model.id, "index": i, "style": model.style, "run": model.run, "level": model.level,
         "pools": [count for count, levels in pool.levels.items() if model.level in levels], "pictures": pool.pictures,
         "pairs": pool.pairs, "distances": np.round(square[:i, i], 4).tolist()}
        for i, model in enumerate(pool.models)
    ]  # fmt: skip


def _picks(pool: Pool, method: str, score: Scorer | None) -> list[Row]:
    """Choices of one method in every pool, in the encoder's space and in the whitened one; without a scorer, those of V itself."""
    vectors = np.stack([case.V for case in pool.cases]) if score is None else pool.vectors(score)
    rows: list[Row] = []
    for count in pool.levels:
        members = pool.members(count)
        own, runs = vectors[members], [pool.models[i].run for i in members]
        for space, moved in ((tables.PLAIN, own), (tables.WHITENED, pool.whitener(members)(own))):
            rows.append(
                {"family": pool.family, "method": method, "space": space, "levels": count, "targets": members,
                 "picks": [members[j] for j in picks(moved, runs)], "silent": int(np.sum(~own.any(axis=1)))}
            )  # fmt: skip
    return rows
