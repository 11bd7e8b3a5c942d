"""finexl lab list, finexl lab sample"""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from finexl.cli import options
from finexl.cli.console import progress_bars, say_where
from finexl.cli.targets import check_targets, write_json

SHEETS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}

app = typer.Typer(
    no_args_is_help=True,
    help="The small models that ship with FineXL: what there is, and what they draw. Use them as lab:NAME.",
)


@app.command("list")
def list_models(json: options.Json = None) -> None:
    """List the lab's models and what each was taught.

    Example: finexl lab list
    """
    from finexl.lab.catalogue import lab_models

    models = lab_models()
    if json is not None:
        rows = [{"name": f"lab:{model.name}", "truth": dict(model.truth)} for model in models]
        if write_json(dumps(rows, indent=2) + "\n", json):
            return
    width = max((len(model.name) for model in models), default=0) + 4
    for model in models:
        typer.echo(f"{'lab:' + model.name:<{width}}  {model.taught}")


@app.command("sample")
def sample(
    name: Annotated[
        str,
        typer.Argument(help="Such as diffusion, gan/sepia-10 or ar/sepia-10:0.5.", show_default=False),
    ],
    prompts: Annotated[
        list[str] | None,
        typer.Argument(
            help='What to draw, such as "a lake at dusk". Default: random prompts.', show_default=False
        ),
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, max=400, help="How many pictures.")] = 16,
    out: Annotated[Path, typer.Option("--out", "-o", help="File for the sheet of pictures.")] = Path(
        "samples.png"
    ),
    option: options.Settings = None,
    seed: options.Seed = 0,
) -> None:
    """Draw a sheet of pictures with one of the lab's models.

    Example: finexl lab sample diffusion/sepia-10 "two sailboats on a lake at dusk" -n 4
    """
    from io import BytesIO
    from os.path import isdir

    from rich.console import Console

    from finexl.errors import InputError
    from finexl.lab.sample import draw_sheet
    from finexl.store import atomic_write

    kind = SHEETS.get(out.suffix.lower())
    if kind is None or isdir(out):
        raise InputError(f"--out {str(out)!r}: give a file that ends in {', '.join(SHEETS)}.")
    check_targets(out.parent, None)
    with progress_bars() as progress:
        sheet, asked = draw_sheet(name, prompts, n, seed, options.read_settings(option), progress)
    content = BytesIO()
    sheet.save(content, kind)
    out.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(out, content.getvalue())
    for number, what in enumerate(asked, 1):
        typer.echo(f"{number:>3}  {what}")
    say_where("Sheet", out, Console())
