"""A Comparison -> terminal, Markdown, HTML and files."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from finexl.report import figures
from finexl.report.html import render_comparison
from finexl.report.json_file import json_text, make_folder, save
from finexl.report.markdown import escape, table
from finexl.report.sections import Section, interval_text
from finexl.report.terminal import WIDEST, WIDTH, Pen, section_parts
from finexl.store.files import atomic_write
from finexl.types import Comparison


def contrast_section(comparison: Comparison) -> Section:
    """The concepts of both sides and of their difference."""
    level = f"{100 * comparison.confidence:g}%"
    rows = tuple(
        (c.concept, c.aspect, interval_text(c.a), interval_text(c.b), interval_text(c.difference))
        for c in comparison.contrasts
    )
    return Section(
        "Concept by concept",
        f"Weights in concept vectors, jointly fitted, with {level} intervals, each for its own concept; the difference is B less A, pair by pair.",
        ("Concept", "Aspect", "A", "B", "B − A"),
        rows,
    )


def facts(comparison: Comparison) -> list[tuple[str, str]]:
    """The key figures as labelled text."""
    return [
        ("A", comparison.a),
        ("B", comparison.b),
        ("Length of B − A", f"{figures.number_interval(comparison.length)} in the embedding space (0 to 2)"),
        (
            "p-value",
            f"{figures.p_value(comparison.p_value).removeprefix('= ')} (test of “A and B do the same”)",
        ),
        ("Pairs", str(comparison.explanation_a.n_pairs)),
        *(("Note", note) for note in comparison.notes),
    ]


def comparison_text(comparison: Comparison, width: int = WIDTH) -> str:
    """The comparison as plain text, no line longer than `width` columns."""
    buffer = io.StringIO()
    console = Console(file=buffer, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    render_comparison_terminal(comparison, console)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def render_comparison_terminal(comparison: Comparison, console: Console) -> None:
    """Print the comparison to a rich console."""
    pen = Pen.of(console)
    parts: list[RenderableType] = [Text(""), pen.text(comparison.summary, "bold"), Text("")]
    if comparison.contrasts:
        parts += [*section_parts(contrast_section(comparison), pen), Text("")]
    parts += [pen.text(f"{name}: {value}") for name, value in facts(comparison)]
    console.print(Padding(Group(*parts), (0, 1)), width=min(console.width, WIDEST), highlight=False)


def comparison_markdown(comparison: Comparison) -> str:
    """Summary, table and key figures as GitHub-flavoured Markdown."""
    section = contrast_section(comparison)
    blocks = ["# What tells two personalizations apart", escape(comparison.summary)]
    if section.rows:
        blocks += [f"## {section.title}", escape(section.text), table(section.heads, section.rows)]
    blocks += ["## Figures", table(("Figure", "Value"), facts(comparison))]
    return "\n\n".join(blocks) + "\n"


def save_comparison(comparison: Comparison, folder: Path) -> Path:
    """Write comparison.html, .md and .json into `folder`, and the two explanations into a/ and b/ beside them.

    Raises:
        InputError: the folder cannot be created or written.
    """
    make_folder(folder)
    save(comparison.explanation_a, folder / "a")
    save(comparison.explanation_b, folder / "b")
    atomic_write(
        folder / "comparison.html",
        render_comparison(comparison, contrast_section(comparison), facts(comparison)),
    )
    atomic_write(folder / "comparison.md", comparison_markdown(comparison))
    atomic_write(folder / "comparison.json", json_text(comparison))
    return folder
