"""How the terminal shows progress and results."""

from __future__ import annotations

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
