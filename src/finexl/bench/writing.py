"""An experiment's results as files: rows as JSON and CSV, tables as Markdown, figures as SVG, and one page over all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from finexl.bench.experiment import Experiment, Figure, Report, Row, Table
from finexl.errors import MissingExtraError
from finexl.store import atomic_write

HEAD = """# Evidence

Made by `finexl bench` from its result files; no figure is typed. Every table says how it was measured. In brackets: 95% intervals.
"""


def write_experiment(
    folder: Path, experiment: Experiment, report: Report, rows: Sequence[Row], about: Mapping[str, Any]
) -> None:
    """rows.json, rows.csv, report.md and one SVG for every figure."""
    folder.mkdir(parents=True, exist_ok=True)
    atomic_write(
        folder / "rows.json", json.dumps({"about": dict(about), "rows": list(rows)}, indent=1) + "\n"
    )
    atomic_write(folder / "rows.csv", _csv(rows))
    for figure in report.figures:
        atomic_write(folder / f"{figure.name}.svg", _svg(figure))
    atomic_write(folder / "report.md", _markdown(experiment, report, about))


def write_page(out: Path, names: Sequence[str]) -> Path:
    """The reports of all experiments that have one, one after another, on a page beside the folder of the results."""
    parts = [HEAD]
    for name in names:
        report = out / name / "report.md"
        if report.is_file():
            parts.append(report.read_text(encoding="utf-8").replace("](", f"]({out.resolve().name}/{name}/"))
    page = page_of(out)
    atomic_write(page, "\n".join(parts))
    return page


def page_of(out: Path) -> Path:
    """The page over a folder of results, beside it: docs/evidence.md for docs/evidence."""
    return out.resolve().with_name(f"{out.resolve().name}.md")


def _markdown(experiment: Experiment, report: Report, about: Mapping[str, Any]) -> str:
    lines = [f"## {experiment.title}", "", experiment.question, "", report.text]
    for table in report.tables:
        lines += ["", f"### {table.title}", "", *_table(table)]
        lines += ["", table.note] if table.note else []
    for figure in report.figures:
        lines += ["", f"![{figure.title}]({figure.name}.svg)"]
    quick = " A quick run: the figures show that it runs, and little else." if about["quick"] else ""
    lines += [
        "",
        f"finexl {about['finexl']}, encoder {about['encoder'][:12]}, seed {about['seed']}, {about['seconds']:.0f} s on "
        f"{about['machine']}.{quick}",
    ]
    return "\n".join(lines) + "\n"


def _table(table: Table) -> list[str]:
    lines = ["| " + " | ".join(map(_cell, table.heads)) + " |", "|" + "---|" * len(table.heads)]
    return lines + ["| " + " | ".join(_cell(value) for value in row) + " |" for row in table.rows]


def _cell(value: object) -> str:
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def _csv(rows: Sequence[Row]) -> str:
    heads = list(dict.fromkeys(key for row in rows for key in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, heads, lineterminator="\n")
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
