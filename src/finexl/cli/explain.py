"""finexl explain BASE PERSONALIZED"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from finexl.cli.console import progress_bars, show


def register(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    base: Annotated[Path, typer.Argument(help="Folder of images from the base model.", show_default=False)],
    personalized: Annotated[
        Path,
        typer.Argument(
            help="Folder of images from the personalized model, made from the same prompts and seeds.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for explanation.json, report.html and report.md.")
    ] = Path("explanation"),
    pair: Annotated[
        str,
        typer.Option(
            help="How images are paired: auto, name (same file name), order, or unpaired (costs sharpness)."
        ),
    ] = "auto",
    prompts: Annotated[
        Path | None,
        typer.Option(
            help="Text file, one prompt a line in the order of the pairs: concepts are then measured on them."
        ),
    ] = None,
    method: Annotated[str, typer.Option(help="finexl, algorithm1 (the paper) or subspace.")] = "finexl",
    encoder: Annotated[str, typer.Option(help="Image-text encoder.")] = "builtin",
    vocabulary: Annotated[
        Path | None,
        typer.Option(
            help="Your own concepts: .txt (one a line, 'phrase : aspect') or .toml. Default: the built-in list."
        ),
    ] = None,
    max_concepts: Annotated[int, typer.Option(min=1, help="Report at most this many.")] = 8,
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="Of the intervals and of the tests.")
    ] = 0.95,
    precision: Annotated[
        float, typer.Option(min=0.001, help="Half-width of interval that the advice on pairs aims at.")
    ] = 0.1,
    seed: Annotated[
        int, typer.Option(min=0, help="Of bootstrap and permutations; same inputs and seed, same answer.")
    ] = 0,
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Keep and reuse embeddings (see: finexl cache).")
    ] = True,
    json: Annotated[
        Path | None,
        typer.Option(
            help="Also write the explanation as JSON to this file; '-' prints only JSON to standard output."
        ),
    ] = None,
) -> None:
    """Explain what changed between two folders of images, in words, numbers and pictures.

    Example: finexl explain images/base images/lora --out report
    """
    import finexl
    from finexl.generators import read_prompts

    quiet = json is not None and str(json) == "-"
    with progress_bars() as progress:
        explanation = finexl.explain(
            base,
            personalized,
            read_prompts(prompts) if prompts else None,
            encoder=encoder,
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
    if quiet:
        sys.stdout.write(explanation.to_json())
        return
    if json is not None:
        from finexl.store import atomic_write

        atomic_write(json, explanation.to_json())
    show(explanation, folder)
