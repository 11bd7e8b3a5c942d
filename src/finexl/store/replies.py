"""Replies of vision-language models kept between runs, so that the same question is paid for once."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Literal

log = logging.getLogger("finexl")

Mode = Literal["off", "read-write", "replay"]
SCHEMA = """CREATE TABLE IF NOT EXISTS reply_v1 (
    key TEXT PRIMARY KEY, model TEXT NOT NULL, reply TEXT NOT NULL, at REAL NOT NULL)"""


class ReplyStore:
    """Content-addressed store: hash of all that was asked -> the reply, or why there was none.

    One SQLite file that several processes may use. It never makes its user fail: where the file cannot be used nothing is kept,
    and a warning says so.

    Args:
        path: the file; made when the first reply is put in.
        mode: "read-write"; "replay" only reads; "off" does neither.
    Example:
        >>> store = ReplyStore(Path("replies.sqlite"))                         # doctest: +SKIP
        >>> store.put(question_key(host="...", model="..."), "gpt-4o", {"text": "{}"})  # doctest: +SKIP
    """

    def __init__(self, path: str | Path, mode: Mode = "read-write") -> None:
        self.path, self.mode = Path(path), mode

    def get(self, key: str) -> dict[str, Any] | None:
        """A kept reply."""
        if self.mode == "off" or not self.path.exists():
            return None
        with suppress(sqlite3.Error, ValueError), closing(self._open()) as db:
            row = db.execute("SELECT reply FROM reply_v1 WHERE key = ?", (key,)).fetchone()
            found = json.loads(row[0]) if row else None
            return found if isinstance(found, dict) else None
        return None

    def put(self, key: str, model: str, reply: Mapping[str, Any]) -> None:
        """Keep a reply; one that is there already stays."""
        if self.mode != "read-write":
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._open()) as db, db:
                db.execute(
                    "INSERT OR IGNORE INTO reply_v1 VALUES (?, ?, ?, ?)",
                    (key, model, json.dumps(dict(reply)), time.time()),
                )
        except (sqlite3.Error, OSError) as error:
            log.warning("replies are not kept: %s cannot be written (%s).", self.path, error)

    def count(self) -> int:
        """How many replies there are."""
        if not self.path.exists():
            return 0
        with suppress(sqlite3.Error), closing(self._open()) as db:
            return int(db.execute("SELECT COUNT(*) FROM reply_v1").fetchone()[0])
        return 0

    def clear(self) -> int:
        """Delete every reply; how many there were."""
        count = self.count()
        if count:
            with suppress(sqlite3.Error), closing(self._open()) as db, db:
                db.execute("DELETE FROM reply_v1")
        return count

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=10)
        db.execute(SCHEMA)
        return db


def question_key(**asked: Any) -> str:
    """Hash of everything that decides a reply; pictures go in by their own hashes.

    Example:
        >>> question_key(model="a", text="b") == question_key(text="b", model="a")
        True
    """
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
