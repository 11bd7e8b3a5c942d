"""finexl bench, as users run it."""

from __future__ import annotations

from finexl.bench.runner import EXPERIMENTS


def test_experiments_are_listed_with_their_questions(finexl_command):
    lines = finexl_command("bench", "--list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(EXPERIMENTS)
    assert all(line.endswith("?") for line in lines)


def test_a_quick_run_writes_its_tables_and_a_second_one_reads_them(finexl_command, tmp_path):
    out = tmp_path / "bench"
    done = finexl_command("bench", "ratios", "--quick", "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ratios: ")
    assert {"rows.json", "rows.csv", "report.md"} <= {p.name for p in (out / "ratios").iterdir()}
    cells = {p: p.stat().st_mtime_ns for p in (out / "ratios" / "cells").iterdir()}
    assert finexl_command("bench", "ratios", "--quick", "--out", out).stdout == done.stdout
    assert {p: p.stat().st_mtime_ns for p in (out / "ratios" / "cells").iterdir()} == cells
    assert "A quick run" in (tmp_path / "bench.md").read_text()


def test_an_unknown_experiment_is_said(finexl_command, tmp_path):
    done = finexl_command("bench", "ratio", "--out", tmp_path)
    assert done.returncode == 2
    assert "Did you mean 'ratios'?" in done.stderr
