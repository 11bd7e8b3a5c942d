"""finexl propose BASE PERSONALIZED"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from finexl.cli import options
from finexl.cli.console import progress_bars
from finexl.cli.targets import check_targets, write_json


def register(app: typer.Typer) -> None:
    app.command("propose")(propose)


def propose(
    base: Annotated[
        str, typer.Argument(help="Folder of images from the base model, or the model.", show_default=False)
    ],
    personalized: Annotated[
        str | None,
        typer.Argument(
            help="Folder of images made from the same prompts and seeds, or the personalized model.",
            show_default=False,
        ),
    ] = None,
    prompts: options.Prompts = None,
    n_probes: options.NProbes = None,
    option: options.Settings = None,
    trigger: options.Trigger = "auto",
    pair: options.Pair = "auto",
    encoder: options.EncoderSpec = "builtin",
    vocabulary: options.Vocabulary = None,
    proposer: options.ProposerSpec = "auto",
    require_vlm: options.RequireVlm = False,
    local_only: options.LocalOnly = False,
    dry_run: options.DryRun = False,
    confidence: options.Confidence = 0.95,
    seed: options.Seed = 0,
    cache: options.Cache = True,
    json: options.Json = None,
) -> None:
    """Show what proposers say about two sets of images, and whether pairs they have not seen bear it out.

    Example: finexl propose images/base images/lora --proposer openai:gpt-4o+vocabulary
    """
    from finexl import proposals

    given: dict[str, Any] = {
        "options": options.read_settings(option),
        "n_probes": n_probes,
        "trigger": trigger,
        "encoder": encoder,
        "proposer": proposer,
        "local_only": local_only,
        "vocabulary": vocabulary,
        "pair": pair,
        "seed": seed,
        "cache": cache,
    }
    check_targets(None, json)
    with progress_bars() as progress:
        if dry_run:
            text = proposals.dry_run(base, personalized, prompts, progress=progress, **given)
            typer.echo(text)
            return
        found = proposals.propose(
            base,
            personalized,
            prompts,
            require_vlm=require_vlm,
            confidence=confidence,
            progress=progress,
            **given,
        )
    if write_json(found.to_json(), json):
        return
    from rich.console import Console

    from finexl.report.proposals import render_proposals

    render_proposals(found, Console())
