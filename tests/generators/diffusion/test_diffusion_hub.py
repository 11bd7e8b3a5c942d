"""Models and adapters of a hub, a real server on loopback: fetched, pinned to a commit, and refused in plain words."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from hub_server import COMMIT, hub
from huggingface_hub import constants, hf_api
from huggingface_hub.utils import _cache_manager

from finexl import InputError, Probe
from finexl.generators import load_generator

pytestmark = pytest.mark.filterwarnings(
    "ignore:The `local_dir_use_symlinks` argument:UserWarning"
)  # of diffusers

PROBES = [Probe(prompt="a cat", seed=1)]
SMALL = {"steps": "2", "width": "32", "height": "32"}


def point_at(address, monkeypatch):
    """What setting HF_ENDPOINT before the first import would do."""
    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(hf_api.api, "endpoint", address)


@pytest.fixture
def served(bases, adapters, tmp_path, monkeypatch):
    """A hub with a pipeline and a LoRA whose card names it as its base, and a cache that nobody else uses."""
    lora = tmp_path / "lora"
    shutil.copytree(adapters / "lora", lora)
    (lora / "README.md").write_text(
        "---\nbase_model: owner/base\ninstance_prompt: in zyx style\n---\n# Ink\n"
    )
    with hub({"owner/base": bases("sd15"), "owner/lora": lora}) as address:
        point_at(address, monkeypatch)
        for place in (constants, _cache_manager):
            monkeypatch.setattr(place, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield address


def drawn(spec):
    images = load_generator(f"diffusers:{spec}", SMALL).generate(PROBES)
    return np.stack([np.asarray(image) for image in images]).astype(int)


def test_models_of_the_hub_draw_what_their_folders_draw(served, bases, adapters):
    assert np.abs(drawn("owner/base") - drawn(bases("sd15"))).max() <= 2
    expected = drawn(f"{bases('sd15')}+{adapters / 'lora'}:0.5")
    for adapter in ("owner/lora", "owner/lora/pytorch_lora_weights.safetensors"):
        assert np.abs(drawn(f"owner/base+{adapter}:0.5") - expected).max() <= 2


def test_a_model_of_the_hub_is_pinned_to_its_commit(served):
    base = load_generator("diffusers:owner/base", SMALL)
    assert base.place.version == COMMIT
    assert load_generator("diffusers:owner/base", SMALL | {"revision": COMMIT}).place.version == COMMIT
    assert base.name == "diffusers:owner/base"


def test_an_adapter_of_the_hub_alone_finds_its_base(served):
    view = load_generator("diffusers:owner/lora:0.5", SMALL)
    assert view.place.spec == "owner/base"
    assert view.name == "diffusers:owner/base+owner/lora:0.5"
    assert [(t.text, t.source) for t in view.triggers] == [("in zyx style", "card instance_prompt")]
    assert view.at(0.0).identity == load_generator("diffusers:owner/base", SMALL).identity


def test_what_was_fetched_is_used_offline(served, monkeypatch):
    before = load_generator("diffusers:owner/base+owner/lora", SMALL)
    before.generate(PROBES)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert load_generator("diffusers:owner/base+owner/lora", SMALL).identity == before.identity
    assert load_generator("diffusers:owner/lora", SMALL).identity == before.identity


@pytest.mark.parametrize(
    ("spec", "options", "mend"),
    [
        ("owner/gated", {}, "accept its licence"),
        ("owner/missing", {}, "no model 'owner/missing' that you may see"),
        ("owner/token", {}, "refused your token"),
        ("owner/base", {"revision": "nightly"}, "no such revision"),
        ("owner/base+owner/missing", {}, "no model 'owner/missing' that you may see"),
        ("owner/base+owner/gated", {}, "accept its licence"),
        ("owner/base+owner/lora/other.safetensors", {}, "lacks a file"),
        ("owner/base", {"base": "owner/other"}, "is a base itself"),
    ],
)
def test_each_refusal_of_the_hub_has_its_own_words(served, monkeypatch, spec, options, mend):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with pytest.raises(InputError, match=mend) as caught:
        load_generator(f"diffusers:{spec}", SMALL | options)
    assert "hf_secret" not in str(caught.value)


def test_no_network_is_said_to_be_that(served, monkeypatch):
    point_at("http://127.0.0.1:9", monkeypatch)
    with pytest.raises(InputError, match="cannot be reached"):
        load_generator("diffusers:owner/never", SMALL)
