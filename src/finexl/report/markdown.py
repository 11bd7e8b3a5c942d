"""report.md: the explanation for a model card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from finexl.report import figures
from finexl.report.sections import sections
from finexl.types import ConceptScore, Explanation

_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = re.compile(r"([\\`*_{}\[\]|#~$!@^])")
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")
_LIST = re.compile(r"^([-+](?=\s|$)|[-=](?=[-=\s]*$)|\d+[.)](?=\s|$))")


def report_markdown(explanation: Explanation) -> str:
    """Summary, table, residual, notes and provenance as GitHub-flavoured Markdown."""
    blocks = [
        "# What the personalization changes",
        escape(explanation.summary),
        *(
            _table_of_concepts(explanation)
            if explanation.concepts
            else [escape(figures.verdict(explanation))]
        ),
        _key_figures(explanation),
        *_families(explanation.concepts),
    ]
    for section in sections(explanation):
        blocks += [f"## {escape(section.title)}", escape(section.text), table(section.heads, section.rows)]
    remarks = [*explanation.notes, explanation.advice.text]
    blocks += ["## Notes", "\n".join(f"- {escape(remark)}" for remark in remarks if remark)]
    blocks += ["## Provenance", table(("", ""), figures.provenance(explanation))]
    blocks += [
        "## What the numbers mean",
        "\n".join(f"- **{escape(term)}**: {escape(text)}" for term, text in figures.definitions(explanation)),
    ]
    return "\n\n".join(blocks) + "\n"


def escape(text: object) -> str:
    """Text that Markdown and HTML show letter by letter, on one line."""
    plain = _MARKUP.sub(r"\\\1", figures.clean(text).strip().translate(_HTML))
    plain = _LINK.sub(r"\1\3\\\2\4", plain)
    return _LIST.sub(_unlist, plain)


def _unlist(match: re.Match[str]) -> str:
    """A backslash before the sign that would start a list, a rule or a heading."""
    sign = match.group()
    return f"{sign[:-1]}\\{sign[-1]}"


def _table_of_concepts(explanation: Explanation) -> list[str]:
    heads = (
        "Concept",
        "Aspect",
        f"Weight [{figures.level(explanation)}], concept vectors",
        "Share, % of the explained squared length",
    )
    rows = [
        (
            figures.title(score)
            + (f" (that is: {figures.instead(score)})" if figures.instead(score) else ""),
            score.aspect,
            f"{figures.signed(score.weight)} {figures.weight_interval(score)}",
            figures.percent(score.share),
        )
        for score in explanation.concepts
    ]
    return [table(heads, rows)]


def _key_figures(explanation: Explanation) -> str:
    rows = [("Pairs", figures.pairs(explanation))]
    if explanation.residual is not None:
        rows.append(
            ("Unexplained", f"{figures.percent_interval(explanation.residual)} of the change's length")
        )
    length = f"{figures.number_interval(explanation.length)} in the embedding space (0 to 2)"
    rows += [("Length of the change", length), ("p-value", f"p {figures.p_value(explanation.p_value)}")]
    return table(("Figure", f"Value [{figures.level(explanation)} interval]"), rows)


def _families(concepts: Sequence[ConceptScore]) -> list[str]:
    lines = [
        f"- {escape(score.concept)}: "
        + ", ".join(f"{escape(member.concept)} (overlap {member.overlap:.2f})" for member in score.family)
        for score in concepts
        if score.family
    ]
    return ["Concepts that say much the same and were not counted twice:", "\n".join(lines)] if lines else []


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under their heads, every cell escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell if i == 1 else escape(cell) for cell in line) + " |"
        for i, line in enumerate(lines)
    )
