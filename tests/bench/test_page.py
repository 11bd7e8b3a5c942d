"""Best, tied or lost is told alike everywhere, and the page is made from result files alone."""

from __future__ import annotations

import base64
import json
import re
import shutil
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from finexl.bench import runner
from finexl.bench.experiment import Bar, Cell, Experiment, Figure, Picture, Report, Setting, Table
from finexl.bench.grounds import OURS
from finexl.bench.page import rewrite
from finexl.bench.runner import run
from finexl.bench.sheets import GAP, SIDE, sheet
from finexl.bench.verdicts import claimed, verdict
from finexl.errors import InputError

MADE = re.compile(r"Made by `finexl bench (.*)--page`")
ROOT = Path(__file__).parents[2]
RUNS = [0.0, 0.1, 0.2, 0.1, 0.0, 0.2]


def pixels(n):
    return list(np.random.default_rng(0).integers(0, 256, (n, 32, 32, 3), np.uint8))


def shifted(by):
    return [value + by for value in RUNS]


@pytest.mark.parametrize(
    ("theirs", "largest", "word"),
    [
        (shifted(-0.5), True, "best"),
        (shifted(0.5), True, "lost"),
        (shifted(0.5), False, "best"),
        (shifted(-0.5), False, "lost"),
        (RUNS[::-1], True, "tied"),
        (RUNS, True, "tied"),
    ],
)
def test_a_verdict_is_that_of_the_paired_difference(theirs, largest, word):
    (one,) = verdict("gan", "accuracy", {OURS: RUNS, "cosine": theirs}, largest=largest)
    assert (one.word, one.rival, one.runs) == (word, "cosine", 6)


def test_the_best_rival_counts_and_controls_do_not():
    figures = {OURS: [1.0, 1.0], "weak": [0.0, 0.0], "strong": [0.5, 0.7], "finexl, unweighted": [1.0, 1.0]}
    (one,) = verdict("gan", "accuracy", figures)
    assert (one.rival, one.theirs[0]) == ("strong", pytest.approx(0.6))
    assert one.word == "too few runs"
    assert verdict("gan", "accuracy", {OURS: [1.0]}) == []
    assert verdict("gan", "accuracy", {"strong": [1.0]}) == []


def test_a_sheet_holds_its_rows_of_pictures():
    made = Image.open(BytesIO(base64.b64decode(sheet([pixels(3), pixels(3)]))))
    assert made.size == (3 * SIDE + 2 * GAP, 2 * SIDE + GAP)


def judged(rows):
    figures = {OURS: [row["ours"] for row in rows], "cosine": [row["theirs"] for row in rows]}
    found = claimed(verdict("gan", "accuracy", figures), "half of it", "Because it is made so.")
    long = Table("All", ("n",), [[i] for i in range(30)])
    picture = Picture("sheet", "A failure", sheet([pixels(2)]))
    return Report(
        "Text.",
        [long],
        [Figure("line", "Line", "x", "y", {"a": [(0, 1), (1, 2)]})],
        found,
        [picture],
        [Bar("time", "below 1 s", "2 s", False)],
    )


def made(ours):
    cell = Cell("one", lambda: [{"ours": ours, "theirs": 0.5, "picture": "x"}] * 5)
    return Experiment("made", "Made up", "Is it?", lambda setting: [cell], judged)


def load(experiment, name):
    assert name == experiment.name
    return experiment


@pytest.mark.parametrize(("ours", "word"), [(0.1, "lost"), (0.9, "best")])
def test_the_page_begins_with_the_verdicts_and_says_plainly_where_ours_is_not_best(
    tmp_path, monkeypatch, ours, word
):
    experiment, out, page = made(ours), tmp_path / "results", tmp_path / "docs" / "evidence.md"
    run([experiment], Setting(), out)
    monkeypatch.setattr(runner, "load_experiment", partial(load, experiment))
    for path in (out / "made").iterdir():  # the rows are all that is needed
        if path.name != "rows.json":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert rewrite(out, ["made", "never run"], page) == page
    text = page.read_text()
    assert text.startswith("# Evidence\n")
    assert f"**{word}** | half of it |" in text
    assert "1 experiments on gan; finexl " in text
    assert "| Made up | time | below 1 s | 2 s | **no** |" in text
    assert ("Because it is made so." in text) == (word == "lost")
    assert "<details><summary>30 lines</summary>" in text
    assert "![Line](images/evidence/made-line.svg)" in text
    assert "![A failure](images/evidence/made-sheet.webp)" in text
    assert {p.name for p in (page.parent / "images" / "evidence").iterdir()} == {
        "made-line.svg",
        "made-sheet.webp",
    }
    assert "picture" not in (out / "made" / "rows.csv").read_text()


def test_without_results_it_says_what_to_run(tmp_path):
    with pytest.raises(InputError, match="finexl bench --out"):
        rewrite(tmp_path, [], tmp_path / "page.md")


@pytest.mark.parametrize("page", ["evidence.md", "benchmarks.md"])
def test_the_pages_in_the_docs_are_those_of_the_results_in_the_repository(tmp_path, page):
    """Whoever changes a table or a result makes the page anew: the commands are in docs/bench.md."""
    known, results = ROOT / "docs" / page, ROOT / "benchmarks" / "results"
    command = MADE.search(known.read_text(encoding="utf-8")) if known.is_file() else None
    if command is None:
        pytest.skip("no page was made from results yet")
    for path in results.glob("*/rows.json"):
        (tmp_path / "results" / path.parent.name).mkdir(parents=True)
        shutil.copy(path, tmp_path / "results" / path.parent.name)
    kept = tmp_path / "docs" / "images" / known.stem / "of-my-own.svg"
    kept.parent.mkdir(parents=True)
    kept.touch()
    old = kept.with_name("words-of-an-earlier-page.svg")
    old.touch()
    again = rewrite(tmp_path / "results", command[1].split(), tmp_path / "docs" / page)
    assert again.read_text() == known.read_text()
    images = {p.name for p in (again.parent / "images" / known.stem).iterdir()}
    assert images == {kept.name} | {p.name for p in (known.parent / "images" / known.stem).iterdir()}


def test_result_files_hold_no_more_digits_than_they_are_worth(tmp_path):
    cell = Cell("one", lambda: [{"ours": 1 / 3, "theirs": 0.5, "several": [2 / 3, {"a": 1e-9 / 3}]}])
    run([Experiment("made", "Made up", "Is it?", lambda setting: [cell], judged)], Setting(), tmp_path)
    (row,) = json.loads((tmp_path / "made" / "rows.json").read_text())["rows"]
    assert row == {"ours": 0.333333, "theirs": 0.5, "several": [0.666667, {"a": 3.33333e-10}]}
