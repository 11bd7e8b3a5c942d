"""The selection task among trained models: each style has at least three training runs, drawn at several strengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from finexl.bench import selection_tables as tables
from finexl.bench.effect import Pixels
from finexl.bench.experiment import Cell, Experiment, Report, Row, Setting, Table
from finexl.bench.neighbours import LEAST_RUNS, Model, Pool, pool_cells
from finexl.bench.pool import Member
from finexl.bench.rivals import Case
from finexl.bench.workshop import Workshop


class Trained(Pool):
    """Training runs of one family; each of its strengths is a model.

    Args:
        setting: of the bench.
        runs: one member a run, each taught one aspect, each with a strength.
    """

    def __init__(self, setting: Setting, family: str, runs: Sequence[Member]) -> None:
        self.shop = Workshop(setting, runs)
        self.runs = {member.id: member for member in runs}
        super().__init__(setting, {m.id: _style(m) for m in runs}, self.shop.pairs, family)
        self.asked = list(dict.fromkeys(model.style for model in self.models))

    @cached_property
    def drawn(self) -> dict[str, tuple[Case, list[Pixels]]]:
        """Cases and pictures by model; the two models of a run are opened once."""
        found = {}
        for run, member in self.runs.items():
            with self.shop.sitting(member) as session:
                for model in (m for m in self.models if m.run == run):
                    case = session.case(model.level)
                    found[model.id] = case, session.shown(model.level, self.pictures)
        return found

    def make_case(self, model: Model) -> Case:
        return self.drawn[model.id][0]

    def shown(self, picture: int) -> list[Pixels]:
        """What every model draws of one probe."""
        return [self.drawn[model.id][1][picture] for model in self.models]


def _style(member: Member) -> str:
    (aspect,) = member.aspects
    return aspect


def cells(setting: Setting) -> list[Cell]:
    """For every family with two styles of three runs or more: distances, then one cell for every method."""
    found: list[Cell] = []
    for family, runs in families(setting.pool()).items():
        if setting.quick and found:
            break
        pool = Trained(setting, family, runs)
        key = " ".join([family, *(member.key for member in runs), ""])
        found += pool_cells(pool, key)
    return found


def families(members: Sequence[Member]) -> dict[str, list[Member]]:
    """Runs of single aspects that have a strength, by family: those styles that have enough of them."""
    found: dict[str, dict[str, list[Member]]] = {}
    for member in sorted(members, key=lambda m: m.family != "gan"):  # the fastest first
        if len(member.aspects) == 1 and member.adjustable:
            found.setdefault(member.family, {}).setdefault(_style(member), []).append(member)
    enough = {
        family: [runs for runs in by.values() if len(runs) >= LEAST_RUNS] for family, by in found.items()
    }
    return {
        family: [m for runs in styles for m in runs] for family, styles in enough.items() if len(styles) > 1
    }


def report(rows: Sequence[Row]) -> Report:
    """The tables of the selection task for every family."""
    texts, found, figures = [], [], []
    for family in dict.fromkeys(row["family"] for row in rows):
        one = tables.report([row for row in rows if row["family"] == family])
        texts.append(f"**{family}**: {one.text}")
        found += [Table(f"{t.title}, {family}", t.heads, t.rows, t.note) for t in one.tables]
        figures += [
            replace(f, name=f"{f.name}-{family.replace(' ', '-')}", title=f"{f.title}, {family}")
            for f in one.figures
        ]
    return Report(
        " ".join(texts) or "No family of the pool has two styles of three training runs.", found, figures
    )


EXPERIMENT = Experiment(
    "nearest",
    "Choosing a similar model, among trained ones",
    "Each style was trained at least three times, on other pictures and from other random numbers, and is drawn at several strengths. Does a "
    "model's explanation lead to another run of the same style, and to one whose pictures look alike?",
    cells,
    report,
)
