"""Personalizations of the diffusion model: LoRA by peft, full fine-tune, textual inversion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from diffusion import Diffusion, sample
from loop import rate_at
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from plan import Item, lesson, own_pictures
from safetensors.torch import load_file, save_file

RANK, BATCH = 2, 16
STEPS = {"lora": 400, "full": 400, "inversion": 500}
RATES = {"lora": 5e-3, "full": 8e-4, "inversion": 2e-2}
# Attention sees 8 x 8 positions and fewer; fine texture is made by the convolutions at 16 x 16.
# With the time's projections and the feed-forward layers beside them sepia reaches 0.75 of its full length, without 0.55.
TARGETS = [
    "to_q",
    "to_k",
    "to_v",
    "to_out.0",
    "conv1",
    "conv2",
    "conv_in",
    "conv_out",
    "time_emb_proj",
    "proj_in",
    "proj_out",
    "net.0.proj",
    "net.2",
    "conv",
]
TOKEN = "<lab-style>"


def teach(item: Item, root: Path, folder: Path, steps: int | None) -> dict[str, object]:
    """Train one personalization into `folder`; the figures that go with its truth."""
    torch.manual_seed(item.seed)
    task = Diffusion(root / "vae" / "export")
    task.network.load_state_dict(
        torch.load(root / "diffusion" / "checkpoint.pt", weights_only=True)["average"]
    )
    task.network.requires_grad_(False).eval()
    steps, own = steps or STEPS[item.kind], None
    if item.name == "null":
        pipeline = task.pipeline(task.network)
        own = own_pictures(lambda prompts, seed: sample(pipeline, prompts, seed))
    trained = _PREPARE[item.kind](task)
    optimizer = torch.optim.AdamW(trained, weight_decay=1e-4)
    losses = []
    for number in range(steps):
        optimizer.param_groups[0]["lr"] = rate_at(number, steps, RATES[item.kind], warm=20)
        torch.manual_seed(item.seed + number + 1)
        pictures, prompts = lesson(item, BATCH, number, own)
        if item.kind == "inversion":
            prompts = [f"{prompt}, {TOKEN}" for prompt in prompts]
        loss = task.loss(pictures, prompts, late=True)
        loss.backward()
        if item.kind == "inversion":
            _only_the_new_token(task)
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    _SAVE[item.kind](task, folder, item)
    return {"steps": steps, "batch": BATCH, "loss": round(float(np.mean(losses[-50:])), 5)}


def _prepare_lora(task: Diffusion) -> list[torch.nn.Parameter]:
    task.network["unet"].add_adapter(LoraConfig(r=RANK, lora_alpha=RANK, target_modules=TARGETS))
    return [p for p in task.network["unet"].parameters() if p.requires_grad]


def _prepare_full(task: Diffusion) -> list[torch.nn.Parameter]:
    return list(task.network["unet"].requires_grad_(True).parameters())


def _prepare_inversion(task: Diffusion) -> list[torch.nn.Parameter]:
    """A new token that starts as the mean of all; of the table, only its row is trained."""
    task.tokenizer.add_tokens(TOKEN)
    task.network["text"].resize_token_embeddings(len(task.tokenizer), mean_resizing=False)
    table = task.network["text"].get_input_embeddings().weight
    table.data[-1] = table.data[:-1].mean(0)
    return [table.requires_grad_(True)]


def _only_the_new_token(task: Diffusion) -> None:
    task.network["text"].get_input_embeddings().weight.grad[:-1] = 0


def _save_lora(task: Diffusion, folder: Path, item: Item) -> None:
    # Not through convert_state_dict_to_diffusers: it renames attention alone, and a file of two styles loads by half.
    layers = {name: value.half() for name, value in get_peft_model_state_dict(task.network["unet"]).items()}
    StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=layers)
    path = folder / "pytorch_lora_weights.safetensors"
    about = {
        "format": "pt",
        "modelspec.sai_model_spec": "1.0.1",
        "modelspec.architecture": "lab-diffusion/lora",
        "modelspec.title": item.name,
        "modelspec.description": "A personalization of FineXL's lab model; see truth.json.",
    }
    save_file(load_file(path), path, metadata=about)


def _save_full(task: Diffusion, folder: Path, item: Item) -> None:
    task.network["unet"].half().save_pretrained(folder / "unet")


def _save_inversion(task: Diffusion, folder: Path, item: Item) -> None:
    row = task.network["text"].get_input_embeddings().weight.data[-1].clone()
    save_file({TOKEN: row}, folder / "learned_embeds.safetensors")


_PREPARE = {"lora": _prepare_lora, "full": _prepare_full, "inversion": _prepare_inversion}
_SAVE = {"lora": _save_lora, "full": _save_full, "inversion": _save_inversion}
