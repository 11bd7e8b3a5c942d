"""OpenAI's image endpoint against a loopback server that answers as it does."""

from __future__ import annotations

import numpy as np
import pytest

import finexl
from finexl import InputError, Probe
from finexl.generators import load_generator, traits
from looks import Looks
from scenery import scene
from servers import Reply, b64, png, serving
from test_explaining import Few

PROBE = Probe(prompt="a boat", seed=1)


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")


def generator(server, **options):
    return load_generator(f"openai-images:gpt-image-1?base_url={server.address}/v1", options)


@pytest.mark.parametrize("form", ["b64_json", "url"])
def test_images_come_in_both_forms(form):
    def answer(method, path, body, headers):
        if method == "GET":
            return Reply(png(scene(1)))
        value = b64(scene(1)) if form == "b64_json" else f"{server.address}/made.png?sig=a%2Fb%3D&x=1"
        return Reply({"created": 1, "data": [{form: value, "revised_prompt": "A boat"}]})

    with serving(answer) as server:
        made = generator(server, size="256x256")
        assert np.array_equal(made.generate([PROBE])[0], scene(1))
    _, path, body, headers = server.seen[0]
    assert (path, body["model"], body["size"]) == ("/v1/images/generations", "gpt-image-1", "256x256")
    assert "quality" not in body
    assert headers["Authorization"] == "Bearer sk-secret"
    fetched = [(p, h) for m, p, _, h in server.seen if m == "GET"]
    assert [p for p, _ in fetched] == (["/made.png?sig=a%2Fb%3D&x=1"] if form == "url" else [])
    assert not any("sk-secret" in str(h) for _, h in fetched)
    assert "sk-secret" not in f"{made.name} {made.told} {made.holder}"


def test_it_takes_no_seed_and_says_what_that_costs(home):
    def answer(method, path, body, headers):
        return Reply({"data": [{"b64_json": b64(scene(len(server.seen)))}]})

    with serving(answer) as server:
        left, right = generator(server), generator(server, size="256x256")
        assert not traits(left).seeded
        assert left.identity is None
        found = finexl.explain(left, right, n_probes=6, encoder=Looks(), proposer=Few())
    assert not found.paired
    assert any("takes no seed" in note for note in found.notes)


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "file:///etc/passwd", "ftp://x/y.png"])
def test_images_are_not_fetched_from_wherever_a_reply_says(url):
    with (
        serving(lambda *_: Reply({"data": [{"url": url}]})) as server,
        pytest.raises(InputError, match="neither"),
    ):
        generator(server).generate([PROBE])


@pytest.mark.parametrize(
    ("reply", "mend"),
    [
        (Reply({"data": []}), "data: List"),
        (Reply({"data": [{}]}), "without an image"),
        (Reply({"error": {"message": "Incorrect API key: sk-secret"}}, 401), "OPENAI_API_KEY"),
        (Reply({"error": {"message": "bad request by sk-secret"}}, 400), r"bad request by \*\*\*"),
        (Reply({"error": {"code": "moderation_blocked", "message": "Rejected"}}, 400), "moderation_blocked"),
    ],
)
def test_replies_without_an_image(reply, mend):
    with serving(lambda *_: reply) as server, pytest.raises(InputError, match=mend) as caught:
        generator(server).generate([PROBE])
    assert "sk-secret" not in str(caught.value)


def test_without_a_key_it_says_which_variable_to_set(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        load_generator("openai-images:gpt-image-1")
    load_generator("openai-images:mine", {"base_url": "http://127.0.0.1:9/v1"})
    with pytest.raises(InputError, match="name the model"):
        load_generator("openai-images:")
