"""Proposals -> a terminal."""

from __future__ import annotations

import io

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from finexl.report.sections import Section, usage_section, word_cells
from finexl.report.terminal import WIDEST, WIDTH, Pen, section_parts
from finexl.types import Proposals, Usage


def proposals_section(proposals: Proposals) -> Section:
    """Every proposed word with its test."""
    level = f"{100 * proposals.confidence:g}%"
    return Section(
        f"Proposed by {proposals.proposer}",
        f"Measured on the {proposals.n_held} of {proposals.n_pairs} pairs that were held out. Effect: how far they move along the word's "
        "direction alone, in concept vectors. Gain: per cent of the change's squared length explained with the word and not "
        "with its best rival. Intervals and p-values are corrected for the number of words.",
        ("Word", "Named by", f"Effect [{level}]", f"Gain [{level}]", "p-value", "Verdict"),
        tuple(word_cells(word, word.verdict) for word in proposals.words),
    )


def proposals_text(proposals: Proposals, width: int = WIDTH) -> str:
    """The proposals as plain text, no line longer than `width` columns."""
    buffer = io.StringIO()
    console = Console(file=buffer, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    render_proposals(proposals, console)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def render_proposals(proposals: Proposals, console: Console) -> None:
    """Print the proposals to a rich console."""
    pen = Pen.of(console)
    parts: list[RenderableType] = [Text(""), pen.text(proposals.summary, "bold"), Text("")]
    if proposals.words:
        parts += [*section_parts(proposals_section(proposals), pen), Text("")]
    if proposals.usage != Usage():
        parts += [
            *section_parts(usage_section(proposals.usage, proposals.timings.get("proposals", 0.0)), pen),
            Text(""),
        ]
    parts += [pen.text(f"Note: {note}") for note in proposals.notes]
    console.print(Padding(Group(*parts), (0, 1)), width=min(console.width, WIDEST), highlight=False)
