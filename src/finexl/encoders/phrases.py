"""Phrases -> rows of the built-in text tower's table.

A phrase is cut at commas into segments, a segment into words. A word of the table has a row of its own; any
other word is read through its letters: the mean of the rows of its hashed letter groups, so that a
misspelt or new word still lands near its relatives. Letters alone would put "desaturated" beside "saturated", so a
negating prefix before a word of the table is read as "less".
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

MAX_WORDS = 64
_NEGATING = ("de", "un", "non")
_WORD = re.compile(r"[a-z]+|[0-9]+(?:s|d)?")


def segments(text: str) -> list[str]:
    """Comma-separated parts of a prompt, never fewer than one."""
    return [part for part in re.split(r"[,;:.\n]", text) if part.strip()] or [""]


def words(segment: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", segment).encode("ascii", "ignore").decode().lower()
    return _WORD.findall(plain.replace("'", ""))


def letter_groups(word: str, buckets: int) -> list[int]:
    """Hashed groups of 3 to 5 letters of <word>, each in [0, buckets)."""
    marked = f"<{word}>"
    groups = [marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)] or [marked]
    return [zlib.crc32(group.encode()) % buckets for group in groups]


def rows(segment: str, table: Mapping[str, int], buckets: int) -> tuple[list[int], list[float]]:
    """Table rows of one segment and their weights; every word weighs 1 in all. Row 0 is nothing."""
    indices: list[int] = []
    weights: list[float] = []
    for word in _read(words(segment)[:MAX_WORDS], table):
        if word in table:
            indices.append(table[word])
            weights.append(1.0)
        else:
            groups = letter_groups(word, buckets)
            indices += [len(table) + 1 + g for g in groups]
            weights += [1.0 / len(groups)] * len(groups)
    return indices, weights


def _read(found: Sequence[str], table: Mapping[str, int]) -> Iterator[str]:
    for word in found:
        rest = next(
            (word[len(p) :] for p in _NEGATING if word.startswith(p) and word[len(p) :] in table), None
        )
        yield from (word,) if word in table or rest is None else ("less", rest)


def pad(parts: Sequence[tuple[list[int], list[float]]]) -> tuple[np.ndarray, np.ndarray]:
    """Ragged rows -> (n, longest) int64 indices and float32 weights, filled with row 0 at weight 0."""
    longest = max([1, *(len(indices) for indices, _ in parts)])
    indices = np.zeros((len(parts), longest), np.int64)
    weights = np.zeros((len(parts), longest), np.float32)
    for i, (row, weight) in enumerate(parts):
        indices[i, : len(row)] = row
        weights[i, : len(row)] = weight
    return indices, weights
