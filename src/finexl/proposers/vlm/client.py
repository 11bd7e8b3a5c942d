"""One question to one endpoint: through the openai SDK, with nothing believed because it came with a 200."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finexl.errors import MissingExtraError
from finexl.proposers.vlm.endpoints import Endpoint, ProposerError
from finexl.proposers.vlm.questions import REPAIR, SCHEMA, Question
from finexl.proposers.vlm.replies import parse

TIMEOUT = 90.0
RETRIES = 4
TOKENS = 1200  # of a reply: enough for twelve differences


@dataclass(frozen=True)
class Answer:
    """A reply that could be read.

    Attributes:
        text: of it.
        schema_enforced: whether the server took the JSON schema (it may still have ignored it).
        tokens_in, tokens_out, seconds, calls: what it took, repair included.
    """

    text: str
    schema_enforced: bool
    tokens_in: int
    tokens_out: int
    seconds: float
    calls: int

    def stored(self) -> dict[str, Any]:
        """What is kept of it."""
        return {
            "text": self.text,
            "schema_enforced": self.schema_enforced,
            "tokens": [self.tokens_in, self.tokens_out],
        }


class Client:
    """Asks one endpoint.

    Raises:
        MissingExtraError: the openai package is not installed.
    """

    def __init__(self, endpoint: Endpoint, timeout: float = TIMEOUT, retries: int = RETRIES) -> None:
        try:
            import openai
        except ImportError as error:
            raise MissingExtraError("asking a vision-language model", "vlm") from error
        self.endpoint = endpoint
        self._errors: Any = openai
        self._client: Any = openai.OpenAI(
            base_url=endpoint.url, api_key=endpoint.key or "none", timeout=timeout, max_retries=retries
        )
        self._schema = True

    def ask(self, question: Question) -> Answer:
        """The reply; asked once more for its form if nothing in it can be read.

        Raises:
            ProposerError: there is none that can be used; says why and what helps.
        """
        began = time.perf_counter()
        messages = question.messages()
        text, used = self._complete(messages)
        calls, tokens = 1, list(used)
        if not parse(text):
            again = [
                *messages,
                {"role": "assistant", "content": text[:2000] or "-"},
                {"role": "user", "content": REPAIR},
            ]
            text, used = self._complete(again)
            calls, tokens = 2, [a + b for a, b in zip(tokens, used, strict=True)]
        if not parse(text):
            said = " ".join(text[:120].split())
            raise ProposerError(
                f"{self.endpoint.name} named no differences, not even when asked for their form ({said!r})."
            )
        return Answer(text, self._schema, tokens[0], tokens[1], time.perf_counter() - began, calls)

    def _complete(self, messages: list[dict[str, Any]]) -> tuple[str, tuple[int, int]]:
        """Text and tokens of one reply; without a schema from a server that refuses it."""
        e = self._errors
        name = self.endpoint.name
        options: dict[str, Any] = {"model": self.endpoint.model, "messages": messages, "max_tokens": TOKENS}
        if self._schema:
            form = {"name": "differences", "schema": SCHEMA, "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": form}
        try:
            reply = self._client.chat.completions.create(**options)
        except e.BadRequestError as error:
            said = str(error).lower()
            if self._schema and ("response_format" in said or "schema" in said):
                self._schema = False
                return self._complete(messages)
            if "image" in said or "vision" in said or "multimodal" in said:
                raise ProposerError(
                    f"{name} cannot see images: it is a text-only model. Name one that can."
                ) from error
            raise ProposerError(f"{name} refused the question ({_first(error)}).") from error
        except e.AuthenticationError as error:
            raise ProposerError(f"{name} refused the key (401). Set the right one.") from error
        except e.PermissionDeniedError as error:
            raise ProposerError(f"{name}: the key may not use this model (403).") from error
        except e.NotFoundError as error:
            raise ProposerError(
                f"{name}: the server knows no such model or address (404). Check the name."
            ) from error
        except e.RateLimitError as error:
            raise ProposerError(
                f"{name}: quota exhausted, or too many requests (429). Wait, or check your plan."
            ) from error
        except e.APITimeoutError as error:
            raise ProposerError(f"{name} did not answer in time.") from error
        except e.APIConnectionError as error:
            raise ProposerError(
                f"{name} cannot be reached at {self.endpoint.url}. Start it, or check the address."
            ) from error
        except e.APIStatusError as error:
            raise ProposerError(f"{name} answered {error.status_code}. Try again later.") from error
        except (e.OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise ProposerError(
                f"{name} sent something that is no reply ({type(error).__name__})."
            ) from error
        return self._content(reply)

    def _content(self, reply: Any) -> tuple[str, tuple[int, int]]:
        name = self.endpoint.name
        choices = getattr(reply, "choices", None)
        if not isinstance(choices, list) or not choices:
            raise ProposerError(f"{name} sent something that is no reply (no choices).")
        message = getattr(choices[0], "message", None)
        refusal = getattr(message, "refusal", None)
        if refusal or getattr(choices[0], "finish_reason", "") == "content_filter":
            raise ProposerError(
                f"{name} declined to look at these pictures ({' '.join(str(refusal or '').split())[:120]})."
            )
        text = getattr(message, "content", None)
        usage = getattr(reply, "usage", None)
        return str(text or ""), (_count(usage, "prompt_tokens"), _count(usage, "completion_tokens"))


def _count(usage: Any, name: str) -> int:
    value = usage.get(name) if isinstance(usage, Mapping) else getattr(usage, name, 0)
    return value if isinstance(value, int) else 0


def _first(error: Exception) -> str:
    body = getattr(error, "body", None)
    text = body.get("message") if isinstance(body, dict) else None
    return " ".join(str(text or type(error).__name__).split())[:160]
