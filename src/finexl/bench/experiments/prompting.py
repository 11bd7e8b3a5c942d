"""Faithfulness by prompting (P8): written into the base model's prompt, do an explanation's words do what the weights do?

Every method chooses among the same words, those that the lab's language knows, from the same pairs. Its words are put behind
every prompt, the base draws the held-out prompts with the same seeds, and V' of those pictures is held against V.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from finexl.bench.contrasts import against, best
from finexl.bench.experiment import Cell, Experiment, Report, Row, Setting, Table
from finexl.bench.grounds import OURS, baselines
from finexl.bench.intervals import mean_interval, told
from finexl.bench.pool import Member
from finexl.bench.rivals import RIVALS
from finexl.bench.workshop import Workshop
from finexl.lab.world import STYLES
from finexl.types import Probe

Array = NDArray[np.float64]
MOST = 3
"""Words that a prompt is given at most."""

RANDOM = 8
RANDOM_WORDS = "random words"
"""Random choices of as many words as our explanation has."""


SHOWN, HELD = 50, 25
"""Pairs that the methods see, and prompts held out from them."""


def cells(setting: Setting) -> list[Cell]:
    """One for every personalization of a prompted model that was taught something."""
    members = [m for m in setting.pool() if m.aspects and m.family != "gan"]
    if setting.quick:
        members = members[:1]
    shop = Workshop(setting, words=STYLES if all(m.base.startswith("lab:") for m in members) else None)
    return [Cell(f"{m.id} {m.key}", partial(_rows, shop, m)) for m in members]


def _rows(shop: Workshop, member: Member) -> list[Row]:
    quick, seed = shop.setting.quick, shop.setting.seed
    shown, held = (4, 4) if quick else (SHOWN, HELD)
    with shop.sitting(member, shown + held) as session:
        probes = session.sitting.asked(shown + held)
        if probes[0].prompt is None:
            return []
        case = session.case()
        V = case.D[shown:].mean(0)
        before = replace(case, base=case.base[:shown], personalized=case.personalized[:shown])
        chosen = {name: _words(rival(before), shop.words) for name, rival in RIVALS.items()}
        count = max(1, len(chosen[OURS]))
        rng = np.random.default_rng([seed, 9])
        for k in range(2 if quick else RANDOM):
            chosen[f"random {k}"] = [
                shop.words[i] for i in sorted(rng.choice(len(shop.words), count, replace=False))
            ]
        plain = session.draw(session.base, probes[shown:])
        reached: dict[str, Array] = {}
        for words in chosen.values():
            key = ", ".join(words)
            if words and key not in reached:
                told_so = session.draw(session.base, [_with(p, words) for p in probes[shown:]])
                there, here = session.embedded(told_so, plain)
                reached[key] = (there - here).mean(0)
        return [
            {"model": member.id, "family": member.family, "method": RANDOM_WORDS if method.startswith("random") else method,
             "words": words, "candidates": len(shop.words), **_agreement(V, reached.get(", ".join(words)))}
            for method, words in chosen.items()
        ]  # fmt: skip


def _words(scores: Array, names: Sequence[str]) -> list[str]:
    """The words with the largest scores above zero, since a prompt can only ask for more of something."""
    order = [i for i in np.argsort(-scores, kind="stable") if scores[i] > 0]
    return [names[i] for i in order[:MOST]]


def _with(probe: Probe, words: Sequence[str]) -> Probe:
    return probe.model_copy(update={"prompt": ", ".join([probe.prompt or "", *words])})


def _agreement(V: Array, reached: Array | None) -> Row:
    """cos(V, V') and 1 - |V - V'|^2 / |V|^2; both 0 where nothing was written into the prompt."""
    if reached is None:
        return {"cosine": 0.0, "reproduced": 0.0}
    cosine = float(V @ reached / (np.linalg.norm(V) * np.linalg.norm(reached) + 1e-12))
    return {"cosine": cosine, "reproduced": 1 - float(np.sum((V - reached) ** 2) / np.sum(V**2))}


def report(rows: Sequence[Row]) -> Report:
    """By family: means by method with the difference to ours; then the words of every model."""
    families = {
        family: [r for r in rows if r["family"] == family]
        for family in dict.fromkeys(r["family"] for r in rows)
    }
    ours = [row for row in rows if row["method"] == OURS]
    every = [
        [r["model"], ", ".join(r["words"]) or "nothing", f"{r['cosine']:.2f}", f"{r['reproduced']:.2f}"]
        for r in ours
    ]
    return Report(
        " ".join(_text(family, _by_model(own)) for family, own in families.items()) or "No model of the pool takes prompts.",
        [
            *(_rates(family, _by_model(own), own[0]["candidates"]) for family, own in families.items()),
            Table("Every model, our words", ("model", "words", "cos(V, V')", "part of V reproduced"), every),
        ],
    )  # fmt: skip


Figures = dict[str, list[tuple[float, float]]]
"""Method -> (cosine, part reproduced) of every model, in order."""


def _by_model(rows: Sequence[Row]) -> Figures:
    models = list(dict.fromkeys(row["model"] for row in rows))
    return {
        method: [_mean(rows, method, model) for model in models]
        for method in dict.fromkeys(r["method"] for r in rows)
    }


def _text(family: str, by: Figures) -> str:
    cosine = {method: [v[0] for v in values] for method, values in by.items()}
    rival = best(cosine, [m for m in baselines(cosine) if m != RANDOM_WORDS])
    return (
        f"**{family}**, {len(by[OURS])} models: cos(V, V') of our words {told(mean_interval(cosine[OURS]))}; of the best rival, {rival}, "
        f"{np.mean(cosine[rival]):.2f}, ours minus it {against(cosine[OURS], cosine[rival])}; of random words {np.mean(cosine[RANDOM_WORDS]):.2f}."
    )


def _rates(family: str, by: Figures, candidates: int) -> Table:
    lines = []
    for method, values in by.items():
        cosines, parts = ([v[i] for v in values] for i in (0, 1))
        gap = "-" if method == OURS else against([v[0] for v in by[OURS]], cosines)
        name = f"**{method}**" if method == OURS else method
        lines.append([name, told(mean_interval(cosines)), gap, told(mean_interval(parts))])
    heads = ("method", "cos(V, V')", "ours minus it", "part of V reproduced")
    note = (
        f"At most {MOST} of the {candidates} words that the model may be told, behind each of {HELD} prompts that the methods did not see; V' is what "
        "they do to the base model, V what the personalization does. Part reproduced: 1 - |V - V'|² / |V|²; both are 0 where nothing is said. Random "
        f"words: as many as ours, mean of {RANDOM} draws. Bootstrap over models."
    )
    return Table(f"By method, {family}", heads, lines, note)


def _mean(rows: Sequence[Row], method: str, model: str) -> tuple[float, float]:
    own = [row for row in rows if row["method"] == method and row["model"] == model]
    return float(np.mean([r["cosine"] for r in own])), float(np.mean([r["reproduced"] for r in own]))


EXPERIMENT = Experiment(
    "prompting",
    "Faithfulness by prompting",
    "Do the words do to the base model, written into its prompts, what the personalization does?",
    cells,
    report,
)
