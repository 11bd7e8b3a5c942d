"""Several questions to a model: what they bring, what they cost, and what leaves this machine."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from answers import ITEM, SECRET, chat, error, honest, limited
from finexl.proposers import ProposerError, load_vocabulary
from finexl.proposers.vlm import Endpoint, Vlm
from finexl.proposers.vlm.client import Answer
from finexl.store.replies import ReplyStore
from finexl.types import Usage
from servers import serving

PAID = Endpoint("openai:gpt-4o", "https://api.openai.com/v1", "gpt-4o", SECRET)


class Paid:
    """A model that needs no network and counts tokens."""

    def __init__(self):
        self.asked = 0

    def ask(self, question, calls=None):
        self.asked += 1
        return Answer(f"[{ITEM}]", True, Usage(calls=1, tokens_in=10_000, tokens_out=100, seconds=0.5))


def test_a_known_change_is_named_with_its_direction_whichever_letter_the_sets_have(model, evidence):
    with serving(honest) as server:
        proposal = model(server.address).propose(evidence())
    dark = next(c for c in proposal.concepts if c.name in ("dark", "dark tones"))
    assert proposal.origins[dark.name].named == 3
    assert proposal.origins[dark.name].direction == 1
    assert proposal.origins["zebra wallpaper"].direction == 0  # always "B": a habit, which cancels
    assert proposal.usage.calls == 3
    assert (proposal.usage.tokens_in, proposal.usage.tokens_out) == (3000, 300)
    assert proposal.usage.seconds > 0


def test_one_failure_after_an_answer_costs_only_the_rest(model, evidence):
    replies = iter([chat(f'{{"differences": [{ITEM}]}}'), error(400, "quota of today")])
    with serving(lambda *_: next(replies)) as server:
        proposal = model(server.address, asks=3).propose(evidence())
    assert (proposal.usage.failed, proposal.usage.calls) == (1, 2)
    assert "quota of today" in proposal.usage.failures[0]


# --- the store ---


def stored(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT key, reply FROM reply_v1").fetchall()


def test_a_second_run_costs_nothing_and_keeps_no_secret(model, evidence, tmp_path):
    store = ReplyStore(tmp_path / "replies.sqlite")
    with serving(honest) as server:
        first = model(server.address, store).propose(evidence())
        second = model(server.address, store).propose(evidence())
    assert len(server.seen) == 3
    assert second.concepts == first.concepts
    assert (second.usage.calls, second.usage.cached, second.usage.tokens_in) == (0, 3, 0)
    assert SECRET.encode() not in (tmp_path / "replies.sqlite").read_bytes()


def test_the_way_pictures_had_to_be_shown_is_remembered_too(model, evidence, tmp_path):
    store = ReplyStore(tmp_path / "replies.sqlite")
    with serving(limited(1)) as server:
        first = model(server.address, store).propose(evidence())
        asked = len(server.seen)
        second = model(server.address, store).propose(evidence())
    assert len(server.seen) == asked
    assert second.concepts == first.concepts
    assert (second.usage.calls, second.usage.cached) == (0, 3)


def test_why_there_was_no_answer_is_stored_and_the_question_asked_again_next_time(model, evidence, tmp_path):
    store = ReplyStore(tmp_path / "replies.sqlite")
    with serving(lambda *_: error(400, f"not today, {SECRET}")) as server:
        for _ in range(2):
            with pytest.raises(ProposerError, match="not today"):
                model(server.address, store).propose(evidence())
    assert len(server.seen) == 2
    ((key, reply),) = stored(tmp_path / "replies.sqlite")
    assert key.startswith("failed ")
    assert "not today, ***" in reply


# --- budgets ---


def test_a_budget_of_calls_holds(model, evidence):
    with serving(honest) as server:
        asked = model(server.address, asks=5, max_calls=2)
        proposal = asked.propose(evidence())
        assert proposal.usage.calls == 2
        assert "budget of 2 calls" in proposal.usage.failures[0]
        with pytest.raises(ProposerError, match="budget of 2 calls"):  # of all rounds together
            asked.propose(evidence(found=("dark",)))
    assert len(server.seen) == 2


def test_the_second_turn_counts_as_well(model, evidence):
    with serving(lambda *_: chat("No.")) as server, pytest.raises(ProposerError):
        model(server.address, max_calls=1).propose(evidence())
    assert len(server.seen) == 1


def paid(client, **options):
    return Vlm(PAID, load_vocabulary(), lambda: client, ReplyStore("/nowhere", "off"), **options)


def test_a_budget_of_money_holds_before_it_is_spent(evidence):
    client = Paid()
    proposal = paid(client, asks=5, max_cost=0.08).propose(evidence())
    assert client.asked == 2  # 0.026 each; about 0.03 is expected of the next
    assert proposal.usage.cost == pytest.approx(0.052)
    assert "budget of $0.08 does not allow another" in proposal.usage.failures[0]


def test_a_budget_of_money_needs_a_price(evidence):
    client = Paid()
    where = Endpoint("vlm:mystery", "https://example.com/v1", "mystery", SECRET)
    asked = Vlm(where, (), lambda: client, ReplyStore("/nowhere", "off"), max_cost=1.0)
    with pytest.raises(ProposerError, match="no known price"):
        asked.propose(evidence())
    assert client.asked == 0


# --- privacy ---


def test_no_image_leaves_where_that_is_forbidden(evidence):
    def never():
        raise AssertionError("nothing may be sent")

    guarded = Vlm(PAID, (), never, ReplyStore("/nowhere", "off"), local_only=True)
    for act in (guarded.propose, guarded.dry_run):
        with pytest.raises(ProposerError, match="images may not leave"):
            act(evidence())


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(model, evidence, tmp_path):
    store = ReplyStore(tmp_path / "replies.sqlite")
    with serving(honest) as server:
        told = model(server.address, store).dry_run(evidence())
        assert server.seen == []
        assert "3 requests, 36 pictures" in told
        assert SECRET not in told
        model(server.address, store).propose(evidence())
        again = model(server.address, store).dry_run(evidence())
    assert "0 requests, 0 pictures, 0.00 MB, about 0 tokens" in again
    assert "3 more have their replies in the store" in again


def test_a_dry_run_estimates_the_price(evidence):
    told = paid(Paid()).dry_run(evidence())
    assert "outside this machine" in told
    assert "about $0.0" in told
