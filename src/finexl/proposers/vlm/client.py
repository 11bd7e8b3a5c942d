"""One question to one endpoint: through the openai SDK, with nothing believed because it came with a 200."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finexl.errors import MissingExtraError
from finexl.proposers import ProposerError
from finexl.proposers.vlm.endpoints import Endpoint, Limits
from finexl.proposers.vlm.questions import REPAIR, SCHEMA, Question
from finexl.proposers.vlm.refusals import refused, words_of
from finexl.proposers.vlm.replies import parse
from finexl.proposers.vlm.wire import http_client
from finexl.types import Usage

RETRIES = 4
TOKENS = 1200
"""Of a reply: enough for twelve differences."""
THOUGHTS = 4
"""So many times as many for a model that thinks before it answers: its thoughts count."""


@dataclass(frozen=True)
class Answer:
    """A reply that could be read.

    Attributes:
        text: of it.
        schema_enforced: whether the server took the JSON schema (it may still have ignored it).
        usage: what it took, repair included.
    """

    text: str
    schema_enforced: bool
    usage: Usage

    def stored(self) -> dict[str, Any]:
        """What is kept of it."""
        tokens = [self.usage.tokens_in, self.usage.tokens_out]
        return {"text": self.text, "schema_enforced": self.schema_enforced, "tokens": tokens}


@dataclass
class Meter:
    """Counts what one question takes, whatever becomes of it."""

    began: float
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def usage(self) -> Usage:
        """What it has taken until now."""
        seconds = time.perf_counter() - self.began
        return Usage(calls=self.calls, tokens_in=self.tokens_in, tokens_out=self.tokens_out, seconds=seconds)


class Client:
    """Asks one endpoint.

    Args:
        endpoint: who is asked.
        timeout: seconds for a reply to begin, and then for it to end.
        retries: of a server that is busy or broken.
    Raises:
        MissingExtraError: the openai package is not installed.
    """

    def __init__(self, endpoint: Endpoint, timeout: float = Limits.timeout, retries: int = RETRIES) -> None:
        try:
            import openai
        except ImportError as error:
            raise MissingExtraError("asking a vision-language model", "vlm") from error
        self.endpoint = endpoint
        self._errors: Any = openai
        self._client: Any = openai.OpenAI(
            base_url=endpoint.url,
            api_key=endpoint.key or "none",
            max_retries=retries,
            http_client=http_client(openai, timeout, endpoint.is_local),
        )
        self._schema, self._thinks = True, False

    def ask(self, question: Question, calls: int | None = None) -> Answer:
        """The reply; asked once more for its form if nothing in it can be read.

        Args:
            calls: how many requests it may take; None for no limit.
        Raises:
            ProposerError: there is none that can be used; says why and what helps, and what it took.
        """
        meter = Meter(time.perf_counter())
        try:
            text = self._read(question, calls, meter)
        except ProposerError as error:
            error.usage = meter.usage()
            raise
        return Answer(text, self._schema, meter.usage())

    def _read(self, question: Question, calls: int | None, meter: Meter) -> str:
        messages = question.messages()
        text = self._complete(messages, meter)
        if parse(text):
            return text
        if calls is None or meter.calls < calls:
            turns = [
                {"role": "assistant", "content": text[:2000] or "-"},
                {"role": "user", "content": REPAIR},
            ]
            text = self._complete([*messages, *turns], meter)
        if parse(text):
            return text
        said = self.endpoint.without_secrets(" ".join(text[:120].split()))
        raise ProposerError(
            f"{self.endpoint.name} named no differences, not even when asked for their form ({said!r}). "
            "Ask a model that follows instructions."
        )

    def _complete(self, messages: list[dict[str, Any]], meter: Meter) -> str:
        """The text of one reply; asked without what the server refuses to know."""
        e, name = self._errors, self.endpoint.name
        options: dict[str, Any] = {"model": self.endpoint.model, "messages": messages}
        limit = "max_completion_tokens" if self._thinks else "max_tokens"
        options[limit] = TOKENS * THOUGHTS if self._thinks else TOKENS
        if self._schema:
            form = {"name": "differences", "schema": SCHEMA, "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": form}
        meter.calls += 1
        try:
            reply = self._client.chat.completions.create(**options)
        except e.APIStatusError as error:
            words = words_of(error)
            if error.status_code in (400, 422) and self._gives_in(words.lower()):
                return self._complete(messages, meter)
            # From none: the SDK's error repeats the server, which may repeat the key.
            raise refused(self.endpoint, error.status_code, words) from None
        except e.APIConnectionError as error:
            raise ProposerError(
                f"{name} cannot be reached at {self.endpoint.address}. Start it, or check the address."
            ) from error
        except (e.OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise self._no_reply(type(error).__name__) from error
        usage = getattr(reply, "usage", None)
        meter.tokens_in += _count(usage, "prompt_tokens")
        meter.tokens_out += _count(usage, "completion_tokens")
        return self._content(reply)

    def _gives_in(self, words: str) -> bool:
        """Whether the question can be put in another way that this server may take."""
        if self._schema and ("response_format" in words or "schema" in words):
            self._schema = False
        elif not self._thinks and "max_completion_tokens" in words:
            self._thinks = True
        else:
            return False
        return True

    def _content(self, reply: Any) -> str:
        choices = getattr(reply, "choices", None)
        if not isinstance(choices, list) or not choices:
            raise self._no_reply("no choices")
        message = getattr(choices[0], "message", None)
        refusal = getattr(message, "refusal", None)
        if refusal or getattr(choices[0], "finish_reason", "") == "content_filter":
            said = self.endpoint.without_secrets(" ".join(str(refusal or "filtered").split()))[:120]
            raise ProposerError(
                f"{self.endpoint.name} declined to look at these pictures ({said}). Ask another model."
            )
        return str(getattr(message, "content", None) or "")

    def _no_reply(self, why: str) -> ProposerError:
        return ProposerError(
            f"{self.endpoint.name} sent something that is no reply ({why}). Is {self.endpoint.address} the right address?"
        )


def _count(usage: Any, name: str) -> int:
    value = usage.get(name) if isinstance(usage, Mapping) else getattr(usage, name, 0)
    return value if isinstance(value, int) else 0
