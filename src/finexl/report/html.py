"""report.html: one file that needs no network and no script, and the fragment for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from finexl.report import figures, pictures, svg
from finexl.report.sections import Section, sections
from finexl.types import Comparison, Explanation


def report_html(explanation: Explanation) -> str:
    """The whole report as one HTML document; pictures that cannot be read become a box that says so."""
    thumbnails = pictures.gather(explanation)
    return _render(
        "report.html.j2",
        explanation,
        thumbnails=[picture for pair in thumbnails.values() for picture in pair if picture],
        pictures_of=lambda ref: thumbnails[pictures.key(ref)],
        sections=list(sections(explanation)),
        provenance=figures.provenance(explanation),
        definitions=figures.definitions(explanation),
    )


def render_comparison(comparison: Comparison, section: Section, facts: Sequence[tuple[str, str]]) -> str:
    """A comparison as one HTML document."""
    template = _environment().get_template("comparison.html.j2")
    text: str = template.render(c=comparison, section=section, facts=facts)
    return text


def notebook_html(explanation: Explanation) -> str:
    """A compact HTML fragment without pictures: summary and weights."""
    return _render("notebook.html.j2", explanation)


def _render(template: str, explanation: Explanation, **values: Any) -> str:
    text: str = (
        _environment()
        .get_template(template)
        .render(
            e=explanation,
            state=figures.state(explanation),
            headline=figures.HEADLINES[figures.state(explanation)],
            scale=figures.scale(explanation.concepts),
            level=figures.level(explanation),
            **values,
        )
    )
    return text


def _finalize(value: object) -> object:
    """Every value that a template prints is cleaned of control characters; autoescape follows."""
    return value if isinstance(value, Markup) else figures.clean(value)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("finexl.report", "templates"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(f=figures, bar=svg.bar, axis=svg.axis)
    return environment
