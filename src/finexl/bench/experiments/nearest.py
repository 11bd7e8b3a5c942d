"""The selection task among trained models: each style has at least three training runs, at several levels.

Two pools a family, where its models allow. In one, the levels are those at which single aspects were taught, each level a training
run of its own. In the other, runs of one aspect at its full level are drawn at several strengths. Models of one run are never
chosen for each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from finexl.bench import selection_tables as tables
from finexl.bench.effect import Pixels
from finexl.bench.effects import LEVELS
from finexl.bench.experiment import Cell, Experiment, Report, Row, Setting, Table
from finexl.bench.neighbours import COUNTS, LEAST_RUNS, Model, Pool, pool_cells
from finexl.bench.pool import Member
from finexl.bench.rivals import Case
from finexl.bench.workshop import Workshop

Styles = Mapping[str, Sequence[Member]]
QUICK_STYLES = 2
PRECISION = 2
"""Digits of a level."""


class Trained(Pool):
    """Models of one family.

    Args:
        setting: of the bench.
        styles: style -> its models, each taught this aspect alone.
        by_strength: draw every one of them at all of `LEVELS`; otherwise as it was taught.
    """

    def __init__(self, setting: Setting, family: str, styles: Styles, by_strength: bool) -> None:
        members = [member for own in styles.values() for member in own]
        self.shop = Workshop(setting, members)
        self.members_by_id = {member.id: member for member in members}
        self.by_strength = by_strength
        models = [
            Model(style, member.own_run, level, member.id)
            for style, own in styles.items()
            for member in own
            for level in (LEVELS if by_strength else (taught(member),))
        ]
        levels = LEVELS if by_strength else common_levels(styles)
        super().__init__(setting, models, levels, self.shop.pairs, family)
        self.asked = list(styles)

    @cached_property
    def drawn(self) -> dict[str, tuple[Case, list[Pixels]]]:
        """Cases and pictures by model; a member is opened once."""
        found = {}
        for source in dict.fromkeys(model.source for model in self.models):
            with self.shop.sitting(self.members_by_id[source]) as session:
                for model in (m for m in self.models if m.source == source):
                    strength = model.level if self.by_strength else 1.0
                    found[model.id] = session.case(strength), session.shown(strength, self.pictures)
        return found

    def make_case(self, model: Model) -> Case:
        return self.drawn[model.id][0]

    def shown(self, picture: int) -> list[Pixels]:
        """What every model draws of one probe."""
        return [self.drawn[model.id][1][picture] for model in self.models]


def taught(member: Member) -> float:
    """Level of its one aspect."""
    (level,) = member.aspects.values()
    return round(level, PRECISION)


def common_levels(styles: Styles) -> list[float]:
    """Levels at which every style was taught."""
    levels = [{taught(member) for member in own} for own in styles.values()]
    return sorted(set.intersection(*levels))


def cells(setting: Setting) -> list[Cell]:
    """For every pool its distances, then one cell for every method."""
    found: list[Cell] = []
    for name, styles, by_strength in pools(setting.pool()):
        if setting.quick:
            if found:
                break
            styles = fewer(styles, by_strength)
        pool = Trained(setting, name, styles, by_strength)
        key = " ".join([name, *(member.key for own in styles.values() for member in own), ""])
        found += pool_cells(pool, key)
    return found


def fewer(styles: Styles, by_strength: bool) -> Styles:
    """Two styles of so few models as will do."""
    some = dict(list(styles.items())[:QUICK_STYLES])
    if by_strength:
        return {style: own[:LEAST_RUNS] for style, own in some.items()}
    levels = common_levels(some)[-LEAST_RUNS:]
    return {style: [m for m in own if taught(m) in levels] for style, own in some.items()}


def pools(members: Sequence[Member]) -> list[tuple[str, Styles, bool]]:
    """(name, styles, by strength) of every pool that the models allow; a pool has at least two styles of three runs (P2)."""
    found: dict[str, dict[str, list[Member]]] = {}
    for member in sorted(members, key=lambda m: m.family != "gan"):  # the fastest first
        if len(member.aspects) == 1:
            (style,) = member.aspects
            found.setdefault(member.family, {}).setdefault(style, []).append(member)
    result: list[tuple[str, Styles, bool]] = []
    for family, styles in found.items():
        levelled = _enough({style: _one_kind(own) for style, own in styles.items()})
        if len(levelled) > 1 and len(common_levels(levelled)) >= min(COUNTS):
            result.append((family, levelled, False))
        full = _enough({style: _fullest(own) for style, own in styles.items()})
        if len(full) > 1:
            result.append((f"{family}, by strength", full, True))
    return result


def _enough(styles: Mapping[str, list[Member]]) -> dict[str, list[Member]]:
    return {style: own for style, own in styles.items() if len({m.own_run for m in own}) >= LEAST_RUNS}


def _one_kind(members: Sequence[Member]) -> list[Member]:
    """Those of the kind of training that most of them had."""
    kinds = [member.kind for member in members]
    return [m for m in members if m.kind == max(kinds, key=kinds.count)]


def _fullest(members: Sequence[Member]) -> list[Member]:
    """Those with a strength, at the highest level that any was taught."""
    top = max(taught(member) for member in members)
    return [m for m in members if m.adjustable and taught(m) == top]


def report(rows: Sequence[Row]) -> Report:
    """The tables of the selection task for every pool."""
    parts = {
        name: [row for row in rows if row["family"] == name]
        for name in dict.fromkeys(r["family"] for r in rows)
    }
    one = {name: tables.report(own, name) for name, own in parts.items()}
    return Report(
        " ".join(f"**{name}**: {report.text}" for name, report in one.items())
        or "No family of the pool has two styles of three training runs.",
        [
            Table(f"{t.title}, {name}", t.heads, t.rows, t.note)
            for name, own in one.items()
            for t in own.tables
        ],
        [
            replace(
                f, name=f"{f.name}-{name.replace(', ', ' ').replace(' ', '-')}", title=f"{f.title}, {name}"
            )
            for name, own in one.items()
            for f in own.figures
        ],
        [verdict for own in one.values() for verdict in own.verdicts],
    )


EXPERIMENT = Experiment(
    "nearest",
    "Choosing a similar model, among trained ones",
    "Each style was trained at least three times, on other pictures and from other random numbers, at several levels. Does a "
    "model's explanation lead to another run of the same style, and to one whose pictures look alike?",
    cells,
    report,
)
