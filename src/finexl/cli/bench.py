"""finexl bench [NAME...]"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from finexl.cli import options
from finexl.cli.console import progress_bars


def register(app: typer.Typer) -> None:
    app.command("bench")(bench)


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(help="Experiments to run. Default: all of them.", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")] = Path("bench"),
    quick: Annotated[
        bool, typer.Option("--quick", help="A few pairs of everything: does it run? Figures mean little.")
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="Say which experiments there are, and run none.")
    ] = False,
    pool: Annotated[
        Path | None,
        typer.Option(
            "--pool",
            help="Your own models with known truth, a TOML file (docs/bench.md), in place of the lab's, for "
            "models, nearest and prompting.",
            show_default=False,
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--page",
            help="Run nothing: make this page, a Markdown file, from the results in --out, whose tables and figures are made anew too.",
            show_default=False,
        ),
    ] = None,
    encoder: options.EncoderSpec = "builtin",
    seed: options.Seed = 0,
) -> None:
    """Measure FineXL against known truth; write tables, figures and, beside their folder, one page over all.

    What was finished before is not run again: stop it whenever you like.

    Example: finexl bench words selection --out results
    Example: finexl bench --page docs/evidence.md --out results
    """
    from finexl.bench.experiment import Setting
    from finexl.bench.page import page_of, rewrite
    from finexl.bench.pool import read_pool
    from finexl.bench.runner import EXPERIMENTS, load_experiment, run

    if listed:
        for name in EXPERIMENTS:
            experiment = load_experiment(name)
            typer.echo(f"{name:<14}{experiment.question}")
        return
    if page:
        typer.echo(f"Page: {rewrite(out, names or [], page)}")
        return
    models = read_pool(pool) if pool else None
    with progress_bars() as progress:
        setting = Setting(quick, seed, encoder, progress, models)
        reports = run(names or [], setting, out, lambda line: typer.echo(f"finexl: {line}", err=True))
    for name, report in reports.items():
        typer.echo(f"{name}: {report.text}")
    typer.echo(f"Tables: {page_of(out)}")
