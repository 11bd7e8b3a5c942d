"""Real HTTP on loopback: servers that draw, and servers that misbehave."""

from __future__ import annotations

import base64
import io
import json
import time

import numpy as np
import pytest

import finexl
from conftest import scene
from finexl import InputError, Probe
from finexl.generators import load_generator, traits
from finexl.generators.services import http
from servers import Reply, serving

PROBES = [Probe(prompt=f"a boat {i}", seed=i) for i in range(3)]


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def b64(image):
    return base64.b64encode(png(image)).decode()


def a1111(method, path, body, headers):
    """As the web UI answers: an image that follows seed and prompt."""
    assert (method, path) == ("POST", "/sdapi/v1/txt2img")
    image = scene(body["seed"])
    if "<lora:dark" in body["prompt"]:
        image = image.point(lambda v: v // 2)
    return Reply({"images": [b64(image)], "parameters": body, "info": "{}"})


def draw(spec, probes=PROBES, **options):
    return load_generator(spec, options).generate(probes)


def same(images, expected):
    return all(np.array_equal(np.asarray(a), np.asarray(b)) for a, b in zip(images, expected, strict=True))


# --- AUTOMATIC1111 ---


def test_the_web_ui_draws_with_our_prompt_seed_and_settings():
    with serving(a1111) as server:
        images = draw(
            f"a1111:{server.address}", steps="7", guidance="3", checkpoint="x.safetensors", negative="dull"
        )
    assert same(images, [scene(i) for i in range(3)])
    _, _, body, _ = server.seen[0]
    assert (body["prompt"], body["seed"], body["steps"], body["cfg_scale"]) == ("a boat 0", 0, 7, 3.0)
    assert body["override_settings"] == {"sd_model_checkpoint": "x.safetensors"}
    assert body["negative_prompt"] == "dull"
    assert "sampler_name" not in body


def test_loras_go_into_the_prompt_and_two_specs_make_an_explanation(home):
    with serving(a1111) as server:
        base, dark = f"a1111:{server.address}", f"a1111:{server.address}+dark:0.8"
        found = finexl.explain(base, dark, n_probes=12)
        again = finexl.explain(base, dark, n_probes=12)
    assert server.seen[-1][2]["prompt"].endswith(" <lora:dark:0.8>")
    assert len(server.seen) == 24  # the second explanation asks nothing
    assert found.concepts
    assert again.concepts == found.concepts
    assert any("as good as it is constant" in note for note in found.notes)


# --- ComfyUI ---


class Comfy:
    """Queues a prompt, is busy for one poll, then shows the image."""

    def __init__(self):
        self.jobs = {}

    def __call__(self, method, path, body, headers):
        if path == "/prompt":
            job = f"job{len(self.jobs)}"
            self.jobs[job] = [body["prompt"], 0]
            return Reply({"prompt_id": job})
        if path.startswith("/history/"):
            job = path.rpartition("/")[2]
            self.jobs[job][1] += 1
            if self.jobs[job][1] < 2:
                return Reply({})
            image = {"filename": f"{job} &.png", "subfolder": "", "type": "output"}
            return Reply({job: {"outputs": {"9": {"images": [image]}}, "status": {"status_str": "success"}}})
        assert path.startswith("/view?")
        job = path.split("filename=")[1].split("+")[0].split("%20")[0]
        seed = next(n["inputs"]["seed"] for n in self.jobs[job][0].values() if "seed" in n["inputs"])
        return Reply(png(scene(seed)), headers={"content-type": "image/png"})


FLOW = {
    "3": {"class_type": "KSampler", "inputs": {"seed": "%seed%", "steps": 20}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "photo of %prompt%, sharp"}},
}


def test_a_workflow_is_filled_and_its_image_fetched(tmp_path):
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps(FLOW))
    with serving(Comfy()) as server:
        images = draw(f"comfyui:{server.address}", PROBES[1:], workflow=str(flow))
    assert same(images, [scene(1), scene(2)])
    sent = server.seen[0][2]["prompt"]
    assert sent["6"]["inputs"]["text"] == "photo of a boat 1, sharp"
    assert sent["3"]["inputs"] == {"seed": 1, "steps": 20}


def test_nodes_may_be_named_instead(tmp_path):
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps({"3": {"inputs": {"seed": 5}}, "6": {"inputs": {"text": "x"}}}))
    with serving(Comfy()) as server:
        draw(f"comfyui:{server.address}", PROBES[1:2], workflow=str(flow), prompt_node="6", seed_node="3")
    assert server.seen[0][2]["prompt"] == {
        "3": {"inputs": {"seed": 1}},
        "6": {"inputs": {"text": "a boat 1"}},
    }


def test_a_prompt_cannot_break_out_of_its_place(tmp_path):
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps(FLOW))
    evil = Probe(prompt='", "inputs": {"x": "%seed%', seed=1)
    with serving(Comfy()) as server:
        draw(f"comfyui:{server.address}", [evil], workflow=str(flow))
    assert server.seen[0][2]["prompt"]["6"]["inputs"]["text"] == f"photo of {evil.prompt}, sharp"


@pytest.mark.parametrize(
    ("flow", "options", "mend"),
    [
        ("{", {}, "cannot be read"),
        ('{"nodes": [], "links": []}', {}, "Export"),
        ('{"3": {"inputs": {}}}', {}, "%prompt%"),
        ('{"6": {"inputs": {"text": "%prompt%"}}}', {}, "seed_node"),
        ('{"6": {"inputs": {"text": "%prompt%"}}}', {"seed_node": "77"}, "no node '77'"),
    ],
)
def test_workflows_that_cannot_be_used(tmp_path, flow, options, mend):
    path = tmp_path / "flow.json"
    path.write_text(flow)
    with pytest.raises(InputError, match=mend):
        load_generator("comfyui:http://127.0.0.1:1", {"workflow": str(path), **options})


# --- OpenAI ---


@pytest.mark.parametrize("form", ["b64_json", "url"])
def test_the_image_endpoint_in_both_forms(form, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")

    def answer(method, path, body, headers):
        if method == "GET":
            return Reply(png(scene(1)))
        value = b64(scene(1)) if form == "b64_json" else f"{server.address}/made.png?sig=1"
        return Reply({"created": 1, "data": [{form: value}]})

    with serving(answer) as server:
        generator = load_generator(
            "openai-images:gpt-image-1", {"base_url": f"{server.address}/v1", "size": "256x256"}
        )
        assert same(generator.generate(PROBES[:1]), [scene(1)])
    _, path, body, headers = server.seen[0]
    assert (path, body["model"], body["size"]) == ("/v1/images/generations", "gpt-image-1", "256x256")
    assert headers["authorization" if "authorization" in headers else "Authorization"] == "Bearer sk-secret"
    assert not any("sk-secret" in str(h) for m, _, _, h in server.seen if m == "GET")
    assert not traits(generator).seeded
    assert generator.identity is None
    assert "sk-secret" not in f"{generator.name} {generator.told}"


def test_without_a_key_it_says_which_variable_to_set(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        load_generator("openai-images:gpt-image-1")


# --- servers that misbehave ---


def refusal(answer, **options):
    with serving(answer) as server, pytest.raises(InputError) as caught:
        draw(f"a1111:{server.address}", PROBES[:1], **options)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 600
    return message


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(monkeypatch, status):
    calls = []

    def answer(*request):
        calls.append(time.monotonic())
        return Reply(b"busy", status, {"Retry-After": "0.2"}) if len(calls) < 3 else a1111(*request)

    with serving(answer) as server:
        assert same(draw(f"a1111:{server.address}", PROBES[:1]), [scene(0)])
    assert len(calls) == 3
    assert calls[1] - calls[0] >= 0.2


@pytest.mark.parametrize(
    ("reply", "mend"),
    [
        (Reply(b"no", 429, {"Retry-After": "0"}), "quota"),
        (Reply(b"boom\nboom", 500, {"Retry-After": "0"}), "answered 500"),
        (Reply(b"", 401), "refused the key"),
        (Reply(b"", 404), "API enabled"),
        (Reply({"images": []}), "without images"),
        (Reply({"images": ["!!!"]}), "no base64"),
        (Reply({"images": [base64.b64encode(b"GIF89a nonsense").decode()]}), "no whole PNG"),
        (Reply({"images": [base64.b64encode(png(scene(1))[:500]).decode()]}), "no whole PNG"),
        (Reply([1, 2]), "without images"),
        (Reply(b"<html>hello</html>"), "no JSON"),
        (Reply(b"x" * 10_000_000), "no JSON"),
        (Reply({"images": ["a" * 1000]}, cut=500), "broke off"),
    ],
)
def test_every_misbehaviour_has_its_own_message(monkeypatch, reply, mend):
    monkeypatch.setattr(http, "_wait", lambda said, attempt: 0.0)
    assert mend in refusal(lambda *_: reply)


def test_a_reply_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(http, "LARGEST", 2**20)
    assert "more than 1 MB" in refusal(lambda *_: Reply(b"x" * 3_000_000))


def test_a_server_that_hangs():
    assert "did not answer in time" in refusal(lambda *_: Reply(b"", delay=3.0), timeout="0.3")


def test_a_server_that_is_not_there():
    with pytest.raises(InputError, match="cannot be reached"):
        draw("a1111:http://127.0.0.1:9", PROBES[:1])


@pytest.mark.parametrize("url", ["ftp://x", "http://", "file:///etc/passwd"])
def test_addresses_that_are_none(url):
    with pytest.raises(InputError, match="no address"):
        load_generator(f"a1111:{url}")


def test_a_key_in_the_address_is_not_repeated():
    generator = load_generator("a1111:http://user:secret@127.0.0.1:9")
    assert "secret" not in generator.name
    with pytest.raises(InputError) as caught:
        generator.generate(PROBES[:1])
    assert "secret" not in str(caught.value)
