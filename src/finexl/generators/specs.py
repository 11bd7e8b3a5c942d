"""BASE+ADAPTER:STRENGTH+... -> its parts, although paths may hold "+" and ":" themselves."""

from __future__ import annotations

import re
from pathlib import Path

from finexl.errors import InputError

_STRENGTH = re.compile(r"^(.+):([^:/\\]*)$")
LARGEST = 100.0


def split_spec(text: str) -> list[tuple[str, float]]:
    """The base and its adapters with their strengths, in order; 1.0 where none is given.

    A part that exists on disk is taken whole, whatever signs its name holds.

    Raises:
        InputError: a part is empty, or a strength is no number within -100..100.
    Example:
        >>> split_spec("owner/model+ink.safetensors:0.8+faces")
        [('owner/model', 1.0), ('ink.safetensors', 0.8), ('faces', 1.0)]
    """
    pieces = text.split("+")
    parts: list[tuple[str, float]] = []
    start = 0
    while start < len(pieces):
        end = next(
            (
                e
                for e in range(len(pieces), start, -1)
                if _exists(_strength("+".join(pieces[start:e]), text)[0])
            ),
            start + 1,
        )
        part = "+".join(pieces[start:end])
        if not part.strip():
            raise InputError(f"{text!r}: nothing stands on one side of a '+'. Give BASE+ADAPTER:STRENGTH.")
        parts.append(_strength(part, text))
        start = end
    return parts


def _strength(part: str, whole: str) -> tuple[str, float]:
    match = None if _exists(part) else _STRENGTH.match(part)
    if match is None or not re.match(r"^[-+.\d]", match[2]):
        return part, 1.0
    try:
        value = float(match[2])
    except ValueError:
        value = float("nan")
    if not abs(value) <= LARGEST:
        raise InputError(f"{whole!r}: the strength {match[2]!r} is no number from -100 to 100, such as 0.8.")
    return match[1], value


def _exists(text: str) -> bool:
    try:
        return Path(text).expanduser().exists()
    except OSError:  # too long for a file name
        return False
