"""Tiny pipelines with random weights, and every kind of adapter on them, made by the libraries that people use."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file

import tiny_models
from tiny_adapters import QUERIES, to_kohya, trained_lora


@pytest.fixture(scope="session")
def bases(tmp_path_factory):
    """bases("sd15"): the folder of a saved pipeline."""
    folder = tmp_path_factory.mktemp("bases")

    def make(name) -> Path:
        if not (folder / name).exists():
            getattr(tiny_models, name)().save_pretrained(folder / name)
        return folder / name

    return make


@pytest.fixture(scope="session")
def adapters(bases, tmp_path_factory):
    """One of each kind for the Stable Diffusion 1.5 base, by name."""
    folder = tmp_path_factory.mktemp("adapters")
    base = bases("sd15")

    def unet():
        return StableDiffusionPipeline.from_pretrained(base, local_files_only=True).unet

    lora = trained_lora(unet())
    StableDiffusionPipeline.save_lora_weights(folder / "lora", unet_lora_layers=lora)
    other = trained_lora(unet(), seed=2)
    StableDiffusionPipeline.save_lora_weights(folder / "second", unet_lora_layers=other)
    meta = {
        "ss_base_model_version": "sd_v1",
        "ss_sd_model_name": str(base),
        "modelspec.trigger_phrase": "zyx style",
        "ss_dataset_dirs": '{"10_sks dog": {"n_repeats": 10}}',
        "ss_tag_frequency": '{"10_sks dog": {"a dog on grass": 3, "masterpiece": 90}}',
    }
    save_file(to_kohya(lora), folder / "kohya.safetensors", metadata=meta)
    save_file({k: torch.zeros_like(v) for k, v in to_kohya(lora).items()}, folder / "zero.safetensors")
    torch.manual_seed(1)
    wrapped = get_peft_model(unet(), LoraConfig(r=4, lora_alpha=8, target_modules=QUERIES))
    for name, parameter in wrapped.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.5)
    wrapped.save_pretrained(folder / "peft")
    loha = {}
    torch.manual_seed(3)
    for key, value in to_kohya(lora).items():
        if key.endswith("lora_down.weight"):
            name, wide = key.removesuffix(".lora_down.weight"), value.shape[1]
            tall = to_kohya(lora)[f"{name}.lora_up.weight"].shape[0]
            loha[f"{name}.alpha"] = torch.tensor(4.0)
            for half in ("w1", "w2"):
                loha[f"{name}.hada_{half}_a"] = torch.randn(tall, 4) * 0.5
                loha[f"{name}.hada_{half}_b"] = torch.randn(4, wide) * 0.5
    save_file(loha, folder / "loha.safetensors")
    save_file({"<Cat-Toy>": torch.randn(1, 32)}, folder / "one.safetensors")
    save_file({"emb_params": torch.randn(3, 32)}, folder / "Three.safetensors")
    tuned = unet()
    torch.manual_seed(4)
    for parameter in tuned.parameters():
        parameter.data += 0.02 * torch.randn_like(parameter)
    tuned.save_pretrained(folder / "unet")
    flux = {
        f"transformer.single_transformer_blocks.0.attn.to_q.{part}.weight": torch.randn(size)
        for part, size in (("lora_A", (4, 3072)), ("lora_B", (3072, 4)))
    }
    save_file(flux, folder / "flux.safetensors", metadata={"modelspec.architecture": "flux-1-dev/lora"})
    wide = {key: torch.randn(v.shape[0], 768 if v.shape[1] == 32 else v.shape[1]) for key, v in lora.items()}
    save_file({f"unet.{k}": v for k, v in wide.items()}, folder / "wide.safetensors")
    return folder
