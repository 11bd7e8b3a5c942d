"""The public call `propose`: what proposers say about two sets of images, and whether unseen pairs bear it out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from finexl.encoders import Encoder
from finexl.errors import InputError
from finexl.explaining import not_for_models, only_for_models, pair_up, set_up, spread
from finexl.generators import Generator
from finexl.method import effect, split_pairs
from finexl.method.verify import LEAST
from finexl.opening import Model, open_models
from finexl.probing import Plan, Probes, Sitting
from finexl.proposers import AnyProposer
from finexl.proposing import Found, Task, find_concepts, shown_to_proposers
from finexl.staircase import Run, interval, look_at
from finexl.types import Progress, Proposals, Proposed
from finexl.wording import describe_proposals

NEAREST = 20
"""So many words of a fixed list are shown where nobody picked from it."""


def propose(
    base: Model,
    personalized: Model | None = None,
    probes: Probes = None,
    *,
    options: Mapping[str, str] | None = None,
    n_probes: int | None = None,
    trigger: str | None = "auto",
    encoder: str | Encoder = "builtin",
    proposer: AnyProposer = "auto",
    local_only: bool = False,
    require_vlm: bool = False,
    vocabulary: str | Path | None = None,
    pair: str = "auto",
    confidence: float = 0.95,
    seed: int = 0,
    cache: bool = True,
    progress: Progress | None = None,
) -> Proposals:
    """Ask for concepts once, and test each on pairs that the proposer did not see.

    Args:
        all: as in `finexl.explain`.
    Raises:
        FinexlError: as `finexl.explain`.
    Example:
        >>> proposals = finexl.propose("images/base", "images/lora", proposer="openai:gpt-4o+vocabulary")  # doctest: +SKIP
        >>> [(word.concept, word.verdict) for word in proposals.words]  # doctest: +SKIP
        [('watercolour', 'reported'), ('dreamlike', 'nothing new')]
    """
    run = set_up(
        encoder,
        proposer,
        "finexl",
        vocabulary,
        8,
        confidence,
        seed,
        cache,
        progress,
        rounds=1,
        require_vlm=require_vlm,
        local_only=local_only,
    )
    task = _task(run, base, personalized, probes, options, n_probes, trigger, pair)
    found = find_concepts(run.asking, task)
    words = _judged(found, task)
    n = len(task.evidence.differences)
    usage = found.proposal.usage
    return Proposals(
        summary=describe_proposals(words),
        proposer=run.asking.proposer.name,
        words=words,
        n_pairs=n,
        n_held=len(split_pairs(n, seed)[1]),
        confidence=confidence,
        usage=usage,
        notes=found.proposal.notes,
        timings={
            name: round(seconds, 3) for name, seconds in {**run.clock, "proposals": usage.seconds}.items()
        },
    )


def _judged(found: Found, task: Task) -> tuple[Proposed, ...]:
    """Every word that somebody named, with the verdict; where nobody named any, the nearest of the fixed list.

    Words of the fixed list come with their effect on the held-out pairs alone; its interval is corrected for as many
    as are shown.
    """
    proposal = found.proposal
    rows = [c for c in proposal.concepts if c.name in proposal.origins or c.name not in proposal.fixed]
    rows = rows or list(found.concepts[:NEAREST])
    rejected = {row.concept: row for row in found.rejected()}
    trials = dict(zip(found.words, found.trials, strict=True))
    D = task.evidence.differences
    _, held = split_pairs(len(D), task.settings.seed)
    D = D[held] if len(D) >= LEAST else D
    result = []
    for concept in rows:
        name, trial = concept.name, trials.get(concept.name)
        verdict = rejected[name].reason if name in rejected else "vocabulary"
        f = task.measured([concept])[0]
        moved = trial.effect if trial else effect(D, f, task.settings.alpha / len(rows))
        result.append(
            Proposed(
                concept=name,
                aspect=concept.aspect,
                origin=proposal.origins.get(name),
                effect=interval(moved),
                gain=interval(trial.gain) if trial and trial.gain else None,
                p_value=trial.p_value if trial else None,
                verdict="reported" if name in found.reported else verdict,
            )
        )
    return tuple(result)


def dry_run(
    base: Model,
    personalized: Model | None = None,
    probes: Probes = None,
    *,
    options: Mapping[str, str] | None = None,
    n_probes: int | None = None,
    trigger: str | None = "auto",
    encoder: str | Encoder = "builtin",
    proposer: AnyProposer = "auto",
    local_only: bool = False,
    vocabulary: str | Path | None = None,
    pair: str = "auto",
    seed: int = 0,
    cache: bool = True,
    progress: Progress | None = None,
) -> str:
    """What the first round would send to whom, in words; nothing is sent. Images are embedded, or drawn, here.

    Raises:
        FinexlError: as `finexl.explain`, or the proposer is not configured.
    """
    run = set_up(
        encoder,
        proposer,
        "finexl",
        vocabulary,
        8,
        0.95,
        seed,
        cache,
        progress,
        require_vlm=True,
        local_only=local_only,
    )
    asked = run.asking.proposer
    if not hasattr(asked, "dry_run"):
        return f"Nothing would be sent: the proposer {asked.name!r} asks no model."
    task = _task(run, base, personalized, probes, options, n_probes, trigger, pair)
    return str(asked.dry_run(shown_to_proposers(task)))


def _task(
    run: Run,
    base: Model,
    personalized: Model | None,
    probes: Probes,
    options: Mapping[str, str] | None,
    n_probes: int | None,
    trigger: str | None,
    pair: str,
) -> Task:
    """The pairs, found or drawn, and embedded."""
    left, right = open_models(base, personalized, options or {})
    seed = run.settings.seed
    if isinstance(left, Generator) and isinstance(right, Generator):
        not_for_models(pair)
        sitting = Sitting(run, left, (right,), Plan(probes, n_probes, None, seed, trigger, ()))
        try:
            pairing = sitting.pair(left, right, sitting.start)
        finally:
            sitting.studio.close()
        return look_at(run, pairing, sitting.prompts(sitting.start), sitting.studio.vectors)[1]
    if isinstance(left, Generator) or isinstance(right, Generator):
        raise InputError("one side is a model and the other a set of images. Give two models, or two sets.")
    only_for_models(options=options, n_probes=n_probes, trigger=trigger)
    pairing, prompts = pair_up(left, right, probes, pair, seed)
    return look_at(run, pairing, spread(prompts))[1]
