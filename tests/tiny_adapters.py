"""Adapter weights as training would leave them."""

from __future__ import annotations

import torch
from diffusers.utils import convert_state_dict_to_diffusers
from peft import LoraConfig, get_peft_model_state_dict

QUERIES = ["to_q", "to_k", "to_v"]


def trained_lora(unet, seed=1, targets=QUERIES, scale=0.5):
    """LoRA weights as training would leave them: B is not zero any more."""
    torch.manual_seed(seed)
    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=targets), adapter_name="made")
    for name, parameter in unet.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=scale)
    state = convert_state_dict_to_diffusers(get_peft_model_state_dict(unet, adapter_name="made"))
    return {key: value.contiguous() for key, value in state.items()}


def to_kohya(state, alpha=4.0):
    """The same weights under kohya's names."""
    out = {}
    for key, value in state.items():
        module, _, part = key.partition(".lora")
        name = "lora_unet_" + module.replace(".", "_")
        down = "A" in part or "down" in part
        out[f"{name}.{'lora_down' if down else 'lora_up'}.weight"] = value
        out[f"{name}.alpha"] = torch.tensor(alpha)
    return out
