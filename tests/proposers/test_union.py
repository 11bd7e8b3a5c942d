"""Several proposers as one, functions as proposers, and how they are named."""

from __future__ import annotations

import numpy as np
import pytest

from finexl.errors import InputError, UnknownNameError
from finexl.proposers import Evidence, Proposal, ProposerError, Vocabulary, load_proposer, load_vocabulary
from finexl.proposers.union import Function, Union
from finexl.types import Concept, Origin, Usage

EVIDENCE = Evidence(np.ones((8, 4)), lambda names: np.ones((len(names), 4)))


class Says:
    """Names words, as a model would."""

    def __init__(self, name, *words, cost=None):
        self.name, self.words, self.cost = name, words, cost

    def propose(self, evidence):
        concepts = tuple(Concept(name=word, aspect="x") for word in self.words)
        usage = Usage(calls=1, tokens_in=10, cost=self.cost)
        return Proposal(concepts, origins={w: Origin(proposer=self.name) for w in self.words}, usage=usage)


class Fails:
    name = "broken"

    def propose(self, evidence):
        raise ProposerError("the server is down. Start it.")


def test_members_are_asked_in_turn_and_every_word_comes_once():
    found = Union(
        [Says("a", "dark", "red"), Says("b", "red", "soft"), Vocabulary(load_vocabulary())]
    ).propose(EVIDENCE)
    names = [c.name for c in found.concepts]
    assert names[:3] == ["dark", "red", "soft"]
    assert len(names) == len(set(names))
    assert (found.origins["red"].proposer, found.origins["red"].asked) == ("a+b", 2)
    assert found.origins["dark"].proposer == "a"
    assert "dark" in found.fixed
    assert "red" not in found.fixed or "red" in {c.name for c in load_vocabulary()}
    assert (found.usage.calls, found.usage.tokens_in) == (2, 20)


def test_what_a_list_knows_of_a_word_is_kept_when_somebody_names_it_as_well():
    listed = next(c for c in load_vocabulary() if c.opposite and not c.core)
    found = Union([Says("a", listed.name), Vocabulary(load_vocabulary())]).propose(EVIDENCE)
    assert found.concepts[0] == listed


def test_what_a_member_spent_before_it_failed_is_counted():
    class Spends(Fails):
        def propose(self, evidence):
            raise ProposerError("refused.", Usage(calls=2, tokens_in=50, cost=0.5))

    found = Union([Spends(), Says("b", "soft", cost=0.25)]).propose(EVIDENCE)
    usage = found.usage
    assert (usage.calls, usage.failed, usage.tokens_in, usage.cost) == (3, 1, 60, 0.75)


def test_a_member_that_fails_costs_a_note():
    found = Union([Fails(), Says("b", "soft")]).propose(EVIDENCE)
    assert [c.name for c in found.concepts] == ["soft"]
    assert "the server is down. Start it." in found.notes[0]
    assert (found.usage.failed, found.usage.failures) == (1, ("the server is down. Start it.",))


def test_when_all_fail_it_is_an_error():
    class Refuses:
        name = "refuses"

        def propose(self, evidence):
            raise ProposerError("the key is wrong.", Usage(calls=2))

    with pytest.raises(ProposerError, match=r"the server is down\. Start it\. the key is wrong\.") as caught:
        Union([Fails(), Refuses()]).propose(EVIDENCE)
    assert caught.value.usage.calls == 2


@pytest.mark.parametrize(("costs", "total"), [((0.5, 0.25), 0.75), ((0.5, None), None)])
def test_costs_are_added_where_all_are_known(costs, total):
    assert Union([Says(str(c), "w", cost=c) for c in costs]).propose(EVIDENCE).usage.cost == total


def test_a_function_of_the_evidence_is_a_proposer_whose_words_are_made_up():
    def mine(evidence):
        return ["soft light", Concept(name="dark", aspect="light"), "soft light"]

    found = load_proposer(mine).propose(EVIDENCE)
    assert [c.name for c in found.concepts] == ["soft light", "dark"]
    assert found.fixed == ()
    assert found.origins["dark"].proposer == "mine"


@pytest.mark.parametrize("wrong", [lambda e: [5], lambda e: 1 / 0, lambda e: None])
def test_a_function_that_goes_wrong_is_named(wrong):
    with pytest.raises(InputError, match="<lambda>"):
        Function(wrong).propose(EVIDENCE)


@pytest.fixture
def unset(monkeypatch):
    for name in ("FINEXL_VLM_MODEL", "FINEXL_VLM_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_auto_is_the_vocabulary_until_a_model_is_configured_and_then_both(unset, monkeypatch):
    assert load_proposer("auto").name == "vocabulary"
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert load_proposer("auto").name == "vocabulary"
    monkeypatch.setenv("FINEXL_VLM_MODEL", "llava")
    monkeypatch.setenv("FINEXL_VLM_BASE_URL", "http://127.0.0.1:9/v1")
    assert load_proposer("auto").name == "vlm:llava+vocabulary"


def test_specs_are_joined_by_plus(unset):
    assert load_proposer("ollama:llava+vocabulary").name == "ollama:llava+vocabulary"
    assert load_proposer("ollama:llava").name == "ollama:llava"


def test_unknown_names_list_the_known_ones(unset):
    with pytest.raises(UnknownNameError, match="Did you mean 'ollama'"):
        load_proposer("olama:llava")
    with pytest.raises(ProposerError, match="OPENAI_API_KEY"):
        load_proposer("openai:gpt-4o")
