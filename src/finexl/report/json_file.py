"""explanation.json and the two files beside it: written together, read back strictly."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from finexl.errors import InputError
from finexl.store.files import atomic_write
from finexl.types import SCHEMA_VERSION, Comparison, Explanation, Proposals

FILE = "explanation.json"
FILES = {Explanation: FILE, Comparison: "comparison.json"}
Kept = TypeVar("Kept", Explanation, Comparison)


def save(explanation: Explanation, folder: str | Path) -> Path:
    """Write explanation.json, report.html and report.md into `folder`, each one whole or not at all.

    All three are made before the first is written. The largest goes first and the JSON last, so a disk that
    fills up leaves the older report as it was.

    Args:
        folder: created if missing.
    Returns:
        The folder.
    Raises:
        InputError: it cannot be created or written.
    """
    from finexl.report.html import report_html
    from finexl.report.markdown import report_markdown

    folder = Path(folder)
    contents = {
        "report.html": report_html(explanation),
        "report.md": report_markdown(explanation),
        FILE: json_text(explanation),
    }
    make_folder(folder)
    for name, content in contents.items():
        atomic_write(folder / name, content)
    return folder


def make_folder(folder: Path) -> None:
    """Make a folder for a report.

    Raises:
        InputError: it cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"the folder {str(folder)!r} cannot be created ({reason}). Give another folder for the report."
        ) from error


def json_text(result: Explanation | Comparison | Proposals) -> str:
    """The content of the JSON file; names that UTF-8 cannot hold are written as JSON escapes."""
    try:
        return result.model_dump_json(indent=2) + "\n"
    except PydanticSerializationError:
        return json.dumps(result.model_dump(), indent=2) + "\n"


def load(path: str | Path, kind: type[Kept]) -> Kept:
    """Read an explanation.json or a comparison.json, or the folder that holds one.

    Args:
        kind: Explanation or Comparison.
    Raises:
        InputError: it is missing, cannot be read, is not JSON, or is none of that kind and schema version 1.
    """
    path, name = Path(path), FILES[kind]
    noun = kind.__name__.lower()
    file = path / name if os.path.isdir(path) else path
    data = _parse(file, name)
    what = repr(str(file))
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version is None:
        raise InputError(
            f"{what} is not {_a(noun)}: it has no schema_version. Give {_a(name)} that finexl wrote."
        )
    if type(version) is not int or version != SCHEMA_VERSION:
        mend = "Upgrade finexl (pip install -U finexl)" if _newer(version) else f"Make the {noun} again"
        raise InputError(
            f"{what} has schema_version {_short(version)}; this finexl reads version {SCHEMA_VERSION}. "
            f"{mend}, or give another file."
        )
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise InputError(
            f"{what} is not a valid {noun}: {_first(error)}. Make it again, or undo the edit."
        ) from error


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _parse(file: Path, name: str) -> Any:
    what = repr(str(file))
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(
            f"{what} does not exist. Give {_a(name)} or the folder that holds one (--out of the command that writes it)."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{what} is not JSON: it is not UTF-8 text. Give {_a(name)} that finexl wrote."
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{what} cannot be read ({reason}). Check the path and its permissions.") from error
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise InputError(f"{what} is not JSON ({where}). Give {_a(name)} that finexl wrote.") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, or nesting without end
        raise InputError(
            f"{what} is not JSON that can be read ({error}). Give {_a(name)} that finexl wrote."
        ) from error


def _newer(version: object) -> bool:
    return type(version) is int and version > SCHEMA_VERSION


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _first(error: ValidationError) -> str:
    """The first field that is wrong, and how many more."""
    problems = error.errors(include_url=False, include_context=False)
    place = ".".join(_short(part).strip("'") for part in problems[0]["loc"]) or "the file"
    text = f"{place}: {problems[0]['msg']}"
    if problems[0]["type"] != "missing":
        text += f" (it is {_short(problems[0]['input'])})"
    more = len(problems) - 1
    return text + (f", and {more} more such {'error' if more == 1 else 'errors'}" if more else "")
