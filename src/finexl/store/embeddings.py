"""Embeddings kept between runs, so that no picture is encoded twice by the same encoder."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
import platformdirs
from numpy.typing import NDArray

from finexl.errors import InputError

log = logging.getLogger("finexl")

T = TypeVar("T")
Vectors = dict[str, NDArray[np.float32]]
PATIENCE = 10.0  # seconds to wait for another process's write before going on without the file
CHUNK = 500

# The table carries the version of its layout, so that two versions of FineXL can share one file.
SCHEMA = """CREATE TABLE IF NOT EXISTS embedding_v1 (
    encoder TEXT NOT NULL, image TEXT NOT NULL, vector BLOB NOT NULL, crc INTEGER NOT NULL,
    PRIMARY KEY (encoder, image))"""


def default_cache_dir() -> Path:
    """The folder for what is kept between runs: FINEXL_HOME if set, else the system's cache folder.

    Raises:
        InputError: FINEXL_HOME begins with the home of somebody who is not known here.
    """
    home = os.environ.get("FINEXL_HOME")
    try:
        return Path(home).expanduser() if home else Path(platformdirs.user_cache_dir("finexl"))
    except RuntimeError as error:
        raise InputError(f"FINEXL_HOME={home!r}: {error} Give a folder.") from error


@dataclass(frozen=True)
class StoreInfo:
    """What a store holds.

    Attributes:
        path: its file; None when it lives in memory because the file could not be used.
        count: number of embeddings.
        bytes: size on disk (of the vectors, when in memory).
        per_encoder: number of embeddings of each encoder identity.
    """

    path: Path | None
    count: int
    bytes: int
    per_encoder: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        where = "in memory only" if self.path is None else str(self.path)
        lines = [f"{where}: {self.count} embeddings, {self.bytes / 1e6:.1f} MB"]
        lines += [f"  encoder {encoder[:16]}: {count}" for encoder, count in self.per_encoder.items()]
        return "\n".join(lines)


class EmbeddingStore:
    """Content-addressed store: (identity of the encoder, sha256 of the image) -> float32 vector (d,).

    One SQLite file that several processes and threads may use at once. It never makes its user fail: a
    damaged file is put aside as `<name>.damaged` and begun anew, and where the file cannot be used at all the
    store goes on in memory; both are logged as warnings.

    Args:
        path: the file; it and its folder are made when missing.
    Example:
        >>> with EmbeddingStore(Path("embeddings.sqlite")) as store:          # doctest: +SKIP
        ...     store.put_many("builtin-1", {"5e88...": np.zeros(384, np.float32)})
    """

    def __init__(self, path: str | Path) -> None:
        self._path: Path | None = Path(path)
        self._lock = threading.RLock()
        self._file: tuple[int, int] | None = None
        self._db: sqlite3.Connection | None = None
        self._guarded(lambda db: None)

    def get_many(self, encoder: str, keys: Sequence[str]) -> Vectors:
        """Known vectors by key; unknown keys, and rows that fail their checksum, are left out."""
        wanted = list(dict.fromkeys(keys))

        def read(db: sqlite3.Connection) -> Vectors:
            found: Vectors = {}
            for start in range(0, len(wanted), CHUNK):
                part = wanted[start : start + CHUNK]
                marks = ",".join("?" * len(part))
                query = (
                    f"SELECT image, vector, crc FROM embedding_v1 WHERE encoder = ? AND image IN ({marks})"
                )
                for key, blob, crc in db.execute(query, (encoder, *part)):
                    if zlib.crc32(blob) == crc:
                        found[key] = np.frombuffer(blob, "<f4").astype(np.float32)
            return found

        return self._guarded(read)

    def put_many(self, encoder: str, items: Mapping[str, NDArray[np.floating]]) -> None:
        """Keep vectors (d,) by key: all of them or, if the process dies meanwhile, none.

        One that holds no numbers (a number format with too small a range) is not kept: the next run shall try anew.
        """
        rows = []
        for key, vector in items.items():
            if not np.isfinite(vector).all():
                continue
            blob = np.ascontiguousarray(vector, "<f4").tobytes()
            rows.append((encoder, key, blob, zlib.crc32(blob)))

        def write(db: sqlite3.Connection) -> None:
            db.execute("BEGIN IMMEDIATE")
            try:
                db.executemany("INSERT OR REPLACE INTO embedding_v1 VALUES (?, ?, ?, ?)", rows)
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite itself rolls back after some failures
                    db.execute("ROLLBACK")
                raise

        if rows:
            self._guarded(write)

    def info(self) -> StoreInfo:
        """What the store holds."""
        query = "SELECT encoder, COUNT(*), SUM(LENGTH(vector)) FROM embedding_v1 GROUP BY encoder ORDER BY 1"
        with self._lock:
            rows = self._guarded(lambda db: db.execute(query).fetchall())
            size = sum(row[2] for row in rows) if self._path is None else _size(self._path)
            return StoreInfo(self._path, sum(row[1] for row in rows), size, {row[0]: row[1] for row in rows})

    def clear(self) -> int:
        """Forget every vector and give the space back.

        Returns:
            How many there were.
        """

        def delete(db: sqlite3.Connection) -> int:
            count = db.execute("DELETE FROM embedding_v1").rowcount
            with suppress(sqlite3.OperationalError):  # only the space is not given back while others read
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return count

        return self._guarded(delete)

    def close(self) -> None:
        """Let go of the file. Closing twice does no harm."""
        with self._lock:
            if self._db is not None:
                with suppress(sqlite3.Error):
                    self._db.close()
            self._db = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work`; after damage with a new file, and if the file cannot be used at all, in memory."""
        with self._lock:
            try:
                return work(self._connection())
            except (sqlite3.Error, OSError) as error:
                if self._path is None:
                    raise
                if _is_damage(error):
                    self._put_aside(error)
                else:
                    self._go_without(error)
            try:
                return work(self._connection())
            except (sqlite3.Error, OSError) as error:
                if self._path is None:
                    raise
                self._go_without(error)
            return work(self._connection())

    def _connection(self) -> sqlite3.Connection:
        if self._db is not None:
            return self._db
        if self._path is None:
            self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        else:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            self._file = _identity(self._path)
            _begin_wal(self._db)
            self._db.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last batches, no more
        self._db.execute(SCHEMA)
        return self._db

    def _put_aside(self, error: Exception) -> None:
        """Move the damaged file away, unless another process has done so since we opened it."""
        assert self._path is not None
        self.close()
        if _identity(self._path) != self._file:
            return
        aside = self._path.with_name(self._path.name + ".damaged")
        try:
            for tail in ("-wal", "-shm", ""):  # a log without its database would be replayed into the new one
                with suppress(FileNotFoundError):
                    os.replace(f"{self._path}{tail}", f"{aside}{tail}")
        except OSError as problem:
            self._go_without(problem)
            return
        log.warning(
            "the embedding store %r is damaged (%s); it was moved to %r and begun anew. "
            "Embeddings are computed again, nothing else is lost.",
            str(self._path),
            error,
            str(aside),
        )

    def _go_without(self, error: Exception) -> None:
        self.close()
        log.warning(
            "the embedding store %r cannot be used (%s); embeddings are not kept after this run. "
            "Set FINEXL_HOME to a folder on a disk with space that you may write to.",
            str(self._path),
            error,
        )
        self._path = None


def _begin_wal(db: sqlite3.Connection) -> None:
    """Switch to a write-ahead log. SQLite does not wait when processes do this at once, so we do."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _is_damage(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _size(path: Path) -> int:
    return sum(
        Path(f"{path}{tail}").stat().st_size for tail in ("", "-wal") if os.path.exists(f"{path}{tail}")
    )
