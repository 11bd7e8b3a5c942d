import io
import math
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from finexl.report import render_terminal, terminal_text


def printed(made, **console):
    buffer = io.StringIO()
    render_terminal(made, Console(file=buffer, legacy_windows=False, **console))
    return buffer.getvalue()


def without_colour(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("kind", ["explanation", "nasty", "no_difference", "undescribed"])
@pytest.mark.parametrize("width", [20, 40, 56, 72, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(build, kind, width):
    made = getattr(build, kind)()
    for line in without_colour(printed(made, width=width, force_terminal=True)).splitlines():
        assert cell_len(line) <= width
    assert max(cell_len(line) for line in terminal_text(made).splitlines()) <= 80
    assert str(made) == terminal_text(made)


def test_wide_letters_and_long_words_fit_too(build):
    made = build.explanation(
        concepts=[build.concept("水彩画" * 30), build.concept("x" * 200, -1e9, -2e9, -1.0)]
    )
    assert max(cell_len(line) for line in terminal_text(made).splitlines()) <= 80


def test_the_table_says_weight_interval_and_share(build):
    text = terminal_text(build.explanation())
    row = next(line for line in text.splitlines() if "less sharp" in line)
    assert "−0.62 [−0.80, −0.44]" in row
    assert row.rstrip().endswith("25")
    assert "= soft focus" in text
    assert "Unexplained  31% [22, 40] of the change's length" in text
    assert "< 0.001" in text
    assert "48, compared each with its partner" in text
    assert "watercolour: ink wash (0.71)" in text
    assert "as far as adding the phrase" in text
    assert text.index("The personalized images show") < text.index("Unexplained  31%")


def test_bars_leave_the_axis_to_their_side_and_end_at_the_interval(build):
    made = build.explanation(
        concepts=[
            build.concept("a", 0.8, 0.4, 1.0),
            build.concept("b", -0.5, -1.0, -0.25),
            build.concept("c", 0.2, -0.2, 0.6),
        ]
    )
    bars = [
        re.search(r"[░▓█]*│[░▓█]*", line).group()
        for line in printed(made, width=140).splitlines()
        if re.search("│[░▓█]|[░▓█]│", line)
    ]
    right, left, across = bars[:3]
    assert re.fullmatch(r"│█+▓+░+", right)
    assert re.fullmatch(r"░+▓+█+│", left)
    assert re.fullmatch(r"░+│▓+░+", across)
    assert right.count("█") == pytest.approx(0.4 * (len(right) - 1), abs=1)
    assert right.count("░") == pytest.approx(0.2 * (len(right) - 1), abs=1)


def test_control_sequences_and_markup_in_names_are_shown_not_obeyed(build):
    text = terminal_text(build.nasty())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    coloured = printed(build.nasty(), width=300, force_terminal=True, color_system="standard")
    assert "\x1b[31mred" not in coloured
    assert "[bold]x[/bold]" in without_colour(coloured)


def test_colour_changes_no_letter(build):
    plain = printed(build.explanation(), width=100, color_system=None)
    colour = printed(build.explanation(), width=100, force_terminal=True, color_system="truecolor")
    assert colour != plain
    assert without_colour(colour) == plain


def test_the_two_states_without_concepts_have_words_of_their_own(build):
    none, some = terminal_text(build.no_difference()), terminal_text(build.undescribed())
    assert none.split()[:3] == ["No", "difference", "found"]
    assert "two draws of one model" in none
    assert "A difference was found, but no concept of the vocabulary describes it" in some
    assert "Weight" not in none + some


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_a_terminal_that_lacks_the_signs_gets_others(build, encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    render_terminal(build.nasty(), Console(file=stream, width=80))
    render_terminal(build.explanation(), Console(file=stream, width=80))
    stream.flush()
    text = stream.buffer.getvalue().decode(encoding)
    assert "less sharp" in text
    assert ("█" in text) == (encoding == "utf-8")


@pytest.mark.parametrize("value", [0.0, math.nan, math.inf, -math.inf, 1e-300, 1e300, -1e300])
def test_no_figure_breaks_the_drawing(build, value):
    from finexl.report.html import notebook_html

    made = build.explanation(concepts=[build.concept("a", value, value, value)])
    assert max(map(len, terminal_text(made).splitlines())) <= 80
    assert "nan%" not in notebook_html(made)
