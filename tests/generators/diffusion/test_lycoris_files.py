"""LyCORIS files under their trainers' names, and the same networks by lycoris-lora itself: the same pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from lycoris import create_lycoris_from_weights
from original_layout import unet_name
from safetensors.torch import save_file
from same_pixels import CLOSE, direct, ours, plain


def loha(shape):
    wide, tall = int(np.prod(shape[1:])), shape[0]
    sides = {
        f"hada_w{n}_{s}": torch.randn(size) * 0.5
        for n in (1, 2)
        for s, size in (("a", (tall, 4)), ("b", (4, wide)))
    }
    return {"alpha": torch.tensor(4.0), **sides}


def lokr(shape):
    tall, wide = shape
    second = {"lokr_w2_a": torch.randn(tall // 4, 2) * 0.5, "lokr_w2_b": torch.randn(2, wide // 4) * 0.5}
    return {"alpha": torch.tensor(2.0), "lokr_w1": torch.randn(4, 4) * 0.5, **second}


def weights(model, ends, make, named):
    """Weights for the modules with those ends, under named(module)."""
    torch.manual_seed(2)
    state = {}
    for name, module in model.named_modules():
        if name.endswith(ends):
            state |= {f"{named(name)}.{key}": value for key, value in make(module.weight.shape).items()}
    return state


def ours_of(name):
    return "lycoris_" + name.replace(".", "_")


def applied(model, state, strength=1.0):
    network, _ = create_lycoris_from_weights(strength, None, model, state)
    network.apply_to()
    network.set_multiplier(strength)
    return network


@pytest.mark.parametrize("make", [loha, lokr])
@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_files_for_stable_diffusion_1(bases, tmp_path, make, strength):
    base = bases("sd15")
    pipe = plain(base)
    ends = ("attn1.to_q", "attn2.to_v")
    kohya = weights(pipe.unet, ends, make, lambda name: f"lora_unet_{name.replace('.', '_')}")
    save_file(kohya, tmp_path / "x.safetensors")
    network = applied(pipe.unet, weights(pipe.unet, ends, make, ours_of), strength)
    assert network.loras
    found = ours(f"{base}+{tmp_path / 'x.safetensors'}:{strength}")
    assert np.abs(found - direct(pipe)).max() <= CLOSE
    assert np.abs(found - ours(base)).max() > CLOSE


def test_files_for_sdxl_name_the_blocks_of_the_original_code(bases, tmp_path):
    base = bases("sdxl")
    pipe = plain(base)
    ends = (
        "attn1.to_q",
        "attn2.to_k",
        "resnets.0.conv1",
        "resnets.0.time_emb_proj",
        "resnets.0.conv2",
        "ff.net.2",
    )

    def original(name):
        theirs = unet_name(f"{name}.weight", pipe.unet.config.layers_per_block).removesuffix(".weight")
        return f"lora_unet_{theirs.replace('.', '_')}"

    save_file(weights(pipe.unet, ends, loha, original), tmp_path / "xl.safetensors")
    assert len(applied(pipe.unet, weights(pipe.unet, ends, loha, ours_of)).loras) > 10
    found = ours(f"{base}+{tmp_path / 'xl.safetensors'}")
    assert np.abs(found - direct(pipe)).max() <= CLOSE
    assert np.abs(found - ours(base)).max() > CLOSE


def test_the_part_for_the_text_encoder_is_not_left_out(bases, tmp_path):
    base = bases("sd15")
    pipe = plain(base)
    ends = ("self_attn.q_proj", "mlp.fc1")

    def kohya(name):
        return f"lora_te_text_model_{name.removeprefix('text_model.').replace('.', '_')}"

    save_file(weights(pipe.text_encoder, ends, loha, kohya), tmp_path / "te.safetensors")
    applied(pipe.text_encoder, weights(pipe.text_encoder, ends, loha, ours_of))
    found = ours(f"{base}+{tmp_path / 'te.safetensors'}")
    assert np.abs(found - direct(pipe)).max() <= CLOSE
    assert np.abs(found - ours(base)).max() > CLOSE


def test_beside_a_lora_on_the_same_modules(bases, adapters):
    base = bases("sd15")
    lora, file = f"{adapters / 'lora'}:0.8", f"{adapters / 'loha.safetensors'}:0.5"
    one, other = ours(f"{base}+{lora}+{file}"), ours(f"{base}+{file}+{lora}")
    assert np.abs(one - other).max() <= CLOSE
    for single in (lora, file):
        assert np.abs(one - ours(f"{base}+{single}")).max() > CLOSE
