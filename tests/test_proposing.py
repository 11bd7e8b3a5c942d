"""The loop around the proposers: what they are shown, what is let in, when they are asked again, what happens when they fail."""

from __future__ import annotations

import numpy as np
import pytest

import finexl
from finexl import Concept, Explanation, FinexlError, InputError
from finexl.encoders import load_encoder
from finexl.method import split_pairs
from finexl.proposers import Proposal, load_vocabulary
from finexl.staircase import directions
from finexl.types import Origin, Usage
from looks import Looks
from test_explaining import PHRASES, content

WORDS = PHRASES[4:]
"""Words whose direction no picture of `Looks` uses."""
SENSE = ("dark", "muted colours", "low contrast", "warm colours")


class Says:
    """A proposer that says the next of its lists at every call, beside a fixed list, and keeps what it was shown."""

    name = "says"

    def __init__(self, *rounds, fixed=(), usage=None, notes=()):
        self.rounds, self.usage, self.notes = list(rounds), usage, notes
        self.fixed = [
            word if isinstance(word, Concept) else Concept(name=word, aspect="any") for word in fixed
        ]
        self.shown = []

    def propose(self, evidence):
        words = self.rounds[min(len(self.shown), len(self.rounds) - 1)]
        self.shown.append(evidence)
        known = [concept.name for concept in self.fixed]
        made_up = [Concept(name=word, aspect="any") for word in words if word not in known]
        origins = {word: Origin(proposer="says", asked=2, named=1) for word in words}
        return Proposal(
            (*made_up, *self.fixed), origins, self.usage or Usage(calls=1), self.notes, tuple(known)
        )


class Broken:
    name = "broken"

    def propose(self, evidence):
        raise FinexlError("the endpoint does not answer. Start the server.")


def run(base, changed, proposer, **options):
    return finexl.explain(
        base, changed, **({"encoder": Looks(), "proposer": proposer, "cache": False} | options)
    )


def names(explanation):
    return [score.concept for score in explanation.concepts]


# --- what may enter ---


def test_a_word_the_fixed_list_lacks_is_tested_and_enters_with_its_origin(scenes):
    explanation = run(scenes(30), scenes(30, "darker"), Says(["dark"], fixed=WORDS))
    assert names(explanation) == ["dark"]
    assert explanation.concepts[0].origin.proposer == "says"
    assert explanation.rejected == ()
    without = run(scenes(30), scenes(30, "darker"), Says([], fixed=WORDS))
    assert names(without) == []


def test_a_word_that_nothing_bears_out_is_listed_with_its_figures_and_does_not_enter(scenes):
    explanation = run(scenes(30), scenes(30, "darker"), Says(["blurry"], fixed=("dark", "watercolour")))
    assert names(explanation) == ["dark"]
    (rejected,) = explanation.rejected
    assert (rejected.concept, rejected.origin.named) == ("blurry", 2)  # once in each of two rounds
    assert rejected.reason in ("no separation", "nothing new")
    assert rejected.effect.low <= rejected.effect.value <= rejected.effect.high
    assert rejected.p_value > 0.05
    assert explanation.provenance.n_candidates == 2


def test_a_word_of_the_fixed_list_needs_no_test_and_shows_who_named_it(scenes):
    explanation = run(scenes(30), scenes(30, "darker"), Says(["dark"], fixed=("dark", "watercolour")))
    assert names(explanation) == ["dark"]
    assert explanation.concepts[0].origin.asked == 4  # two asks a round
    assert explanation.rejected == ()


def test_a_plain_list_is_fixed_and_nothing_is_tested(scenes):
    explanation = run(scenes(4), scenes(4, "darker"), Plain(["dark", "warm colours"]))
    assert explanation.rejected == ()
    assert explanation.usage is None
    assert explanation.provenance.rounds == 1
    assert explanation.provenance.n_candidates == 2


class Plain:
    name = "plain"

    def __init__(self, words):
        self.words = words

    def propose(self, evidence):
        return [Concept(name=word, aspect="any") for word in self.words]


def test_too_few_pairs_let_no_word_in_and_say_so(scenes):
    explanation = run(scenes(6), scenes(6, "darker"), Says(["dark"], fixed=WORDS))
    assert names(explanation) == []
    assert explanation.rejected[0].reason == "too few pairs"
    assert explanation.rejected[0].gain is None


def test_a_proposer_alone_whose_words_all_fail_leaves_an_explanation_without_words(scenes):
    explanation = run(scenes(30), scenes(30, "darker"), Says(["blurry", "mosaic"]))
    assert names(explanation) == []
    assert explanation.p_value < 0.05
    assert {word.concept for word in explanation.rejected} == {"blurry", "mosaic"}


# --- random adjectives, the real encoder ---

ADJECTIVES = (
    "brave", "clever", "eager", "giant", "hollow", "jolly", "kind", "mighty", "odd", "proud", "quick", "ugly", "vast",
    "zesty", "bitter", "calm", "dizzy", "fierce", "humble", "itchy", "jealous", "lazy", "nervous", "obedient", "salty",
    "tender", "useful", "yummy", "exotic", "heroic", "juicy", "perky", "royal", "tasty", "zany", "awkward",
)  # fmt: skip


def album(change, n=24):
    """n photographs-like scenes, and the same changed by a tool of the lab."""
    from finexl.lab.operators import apply, operators
    from finexl.lab.scenes import render

    (operator,) = [op for op in operators() if op.name == change]
    base, changed = [], []
    for i in range(n):
        picture, _ = render(np.random.default_rng(i), 128)
        base.append(np.rint(picture * 255).astype(np.uint8))
        edited = apply(operator, picture.astype(np.float32), 0.8, np.random.default_rng(i))
        changed.append(np.rint(edited * 255).astype(np.uint8))
    return base, changed


VOCABULARY = load_vocabulary()


def figures(explanation):
    """All that is said about the pictures, to the last digit."""
    return explanation.model_dump(exclude={"rejected", "usage", "timings", "provenance", "notes"})


@pytest.mark.parametrize("concept", ["sepia", "blurry", "high contrast"])
def test_twenty_random_adjectives_change_nothing(concept):
    from finexl.lab.operators import operators

    change = next(op.name for op in operators() if op.concept == concept)
    base, changed = album(change)
    for seed in (0, 1):
        plain = finexl.explain(base, changed, proposer="vocabulary", seed=seed)
        rng = np.random.default_rng(seed)
        adjectives = [str(word) for word in rng.permutation(ADJECTIVES)[:20]]
        noisy = finexl.explain(
            base, changed, proposer=Says(adjectives, fixed=VOCABULARY), rounds=1, seed=seed
        )
        assert plain.concepts
        assert figures(noisy) == figures(plain)
        assert [word.concept for word in noisy.rejected] == adjectives


def test_a_word_missing_from_the_vocabulary_enters_from_among_the_adjectives():
    from finexl.lab.operators import operators

    change = next(op.name for op in operators() if op.concept == "sepia")
    base, changed = album(change)
    vectors = directions(load_encoder("builtin"), ["sepia", *(word.name for word in VOCABULARY)], None)
    near = vectors[1:] @ vectors[0] > 0.35  # words that could stand in its place
    fixed = [word for word, close in zip(VOCABULARY, near, strict=True) if not close]
    proposer = Says([*ADJECTIVES[:10], "sepia"], fixed=fixed)
    explanation = finexl.explain(base, changed, proposer=proposer, rounds=1)
    assert "sepia" in names(explanation)
    assert not set(names(explanation)) & set(ADJECTIVES)
    assert len(explanation.rejected) == 10


# --- rounds ---


def both(scenes, n=40):
    return scenes(n), [image.point(lambda v: v * 0.6) for image in scenes(n, "paler")]


def test_a_proposer_sees_its_part_of_the_pairs_and_later_what_is_left(scenes):
    proposer = Says(["dark"], ["muted colours"], fixed=WORDS)
    base, changed = both(scenes)
    explanation = run(base, changed, proposer)
    assert set(names(explanation)) == {"dark", "muted colours"}
    assert explanation.provenance.rounds == 2
    first, second = proposer.shown
    assert len(first.differences) == len(second.differences) == 20
    assert (first.found, first.focus) == ((), ())
    assert second.found == ("dark",)
    assert second.focus
    assert max(second.focus) < 20
    seen, _ = split_pairs(40, 0)
    assert np.array_equal(np.asarray(first.pictures(3)[0]), np.asarray(base[seen[3]]))


def test_rounds_end_when_asked_often_enough(scenes):
    for rounds in (1, 2):
        proposer = Says(["dark"], ["muted colours"], ["low contrast"], fixed=WORDS)
        run(*both(scenes), proposer, rounds=rounds)
        assert len(proposer.shown) == rounds


def test_rounds_end_when_nothing_new_is_named_or_the_residual_does_not_fall(scenes):
    echo = Says(["dark"], fixed=WORDS)
    run(*both(scenes), echo, rounds=9)
    assert len(echo.shown) == 2
    idle = Says(["dark"], ["blurry"], ["mosaic"], ["tilted"], fixed=("watercolour", "film grain"))
    run(*both(scenes), idle, rounds=9)
    assert len(idle.shown) == 2
    useful = Says(["dark"], ["muted colours"], ["blurry"], ["mosaic"], fixed=("watercolour", "film grain"))
    run(*both(scenes), useful, rounds=9)
    assert len(useful.shown) == 3


def test_without_a_difference_nobody_is_asked_twice(scenes):
    proposer = Says(["dark"], ["muted colours"], fixed=WORDS)
    assert names(run(scenes(12), scenes(12), proposer, rounds=5)) == []
    assert len(proposer.shown) == 1


def test_what_rounds_cost_is_added_up_and_the_time_stands_with_the_timings(scenes):
    usage = Usage(calls=2, cached=1, tokens_in=100, tokens_out=10, seconds=1.5, cost=0.25)
    proposer = Says(["dark"], ["muted colours"], fixed=WORDS, usage=usage, notes=("Read me.",))
    explanation = run(*both(scenes), proposer)
    total = explanation.usage
    assert (total.calls, total.cached, total.tokens_in, total.cost) == (4, 2, 200, 0.5)
    assert explanation.timings["proposals"] == 3.0
    assert "seconds" not in explanation.model_dump()["usage"]
    assert explanation.notes.count("Read me.") == 1


def test_models_that_draw_more_pairs_are_not_asked_about_again(scenes, tmp_path):
    from drawers import Drawer, darker

    proposer = Says(["dark"], fixed=WORDS)
    options = {"encoder": Looks(), "proposer": proposer, "cache": False, "rounds": 1}
    explanation = finexl.explain(
        Drawer(), Drawer(darker), n_probes=16, max_probes=24, precision=1e-6, **options
    )
    assert explanation.n_pairs == 24
    assert len(proposer.shown) == 1
    assert "dark" in names(explanation)


# --- failures ---


def test_a_proposer_that_fails_leaves_the_run_to_the_vocabulary_and_a_note(scenes, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("\n".join(PHRASES))
    options = {"vocabulary": words}
    explanation = run(scenes(20), scenes(20, "darker"), Broken(), **options)
    plain = run(scenes(20), scenes(20, "darker"), "vocabulary", **options)
    assert figures(explanation) == figures(plain)
    assert any("'broken' failed" in note and "Start the server" in note for note in explanation.notes)
    assert explanation.usage.failed == 1


def test_a_proposer_that_fails_later_costs_nothing_of_what_it_said_before(scenes):
    class Tires(Says):
        def propose(self, evidence):
            if self.shown:
                raise FinexlError("the budget is used up.")
            return super().propose(evidence)

    explanation = run(*both(scenes), Tires(["dark"], fixed=WORDS), require_vlm=True)
    assert names(explanation) == ["dark"]
    assert any("nobody was asked again" in note for note in explanation.notes)


def test_where_a_model_is_required_its_failure_is_an_error(scenes):
    sets = scenes(4), scenes(4, "darker")
    with pytest.raises(FinexlError, match="Start the server"):
        run(*sets, Broken(), require_vlm=True)
    with pytest.raises(InputError, match="'vocabulary' brought no answer of one"):
        run(*sets, "vocabulary", require_vlm=True)


def test_a_model_that_is_not_configured_is_no_error_unless_it_is_required(scenes, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    sets = scenes(12), scenes(12, "darker")
    explanation = run(*sets, "openai:gpt-4o")
    assert names(explanation)[0] == "dark"
    assert any("openai:gpt-4o" in note for note in explanation.notes)
    with pytest.raises(FinexlError, match="OPENAI_API_KEY"):
        run(*sets, "openai:gpt-4o", require_vlm=True)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("rounds", 0, "at least 1"), ("seed", -1, "0 or more"), ("precision", 0.0, "above 0")],
)
def test_numbers_that_cannot_be_are_refused_before_anything_is_read(option, value, said):
    with pytest.raises(InputError, match=rf"{option} {value}: must be {said}"):
        run("nowhere", "nowhere", "vocabulary", **{option: value})


# --- the record ---


def test_the_same_words_give_the_same_bytes_and_survive_a_file(scenes, tmp_path):
    made = [run(*both(scenes), Says(["dark", "blurry"], ["muted colours"], fixed=WORDS)) for _ in range(2)]
    assert content(made[0]) == content(made[1])
    again = Explanation.load(made[0].save(tmp_path))
    assert again.rejected == made[0].rejected
    assert again.to_json() == made[0].to_json()


def test_explanations_from_before_there_were_proposers_still_load(scenes, tmp_path):
    import json

    folder = run(scenes(8), scenes(8, "darker"), Plain(PHRASES)).save(tmp_path)
    data = json.loads((folder / "explanation.json").read_text())
    del data["rejected"], data["usage"], data["provenance"]["rounds"]
    for score in data["concepts"]:
        del score["origin"]
    (folder / "explanation.json").write_text(json.dumps(data))
    assert Explanation.load(folder).rejected == ()
