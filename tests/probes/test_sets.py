"""The sets as data: what people may rely on, and what would spoil a measurement."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest

import finexl
from finexl.probes import SETS, load_prompts

VOCABULARY = Path(finexl.__file__).parent / "proposers" / "data" / "vocabulary.toml"
LITTLE = """a above across against along an and at behind below beside between by down for from her his in into its near of
off on out over round the their through to two three under up with"""
PICTURE = """art artistic cinematic drawing illustration image painting photo photograph picture render sketch
style"""


def words(prompt):
    return frozenset(re.findall(r"[a-z'-]+", prompt)) - frozenset(LITTLE.split())


def overlap(left, right):
    return len(left & right) / len(left | right)


def mean_overlap(prompts):
    pairs = list(itertools.combinations([words(p) for p in prompts], 2))
    return sum(overlap(a, b) for a, b in pairs) / len(pairs)


def style_words():
    """A pattern of every name and synonym of the core concepts, and of words for pictures."""
    concepts = tomllib.loads(VOCABULARY.read_text(encoding="utf-8"))["concept"]
    core = [c for c in concepts if c.get("core", True)]
    phrases = [phrase.lower() for c in core for phrase in (c["name"], *c.get("synonyms", ()))]
    assert len(phrases) > 500
    return re.compile(r"(?<!\w)(" + "|".join(map(re.escape, phrases + PICTURE.split())) + r")(?!\w)")


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_200_plain_short_prompts(name):
    prompts = load_prompts(name)
    assert len(prompts) == 200
    assert all(re.fullmatch(r"[a-z][a-z' -]*[a-z]", p) for p in prompts), "capitals would be names"
    assert [p for p in prompts if not 4 <= len(p.split()) <= 16] == []


@pytest.mark.parametrize("name", SETS)
def test_prompts_say_what_is_there_and_nothing_of_how_it_looks(name):
    pattern = style_words()
    assert pattern.search("a cat in watercolour, at night")
    assert {p: pattern.findall(p) for p in load_prompts(name) if pattern.search(p)} == {}


def test_no_two_prompts_of_any_sets_are_nearly_the_same():
    everything = [(p, words(p)) for name in SETS for p in load_prompts(name)]
    near = [(p, q) for (p, a), (q, b) in itertools.combinations(everything, 2) if overlap(a, b) > 0.5]
    assert near == []


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("n", [25, 50, 100])
def test_the_beginning_of_a_set_is_more_varied_than_the_whole(name, n):
    prompts = load_prompts(name)
    assert mean_overlap(prompts[:n]) < 0.5 * mean_overlap(prompts)
    assert mean_overlap(sorted(prompts)[:n]) > 0.5 * mean_overlap(prompts), "any order would do"


@pytest.mark.parametrize("name", SETS)
def test_every_stretch_of_25_shares_hardly_a_word(name):
    prompts = load_prompts(name)
    for start in range(0, 200, 25):
        stretch = [words(p) for p in prompts[start : start + 25]]
        assert max(overlap(a, b) for a, b in itertools.combinations(stretch, 2)) <= 0.4
