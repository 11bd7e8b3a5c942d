"""The command line: one file a command; each parses, calls the public API and prints.

Exit codes: 0 done, 2 bad usage or input, 1 our fault.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from finexl.cli import bench, cache, compare, demo, explain, lab, propose
from finexl.errors import FinexlError

STOPPED = "finexl: stopped; what the cache has kept is reused next time"


class Commands(TyperGroup):
    """Typer would answer Ctrl-C without a word, and a reader that stops reading (`| head`) with an error."""

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except KeyboardInterrupt:
            typer.echo(STOPPED, err=True)
            raise typer.Exit(130) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python flushes at exit
            raise typer.Exit(0) from None


app = typer.Typer(
    name="finexl",
    cls=Commands,
    help="Say in words and numbers what a personalized image model does differently from its base.",
    epilog="Start with: finexl demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
explain.register(app)
compare.register(app)
propose.register(app)
demo.register(app)
bench.register(app)
app.add_typer(lab.app, name="lab")
app.add_typer(cache.app, name="cache")


def _version(wanted: bool) -> None:
    if wanted:
        from finexl import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _common(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    pass


def _complain(text: str) -> None:
    """One line on standard error; names in it come from outside and must not drive the terminal."""
    from finexl.report.figures import clean

    typer.echo(f"finexl: {clean(text)}", err=True)


class _Warnings(logging.Handler):
    """What the package logs (a cache that cannot be used, images that are not kept), for a person to see; each kind once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg not in self._said:
            self._said.add(record.msg)
            _complain(f"warning: {record.getMessage()}")


def main() -> None:
    """Entry point of the `finexl` command."""
    logging.getLogger("finexl").addHandler(_Warnings())
    debug = "--debug" in sys.argv[1:]
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    try:
        app(arguments, prog_name="finexl")
    except FinexlError as error:
        if debug:
            raise
        _complain(str(error))
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        typer.echo(STOPPED, err=True)
        raise SystemExit(130) from None
    except Exception as error:
        if debug:
            raise
        typer.echo(
            f"finexl: unexpected {type(error).__name__}: {error}\nThis is our fault: run again with --debug and report it.",
            err=True,
        )
        raise SystemExit(1) from None
