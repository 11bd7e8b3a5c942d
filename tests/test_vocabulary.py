"""The built-in vocabulary as data, the recipes that training builds on it, and the loader's errors."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from finexl.errors import InputError
from finexl.proposers.vocabulary_file import Entry, load_vocabulary

ROOT = Path(__file__).parents[1]
TRAINING = ROOT / "training"
ASPECTS = {
    "colour", "light", "tone", "line", "texture", "medium", "focus", "geometry", "composition", "era", "mood",
}  # fmt: skip
# Held out of the vocabulary so that the text encoder can be tested on phrases it has not seen.
RESERVED = (
    "crimson", "scarlet", "sun-bleached", "bleached", "noir", "hand-inked", "inked", "azure", "emerald",
    "out-of-focus", "grainy", "desaturated", "misty", "foggy", "sketch-like", "sketchy", "bokeh",
    "monochrome", "dreary", "luminous", "tessellated", "tesserae", "twirled", "pixelated", "8-bit",
    "washed-out", "aquarelle", "faceted", "manga", "gilded", "overcast", "neon-lit", "sunlit",
)  # fmt: skip


def one_spaced(phrase: str) -> str:
    return " ".join(phrase.casefold().split())


def operator_concepts() -> dict[str, str]:
    lines = (TRAINING / "concepts_with_operators.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(" : ") for line in lines if line.strip() and not line.startswith("#")]
    return {name.strip(): aspect.strip() for name, aspect in pairs}


def recipes() -> dict[str, dict[str, float]]:
    return tomllib.loads((TRAINING / "recipes.toml").read_text(encoding="utf-8"))


# --- the data ---


def test_size_and_aspects() -> None:
    concepts = load_vocabulary()
    counts = Counter(concept.aspect for concept in concepts)
    assert len(concepts) >= 400
    assert set(counts) == ASPECTS
    assert min(counts.values()) >= 15, counts


def test_each_phrase_occurs_once() -> None:
    phrases = Counter(one_spaced(p) for c in load_vocabulary() for p in (c.name, *c.synonyms))
    assert [phrase for phrase, times in phrases.items() if times > 1] == []


def test_opposites_are_symmetric() -> None:
    opposite = {c.name: c.opposite for c in load_vocabulary()}
    assert [(a, b) for a, b in opposite.items() if b is not None and (opposite[b] != a or a == b)] == []


def test_milder_words_are_core_words_and_no_degree_of_another() -> None:
    concepts = {c.name: c for c in load_vocabulary()}
    milder = {c.name: c.milder for c in concepts.values() if c.milder}
    assert milder["black and white"] == "muted colours"
    assert [name for name, other in milder.items() if not concepts[other].core or other in milder] == []


def test_every_concept_is_defined_and_paraphrased() -> None:
    for concept in load_vocabulary():
        assert concept.definition.endswith("."), concept
        assert len(concept.definition) > 10, concept
        assert len(concept.synonyms) >= 2, concept


def test_concepts_with_operators_are_there() -> None:
    concepts = {c.name: c for c in load_vocabulary()}
    for name, aspect in operator_concepts().items():
        assert concepts[name].aspect == aspect
        assert 7 <= len(concepts[name].synonyms) <= 12, name


@pytest.mark.parametrize("word", RESERVED)
def test_reserved_words_do_not_occur(word: str) -> None:
    text = (ROOT / "src/finexl/proposers/data/vocabulary.toml").read_text(encoding="utf-8")
    assert word.replace("-", " ") not in re.sub(r"[-\s]+", " ", text.casefold())


def test_recipes_build_concepts_without_operators_from_those_with() -> None:
    names, operators = {c.name for c in load_vocabulary()}, operator_concepts()
    assert len(recipes()) >= 250
    for name, parts in recipes().items():
        assert name in names - operators.keys(), name
        assert 1 <= len(parts) <= 4, name
        assert parts.keys() <= operators.keys(), (name, parts)
        assert all(-1 <= weight <= 1.2 and weight != 0 for weight in parts.values()), (name, parts)
        assert list(parts.values()) != [1.0], name


def test_recipes_differ_from_one_another() -> None:
    looks = Counter(tuple(sorted(parts.items())) for parts in recipes().values())
    assert [look for look, times in looks.items() if times > 1] == []


# --- a user's own file ---


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_txt_keeps_order_aspects_and_comments(tmp_path: Path) -> None:
    text = (
        "\ufeff# mine\n\nzigzag  lines : line\r\nwarm:colour\n16:9 picture\nold #inline\nre:draw : line # x\n"
    )
    concepts = load_vocabulary(write(tmp_path, "mine.txt", text))
    assert [(c.name, c.aspect) for c in concepts] == [
        ("zigzag lines", "line"),
        ("warm", "colour"),
        ("16:9 picture", "other"),
        ("old", "other"),
        ("re:draw", "line"),
    ]


def test_toml_keeps_order_and_spells_other_words_as_named(tmp_path: Path) -> None:
    text = """
    [[concept]]
    name = "Warm  Colours"
    opposite = "cool colours"
    milder = " cool  COLOURS"
    synonyms = [" warm "]
    [[concept]]
    name = "Cool colours"
    aspect = "colour"
    definition = "Bluish."
    """
    warm, cool = load_vocabulary(write(tmp_path, "mine.TOML", text))
    assert (warm.name, warm.aspect, warm.opposite, warm.milder, warm.synonyms) == (
        "Warm Colours", "other", "Cool colours", "Cool colours", ("warm",),
    )  # fmt: skip
    assert (cool.aspect, cool.definition, cool.opposite) == ("colour", "Bluish.", None)


ONE = '[[concept]]\nname = "a"\n'
TWO = ONE + '[[concept]]\nname = "b"\n'


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("v.csv", "a\nb\n", ["v.csv", "'.csv'", "rename"]),
        ("v", "a\nb\n", [".toml or .txt"]),
        ("v.txt", "a\n", ["v.txt", "at least 2", "holds 1"]),
        ("v.txt", "", ["holds 0"]),
        ("v.toml", "", ["holds 0"]),
        ("v.toml", ONE, ["holds 1"]),
        ("v.txt", "a\n\n b  c\nB c : x\n", ["v.txt", "line 3", "line 4", "twice"]),
        ("v.toml", TWO + '[[concept]]\nname = " A "\n', ["v.toml", "entry 1", "entry 3", "twice"]),
        ("v.txt", "a\n : \nb\n", ["v.txt", "line 2", "no phrase"]),
        ("v.txt", "a\n: colour\nb\n", ["line 2", "no phrase"]),
        ("v.txt", "a\n::\nb\n", ["line 2", "no phrase"]),
        ("v.toml", TWO + '[[concept]]\nname = "  "\n', ["entry 3", "'name' is empty"]),
        ("v.toml", TWO + '[[concept]]\naspect = "x"\n', ["entry 3", "no 'name'"]),
        ("v.toml", TWO + "[[concept]]\nname = 3\n", ["entry 3", "3", "not a string"]),
        ("v.toml", TWO + 'synonyms = "c"\n', ["entry 2 ('b')", "list of strings"]),
        ("v.toml", TWO + 'synonyms = ["c", ""]\n', ["entry 2 ('b')", "'synonyms.1' is empty"]),
        ("v.toml", TWO + 'colour = "c"\n', ["entry 2 ('b')", "unknown field 'colour'", "known are name"]),
        ("v.toml", '[[concepts]]\nname = "a"\n', ["unknown field 'concepts'", "[[concept]]"]),
        ("v.toml", '[concept]\nname = "a"\n', ["[[concept]]"]),
        ("v.toml", 'concept = ["a", "b"]\n', ["entry 1", "'a'", "[[concept]]"]),
        ("v.toml", TWO + 'opposite = "c"\n', ["entry 2 ('b')", "'c'", "not in the file"]),
        ("v.toml", TWO + 'milder = "c"\n', ["entry 2 ('b')", "milder word 'c'", "not in the file"]),
        ("v.toml", TWO + 'opposite = "B"\n', ["entry 2 ('b')", "its own opposite"]),
        ("v.toml", TWO + 'milder = "b"\n', ["entry 2 ('b')", "its own milder word"]),
        (
            "v.toml",
            ONE + 'milder = "b"\n[[concept]]\nname = "b"\nmilder = "a"\n',
            ["entry 1 ('a')", "whose milder word is 'a'"],
        ),
        (
            "v.toml",
            TWO + 'opposite = "c"\n[[concept]]\nname = "c"\nopposite = "a"\n',
            ["entry 2 ('b')", "whose opposite is 'a'"],
        ),
        ("v.toml", TWO + "name = \n", ["v.toml", "not valid TOML", "line 5"]),
    ],
)
def test_a_broken_file_is_named_with_the_place(tmp_path: Path, name: str, text: str, said: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        load_vocabulary(write(tmp_path, name, text))
    assert [part for part in said if part not in str(caught.value)] == [], str(caught.value)


def test_missing_unreadable_and_undecodable_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.txt: there is no such"):
        load_vocabulary(tmp_path / "absent.txt")
    with pytest.raises(InputError, match="the vocabulary is a list"):
        load_vocabulary(["dark", "bright"])  # type: ignore[arg-type]
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(InputError, match=r"folder\.toml: .* cannot be read"):
        load_vocabulary(tmp_path / "folder.toml")
    (tmp_path / "latin.txt").write_bytes(b"a\ncaf\xe9\n")
    with pytest.raises(InputError, match=r"latin\.txt, line 2: .* UTF-8"):
        load_vocabulary(tmp_path / "latin.txt")


def test_the_files_that_the_docs_show_are_read(tmp_path: Path) -> None:
    blocks = re.findall(r"```(\w*)\n(.*?)```", (ROOT / "docs" / "vocabulary.md").read_text(), re.DOTALL)
    read = {}
    for kind, text in blocks:
        file = tmp_path / f"shown.{kind or 'txt'}"
        file.write_text(text)
        read[kind] = {c.name: c for c in load_vocabulary(file)}
    assert {name: c.aspect for name, c in read[""].items()} == {
        "vivid colours": "colour",
        "hand-inked": "line",
        "sun-bleached": "other",
    }
    assert read["toml"]["black and white"].milder == "muted colours"
    assert not read["toml"]["pastel colours"].core
    table = (ROOT / "docs" / "vocabulary.md").read_text()
    assert all(f"| `{field}` |" in table for field in Entry.model_fields)
