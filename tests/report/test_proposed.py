"""What was proposed, by whom, what became of it and what it cost: in every medium, and never obeyed."""

from __future__ import annotations

import json

import pytest

from finexl import Explanation
from finexl.report import save
from finexl.report.html import report_html
from finexl.report.markdown import report_markdown
from finexl.report.proposals import proposals_text
from finexl.report.sections import sections
from finexl.report.terminal import terminal_text

WIDE = {"terminal": lambda e: terminal_text(e, 140), "html": report_html, "markdown": report_markdown}


@pytest.mark.parametrize("medium", WIDE)
def test_rejected_words_with_their_figures_are_in_every_medium(build, parse, medium):
    text = WIDE[medium](build.proposed())
    text = parse(text).text if medium == "html" else " ".join(text.replace("\\", "").split())
    for part in ("dreamlike", "foggy", "+0.21 [−0.05, +0.47]", "1% [−2, 5]", "0.310"):
        assert part in text


def rows(explanation):
    return {section.title: section.rows for section in sections(explanation)}


def test_every_reported_concept_says_who_named_it_and_how_often(build):
    named = rows(build.proposed())["Who named the concepts"]
    assert named == (("watercolour", "openai:gpt-4o, 5 of 6, more"), ("less sharp", "the vocabulary alone"))
    (first, second) = rows(build.proposed())["Proposed, and not confirmed"]
    assert first[1] == second[1] == "openai:gpt-4o, 2 of 6, less"
    assert second[3] == "–"


def test_calls_tokens_latency_and_price_are_there(build):
    cost = dict(rows(build.proposed())["What the proposals cost"])
    assert cost == {
        "Rounds of questions": "2",
        "Requests sent": "5",
        "Replies taken from the store": "1",
        "Requests and replies of no use": "1",
        "Tokens in, out": "41230, 987",
        "Seconds spent waiting": "12.3",
        "Price": "0.1129 US dollars (estimate)",
        "Failure": "openai:gpt-4o: quota exhausted.",
    }


def test_a_price_that_nobody_knows_is_not_called_nothing(build):
    made = build.proposed()
    unknown = made.model_copy(update={"usage": made.usage.model_copy(update={"cost": None})})
    assert dict(rows(unknown)["What the proposals cost"])["Price"] == "not known"


def test_the_file_holds_all_of_it_and_gives_it_back(build, tmp_path):
    made = build.proposed()
    file = save(made, tmp_path) / "explanation.json"
    data = json.loads(file.read_text())
    assert data["usage"]["tokens_in"] == 41230
    assert data["usage"]["cost"] == 0.1129
    assert data["timings"]["proposals"] == 12.34
    assert data["concepts"][0]["origin"] == {
        "proposer": "openai:gpt-4o",
        "asked": 6,
        "named": 5,
        "direction": 1,
    }
    assert data["rejected"][0]["effect"]["low"] == -0.05
    assert rows(Explanation.load(file)) == rows(made)


def test_where_nobody_was_asked_there_is_no_word_of_it(build):
    titles = rows(build.explanation())
    assert not [title for title in titles if "proposal" in title.lower() or "named" in title.lower()]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_proposals_alone_fit_the_terminal_and_obey_nothing(build, width):
    text = proposals_text(build.proposals(build.NASTY, build.NASTY), width)
    assert max(map(len, text.splitlines())) <= width
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "alert" in text
    assert "[bold]" in "".join(text.split())


def test_proposals_alone_say_verdict_figures_and_cost(build):
    text = " ".join(proposals_text(build.proposals(), 140).split())
    for part in ("the 10 of 20 pairs that were held out", "+0.21 [−0.05, +0.47]", "says nothing that", "41230, 987", "12.3"):  # fmt: skip
        assert part in text
