"""The web UI's generator against a loopback server that answers as the web UI does."""

from __future__ import annotations

import re

import numpy as np
import pytest

import finexl
from finexl import InputError, Probe
from finexl.errors import UnknownNameError
from finexl.generators import Adapted, load_generator, traits
from looks import Looks
from scenery import scene
from servers import Reply, b64, serving
from test_explaining import Few

QUICK = {"encoder": Looks(), "proposer": Few(), "trigger": None}
PROBES = [Probe(prompt=f"a boat {i}", seed=i) for i in range(3)]
LORAS = [
    {"name": "dark", "alias": "Darkness", "path": "/x", "metadata": {"modelspec.trigger_phrase": "drk"}},
    {"name": "other base", "alias": "", "path": "/y", "metadata": {"ss_tag_frequency": {"a": {"b": 1}}}},
]


class WebUi:
    """Draws the seed's scene; `dark` darkens it by its strength, and what it does not know changes nothing."""

    def __init__(self, loaded="v1-5.safetensors [e1441589a6]"):
        self.loaded = loaded

    def __call__(self, method, path, body, headers):
        if path == "/sdapi/v1/options":
            return Reply({"sd_model_checkpoint": self.loaded, "samples_save": True})
        if path == "/sdapi/v1/loras":
            return Reply(LORAS)
        assert (method, path) == ("POST", "/sdapi/v1/txt2img")
        used = re.search(r"<lora:dark:([\d.]+)>", body["prompt"])
        factor = 1 - 0.5 * float(used[1]) if used else 1.0
        image = scene(body["seed"]).point(lambda v: int(v * factor))
        return Reply({"images": [b64(image)], "parameters": body, "info": "{}"})


def asked(server):
    return [body for _, path, body, _ in server.seen if path.endswith("txt2img")]


def same(images, expected):
    return all(np.array_equal(np.asarray(a), np.asarray(b)) for a, b in zip(images, expected, strict=True))


def test_it_draws_with_our_prompt_seed_and_settings():
    with serving(WebUi()) as server:
        options = {"steps": "7", "guidance": "3", "negative": "dull"}
        images = load_generator(f"a1111:{server.address}?checkpoint=x%2By", options).generate(PROBES)
    assert same(images, [scene(i) for i in range(3)])
    body = asked(server)[0]
    assert (body["prompt"], body["seed"], body["steps"], body["cfg_scale"]) == ("a boat 0", 0, 7, 3.0)
    assert body["override_settings"] == {"sd_model_checkpoint": "x+y"}
    assert body["negative_prompt"] == "dull"
    assert "sampler_name" not in body


def test_the_checkpoint_that_is_loaded_there_is_part_of_the_identity_and_stays_in_use():
    with serving(WebUi()) as server:
        first = load_generator(f"a1111:{server.address}")
        known = first.identity
        assert known == load_generator(f"a1111:{server.address}").identity
    with serving(WebUi("another [0123456789]")) as changed:
        second = load_generator(f"a1111:{changed.address}")
        second.generate(PROBES[:1])
        told = second.told
    assert told["model"] == "another [0123456789]"
    assert second.identity != known
    assert asked(changed)[0]["override_settings"] == {"sd_model_checkpoint": "another [0123456789]"}


def test_a_server_that_does_not_say_what_it_draws_with_has_no_identity():
    with serving(WebUi(None)) as server:
        generator = load_generator(f"a1111:{server.address}")
        assert generator.identity is None
        generator.generate(PROBES[:1])
    assert "override_settings" not in asked(server)[0]


def test_a_lora_goes_into_the_prompt_and_alone_makes_an_explanation(home):
    with serving(WebUi()) as server:
        spec = f"a1111:{server.address}+dark:0.8"
        found = finexl.explain(spec, n_probes=12, **QUICK)
        count = len(asked(server))
        again = finexl.explain(spec, n_probes=12, **QUICK)
    assert asked(server)[12]["prompt"].endswith(" <lora:dark:0.8>")
    assert count == 25  # twelve pairs, and one more image that proves the LoRA works
    assert len(asked(server)) == count  # the second explanation draws nothing
    assert found.concepts
    assert again.concepts == found.concepts
    assert any("as good as it is constant" in note for note in found.notes)


def test_rounds_and_strengths_alternate_between_views(home):
    with serving(WebUi()) as server:
        found = finexl.explain(
            f"a1111:{server.address}", f"a1111:{server.address}+dark", **QUICK, n_probes=6, max_probes=12,
            precision=1e-6, strengths=(0, 0.5, 1), cache=False,
        )  # fmt: skip
    assert found.n_pairs == 12
    lengths = [point.value for point in found.response.lengths]
    assert lengths[0] == pytest.approx(0, abs=1e-6)
    assert lengths[0] < lengths[1] < lengths[2]


def test_strength_nought_is_the_base():
    with serving(WebUi()) as server:
        adapted = load_generator(f"a1111:{server.address}+dark:0.8")
        assert isinstance(adapted, Adapted)
        base = load_generator(f"a1111:{server.address}")
        assert adapted.at(0.0).identity == base.identity != adapted.identity
        assert adapted.at(0.5).identity == load_generator(f"a1111:{server.address}+dark:0.4").identity
        assert same(adapted.at(0.0).generate(PROBES), base.generate(PROBES))


def test_a_lora_that_the_server_does_not_have_is_named():
    with serving(WebUi()) as server:
        with pytest.raises(UnknownNameError, match="Did you mean 'dark'"):
            load_generator(f"a1111:{server.address}+darkk:0.8").generate(PROBES)
        load_generator(f"a1111:{server.address}+Darkness/dark.safetensors:0.8").generate(PROBES[:1])


def test_a_lora_that_the_server_passes_over_is_no_finding():
    with serving(WebUi()) as server, pytest.raises(InputError, match="same image with and without"):
        load_generator(f"a1111:{server.address}+other base:0.8").generate(PROBES)


def test_a_name_cannot_break_out_of_the_prompt():
    with pytest.raises(InputError, match="Rename it"):
        load_generator("a1111:http://127.0.0.1:9+a> <b")


def test_the_trigger_phrase_comes_from_the_servers_metadata():
    with serving(WebUi()) as server:
        triggers = load_generator(f"a1111:{server.address}+dark+other base").triggers
    assert [(t.text, t.source) for t in triggers] == [("drk", "modelspec.trigger_phrase")]


def test_it_takes_seeds():
    assert traits(load_generator("a1111:http://127.0.0.1:9")).seeded
    with pytest.raises(UnknownNameError, match="steps"):
        load_generator("a1111:http://127.0.0.1:9?stepps=3")
