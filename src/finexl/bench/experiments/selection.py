"""The selection task: for each model of a pool, which other one does its explanation resemble most (protocols P1 and P2)?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finexl.bench import selection_tables as tables
from finexl.bench.effects import EFFECTS, LEVELS, Effect, Pixels
from finexl.bench.experiment import Cell, Experiment, Setting
from finexl.bench.grounds import Grounds, first_words
from finexl.bench.neighbours import LEAST_RUNS, Model, Pool, pool_cells
from finexl.bench.rivals import Case

QUICK_STYLES = 2


def styles(effects: Sequence[Effect]) -> dict[str, list[Effect]]:
    """Effects by their first right word, those words that at least `LEAST_RUNS` effects share."""
    groups: dict[str, list[Effect]] = {}
    for effect in effects:
        groups.setdefault(effect.accepted[0], []).append(effect)
    return {style: runs for style, runs in groups.items() if len(runs) >= LEAST_RUNS}


class Tools(Pool):
    """Implementations of styles by image tools: each is a run, each of its levels a model."""

    def __init__(self, setting: Setting) -> None:
        self.grounds = Grounds(setting)
        found = styles([effect for effect in EFFECTS if effect.split == "test"])
        if setting.quick:
            found = {style: found[style][:LEAST_RUNS] for style in list(found)[-QUICK_STYLES:]}
        self.effects = {effect.name: effect for effects in found.values() for effect in effects}
        models = [
            Model(style, effect.name, level)
            for style, effects in found.items()
            for effect in effects
            for level in LEVELS
        ]
        super().__init__(setting, models, LEVELS, self.grounds.pairs)
        self.asked = first_words(self.effects.values())

    def make_case(self, model: Model) -> Case:
        return self.grounds.case(self.effects[model.run].apply, model.level, model.id)

    def shown(self, picture: int) -> list[Pixels]:
        """One crop as every model shows it."""
        crop = self.grounds.bench.grounds[picture]
        return [
            self.effects[model.run].apply(crop, model.level, np.random.default_rng(picture))
            for model in self.models
        ]


def cells(setting: Setting) -> list[Cell]:
    """Perceptual distances of all pairs of models, then one for every method."""
    return pool_cells(Tools(setting))


EXPERIMENT = Experiment(
    "selection",
    "Choosing a similar model",
    "Each style is made by at least three independent image tools at several levels. Does a model's explanation lead to another model of "
    "the same style, and to one whose pictures look alike?",
    cells,
    tables.report,
)
