"""The explanation for a terminal: a table with bars, then the facts below it.

Names are put into `Text` objects, never into rich markup, and are cleaned of control characters first.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from finexl.report import figures
from finexl.report.figures import Scale
from finexl.report.sections import Section, sections
from finexl.types import ConceptScore, Explanation

WIDTH = 80
WIDEST = 140
_STYLES = {"more": "cyan", "less": "magenta"}
_HEADS = {"described": "bold", "undescribed": "bold yellow", "none": "bold green", "few": "bold yellow"}
_ASCII_RULE = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
_PLAIN = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "…": "...", "·": "-", "→": "->"}
)


@dataclass(frozen=True)
class Pen:
    """What the console can show: the signs of bars, and text fitted to its encoding."""

    encoding: str
    solid: str = "█"
    inner: str = "▓"
    outer: str = "░"
    axis: str = "│"

    @classmethod
    def of(cls, console: Console) -> Pen:
        encoding = console.encoding
        try:
            "█▓░│−“”".encode(encoding)
        except (UnicodeEncodeError, LookupError):
            return cls(encoding, "#", "=", "-", "|")
        return cls(encoding)

    def text(self, value: object, style: str = "") -> Text:
        """Cleaned text; characters that the encoding lacks are replaced."""
        plain = figures.clean(value)
        try:
            plain.encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            plain = plain.translate(_PLAIN).encode("ascii", "replace").decode()
        return Text(plain, style=style, overflow="fold")


def terminal_text(explanation: Explanation, width: int = WIDTH) -> str:
    """The explanation as plain text, without colour, no line longer than `width` columns."""
    buffer = io.StringIO()
    render_terminal(
        explanation,
        Console(file=buffer, width=width, color_system=None, force_terminal=False, legacy_windows=False),
    )
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def render_terminal(explanation: Explanation, console: Console) -> None:
    """Print the explanation to a rich console, as wide and as colourful as that console is."""
    pen = Pen.of(console)
    width = min(console.width, WIDEST)
    state = figures.state(explanation)
    parts: list[RenderableType] = [Text(""), pen.text(figures.HEADLINES[state], _HEADS[state]), Text("")]
    if state == "described":
        parts += [_table(explanation, width, pen), Text(""), pen.text(explanation.summary, "bold")]
    else:
        parts += [pen.text(explanation.summary), pen.text(figures.verdict(explanation))]
    for section in sections(explanation):
        parts += [Text(""), *section_parts(section, pen)]
    parts += [Text(""), _facts(explanation, pen), Text(""), pen.text(_footnote(explanation, pen), "dim")]
    body = Group(*parts)
    console.print(Padding(body, (0, 1)) if width >= 40 else body, width=width, highlight=False)


def _table(explanation: Explanation, width: int, pen: Pen) -> Table:
    scale = figures.scale(explanation.concepts)
    room = max(15, min(48, (width - 48) // 2)) if width >= 72 else 0
    rule = _ASCII_RULE if pen.axis == "|" else box.SIMPLE_HEAD
    table = Table(box=rule, show_edge=False, padding=(0, 1, 0, 0), header_style="dim", expand=False)
    table.add_column(pen.text("Concept"), overflow="fold", min_width=8)
    if width >= 56:
        table.add_column(pen.text("Aspect"), overflow="fold", max_width=14)
    if room:
        table.add_column(_axis(scale, room, pen), width=room, no_wrap=True)
    weight = f"Weight [{figures.level(explanation)}],\nconcept vectors"
    table.add_column(
        Group(*(pen.text(line) for line in weight.split("\n"))), no_wrap=width >= 50, overflow="fold"
    )
    table.add_column(Group(pen.text("Share,"), pen.text("%")), justify="right", no_wrap=True, min_width=6)
    for score in explanation.concepts:
        style = _STYLES["less" if score.weight < 0 else "more"]
        name = pen.text(figures.title(score), "bold")
        if figures.instead(score):
            name.append("\n").append_text(pen.text(f"= {figures.instead(score)}", "dim"))
        cells: list[RenderableType] = [name]
        if width >= 56:
            cells.append(pen.text(score.aspect))
        if room:
            cells.append(Text(_bar(score, scale, room, pen), style=style, no_wrap=True))
        cells.append(_weight(score, pen, style))
        cells.append(pen.text(figures.percent(score.share)[:-1]))
        table.add_row(*cells)
    return table


def _weight(score: ConceptScore, pen: Pen, style: str) -> Text:
    text = pen.text(figures.signed(score.weight), f"bold {style}")
    return (
        Text(overflow="fold")
        .append_text(text)
        .append(" ")
        .append_text(pen.text(figures.weight_interval(score)))
    )


def _cell(value: float, scale: Scale, room: int) -> int:
    return round(scale.at(value) * (room - 1))


def _bar(score: ConceptScore, scale: Scale, room: int, pen: Pen) -> str:
    """The weight as blocks from the zero axis, fading over its interval: ███▓▓░░, the weight between ▓ and ░."""
    zero = _cell(0.0, scale, room)
    toward = -1 if score.weight < 0 else 1
    near, far = (score.high, score.low) if toward < 0 else (score.low, score.high)
    sure, middle, end = (toward * (_cell(x, scale, room) - zero) for x in (near, score.weight, far))
    cells = [" "] * room
    for i in range(room):
        distance = toward * (i - zero)
        if 0 < distance <= end:
            cells[i] = (
                pen.solid if distance <= min(sure, middle) else pen.inner if distance <= middle else pen.outer
            )
        elif sure <= distance < 0:
            cells[i] = pen.outer
    cells[zero] = pen.axis
    return "".join(cells)


def _axis(scale: Scale, room: int, pen: Pen) -> Group:
    """Two lines over the bars: the values at the ends of the axis and at zero."""
    zero = _cell(0.0, scale, room)
    cells = [" "] * room
    for tick in (scale.ticks[0], scale.ticks[-1], 0.0):
        label = "0" if tick == 0 else f"{tick:+g}".replace("-", "−")
        start = min(max(0, _cell(tick, scale, room) - len(label) // 2), max(0, room - len(label)))
        place = slice(start, start + len(label))
        free = all(cell == " " for cell in cells[max(0, start - 1) : start + len(label) + 1])
        if free and len(label) <= room:
            cells[place] = label
    marks = [" "] * room
    marks[zero] = pen.axis
    return Group(pen.text("".join(cells)), Text("".join(marks), no_wrap=True))


def section_parts(section: Section, pen: Pen) -> Iterator[RenderableType]:
    """A table that wraps into whatever width there is."""
    yield pen.text(section.title, "bold")
    yield pen.text(section.text, "dim")
    rule = _ASCII_RULE if pen.axis == "|" else box.SIMPLE_HEAD
    table = Table(box=rule, show_edge=False, padding=(0, 1, 0, 0), header_style="dim", expand=False)
    for head in section.heads:
        table.add_column(pen.text(head), overflow="fold")
    for row in section.rows:
        table.add_row(*(pen.text(cell) for cell in row))
    yield table


def _facts(explanation: Explanation, pen: Pen) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in _rows(explanation):
        table.add_row(pen.text(label), pen.text(value))
    return table


def _rows(explanation: Explanation) -> Iterator[tuple[str, str]]:
    if explanation.residual is not None:
        yield "Unexplained", f"{figures.percent_interval(explanation.residual)} of the change's length"
    yield "Length", f"{figures.number_interval(explanation.length)} in the embedding space (0 to 2)"
    yield "p-value", f"{figures.p_value(explanation.p_value).removeprefix('= ')} (test of “no difference”)"
    yield "Pairs", figures.pairs(explanation)
    for score in explanation.concepts:
        if score.family:
            members = ", ".join(f"{m.concept} ({m.overlap:.2f})" for m in score.family[:3])
            more = len(score.family) - 3
            yield "Same family", f"{score.concept}: {members}" + (f" and {more} more" if more > 0 else "")
    for note in explanation.notes:
        yield "Note", note
    if explanation.advice.text:
        yield "Advice", explanation.advice.text


def _footnote(explanation: Explanation, pen: Pen) -> str:
    sure = figures.level(explanation)
    if not explanation.concepts:
        return f"[ ] are {sure} intervals. The length is that of the mean difference of the image embeddings."
    text = (
        "Weight 1.0: as far as adding the phrase to the prompt moves the text embedding; negative: less of it. "
        f"[ ] and {pen.inner}{pen.outer}: its {sure} interval; the weight is where {pen.inner} meets {pen.outer}. "
        "Share: per cent of the explained squared length. Unexplained: per cent of the change's length that "
        "these concepts do not account for."
    )
    if any(score.family for score in explanation.concepts):
        text += " Same family: concepts not counted twice, with their overlap (cosine, −1 to 1)."
    return text
