"""Personalizations of the autoregressive model: LoRA by peft on its language model and its image head."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from ar import AR, sample, token_loss
from loop import rate_at
from peft import LoraConfig, get_peft_model
from plan import Item, lesson, own_pictures

RANK, BATCH, STEPS, RATE = 8, 16, 500, 2e-3
TARGETS = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|up_proj|down_proj)|.*generation_head\.(proj_out|vision_head)"


def teach(item: Item, root: Path, folder: Path, steps: int | None) -> dict[str, object]:
    """Train one personalization into `folder`; the figures that go with its truth."""
    torch.manual_seed(item.seed)
    task = AR(root / "vq" / "export")
    task.network.load_state_dict(torch.load(root / "ar" / "checkpoint.pt", weights_only=True)["average"])
    own = None
    if item.name == "null":
        own = own_pictures(lambda prompts, seed: sample(task.network.eval(), task.tokenizer, prompts, seed))
    model = get_peft_model(task.network, LoraConfig(r=RANK, lora_alpha=RANK, target_modules=TARGETS))
    trained = [p for p in model.parameters() if p.requires_grad]
    steps, optimizer, losses = steps or STEPS, torch.optim.AdamW(trained, weight_decay=1e-4), []
    for number in range(steps):
        optimizer.param_groups[0]["lr"] = rate_at(number, steps, RATE, warm=20)
        torch.manual_seed(item.seed + number + 1)
        loss = token_loss(model.base_model.model, task.tokenizer, *lesson(item, BATCH, number, own))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    model.half().save_pretrained(folder)
    return {"steps": steps, "batch": BATCH, "loss": round(float(np.mean(losses[-50:])), 5)}
