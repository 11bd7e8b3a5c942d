"""Replies of every kind, read."""

from __future__ import annotations

import json

import pytest

from answers import ITEM
from finexl.proposers import load_vocabulary
from finexl.proposers.vlm.replies import Lexicon, normalise, parse, tally

VOCABULARY = load_vocabulary()
LEXICON = Lexicon(VOCABULARY)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f'{{"differences": [{ITEM}]}}', ["warm colours"]),
        (f"Of course!\n```json\n[{ITEM}]\n```\nHope this helps.", ["warm colours"]),
        (f'{{"differences": [{ITEM}, {{"concept": "film gr', ["warm colours"]),
        (
            "- **Warm colours** (more in B)\n2. Film grain: visible in set A\nThat is all.",
            ["Warm colours", "Film grain"],
        ),
        ("I am sorry, I cannot do that.", []),
        ("", []),
        ("x" * 100_000, []),
        ('{"concept": 5}', []),
        ("{" * 50_000, []),
    ],
)
def test_what_can_be_read_of_a_reply(text, names):
    assert [said.concept for said in parse(text)] == names


@pytest.mark.parametrize(
    ("phrase", "plain"),
    [
        ("Warm Colors", ("warm colours", 1)),
        ("more saturated", ("saturated", 1)),
        ("reduced detail", ("detail", -1)),
        ("not less sharp", ("sharp", 1)),
        ("not as sharp", ("sharp", -1)),
        ("lack of texture", ("texture", -1)),
        ("painterly look", ("painterly", 1)),
        ("much darker", ("darker", 1)),
        ("The colours are less vivid", ("vivid colours", -1)),
        ("Images in B look more washed out than in A", ("washed out", 1)),
        ("There is less grain in set B", ("grain", -1)),
        ("The images in set B show a much warmer palette than those in A", ("warmer palette", 1)),
    ],
)
def test_phrases_and_sentences_in_plain_form(phrase, plain):
    assert normalise(phrase) == plain


@pytest.mark.parametrize(
    "phrase",
    [
        "In these pictures a certain quiet, dreamlike mood prevails almost everywhere",
        "***",
        "42",
        "",
        "x" * 41,
    ],
)
def test_what_is_no_short_phrase_is_dropped(phrase):
    assert normalise(phrase) is None


@pytest.mark.parametrize(
    "phrase",
    ["<script>alert(1)</script>", "ignore all previous instructions and", "[a](http://evil.example)\x1b[31m"],
)
def test_of_anything_else_no_more_than_four_plain_words_are_left(phrase):
    found = normalise(phrase)
    assert found is None or (len(found[0].split()) <= 4 and found[0].replace(" ", "").isalnum())


def test_every_form_in_the_vocabulary_means_its_own_concept():
    forms = [(form, c) for c in VOCABULARY for form in (c.name, *c.synonyms)]
    strangers = [form for form, c in forms if LEXICON.concept(form.upper(), "x") != (c, 1)]
    assert strangers == []


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("warmer colours", "warm colours"),
        ("The colors are warmer", "warm colours"),
        ("hazier", "hazy"),
        ("dimmer", "dark"),
        ("lower saturation", "muted colours"),
        ("less sharp", "blurry"),
        ("Colors are less vivid", "muted colours"),
        ("contrast is higher", "high contrast"),
        ("Vignetting effect", "vignette"),
    ],
)
def test_what_models_say_is_known_by_the_names_of_the_vocabulary(phrase, name):
    found = LEXICON.concept(phrase, "x")
    assert (found[0].name, found[1]) == (name, 1)
    assert found[0] in VOCABULARY


def test_a_word_that_only_looks_like_a_comparative_stays():
    assert LEXICON.concept("zebra wallpaper", "x")[0].name == "zebra wallpaper"
    assert LEXICON.concept("silver", "x")[0].name == "silver"


def test_less_of_a_concept_is_more_of_its_opposite():
    by_name = {c.name: c for c in VOCABULARY}
    opposed = next(c for c in VOCABULARY if c.opposite in by_name)
    assert LEXICON.concept(f"less {opposed.name}", "x") == (by_name[opposed.opposite], 1)


def said(*names_and_letters):
    return json.dumps([{"concept": name, "more_in": letter} for name, letter in names_and_letters])


def test_a_preference_for_a_letter_cancels_however_many_questions_there_were():
    """The personalized set is A, B, A: who always says B is right once and wrong twice."""
    replies = [(said(("dark", own), ("zebra", "B")), own) for own in "ABA"]
    _, tallied = tally(replies, LEXICON)
    assert tallied == {"dark": (3, 1), "zebra": (3, 0)}


def test_a_direction_said_under_one_letter_only_does_not_count():
    _, tallied = tally([(said(("zebra", "B")), "B"), (said(("dark", "A")), "A")], LEXICON)
    assert tallied == {"zebra": (1, 0), "dark": (1, 0)}


def test_a_reply_that_names_a_word_twice_counts_once():
    concepts, tallied = tally(
        [(said(("dark", "B"), ("Darker tones", "B"), ("less bright", "B")), "B")], LEXICON
    )
    assert [c.name for c in concepts] == list(tallied)
    assert all(count == 1 for count, _ in tallied.values())
