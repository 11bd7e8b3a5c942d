"""What is known about images beside their pixels: tables, PNG metadata, file names.

Everything in them was written by somebody else and is only ever text.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from finexl.errors import InputError, MissingExtraError

TABLES = (".csv", ".jsonl", ".parquet")
BESIDE = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
FILES = ("file_name", "image", "path", "file")
PROMPTS = ("prompt", "text", "caption")
MOST = 200_000


@dataclass(frozen=True)
class Row:
    """One image of a table: its file, and the prompt it was made from, if that is known."""

    path: Path
    prompt: str | None


def read_table(path: str | Path) -> list[Row]:
    """The images that a CSV, JSONL or parquet table lists, in its order.

    A column file_name, image, path or file holds the file, relative to the table; prompt, text or caption the prompt.

    Raises:
        InputError: the table cannot be read, is empty, or has no such column.
        MissingExtraError: parquet needs the extra `tables`.
    """
    path = Path(path)
    rows = []
    for number, record in enumerate(_records(path), 1):
        file = next((record[name] for name in FILES if record.get(name)), None)
        if not isinstance(file, str):
            raise InputError(
                f"{str(path)!r}, row {number}: no file. Name the column {', '.join(FILES[:-1])} or {FILES[-1]}."
            )
        prompt = next((record[name] for name in PROMPTS if record.get(name)), None)
        rows.append(Row(path.parent / file, str(prompt) if prompt is not None else None))
        if number > MOST:
            raise InputError(f"{str(path)!r} has more than {MOST} rows. Give a smaller table.")
    if not rows:
        raise InputError(f"{str(path)!r} lists no images.")
    return rows


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        if path.suffix.lower() == ".csv":
            with path.open(newline="", encoding="utf-8-sig") as file:
                yield from csv.DictReader(file)
        elif path.suffix.lower() == ".jsonl":
            for line in path.read_text(encoding="utf-8-sig").splitlines():
                record = json.loads(line) if line.strip() else {}
                if isinstance(record, dict) and record:
                    yield record
        else:
            yield from _parquet(path)
    except (OSError, ValueError, csv.Error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"the table {str(path)!r} cannot be read ({error}). Give UTF-8 CSV, JSONL or parquet."
        ) from error


def _parquet(path: Path) -> list[Mapping[str, Any]]:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise MissingExtraError("reading parquet", "tables") from error
    names = parquet.read_schema(path).names
    table = parquet.read_table(path, columns=[name for name in names if name in (*FILES, *PROMPTS)])
    return [dict(record) for record in table.to_pylist()]


def prompts_of(images: Sequence[Path], how: str) -> list[str]:
    """The prompts that image files were made from.

    Args:
        images: files of one set.
        how: "metadata": a table metadata.csv, .jsonl or .parquet beside them, or what generators write into PNG files;
            "names": the file names, with their trailing numbers left out.
    Raises:
        InputError: an image has none.
    """
    if how == "names":
        return [from_name(path.stem) for path in images]
    table = _beside(images[0].parent)
    prompts = []
    for path in images:
        prompt = table.get(path.name) or from_png(path)
        if not prompt:
            raise InputError(
                f"{str(path)!r} holds no prompt, and no metadata table beside it names one. Give a file of prompts, one a line."
            )
        prompts.append(prompt)
    return prompts


def _beside(folder: Path) -> dict[str, str]:
    table = next((folder / name for name in BESIDE if (folder / name).is_file()), None)
    return {row.path.name: row.prompt for row in read_table(table) if row.prompt} if table else {}


def from_name(stem: str) -> str:
    """A file's name as words: "00012_a_red_boat-3" -> "a red boat".

    Example:
        >>> from_name("00012_a_red_boat-3")
        'a red boat'
    """
    words = " ".join(re.sub(r"[_\-+]+", " ", stem).split())
    plain = re.sub(r"^(\d+ )+|( \d+)+$", "", words)
    return plain if re.search(r"[^\W\d]", plain) else words


def from_png(path: Path) -> str | None:
    """The prompt in a file's metadata: `parameters` of AUTOMATIC1111, or `prompt` of ComfyUI."""
    try:
        with Image.open(path) as image:
            image.load()  # text may come after the pixels
            info = {**image.info, **getattr(image, "text", {})}
    except (OSError, ValueError, SyntaxError):
        return None
    if isinstance(info.get("parameters"), str):
        return re.split(r"\n(?:Negative prompt|Steps):", info["parameters"])[0].strip() or None
    return _comfy(info.get("prompt"))


def _comfy(text: Any) -> str | None:
    """The text that a workflow's sampler is told to draw."""
    try:
        flow = json.loads(text) if isinstance(text, str) else {}
    except (ValueError, RecursionError):
        return None
    nodes = (
        {k: v["inputs"] for k, v in flow.items() if isinstance(v, dict) and isinstance(v.get("inputs"), dict)}
        if isinstance(flow, dict)
        else {}
    )
    for inputs in nodes.values():
        node = inputs.get("positive")
        for _ in range(10):  # through nodes that only pass it on
            if not isinstance(node, list) or not node or str(node[0]) not in nodes:
                break
            there = nodes[str(node[0])]
            if isinstance(there.get("text"), str):
                return there["text"].strip() or None
            node = next(
                (
                    v
                    for k, v in there.items()
                    if k in ("conditioning", "positive", "text") and isinstance(v, list)
                ),
                None,
            )
    return None
