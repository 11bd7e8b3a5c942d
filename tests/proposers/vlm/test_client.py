"""A scripted server on loopback that speaks the wire format, well and badly."""

from __future__ import annotations

import json
import time

import pytest

from answers import ITEM, SECRET, chat, error, honest, limited
from finexl.proposers import ProposerError
from servers import Reply, serving


@pytest.fixture
def failure(model, evidence):
    """failure(answer, ...): what is said of a server that answers so."""

    def ask(answer, **options):
        with serving(answer) as server, pytest.raises(ProposerError) as caught:
            model(server.address, **options).propose(evidence())
        message = str(caught.value)
        assert SECRET not in message
        assert "\n" not in message
        assert len(message) < 500
        return message

    return ask


AT_ONCE = {"Retry-After": "0.01"}


@pytest.mark.parametrize(
    ("reply", "mend"),
    [
        (error(401, f"bad key {SECRET}"), "refused the key (401). Set the right one in OPENAI_API_KEY"),
        (error(402, "Insufficient credits"), "quota exhausted"),
        (error(403), "may not use"),
        (error(403, "Your input was flagged"), "declined"),
        (error(404), "no such model"),
        (error(404, 'model "llama3.2-vision" not found, try pulling it first'), "no such model"),
        (error(400, "foo/bar is not a valid model ID"), "no such model"),
        (error(429, headers=AT_ONCE), "quota"),
        (error(500, headers=AT_ONCE), "answered 500"),
        (error(400, f"no such thing, {SECRET}"), "refused the question (no such thing, ***)"),
        (Reply({"detail": "what is this?"}, 422), "refused the question (what is this?)"),
        (Reply(b"<html>", 400), "refused the question"),
        (error(400, "Rejected by our safety system", code="content_policy_violation"), "declined"),
        (chat(None, refusal="I can't help"), "declined to look at these pictures (I can't help)"),
        (chat("", finish_reason="content_filter"), "declined"),
        (chat("I see nothing of the kind."), "named no differences"),
        (chat(f"What is {SECRET}?"), "'What is ***?'"),
        (chat("lorem ipsum " * 9000), "named no differences"),
        (chat('{"differences": "none"}'), "named no differences"),
        (Reply({"hello": "world"}), "no reply"),
        (Reply([]), "no reply"),
        (Reply(b"<html>"), "no reply"),
        (Reply(b'{"choices": [{"message":'), "no reply"),
    ],
)
def test_every_misbehaviour_has_its_own_message(failure, reply, mend):
    assert mend in failure(lambda *_: reply)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "this model does not support image input"),
        (400, "Invalid content type. image_url is only supported by certain models."),
        (400, "mistral is not a multimodal model"),
        (400, "unknown variant `image_url`, expected `text`"),
        (404, "No endpoints found that support image input"),
        (500, "image input is not supported - hint: you may need to provide the mmproj"),
        (500, 'Failed to parse messages: Unsupported content part type: "image_url"'),
    ],
)
def test_a_text_only_model_is_said_to_be_one_whatever_the_status(failure, status, words):
    assert "text-only model" in failure(lambda *_: error(status, words, AT_ONCE))


def test_a_server_that_hangs_is_not_waited_for_again_and_again(failure):
    began = time.monotonic()
    assert "did not answer in time" in failure(lambda *_: Reply(b"", delay=3), timeout=0.3, retries=4)
    assert time.monotonic() - began < 2


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(failure):
    slow = chat(f"[{ITEM}]")
    slow.drip = 0.05
    began = time.monotonic()
    assert "did not answer in time" in failure(lambda *_: slow, timeout=0.5, retries=4)
    assert time.monotonic() - began < 5


def test_a_slow_reply_that_ends_in_time_is_read(model, evidence):
    slow = chat(f"[{ITEM}]")
    slow.drip = 0.001
    with serving(lambda *_: slow) as server:
        assert model(server.address, asks=1).propose(evidence()).concepts


def test_a_server_that_is_not_there(model, evidence):
    with pytest.raises(ProposerError, match=r"cannot be reached at http://127\.0\.0\.1:9/v1"):
        model("http://127.0.0.1:9", retries=0).propose(evidence())


def test_a_reply_without_end_is_no_reply(failure, monkeypatch):
    from finexl.proposers.vlm import wire

    monkeypatch.setattr(wire, "LARGEST", 50_000)
    assert "no reply" in failure(lambda *_: chat("x" * 10**6))


def test_a_busy_server_is_asked_again(model, evidence):
    calls = []

    def answer(*request):
        calls.append(1)
        return error(429, headers={"Retry-After": "0.1"}) if len(calls) < 3 else honest(*request)

    with serving(answer) as server:
        assert model(server.address, asks=1, retries=4).propose(evidence()).concepts
    assert len(calls) == 3


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_refuses_the_schema_is_asked_without_and_one_that_ignores_it_is_read_anyway(
    model, evidence, status
):
    def answer(method, path, body, headers):
        if "response_format" in body:
            return error(status, "response_format json_schema is not supported")
        return honest(method, path, body, headers)

    with serving(answer) as server:
        proposal = model(server.address, asks=2).propose(evidence())
    assert proposal.concepts
    assert ["response_format" in body for _, _, body, _ in server.seen] == [True, False, False]
    assert proposal.usage.calls == 3


def test_a_model_that_thinks_first_is_given_room_for_it(model, evidence):
    def answer(method, path, body, headers):
        if "max_tokens" in body:
            return error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        return honest(method, path, body, headers)

    with serving(answer) as server:
        assert model(server.address, asks=2).propose(evidence()).concepts
    bodies = [body for _, _, body, _ in server.seen]
    assert len(bodies) == 3
    assert bodies[1]["max_completion_tokens"] > bodies[0]["max_tokens"]


def test_a_reply_that_cannot_be_read_is_asked_for_once_more(model, evidence):
    replies = iter([chat("Hm, let me think."), chat(f'{{"differences": [{ITEM}]}}')])
    with serving(lambda *_: next(replies)) as server:
        proposal = model(server.address, asks=1).propose(evidence())
    assert [c.name for c in proposal.concepts] == ["warm colours"]
    assert proposal.usage.calls == 2
    assert server.seen[1][2]["messages"][-1]["content"].startswith("That was not the JSON")


def test_what_was_spent_in_vain_is_counted(model, evidence):
    with serving(lambda *_: chat("No.")) as server, pytest.raises(ProposerError) as caught:
        model(server.address).propose(evidence())
    usage = caught.value.usage
    assert (usage.calls, usage.tokens_in, usage.tokens_out) == (2, 2000, 200)
    assert usage.seconds > 0


@pytest.mark.parametrize(("most", "counts"), [(12, [12] * 3), (6, [12, 6, 6, 6]), (1, [12, 6, 1, 1, 1])])
def test_a_server_that_takes_few_pictures_is_shown_them_closer_together(model, evidence, most, counts):
    with serving(limited(most)) as server:
        proposal = model(server.address).propose(evidence())
    sent = [json.dumps(body).count('"image_url": {"url"') for _, _, body, _ in server.seen]
    assert sent == counts
    assert proposal.usage.calls == len(counts)
    assert proposal.usage.failures == ()


def test_a_server_that_takes_no_picture_at_all_is_given_up(failure):
    assert "cannot take so many pictures (At most 0 image(s)" in failure(limited(0))


def test_where_pictures_stay_here_no_proxy_and_no_redirect_gets_them(model, evidence, failure, monkeypatch):
    with serving(honest) as elsewhere, serving(honest) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, elsewhere.address)
        assert model(server.address, asks=1).propose(evidence()).concepts
        moved = Reply(b"", 307, {"Location": f"{elsewhere.address}/v1/chat/completions"})
        assert "redirects to another address (307)" in failure(lambda *_: moved)
    assert elsewhere.seen == []
