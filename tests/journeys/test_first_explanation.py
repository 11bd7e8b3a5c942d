"""What a newcomer does, and what may go wrong meanwhile."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from html.parser import HTMLParser

STEPS = 160


def start(environment, tmp_path, *arguments):
    command = [sys.executable, "-m", "finexl", *map(str, arguments)]
    # Whatever a shell starts in the background ignores Ctrl-C, and so would its children: not this one.
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listen,
    )  # fmt: skip


def rows(home):
    """Image -> row number of every embedding that is kept; a row that is written again gets a new number."""
    path = home / "embeddings.sqlite"
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(path, timeout=10)) as db:
            return dict(db.execute("SELECT image, rowid FROM embedding_v1"))
    except sqlite3.OperationalError:  # the table is being made
        return {}


def until(condition, process, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


class Text(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.words, self.sources = "", []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.sources += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.words += data


def test_two_folders_one_command_three_files(folders, finexl_command, tmp_path):
    base, changed = folders(26, "paler")
    done = finexl_command("explain", base, changed, "--encoder", "looks", "--out", "report")
    assert done.returncode == 0
    answer = json.loads((tmp_path / "report" / "explanation.json").read_text(encoding="utf-8"))
    first = answer["concepts"][0]
    assert (first["concept"], first["weight"] > 0) in {("muted colours", True), ("vivid colours", False)}
    page = Text((tmp_path / "report" / "report.html").read_text(encoding="utf-8"))
    card = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    for words in (page.words, card, " ".join(done.stdout.split())):
        assert first["concept"] in words
        assert answer["summary"][:40] in " ".join(words.split())
    pictures = [source for source in page.sources if source.startswith("data:image/")]
    assert len(pictures) >= 8
    assert not [source for source in page.sources if not source.startswith(("data:", "#"))]
    (base / "0.png").unlink()  # the report stands on its own
    assert json.loads((tmp_path / "report" / "explanation.json").read_text())["n_pairs"] == 26


def test_killed_in_the_middle_the_same_command_goes_on(folders, environment, home, tmp_path):
    base, changed = folders(STEPS // 2)
    command = ("explain", base, changed, "--encoder", "slow-looks")
    process = start(environment, tmp_path, *command)
    until(lambda: len(rows(home)) >= 16, process)
    process.kill()
    process.communicate()
    before = rows(home)
    assert 16 <= len(before) < STEPS
    assert len(before) % 16 == 0  # whole batches only
    assert not (tmp_path / "explanation").exists()
    again = start(environment, tmp_path, *command)
    out, error = again.communicate(timeout=60)
    assert again.returncode == 0, error
    after = rows(home)
    assert len(after) == STEPS
    assert {image: after[image] for image in before} == before  # none of them was computed again
    assert (tmp_path / "explanation" / "report.html").exists()
    assert "dark" in out or "bright" in out


def test_stopped_by_ctrl_c(folders, environment, home, tmp_path):
    steps = 4 * STEPS  # twelve seconds, so that the signal finds it at work on a busy machine too
    base, changed = folders(steps // 2)
    process = start(environment, tmp_path, "explain", base, changed, "--encoder", "slow-looks")
    until(lambda: len(rows(home)) >= 16, process)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in error
    assert "what the cache has kept is reused next time" in error
    assert 16 <= len(rows(home)) < steps


def test_two_runs_at_once_share_a_cache(folders, environment, home, tmp_path):
    base, changed = folders(32)
    commands = [
        ("explain", base, changed, "--encoder", "slow-looks", "--json", "-", "--out", tmp_path / f"out-{i}")
        for i in range(2)
    ]
    processes = [start(environment, tmp_path, *command) for command in commands]
    answers = []
    for process in processes:
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
        answers.append({key: value for key, value in json.loads(out).items() if key != "timings"})
    assert answers[0] == answers[1]
    assert len(rows(home)) == 64
    third = start(environment, tmp_path, *commands[0])
    again, error = third.communicate(timeout=60)
    assert {key: value for key, value in json.loads(again).items() if key != "timings"} == answers[0]
