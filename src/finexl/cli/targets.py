"""Where results go: checked before the work, written after it."""

from __future__ import annotations

import os
import sys
from pathlib import Path


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
    # What lies above the report's folder, and the folder itself, will be made.
    if out is None or not out.absolute().is_relative_to(parent):
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
