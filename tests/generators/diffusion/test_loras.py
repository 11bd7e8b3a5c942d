"""Folders of PEFT through our door and by PEFT itself: the same pixels, whatever the configuration says."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from diffusers.utils import convert_state_dict_to_diffusers
from peft import IA3Config, LoHaConfig, LoKrConfig, LoraConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file
from same_pixels import CLOSE, direct, ours, plain, refusal

from tiny_adapters import QUERIES

CONFIGS = {
    "plain": LoraConfig(r=4, lora_alpha=8, target_modules=QUERIES),
    "ranks and alphas by module": LoraConfig(
        r=4, lora_alpha=8, target_modules=QUERIES, rank_pattern={"to_q": 2}, alpha_pattern={"to_k": 16}
    ),
    "rank-stabilised": LoraConfig(r=4, lora_alpha=8, target_modules=QUERIES, use_rslora=True),
    "DoRA": LoraConfig(r=4, lora_alpha=8, target_modules=QUERIES, use_dora=True),
    "LoHa": LoHaConfig(r=4, alpha=8, target_modules=QUERIES),
    "LoKr": LoKrConfig(r=4, alpha=8, target_modules=QUERIES),
}


def trained(unet, config, folder):
    torch.manual_seed(1)
    wrapped = get_peft_model(unet, config)
    for name, parameter in wrapped.named_parameters():
        if any(part in name for part in ("lora_B", "hada_w", "lokr_w", "ia3")):
            torch.nn.init.normal_(parameter, std=0.5)
    wrapped.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("name", CONFIGS)
def test_a_peft_folder_draws_what_peft_draws(bases, tmp_path, name):
    base = bases("sd15")
    folder = trained(plain(base).unet, CONFIGS[name], tmp_path / "peft")
    pipe = plain(base)
    pipe.unet = PeftModel.from_pretrained(pipe.unet, folder)
    found = ours(f"{base}+{folder}")
    assert np.abs(found - direct(pipe)).max() <= CLOSE
    assert np.abs(found - ours(base)).max() > CLOSE
    half = ours(f"{base}+{folder}:0.5")
    assert np.abs(half - found).max() > CLOSE


def test_a_peft_adapter_without_a_strength_is_refused(bases, tmp_path):
    base = bases("sd15")
    config = IA3Config(target_modules=QUERIES, feedforward_modules=[])
    folder = trained(plain(base).unet, config, tmp_path / "ia3")
    assert "'IA3', which has no strength" in refusal(f"{base}+{folder}")


def test_peft_weights_that_fit_no_module_are_refused(bases, tmp_path):
    from safetensors.torch import save_file

    base = bases("sd15")
    folder = trained(plain(base).unet, CONFIGS["plain"], tmp_path / "peft")
    weights = folder / "adapter_model.safetensors"
    save_file({k.replace("attn1", "attn7"): v for k, v in load_file(weights).items()}, weights)
    assert "does not fit the base" in refusal(f"{base}+{folder}")


def test_a_pickled_peft_folder_needs_the_opt_in(bases, tmp_path):
    base = bases("sd15")
    folder = trained(plain(base).unet, CONFIGS["plain"], tmp_path / "peft")
    pickled = tmp_path / "pickled"
    shutil.copytree(folder, pickled)
    torch.save(load_file(folder / "adapter_model.safetensors"), pickled / "adapter_model.bin")
    (pickled / "adapter_model.safetensors").unlink()
    assert "unsafe_pickle=true" in refusal(f"{base}+{pickled}")
    allowed = ours(f"{base}+{pickled}", unsafe_pickle="true")
    assert np.abs(allowed - ours(f"{base}+{folder}")).max() <= CLOSE
    (pickled / "adapter_model.bin").unlink()
    assert "no adapter_model.safetensors" in refusal(f"{base}+{pickled}")
    assert json.loads((pickled / "adapter_config.json").read_text())["peft_type"] == "LORA"


def test_a_file_of_two_styles_of_names_is_loaded_whole(bases, tmp_path):
    """What diffusers' own recipe writes when convolutions are trained beside attention."""
    base, both = bases("sd15"), ["to_q", "conv1"]
    pipe = plain(base)
    torch.manual_seed(1)
    pipe.unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=both))
    tensors = get_peft_model_state_dict(pipe.unet)
    tensors = {key: torch.randn_like(value) * 0.3 for key, value in sorted(tensors.items())}
    pipe.save_lora_weights(tmp_path / "one", unet_lora_layers=tensors)
    pipe.save_lora_weights(tmp_path / "two", unet_lora_layers=convert_state_dict_to_diffusers(tensors))
    names = " ".join(load_file(tmp_path / "two" / "pytorch_lora_weights.safetensors"))
    assert ".lora.down." in names
    assert ".lora_A." in names
    found = ours(f"{base}+{tmp_path / 'two'}")
    assert np.abs(found - ours(f"{base}+{tmp_path / 'one'}")).max() <= CLOSE
    assert np.abs(found - ours(base)).max() > CLOSE
