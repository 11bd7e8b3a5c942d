"""The world draws what its prompts say."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from finexl.errors import InputError, UnknownNameError
from finexl.lab.operators import apply
from finexl.lab.world import KINDS, PLACES, TIMES, draw, parse, prompts, style_operator, styled
from finexl.lab.world.words import stand

EXAMPLE = "two sailboats on a lake at dusk, a lighthouse on the left"


def home_of(kind):
    """A bright place in which things of this kind stand out."""
    able = [place for place in PLACES.values() if stand(place, KINDS[kind])]
    return next((place for place in able if place.name in ("snow", "sea", "living room")), able[0])


def share(picture, colour):
    """Where a picture is clearly of one colour, as a map of 0 and 1."""
    r, g, b = (picture[..., i].astype(int) for i in range(3))
    maps = {"red": r - np.maximum(g, b), "blue": b - np.maximum(r, g), "green": g - np.maximum(r, b)}
    return maps[colour] > 60


@pytest.mark.parametrize("size", [16, 48, 97])
def test_a_picture_of_any_size(size):
    picture = draw(EXAMPLE, 1, size)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 20


def test_the_same_bytes_in_any_process():
    ours = draw(EXAMPLE, 3).tobytes()
    assert draw(EXAMPLE, 3).tobytes() == ours
    code = f"import sys; from finexl.lab.world import draw; sys.stdout.buffer.write(draw({EXAMPLE!r}, 3).tobytes())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == ours


def test_the_seed_changes_the_layout_and_other_words_do_not():
    pictures = [draw(EXAMPLE, seed) for seed in range(4)]
    assert all(np.abs(a.astype(int) - b).mean() > 3 for a, b in pairwise(pictures))
    again = draw("At sunset, there are two sailboats on the lake - and a lighthouse on the left.", 2)
    np.testing.assert_array_equal(again, pictures[2])


def test_a_larger_picture_is_the_same_scene():
    for seed, prompt in enumerate(prompts(12, 8)):
        small, large = draw(prompt, seed, 64), draw(prompt, seed, 128)
        halved = large.reshape(64, 2, 64, 2, 3).mean((1, 3))
        assert np.abs(small - halved).mean() < 8, prompt


def test_places_are_told_apart_at_a_glance():
    """By the mean picture of each place, 8 x 8 coarse, in daylight: people see far more than that."""

    def features(name, seed):
        bare = PLACES[name].bare + (" of a man" if name == "portrait" else "")
        return draw(bare, seed).reshape(8, 8, 8, 8, 3).mean((1, 3)).ravel()

    centres = {name: np.mean([features(name, seed) for seed in range(16)], 0) for name in PLACES}
    hits = [
        min(centres, key=lambda other: np.linalg.norm(centres[other] - view)) == name
        for name in PLACES
        for seed in range(100, 106)
        for view in [features(name, seed)]
    ]
    assert len(PLACES) >= 12
    assert np.mean(hits) >= 0.9


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_thing_is_seen(kind):
    place = home_of(kind)
    empty, full = place.bare, f"a {kind} {place.where}"
    if place.name == "portrait":
        other = "dog" if kind == "cat" else "cat"
        empty = f"a portrait of a {other}" if "sitter" in KINDS[kind].stands else "a portrait of a man"
        full = (
            f"a portrait of a {kind}"
            if "sitter" in KINDS[kind].stands
            else f"a portrait of a man with a {kind}"
        )
    areas = [
        (np.abs(draw(full, seed).astype(int) - draw(empty, seed)).max(2) > 30).mean() for seed in range(8)
    ]
    assert min(areas) > 0.005, "it is hardly seen"
    assert max(areas) < 0.6, "it is not the thing alone that changed"


@pytest.mark.parametrize("kind", [k for k, v in sorted(KINDS.items()) if {"red", "blue"} <= set(v.colours)])
def test_a_thing_has_the_colour_it_is_given(kind):
    place = home_of(kind)
    text = (
        "a portrait of a man with a {} " + kind
        if place.name == "portrait"
        else f"a {{}} {kind} {place.where}"
    )
    counts = {
        colour: np.mean(
            [[share(draw(text.format(c), s), colour).mean() for s in range(12)] for c in ("red", "blue")], 1
        )
        for colour in ("red", "blue")
    }
    assert counts["red"][0] > counts["red"][1]
    assert counts["blue"][1] > counts["blue"][0]


def test_things_are_where_and_as_many_as_the_prompt_says():
    def middle(where):
        maps = [share(draw(f"a red tent on a snowy plain {where}", s), "red") for s in range(10)]
        return np.mean([(m.sum(0) * np.arange(64)).sum() / m.sum() for m in maps])

    left, centre, right = map(middle, ("on the left", "in the middle", "on the right"))
    assert left < 20
    assert 25 < centre < 39
    assert right > 44
    areas = [np.mean([share(draw(f"{n} red tents on a snowy plain", s), "red").sum() for s in range(20)])
             for n in ("one", "two", "four")]  # fmt: skip
    assert areas[0] < areas[1] < areas[2]


def test_light_and_weather_show():
    def look(prompt):
        return np.mean([draw(prompt, seed) for seed in range(12)], 0)

    for place in ("a field", "a street", "a lake"):
        bright = {time: look(f"{place} {text}").mean() for time, text in TIMES.items()}
        assert bright["night"] < 0.8 * bright["dusk"]
        assert bright["dusk"] < bright["dawn"] < bright["day"] + 15
        assert look(f"{place} in the rain").mean() < bright["day"] - 15
        assert look(f"{place} in the fog").std() < 0.7 * look(place).std()
    assert look("a field in falling snow").mean() > look("a field").mean() + 20
    dusk = look("a living room at dusk") - look("a living room at night")
    assert dusk.mean() > 10, "the light indoors comes through the window"


def test_bad_sizes_and_seeds_are_refused():
    for seed, size in ((-1, 64), (0, 8), (0, 5000)):
        with pytest.raises(InputError, match=f"size {size} and seed {seed}"):
            draw("a lake", seed, size)


def test_styles_are_the_operators_at_exact_levels():
    picture = draw("a street at dusk", 2)
    aspects = {"sepia": 0.6, "film grain": 0.4}
    expected = picture / np.float32(255)
    for i, (concept, level) in enumerate(aspects.items()):
        expected = apply(style_operator(concept), expected, level, np.random.default_rng([5, i]))
    got = styled(picture, aspects, seed=5)
    np.testing.assert_array_equal(got, np.rint(expected * 255))
    np.testing.assert_array_equal(styled(picture, {"sepia": 0.0}), picture)
    np.testing.assert_array_equal(styled(picture, {}), picture)
    steps = [
        np.abs(styled(picture, {"sepia": level}).astype(int) - picture).mean() for level in (0.2, 0.5, 0.9)
    ]
    assert steps[0] < steps[1] < steps[2]


def test_bad_styles_are_refused():
    picture = draw("a lake")
    with pytest.raises(UnknownNameError, match="Did you mean 'sepia'"):
        styled(picture, {"sepa": 0.5})
    with pytest.raises(InputError, match=r"level of 'sepia' is 1\.5"):
        styled(picture, {"sepia": 1.5})


def test_every_random_prompt_can_be_drawn():
    for seed, prompt in enumerate(prompts(300, 4)):
        assert draw(prompt, seed).std() > 2, prompt
        assert parse(prompt).prompt == prompt
