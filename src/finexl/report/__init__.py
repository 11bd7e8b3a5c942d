"""An Explanation -> a terminal, a web page, a model card, a file. Reads types only; computes nothing new.

Every name in an explanation comes from outside (file names, vocabularies, other people's JSON), so each
renderer neutralises what its medium would interpret: control characters, rich markup, HTML, Markdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finexl.report.json_file import json_text, load, save

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from finexl.types import Comparison, Explanation, Proposals

__all__ = [
    "comparison_text",
    "json_text",
    "load",
    "notebook_html",
    "proposals_text",
    "render_terminal",
    "save",
    "save_comparison",
    "terminal_text",
]


def terminal_text(explanation: Explanation) -> str:
    """The explanation as plain text of at most 80 columns, without colour."""
    from finexl.report.terminal import terminal_text

    return terminal_text(explanation)


def render_terminal(explanation: Explanation, console: Console) -> None:
    """Print the explanation to a rich console, as wide and as colourful as that console is."""
    from finexl.report.terminal import render_terminal

    render_terminal(explanation, console)


def notebook_html(explanation: Explanation) -> str:
    """A compact HTML fragment without pictures: summary and weights."""
    from finexl.report.html import notebook_html

    return notebook_html(explanation)


def comparison_text(comparison: Comparison) -> str:
    """The comparison as plain text of at most 80 columns, without colour."""
    from finexl.report.comparison import comparison_text

    return comparison_text(comparison)


def save_comparison(comparison: Comparison, folder: Path) -> Path:
    """Write the comparison and both explanations into `folder`."""
    from finexl.report.comparison import save_comparison

    return save_comparison(comparison, folder)


def proposals_text(proposals: Proposals) -> str:
    """The proposals as plain text of at most 80 columns, without colour."""
    from finexl.report.proposals import proposals_text

    return proposals_text(proposals)
