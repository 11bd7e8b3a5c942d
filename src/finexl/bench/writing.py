"""An experiment's results as files: rows as JSON and CSV, tables and verdicts, figures as SVG, pictures as WebP."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from finexl.bench.experiment import Experiment, Figure, Report, Row, Table
from finexl.errors import MissingExtraError
from finexl.store import atomic_write

SUMMARY = "summary.json"
"""File with the verdicts and the bars of an experiment."""
DIGITS = 6
"""Significant ones of a figure in the files."""
LONG = 25
"""Tables of more lines are folded."""
PICTURE = "picture"
"""Key of a row under which a sheet of pictures lies; it goes into no table."""


def write_experiment(
    folder: Path, experiment: Experiment, report: Report, rows: Sequence[Row], about: Mapping[str, Any]
) -> None:
    """rows.json, rows.csv, summary.json, report.md, one SVG for every figure and one WebP for every sheet of pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(_short(row), ensure_ascii=False) for row in rows)
    atomic_write(folder / "rows.json", f'{{"about": {json.dumps(dict(about))},\n"rows": [\n{lines}\n]}}\n')
    atomic_write(folder / "rows.csv", _csv(rows))
    verdicts, bars = [asdict(one) for one in report.verdicts], [asdict(one) for one in report.bars]
    summary = {"title": experiment.title, "about": dict(about), "verdicts": verdicts, "bars": bars}
    atomic_write(folder / SUMMARY, json.dumps(summary, indent=1) + "\n")
    for figure in report.figures:
        atomic_write(folder / f"{figure.name}.svg", _svg(figure))
    for picture in report.pictures:
        atomic_write(folder / f"{picture.name}.webp", base64.b64decode(picture.data))
    atomic_write(folder / "report.md", _markdown(experiment, report, about))


def _short(value: Any) -> Any:
    """The same with floats of no more digits than they are worth."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: _short(part) for key, part in value.items()}
    return [_short(part) for part in value] if isinstance(value, list | tuple) else value


def _markdown(experiment: Experiment, report: Report, about: Mapping[str, Any]) -> str:
    lines = [f"## {experiment.title}", "", experiment.question, "", report.text]
    for table in report.tables:
        lines += ["", f"### {table.title}", "", *_folded(table)]
        lines += ["", table.note] if table.note else []
    for figure in report.figures:
        lines += ["", f"![{figure.title}]({figure.name}.svg)"]
    if report.pictures:
        lines += ["", "### Where ours fails, in pictures"]
    for picture in report.pictures:
        lines += ["", f"{picture.caption}", "", f"![{picture.caption}]({picture.name}.webp)"]
    quick = " A quick run: the figures show that it runs, and little else." if about["quick"] else ""
    lines += [
        "",
        f"finexl {about['finexl']}, encoder {about['encoder'][:12]}, seed {about['seed']}, {about['seconds']:.0f} s on "
        f"{about['machine']}.{quick}",
    ]
    return "\n".join(lines) + "\n"


def _folded(table: Table) -> list[str]:
    """Its lines; a long one opens on a click."""
    lines = markdown_table(table.heads, table.rows)
    if len(table.rows) <= LONG:
        return lines
    return [
        f"<details><summary>{len(table.rows)} lines</summary>",
        "",
        *lines,
        "",
        "</details>",
    ]


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines of a table."""
    lines = ["| " + " | ".join(map(_cell, heads)) + " |", "|" + "---|" * len(heads)]
    return lines + ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]


def _cell(value: object) -> str:
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def _csv(rows: Sequence[Row]) -> str:
    heads = list(dict.fromkeys(key for row in rows for key in row if key != PICTURE))
    out = io.StringIO()
    writer = csv.DictWriter(out, heads, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in row.items()})
    return out.getvalue()


def _svg(figure: Figure) -> str:
    try:
        import matplotlib
    except ImportError as error:
        raise MissingExtraError("drawing figures", "bench") from error
    matplotlib.use("svg")
    from matplotlib import pyplot

    with matplotlib.rc_context({"svg.hashsalt": "finexl", "svg.fonttype": "none", "font.size": 9}):
        canvas, axes = pyplot.subplots(figsize=(6.4, 3.6))
        for label, points in figure.series.items():
            line = axes.plot([p[0] for p in points], [p[1] for p in points], marker="o", ms=3, label=label)[0]
            if points and len(points[0]) == 4:
                low, high = [p[2] for p in points], [p[3] for p in points]
                axes.fill_between([p[0] for p in points], low, high, color=line.get_color(), alpha=0.15, lw=0)
        axes.set(title=figure.title, xlabel=figure.x, ylabel=figure.y)
        axes.set_xscale("log" if "x" in figure.logarithmic else "linear")
        axes.set_yscale("log" if "y" in figure.logarithmic else "linear")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
        out = io.StringIO()
        canvas.savefig(out, format="svg", metadata={"Date": None}, bbox_inches="tight")
        pyplot.close(canvas)
    return out.getvalue()
