"""Servers that are busy, broken or hostile, over real HTTP; driven through the web UI's generator."""

from __future__ import annotations

import base64
import email.utils
import sys
import time

import numpy as np
import pytest

from finexl import InputError, Probe
from finexl.errors import MissingExtraError
from finexl.generators import load_generator
from finexl.generators.services import http
from scenery import scene
from servers import Reply, b64, png, serving

PROBE = Probe(prompt="a boat", seed=1)
GOOD = {"images": [b64(scene(1))]}


def draw(address, **options):
    return load_generator(f"a1111:{address}", {"checkpoint": "x", **options}).generate([PROBE])


def refusal(answer, **options):
    with serving(answer) as server, pytest.raises(InputError) as caught:
        draw(server.address, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 600
    return message


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again_when_it_says(status):
    calls = []

    def answer(*_):
        calls.append(time.monotonic())
        return Reply(b"busy", status, {"Retry-After": "0.2"}) if len(calls) < 3 else Reply(GOOD)

    with serving(answer) as server:
        assert np.array_equal(draw(server.address)[0], scene(1))
    assert len(calls) == 3
    assert calls[1] - calls[0] >= 0.2


def test_a_reply_that_breaks_off_is_asked_for_again():
    calls = []

    def answer(*_):
        calls.append(1)
        return Reply(GOOD, cut=500 if len(calls) == 1 else 0)

    with serving(answer) as server:
        assert np.array_equal(draw(server.address)[0], scene(1))
    assert len(calls) == 2


@pytest.mark.parametrize(
    "said", ["3600", email.utils.formatdate(4_102_444_800, usegmt=True)], ids=["seconds", "date"]
)
def test_a_server_that_asks_for_an_hour_is_left_alone(said):
    begin = time.monotonic()
    message = refusal(lambda *_: Reply(b"", 429, {"Retry-After": said}))
    assert "asks to wait" in message
    assert "Run the same again then." in message
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("said", ["nonsense", "-5", None, "nan"])
def test_times_that_are_none_do_not_stop_us(said):
    assert 0 <= http.pause(said, 1) <= 0.25


@pytest.mark.parametrize(
    ("reply", "mend"),
    [
        (Reply(b"no", 429, {"Retry-After": "0"}), "quota"),
        (Reply(b"boom\nboom", 500, {"Retry-After": "0"}), "answered 500"),
        (Reply({"detail": "bad sampler"}, 422), "bad sampler"),
        (Reply(b"", 401), "refused the key"),
        (Reply(b"", 404), "API enabled"),
        (Reply(b"", 302, {"Location": "http://u:pw@elsewhere/x?token=1"}), 'on to "http://elsewhere/x"'),
        (Reply({"images": []}), "images: List should have at least 1 item"),
        (Reply({}), "images: Field required"),
        (Reply([1, 2]), "cannot be used"),
        (Reply({"images": ["!!!"]}), "no base64"),
        (Reply({"images": [base64.b64encode(b"GIF89a nonsense").decode()]}), "no PNG, JPEG"),
        (Reply({"images": [base64.b64encode(png(scene(1))[:500]).decode()]}), "cannot be decoded"),
        (Reply({"images": [b64(scene(1).resize((8, 8)))]}), "too small"),
        (Reply(b"<html>hello</html>"), "no JSON"),
        (Reply(b"x" * 10_000_000), "no JSON"),
        (Reply(b"[" * 200_000), "no JSON"),
        (Reply(b"\xff\xfe{}"), "no JSON"),
        (Reply({"images": ["a" * 1000]}, cut=500), "broke off"),
    ],
)
def test_every_misbehaviour_has_its_own_message(monkeypatch, reply, mend):
    monkeypatch.setattr(http, "pause", lambda said, attempt: 0.0)
    assert mend in refusal(lambda *_: reply)


def test_a_reply_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(http, "LARGEST", 2**20)
    assert "more than 1 MB" in refusal(lambda *_: Reply(b"x" * 3_000_000))


@pytest.mark.parametrize("reply", [Reply(b"", delay=2.0), Reply(b"x" * 40, drip=0.05)])
def test_a_server_that_hangs_or_drips(reply):
    begin = time.monotonic()
    assert "did not answer in time" in refusal(lambda *_: reply, timeout="0.3")
    assert time.monotonic() - begin < 1.9


def test_a_server_that_is_not_there():
    with pytest.raises(InputError, match="cannot be reached"):
        draw("http://127.0.0.1:9")


@pytest.mark.parametrize(
    "url",
    ["ftp://x", "http://", "file:///etc/passwd", "http://x:99999999", "http://[::1", "http://u:secret@x:y"],
)
def test_addresses_that_are_none(url):
    with pytest.raises(InputError, match="no address") as caught:
        load_generator(f"a1111:{url}")
    assert "secret" not in str(caught.value)


def test_a_password_in_the_address_logs_in_and_is_shown_nowhere(caplog):
    caplog.set_level("DEBUG")
    with serving(lambda *_: Reply(GOOD)) as server:
        place = server.address.replace("http://", "http://user:s%2Fecret@")
        generator = load_generator(f"a1111:{place}", {"checkpoint": "x"})
        generator.generate([PROBE])
    sent = server.seen[0][3]["Authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")) == b"user:s/ecret"
    with pytest.raises(InputError) as caught:
        generator.generate([PROBE])  # the server is gone
    everywhere = f"{generator.name} {generator.told} {generator.holder} {caught.value} {caplog.text}"
    assert "secret" not in everywhere.replace("%2F", "/")
    assert server.address in generator.name


def test_a_generator_draws_again_after_it_was_closed():
    with serving(lambda *_: Reply(GOOD)) as server:
        generator = load_generator(f"a1111:{server.address}", {"checkpoint": "x"})
        generator.generate([PROBE])
        generator.close()
        assert np.array_equal(generator.generate([PROBE])[0], scene(1))


def test_a_probe_without_a_prompt_is_refused():
    with pytest.raises(InputError, match="needs prompts"):
        load_generator("a1111:http://127.0.0.1:9", {"checkpoint": "x"}).generate([Probe(seed=1)])


def test_without_the_http_client_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(MissingExtraError, match=r"finexl\[services\]"):
        load_generator("a1111:http://127.0.0.1:9")
