"""Sets of images that a table describes, and the prompts that images were made from.

Everything in tables, metadata and names was written by somebody else and is only ever text.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finexl.errors import InputError, MissingExtraError
from finexl.generators.metadata import clean, read_metadata

TABLES = (".csv", ".jsonl", ".parquet")
BESIDE = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
FILES = ("file_name", "image", "path", "file")
PROMPTS = ("prompt", "text", "caption")
SEEDS = ("seed",)
MOST = 200_000


@dataclass(frozen=True)
class Row:
    """One image of a table: its file, and the prompt and seed it was made from, where they are known."""

    path: Path
    prompt: str | None
    seed: int | None = None


def read_table(path: str | Path) -> list[Row]:
    """The images that a CSV, JSONL or parquet table lists, in its order.

    A column file_name, image, path or file holds the file, relative to the table; prompt, text or caption the prompt; seed
    the seed. Case does not matter.

    Raises:
        InputError: the table cannot be read, is empty, has no such column, or a seed that is no whole number.
        MissingExtraError: parquet needs the extra `tables`.
    Example:
        >>> read_table("runs.csv")[0]      # doctest: +SKIP
        Row(path=PosixPath('ink/0.png'), prompt='a red boat', seed=7)
    """
    path = Path(path)
    rows = []
    for number, record in enumerate(_records(path), 1):
        where = f"{str(path)!r}, row {number}"
        if number > MOST:
            raise InputError(f"{str(path)!r} has more than {MOST} rows. Give a smaller table.")
        file = _first(record, FILES)
        if not isinstance(file, str):
            raise InputError(
                f"{where}: no file. Name the column {', '.join(FILES[:-1])} or {FILES[-1]}, and let it hold paths."
            )
        prompt = _first(record, PROMPTS)
        rows.append(
            Row(path.parent / file, None if prompt is None else clean(str(prompt)), _seed(record, where))
        )
    if not rows:
        raise InputError(f"{str(path)!r} lists no images.")
    return rows


def _first(record: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The first of these columns that holds something, or None."""
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


def _seed(record: Mapping[str, Any], where: str) -> int | None:
    value = _first(record, SEEDS)
    if value is None or value != value:  # tables with gaps hold NaN there
        return None
    whole = re.fullmatch(r"\s*([+-]?\d{1,20})(\.0*)?\s*", str(value))
    if whole:
        return int(whole[1])
    raise InputError(f"{where}: the seed {str(value)[:40]!r} is no whole number.")


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    """Rows with the names of their columns in small letters."""
    try:
        for record in _rows(path):
            yield {str(name).strip().casefold(): value for name, value in record.items()}
    except (OSError, ValueError, RecursionError, csv.Error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"the table {str(path)!r} cannot be read ({error}). Give UTF-8 CSV, JSONL or parquet."
        ) from error


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.suffix.lower() == ".csv":
        with path.open(newline="", encoding="utf-8-sig") as file:
            yield from csv.DictReader(file)
    elif path.suffix.lower() == ".jsonl":
        with path.open(newline="\n", encoding="utf-8-sig") as file:
            for line in file:
                record = json.loads(line) if line.strip() else None
                if isinstance(record, dict):
                    yield record
    else:
        yield from _parquet(path)


def _parquet(path: Path) -> list[Mapping[str, Any]]:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise MissingExtraError("reading parquet", "tables") from error
    known = (*FILES, *PROMPTS, *SEEDS)
    with parquet.ParquetFile(path) as file:
        if file.metadata.num_rows > MOST:
            raise InputError(f"{str(path)!r} has more than {MOST} rows. Give a smaller table.")
        wanted = [name for name in file.schema_arrow.names if name.strip().casefold() in known]
        return [dict(record) for record in file.read(columns=wanted).to_pylist()]


def prompts_of(images: Sequence[Path], how: str) -> list[str]:
    """The prompts that image files were made from.

    Args:
        images: files of one set.
        how: "metadata": a table metadata.csv, .jsonl or .parquet beside them, or what generators write into their
            files; "names": the file names, with their trailing numbers left out.
    Raises:
        InputError: an image has none, or there are no files.
    """
    if not images:
        raise InputError("images held in memory have no names and no metadata. Give their prompts.")
    if how == "names":
        return [from_name(path.stem) for path in images]
    tables = {folder: _beside(folder) for folder in dict.fromkeys(path.parent for path in images)}
    prompts = []
    for path in images:
        prompt = tables[path.parent].get(path) or read_metadata(path).prompt
        if not prompt:
            raise InputError(
                f"{str(path)!r} holds no prompt, and no metadata table beside it names one. Give a file of prompts, one a line."
            )
        prompts.append(prompt)
    return prompts


def _beside(folder: Path) -> dict[Path, str]:
    table = next((folder / name for name in BESIDE if (folder / name).is_file()), None)
    return {row.path: row.prompt for row in read_table(table) if row.prompt} if table else {}


def from_name(stem: str) -> str:
    """A file's name as words: "00012_a_red_boat-3" -> "a red boat".

    Example:
        >>> from_name("00012_a_red_boat-3")
        'a red boat'
    """
    words = " ".join(re.sub(r"[_\-+]+", " ", stem).split())
    plain = re.sub(r"^(\d+ )+|( \d+)+$", "", words)
    return plain if re.search(r"[^\W\d]", plain) else words
