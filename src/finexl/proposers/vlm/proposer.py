"""The proposer: several questions about the pairs, their replies tallied, what they cost added up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from finexl.errors import FinexlError
from finexl.proposers import Evidence, Proposal, ProposerError
from finexl.proposers.spending import total
from finexl.proposers.vlm.client import Answer
from finexl.proposers.vlm.endpoints import Endpoint
from finexl.proposers.vlm.questions import CLOSER, PAIRS, Layout, Question, ask
from finexl.proposers.vlm.refusals import TooMuchError
from finexl.proposers.vlm.replies import Lexicon, tally
from finexl.store.replies import ReplyStore, question_key
from finexl.types import Concept, Origin, Usage

ASKS = 3
TOKENS_PER_PICTURE = 800  # a rough mean over models, for estimates before anything is sent
TOKENS_OF_REPLY = 400


class Asks(Protocol):
    """Whatever answers questions: an endpoint's client, or a model in this process."""

    def ask(self, question: Question, calls: int | None = None) -> Answer:
        """The reply to a question, for which at most so many requests may be sent."""


class Vlm:
    """A vision-language model as a proposer; satisfies `finexl.proposers.Proposer`.

    Args:
        endpoint: who is asked.
        concepts: the vocabulary, under whose names proposals are reported where they mean the same.
        client: makes what answers; called when the first question is sent.
        store: of replies.
        asks: questions a round; each is answered by itself, and a concept counts by how many name it.
        layout: how pairs are shown at first; closer together where the model cannot take so many pictures.
        max_calls, max_cost: requests, and US dollars, that all rounds together may take; None for no limit.
        local_only: refuse an endpoint outside this machine and its private network before any picture is sent.
        seed: of the questions.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        concepts: Sequence[Concept],
        client: Callable[[], Asks],
        store: ReplyStore,
        *,
        asks: int = ASKS,
        layout: Layout = "separate",
        pairs: int = PAIRS,
        max_calls: int | None = None,
        max_cost: float | None = None,
        local_only: bool = False,
        seed: int = 0,
    ) -> None:
        self.name = endpoint.name
        self.endpoint, self.store, self.asks, self.layout, self.pairs = endpoint, store, asks, layout, pairs
        self.max_calls, self.max_cost, self.local_only, self.seed = max_calls, max_cost, local_only, seed
        self._lexicon = Lexicon(concepts)
        self._make = client
        self._client: Asks | None = None
        self._spent: list[Usage] = []

    def propose(self, evidence: Evidence) -> Proposal:
        """What the model names, most often named first.

        Raises:
            ProposerError: it cannot see these pairs, or no question was answered; says why and what helps.
        """
        self._check(evidence)
        begun = len(self._spent)
        failures: list[str] = []
        replies: list[tuple[str, str]] = []
        for number in range(self.asks):
            try:
                replies.append(self._reply(evidence, number))
            except FinexlError as error:
                failures.append(str(error))
                break  # the next question would fail alike, and cost as much time
        usage = total(self._spent[begun:])
        if not replies:
            raise ProposerError(failures[0], usage)
        concepts, tallied = tally(replies, self._lexicon)
        origins = {
            name: Origin(proposer=self.name, asked=len(replies), named=count, direction=side)
            for name, (count, side) in tallied.items()
        }
        failed = Usage(failed=len(failures), failures=tuple(failures))
        return Proposal(tuple(concepts), origins=origins, usage=total([usage, failed]))

    def dry_run(self, evidence: Evidence) -> str:
        """What would be sent, to whom, and about what it would cost; nothing is."""
        self._check(evidence)
        questions = [ask(evidence, number, self.layout, self.seed, self.pairs) for number in range(self.asks)]
        fresh = [question for question in questions if self.store.get(self._key(question)) is None]
        pictures = sum(len(q.pictures) for q in fresh)
        size = sum(len(raw) for q in fresh for _, raw in q.pictures)
        tokens = sum(_tokens(q) for q in fresh)
        cost = self.endpoint.cost(tokens, len(fresh) * TOKENS_OF_REPLY)
        price = "no price known" if cost is None else f"about ${cost:.3f}"
        where = "this machine or network" if self.endpoint.is_local else "outside this machine"
        kept = (
            f" {self.asks - len(fresh)} more have their replies in the store."
            if len(fresh) < self.asks
            else ""
        )
        return (
            f"To {self.name} at {self.endpoint.address} ({where}): {len(fresh)} requests, {pictures} pictures, {size / 1e6:.2f} MB, "
            f"about {tokens} tokens, {price} a round.{kept} Nothing was sent. The first question:\n\n{questions[0].text}"
        )

    def _reply(self, evidence: Evidence, number: int) -> tuple[str, str]:
        """The text of a reply, from the store or the model, and the letter that the personalized set had.

        A model that cannot take so many pictures is shown them closer together.
        """
        while True:
            question = ask(evidence, number, self.layout, self.seed, self.pairs)
            key = self._key(question)
            kept = self.store.get(key)
            if kept is not None and isinstance(kept.get("text"), str):
                self._spent.append(Usage(cached=1))
                return kept["text"], question.personalized
            failed = self.store.get(f"failed {key}") or {}
            if self.layout not in CLOSER or not failed.get("too_much"):
                try:
                    return self._asked(question, key), question.personalized
                except TooMuchError:
                    if self.layout not in CLOSER:
                        raise
            self.layout = CLOSER[self.layout]

    def _asked(self, question: Question, key: str) -> str:
        """The reply of the model, which is stored; so is a failure."""
        left = self._calls_left(question)
        if self._client is None:
            self._client = self._make()
        try:
            answer = self._client.ask(question, left)
        except ProposerError as error:
            self._spent.append(self._priced(error.usage))
            failure = {"failure": str(error), "too_much": isinstance(error, TooMuchError)}
            self.store.put(f"failed {key}", self.name, failure)
            raise
        self._spent.append(self._priced(answer.usage))
        self.store.put(key, self.name, answer.stored())
        return answer.text

    def _key(self, question: Question) -> str:
        return question_key(url=self.endpoint.address, model=self.endpoint.model, asked=question.described())

    def _priced(self, usage: Usage) -> Usage:
        return usage.model_copy(update={"cost": self.endpoint.cost(usage.tokens_in, usage.tokens_out)})

    def _check(self, evidence: Evidence) -> None:
        if evidence.pictures is None:
            raise ProposerError(f"{self.name} needs pictures, and there are none here.")
        if self.local_only and not self.endpoint.is_local:
            raise ProposerError(
                f"{self.name} answers at {self.endpoint.address}, outside this machine and its network, and images may not leave. "
                "Name a local server, or drop --local-only."
            )

    def _calls_left(self, question: Question) -> int | None:
        """How many requests this question may take; None for no limit.

        Raises:
            ProposerError: the budget is used up, or cannot be kept because nobody knows the price.
        """
        spent = total(self._spent)
        if self.max_cost is not None:
            price = self.endpoint.cost(_tokens(question), TOKENS_OF_REPLY)
            if price is None:
                raise ProposerError(
                    f"{self.name} has no known price, so that the budget of ${self.max_cost:g} cannot be kept. "
                    "Give one of calls, FINEXL_VLM_MAX_CALLS."
                )
            if (spent.cost or 0.0) + price > self.max_cost:
                raise ProposerError(
                    f"{self.name}: the budget of ${self.max_cost:g} does not allow another question. Raise FINEXL_VLM_MAX_COST."
                )
        if self.max_calls is None:
            return None
        if spent.calls >= self.max_calls:
            raise ProposerError(
                f"{self.name}: the budget of {self.max_calls} calls is used up. Raise FINEXL_VLM_MAX_CALLS."
            )
        return self.max_calls - spent.calls


def _tokens(question: Question) -> int:
    """About how many the question takes, before anybody has counted."""
    return len(question.pictures) * TOKENS_PER_PICTURE + len(question.text) // 4
