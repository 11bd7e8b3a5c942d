"""`levels` on graded effects of the split "fresh", by tools that no design decision looked at."""

from __future__ import annotations

from finexl.bench.experiment import Cell, Experiment, Setting
from finexl.bench.experiments import levels
from finexl.bench.magick import program


def cells(setting: Setting) -> list[Cell]:
    """Those of `levels`.

    Raises:
        MissingProgramError: ImageMagick is not installed.
    """
    program()
    return levels.cells(setting, "fresh")


EXPERIMENT = Experiment(
    "levels-fresh",
    "Graded effects, held-out tools",
    "ImageMagick, which no design decision looked at, is applied at ten levels. Does the weight of the right word tell the level?",
    cells,
    levels.report,
)
