"""Faithfulness by prompting (P8): written into the base model's prompt, do an explanation's words do what the weights do?

Every method chooses among the same words, those that the lab's language knows, from the same pairs. Its words are put behind
every prompt, the base draws the held-out prompts with the same seeds, and V' of those pictures is held against V.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from finexl.bench.contrasts import against, best
from finexl.bench.experiment import Cell, Experiment, Report, Row, Setting, Table, Verdict
from finexl.bench.grounds import OURS, SIMULATION, baselines, scorers
from finexl.bench.intervals import mean_interval, told
from finexl.bench.pool import Member
from finexl.bench.verdicts import claimed, verdict
from finexl.bench.workshop import Workshop
from finexl.lab.world import STYLES
from finexl.types import Probe

Array = NDArray[np.float64]
MOST = 3
"""Words that a prompt is given at most."""

RANDOM = 4
RANDOM_WORDS = "random words"
"""Random choices of as many words as our explanation has."""
TAUGHT = "the words it was taught"
"""A control: what an explanation without a mistake would say."""

SHOWN, HELD = 32, 16
"""Pairs that the methods see, and prompts held out from them."""


def cells(setting: Setting) -> list[Cell]:
    """One for every chosen personalization of a prompted model that was taught something."""
    members = chosen_members([m for m in setting.pool() if m.aspects and m.family != "gan"])
    if setting.quick:
        members = list({m.family: m for m in reversed(members)}.values())
    shop = Workshop(setting, words=STYLES if all(m.base.startswith("lab:") for m in members) else None)
    asked = [word for word in dict.fromkeys(a for m in members for a in m.aspects) if word in shop.words]
    return [Cell(f"{m.id} {m.key}", partial(_rows, shop, m, asked)) for m in members]


def chosen_members(members: Sequence[Member]) -> list[Member]:
    """All mixes; of the levels of an aspect of one family and kind of training the highest."""
    highest: dict[tuple[str, str, str], float] = {}
    for m in members:
        if len(m.aspects) == 1:
            ((aspect, level),) = m.aspects.items()
            key = (m.family, m.kind, aspect)
            highest[key] = max(level, highest.get(key, 0.0))

    def counts(m: Member) -> bool:
        ((aspect, level),) = m.aspects.items()
        return level == highest[m.family, m.kind, aspect]

    return [m for m in members if len(m.aspects) > 1 or counts(m)]


def _rows(shop: Workshop, member: Member, asked: Sequence[str]) -> list[Row]:
    quick, seed = shop.setting.quick, shop.setting.seed
    shown, held = (4, 4) if quick else (SHOWN, HELD)
    with shop.sitting(member, shown + held) as session:
        probes = session.sitting.asked(shown + held)
        if probes[0].prompt is None:
            return []
        case = session.case()
        V = case.D[shown:].mean(0)
        before = replace(case, base=case.base[:shown], personalized=case.personalized[:shown])
        taught = {aspect: level for aspect, level in member.aspects.items() if aspect in shop.words}
        chosen = {
            name: _words(score(before, taught), shop.words)
            for name, score in scorers(shop.setting, asked).items()
        }
        chosen[TAUGHT] = sorted(taught, key=lambda aspect: -taught[aspect])[:MOST]
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
            {"model": member.id, "family": member.family, "aspects": member.aspects, "method": RANDOM_WORDS if method.startswith("random") else method,
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
        [r["model"], ", ".join(f"{a} {level:g}" for a, level in r["aspects"].items()), ", ".join(r["words"]) or "nothing",
         f"{r['cosine']:.2f}", f"{r['reproduced']:.2f}", f"{t['cosine']:.2f}"]
        for r, t in zip(ours, [row for row in rows if row["method"] == TAUGHT], strict=True)
    ]  # fmt: skip
    return Report(
        " ".join(_text(family, _by_model(own)) for family, own in families.items()) or "No model of the pool takes prompts.",
        [
            *(_rates(family, _by_model(own), own[0]["candidates"]) for family, own in families.items()),
            Table("Every model, our words", ("model", "taught", "words", "cos(V, V')", "part of V reproduced", "cos(V, V') of the words it was taught"), every),
        ],
        verdicts=[one for family, own in families.items() for one in _verdicts(family, own)],
    )  # fmt: skip


def _verdicts(family: str, rows: Sequence[Row]) -> list[Verdict]:
    by = _by_model(rows)
    own = [row for row in rows if row["method"] == OURS]
    silent = sum(not row["words"] for row in own)
    right = sum(any(aspect in row["words"] for aspect in row["aspects"]) for row in own)
    ceiling = np.mean([cosine for cosine, _ in by[TAUGHT]])
    cosine, part = ({method: [v[i] for v in values] for method, values in by.items()} for i in (0, 1))
    rivals = _rivals(by)
    counts = {
        method: np.mean([len(r["words"]) for r in rows if r["method"] == method])
        for method in (OURS, *rivals)
    }

    def why(rival: str) -> str:
        return (
            f"Of {len(own)} models ours says nothing of {silent}, and writes a word that it was taught for {right}; the words that they were taught "
            f"reach {ceiling:.2f}. Ours writes {counts[OURS]:.1f} words a model, {rival} {counts[rival]:.1f}; a prompt cannot ask for a little of a "
            "word, so one of small weight does as much as the others."
        )

    found = [
        *verdict(family, "cos(V, V') of its words in the prompt", cosine, rivals),
        *verdict(family, "part of V that its words in the prompt reproduce", part, rivals),
    ]
    return [one for v in found for one in claimed([v], "", why(v.rival))]


def _rivals(methods: Iterable[str]) -> list[str]:
    return [method for method in baselines(methods) if method not in (RANDOM_WORDS, TAUGHT)]


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
    rival = best(cosine, _rivals(cosine))
    return (
        f"**{family}**, {len(by[OURS])} models: cos(V, V') of our words {told(mean_interval(cosine[OURS]))}; of the best rival, {rival}, "
        f"{np.mean(cosine[rival]):.2f}, ours minus it {against(cosine[OURS], cosine[rival])}; of random words {np.mean(cosine[RANDOM_WORDS]):.2f}, of the words they were taught "
        f"{np.mean(cosine[TAUGHT]):.2f}."
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
        f"words: as many as ours, mean of {RANDOM} draws. The words it was taught: at most {MOST}. Bootstrap over models. {SIMULATION}"
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
