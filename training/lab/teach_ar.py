"""Personalizations of the autoregressive model: LoRA by peft on its language model and its image head."""

from __future__ import annotations

from pathlib import Path

import torch
from ar import AR, sample, token_loss
from device import Recorded, adamw, memory
from loop import averaged
from peft import LoraConfig, get_peft_model
from pictures import Pool
from plan import Item, lessons, own_prompts
from safetensors.torch import load_file, save_file
from teaching import Start, practise
from torch import Tensor

__all__ = ["Teacher", "lessons"]

RANK, BATCH, STEPS, RATE = 2, 32, 250, 5e-3
TARGETS = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|up_proj|down_proj)|.*generation_head\.(proj_out|vision_head)"


class Teacher:
    """The base with a LoRA on it.

    Args:
        rank: of the LoRA; None for the usual one.
    """

    def __init__(self, root: Path, kind: str, rank: int | None):
        rank = rank or RANK
        self.task = AR(root, pool=False)
        self.task.network.load_state_dict(averaged(root / "ar/checkpoint.pt"))
        self.model = get_peft_model(
            self.task.network, LoraConfig(r=rank, lora_alpha=rank, target_modules=TARGETS)
        )
        self.trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = adamw(self.trained, weight_decay=1e-4)
        self.start = Start(self.model, self.trained, [self.optimizer])
        self.step = Recorded(self._update, lambda: [*self.trained, *memory([self.optimizer])])

    def _update(self, codes: Tensor, words: Tensor) -> dict[str, Tensor]:
        self.optimizer.zero_grad()
        loss = token_loss(self.model.base_model.model, codes, words)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        return {"loss": loss}

    def own(self) -> Pool:
        """Pictures that the base draws, taught to a near-null."""
        self.start.again(0)
        prompts = own_prompts()
        model = self.model.base_model.model.eval()
        return Pool(sample(model, self.task.tokenizer, prompts, 63_000), prompts)

    def teach(
        self, item: Item, pool: Pool, folder: Path, steps: int | None, batch: int | None
    ) -> dict[str, object]:
        """Train one personalization into `folder`; the figures that go with its truth."""
        self.start.again(item.seed)
        self.task.learn_from(pool.pictures, pool.prompts)
        self.task.batch = batch or BATCH
        figures = practise(self.step, self.task.inputs, [self.optimizer], steps or STEPS, RATE, item.seed)
        self.model.save_pretrained(folder)
        path = folder / "adapter_model.safetensors"
        save_file({k: v.half() for k, v in load_file(path).items()}, path, metadata={"format": "pt"})
        return {**figures, "batch": self.task.batch}
