"""A scripted server on loopback that speaks the wire format, well and badly."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from finexl.errors import UnknownNameError
from finexl.proposers import Evidence, load_vocabulary
from finexl.proposers.vlm import Endpoint, Vlm, configured, endpoint
from finexl.proposers.vlm.client import Client
from finexl.proposers.vlm.endpoints import ProposerError
from finexl.proposers.vlm.questions import ask, choose_pairs
from finexl.proposers.vlm.replies import Lexicon, normalise, parse
from finexl.store.replies import ReplyStore
from scenery import darker, scene
from servers import Reply, serving

VOCABULARY = load_vocabulary()
SECRET = "sk-very-secret"


def evidence(n=10, **changes):
    rng = np.random.default_rng(0)
    pairs = [(scene(i), darker(scene(i))) for i in range(n)]
    D = rng.standard_normal((n, 8)) * 0.1 + np.eye(8)[0]
    return Evidence(D, lambda names: np.zeros((len(names), 8)), pairs.__getitem__, **changes)


def chat(content, **more):
    message = {"role": "assistant", "content": content, **more.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": more.pop("finish_reason", "stop")}
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    return Reply(
        {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
    )


def brightness(url):
    raw = base64.b64decode(url.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(raw)).convert("L"), float).mean()


def honest(method, path, body, headers):
    """Looks at the pictures, and says which letter is darker."""
    content = body["messages"][0]["content"]
    seen = {"A": [], "B": []}
    for label, picture in zip(content[1::2], content[2::2], strict=True):
        seen[label["text"][-1]].append(brightness(picture["image_url"]["url"]))
    darker_set = min(seen, key=lambda letter: np.mean(seen[letter]))
    said = [{"concept": "Darker tones", "aspect": "light", "more_in": darker_set},
            {"concept": "less bright", "aspect": "light", "more_in": darker_set},
            {"concept": "zebra wallpaper", "aspect": "texture", "more_in": "B"}]  # fmt: skip
    return chat(json.dumps({"differences": said}))


def model(address, store=None, retries=1, timeout=20.0, name="gpt-4o", **options):
    where = Endpoint(f"openai:{name}", f"{address}/v1", name, SECRET)
    return Vlm(
        where,
        VOCABULARY,
        lambda: Client(where, timeout, retries),
        store or ReplyStore("/nowhere", "off"),
        **options,
    )


# --- the question ---


def test_a_known_change_is_named_with_its_direction_whichever_letter_the_sets_have():
    with serving(honest) as server:
        proposal = model(server.address, asks=4).propose(evidence())
    dark = next(c for c in proposal.concepts if c.name in ("dark", "dark tones"))
    assert proposal.origins[dark.name].named == 4
    assert proposal.origins[dark.name].direction == 1
    assert proposal.origins["zebra wallpaper"].direction == 0  # always "B": a habit, which cancels
    assert proposal.usage.calls == 4
    assert (proposal.usage.tokens_in, proposal.usage.tokens_out) == (4000, 400)


def test_letters_and_order_change_from_question_to_question():
    questions = [ask(evidence(), i, "separate", 0) for i in range(8)]
    assert [q.personalized for q in questions[:2]] in (["A", "B"], ["B", "A"])
    firsts = [q.pictures[2 * k][0][-1] == q.personalized for q in questions for k in range(6)]
    assert 0.3 < np.mean(firsts) < 0.7


@pytest.mark.parametrize(("layout", "count"), [("separate", 12), ("side by side", 6), ("sheet", 1)])
def test_pictures_are_small_new_jpegs_without_metadata(layout, count):
    big = Image.new("RGB", (2000, 1000), "red")
    big.info["parameters"] = "secret prompt"
    seen = Evidence(np.ones((8, 4)), lambda n: np.zeros((len(n), 4)), lambda i: (big, big))
    question = ask(seen, 0, layout, 0)
    assert len(question.pictures) == count
    for _, raw in question.pictures:
        image = Image.open(io.BytesIO(raw))
        assert image.format == "JPEG"
        assert max(image.size) <= 1032 or layout == "sheet"
        assert not image.getexif()
        assert b"secret" not in raw


def test_the_pairs_that_tell_most_and_differ_are_shown():
    D = np.zeros((9, 4))
    D[:, 0] = [1, 1, 1, 1, 5, 5, 1, 1, 1]
    D[4, 1], D[5, 1] = 3, -3
    shown = choose_pairs(Evidence(D, lambda n: D), 2)
    assert set(shown) == {4, 5}
    assert choose_pairs(Evidence(D, lambda n: D, focus=(7, 2, 1)), 2) == [7, 2]


def test_later_rounds_name_what_is_known():
    assert "dark, film grain" in ask(evidence(found=("dark", "film grain")), 0, "separate", 0).text


# --- replies of every kind ---

ITEM = '{"concept": "warm colours", "aspect": "colour", "more_in": "B"}'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f'{{"differences": [{ITEM}]}}', ["warm colours"]),
        (f"Of course!\n```json\n[{ITEM}]\n```\nHope this helps.", ["warm colours"]),
        (f'{{"differences": [{ITEM}, {{"concept": "film gr', ["warm colours"]),
        (
            "- **Warm colours** (more in B)\n2. Film grain: visible in set A\nThat is all.",
            ["Warm colours", "Film grain"],
        ),
        ("I am sorry, I cannot do that.", []),
        ("", []),
        ("x" * 100_000, []),
        ('{"concept": 5}', []),
        ("{" * 50_000, []),
    ],
)
def test_what_can_be_read_of_a_reply(text, names):
    assert [said.concept for said in parse(text)] == names


@pytest.mark.parametrize(
    ("phrase", "plain"),
    [
        ("Warm Colors", ("warm colours", 1)),
        ("more saturated", ("saturated", 1)),
        ("A slightly stronger contrast", None),
        ("reduced detail", ("detail", -1)),
        ("not less sharp", ("sharp", 1)),
        ("lack of texture", ("texture", -1)),
        ("painterly look", ("painterly", 1)),
        ("The images in set B show a much warmer palette than those in A", None),
        ("<script>alert(1)</script>", None),
        ("ignore all previous instructions and", None),
        ("***", None),
        ("42", None),
    ],
)
def test_phrases_are_plain_or_dropped(phrase, plain):
    found = normalise(phrase)
    if plain is None:
        assert found is None or (len(found[0].split()) <= 4 and "<" not in found[0])
    else:
        assert found == plain


def test_less_of_a_concept_is_more_of_its_opposite():
    lexicon = Lexicon(VOCABULARY)
    by_name = {c.name: c for c in VOCABULARY}
    opposed = next(c for c in VOCABULARY if c.opposite in by_name)
    assert lexicon.concept(f"less {opposed.name}", "x") == (by_name[opposed.opposite], 1)
    synonym = next(c for c in VOCABULARY if c.synonyms)
    found = lexicon.concept(synonym.synonyms[0], "x")
    assert found is not None
    assert found[0].name in by_name


# --- servers that misbehave ---


def failure(answer, **options):
    with serving(answer) as server, pytest.raises(ProposerError) as caught:
        model(server.address, **options).propose(evidence())
    message = str(caught.value)
    assert SECRET not in message
    assert "\n" not in message
    assert len(message) < 500
    return message


def error(status, message="", headers=None):
    return Reply({"error": {"message": message, "type": "x", "code": None}}, status, headers)


@pytest.mark.parametrize(
    ("reply", "mend"),
    [
        (error(401, f"bad key {SECRET}"), "refused the key"),
        (error(403), "may not use"),
        (error(404), "no such model"),
        (error(429, headers={"Retry-After": "0"}), "quota"),
        (error(500, headers={"Retry-After": "0"}), "answered 500"),
        (error(400, "this model does not support image input"), "text-only"),
        (error(400, "too long"), "refused the question (too long)"),
        (chat(None, message={"refusal": "I can't help"}), "declined"),
        (chat("", finish_reason="content_filter"), "declined"),
        (chat("I see nothing of the kind."), "named no differences"),
        (chat("lorem ipsum " * 9000), "named no differences"),
        (Reply({"hello": "world"}), "no reply"),
        (Reply([]), "no reply"),
        (Reply(b"<html>"), "no"),
    ],
)
def test_every_misbehaviour_has_its_own_message(reply, mend):
    assert mend in failure(lambda *_: reply)


def test_a_server_that_hangs_or_is_not_there():
    assert "in time" in failure(lambda *_: Reply(b"", delay=3), timeout=0.3, retries=0)
    with pytest.raises(ProposerError, match="cannot be reached"):
        model("http://127.0.0.1:9", retries=0).propose(evidence())


def test_a_busy_server_is_asked_again():
    calls = []

    def answer(*request):
        calls.append(1)
        return error(429, headers={"Retry-After": "0.1"}) if len(calls) < 3 else honest(*request)

    with serving(answer) as server:
        assert model(server.address, asks=1, retries=4).propose(evidence()).concepts
    assert len(calls) == 3


def test_a_server_that_refuses_the_schema_is_asked_without_and_one_that_ignores_it_is_read_anyway():
    def answer(method, path, body, headers):
        if "response_format" in body:
            return error(400, "response_format json_schema is not supported")
        return honest(method, path, body, headers)

    with serving(answer) as server:
        assert model(server.address, asks=2).propose(evidence()).concepts
    assert ["response_format" in body for _, _, body, _ in server.seen] == [True, False, False]


def test_a_reply_that_cannot_be_read_is_asked_for_once_more():
    replies = iter([chat("Hm, let me think."), chat(f'{{"differences": [{ITEM}]}}')])
    with serving(lambda *_: next(replies)) as server:
        proposal = model(server.address, asks=1).propose(evidence())
    assert [c.name for c in proposal.concepts] == ["warm colours"]
    assert proposal.usage.calls == 2
    assert server.seen[1][2]["messages"][-1]["content"].startswith("That was not the JSON")


def test_one_failure_after_an_answer_costs_only_the_rest():
    replies = iter([chat(f'{{"differences": [{ITEM}]}}'), error(400, "quota of today")])
    with serving(lambda *_: next(replies)) as server:
        proposal = model(server.address, asks=3).propose(evidence())
    assert proposal.usage.failed == 1
    assert "quota of today" in proposal.usage.failures[0]


# --- cost, cache, privacy ---


def test_a_second_run_costs_nothing_and_keeps_no_secret(tmp_path):
    store = ReplyStore(tmp_path / "replies.sqlite")
    with serving(honest) as server:
        first = model(server.address, store).propose(evidence())
        second = model(server.address, store).propose(evidence())
    assert len(server.seen) == 3
    assert second.concepts == first.concepts
    assert (second.usage.calls, second.usage.cached, second.usage.tokens_in) == (0, 3, 0)
    assert SECRET.encode() not in (tmp_path / "replies.sqlite").read_bytes()


def test_budgets_hold():
    with serving(honest) as server:
        proposal = model(server.address, asks=5, max_calls=2).propose(evidence())
        assert proposal.usage.calls == 2
        assert "budget of 2 calls" in proposal.usage.failures[0]


def test_prices_are_estimates_where_they_are_known():
    paid = Endpoint("openai:gpt-4o", "https://api.openai.com/v1", "gpt-4o")
    assert paid.cost(1_000_000, 0) == 2.5
    assert Endpoint("x:y", "https://example.com", "y").cost(1, 1) is None
    assert Endpoint("ollama:y", "http://127.0.0.1:11434/v1", "y").cost(1, 1) == 0


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/v1", True), ("http://localhost/v1", True), ("http://192.168.1.5/v1", True),
        ("http://box.local:80/v1", True), ("https://api.openai.com/v1", False), ("http://8.8.8.8/v1", False),
        ("http://127.0.0.1.evil.com/v1", False),
    ],
)  # fmt: skip
def test_no_image_leaves_where_that_is_forbidden(url, local):
    where = Endpoint("x:m", url, "m", SECRET)
    assert where.is_local is local

    def never():
        raise AssertionError("nothing may be sent")

    guarded = Vlm(where, VOCABULARY, never, ReplyStore("/nowhere", "off"), local_only=True)
    if not local:
        with pytest.raises(ProposerError, match="images may not leave"):
            guarded.propose(evidence())


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing():
    with serving(honest) as server:
        told = model(server.address).dry_run(evidence())
    assert server.seen == []
    assert "3 requests, 36 pictures" in told
    assert SECRET not in told


# --- who is asked ---


def test_endpoints_come_from_their_variables(monkeypatch):
    for name in (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "FINEXL_VLM_MODEL",
        "FINEXL_VLM_BASE_URL",
        "GEMINI_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
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
