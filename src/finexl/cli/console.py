"""How the terminal shows progress and results."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from finexl.types import Explanation, Progress


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """A `Progress` that draws one bar a stage on standard error; plain lines where it is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=console, transient=False, disable=not console.is_terminal) as bars:
        tasks = {}

        def progress(stage: str, done: int, total: int) -> None:
            if not console.is_terminal:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(stage)
                    console.print(f"finexl: {stage}", highlight=False, markup=False)
                return
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield progress


def show(explanation: Explanation, folder: Path, console: Console | None = None) -> None:
    """Print the table and where the report lies."""
    from rich.console import Console

    from finexl.report import render_terminal

    console = console or Console()
    render_terminal(explanation, console)
    say_where("Report", folder / "report.html", console)


def say_where(what: str, path: Path, console: Console) -> None:
    """Print where a file lies."""
    from finexl.report.figures import clean

    console.print(f"{what}: {clean(path)}", highlight=False, markup=False, soft_wrap=True)


def check_targets(out: Path | None, json: Path | None) -> None:
    """See that the results can be written, before hours of drawing and not after.

    Args:
        out: folder that will be made, or is there; None for none.
        json: file; None and "-" for none.
    Raises:
        InputError: something else is in the way, or may not be written to.
    """
    from finexl.errors import InputError

    if out is not None:
        _check_folder("--out", out)
    if json is None or str(json) == "-":
        return
    if os.path.isdir(json):
        raise InputError(f"--json {str(json)!r} is a folder. Give a file, or '-' for standard output.")
    parent = json.absolute().parent
    if out is None or not out.absolute().is_relative_to(
        parent
    ):  # what is above the report's folder will be made
        if not os.path.isdir(parent):
            raise InputError(f"--json {str(json)!r} lies in no folder that is there. Create it first.")
        _check_folder("--json", parent)


def _check_folder(option: str, folder: Path) -> None:
    from finexl.errors import InputError

    here = folder.absolute()
    while not os.path.lexists(here) and here != here.parent:
        here = here.parent
    if not os.path.isdir(here):
        raise InputError(f"{option} {str(folder)!r}: {str(here)!r} is no folder. Give another one.")
    if not os.access(here, os.W_OK):
        raise InputError(
            f"{option} {str(folder)!r}: {str(here)!r} may not be written to. Give another folder."
        )


def write_json(text: str, json: Path | None) -> bool:
    """Write a result as JSON where --json says; whether standard output has had it, and must get nothing else.

    In UTF-8, as JSON is, whatever the terminal's own encoding.
    """
    if json is None:
        return False
    if str(json) == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
        return True
    from finexl.store import atomic_write

    atomic_write(json, text)
    return False
