"""Two models -> pairs of pictures, as many as it takes -> an Explanation.

Beside the plain comparison: the 2x2 of weights and trigger word, and the response to an adapter's strength.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from finexl.effects import add_measures, measure_effects, measure_response
from finexl.errors import InputError
from finexl.generating import Studio, pair_drawn
from finexl.generators import Adapted, Generator, Pairing, traits
from finexl.method import differences
from finexl.probes import DEFAULT, from_captions, make_probes, next_total
from finexl.staircase import Explained, Run, explain_pairs
from finexl.storing import Embedded, embed_pairs
from finexl.types import Effect, Explanation, Probe, Response, Trigger
from finexl.wording import repeated

Probes = str | Path | Sequence[str] | Sequence[Probe] | None
"""A set's name, "captions" (of the adapter's training), a file with a prompt a line, prompts, or whole probes."""

PROMPTS = 25
"""Concepts are measured on so many of the prompts."""


@dataclass(frozen=True)
class Plan:
    """What two models are asked.

    Attributes:
        probes: see `Probes`; None for the models' usual set, or for random numbers alone where they take no prompts.
        n_probes: how many to begin with; None for 50, or all of a list.
        max_probes: go on until the intervals are as narrow as asked, to at most so many; None to stay at `n_probes`.
        seed: of the probes.
        trigger: "auto" for the adapter's own trigger word, None or "none" for none, or the word.
        strengths: factors of the adapter's strength at which the change is measured as well.
        measures: add figures known from elsewhere.
    """

    probes: Probes
    n_probes: int | None
    max_probes: int | None
    seed: int
    trigger: str | None
    strengths: Sequence[float]
    measures: bool = False


class Sitting:
    """Models, a plan, and everything drawn so far.

    Attributes:
        probes: as many as may be needed; the first k of them are what a smaller plan would have asked.
        start: how many to begin with.
        trigger: the word that goes in front of every prompt; None for none.
    """

    def __init__(self, run: Run, base: Generator, others: Sequence[Generator], plan: Plan) -> None:
        self.run, self.base = run, base
        self.studio = Studio(run.encoder, run.cache, run.progress)
        self.start, self.probes = draw_up(plan, (base, *others))
        self.trigger = choose_trigger(plan.trigger, others) if self.probes[0].prompt else None
        self.paired = all(traits(generator).seeded for generator in (base, *others))

    def pair(
        self, left: Generator, right: Generator, n: int, plain: tuple[bool, bool] = (False, False)
    ) -> Pairing:
        """Both models on the first `n` probes, with the trigger word unless a side is to be plain."""
        sides = []
        for generator, bare in zip((left, right), plain, strict=True):
            probes = self.probes[:n] if bare else self.asked(n)
            stage = f"drawing {'base' if generator is self.base else 'personalized'} images"
            sides.append(self.studio.draw(generator, probes, stage))
        said = (*repeated([probe.prompt for probe in self.probes[:n]]), *_remarks((left, right), self.studio))
        return pair_drawn(self.asked(n), sides[0], sides[1], self.paired, said)

    def asked(self, n: int) -> list[Probe]:
        """The first `n` probes with the trigger word in front of their prompts."""
        if self.trigger is None:
            return list(self.probes[:n])
        word = self.trigger.text
        return [p.model_copy(update={"prompt": f"{word}, {p.prompt}"}) for p in self.probes[:n]]

    def prompts(self, n: int) -> list[str] | None:
        """Up to 25 of the prompts, evenly spread; None where the models take none."""
        distinct = list(dict.fromkeys(p.prompt for p in self.asked(n) if p.prompt is not None))
        if not distinct:
            return None
        return [distinct[i] for i in np.unique(np.linspace(0, len(distinct) - 1, PROMPTS).astype(int))]

    def explain(
        self, left: Generator, right: Generator, n: int, before: Explained | None = None
    ) -> Explained:
        """Explain the first `n` pairs; with what was proposed `before`, from fewer of them, where that is given."""
        pairing = self.pair(left, right, n)
        labels = left.name, right.name
        return explain_pairs(
            self.run, pairing, self.prompts(n), labels, self.studio.vectors, before.found if before else None
        )

    def embedded(self, pairing: Pairing) -> Embedded:
        """The unit vectors of every pair, which were made while drawing."""
        return embed_pairs(self.run.encoder, pairing, self.run.cache, _silent, self.studio.vectors)


def explain_models(run: Run, base: Generator, personalized: Generator, plan: Plan) -> Explanation:
    """Draw the probes with both models, explain the pairs, and draw more while the intervals are too wide.

    Raises:
        InputError: the plan cannot be carried out, or a model cannot draw; what was drawn before is kept.
    """
    strengths = check_strengths(plan.strengths, personalized)
    sitting = Sitting(run, base, (personalized,), plan)
    try:
        n = sitting.start
        found = sitting.explain(base, personalized, n)
        while (
            more := next_total(n, found.explanation.advice.half_width, run.precision, len(sitting.probes))
        ) > n:
            n = more
            found = sitting.explain(base, personalized, n, found)
        effects: tuple[Effect, ...] = ()
        if sitting.trigger:
            effects = measure_effects(
                run,
                found,
                sitting.embedded(sitting.pair(base, personalized, n, (True, True))),
                sitting.embedded(sitting.pair(base, base, n, (True, False))),
                sitting.embedded(sitting.pair(base, personalized, n, (True, False))),
            )
        response = _response(sitting, personalized, strengths, found, n)
        asked = [probe.prompt for probe in sitting.asked(n)]
        prompts = [text for text in asked if text is not None]
        whole = (
            add_measures(run, found, prompts if len(prompts) == n else None)
            if plan.measures
            else found.explanation
        )
    finally:
        sitting.studio.close()
    update = {
        "trigger": sitting.trigger,
        "effects": effects,
        "response": response,
        "provenance": found.explanation.provenance.model_copy(
            update={
                "base_identity": base.identity,
                "personalized_identity": personalized.identity,
                "probes_sha256": _sha256(sitting.asked(n)),
            }
        ),
    }
    return whole.model_copy(update=update)


def _response(
    sitting: Sitting, personalized: Generator, strengths: Sequence[float], found: Explained, n: int
) -> Response | None:
    if not strengths:
        return None
    assert isinstance(personalized, Adapted)
    D = []
    for s in strengths:
        seen = sitting.embedded(sitting.pair(sitting.base, personalized.at(s), n)) if s else None
        D.append(differences(seen.base, seen.personalized) if seen else np.zeros_like(found.D))
    return measure_response(sitting.run, found, strengths, D)


def draw_up(plan: Plan, generators: Sequence[Generator]) -> tuple[int, tuple[Probe, ...]]:
    """How many probes to begin with, and all that may be needed.

    Raises:
        InputError: the models want to be asked different things, or the plan's numbers do not fit.
    """
    wanted = {traits(generator).takes: generator.name for generator in generators}
    if len(wanted) > 1:
        said = " and ".join(f"{name!r} takes {what}" for what, name in sorted(wanted.items()))
        raise InputError(f"the models cannot be asked the same: {said}. Compare models of one kind.")
    if plan.max_probes is not None and plan.n_probes is not None and plan.max_probes < plan.n_probes:
        raise InputError(
            f"max_probes {plan.max_probes} is below n_probes {plan.n_probes}. Raise it or leave it out."
        )
    if plan.probes is None and "prompt" in wanted:
        usual = traits(generators[0]).prompts
        number = plan.n_probes or DEFAULT
        plan = replace(plan, probes=usual, n_probes=number) if usual else replace(plan, probes="general")
    if plan.probes == "captions":
        return _from_captions(plan, generators)
    given = plan.probes
    whole = (
        [] if given is None or isinstance(given, str | Path) else [p for p in given if isinstance(p, Probe)]
    )
    if whole:
        return _own(plan, whole)
    if given is not None and "prompt" not in wanted:
        ((what, name),) = wanted.items()
        draws = "a class and random numbers" if what == "label" else "random numbers alone"
        raise InputError(f"{name!r} takes no prompts: it draws from {draws}. Leave the prompts out.")
    prompts = given if given is None or isinstance(given, str | Path) else [str(p) for p in given]
    labels = min(traits(generator).labels for generator in generators)
    first = make_probes(prompts, plan.n_probes, seed=plan.seed, labels=labels)
    if plan.max_probes is None or plan.max_probes <= len(first):
        return len(first), first
    return len(first), make_probes(prompts, plan.max_probes, seed=plan.seed, labels=labels)


def _from_captions(plan: Plan, generators: Sequence[Generator]) -> tuple[int, tuple[Probe, ...]]:
    """Probes from what the adapters' files repeat of their training captions, without the trigger word.

    Raises:
        InputError: no file names any.
    """
    found = dict.fromkeys(text for generator in generators for text in getattr(generator, "captions", ()))
    if not found:
        names = ", ".join(repr(generator.name) for generator in generators)
        raise InputError(
            f"probes 'captions': none of {names} repeats the captions it was trained on. Give a set, such as general, or prompts."
        )
    word = choose_trigger(plan.trigger, generators)
    start = plan.n_probes or min(DEFAULT, plan.max_probes or DEFAULT)
    most = max(start, plan.max_probes or start)
    return start, from_captions(list(found), most, plan.seed, without=word.text if word else None)


def _own(plan: Plan, probes: Sequence[Probe]) -> tuple[int, tuple[Probe, ...]]:
    """Probes that were given whole."""
    most = plan.max_probes or plan.n_probes or len(probes)
    if len(probes) < max(2, most) or len(set(probes)) < len(probes):
        raise InputError(f"{len(probes)} probes were given: {max(2, most)} are needed, each of them once.")
    return min(plan.n_probes or len(probes), len(probes)), tuple(probes[:most])


def choose_trigger(wanted: str | None, generators: Sequence[Generator]) -> Trigger | None:
    """The trigger word that goes into both models' prompts."""
    if wanted is None or wanted.strip() in ("", "none"):
        return None
    if wanted != "auto":
        return Trigger(text=wanted.strip(), source="given")
    return next((g.triggers[0] for g in generators if isinstance(g, Adapted) and g.triggers), None)


def check_strengths(strengths: Sequence[float], personalized: Generator) -> tuple[float, ...]:
    """Strengths in ascending order, each once.

    Raises:
        InputError: one is negative or not finite, or the model's strength cannot be varied.
    """
    wrong = [s for s in strengths if not 0 <= s < 100]
    if wrong:
        raise InputError(f"strength {wrong[0]}: give factors from 0 to 100, such as 0,0.5,1.")
    if strengths and not isinstance(personalized, Adapted):
        raise InputError(
            f"{personalized.name!r} has no strength that could be varied: only adapters (LoRA and the like) have one."
        )
    return tuple(sorted(dict.fromkeys(float(s) for s in strengths)))


def _remarks(generators: Sequence[Generator], studio: Studio) -> tuple[str, ...]:
    said = [note for generator in generators for note in traits(generator).notes]
    return tuple(dict.fromkeys([*said, *studio.notes]))


def _sha256(probes: Sequence[Probe]) -> str:
    return hashlib.sha256("\n".join(p.model_dump_json() for p in probes).encode()).hexdigest()


def _silent(stage: str, done: int, total: int) -> None:
    """Embeddings that were made while drawing need no bar of their own."""
