"""Single changes, aspect by aspect and failure by failure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finexl.bench.contrasts import best, by_method
from finexl.bench.experiment import Picture, Row, Table
from finexl.bench.grounds import OURS, baselines


def by_aspect(singles: Sequence[Row]) -> Table:
    """One line for every group of the vocabulary to which the first right word of a change belongs."""
    firsts = by_method(singles, "first")
    rival = best(firsts, baselines(firsts))
    lines: list[list[object]] = []
    for aspect in sorted({row["aspect"] for row in singles}):
        own = {m: [r for r in singles if (r["aspect"], r["method"]) == (aspect, m)] for m in (OURS, rival)}
        rates = [
            f"{np.mean([r[key] for r in rows]):.2f}" for key in ("first", "three") for rows in own.values()
        ]
        missed = [row["change"] for row in own[OURS] if not row["first"]]
        lines.append([aspect, len(own[OURS]), *rates, ", ".join(missed) or "-"])
    heads = (
        "aspect",
        "changes",
        "right word first, ours",
        rival,
        "in the first three, ours",
        rival,
        "not first by ours",
    )
    return Table(
        "By aspect",
        heads,
        lines,
        "Aspect: the group of the vocabulary of the first word that is right for a change.",
    )


def failures(rows: Sequence[Row]) -> list[Picture]:
    """What ours does not name, as people see it."""
    return [
        Picture(
            row["change"].replace(" ", "-").replace("/", "-"),
            f"{row['change']}: right would be {', '.join(row['accepted'])}; found {', '.join(row['words'][:3]) or 'nothing'}. Above before, below after.",
            row["picture"],
        )
        for row in rows
        if row.get("picture")
    ]
