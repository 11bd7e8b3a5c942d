"""finexl demo"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from finexl.cli.console import progress_bars, show


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the pictures and the report.")] = Path(
        "explanation"
    ),
    level: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="How strongly the sample is changed; 0 leaves it as it is."),
    ] = 0.7,
) -> None:
    """Make a sample with a known answer (photographs, made blocky and more colourful), and explain it.

    Example: finexl demo --level 0.3
    """
    import finexl
    from finexl.lab.sample import TRUTH, write_sample

    base, personalized = write_sample(out / "images", level)
    with progress_bars() as progress:
        explanation = finexl.explain(base, personalized, progress=progress)
    folder = explanation.save(out)
    show(explanation, folder)
    known = " and ".join(f"“{word}”" for word in TRUTH) if level else "nothing"
    typer.echo(f"The sample was changed by: {known}. Your own images: finexl explain BASE PERSONALIZED")
