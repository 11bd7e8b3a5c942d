"""The public call `explain`: what is given -> pairs of pictures -> an Explanation.

(The file is not called explain.py because a submodule of that name would hide the function `finexl.explain`.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeGuard

import numpy as np

from finexl.effects import add_measures
from finexl.encoders import Encoder, load_encoder
from finexl.errors import InputError, UnknownNameError
from finexl.generators import Generator, Images, Pairing, Source, pair_images, read_prompts
from finexl.generators.tables import TABLES, Row, prompts_of, read_table
from finexl.method import METHODS, Settings
from finexl.opening import Model, open_models
from finexl.probing import PROMPTS, Plan, Probes, explain_models
from finexl.proposers import AnyProposer, Proposer, load_proposer, load_vocabulary
from finexl.proposers.vlm import ProposerError
from finexl.proposing import Asking, Unready
from finexl.staircase import Run, explain_pairs
from finexl.types import Explanation, Progress
from finexl.wording import repeated, unlike


def explain(
    base: Model,
    personalized: Model | None = None,
    probes: Probes = None,
    *,
    options: Mapping[str, str] | None = None,
    n_probes: int | None = None,
    max_probes: int | None = None,
    trigger: str | None = "auto",
    strengths: Sequence[float] = (),
    measures: bool = False,
    encoder: str | Encoder = "builtin",
    proposer: AnyProposer = "auto",
    rounds: int = 2,
    require_vlm: bool = False,
    local_only: bool = False,
    method: str = "finexl",
    vocabulary: str | Path | None = None,
    pair: str = "auto",
    max_concepts: int = 8,
    confidence: float = 0.95,
    precision: float = 0.1,
    seed: int = 0,
    cache: bool = True,
    progress: Progress | None = None,
) -> Explanation:
    """Explain what `personalized` does differently from `base` (FineXL, arXiv 2511.01932).

    Args:
        base, personalized: two sets of images (a folder each, or sequences of paths, PIL images or arrays; the i-th
            of both from the same prompt and seed), or two models: a spec such as "owner/model", "ink.safetensors",
            "owner/model+ink.safetensors:0.8" or "gan:faces.onnx", a `finexl.generators.Generator`, or a function
            of one `Probe`. An adapter alone is compared with its base. A .csv, .jsonl or .parquet table lists images too.
        probes: what models are asked: a set ("general", "portraits", "objects", "landscapes"), "captions" (those of the
            training that an adapter's file repeats), a file with one prompt a line, prompts, or `Probe`s. Of images: the prompts they were made from, in their order, or
            "metadata" (a table beside them, or what generators write into PNG files) or "names" (the file names).
            Concept directions are measured on these prompts (at most 25) in place of neutral templates.
        options: settings of the models, such as {"steps": "20", "device": "cuda"}.
        n_probes: how many pairs models draw; 50, or all of your own prompts, if None.
        max_probes: go on drawing until the intervals are as narrow as `precision`, up to so many pairs.
        trigger: word put before every prompt of both models: "auto" for the one the adapter names, "none" (or None) for none.
        strengths: factors of the adapter's strength at which the change is measured as well, such as (0, 0.5, 1).
        measures: add figures known from elsewhere: drift, CLIP score change, LPIPS, pixel distance, diversity, as far as their
            packages and models are here. Every image is read once more.
        encoder: a spec such as "builtin" or "clip:owner/model", or any object that satisfies `finexl.encoders.Encoder`.
        proposer: "auto", "vocabulary", a vision-language model such as "openai:gpt-4o", several with "+" between, any object
            that satisfies `finexl.proposers.Proposer`, or a function of `finexl.proposers.Evidence` that returns phrases. Words
            that it makes up are tested on pairs it has not seen; those that fail are in `explanation.rejected`.
        rounds: ask a proposer that looks at the pairs at most so often; from the second time on about what is
            left unexplained.
        require_vlm: a vision-language model that fails, or is not there, is an error. Without it the vocabulary
            explains the pairs alone, and a note says why.
        local_only: refuse models that answer outside this machine and its network: no image leaves it.
        method: "finexl", "algorithm1" (the paper) or "subspace".
        vocabulary: a .txt or .toml file of concepts in place of the built-in ones.
        pair: of images: "auto", "name", "order" or "unpaired".
        max_concepts: report at most this many.
        confidence: of intervals and tests, in (0, 1).
        precision: half-width of interval that is aimed at, in concept vectors.
        seed: of every random draw; the same inputs and seed give the same explanation.
        cache: keep and reuse images, embeddings and replies in `finexl.store.default_cache_dir()`.
        progress: called as progress(stage, done, total).
    Raises:
        InputError: the images, models or options cannot be used; the message names the mend.
        FinexlError: `require_vlm` is set and no vision-language model answered.
        MissingExtraError: a model needs a package that is not installed.
    Example:
        >>> explanation = finexl.explain("images/base", "images/lora")     # doctest: +SKIP
        >>> [(c.concept, round(c.weight, 2)) for c in explanation.concepts]  # doctest: +SKIP
        [('watercolour', 0.81), ('muted colours', 0.4)]
    """
    run = set_up(
        encoder,
        proposer,
        method,
        vocabulary,
        max_concepts,
        confidence,
        seed,
        cache,
        progress,
        precision,
        rounds,
        require_vlm,
        local_only,
    )
    left, right = open_models(base, personalized, options or {})
    if isinstance(left, Generator) and isinstance(right, Generator):
        not_for_models(pair)
        plan = Plan(probes, n_probes, max_probes, seed, trigger, strengths, measures)
        return explain_models(run, left, right, plan)
    if isinstance(left, Generator) or isinstance(right, Generator):
        raise InputError(
            "one side is a model and the other a set of images. Give two models, or two sets of images made "
            "from the same prompts and seeds."
        )
    only_for_models(
        options=options, n_probes=n_probes, max_probes=max_probes, trigger=trigger, strengths=strengths
    )
    pairing, prompts = pair_up(left, right, probes, pair, seed)
    found = explain_pairs(run, pairing, spread(prompts), (label(left), label(right)))
    return add_measures(run, found, prompts) if measures else found.explanation


NOTHING = ("None", "auto", "none", "", "()", "[]", "{}")
"""What arguments that ask for nothing print as."""


def only_for_models(**given: object) -> None:
    """Refuse what images cannot be asked: said, rather than passed over.

    Args:
        given: arguments by name; None, "auto", "none" and empty ones ask for nothing.
    Raises:
        InputError: names the others.
    """
    told = [f"{name} {value}" for name, value in given.items() if str(value) not in NOTHING]
    if told:
        raise InputError(
            f"{', '.join(told)}: only models can be asked that, and these are images. Leave that out."
        )


def not_for_models(pair: str) -> None:
    """Refuse to pair what models draw otherwise than by its probes.

    Raises:
        InputError: `pair` is not "auto".
    """
    if pair != "auto":
        raise InputError(f"pair {pair!r}: models draw their pairs from the same probes. Leave it out.")


def set_up(
    encoder: str | Encoder,
    proposer: AnyProposer,
    method: str,
    vocabulary: str | Path | None,
    max_concepts: int,
    confidence: float,
    seed: int,
    cache: bool,
    progress: Progress | None,
    precision: float = 0.1,
    rounds: int = 2,
    require_vlm: bool = False,
    local_only: bool = False,
) -> Run:
    """Check and load what a run needs; said before hours of drawing and embedding, not after."""
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    if rounds < 1:
        raise InputError(f"rounds {rounds}: must be at least 1.")
    if seed < 0:
        raise InputError(f"seed {seed}: must be 0 or more.")
    if not precision > 0:
        raise InputError(f"precision {precision}: must be above 0.")
    words = load_vocabulary(vocabulary)
    loaded = load_encoder(encoder)
    return Run(
        loaded,
        Asking(_proposer(proposer, vocabulary, local_only, cache, require_vlm), words, rounds, require_vlm),
        method,
        Settings(max_concepts=max_concepts, confidence=confidence, seed=seed).for_encoder(loaded),
        precision,
        cache,
        progress or (lambda stage, done, total: None),
    )


def _proposer(
    spec: AnyProposer, vocabulary: str | Path | None, local_only: bool, cache: bool, required: bool
) -> Proposer:
    """The proposer; one that is not configured fails when it is asked, and the run goes on, unless it is required."""
    try:
        return load_proposer(spec, vocabulary, local_only, cache)
    except ProposerError as error:
        if required:
            raise
        return Unready(str(spec), error)


def pair_up(
    left: Images, right: Images, probes: Probes, how: str, seed: int
) -> tuple[Pairing, list[str] | None]:
    """Two sets of images, or tables that list them, as pairs; and the prompt of every pair where that is known.

    Raises:
        InputError: they make no pairs, or the prompts do not fit them.
    """
    sets = [read_table(side) if _is_table(side) else None for side in (left, right)]
    listed = [
        images if rows is None else [row.path for row in rows]
        for images, rows in zip((left, right), sets, strict=True)
    ]
    pairing = pair_images(listed[0], listed[1], how=how, seed=seed, listed=any(sets))
    told = [
        _of_tables(rows, sources)
        for rows, sources in zip(sets, (pairing.base, pairing.personalized), strict=True)
    ]
    if probes is None and told[0] and all(told[0]):
        probes = [prompt or "" for prompt in told[0]]
    prompts = _prompts(probes, pairing)
    apart = unlike(*told) if pairing.paired else ()
    return replace(pairing, notes=(*pairing.notes, *apart, *repeated(prompts or ()))), prompts


def _of_tables(rows: Sequence[Row] | None, sources: Sequence[Source]) -> list[str | None]:
    """The prompt of every picture, as the table that lists it says; [] without a table."""
    known = {row.path: row.prompt for row in rows or ()}
    return [known.get(source) if isinstance(source, Path) else None for source in sources] if rows else []


def _is_table(images: Images) -> TypeGuard[str | Path]:
    return isinstance(images, str | Path) and Path(images).suffix.lower() in TABLES and Path(images).is_file()


def _prompts(probes: Probes, pairing: Pairing) -> list[str] | None:
    """The prompt of every pair, or None where they are not known."""
    n = len(pairing.names)
    if probes is None:
        return None
    if probes in ("metadata", "names"):
        probes = prompts_of([source for source in pairing.base if isinstance(source, Path)], str(probes))
    elif isinstance(probes, str | Path):
        probes = read_prompts(Path(probes))
    texts = [p if isinstance(p, str) else p.prompt or "" for p in probes]
    if len(texts) != n:
        raise InputError(
            f"probes: {len(texts)} prompts for {n} pairs; give one prompt for each pair, in the order of the pairs."
        )
    return texts


def spread(prompts: Sequence[str] | None) -> list[str] | None:
    """Up to 25 of the prompts, evenly spread; None for neutral templates."""
    if prompts is None:
        return None
    distinct = list(dict.fromkeys(prompts))
    return [distinct[i] for i in np.unique(np.linspace(0, len(distinct) - 1, PROMPTS).astype(int))]


def label(images: Images) -> str:
    """What a set of images is called in the provenance."""
    return str(images) if isinstance(images, str | Path) else f"{len(images)} images in memory"
