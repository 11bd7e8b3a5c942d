"""Where a model answers, with which key, and within which limits; keys are read from the environment and appear in no message."""

from __future__ import annotations

import ipaddress
import math
import os
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from urllib.parse import unquote, urlsplit

from finexl.errors import InputError, UnknownNameError
from finexl.proposers import ProposerError


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("finexl.proposers.vlm").joinpath(name).read_text(encoding="utf-8"))


PROVIDERS: dict[str, dict[str, str]] = _table("providers.toml")
PRICES = {name: price for name, price in _table("prices.toml").items() if isinstance(price, dict)}


IN_PROCESS = "transformers"
"""Scheme of a model that is loaded here and asked without any network."""

SHORTEST_SECRET = 6
"""Anything shorter is a placeholder such as "none", which stands in many an innocent sentence."""


@dataclass(frozen=True)
class Endpoint:
    """One model at one address.

    Attributes:
        name: "openai:gpt-4o".
        url: its base address, which may hold a login and is never printed; model: as the server calls it.
        key: never printed.
        key_variable: where the key is looked for; None where none is.
    """

    name: str
    url: str = field(repr=False)
    model: str
    key: str | None = field(default=None, repr=False)
    key_variable: str | None = None

    @property
    def address(self) -> str:
        """The base address without login and query: what may be printed, and what replies are stored under."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()

    def without_secrets(self, text: str) -> str:
        """The text with the key and the password taken out: servers repeat what they were sent."""
        password = urlsplit(self.url).password or ""
        for secret in (self.key or "", password, unquote(password)):
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text

    @property
    def is_local(self) -> bool:
        """Whether it answers on this machine or in a private network."""
        if self.url.startswith(f"{IN_PROCESS}:"):
            return True
        host = (urlsplit(self.url).hostname or "").lower()
        if host == "localhost" or host.endswith((".local", ".localhost")):
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return address.is_private or address.is_loopback

    def cost(self, tokens_in: int, tokens_out: int) -> float | None:
        """US dollars, by the price table, also where a gateway here passes the question on; of other models, nothing for what
        runs here and None elsewhere: nobody knows."""
        price = PRICES.get(self.model.rpartition("/")[2])
        if price is None:
            return 0.0 if self.is_local else None
        return float(tokens_in * price["input"] + tokens_out * price["output"]) / 1e6


def endpoint(spec: str) -> Endpoint:
    """The endpoint that a spec such as "openai:gpt-4o" means.

    Raises:
        UnknownNameError: no such provider.
        ProposerError: no model is named, or an address or key that is needed is in no variable.
    """
    provider, _, model = spec.partition(":")
    if provider not in PROVIDERS:
        raise UnknownNameError("provider of vision-language models", provider, PROVIDERS)
    told = PROVIDERS[provider]
    if provider == "vlm" and not model:
        model = os.environ.get("FINEXL_VLM_MODEL", "")
    if not model:
        raise ProposerError(
            f"{spec!r} names no model. Give {provider}:MODEL"
            + (", or set FINEXL_VLM_MODEL." if provider == "vlm" else ".")
        )
    variable = told.get("url_variable", "")
    url = os.environ.get(variable, "") if variable else ""
    url = (url.rstrip("/") + told.get("suffix", "") if url else told.get("url", "")).rstrip("/")
    if not url:
        raise ProposerError(f"{spec!r}: set {variable} to the server's address.")
    holder = told.get("key_variable")
    found = Endpoint(f"{provider}:{model}", url, model, os.environ.get(holder) if holder else None, holder)
    if holder and not found.key and not found.is_local:
        raise ProposerError(f"{spec!r}: no key. Set {holder}.")
    return found


@dataclass(frozen=True)
class Limits:
    """What asking may take.

    Attributes:
        timeout: seconds for a reply to begin, and then for it to end.
        calls: requests of one run; None for no limit.
        cost: US dollars of one run, by the price table; None for no limit.
    """

    timeout: float = 90.0
    calls: int | None = None
    cost: float | None = None


def limits() -> Limits:
    """The limits that FINEXL_VLM_TIMEOUT, FINEXL_VLM_MAX_CALLS and FINEXL_VLM_MAX_COST set.

    Raises:
        InputError: one of them is no positive number.
    """
    timeout, calls, cost = (_number(f"FINEXL_VLM_{name}") for name in ("TIMEOUT", "MAX_CALLS", "MAX_COST"))
    return Limits(timeout or Limits.timeout, None if calls is None else int(calls), cost)


def _number(variable: str) -> float | None:
    text = os.environ.get(variable, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{variable}={text!r}: give a number above 0, or leave it unset.")
    return value


def configured() -> str | None:
    """The spec of the model that the environment names; None where it names none.

    A bare OPENAI_API_KEY is no wish to send pictures to anyone: FINEXL_VLM_MODEL is.
    """
    model = os.environ.get("FINEXL_VLM_MODEL", "")
    if not model:
        return None
    if os.environ.get("FINEXL_VLM_BASE_URL"):
        return f"vlm:{model}"
    return model if model.partition(":")[0] in PROVIDERS else f"openai:{model}"
