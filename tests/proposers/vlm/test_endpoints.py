"""Who is asked, with which key, and within which limits."""

from __future__ import annotations

import pytest

from answers import SECRET
from finexl.errors import InputError, UnknownNameError
from finexl.proposers import ProposerError, load_proposer
from finexl.proposers.vlm import Endpoint, configured, endpoint
from finexl.proposers.vlm.endpoints import limits

VARIABLES = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "GEMINI_API_KEY",
    "FINEXL_VLM_MODEL",
    "FINEXL_VLM_BASE_URL",
    "FINEXL_VLM_TIMEOUT",
    "FINEXL_VLM_MAX_CALLS",
    "FINEXL_VLM_MAX_COST",
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_endpoints_come_from_their_variables(monkeypatch):
    assert configured() is None
    with pytest.raises(ProposerError, match="OPENAI_API_KEY"):
        endpoint("openai:gpt-4o")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    assert endpoint("openai:gpt-4o").url == "https://api.openai.com/v1"
    assert SECRET not in repr(endpoint("openai:gpt-4o"))
    assert configured() is None  # a key alone is no wish to send pictures
    monkeypatch.setenv("FINEXL_VLM_MODEL", "gpt-4o")
    assert configured() == "openai:gpt-4o"
    monkeypatch.setenv("FINEXL_VLM_BASE_URL", "http://127.0.0.1:9/v1/")
    assert endpoint(configured()).url == "http://127.0.0.1:9/v1"
    assert endpoint("ollama:llava").is_local


@pytest.mark.parametrize(("spec", "kind"), [("opena:x", UnknownNameError), ("openai:", ProposerError)])
def test_specs_that_cannot_be_meant(spec, kind):
    with pytest.raises(kind):
        endpoint(spec)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/v1", True), ("http://localhost/v1", True), ("http://192.168.1.5/v1", True),
        ("http://[::1]:8000/v1", True), ("http://box.local:80/v1", True), ("https://api.openai.com/v1", False),
        ("http://8.8.8.8/v1", False), ("http://127.0.0.1.evil.com/v1", False), ("http://127.0.0.1@evil.com/v1", False),
        ("http://2130706433/v1", False),
    ],
)  # fmt: skip
def test_what_counts_as_this_machine_and_its_network(url, local):
    assert Endpoint("x:m", url, "m").is_local is local


def test_prices_are_estimates_where_they_are_known():
    paid = Endpoint("openai:gpt-4o", "https://api.openai.com/v1", "gpt-4o")
    assert paid.cost(1_000_000, 0) == 2.5
    assert paid.cost(0, 100_000) == 1.0
    assert Endpoint("x:y", "https://example.com", "y").cost(1, 1) is None
    assert Endpoint("ollama:y", "http://127.0.0.1:11434/v1", "y").cost(1, 1) == 0
    gateway = Endpoint("vlm:openai/gpt-4o", "http://127.0.0.1:4000/v1", "openai/gpt-4o")
    assert gateway.cost(1_000_000, 0) == 2.5


def test_keys_and_logins_are_in_no_text():
    where = Endpoint("vlm:m", f"https://me:pass%20word@host:8000/v1?token={SECRET}", "m", SECRET)
    assert where.address == "https://host:8000/v1"
    for text in (repr(where), where.without_secrets(f"{SECRET} pass%20word 'pass word'")):
        assert SECRET not in text
        assert "word" not in text
    short = Endpoint("vlm:m", "https://host/v1", "m", "none")
    assert short.without_secrets("there is none") == "there is none"


def test_limits_come_from_their_variables(monkeypatch):
    assert (limits().timeout, limits().calls, limits().cost) == (90.0, None, None)
    for name, value in (("TIMEOUT", "600"), ("MAX_CALLS", "4"), ("MAX_COST", "0.05")):
        monkeypatch.setenv(f"FINEXL_VLM_{name}", value)
    assert (limits().timeout, limits().calls, limits().cost) == (600.0, 4, 0.05)
    proposer = load_proposer("ollama:llava")
    assert (proposer.max_calls, proposer.max_cost) == (4, 0.05)


@pytest.mark.parametrize("value", ["0", "-1", "many", "nan", "inf"])
def test_a_limit_that_is_none_is_refused(monkeypatch, value):
    monkeypatch.setenv("FINEXL_VLM_MAX_CALLS", value)
    with pytest.raises(InputError, match=f"FINEXL_VLM_MAX_CALLS='{value}': give a number above 0"):
        load_proposer("ollama:llava")
