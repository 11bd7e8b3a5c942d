"""Where a model answers, and with which key; keys are read from the environment and appear in no message."""

from __future__ import annotations

import ipaddress
import os
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from finexl.errors import FinexlError, UnknownNameError


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("finexl.proposers.vlm").joinpath(name).read_text(encoding="utf-8"))


PROVIDERS: dict[str, dict[str, str]] = _table("providers.toml")
PRICES = {name: price for name, price in _table("prices.toml").items() if isinstance(price, dict)}


class ProposerError(FinexlError):
    """A proposer could not do its work; the message says why and what helps. The run goes on without it."""


IN_PROCESS = "transformers"
"""Scheme of a model that is loaded here and asked without any network."""


@dataclass(frozen=True)
class Endpoint:
    """One model at one address.

    Attributes:
        name: "openai:gpt-4o".
        url: its base address; model: as the server calls it.
        key: never printed.
    """

    name: str
    url: str
    model: str
    key: str | None = field(default=None, repr=False)

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
        """US dollars, by the price table; None for a model without a price. What runs here costs nothing."""
        if self.is_local:
            return 0.0
        price = PRICES.get(self.model.rpartition("/")[2])
        return None if price is None else (tokens_in * price["input"] + tokens_out * price["output"]) / 1e6


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
    key = os.environ.get(told["key_variable"]) if "key_variable" in told else None
    found = Endpoint(f"{provider}:{model}", url, model, key)
    if "key_variable" in told and not key and not found.is_local:
        raise ProposerError(f"{spec!r}: no key. Set {told['key_variable']}.")
    return found


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
