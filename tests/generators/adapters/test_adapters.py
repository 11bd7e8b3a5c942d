"""What a personalization is, from its file alone: kinds, bases, triggers, with their sources."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from finexl import InputError
from finexl.generators.adapters import captions, origin, read_adapter, triggers


def weights(**shapes):
    return {key.replace("__", "."): np.zeros(shape, np.float32) for key, shape in shapes.items()}


LORA = weights(
    lora_unet_down_attn2_to_k__lora_down__weight=(4, 768), lora_unet_down_attn2_to_k__lora_up__weight=(320, 4)
)


@pytest.fixture
def file(tmp_path):
    """file(tensors, **metadata): a .safetensors file, read."""

    def make(tensors, name="adapter.safetensors", **metadata):
        path = tmp_path / name
        save_file(tensors, path, metadata=metadata or None)
        return read_adapter(path)

    return make


@pytest.mark.parametrize(
    ("tensors", "kind"),
    [
        (LORA, "lora"),
        (weights(unet__mid__attn__to_q__lora_A__weight=(4, 8)), "lora"),
        (weights(lora_unet_mid__hada_w1_a=(4, 8)), "lycoris"),
        (weights(lora_unet_mid__lokr_w1=(4, 8)), "lycoris"),
        (weights(emb_params=(3, 768)), "textual inversion"),
        ({"<cat>": np.zeros((1, 768), np.float32)}, "textual inversion"),
        (weights(clip_l=(3, 768), clip_g=(3, 1280)), "textual inversion"),
        (weights(model__diffusion_model__out=(4, 8), first_stage_model__x=(2,)), "checkpoint"),
    ],
)
def test_kinds_are_told_by_the_names_of_tensors(file, tensors, kind):
    assert file(tensors).kind == kind


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("model_index.json", "{}", "pipeline"),
        ("config.json", '{"_class_name": "UNet2DConditionModel"}', "component"),
    ],
)
def test_folders_are_told_by_their_configuration(tmp_path, name, content, kind):
    (tmp_path / name).write_text(content)
    assert read_adapter(tmp_path).kind == kind


@pytest.mark.parametrize(
    ("metadata", "architecture", "source"),
    [
        ({"modelspec.architecture": "stable-diffusion-xl-v1-base/lora"}, "sdxl", "modelspec.architecture"),
        ({"modelspec.architecture": "stable-diffusion-v1/lora"}, "sd1", "modelspec.architecture"),
        ({"modelspec.architecture": "flux-1-dev/lora"}, "flux", "modelspec.architecture"),
        ({"modelspec.architecture": "stable-diffusion-3-medium/lora"}, "sd3", "modelspec.architecture"),
        ({"ss_base_model_version": "sdxl_base_v1-0"}, "sdxl", "ss_base_model_version"),
        ({"ss_base_model_version": "sd_v1"}, "sd1", "ss_base_model_version"),
        ({"ss_base_model_version": "sd_v2"}, "sd2", "ss_base_model_version"),
        ({"ss_sd_model_name": "sd_xl_base_1.0.safetensors"}, "sdxl", "ss_sd_model_name"),
        ({"modelspec.architecture": "stable-diffusion-xl-v1-base/lora", "ss_base_model_version": "sd_v1"}, "sdxl", "modelspec.architecture"),
        ({}, "sd1", "shapes of its weights"),
    ],
)  # fmt: skip
def test_the_base_is_found_by_the_strongest_evidence(file, metadata, architecture, source):
    found = origin(file(LORA, **metadata))
    assert (found.architecture, found.source) == (architecture, source)


def test_the_card_names_the_base_and_the_words(tmp_path):
    card = "---\nbase_model: [owner/sdxl-mix]\ninstance_prompt: in zyx style\nwidget:\n- text: a cat in zyx style\n---\n# Ink\n"
    (tmp_path / "README.md").write_text(card)
    save_file(weights(unet__x__lora_A__weight=(4, 8)), tmp_path / "pytorch_lora_weights.safetensors")
    adapter = read_adapter(tmp_path)
    assert origin(adapter).model == "owner/sdxl-mix"
    assert [(t.text, t.source) for t in triggers(adapter)] == [("in zyx style", "card instance_prompt")]
    assert captions(adapter) == ("a cat in zyx style",)


def test_how_often_a_tag_was_used_makes_it_no_trigger(file):
    tags = json.dumps({"10_sks dog": {"masterpiece": 900, "1girl": 800}})
    adapter = file(LORA, ss_tag_frequency=tags, ss_dataset_dirs=json.dumps({"10_sks dog": {}, "reg": {}}))
    assert [t.text for t in triggers(adapter)] == ["sks dog"]
    assert captions(adapter) == ("masterpiece", "1girl")


@pytest.mark.parametrize("text", ["not json", "[1, 2]", '{"a": 3}', "null", "{" * 5000])
def test_metadata_that_make_no_sense_say_nothing(file, text):
    adapter = file(LORA, ss_tag_frequency=text, ss_dataset_dirs=text)
    assert triggers(adapter) == ()
    assert captions(adapter) == ()


def test_a_card_that_cannot_be_read_says_nothing(tmp_path):
    (tmp_path / "README.md").write_text("---\nbase_model: [\n---\n")
    save_file(LORA, tmp_path / "a.safetensors")
    assert triggers(read_adapter(tmp_path)) == ()


@pytest.mark.parametrize(
    ("make", "mend"),
    [
        (lambda p: None, "does not exist"),
        (lambda p: p.write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00garbage"), "not a whole"),
        (lambda p: save_file(weights(some__weight=(2, 2, 2)), p), "no LoRA"),
        (lambda p: p.mkdir(), "neither a model nor an adapter"),
    ],
)
def test_what_is_no_adapter_is_refused(tmp_path, make, mend):
    path = tmp_path / "x.safetensors"
    make(path)
    with pytest.raises(InputError, match=mend):
        read_adapter(path)


@pytest.mark.parametrize("name", ["x.bin", "x.pt", "x.ckpt", "x.pkl"])
def test_pickles_are_refused_before_they_are_opened(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x80\x04evil")
    with pytest.raises(InputError, match="unsafe_pickle=true"):
        read_adapter(tmp_path / name)


@pytest.mark.parametrize(
    ("tensors", "metadata", "confidence"),
    [
        (LORA, {"modelspec.architecture": "stable-diffusion-v1/lora"}, "declared"),
        (LORA, {"ss_sd_model_name": "sd_xl_base_1.0.safetensors"}, "named"),
        (LORA, {}, "guessed"),
        (weights(unet__mid__to_q__lora_A__weight=(4, 8)), {}, "none"),
    ],
)
def test_evidence_says_how_strong_it_is(file, tensors, metadata, confidence):
    assert origin(file(tensors, **metadata)).confidence == confidence


def test_a_family_without_a_name_here_is_told_in_the_trainers_words(file):
    found = origin(file(LORA, ss_base_model_version="hunyuan-image-2.1"))
    assert found.architecture is None  # although the shapes would pass for Stable Diffusion 1
    assert "hunyuan-image-2.1" in str(found)


@pytest.mark.parametrize(
    ("tensors", "architecture"),
    [
        ({"<cat>": np.zeros((2, 768), np.float32)}, "sd1"),
        ({"<cat>": np.zeros((2, 1024), np.float32)}, "sd2"),
        (weights(clip_l=(2, 768), clip_g=(2, 1280)), "sdxl"),
    ],
)
def test_an_embedding_is_as_wide_as_its_base_reads(file, tensors, architecture):
    assert origin(file(tensors)).architecture == architecture


def test_a_flux_mix_with_xl_in_its_name_is_flux(file):
    assert origin(file(LORA, ss_sd_model_name="fluxlight-v2")).architecture == "flux"


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("stable-diffusion-xl-v1-base", "sdxl"),
        ("sdxl_base_v1-0", "sdxl"),
        ("ponyDiffusionV6XL", "sdxl"),
        ("juggernautXL_v9", "sdxl"),
        ("finexl-diffusion-v1", "sd1"),
        ("pixlart", None),
    ],
)
def test_xl_in_a_name_is_read_as_a_word(file, name, architecture):
    odd = {"unheard.of.weight": np.zeros((2, 5), np.float32)}
    assert origin(file({**LORA, **odd}, ss_base_model_version=name)).architecture == architecture


def test_a_peft_folder_without_weights_is_said_to_lack_them(tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(InputError, match="no adapter_model"):
        read_adapter(tmp_path)


def test_a_text_encoder_of_transformers_is_a_component(tmp_path):
    (tmp_path / "config.json").write_text('{"architectures": ["CLIPTextModel"]}')
    assert read_adapter(tmp_path).kind == "component"
