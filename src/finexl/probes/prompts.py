"""The prompts of a set, of a file or of a list, each one checked before anything is drawn."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from finexl.errors import InputError, UnknownNameError

SETS = ("general", "portraits", "objects", "landscapes")
"""The package's own sets: 200 prompts each, of which the first 25, 50 and 100 are a good spread as well."""

MAX_CHARACTERS = 2000


def load_prompts(prompts: str | Path | Sequence[str]) -> tuple[str, ...]:
    """The prompts that a set's name, a file or a list stands for, in order.

    Args:
        prompts: one of `SETS`; a UTF-8 text file with one prompt a line, of which blank lines at the end are
            ignored; or the prompts themselves. A file that is called like a set is meant by "./general".
    Raises:
        UnknownNameError: no set or file goes by that name.
        InputError: the file cannot be read or is not UTF-8; there are no prompts; one is blank, longer than 2000
            characters or no text. Names the line.
    Example:
        >>> load_prompts("landscapes")[0]
        'a mountain range above a wide valley'
    """
    if isinstance(prompts, str | Path):
        if isinstance(prompts, str) and prompts in SETS:
            text = files("finexl.probes").joinpath("data", f"{prompts}.txt").read_text(encoding="utf-8")
            return tuple(text.splitlines())
        return _from_file(prompts)
    if len(prompts) == 0:
        raise InputError(
            f"the list of prompts is empty. Give prompts, or one of the sets: {', '.join(SETS)}."
        )
    return _checked(prompts, "prompt {} of the list")


def fault(prompt: object) -> str | None:
    """Why this cannot be a prompt, as the end of a sentence; None when it can.

    Example:
        >>> fault(" ")
        'is blank'
    """
    if not isinstance(prompt, str):
        return f"is no text but of type {type(prompt).__name__}"
    if not prompt.strip():
        return "is blank"
    if len(prompt) > MAX_CHARACTERS:
        return f"has {len(prompt)} characters, more than {MAX_CHARACTERS}"
    try:
        prompt.encode()
    except UnicodeEncodeError as error:
        return f"has a character that UTF-8 cannot hold at position {error.start}"
    return None


def _checked(prompts: Sequence[str], place: str) -> tuple[str, ...]:
    for number, prompt in enumerate(prompts, 1):
        wrong = fault(prompt)
        if wrong:
            raise InputError(f"probes: {place.format(number)} {wrong}. Mend it or leave it out.")
    return tuple(prompts)


def _from_file(name: str | Path) -> tuple[str, ...]:
    path, what = Path(name), repr(str(name))
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            with path.open(encoding="utf-8-sig") as file:
                lines = [line.strip() for line in file]
    except UnicodeDecodeError as error:
        raise InputError(
            f"probes: {what} is not UTF-8 text ({error.reason}). Save it as a UTF-8 text file with one prompt a line."
        ) from error
    except FileNotFoundError as error:
        if path.suffix or len(path.parts) > 1:
            raise InputError(
                f"probes: {what} does not exist. Check the path, or give one of the sets: {', '.join(SETS)}."
            ) from error
        raise UnknownNameError("set or file of prompts", str(name), SETS) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"probes: {what} cannot be read ({reason}). Check the path and its permissions; put prompts into a list."
        ) from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise InputError(f"probes: {what} is {kind}. Give a text file with one prompt a line.")
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise InputError(f"probes: {what} holds no prompts. Write one prompt a line.")
    return _checked(lines, f"line {{}} of {what}")
