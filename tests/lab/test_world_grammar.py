"""Prompts and scenes say the same."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finexl.errors import InputError
from finexl.lab.world import (
    PLACES,
    STYLES,
    Scene,
    Thing,
    draw,
    known_words,
    parse,
    prompts,
    random_scene,
)


def test_an_example_by_hand():
    scene = parse("Two red sailboats on a lake at dusk in the rain, a lighthouse on the left.")
    boats, tower = Thing("sailboat", 2, "red"), Thing("lighthouse", position="left")
    assert scene == Scene("lake", "dusk", "rain", (boats, tower))
    assert scene.prompt == "two red sailboats on a lake at dusk in the rain, a lighthouse on the left"


@pytest.mark.parametrize(
    ("text", "scene"),
    [
        ("a lake", Scene("lake")),
        ("the sea at night", Scene("sea", "night")),
        ("an orange balloon in a field", Scene("field", things=(Thing("balloon", colour="orange"),))),
        ("a snowy plain in the snow", Scene("snow", weather="snowfall")),
        ("fog, dawn, mountains, sheep", Scene("mountains", "dawn", "fog", (Thing("sheep"),))),
        (
            "four churches in the centre, in a city",
            Scene("city", things=(Thing("church", 4, position="middle"),)),
        ),
        ("a sepia lake", Scene("lake", styles=("sepia",))),
        (
            "pixel art of a black cat in a garden, black and white",
            Scene("garden", things=(Thing("cat", colour="black"),), styles=("pixel art", "black and white")),
        ),
        (
            "a portrait of a man with a red hat and a beard",
            Scene("portrait", things=(Thing("man"), Thing("hat", colour="red"), Thing("beard"))),
        ),
    ],
)
def test_what_prompts_say(text, scene):
    assert parse(text) == scene


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_words_and_scene_round_trip(a, b):
    scene = random_scene(np.random.default_rng([a, b]), styled=0.5)
    assert parse(scene.prompt) == scene


def test_random_prompts_ask_for_a_style_only_when_told():
    rng = np.random.default_rng(0)
    assert not any(random_scene(rng).styles for _ in range(100))
    asked = Counter(style for _ in range(1200) for style in random_scene(rng, styled=0.5).styles)
    assert set(asked) == set(STYLES)


def test_prompts_are_many_and_cover_the_places_evenly():
    drawn = prompts(1800, 1)
    places = Counter(parse(prompt).place for prompt in drawn)
    assert set(places) == set(PLACES)
    assert max(places.values()) < 2 * min(places.values())
    assert len(set(drawn)) > 1000
    assert prompts(5, 1) == drawn[:5]
    assert prompts(5, 2) != drawn[:5]
    assert prompts(0) == []
    with pytest.raises(InputError, match="cannot draw -1 prompts"):
        prompts(-1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a sailbot on a lake", r"'sailbot' \(did you mean 'sailboat'\?\)"),
        ("a zebra on a lake", r"does not know: 'zebra'\. Places: on a lake,"),
        ("two sailboats", "names no place. Add one of: on a lake"),
        ("", "names no place"),
        ("a lake in a forest", "names two places, 'lake' and 'forest'"),
        ("a lake at dusk at night", "names two times"),
        ("a sofa on a lake", "puts a sofa on a lake. What can be there: bird, .*sailboat"),
        ("a kitchen in the rain", "gives a weather, which does not show in a kitchen"),
        ("a portrait of a man at night", "gives a time of day"),
        ("a portrait", "has to show one sitter"),
        ("a portrait of two men", "has to show one sitter"),
        ("a portrait of a cat with a beard", "gives a cat a beard"),
        ("a blue sheep in a field", r"makes a sheep blue\. Leave it out"),
        ("a blue cat in a garden", r"makes a cat blue\. It can be black, white, orange"),
        ("two red on a lake", "counts or colours nothing"),
        ("on the left a lake", "nothing stands before 'on the left'"),
        ("a field, a tree, a house, a bird, a church, a sheep", "names 5 groups of things; at most 4"),
    ],
)
def test_what_cannot_be_understood_is_said(text, message):
    with pytest.raises(InputError, match=message):
        parse(text)


def test_unknown_words_are_skipped_only_when_asked():
    text = "a fresco of two gorgeous sailboats on a lake"
    with pytest.raises(InputError, match=r"'fresco'.*'gorgeous'"):
        parse(text)
    assert parse(text, skip_unknown=True) == parse("two sailboats on a lake")


@given(st.text(max_size=80))
def test_any_text_is_understood_or_refused(text):
    for skip in (False, True):
        try:
            scene = parse(text, skip_unknown=skip)
        except InputError:
            continue
        assert draw(scene.prompt, 0, 16).shape == (16, 16, 3)


def test_the_list_of_words_is_itself_understood():
    groups = dict(part.split(": ") for part in known_words().rstrip(".").split("; "))
    for kind in groups["things"].split(", "):
        assert any(
            _fits(f"{kind}, {place.bare}") or _fits(f"{place.bare}, man, {kind}") for place in PLACES.values()
        )
    assert {"Places", "things", "colours", "counts", "positions", "times", "weathers", "styles"} == set(
        groups
    )
    assert all(_fits(f"{style} on a lake") for style in groups["styles"].split(", "))


def _fits(text):
    try:
        parse(text)
    except InputError:
        return False
    return True
