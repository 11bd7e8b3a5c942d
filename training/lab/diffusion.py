"""The diffusion model: a StableDiffusionPipeline in small, latents 16 x 16 x 8, text encoder of our own vocabulary.

Measured on one core: 70 latents a second under bf16 autocast, 60 in float32; a UNet of 96-128-160 channels (9.4 M weights)
takes 55 and 36, and torch.compile gains nothing. Attention at 16 x 16 positions would cost a quarter of the speed, so it
starts at 8 x 8. Prediction of v with a schedule that ends in pure
noise, so that whole pictures can be dark or bright (Lin et al. 2023, arXiv 2305.08891).
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from device import DEVICE, adamw, half
from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from pictures import STYLED, grid, load, scenes
from text import LENGTH, build_tokenizer
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel
from vae import latents, opened, sampled

WIDTH = 128
DROPPED = 0.1  # prompts left out, for classifier-free guidance
GUIDANCE, STEPS = 1.5, 12  # more guidance takes back what a personalization has changed


def networks(tokens: int, end: int) -> nn.ModuleDict:
    text = CLIPTextConfig(
        vocab_size=tokens,
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=LENGTH,
        projection_dim=WIDTH,
        bos_token_id=end - 1,
        eos_token_id=end,
        pad_token_id=end,
    )
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=8,
        out_channels=8,
        block_out_channels=(56, 80, 112),
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,  # diffusers means the number of heads
        norm_num_groups=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    )
    both = nn.ModuleDict({"text": CLIPTextModel(text), "unet": unet.to(memory_format=torch.channels_last)})
    return both.to(DEVICE)


def scheduler() -> DDIMScheduler:
    return DDIMScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
    )


class Diffusion:
    name, batch, steps, rate = "diffusion", 128, 16_000, 1e-3

    def __init__(self, root: Path, pool: bool = True) -> None:
        torch.manual_seed(2)
        self.tokenizer = build_tokenizer()
        self.vae = opened(root)
        self.network = networks(len(self.tokenizer), self.tokenizer.eos_token_id)
        self.kept = scheduler().alphas_cumprod.to(DEVICE)  # part of the signal's power at each time
        self.optimizers = {"all": adamw(self.network.parameters(), weight_decay=1e-2)}
        if pool:
            self.learn_from(*vars(load(root / "pools/plain")).values())

    def learn_from(self, pictures: np.ndarray, prompts: list[str]) -> None:
        """The pictures that batches are chosen from."""
        self.latents, self.words = latents(self.vae, pictures), self.ids(prompts)

    def ids(self, prompts: list[str]) -> Tensor:
        """Token numbers, (n, LENGTH)."""
        said = self.tokenizer(prompts, padding="max_length", truncation=True, return_tensors="pt")
        return said.input_ids.to(DEVICE)

    def kind(self, number: int) -> None:
        return None

    def inputs(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        chosen = torch.from_numpy(rng.integers(len(self.words), size=self.batch)).to(DEVICE)
        return self.latents[chosen], self.words[chosen]

    def update(self, kind: None, both: Tensor, words: Tensor) -> dict[str, Tensor]:
        self.optimizers["all"].zero_grad()
        loss = self.loss(both, words)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizers["all"].step()
        return {"loss": loss}

    def between(self, number: int, figures: dict[str, Tensor]) -> None:
        pass

    def loss(self, both: Tensor, words: Tensor, late: bool = False) -> Tensor:
        """Mean squared error of v at random times; personalizations train with the same.

        Args:
            both: as `vae.latents` gives them.
            late: more of the times at which there is mostly noise, where colours and light are decided.
        """
        n = len(words)
        x = sampled(both)
        nothing = self.nothing.expand_as(words)
        words = torch.where(torch.rand(n, 1, device=DEVICE) < DROPPED, nothing, words)
        share = torch.rand(n, device=DEVICE)
        times = (
            (len(self.kept) * (1 - share.square() if late else share)).long().clamp(max=len(self.kept) - 1)
        )
        signal = self.kept[times].sqrt()[:, None, None, None]
        rest = (1 - self.kept[times]).sqrt()[:, None, None, None]
        noise = torch.randn_like(x)
        noisy = (signal * x + rest * noise).contiguous(memory_format=torch.channels_last)
        with half():
            guess = self.network["unet"](noisy, times, self.network["text"](words).last_hidden_state).sample
        return F.mse_loss(guess.float(), signal * noise - rest * x)

    @cached_property
    def nothing(self) -> Tensor:
        """The empty prompt, for classifier-free guidance."""
        return self.ids([""])

    def pipeline(self, network: nn.ModuleDict) -> StableDiffusionPipeline:
        pipeline = StableDiffusionPipeline(
            vae=self.vae,
            text_encoder=network["text"],
            tokenizer=self.tokenizer,
            unet=network["unet"],
            scheduler=scheduler(),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def grid(self, network: nn.ModuleDict) -> np.ndarray:
        """Forty scenes by prompts of a seed never trained on, listed beside the grid's cells in their order."""
        return grid(
            sample(self.pipeline(network), [scene.prompt for scene in scenes(40, 95, styled=STYLED)]), 10
        )

    def export(self, network: nn.ModuleDict, folder: Path) -> None:
        self.pipeline(network).save_pretrained(folder)


def sample(pipeline: StableDiffusionPipeline, prompts: list[str], seed: int = 0) -> np.ndarray:
    """uint8 pictures (n, 64, 64, 3), the i-th of its own seed."""
    generators = [torch.Generator().manual_seed(seed + i) for i in range(len(prompts))]
    images = pipeline(
        prompts, num_inference_steps=STEPS, guidance_scale=GUIDANCE, generator=generators, output_type="np"
    ).images
    return np.rint(images * 255).astype(np.uint8)
