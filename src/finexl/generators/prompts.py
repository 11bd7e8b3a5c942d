"""The prompts that a set of images was made from."""

from __future__ import annotations

from pathlib import Path

from finexl.errors import InputError


def read_prompts(path: Path) -> list[str]:
    """One prompt a line, in the order of the pairs; empty lines at the end are ignored.

    Raises:
        InputError: the file is missing, unreadable or not UTF-8, or a line between prompts is empty.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").rstrip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"prompts: cannot read {str(path)!r} ({error}). Give a UTF-8 text file, one prompt a line."
        ) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise InputError(
                f"prompts: line {number} of {str(path)!r} is empty. Give one prompt for each pair."
            )
    return lines
