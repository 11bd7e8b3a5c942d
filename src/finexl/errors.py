"""Errors people can cause. Each message says what was wrong, with which value, and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FinexlError(Exception):
    """Root of every error that FineXL raises on purpose."""


class InputError(FinexlError, ValueError):
    """The images, files or values that were given cannot be used."""


class UnknownNameError(InputError):
    """A method, encoder, proposer or other registered name that nobody registered."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        super().__init__(f"no {kind} is called {name!r}.{hint} Known: {', '.join(known)}.")


class MissingExtraError(FinexlError, ImportError):
    """An optional dependency is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs a package that is not installed: pip install 'finexl[{extra}]'")


class MissingProgramError(FinexlError, OSError):
    """A program that is no Python package is not installed."""

    def __init__(self, program: str, mend: str) -> None:
        super().__init__(f"{program} is not installed: {mend}")
