"""finexl explain BASE PERSONALIZED"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from finexl.cli import options
from finexl.cli.console import progress_bars, show
from finexl.cli.targets import check_targets, write_json


def register(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    base: Annotated[
        str,
        typer.Argument(
            help="Folder of images from the base model, or the model: a hub id, a folder, a file, or SCHEME:...",
            show_default=False,
        ),
    ],
    personalized: Annotated[
        str | None,
        typer.Argument(
            help="Folder of images made from the same prompts and seeds, or the personalized model: the same kinds, or "
            "BASE+adapter.safetensors:0.8. May be left out where an adapter was given first: it is compared with its base.",
            show_default=False,
        ),
    ] = None,
    out: options.Out = Path("explanation"),
    prompts: options.Prompts = None,
    n_probes: options.NProbes = None,
    max_probes: Annotated[
        int | None,
        typer.Option(
            min=2, help="Draw more pairs until the intervals are as narrow as --precision, up to so many."
        ),
    ] = None,
    option: options.Settings = None,
    trigger: options.Trigger = "auto",
    strengths: Annotated[
        str | None,
        typer.Option(
            help="Also measure these factors of the adapter's strength, such as 0,0.5,1.", show_default=False
        ),
    ] = None,
    measures: Annotated[
        bool,
        typer.Option("--measures", help="Add drift, CLIP score change, LPIPS, pixel distance and diversity."),
    ] = False,
    pair: options.Pair = "auto",
    proposer: options.ProposerSpec = "auto",
    rounds: options.Rounds = 2,
    require_vlm: options.RequireVlm = False,
    local_only: options.LocalOnly = False,
    dry_run: options.DryRun = False,
    method: options.Method = "finexl",
    encoder: options.EncoderSpec = "builtin",
    vocabulary: options.Vocabulary = None,
    max_concepts: options.MaxConcepts = 8,
    confidence: options.Confidence = 0.95,
    precision: Annotated[
        float, typer.Option(min=0.001, help="Half-width of interval that is aimed at, in concept vectors.")
    ] = 0.1,
    seed: options.Seed = 0,
    cache: options.Cache = True,
    json: options.Json = None,
) -> None:
    """Explain what a personalized model does differently, in words, numbers and pictures.

    Images:  finexl explain images/base images/lora --out report

    Models:  finexl explain owner/model owner/model+ink.safetensors:0.8 --strengths 0.5,1
    """
    import finexl

    if not dry_run:
        check_targets(out, json)
    with progress_bars() as progress:
        if dry_run:
            from finexl.proposals import dry_run as told

            text = told(
                base,
                personalized,
                prompts,
                options=options.read_settings(option),
                n_probes=n_probes,
                trigger=trigger,
                encoder=encoder,
                proposer=proposer,
                local_only=local_only,
                vocabulary=vocabulary,
                pair=pair,
                seed=seed,
                cache=cache,
                progress=progress,
            )
            typer.echo(text)
            return
        explanation = finexl.explain(
            base,
            personalized,
            prompts,
            options=options.read_settings(option),
            n_probes=n_probes,
            max_probes=max_probes,
            trigger=trigger,
            strengths=options.read_strengths(strengths),
            measures=measures,
            encoder=encoder,
            proposer=proposer,
            rounds=rounds,
            require_vlm=require_vlm,
            local_only=local_only,
            method=method,
            vocabulary=vocabulary,
            pair=pair,
            max_concepts=max_concepts,
            confidence=confidence,
            precision=precision,
            seed=seed,
            cache=cache,
            progress=progress,
        )
        progress("writing the report", 0, 1)
        folder = explanation.save(out)
        progress("writing the report", 1, 1)
    if not write_json(explanation.to_json(), json):
        show(explanation, folder)
