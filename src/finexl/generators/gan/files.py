"""Which files a network is made of."""

from __future__ import annotations

import hashlib
import mmap
import re
from pathlib import Path

from finexl.hub import sha256_tree

# An entry of `external_data` in ONNX, as protobuf writes it: field 1 "location", field 2 the name, its length before it.
_LOCATION = re.compile(rb"\n\x08location\x12([\x80-\xff]?[\x00-\x7f])", re.DOTALL)


def sha256_network(path: Path) -> str:
    """Hash of a network's file and, for ONNX, of the files beside it that hold its weights.

    Two fine-tunes of one network may have the same .onnx file, byte by byte, and differ only in those.
    """
    if path.suffix.lower() != ".onnx":
        return sha256_tree(path)
    parts = [sha256_tree(path), *(sha256_tree(file) for file in external_files(path))]
    return parts[0] if len(parts) == 1 else hashlib.sha256("\n".join(parts).encode()).hexdigest()


def external_files(path: Path) -> list[Path]:
    """The files that an ONNX file names as the places of its weights, as far as they are there, sorted."""
    if path.stat().st_size == 0:
        return []
    names = []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for match in _LOCATION.finditer(content):
            low, *high = match[1]
            length = (low & 0x7F) | (high[0] << 7 if high else 0)
            names.append(content[match.end() : match.end() + length].decode("utf-8", "replace"))
    places = [path.parent / name for name in sorted(set(names)) if "\0" not in name]
    return [place for place in places if place.is_file()]
