"""Experiments are run cell by cell, resumed, and written so that every figure on the page comes from a file."""

from __future__ import annotations

import csv
import json
from functools import partial

import pytest

from finexl.bench import magick, runner
from finexl.bench.experiment import Cell, Experiment, Figure, Report, Setting, Table
from finexl.bench.intervals import mean_interval, told
from finexl.bench.runner import EXPERIMENTS, load_experiment, run
from finexl.errors import InputError, MissingProgramError, UnknownNameError


class Squares:
    """An experiment that counts how often its cells are run, and may fail at one of them."""

    def __init__(self, fails_at=None):
        self.ran, self.fails_at = [], fails_at
        self.experiment = Experiment(
            "squares", "Squares", "How fast do squares grow?", self.cells, self.report
        )

    def cells(self, setting):
        return [Cell(str(n), partial(self.row, n)) for n in range(2 if setting.quick else 4)]

    def row(self, n):
        if n == self.fails_at:
            raise KeyboardInterrupt
        self.ran.append(n)
        return [{"n": n, "square": n * n, "parts": [n, n]}]

    def report(self, rows):
        points = [(r["n"], r["square"]) for r in rows]
        table = Table("All of them", ("n", "square | n²"), points, "By hand.")
        return Report(
            f"{len(rows)} squares.", [table], [Figure("growth", "Growth", "n", "n²", {"ours": points})]
        )


def test_rows_tables_figures_and_page_are_written(tmp_path):
    work = Squares()
    reports = run([work.experiment], Setting(), tmp_path)
    assert reports["squares"].text == "4 squares."
    kept = json.loads((tmp_path / "squares" / "rows.json").read_text())
    assert [row["square"] for row in kept["rows"]] == [0, 1, 4, 9]
    assert {"finexl", "encoder", "seed", "seconds", "machine"} <= set(kept["about"])
    with (tmp_path / "squares" / "rows.csv").open() as file:
        assert [row["parts"] for row in csv.DictReader(file)] == ["[0, 0]", "[1, 1]", "[2, 2]", "[3, 3]"]
    page = tmp_path.with_name(f"{tmp_path.name}.md").read_text()
    assert "## Squares" in page
    assert r"| n | square \| n² |" in page
    assert "| 3 | 9 |" in page
    assert f"![Growth]({tmp_path.name}/squares/growth.svg)" in page
    assert (tmp_path / "squares" / "growth.svg").read_text().startswith("<?xml")


def test_what_was_finished_is_not_run_again(tmp_path):
    broken, work = Squares(fails_at=2), Squares()
    with pytest.raises(KeyboardInterrupt):
        run([broken.experiment], Setting(), tmp_path)
    assert broken.ran == [0, 1]
    run([work.experiment], Setting(), tmp_path)
    assert work.ran == [2, 3]
    again = Squares()
    run([again.experiment], Setting(), tmp_path)
    assert again.ran == []


def test_another_seed_or_size_is_another_run(tmp_path):
    for setting, count in ((Setting(), 4), (Setting(seed=1), 4), (Setting(quick=True), 2), (Setting(), 0)):
        work = Squares()
        run([work.experiment], setting, tmp_path)
        assert len(work.ran) == count


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for place in ("a", "b"):
        run([Squares().experiment], Setting(), tmp_path / place)
    files = [p.relative_to(tmp_path / "a") for p in sorted((tmp_path / "a").rglob("growth.svg"))]
    assert files
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_every_experiment_has_a_name_and_a_question():
    for name in EXPERIMENTS:
        experiment = load_experiment(name)
        assert experiment.name == name
        assert experiment.question.endswith("?")


def test_what_needs_a_missing_program_fails_if_it_was_named_and_is_left_out_of_a_run_of_all(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(magick, "PROGRAMS", ("a program that is nowhere",))
    monkeypatch.setattr(runner, "EXPERIMENTS", ("words-fresh", "levels-fresh"))
    magick.program.cache_clear()
    notes = []
    try:
        with pytest.raises(MissingProgramError, match="apt-get install imagemagick"):
            run(["words-fresh"], Setting(quick=True), tmp_path)
        assert run([], Setting(quick=True), tmp_path, notes.append) == {}
    finally:
        magick.program.cache_clear()
    assert [note.split(":")[0] for note in notes] == ["words-fresh is left out", "levels-fresh is left out"]


def test_bad_names_and_folders_are_said(tmp_path):
    with pytest.raises(UnknownNameError, match="no experiment is called 'nothing'"):
        load_experiment("nothing")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made a folder of results"):
        run([Squares().experiment], Setting(), tmp_path / "file" / "below")


def test_intervals_of_means():
    mean, low, high = mean_interval([0.0, 1.0] * 50)
    assert mean == 0.5
    assert 0.38 < low < 0.42 < 0.58 < high < 0.62
    assert told(mean_interval([1.0, 1.0])) == "1.00 [1.00, 1.00]"
    assert told(mean_interval([])) == "-"
