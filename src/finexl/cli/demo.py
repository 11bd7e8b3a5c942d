"""finexl demo"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from finexl.cli import options
from finexl.cli.console import progress_bars, show
from finexl.cli.targets import check_targets


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A personalization of the lab, such as gan/sepia-10 (see: finexl lab list). Default: one of the "
            "diffusion model, or of the GAN where the packages for that are not installed.",
            show_default=False,
        ),
    ] = None,
    out: options.Out = Path("explanation"),
    n_probes: options.NProbes = None,
    option: options.Settings = None,
    seed: options.Seed = 0,
) -> None:
    """Explain a personalization that ships with FineXL, from model to report, and say what it was really taught.

    Example: finexl demo gan/sepia-10:0.5
    """
    import finexl
    from finexl.lab.catalogue import lab_model
    from finexl.lab.generator import pick

    check_targets(out, None)
    chosen = (name or pick()).removeprefix("lab:")
    model = lab_model(chosen.partition(":")[0])
    with progress_bars() as progress:
        explanation = finexl.explain(
            f"lab:{model.family}",
            f"lab:{chosen}",
            options=options.read_settings(option),
            n_probes=n_probes,
            seed=seed,
            progress=progress,
        )
    show(explanation, explanation.save(out))
    typer.echo(f"lab:{chosen} was taught: {model.taught}. Your own models: finexl explain BASE PERSONALIZED")
