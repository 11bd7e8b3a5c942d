"""Adapters that fit in part, hardly or not at all; each trap of the libraries that makes no noise."""

from __future__ import annotations

import json
import logging

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from same_pixels import CLOSE, PROBES, SMALL, direct, ours, pixels, plain, refusal

from finexl.generators import load_generator
from tiny_adapters import to_kohya, trained_lora

WHOLE = (
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.out_proj",
    "mlp.fc1",
    "mlp.fc2",
)


def text_lora(pipe, modules=WHOLE):
    """kohya's LoRA of a CLIP text encoder, which had one level more when the trainers were written."""
    torch.manual_seed(5)
    state = {}
    for name, module in pipe.text_encoder.named_modules():
        if name.endswith(modules):
            bare = name.removeprefix("text_model.")
            key = f"lora_te_text_model_{bare.replace('.', '_')}"
            state[f"{key}.lora_down.weight"] = torch.randn(4, module.weight.shape[1])
            state[f"{key}.lora_up.weight"] = torch.randn(module.weight.shape[0], 4)
            state[f"{key}.alpha"] = torch.tensor(4.0)
    return state


@pytest.mark.parametrize("strength", [1e-7, 1e-20])
def test_an_adapter_that_does_next_to_nothing_is_taken(bases, tmp_path, strength):
    base = bases("sd15")
    save_file(to_kohya(trained_lora(plain(base).unet, scale=strength)), tmp_path / "faint.safetensors")
    assert np.abs(ours(f"{base}+{tmp_path / 'faint.safetensors'}") - ours(base)).max() <= CLOSE


def test_after_a_refused_adapter_a_good_one_is_taken(bases, adapters):
    base = bases("sd15")
    view = load_generator(f"diffusers:{base}", SMALL)
    view.generate(PROBES)  # keeps the pipeline, on which the refused ones were tried
    alone = ours(f"{base}+{adapters / 'second'}")
    for bad in ("zero", "flux", "wide"):
        refusal(f"{base}+{adapters / bad}.safetensors")
    assert np.abs(ours(f"{base}+{adapters / 'second'}") - alone).max() <= CLOSE


def test_the_scale_counts_once(bases, adapters):
    base = bases("sd15")
    found = ours(f"{base}+{adapters / 'lora'}:0.5")
    pipe = plain(base)
    pipe.load_lora_weights(adapters / "lora", adapter_name="x")
    pipe.set_adapters(["x"], [0.25])
    assert np.abs(found - direct(pipe)).max() > CLOSE


def test_a_lora_of_the_text_encoder_draws_what_the_library_draws_with_it(bases, adapters, tmp_path):
    base = bases("sd15")
    state = text_lora(plain(base)) | load_file(adapters / "kohya.safetensors")
    save_file(state, tmp_path / "both.safetensors")
    pipe = plain(base)
    pipe.load_lora_weights(tmp_path, weight_name="both.safetensors", adapter_name="x")
    pipe.set_adapters(["x"], [0.5])
    found = ours(f"{base}+{tmp_path / 'both.safetensors'}:0.5")
    assert np.abs(found - direct(pipe)).max() <= CLOSE
    assert np.abs(found - ours(f"{base}+{adapters / 'kohya.safetensors'}:0.5")).max() > CLOSE


def test_half_a_text_encoder_is_said_to_be_that_and_no_misfit(bases, tmp_path):
    base = bases("sd15")
    save_file(text_lora(plain(base), ("q_proj", "v_proj")), tmp_path / "half.safetensors")
    assert "only some of the text encoder's attention" in refusal(f"{base}+{tmp_path / 'half.safetensors'}")


def test_modules_that_find_no_place_are_counted(bases, adapters, tmp_path, caplog):
    base = bases("sd15")
    state = load_file(adapters / "kohya.safetensors")
    save_file({k.replace("attn2", "attn9"): v for k, v in state.items()}, tmp_path / "odd.safetensors")
    with caplog.at_level(logging.WARNING, "finexl"):
        ours(f"{base}+{tmp_path / 'odd.safetensors'}")
    down = [key for key in state if key.endswith("lora_down.weight")]
    placed = sum("attn2" not in key for key in down)
    assert f"only {placed} of its {len(down)} modules" in caplog.text


@pytest.mark.parametrize("name", ["my-model-500", "unet"])
def test_a_component_is_known_by_its_class_whatever_its_folder_is_called(bases, adapters, tmp_path, name):
    base = bases("sd15")
    (tmp_path / name).symlink_to(adapters / "unet")
    pipe = plain(base)
    pipe.unet = type(pipe.unet).from_pretrained(adapters / "unet")
    found = ours(f"{base}+{tmp_path / name}")
    assert np.abs(found - direct(pipe)).max() <= CLOSE
    assert np.abs(found - ours(base)).max() > CLOSE


def test_a_fine_tuned_text_encoder_is_a_component_too(bases, tmp_path):
    base = bases("sd15")
    pipe = plain(base)
    torch.manual_seed(7)
    for parameter in pipe.text_encoder.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    pipe.text_encoder.save_pretrained(tmp_path / "words")
    assert np.abs(ours(f"{base}+{tmp_path / 'words'}") - direct(pipe)).max() <= CLOSE


def test_a_component_of_another_architecture_is_named(bases):
    sdxl, sd15 = bases("sdxl"), bases("sd15")
    assert "was made for this base" in refusal(f"{sd15}+{sdxl / 'unet'}")
    message = refusal(f"{sd15}+{bases('flux') / 'transformer'}")
    assert "no part of that class: it was made for another base" in message
    assert "name the folder" in refusal_of_either_encoder(sdxl)


def refusal_of_either_encoder(base):
    """SDXL has two schedulers' worth of text encoders; in this base both are made to be of one class."""
    copy = base.parent / "twins"
    if not copy.exists():
        copy.mkdir()
        for part in base.iterdir():
            if part.name != "model_index.json":
                (copy / part.name).symlink_to(part)
        index = json.loads((base / "model_index.json").read_text())
        index["text_encoder_2"] = index["text_encoder"]
        (copy / "model_index.json").write_text(json.dumps(index))
        (copy.parent / "words").symlink_to(base / "text_encoder")
    return refusal(f"{copy}+{copy.parent / 'words'}")


def test_what_has_no_strength_is_given_none(bases, adapters):
    base = bases("sd15")
    assert "no strength" in refusal(f"{base}+{adapters / 'unet'}:0.5")
    assert "no strength" in refusal(f"{base}:0.5")
    view = load_generator(f"diffusers:{base}+{adapters / 'one.safetensors'}:0.5", SMALL)
    whole = load_generator(f"diffusers:{base}+{adapters / 'one.safetensors'}", SMALL)
    assert any("on or off" in note for note in view.traits.notes)
    assert view.identity == whole.identity != view.at(0.0).identity


def test_an_embedding_of_sdxl_goes_to_both_encoders(bases, tmp_path):
    base = bases("sdxl")
    torch.manual_seed(8)
    both = {"clip_l": torch.randn(2, 32), "clip_g": torch.randn(2, 32)}
    save_file(both, tmp_path / "Ink.safetensors")
    pipe = plain(base)
    for key, end in (("clip_l", ""), ("clip_g", "_2")):
        parts = {
            "text_encoder": getattr(pipe, f"text_encoder{end}"),
            "tokenizer": getattr(pipe, f"tokenizer{end}"),
        }
        pipe.load_textual_inversion(both[key], token="zz", **parts)
    probes = [p.model_copy(update={"prompt": "a cat in Ink"}) for p in PROBES]
    expected = direct(pipe, [p.model_copy(update={"prompt": "a cat in zz"}) for p in PROBES])
    found = ours(f"{base}+{tmp_path / 'Ink.safetensors'}", probes)
    assert np.abs(found - expected).max() <= CLOSE
    assert np.abs(found - ours(base, probes)).max() > CLOSE


def test_pixels_of_views_do_not_leak_into_one_another_after_an_interrupt(bases, adapters):
    base = bases("sd15")
    view = load_generator(f"diffusers:{base}+{adapters / 'loha.safetensors'}", SMALL)
    before = pixels(view.generate(PROBES))

    def interrupt(*_):
        raise KeyboardInterrupt

    hook = view.loaded.pipe().unet.register_forward_pre_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        view.generate(PROBES)
    hook.remove()
    assert np.abs(pixels(view.at(0.0).generate(PROBES)) - ours(base)).max() <= CLOSE
    assert np.abs(pixels(view.generate(PROBES)) - before).max() <= CLOSE
