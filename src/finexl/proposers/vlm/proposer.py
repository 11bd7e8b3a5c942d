"""The proposer: several questions about the pairs, their replies tallied, what they cost added up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from finexl.proposers import Evidence, Proposal
from finexl.proposers.vlm.client import Answer
from finexl.proposers.vlm.endpoints import Endpoint, ProposerError
from finexl.proposers.vlm.questions import PAIRS, Layout, Question, ask
from finexl.proposers.vlm.replies import Lexicon, tally
from finexl.store.replies import ReplyStore, question_key
from finexl.types import Concept, Origin, Usage

ASKS = 3
TOKENS_PER_PICTURE = 800  # a rough mean over models, for estimates before anything is sent
TOKENS_OF_REPLY = 400


class Asks(Protocol):
    """Whatever answers questions: an endpoint's client, or a model in this process."""

    def ask(self, question: Question) -> Answer:
        """The reply to a question."""


class Vlm:
    """A vision-language model as a proposer; satisfies `finexl.proposers.Proposer`.

    Args:
        endpoint: who is asked.
        concepts: the vocabulary, under whose names proposals are reported where they mean the same.
        client: makes what answers; called when the first question is sent.
        store: of replies.
        asks: questions a round; each is answered by itself, and a concept counts by how many name it.
        layout: how pairs are shown; local models often see one sheet better than many pictures.
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
        self._make, self._client = client, None
        self._calls, self._cost = 0, 0.0

    _client: Asks | None

    def propose(self, evidence: Evidence) -> Proposal:
        """What the model names, most often named first.

        Raises:
            ProposerError: it cannot see these pairs, or no question was answered; says why and what helps.
        """
        self._check(evidence)
        spent = {"calls": 0, "cached": 0, "tokens_in": 0, "tokens_out": 0}
        seconds, cost = 0.0, 0.0
        priced = True
        failures: list[str] = []
        replies: list[tuple[str, str]] = []
        for number in range(self.asks):
            question = ask(evidence, number, self.layout, self.seed, self.pairs)
            key = question_key(url=self.endpoint.url, model=self.endpoint.model, asked=question.described())
            kept = self.store.get(key)
            if kept is not None and isinstance(kept.get("text"), str):
                spent["cached"] += 1
                replies.append((kept["text"], question.personalized))
                continue
            stop = self._spent()
            if stop:
                failures.append(stop)
                break
            try:
                answer = self._answer(question)
            except ProposerError as error:
                self._calls += 1
                self.store.put(f"failed {key}", self.name, {"failure": str(error)})
                failures.append(str(error))
                break  # the next question would fail alike, and cost as much time
            self.store.put(key, self.name, answer.stored())
            replies.append((answer.text, question.personalized))
            spent["calls"] += answer.calls
            spent["tokens_in"] += answer.tokens_in
            spent["tokens_out"] += answer.tokens_out
            seconds += answer.seconds
            price = self.endpoint.cost(answer.tokens_in, answer.tokens_out)
            priced &= price is not None
            cost += price or 0.0
            self._calls += answer.calls
            self._cost += price or 0.0
        if not replies:
            raise ProposerError(failures[0])
        concepts, tallied = tally(replies, self._lexicon)
        origins = {
            name: Origin(proposer=self.name, asked=len(replies), named=count, direction=side)
            for name, (count, side) in tallied.items()
        }
        usage = Usage(
            **spent,
            failed=len(failures),
            seconds=seconds,
            cost=cost if priced else None,
            failures=tuple(failures),
        )
        return Proposal(tuple(concepts), origins=origins, usage=usage)

    def dry_run(self, evidence: Evidence) -> str:
        """What would be sent, to whom, and about what it would cost; nothing is."""
        self._check(evidence)
        questions = [ask(evidence, number, self.layout, self.seed, self.pairs) for number in range(self.asks)]
        pictures = sum(len(q.pictures) for q in questions)
        size = sum(len(raw) for q in questions for _, raw in q.pictures)
        tokens = pictures * TOKENS_PER_PICTURE + sum(len(q.text) for q in questions) // 4
        cost = self.endpoint.cost(tokens, self.asks * TOKENS_OF_REPLY)
        price = "no price known" if cost is None else f"about ${cost:.3f}"
        where = "this machine or network" if self.endpoint.is_local else "outside this machine"
        return (
            f"To {self.name} at {self.endpoint.url} ({where}): {len(questions)} requests, {pictures} pictures, {size / 1e6:.2f} MB, "
            f"about {tokens} tokens, {price} a round. Nothing was sent. The first question:\n\n{questions[0].text}"
        )

    def _answer(self, question: Question) -> Answer:
        if self._client is None:
            self._client = self._make()
        return self._client.ask(question)

    def _check(self, evidence: Evidence) -> None:
        if evidence.pictures is None:
            raise ProposerError(f"{self.name} needs pictures, and there are none here.")
        if self.local_only and not self.endpoint.is_local:
            raise ProposerError(
                f"{self.name} answers at {self.endpoint.url}, outside this machine and its network, and images may not leave. "
                "Name a local server, or drop --local-only."
            )

    def _spent(self) -> str | None:
        if self.max_calls is not None and self._calls >= self.max_calls:
            return f"{self.name}: the budget of {self.max_calls} calls is used up."
        if self.max_cost is not None and self._cost >= self.max_cost:
            return f"{self.name}: the budget of ${self.max_cost:g} is used up."
        return None
