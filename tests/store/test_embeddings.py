import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from finexl.store import EmbeddingStore, default_cache_dir

RNG = np.random.default_rng(0)


def vectors(*keys, d=384):
    return {key: RNG.standard_normal(d).astype(np.float32) for key in keys}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "made when missing" / "embeddings.sqlite"


def same(got, expected):
    assert got.keys() == expected.keys()
    for key, vector in expected.items():
        assert got[key].dtype == np.float32
        np.testing.assert_array_equal(got[key], vector)


def test_what_is_put_is_got_after_reopening(path):
    items = vectors(*(f"{i:064x}" for i in range(1300)))
    with EmbeddingStore(path) as store:
        store.put_many("e1", items)
        store.put_many("e1", {})
    with EmbeddingStore(str(path)) as store:
        same(store.get_many("e1", [*items, "unknown", *items]), items)
        assert store.get_many("e2", list(items)) == {}
        assert store.get_many("e1", []) == {}


def test_encoders_do_not_mix_and_the_last_one_wins(path):
    old, new, other = vectors("k"), vectors("k"), vectors("k", d=5)
    with EmbeddingStore(path) as store:
        store.put_many("e1", old)
        store.put_many("e2", other)
        store.put_many("e1", new)
        same(store.get_many("e1", ["k"]), new)
        same(store.get_many("e2", ["k"]), other)


def test_other_number_types_become_float32_and_can_be_changed(path):
    with EmbeddingStore(path) as store:
        store.put_many("e", {"k": np.arange(6, dtype=np.float64)[::2]})
        got = store.get_many("e", ["k"])["k"]
        np.testing.assert_array_equal(got, np.array([0, 2, 4], np.float32))
        got += 1


def test_what_is_no_number_is_not_kept(path):
    with EmbeddingStore(path) as store:
        store.put_many("a", {"good": np.ones(3), "bad": np.array([1.0, np.nan, 0.0])})
        assert list(store.get_many("a", ["good", "bad"])) == ["good"]


def test_info_and_clear(path):
    with EmbeddingStore(path) as store:
        assert store.info().count == 0
        store.put_many("e1", vectors(*"abc"))
        store.put_many("e2", vectors(*"ab"))
        info = store.info()
        assert (info.path, info.count, info.per_encoder) == (path, 5, {"e1": 3, "e2": 2})
        assert info.bytes > 5 * 384 * 4
        assert str(path) in str(info)
        assert "5 embeddings" in str(info)
        assert store.clear() == 5
        assert (store.info().count, store.get_many("e1", ["a"])) == (0, {})
        assert store.info().bytes < info.bytes


def test_clear_while_another_store_is_open(path):
    with EmbeddingStore(path) as one, EmbeddingStore(path) as two:
        one.put_many("e", vectors("a"))
        assert two.clear() == 1
        assert one.get_many("e", ["a"]) == {}
        one.put_many("e", vectors("b"))
        assert two.info().count == 1


def test_closing_twice(path):
    store = EmbeddingStore(path)
    store.close()
    store.close()


def test_threads_share_a_store(path):
    failures = []
    with EmbeddingStore(path) as store:

        def work(name):
            try:
                for i in range(20):
                    items = vectors(f"{name}-{i}")
                    store.put_many("e", items)
                    same(store.get_many("e", list(items)), items)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert store.info().count == 80


WRITER = """
import sys, numpy as np
from finexl.store import EmbeddingStore
path, name, batches = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
with EmbeddingStore(path) as store:
    for b in range(batches):
        store.put_many("e", {f"{name}-{b}-{i}": np.full(384, b, np.float32) for i in range(16)})
        if b == 5:
            print("writing", flush=True)
    assert store.info().path is not None
"""


def writer(path, name, batches):
    args = [sys.executable, "-W", "error", "-c", WRITER, str(path), name, str(batches)]
    process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def go(process):
    process.stdin.write("\n")
    process.stdin.flush()


def test_processes_begin_and_write_one_file_at_the_same_time(path):
    processes = [writer(path, name, 40) for name in "abc"]
    for process in processes:
        go(process)
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with EmbeddingStore(path) as store:
        assert store.info().count == 3 * 40 * 16
        assert store.get_many("e", ["b-39-15"])["b-39-15"][0] == 39


@pytest.mark.parametrize("attempt", range(3))
def test_killed_while_writing_leaves_whole_batches(path, attempt, caplog):
    process = writer(path, "a", 1_000_000)
    go(process)
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with EmbeddingStore(path) as store:
        count = store.info().count
        assert count >= 6 * 16
        assert count % 16 == 0
        last = count // 16 - 1
        got = store.get_many("e", [f"a-{last}-{i}" for i in range(16)])
        assert all((vector == last).all() for vector in got.values())
        assert len(got) == 16
        store.put_many("e", vectors("after"))
    assert caplog.records == []


def damaged(path, caplog, before):
    """Use a store whose file is damaged: it begins anew, keeps the old file, and says so once."""
    items = vectors("new")
    with caplog.at_level(logging.WARNING, "finexl"), EmbeddingStore(path) as store:
        assert store.get_many("e", ["a"]) == {}
        store.put_many("e", items)
        same(store.get_many("e", ["new"]), items)
    aside = path.with_name(path.name + ".damaged")
    assert aside.read_bytes() == before
    assert [record.name for record in caplog.records] == ["finexl"]
    assert repr(str(path)) in caplog.text
    assert repr(str(aside)) in caplog.text
    with EmbeddingStore(path) as store:
        same(store.get_many("e", ["new"]), items)


def test_a_file_that_is_no_database(path, caplog):
    path.parent.mkdir()
    path.write_bytes(b"this is not a database" * 500)
    damaged(path, caplog, path.read_bytes())


def test_a_database_with_overwritten_pages(path, caplog):
    with EmbeddingStore(path) as store:
        store.put_many("e", vectors(*(f"k{i}" for i in range(200))))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    damaged(path, caplog, bytes(content))


def test_a_truncated_database(path, caplog):
    with EmbeddingStore(path) as store:
        store.put_many("e", vectors("a", *(f"k{i}" for i in range(200))))
    content = path.read_bytes()[:6000]
    path.write_bytes(content)
    damaged(path, caplog, content)


def test_damage_is_put_aside_only_once(path, caplog):
    with EmbeddingStore(path) as store:
        store.put_many("e", vectors(*(f"k{i}" for i in range(200))))
    early = EmbeddingStore(path)  # holds the file open while it is damaged and replaced
    path.write_bytes(b"\xa5" * path.stat().st_size)
    kept = vectors("kept")
    with EmbeddingStore(path) as store:
        store.put_many("e", kept)
    same(early.get_many("e", ["kept"]), kept)
    early.close()
    assert len(caplog.records) == 1


def test_a_changed_byte_in_a_vector_makes_it_unknown(path, caplog):
    marked = np.full(384, 1.5, np.float32)
    with EmbeddingStore(path) as store:
        store.put_many("e", {"a": marked, **vectors("b")})
    content = bytearray(path.read_bytes())
    content[content.index(marked.tobytes()) + 100] ^= 1
    path.write_bytes(content)
    with EmbeddingStore(path) as store:
        assert list(store.get_many("e", ["a", "b"])) == ["b"]
    assert caplog.records == []


def goes_without(path, caplog):
    items = vectors("a")
    with caplog.at_level(logging.WARNING, "finexl"), EmbeddingStore(path) as store:
        store.put_many("e", items)
        same(store.get_many("e", ["a"]), items)
        info = store.info()
        assert (info.path, info.count, info.bytes) == (None, 1, 384 * 4)
        assert "in memory only" in str(info)
        assert store.clear() == 1
    assert len(caplog.records) == 1
    assert repr(str(path)) in caplog.text
    assert "Set FINEXL_HOME to a folder on a disk with space" in caplog.text


def test_places_that_cannot_be_a_store(tmp_path, caplog):
    (tmp_path / "file").touch()
    goes_without(tmp_path / "file" / "embeddings.sqlite", caplog)
    caplog.clear()
    goes_without(tmp_path, caplog)


def test_a_folder_without_permission(open_folder, as_somebody, caplog):
    open_folder.chmod(0o555)
    with as_somebody():
        goes_without(open_folder / "embeddings.sqlite", caplog)
        caplog.clear()
        goes_without(open_folder / "sub" / "embeddings.sqlite", caplog)


def test_a_file_without_permission(open_folder, as_somebody, caplog):
    path = open_folder / "embeddings.sqlite"
    with EmbeddingStore(path) as store:
        store.put_many("e", vectors("a"))
    path.chmod(0o444)
    open_folder.chmod(0o555)
    with as_somebody():
        goes_without(path, caplog)
    path.chmod(0o644)
    open_folder.chmod(0o755)
    with EmbeddingStore(path) as store:
        assert store.info().count == 1


FULL = """
import logging, resource, sys, numpy as np
from finexl.store import EmbeddingStore
logging.basicConfig(level="WARNING", format="%(message)s", stream=sys.stdout)
with EmbeddingStore(sys.argv[1]) as store:
    store.put_many("e", {"first": np.zeros(384, np.float32)})
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    for b in range(20):
        store.put_many("e", {f"{b}-{i}": np.full(384, b, np.float32) for i in range(16)})
    assert store.info().path is None
    assert len(store.get_many("e", [f"19-{i}" for i in range(16)])) == 16
"""


def test_a_disk_that_takes_no_more(path):
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("cannot be used") == 1
    with EmbeddingStore(path) as store:
        count = store.info().count
        assert count % 16 == 1
        assert list(store.get_many("e", ["first"])) == ["first"]


def test_a_file_that_stays_locked(path, caplog, monkeypatch):
    EmbeddingStore(path).close()
    monkeypatch.setattr("finexl.store.embeddings.PATIENCE", 0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        goes_without(path, caplog)
        assert "locked" in caplog.text
    finally:
        other.close()


def test_another_version_of_the_layout_is_left_alone(path):
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE embedding_v2 (x)")
    db.execute("INSERT INTO embedding_v2 VALUES (7)")
    db.commit()
    with EmbeddingStore(path) as store:
        store.put_many("e", vectors("a"))
        store.clear()
    assert db.execute("SELECT x FROM embedding_v2").fetchall() == [(7,)]
    db.close()


def test_default_cache_dir(monkeypatch, tmp_path):
    monkeypatch.setenv("FINEXL_HOME", str(tmp_path / "home"))
    assert default_cache_dir() == tmp_path / "home"
    monkeypatch.setenv("FINEXL_HOME", "~/x")
    assert default_cache_dir() == Path(os.path.expanduser("~/x"))
    monkeypatch.delenv("FINEXL_HOME")
    assert default_cache_dir().name == "finexl"
