"""What an experiment is: a question, small pieces of work that can be resumed, and the tables made of their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finexl.bench.pool import Member, lab_pool
from finexl.types import Progress

Row = dict[str, Any]
"""One line of figures, as JSON can hold it."""


@dataclass(frozen=True)
class Setting:
    """How experiments are run.

    Attributes:
        quick: a small version that shows that everything runs; its figures mean little.
        seed: of every random draw.
        encoder: spec of the encoder under test.
        progress: told about every picture and draw.
        models: personalized models with known truth; None for the lab's.
    """

    quick: bool = False
    seed: int = 0
    encoder: str = "builtin"
    progress: Progress = lambda stage, done, total: None
    models: tuple[Member, ...] | None = None

    def pool(self) -> tuple[Member, ...]:
        """The personalized models to measure."""
        return lab_pool() if self.models is None else self.models


@dataclass(frozen=True)
class Cell:
    """A piece of an experiment that is kept once it is done.

    Attributes:
        key: names it within its experiment.
        run: does the work and returns its rows.
    """

    key: str
    run: Callable[[], list[Row]]


@dataclass(frozen=True)
class Table:
    """Figures to read.

    Attributes:
        title: above it.
        heads, rows: texts and numbers.
        note: how to read it, below it.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """Lines to look at.

    Attributes:
        name: of its file; title: above it; x, y: the axes.
        series: label -> points (x, y), or (x, y, low, high) with an interval.
        logarithmic: axes drawn so: "", "x", "y" or "xy".
    """

    name: str
    title: str
    x: str
    y: str
    series: Mapping[str, Sequence[Sequence[float]]]
    logarithmic: str = ""


@dataclass(frozen=True)
class Picture:
    """Pictures to look at, on one sheet.

    Attributes:
        name: of its file; caption: what it shows.
        data: WebP in base64, as rows hold it.
    """

    name: str
    caption: str
    data: str


LEAST_RUNS = 5
"""Independent ones without which nothing is said about the better of two: their interval would mean nothing."""


@dataclass(frozen=True)
class Verdict:
    """Ours against the best of the others on the same independent runs.

    Attributes:
        family: whose pictures: "photographs", or a family of generators.
        measure: what the figures are.
        ours, theirs, difference: mean with its 95% interval; the difference is ours minus theirs, paired by run.
        rival: the best of the others by its mean, chosen with hindsight.
        largest: whether more is better.
        runs: independent ones.
        claim: the same as the paper tells it; "" where it claims nothing.
        why: what the rows say about the reason, for where ours is not best.
        digits: of the figures, as they are told.
    """

    family: str
    measure: str
    ours: tuple[float, float, float]
    rival: str
    theirs: tuple[float, float, float]
    difference: tuple[float, float, float]
    largest: bool
    runs: int
    claim: str = ""
    why: str = ""
    digits: int = 2

    @property
    def word(self) -> str:
        """ "best" or "lost" where the interval of the difference excludes zero, "tied" otherwise; with too few runs none of them."""
        _, low, high = self.difference
        if self.runs < LEAST_RUNS:
            return "too few runs"
        if low <= 0 <= high:
            return "tied"
        return "best" if (low > 0) == self.largest else "lost"


@dataclass(frozen=True)
class Bar:
    """A figure that was asked for before it was measured.

    Attributes:
        what: is measured; asked: the bar; found: the figure; reached: whether it is met.
    """

    what: str
    asked: str
    found: str
    reached: bool


@dataclass(frozen=True)
class Report:
    """What an experiment found.

    Attributes:
        text: a few sentences with the figures that answer the question.
        verdicts: ours against the best rival, for the summary.
        pictures: where ours fails.
        bars: what was asked for, and whether it is reached, for the summary.
    """

    text: str
    tables: Sequence[Table]
    figures: Sequence[Figure] = ()
    verdicts: Sequence[Verdict] = ()
    pictures: Sequence[Picture] = ()
    bars: Sequence[Bar] = ()


@dataclass(frozen=True)
class Experiment:
    """Attributes:
    name: on the command line.
    title, question: for readers.
    cells: the work, in order.
    report: all rows -> tables and figures; looks at nothing else.
    """

    name: str
    title: str
    question: str
    cells: Callable[[Setting], Sequence[Cell]]
    report: Callable[[Sequence[Row]], Report]
