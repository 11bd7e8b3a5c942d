"""Run experiments cell by cell, keep every finished cell, and write what came out."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from finexl.bench.experiment import Experiment, Report, Row, Setting
from finexl.bench.page import write_page
from finexl.bench.writing import write_experiment
from finexl.encoders import load_encoder
from finexl.errors import InputError, MissingProgramError, UnknownNameError
from finexl.store import atomic_write
from finexl.version import __version__

EXPERIMENTS: tuple[str, ...] = (
    "words",
    "words-fresh",
    "selection",
    "levels",
    "levels-fresh",
    "ratios",
    "orthogonality",
    "residual",
    "encoders",
    "proposers",
    "probes",
    "uncertainty",
    "planted",
    "scale",
    "speed",
    "models",
    "nearest",
    "prompting",
)
"""Names in the order of the page; each is a module of `finexl.bench.experiments` (with _ for -) with an EXPERIMENT."""


def load_experiment(name: str) -> Experiment:
    """One experiment by its name.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name not in EXPERIMENTS:
        raise UnknownNameError("experiment", name, EXPERIMENTS)
    found: Experiment = import_module(f"finexl.bench.experiments.{name.replace('-', '_')}").EXPERIMENT
    return found


def run(
    experiments: Sequence[str | Experiment],
    setting: Setting,
    out: Path,
    note: Callable[[str], None] = lambda line: None,
) -> dict[str, Report]:
    """Run experiments and write their tables, figures and the page.

    A cell that was finished before, with the same version, encoder, seed and size, is not run again.

    Args:
        experiments: by name, or your own; if empty all of ours, without those that need a program that is not installed.
        setting: how.
        out: folder of the results: <name>/rows.json and rows.csv, report.md, figures as SVG; beside it <out>.md over all.
        note: told of each that is left out, and why.
    Returns:
        The reports by name.
    Raises:
        UnknownNameError: an experiment is unknown.
        InputError: `out` cannot be written to.
        MissingProgramError: one that was named needs a program that is not installed.
    """
    chosen = [load_experiment(e) if isinstance(e, str) else e for e in experiments or EXPERIMENTS]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{str(out)!r} cannot be made a folder of results ({error.strerror}).") from error
    reports = {}
    for experiment in chosen:
        try:
            rows, seconds = _rows(experiment, setting, out)
        except MissingProgramError as error:
            if experiments:
                raise
            note(f"{experiment.name} is left out: {error}")
            continue
        reports[experiment.name] = experiment.report(rows)
        write_experiment(
            out / experiment.name, experiment, reports[experiment.name], rows, about(setting, seconds)
        )
    write_page(out, list(dict.fromkeys([*EXPERIMENTS, *reports])))
    return reports


def about(setting: Setting, seconds: float) -> dict[str, Any]:
    """What figures depend on, and how long they took."""
    return {
        "finexl": __version__,
        "encoder": load_encoder(setting.encoder).identity,
        "seed": setting.seed,
        "quick": setting.quick,
        "numpy": np.__version__,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "seconds": round(seconds, 1),
    }


def _rows(experiment: Experiment, setting: Setting, out: Path) -> tuple[list[Row], float]:
    """The rows of all cells and the seconds that they took, whenever that was."""
    told = {key: value for key, value in about(setting, 0).items() if key not in ("machine", "seconds")}
    cells = experiment.cells(setting)
    rows: list[Row] = []
    seconds = 0.0
    for done, cell in enumerate(cells):
        setting.progress(experiment.name, done, len(cells))
        mark = hashlib.sha256(json.dumps([cell.key, told], sort_keys=True).encode()).hexdigest()[:24]
        path = out / experiment.name / "cells" / f"{mark}.json"
        if not path.is_file():
            began = time.monotonic()
            found = cell.run()
            kept = {"cell": cell.key, "seconds": round(time.monotonic() - began, 3), "rows": found}
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, json.dumps(kept) + "\n")
        kept = json.loads(path.read_text(encoding="utf-8"))
        rows += kept["rows"]
        seconds += kept["seconds"]
    setting.progress(experiment.name, len(cells), len(cells))
    return rows, seconds
