"""The selection task: for each model of a pool, which other one does its explanation resemble most (protocols P1 and P2)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from finexl.bench import selection_tables as tables
from finexl.bench.effects import EFFECTS, LEVELS, Effect, Pixels
from finexl.bench.experiment import Cell, Experiment, Row, Setting
from finexl.bench.grading import spread
from finexl.bench.grounds import Array, Grounds, Scorer, first_words, scorers
from finexl.bench.perceptual import pairwise
from finexl.bench.rivals import Case, explanation_vector
from finexl.bench.selecting import picks
from finexl.method.whitening import NoiseWhitener, noise_whitener

COUNTS: tuple[int, ...] = (3, 5, 8)
QUICK_COUNTS: tuple[int, ...] = (3,)
"""Levels of every run. Eight are spread over the ten of `LEVELS`, three and five over the eight."""
LEAST_RUNS = 3
"""Independent implementations that make a style (P2)."""
PICTURES, QUICK_PICTURES = 25, 2
"""On which perceptual distances are measured: the first of the same crops for all models (P1)."""
QUICK_STYLES = 2


@dataclass(frozen=True)
class Model:
    """One implementation (the run) of a style at one level."""

    style: str
    effect: Effect
    level: float

    @property
    def id(self) -> str:
        """Unique; ties are broken by it."""
        return f"{self.effect.name} @ {self.level}"


def styles(effects: Sequence[Effect]) -> dict[str, list[Effect]]:
    """Effects by their first right word, those words that at least `LEAST_RUNS` effects share."""
    groups: dict[str, list[Effect]] = {}
    for effect in effects:
        groups.setdefault(effect.accepted[0], []).append(effect)
    return {style: runs for style, runs in groups.items() if len(runs) >= LEAST_RUNS}


class Pool:
    """The models, in the order of their ids, and their cases; made when the first cell asks, once for all methods."""

    def __init__(self, setting: Setting) -> None:
        self.grounds = Grounds(setting)
        counts, self.pictures = (QUICK_COUNTS, QUICK_PICTURES) if setting.quick else (COUNTS, PICTURES)
        most = [LEVELS[i] for i in spread(max(COUNTS), len(LEVELS))]
        self.levels = {count: [most[i] for i in spread(count, len(most))] for count in counts}
        used = [level for level in most if any(level in levels for levels in self.levels.values())]
        found = styles([effect for effect in EFFECTS if effect.split == "test"])
        if setting.quick:
            found = {style: found[style][:LEAST_RUNS] for style in list(found)[-QUICK_STYLES:]}
        made = [
            Model(style, effect, level) for style, runs in found.items() for effect in runs for level in used
        ]
        self.models = sorted(made, key=lambda model: model.id)
        self.asked = first_words(model.effect for model in self.models)

    @cached_property
    def cases(self) -> list[Case]:
        """One a model, from pairs alone."""
        found = []
        for done, model in enumerate(self.models):
            self.grounds.setting.progress("models", done, len(self.models))
            found.append(self.grounds.case(model.effect.apply, model.level, model.id))
        self.grounds.setting.progress("models", len(self.models), len(self.models))
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
            [self._vector(model, case, score) for model, case in zip(self.models, self.cases, strict=True)]
        )

    def _vector(self, model: Model, case: Case, score: Scorer) -> Array:
        return explanation_vector(case.directions, score(case, {model.style: model.level}))

    def shown(self, picture: int) -> list[Pixels]:
        """One crop as every model shows it."""
        crop = self.grounds.bench.grounds[picture]
        return [
            model.effect.apply(crop, model.level, np.random.default_rng(picture)) for model in self.models
        ]


def cells(setting: Setting) -> list[Cell]:
    """Perceptual distances of all pairs of models, then one for every method."""
    pool = Pool(setting)
    methods: Mapping[str, Scorer | None] = {tables.V: None, **scorers(setting, pool.asked)}
    return [
        Cell("distances", partial(_distances, pool)),
        *(Cell(name, partial(_picks, pool, name, score)) for name, score in methods.items()),
    ]


def _distances(pool: Pool) -> list[Row]:
    """Every model with its distances to those before it, mean over the same pictures."""
    m = len(pool.models)
    total = np.zeros(m * (m - 1) // 2)
    for picture in range(pool.pictures):
        pool.grounds.setting.progress("distances", picture, pool.pictures)
        total += pairwise(pool.shown(picture))
    pool.grounds.setting.progress("distances", pool.pictures, pool.pictures)
    square = np.zeros((m, m))
    square[np.triu_indices(m, 1)] = total / pool.pictures
    return [
        {"model": model.id, "index": i, "style": model.style, "run": model.effect.name, "level": model.level,
         "pools": [count for count, levels in pool.levels.items() if model.level in levels], "pictures": pool.pictures,
         "pairs": pool.grounds.pairs, "distances": np.round(square[:i, i], 4).tolist()}
        for i, model in enumerate(pool.models)
    ]  # fmt: skip


def _picks(pool: Pool, method: str, score: Scorer | None) -> list[Row]:
    """Choices of one method in every pool, in the encoder's space and in the whitened one; without a scorer, those of V itself."""
    vectors = np.stack([case.V for case in pool.cases]) if score is None else pool.vectors(score)
    rows: list[Row] = []
    for count in pool.levels:
        members = pool.members(count)
        own, runs = vectors[members], [pool.models[i].effect.name for i in members]
        for space, moved in ((tables.PLAIN, own), (tables.WHITENED, pool.whitener(members)(own))):
            rows.append(
                {"method": method, "space": space, "levels": count, "targets": members,
                 "picks": [members[j] for j in picks(moved, runs)], "silent": int(np.sum(~own.any(axis=1)))}
            )  # fmt: skip
    return rows


EXPERIMENT = Experiment(
    "selection",
    "Choosing a similar model",
    "Each style is made by at least three independent image tools at several levels. Does a model's explanation lead to another model of "
    "the same style, and to one whose pictures look alike?",
    cells,
    tables.report,
)
