"""Personalized models with known truth: is what each was taught named, graded as its strength, and in its true share?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from finexl.bench import models_grades as grades
from finexl.bench import models_tables as tables
from finexl.bench.experiment import Cell, Experiment, Row, Setting
from finexl.bench.experiments.ratios import aspect_weight
from finexl.bench.experiments.words import judged, parts_found
from finexl.bench.grounds import ANEW, ONCE, OURS, SHORT_LIST, VOCABULARY, Array, asked_scorers, listed_words
from finexl.bench.pool import Member
from finexl.bench.rivals import Case
from finexl.bench.rivals.ours import finexl_series
from finexl.bench.sheets import SHOWN, sheet
from finexl.bench.workshop import Workshop
from finexl.bench.writing import PICTURE
from finexl.probes import DEFAULT

QUICK_MODELS = 3
QUICK_STRENGTHS = (0.3, 0.6)
PAIRS = DEFAULT
"""As many as `finexl explain` draws by itself."""
OTHERS = (3, 4)
"""Added to the seed for a mix's other pictures; those of 0, 1 and 2 took part in choices (docs/decisions)."""
SIDE = 64
"""Of a picture on a sheet: what the lab's models draw."""


def cells(setting: Setting) -> list[Cell]:
    """One for every model of the pool and for every series of taught levels.

    Graded models are drawn at ten strengths, mixes also for other prompts and seeds.
    """
    pool = setting.pool()
    members = quick_members(pool) if setting.quick else pool
    shop, *others = (Workshop(replace(setting, seed=setting.seed + k), pool) for k in (0, *OTHERS))
    alone = [
        Cell(f"{member.id} {member.key}", partial(_rows, shop, others, member, _asked(members)))
        for member in members
    ]
    together = [
        Cell(f"levels {' '.join(member.key for member in series)}", partial(_series_rows, shop, series))
        for series in taught_levels(members)
    ]
    return [*alone, *together]


def quick_members(pool: Sequence[Member]) -> list[Member]:
    """A few of those that draw fastest: of the lab, the GAN's."""
    return sorted(pool, key=lambda m: (m.family != "gan", not m.graded))[:QUICK_MODELS]


def taught_levels(members: Sequence[Member]) -> list[list[Member]]:
    """Models of one aspect, kind and family that were taught it at several levels, ascending."""
    found: dict[tuple[str, ...], list[Member]] = {}
    for member in members:
        if len(member.aspects) == 1:
            found.setdefault((member.family, member.kind, *member.aspects), []).append(member)
    series = [sorted(own, key=_level) for own in found.values()]
    return [own for own in series if len({_level(member) for member in own}) >= grades.LEAST_LEVELS]


def _level(member: Member) -> float:
    (level,) = member.aspects.values()
    return level


def _asked(members: Sequence[Member]) -> list[str]:
    return list(dict.fromkeys(aspect for member in members for aspect in member.aspects))


def _rows(shop: Workshop, others: Sequence[Workshop], member: Member, asked: Sequence[str]) -> list[Row]:
    mixed = len(member.aspects) > 1
    pairs = _pairs(shop)
    graded = QUICK_STRENGTHS if shop.setting.quick else tables.STRENGTHS[:-1]
    strengths = (*(graded if member.graded else ()), 1.0)
    with shop.sitting(member, pairs) as session:
        cases = [session.case(strength) for strength in strengths]
        rows = [
            row
            for case, strength, named_once in zip(cases, strengths, finexl_series(cases), strict=True)
            for row in _at(shop, member, case, strength, asked, named_once)
        ]
        for row in rows:
            if row["method"] == OURS and row["candidates"] == VOCABULARY and tables.is_failure(row):
                row[PICTURE] = sheet([session.plain(SHOWN), session.shown(1.0, SHOWN)], SIDE)
    for other in others if mixed else ():
        with other.sitting(member, pairs) as session:
            case = session.case()
        found = _at(other, member, case, 1.0, asked, finexl_series([case])[0])
        seed = other.setting.seed
        rows += [{**row, tables.OTHER_PICTURES: seed} for row in found if row["candidates"] == VOCABULARY]
    return rows


def _series_rows(shop: Workshop, series: Sequence[Member]) -> list[Row]:
    """Every model with the words that are named at the highest level, as adapters are at their full strength."""
    cases = []
    for member in series:
        with shop.sitting(member, _pairs(shop)) as session:
            cases.append(session.case())
    scored = zip(series, cases, finexl_series(cases), strict=True)
    rows = [_row(shop, member, case, 1.0, VOCABULARY, ONCE, scores) for member, case, scores in scored]
    return [{**row, "graded": False} for row in rows]  # of levels, not of strengths


def _pairs(shop: Workshop) -> int | None:
    return None if shop.setting.quick else PAIRS


def _at(
    shop: Workshop, member: Member, case: Case, strength: float, asked: Sequence[str], named_once: Array
) -> list[Row]:
    """What every method says of the model at a strength.

    Args:
        named_once: our scores for the words named at full strength.
    """
    truth = {aspect: strength * level for aspect, level in member.aspects.items()}
    lists = asked_scorers(shop.setting, asked)
    found = {(VOCABULARY, method): score(case, truth) for method, score in lists[VOCABULARY].items()}
    if member.graded:
        found[VOCABULARY, ANEW] = found[VOCABULARY, OURS]
        found[VOCABULARY, OURS] = named_once
    if strength == 1.0 and (member.graded or len(member.aspects) > 1):  # what shares of mixes are made of
        found |= {(SHORT_LIST, method): score(case, truth) for method, score in lists[SHORT_LIST].items()}
    return [
        _row(shop, member, case, strength, candidates, method, scores)
        for (candidates, method), scores in found.items()
    ]


def _row(
    shop: Workshop, member: Member, case: Case, strength: float, candidates: str, method: str, scores: Array
) -> Row:
    right = [member.accepted(aspect) for aspect in member.aspects]
    words = listed_words(method, case, scores)
    parts = parts_found(words, right)
    return {
        "family": member.family, "model": member.id, "taught": member.truth, "aspects": member.aspects, "null": member.null,
        "run": member.own_run, "kind": member.kind, "graded": member.graded, "strength": strength, "candidates": candidates,
        "method": method, "pairs": len(case.D), "words": words[:5],
        "scores": [round(float(scores[shop.words.index(w.removeprefix("-"))]), 4) for w in words[:5]],
        **judged(words, [w for part in right for w in part]), "parts": float(np.mean(parts)) if parts else None,
        "weights": [aspect_weight(scores, shop.words, part) for part in right],
    }  # fmt: skip


EXPERIMENT = Experiment(
    "models",
    "Personalized models",
    "Each model of the pool (by default the lab's) is explained from pictures that it and its base draw. Is what it was taught found, in order, "
    "graded as its strength, and in its true share?",
    cells,
    tables.report,
)
