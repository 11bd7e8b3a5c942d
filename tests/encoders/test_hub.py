"""Encoders of a hub that says no: a real server on loopback, asked by the real client."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from finexl import InputError
from finexl.encoders import load_encoder

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_secretsecretsecretsecretsecret"
GATED = "Access to model {} is restricted and you are not in the authorized list."
ANSWERS = {
    "there": (200, {}, {"id": "some/there", "sha": COMMIT, "siblings": [], "tags": []}),
    "missing": (404, {"X-Error-Code": "RepoNotFound"}, {"error": "Repository not found"}),
    "gated": (403, {"X-Error-Code": "GatedRepo", "X-Error-Message": GATED.format("some/gated")}, {}),
    "badtoken": (401, {"X-Error-Message": "Invalid credentials in Authorization header"}, {}),
    "broken": (500, {}, {"error": "oops"}),
}


class Hub(BaseHTTPRequestHandler):
    def do_GET(self):
        status, headers, body = ANSWERS[self.path.split("/")[4]]
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            **headers,
            "Content-Type": "application/json",
            "Content-Length": len(content),
        }.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        """Quiet."""


@pytest.fixture
def hub(monkeypatch, tmp_path):
    from huggingface_hub import constants

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("repo", "said"),
    [
        ("missing", r"the hub has no model 'some/missing' that you may see.*HF_TOKEN"),
        ("gated", r"'some/gated' is gated: accept its licence on https://huggingface.co/some/gated"),
        ("badtoken", r"refused your token \(401\).*Renew HF_TOKEN"),
        ("broken", r"the hub answered 500 for 'some/broken'"),
    ],
)
def test_each_refusal_has_its_own_message(hub, repo, said):
    with pytest.raises(InputError, match=said) as caught:
        load_encoder(f"clip:some/{repo}")
    assert TOKEN not in str(caught.value)


def test_the_identity_is_that_of_the_resolved_commit(hub, monkeypatch):
    first = load_encoder("clip:some/there").identity
    assert load_encoder("siglip:some/there").identity == first
    answer = {**ANSWERS["there"][2], "sha": COMMIT[::-1]}
    monkeypatch.setitem(ANSWERS, "there", (200, {}, answer))
    assert load_encoder("clip:some/there").identity != first


def test_no_network(hub, monkeypatch):
    from huggingface_hub import constants

    hub.shutdown()
    hub.server_close()
    with pytest.raises(InputError, match="the hub cannot be reached for 'some/there'"):
        load_encoder("clip:some/there")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="not in the hub's local cache, and HF_HUB_OFFLINE forbids"):
        load_encoder("clip:some/there")
