"""Reading a vocabulary: the package's own, or a user's .toml or .txt file.

Names are compared without regard to case and with every run of whitespace taken as one space.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from finexl.errors import InputError
from finexl.types import Concept, Record

BUILT_IN = "vocabulary.toml"
DEFAULT_ASPECT = "other"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

_COMMENT = re.compile(r"(^|\s)#.*")
_COLON = re.compile(r"(?<!\d):|:(?!\d)")  # "16:9" is a phrase, not a phrase and its aspect


class Entry(Record):
    """One [[concept]] of a .toml vocabulary, as written."""

    name: Text
    aspect: Text = DEFAULT_ASPECT
    opposite: Text | None = None
    milder: Text | None = None
    definition: str = ""
    synonyms: list[Text] = Field(default_factory=list)
    core: bool = True


def load_vocabulary(path: str | Path | None = None) -> tuple[Concept, ...]:
    """The concepts of a vocabulary file, in the order of the file.

    Args:
        path: a .toml file laid out like the package's own (a [[concept]] table for each concept), or a .txt
            file with one concept per line, optionally "phrase : aspect"; '#' starts a comment. None reads
            the package's own vocabulary.
    Raises:
        InputError: `path` is no path, the file cannot be read or is neither .toml nor .txt, it is not valid TOML or holds
            unknown fields, a name is empty or occurs twice, an opposite or a milder word is not a
            concept of the file or contradicts what that one says, or there are fewer than two concepts.
    """
    if path is None:
        data = files("finexl.proposers").joinpath("data", BUILT_IN).read_bytes()
        return _checked(_from_toml(_decoded(data, BUILT_IN), BUILT_IN), BUILT_IN)
    if not isinstance(path, str | Path):
        raise InputError(
            f"the vocabulary is a {type(path).__name__}. Give the path of a .txt file (one concept a line) or a .toml file."
        )
    where, path = str(path), Path(path)
    readers = {".toml": _from_toml, ".txt": _from_txt}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{where}: a vocabulary ends in .toml or .txt, not {path.suffix!r}; rename or convert the file."
        )
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{where}: there is no such vocabulary file; check the path.") from error
    except OSError as error:
        raise InputError(
            f"{where}: the vocabulary cannot be read ({error.strerror}); give a file that you may read."
        ) from error
    return _checked(reader(_decoded(data, where), where), where)


def _decoded(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{where}, line {line}: this is not UTF-8 text; save the file as UTF-8.") from error


def _from_txt(text: str, where: str) -> list[tuple[str, Concept]]:
    """Concepts of a .txt vocabulary, each with its place ("line 3")."""
    found = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = _COMMENT.sub("", raw).strip()
        if not line:
            continue
        phrase, aspect = line, ""
        for colon in _COLON.finditer(line):  # the last one divides
            phrase, aspect = line[: colon.start()], line[colon.end() :]
        if not phrase.strip(" \t:"):
            raise InputError(
                f"{where}, line {number}: {line!r} has no phrase before the colon; "
                'write "phrase : aspect", or take the line out.'
            )
        name, aspect = _one_spaced(phrase), _one_spaced(aspect) or DEFAULT_ASPECT
        found.append((f"line {number}", Concept(name=name, aspect=aspect)))
    return found


def _from_toml(text: str, where: str) -> list[tuple[str, Concept]]:
    """Concepts of a .toml vocabulary, each with its place ("entry 3")."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: this is not valid TOML: {error}; mend it there.") from error
    unknown = [key for key in document if key != "concept"]
    if unknown:
        raise InputError(
            f"{where}: unknown field {unknown[0]!r} at the top; "
            "a vocabulary holds [[concept]] tables and nothing else."
        )
    tables = document.get("concept", [])
    if not isinstance(tables, list):
        raise InputError(f"{where}: 'concept' is not a list of tables; begin every entry with [[concept]].")
    found = []
    for number, table in enumerate(tables, 1):
        place = f"entry {number}"
        try:
            entry = Entry.model_validate(table)
        except ValidationError as error:
            raise InputError(f"{where}, {place}{_called(table)}: {_problem(error)}") from error
        concept = Concept(
            name=_one_spaced(entry.name),
            aspect=_one_spaced(entry.aspect),
            definition=entry.definition,
            opposite=entry.opposite and _one_spaced(entry.opposite),
            milder=entry.milder and _one_spaced(entry.milder),
            synonyms=tuple(_one_spaced(phrase) for phrase in entry.synonyms),
            core=entry.core,
        )
        found.append((place, concept))
    return found


def _checked(found: Sequence[tuple[str, Concept]], where: str) -> tuple[Concept, ...]:
    """The concepts, after the checks that need the whole file; words that it names are spelt as there."""
    if len(found) < 2:
        raise InputError(
            f"{where}: a vocabulary needs at least 2 concepts and this one holds {len(found)}; add some."
        )
    first: dict[str, tuple[str, Concept]] = {}
    for place, concept in found:
        earlier = first.setdefault(concept.name.casefold(), (place, concept))
        if earlier[1] is not concept:
            raise InputError(
                f"{where}: {concept.name!r} occurs twice, in {earlier[0]} and in {place}; keep one of them."
            )
    return tuple(_with_known_words(place, concept, first, where) for place, concept in found)


def _with_known_words(
    place: str, concept: Concept, first: dict[str, tuple[str, Concept]], where: str
) -> Concept:
    spelt = {}
    for field, called in (("opposite", "opposite"), ("milder", "milder word")):
        name = getattr(concept, field)
        if name is None:
            continue
        if name.casefold() not in first:
            raise InputError(
                f"{where}, {place} ({concept.name!r}): its {called} {name!r} is not in the file; "
                f"add it as a concept, or take the {called} out."
            )
        other = first[name.casefold()][1]
        back = getattr(other, field)
        mutual = back is not None and back.casefold() == concept.name.casefold()
        if other is concept or (mutual if field == "milder" else back is not None and not mutual):
            if other is concept:
                raise InputError(
                    f"{where}, {place} ({concept.name!r}): it is its own {called}; take that out."
                )
            mend = "take one of the two out" if field == "milder" else "say it on both sides, or take one out"
            raise InputError(
                f"{where}, {place} ({concept.name!r}): its {called} is {name!r}, whose {called} is {back!r}; {mend}."
            )
        spelt[field] = other.name
    return concept.model_copy(update=spelt)


def _one_spaced(phrase: str) -> str:
    return " ".join(phrase.split())


def _called(table: Any) -> str:
    """The entry's name for a message, where it has one."""
    name = table.get("name") if isinstance(table, dict) else None
    return f" ({name!r})" if isinstance(name, str) and name.strip() else ""


def _problem(error: ValidationError) -> str:
    """The first complaint about an entry, and how to mend it."""
    complaint = error.errors()[0]
    path = [str(part) for part in complaint["loc"]]
    field, kind, value = ".".join(path), complaint["type"], complaint["input"]
    if not path:
        return f"{value!r} is not a table; begin every entry with [[concept]]."
    if kind == "extra_forbidden":
        return f"unknown field {field!r}; known are {_listed(Entry.model_fields)}."
    if kind == "missing":
        return f"it has no {field!r}; give it one."
    if kind == "string_too_short":
        return f"its {field!r} is empty; fill it in or take it out."
    needed = {"synonyms": "a list of strings", "core": "true or false"}.get(field, "a string")
    return f"its {field!r} is {value!r}, which is not {needed}; mend it."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
