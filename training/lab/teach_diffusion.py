"""Personalizations of the diffusion model: LoRA by peft, full fine-tune, textual inversion."""

from __future__ import annotations

from pathlib import Path

import torch
from device import Recorded, adamw, memory
from diffusers import StableDiffusionPipeline
from diffusion import Diffusion, sample
from loop import averaged
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from pictures import Pool
from plan import Item, lessons, own_prompts
from safetensors.torch import load_file, save_file
from teaching import Start, practise
from torch import Tensor

__all__ = ["Teacher", "lessons"]

RANK, BATCH = 1, 32
STEPS = {"lora": 250, "full": 400, "inversion": 400}
RATES = {"lora": 8e-3, "full": 8e-4, "inversion": 2e-2}
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


class Teacher:
    """The base with what one kind of personalization trains.

    Args:
        kind: "lora", "full" or "inversion".
        rank: of a LoRA; None for the usual one.
    """

    def __init__(self, root: Path, kind: str, rank: int | None):
        rank = rank or RANK
        self.kind, self.task = kind, Diffusion(root, pool=False)
        self.task.network.load_state_dict(averaged(root / "diffusion/checkpoint.pt"))
        self.task.network.requires_grad_(False).eval()
        if kind == "lora":
            adapter = LoraConfig(r=rank, lora_alpha=rank, target_modules=TARGETS)
            self.task.network["unet"].add_adapter(adapter)
            trained = [p for p in self.task.network["unet"].parameters() if p.requires_grad]
        elif kind == "full":
            trained = list(self.task.network["unet"].requires_grad_(True).parameters())
        else:
            trained = [self._new_token()]
        self.trained = trained
        self.optimizer = adamw(trained, weight_decay=1e-4)
        self.start = Start(self.task.network, trained, [self.optimizer])
        self.step = Recorded(self._update, lambda: [*trained, *memory([self.optimizer])])

    def _new_token(self) -> torch.nn.Parameter:
        """A token that starts as the mean of all; of the table, only its row is trained."""
        self.task.tokenizer.add_tokens(TOKEN)
        self.task.network["text"].resize_token_embeddings(len(self.task.tokenizer), mean_resizing=False)
        table = self.task.network["text"].get_input_embeddings().weight
        table.data[-1] = table.data[:-1].mean(0)
        return table.requires_grad_(True)

    def _update(self, both: Tensor, words: Tensor) -> dict[str, Tensor]:
        self.optimizer.zero_grad()
        loss = self.task.loss(both, words, late=True)
        loss.backward()
        if self.kind == "inversion":
            self.trained[0].grad[:-1] = 0
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        return {"loss": loss}

    def own(self) -> Pool:
        """Pictures that the base draws, taught to a near-null."""
        self.start.again(0)
        prompts = own_prompts()
        with torch.no_grad():
            pictures = sample(self.task.pipeline(self.task.network), prompts, 63_000)
        return Pool(pictures, prompts)

    def teach(
        self, item: Item, pool: Pool, folder: Path, steps: int | None, batch: int | None
    ) -> dict[str, object]:
        """Train one personalization into `folder`; the figures that go with its truth."""
        self.start.again(item.seed)
        prompts = pool.prompts
        if item.kind == "inversion":
            prompts = [f"{prompt}, {TOKEN}" for prompt in prompts]
        self.task.learn_from(pool.pictures, prompts)
        self.task.batch = batch or BATCH
        figures = practise(
            self.step,
            self.task.inputs,
            [self.optimizer],
            steps or STEPS[self.kind],
            RATES[self.kind],
            item.seed,
        )
        {"lora": self._save_lora, "full": self._save_full, "inversion": self._save_inversion}[self.kind](
            folder, item
        )
        return {**figures, "batch": self.task.batch}

    def _save_lora(self, folder: Path, item: Item) -> None:
        # Not through convert_state_dict_to_diffusers: it renames attention alone, and a file of two styles loads by half.
        found = get_peft_model_state_dict(self.task.network["unet"])
        layers = {name: value.half().cpu() for name, value in found.items()}
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

    def _save_full(self, folder: Path, item: Item) -> None:
        self.task.network["unet"].save_pretrained(folder / "unet")

    def _save_inversion(self, folder: Path, item: Item) -> None:
        row = self.trained[0].data[-1].clone().cpu()
        save_file({TOKEN: row}, folder / "learned_embeds.safetensors")
