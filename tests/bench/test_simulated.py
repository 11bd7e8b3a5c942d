"""Proposers of known quality, and the figures that are shown of them."""

from __future__ import annotations

import os

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import json
from pathlib import Path

import numpy as np
import pytest

from finexl import Concept
from finexl.bench.core import Bench, rate
from finexl.bench.effects import Mix
from finexl.bench.proposers import CHAINS, NOISE, lab_changes, lab_grounds, proposer_quality
from finexl.bench.simulated import QUALITIES, Book, Simulated
from finexl.lab.world import STYLES
from finexl.proposers import load_vocabulary
from looks import Looks

ROWS = Path(__file__).parents[2] / "benchmarks" / "results" / "proposers" / "rows.json"
VOCABULARY = load_vocabulary()
BOOK = Book({concept.name: concept for concept in VOCABULARY}, NOISE)
TRUTH = (("dark", "-bright"), ("-sharp", "blurry"))


def says(quality, draws=400):
    rng = np.random.default_rng(0)
    return [QUALITIES[quality](TRUTH, BOOK, rng) for _ in range(draws)]


def test_the_perfect_one_names_the_best_word_of_every_part_with_its_direction():
    assert says("perfect", 3) == [[("dark", 1), ("sharp", -1)]] * 3


@pytest.mark.parametrize(
    ("quality", "recall"), [("70 % recall", 0.7), ("50 % recall, 50 % noise", 0.5), ("wrong", 0)]
)
def test_recall_is_what_the_name_says(quality, recall):
    right = [("dark", 1) in said for said in says(quality)]
    assert np.mean(right) == pytest.approx(recall, abs=3 * 0.5 / np.sqrt(400))


def test_half_of_the_noisy_one_is_noise():
    words = [word for said in says("50 % recall, 50 % noise") for word, _ in said]
    wrong = [word for word in words if word not in ("dark", "sharp")]
    assert len(wrong) == 2 * 400
    assert len(wrong) / len(words) == pytest.approx(2 / 3, abs=0.05)


def test_wrong_words_are_right_for_no_part():
    words = {word for said in says("wrong") for word, _ in said}
    assert not words & {"dark", "bright", "sharp", "blurry"}
    assert words & set(NOISE)
    assert words & set(BOOK.concepts)


def test_synonyms_are_no_names_of_the_vocabulary():
    for said in says("synonyms only", 20):
        for (word, direction), concept in zip(said, ("dark", "sharp"), strict=True):
            assert word in BOOK.concepts[concept].synonyms
            assert direction == (1 if concept == "dark" else -1)


def test_its_words_count_as_made_up():
    proposal = Simulated("simulated", [("dark", 1), ("awkward", 0)]).propose(None)
    assert proposal.fixed == ()
    assert [c.name for c in proposal.concepts] == ["dark", "awkward"]
    assert proposal.origins["dark"].direction == 1


# --- what they are worth ---

WORDS = (
    "dark",
    "bright",
    "muted colours",
    "vivid colours",
    "high contrast",
    "low contrast",
    "warm colours",
    "cool colours",
)


def test_changes_of_the_lab_are_its_styles_and_leave_the_shape_alone():
    changes = lab_changes(VOCABULARY)
    assert [c.name for c in changes[: len(STYLES)]] == [f"lab {style}" for style in STYLES]
    assert all(isinstance(c, Mix) for c in changes[len(STYLES) :])
    dark = next(c for c in changes if c.name == "lab dark")
    assert dark.accepted == ("dark", "-bright")
    first, again = lab_grounds(2, 3), lab_grounds(2, 3)
    assert np.array_equal(first, again)
    edited = dark.apply(first[0], 0.8, np.random.default_rng(0))
    assert edited.shape == first[0].shape
    assert edited.mean() < 0.8 * first[0].mean()


def test_quality_end_to_end_with_an_exact_encoder():
    """Who names nothing right leaves the vocabulary's answer; who is all there is, and wrong, names nothing."""
    synonyms = {word: (f"{word} look",) for word in WORDS}
    concepts = [
        Concept(name=word, aspect="any", opposite=other, synonyms=synonyms[word])
        for word, other in zip(WORDS, [WORDS[i ^ 1] for i in range(len(WORDS))], strict=True)
    ]
    changes = [c for c in lab_changes(concepts) if c.name in ("lab dark", "lab muted colours")]
    rows = proposer_quality(Bench(Looks(), concepts, lab_grounds(24, 0)), changes, 0, lambda *_: None)
    assert len(rows) == 2 * (1 + len(QUALITIES) * len(CHAINS))

    def figure(quality, chain):
        return rate([row for row in rows if row["quality"] == quality], chain, "parts")[0]

    assert figure("none", "vocabulary only") == 1
    for quality in QUALITIES:
        assert figure(quality, "with vocabulary") == 1
    assert figure("perfect", "paper's chain") == 1
    for chain in ("vocabulary lacks it", "proposer alone", "paper's chain"):
        assert figure("wrong", chain) == 0


@pytest.fixture(scope="module")
def measured():
    """What `finexl bench proposers` measured at full size: the rows that docs/evidence.md shows."""
    return json.loads(ROWS.read_text(encoding="utf-8"))["rows"]


@pytest.mark.parametrize("world", ["photographs", "lab"])
def test_with_the_vocabulary_half_recall_costs_less_than_five_points(measured, world):
    def parts(quality, chain):
        return rate(
            [row for row in measured if (row["on"], row["quality"]) == (world, quality)], chain, "parts"
        )[0]

    def loss(chain):
        return parts("perfect", chain) - parts("50 % recall, 50 % noise", chain)

    assert loss("with vocabulary") < 0.05
    assert loss("paper's chain") > 0.15
