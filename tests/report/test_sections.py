"""Trigger and strength in every medium."""

from __future__ import annotations

import pytest

from finexl import Explanation
from finexl.report import save, terminal_text
from finexl.report.html import report_html
from finexl.report.markdown import report_markdown
from finexl.report.sections import sections

MEDIA = {"terminal": terminal_text, "html": report_html, "markdown": report_markdown}


@pytest.mark.parametrize("medium", MEDIA)
def test_causes_apart_and_the_response_to_strength_are_in_every_medium(build, medium):
    text = " ".join(MEDIA[medium](build.triggered()).split())
    for part in ("zyx style", "trigger", "Response to strength", "+0.41", "No difference was found."):
        assert part in text


@pytest.mark.parametrize("medium", MEDIA)
def test_without_trigger_and_strengths_there_is_no_word_of_them(build, medium):
    text = MEDIA[medium](build.explanation())
    assert "Weights and trigger" not in text
    assert "Response to strength" not in text


def test_every_row_has_a_cell_for_every_head(build):
    for section in sections(build.triggered()):
        assert {len(row) for row in section.rows} == {len(section.heads)}


def test_a_strength_that_changes_nothing_leaves_nothing_to_explain(build):
    rows = {row[0]: row for section in sections(build.triggered()) for row in section.rows}
    assert rows["unexplained"][1] == "–"
    assert rows["unexplained"][2].startswith("30%")


def test_they_come_back_from_the_file(build, tmp_path):
    explanation = build.triggered()
    assert Explanation.load(save(explanation, tmp_path)) == explanation
