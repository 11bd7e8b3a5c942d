import importlib

import numpy as np
import pytest

from finexl import Concept, InputError
from finexl.errors import UnknownNameError
from finexl.proposers import Evidence, Vocabulary, load_proposer, load_vocabulary


def concepts(*names):
    return [Concept(name=name, aspect="any") for name in names]


def evidence(V, F, names, n=5):
    """n pairs whose mean is V, and a direction a name."""
    noise = np.random.default_rng(0).standard_normal((n, len(V)))
    place = dict(zip(names, np.asarray(F, float), strict=True))
    return Evidence(V + noise - noise.mean(0), lambda asked: np.stack([place[name] for name in asked]))


def names(proposed):
    return [concept.name for concept in proposed]


def test_all_are_proposed_by_their_cosine_whatever_its_sign():
    F = [[1, 0, 0], [-4, 3, 0], [0, 1, 0.1], [0, 0, 0], [5, 1, 0]]
    words = ["right", "left up", "up", "nothing", "nearly right"]
    V = np.array([2.0, 0.0, 0.0])
    proposed = Vocabulary(concepts(*words)).propose(evidence(V, F, words))
    assert names(proposed) == ["right", "nearly right", "left up", "up", "nothing"]


def test_ties_keep_the_order_of_the_vocabulary():
    words = ["c", "a", "b"]
    even = evidence(np.array([1.0, 0.0]), [[2, 0], [-1, 0], [3, 0]], words)
    assert names(Vocabulary(concepts(*words)).propose(even)) == words
    nothing = evidence(np.zeros(2), np.eye(3, 2), words)
    assert set(names(Vocabulary(concepts(*words)).propose(nothing))) == set(words)


def test_ranking_agrees_with_cosines_computed_one_by_one():
    rng = np.random.default_rng(1)
    F, V = rng.standard_normal((30, 8)), rng.standard_normal(8)
    words = [f"w{i}" for i in range(30)]
    mean = evidence(V, F, words).differences.mean(0)
    cosines = {w: abs(f @ mean) / np.linalg.norm(f) for w, f in zip(words, F, strict=True)}
    expected = sorted(words, key=lambda w: -cosines[w])
    assert names(Vocabulary(concepts(*words)).propose(evidence(V, F, words))) == expected


@pytest.mark.parametrize("spec", ["auto", "vocabulary"])
def test_by_name(spec, tmp_path):
    assert load_proposer(spec).concepts == load_vocabulary()
    (tmp_path / "mine.txt").write_text("one\ntwo : colour\n")
    mine = load_proposer(spec, tmp_path / "mine.txt")
    assert names(mine.concepts) == ["one", "two"]
    assert mine.name == "vocabulary"
    assert names(load_proposer(spec, str(tmp_path / "mine.txt")).concepts) == ["one", "two"]


def test_an_object_is_taken_as_it_is():
    mine = Vocabulary(())
    assert load_proposer(mine) is mine


def test_what_is_no_proposer_is_refused():
    with pytest.raises(InputError, match=r"the proposer is a list\. .* a vocabulary file"):
        load_proposer(["dark", "bright"])


def test_unknown_names_and_files():
    with pytest.raises(
        UnknownNameError, match=r"no proposer is called 'vocab'\. Did you mean 'vocabulary'\?"
    ):
        load_proposer("vocab")
    with pytest.raises(InputError, match=r"nowhere\.txt: there is no such vocabulary file"):
        load_proposer("auto", "nowhere.txt")


PLUG_IN = """
class Reversed:
    name = "reversed"

    def __init__(self, concepts):
        self.concepts = concepts

    def propose(self, evidence):
        return self.concepts[::-1]
"""


def test_a_package_adds_a_proposer_by_entry_point(plug_in, scenes, looks, tmp_path):
    import finexl

    plug_in("[finexl.proposers]\nreversed = my_proposer:Reversed\n", my_proposer=PLUG_IN)
    (tmp_path / "words.txt").write_text("dark\nblurry\n")
    proposer = load_proposer("reversed", tmp_path / "words.txt")
    assert names(proposer.propose(None)) == ["blurry", "dark"]
    options = {"proposer": "reversed", "vocabulary": tmp_path / "words.txt", "encoder": looks, "cache": False}
    explanation = finexl.explain(scenes(10), scenes(10, "darker"), **options)
    assert explanation.provenance.proposer == "reversed"
    assert explanation.concepts[0].concept == "dark"
    with pytest.raises(UnknownNameError, match="Did you mean 'reversed'"):
        load_proposer("reverse")


def test_a_package_cannot_take_a_name_of_ours(plug_in):
    plug_in("[finexl.proposers]\nauto = my_proposer_2:Reversed\n", my_proposer_2=PLUG_IN)
    assert isinstance(load_proposer("auto"), Vocabulary)


def test_a_package_adds_an_encoder_by_entry_point(plug_in):
    from finexl.encoders import load_encoder

    source = "def make(rest):\n    return ('made of', rest)\n"
    plug_in("[finexl.encoders]\nmine = my_encoder:make\nbuiltin = my_encoder:make\n", my_encoder=source)
    assert load_encoder("mine:large:2") == ("made of", "large:2")
    assert load_encoder("mine") == ("made of", "")
    assert load_encoder("builtin").name == "builtin"


def test_the_smallest_example_in_the_docstring_works(scenes, looks):
    """The class shown to people who write a proposer, taken from the text they read."""
    import finexl

    text = importlib.import_module("finexl.proposers").__doc__
    lines = text.split("The smallest example:\n")[1].split("    finexl.explain")[0]
    scope = {"Concept": Concept}
    exec("\n".join(line[4:] for line in lines.splitlines()), scope)
    explanation = finexl.explain(
        scenes(10), scenes(10, "paler"), proposer=scope["Three"](), encoder=looks, cache=False
    )
    assert explanation.concepts[0].concept == "vivid colours"
    assert explanation.concepts[0].weight < 0
