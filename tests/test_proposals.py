"""What proposers say about two sets, and whether unseen pairs bear it out."""

from __future__ import annotations

import pytest

import finexl
from finexl import FinexlError
from finexl.proposals import NEAREST, dry_run
from looks import Looks
from test_explaining import PHRASES
from test_proposing import WORDS, Broken, Says


def propose(scenes, proposer, n=30, **options):
    settings = {"encoder": Looks(), "proposer": proposer, "cache": False}
    return finexl.propose(scenes(n), scenes(n, "darker"), **(settings | options))


def verdicts(proposals):
    return {word.concept: word.verdict for word in proposals.words}


def test_every_named_word_has_its_verdict_and_words_of_the_list_need_no_test(scenes):
    found = propose(scenes, Says(["dark", "blurry", "mosaic"], fixed=("mosaic", "watercolour")))
    told = verdicts(found)
    assert (told["dark"], told["mosaic"]) == ("reported", "vocabulary")
    assert told["blurry"] in ("no separation", "nothing new")
    assert set(told) == {"dark", "blurry", "mosaic"}
    by_name = {word.concept: word for word in found.words}
    assert by_name["mosaic"].p_value is None
    assert by_name["blurry"].p_value > 0.05
    assert by_name["dark"].effect.low > 0
    assert by_name["dark"].origin.proposer == "says"
    assert (found.n_pairs, found.n_held) == (30, 15)
    assert "“dark” would be reported" in found.summary


def test_where_nobody_named_a_word_the_nearest_of_the_list_are_shown(scenes, tmp_path):
    (tmp_path / "words.txt").write_text("\n".join([*WORDS, "dark", *(f"word {i}" for i in range(NEAREST))]))
    found = propose(scenes, "vocabulary", vocabulary=tmp_path / "words.txt")
    assert len(found.words) == NEAREST
    assert found.words[0].concept == "dark"
    assert set(verdicts(found).values()) == {"reported", "vocabulary"}


def test_it_agrees_with_the_explanation_of_one_round(scenes):
    proposer, again = (Says(["dark", "blurry"], fixed=("mosaic", "watercolour")) for _ in range(2))
    found = propose(scenes, proposer)
    options = {"encoder": Looks(), "proposer": again, "cache": False, "rounds": 1}
    explained = finexl.explain(scenes(30), scenes(30, "darker"), **options)
    reported = [word.concept for word in found.words if word.verdict == "reported"]
    assert reported == [score.concept for score in explained.concepts]
    (rejected,) = explained.rejected
    (same,) = [word for word in found.words if word.concept == rejected.concept]
    assert (same.effect, same.gain, same.p_value) == (rejected.effect, rejected.gain, rejected.p_value)
    assert len(proposer.shown) == 1


def test_too_few_pairs_are_said_to_be(scenes):
    assert verdicts(propose(scenes, Says(["dark"], fixed=WORDS), n=6))["dark"] == "too few pairs"


def test_a_proposer_that_fails_leaves_a_note_unless_it_is_required(scenes, tmp_path):
    (tmp_path / "words.txt").write_text("\n".join(PHRASES))
    found = propose(scenes, Broken(), vocabulary=tmp_path / "words.txt")
    assert any("Start the server" in note for note in found.notes)
    assert found.usage.failed == 1
    with pytest.raises(FinexlError, match="Start the server"):
        propose(scenes, Broken(), require_vlm=True)


def test_a_dry_run_of_what_asks_nobody_says_so(scenes):
    told = dry_run(scenes(4), scenes(4, "darker"), encoder=Looks(), proposer="vocabulary", cache=False)
    assert told == "Nothing would be sent: the proposer 'vocabulary' asks no model."
