"""`words` on the changes of the split "fresh", by tools that no design decision looked at."""

from __future__ import annotations

from finexl.bench.experiment import Cell, Experiment, Setting
from finexl.bench.experiments import words
from finexl.bench.magick import program


def cells(setting: Setting) -> list[Cell]:
    """Those of `words`.

    Raises:
        MissingProgramError: ImageMagick is not installed.
    """
    program()
    return words.cells(setting, "fresh")


EXPERIMENT = Experiment(
    "words-fresh",
    "The right word, held-out tools",
    "Photographs are changed by ImageMagick and pilgram, which no design decision looked at. Which method names what was done?",
    cells,
    words.report,
)
