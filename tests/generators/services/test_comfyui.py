"""ComfyUI's generator against a loopback server that answers as ComfyUI does."""

from __future__ import annotations

import json

import numpy as np
import pytest

import finexl
from finexl import InputError, Probe
from finexl.generators import load_generator
from looks import Looks
from scenery import scene
from servers import Reply, png, serving
from test_explaining import Few

PROBES = [Probe(prompt=f"a boat {i}", seed=i) for i in range(3)]
FLOW = {
    "3": {"class_type": "KSampler", "inputs": {"seed": "%seed%", "steps": 20, "positive": ["6", 0]}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "photo of %prompt%, sharp"}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x-%seed%"}, "_meta": {"title": "Save"}},
}


class Comfy:
    """Queues a prompt, is busy for one poll, then shows the scene of the seed; with a LoRA node, darker."""

    def __init__(self, outputs=None, error=None):
        self.jobs, self.polls, self.error = {}, {}, error
        self.outputs = outputs or {"9": ["output"]}

    def __call__(self, method, path, body, headers):
        if path == "/prompt":
            job = f"job{len(self.jobs)}"
            self.jobs[job], self.polls[job] = body["prompt"], 0
            return Reply({"prompt_id": job, "number": 1, "node_errors": {}})
        if path.startswith("/history/"):
            return Reply(self.history(path.rpartition("/")[2]))
        assert path.startswith("/view?")
        assert "type=output" in path
        job = path.split("filename=")[1].split("+")[0].split("%20")[0]
        nodes = self.jobs[job].values()
        seed = next(n["inputs"]["seed"] for n in nodes if "seed" in n["inputs"])
        dark = any(n.get("class_type") == "LoraLoader" for n in nodes)
        return Reply(png(scene(seed).point(lambda v: v // 2 if dark else v)))

    def history(self, job):
        self.polls[job] += 1
        if self.polls[job] < 2:
            return {}
        if self.error:
            return {job: {"outputs": {}, "status": {"status_str": "error", "messages": self.error}}}
        made = {
            node: {"images": [{"filename": f"{job} &.png", "subfolder": "", "type": kind} for kind in kinds]}
            for node, kinds in self.outputs.items()
        }
        return {job: {"outputs": {"1": {"text": ["hello"]}, **made}, "status": {"status_str": "success"}}}


@pytest.fixture
def flow(tmp_path):
    def make(content=FLOW, name="flow.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return make


def draw(comfy, probes, path, **options):
    with serving(comfy) as server:
        images = load_generator(f"comfyui:{server.address}", {"workflow": str(path), **options}).generate(
            probes
        )
    return images, server.seen[0][2]["prompt"]


def test_a_workflow_is_filled_and_its_image_fetched(flow):
    images, sent = draw(Comfy(), PROBES[1:], flow())
    assert all(np.array_equal(a, scene(i)) for a, i in zip(images, (1, 2), strict=True))
    assert sent["6"]["inputs"]["text"] == "photo of a boat 1, sharp"
    assert sent["3"]["inputs"] == {"seed": 1, "steps": 20, "positive": ["6", 0]}
    assert sent["9"]["inputs"] == {"filename_prefix": "x-1"}


def test_nodes_may_be_named_instead(flow):
    path = flow(
        {"3": {"inputs": {"seed": 5}}, "6": {"inputs": {"text_g": "x", "text_l": ["4", 0], "width": 8}}}
    )
    _, sent = draw(Comfy(), PROBES[1:2], path, prompt_node="6", seed_node="3")
    assert sent["3"]["inputs"] == {"seed": 1}
    assert sent["6"]["inputs"] == {"text_g": "a boat 1", "text_l": "a boat 1", "width": 8}


def test_a_prompt_cannot_break_out_of_its_place(flow):
    evil = Probe(prompt='", "inputs": {"x": "%seed%', seed=1)
    _, sent = draw(Comfy(), [evil], flow())
    assert sent["6"]["inputs"]["text"] == f"photo of {evil.prompt}, sharp"


def test_two_workflows_make_an_explanation_and_are_asked_once(flow, home):
    lora = {**FLOW, "4": {"class_type": "LoraLoader", "inputs": {"lora_name": "dark"}}}
    with serving(Comfy()) as server:
        sides = [
            f"comfyui:{server.address}?workflow={path}" for path in (flow(), flow(lora, "with lora.json"))
        ]
        quick = {"encoder": Looks(), "proposer": Few(), "n_probes": 6}
        found = finexl.explain(*sides, **quick)
        count = len(server.seen)
        finexl.explain(*sides, **quick)
    assert found.provenance.personalized == sides[1]
    assert found.concepts
    assert len(server.seen) == count


def test_previews_do_not_count_beside_saved_images(flow):
    draw(Comfy({"2": ["temp"], "9": ["output"]}), PROBES[:1], flow())
    draw(Comfy({"2": ["output"], "9": ["output"]}), PROBES[:1], flow(), output_node="9")


@pytest.mark.parametrize(
    ("outputs", "mend"), [({"2": ["output"], "9": ["output"]}, "output_node"), ({"9": []}, "Save Image")]
)
def test_none_or_several_images_are_doubt(flow, outputs, mend):
    with pytest.raises(InputError, match=mend):
        draw(Comfy(outputs), PROBES[:1], flow())


def test_what_went_wrong_on_the_server_is_repeated(flow):
    told = {
        "node_id": "3",
        "node_type": "KSampler",
        "exception_message": "out of\nmemory",
        "traceback": ["..."],
    }
    error = [["execution_start", {}], ["execution_error", told]]
    with pytest.raises(InputError, match="out of") as caught:
        draw(Comfy(error=error), PROBES[:1], flow())
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="to see why"):
        draw(Comfy(error=[["execution_interrupted", {}]]), PROBES[:1], flow())


def test_a_job_that_does_not_end(flow):
    def answer(method, path, body, headers):
        return Reply({"prompt_id": "a/../b"} if path == "/prompt" else {})

    with pytest.raises(InputError, match=r"did not finish in 0\.3 s"):
        draw(answer, PROBES[:1], flow(), timeout="0.3")


@pytest.mark.parametrize(
    ("content", "options", "mend"),
    [
        ("{", {}, "cannot be read"),
        ("[" * 100_000, {}, "cannot be read"),
        ('{"nodes": [], "links": []}', {}, "Export"),
        ("[1]", {}, "Export"),
        ('{"3": {"inputs": {"seed": 5}}}', {}, "%prompt%"),
        ('{"6": {"inputs": {"text": "%prompt%"}}}', {}, "seed_node"),
        ('{"6": {"inputs": {"text": "%prompt%", "name": "a %seed%"}}}', {}, "seed_node"),
        ('{"6": {"inputs": {"text": "x"}, "_meta": {"title": "%prompt%"}}}', {}, r"candidates: 6"),
        ('{"6": {"inputs": {"text": "%prompt%"}}}', {"seed_node": "77"}, "no node '77'"),
        ('{"6": {"inputs": {"text": "%prompt%"}}}', {"seed_node": "6"}, "none of the inputs"),
    ],
)
def test_workflows_that_cannot_be_used(flow, content, options, mend):
    with pytest.raises(InputError, match=mend):
        load_generator("comfyui:http://127.0.0.1:1", {"workflow": str(flow(content)), **options})


def test_identities_follow_the_workflow(flow):
    spec = "comfyui:http://127.0.0.1:1?workflow="
    one = load_generator(f"{spec}{flow()}")
    assert one.identity == load_generator(f"{spec}{flow(name='copy.json')}").identity
    changed = {**FLOW, "9": {"inputs": {"steps": 30}}}
    assert one.identity != load_generator(f"{spec}{flow(changed, 'other.json')}").identity
    assert load_generator(one.name).identity == one.identity
