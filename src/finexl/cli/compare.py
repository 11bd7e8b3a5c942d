"""finexl compare BASE A B"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from finexl.cli import options
from finexl.cli.console import progress_bars, say_where
from finexl.cli.targets import check_targets, write_json


def register(app: typer.Typer) -> None:
    app.command("compare")(compare)


def compare(
    base: Annotated[
        str, typer.Argument(help="The common base: a folder of images or a model.", show_default=False)
    ],
    a: Annotated[str, typer.Argument(help="One personalization: images or a model.", show_default=False)],
    b: Annotated[str, typer.Argument(help="The other: two epochs, two rivals.", show_default=False)],
    out: options.Out = Path("comparison"),
    prompts: options.Prompts = None,
    n_probes: options.NProbes = None,
    option: options.Settings = None,
    trigger: options.Trigger = "auto",
    pair: options.Pair = "auto",
    proposer: options.ProposerSpec = "auto",
    rounds: options.Rounds = 2,
    require_vlm: options.RequireVlm = False,
    local_only: options.LocalOnly = False,
    method: options.Method = "finexl",
    encoder: options.EncoderSpec = "builtin",
    vocabulary: options.Vocabulary = None,
    max_concepts: options.MaxConcepts = 8,
    confidence: options.Confidence = 0.95,
    seed: options.Seed = 0,
    cache: options.Cache = True,
    json: options.Json = None,
) -> None:
    """Contrast two personalizations of one base on the same probes, with intervals on the difference.

    Example: finexl compare owner/model epoch-2.safetensors epoch-8.safetensors
    """
    import finexl

    check_targets(out, json)
    with progress_bars() as progress:
        comparison = finexl.compare(
            base,
            a,
            b,
            prompts,
            options=options.read_settings(option),
            n_probes=n_probes,
            trigger=trigger,
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
            seed=seed,
            cache=cache,
            progress=progress,
        )
        folder = comparison.save(out)
    if write_json(comparison.to_json(), json):
        return
    from rich.console import Console

    from finexl.report.comparison import render_comparison_terminal

    console = Console()
    render_comparison_terminal(comparison, console)
    say_where("Report", folder / "comparison.html", console)
