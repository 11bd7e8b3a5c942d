"""What a server's refusal means, told from its status and its words: each kind has another mend.

The words are those that OpenAI, OpenRouter, vLLM, llama.cpp, Ollama and their like were seen to use; of text-only models llama.cpp says 500
and OpenRouter 404, so that the status alone tells little.
"""

from __future__ import annotations

import re
from typing import Any

from finexl.proposers import ProposerError
from finexl.proposers.vlm.endpoints import Endpoint

_EYES = r"(?:images?|image_url|vision|multi-?modal)\b"
_TOO_MUCH = re.compile(
    r"at most \d+ image|too many images|only (?:one|1|a single) image|limit.mm.per.prompt|(?:number|maximum) of \d* ?images|"
    r"context (?:length|size|window)|too (?:long|large|many tokens)|request entity"
)
_DECLINED = re.compile(r"content.{0,12}(?:filter|policy)|safety|moderation|flagged|responsible.?ai")
_UNKNOWN = re.compile(
    r"model\b.{0,80}(?:not found|not exist|not a valid)|(?:not a valid|invalid|unknown) model|model.not.found"
)
_BLIND = re.compile(
    rf"(?:\bnot?|n't|without|unknown|unsupported|missing|invalid content type)\b.{{0,80}}\b{_EYES}|\b{_EYES}.{{0,60}}(?:\bnot|n't|unsupported|only)\b"
)


class TooMuchError(ProposerError):
    """The server takes fewer or smaller pictures than it was sent."""


def refused(endpoint: Endpoint, status: int, words: str) -> ProposerError:
    """The error for a status that is no success.

    Args:
        words: the server's own, as `words_of` gives them.
    """
    name, said = endpoint.name, words.lower()
    quoted = endpoint.without_secrets(words)[:160] or f"status {status}"
    if status == 401:
        return ProposerError(f"{name} refused the key (401). {_key_mend(endpoint)}")
    if status in (402, 429):
        return ProposerError(
            f"{name}: quota exhausted, or too many requests ({status}). Wait, or check your plan."
        )
    if status in (408, 504):
        return ProposerError(
            f"{name} did not answer in time. Look at the server, or raise FINEXL_VLM_TIMEOUT (seconds)."
        )
    if status < 400:
        return ProposerError(
            f"{name} redirects to another address ({status}), and pictures stay where you sent them. "
            "Name that address yourself if you trust it."
        )
    if _DECLINED.search(said):
        return ProposerError(f"{name} declined to look at these pictures ({quoted}). Ask another model.")
    if status == 403:
        return ProposerError(
            f"{name}: the key may not use this model (403). Name another, or ask for access to it."
        )
    if status < 500 and _UNKNOWN.search(said):
        return ProposerError(_unknown(name, status))
    if status == 413 or _TOO_MUCH.search(said):
        return TooMuchError(f"{name} cannot take so many pictures ({quoted}). Give it a longer context.")
    if _BLIND.search(said):
        return ProposerError(f"{name} cannot see images: it is a text-only model. Name one that can.")
    if status == 404:
        return ProposerError(_unknown(name, status))
    if status < 500:
        return ProposerError(f"{name} refused the question ({quoted}).")
    return ProposerError(f"{name} answered {status}. Try again later.")


def words_of(error: Any) -> str:
    """What a server said beside its status, on one line; several servers have several forms for it."""
    body = getattr(error, "body", None)
    if isinstance(body, dict):
        message, code = body.get("message") or body.get("detail") or body.get("error"), body.get("code")
        body = f"{message or ''} [{code}]" if isinstance(code, str) else message
    return " ".join(str(body or "").split())[:2000]


def _unknown(name: str, status: int) -> str:
    return f"{name}: the server knows no such model or address ({status}). Check the name."


def _key_mend(endpoint: Endpoint) -> str:
    if endpoint.key_variable:
        return f"Set the right one in {endpoint.key_variable}."
    return (
        "Where a server of your own wants one: --proposer vlm:MODEL, FINEXL_VLM_BASE_URL, FINEXL_VLM_API_KEY."
    )
