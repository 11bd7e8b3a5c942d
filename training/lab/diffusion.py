"""The diffusion model: a StableDiffusionPipeline in small, latents 16 x 16 x 8, text encoder of our own vocabulary.

Measured on one core: 70 latents a second under bf16 autocast, 60 in float32; a UNet of 96-128-160 channels (9.4 M weights)
takes 55 and 36, and torch.compile gains nothing. Attention at 16 x 16 positions would cost a quarter of the speed, so it
starts at 8 x 8. Prediction of v with a schedule that ends in pure
noise, so that whole pictures can be dark or bright (Lin et al. 2023, arXiv 2305.08891).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from pictures import STYLED, drawn, grid, scenes, to_tensor
from text import LENGTH, build_tokenizer
from torch import nn
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel

WIDTH = 128
DROPPED = 0.1  # prompts left out, for classifier-free guidance
GUIDANCE, STEPS = 1.5, 25  # more guidance takes back what a personalization has changed


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
        block_out_channels=(64, 96, 128),
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,  # diffusers means the number of heads
        norm_num_groups=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    )
    return nn.ModuleDict({"text": CLIPTextModel(text), "unet": unet.to(memory_format=torch.channels_last)})


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
    name, batch, steps, rate = "diffusion", 24, 16_000, 8e-4

    def __init__(self, vae: Path) -> None:
        torch.manual_seed(2)
        self.tokenizer = build_tokenizer()
        self.vae = AutoencoderKL.from_pretrained(vae).eval().requires_grad_(False)
        self.vae.to(memory_format=torch.channels_last)
        self.network = networks(len(self.tokenizer), self.tokenizer.eos_token_id)
        self.noise = scheduler()
        self.optimizers = {"all": torch.optim.AdamW(self.network.parameters(), weight_decay=1e-2)}

    def step(self, number: int) -> dict[str, float]:
        many = scenes(self.batch, 21, number, styled=STYLED)
        loss = self.loss(drawn(many, 21, number), [scene.prompt for scene in many])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizers["all"].step()
        self.optimizers["all"].zero_grad()
        return {"loss": loss.item()}

    def loss(self, pictures: np.ndarray, prompts: list[str], late: bool = False) -> torch.Tensor:
        """Mean squared error of v at random times; personalizations train with the same.

        Args:
            late: more of the times at which there is mostly noise, where colours and light are decided.
        """
        n = len(prompts)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            latents = self.vae.encode(to_tensor(pictures)).latent_dist.sample()
        latents = latents.float() * self.vae.config.scaling_factor
        kept = torch.rand(n) >= DROPPED
        ids = self.tokenizer(
            [prompt if keep else "" for prompt, keep in zip(prompts, kept, strict=True)],
            padding="max_length",
            truncation=True,
            return_tensors="pt",
        ).input_ids
        share = torch.rand(n)
        times = (self.noise.config.num_train_timesteps * (1 - share.square() if late else share)).long()
        times = times.clamp(max=self.noise.config.num_train_timesteps - 1)
        noise = torch.randn_like(latents)
        noisy = self.noise.add_noise(latents, noise, times).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            words = self.network["text"](ids).last_hidden_state
            guess = self.network["unet"](noisy, times, words).sample
        return F.mse_loss(guess.float(), self.noise.get_velocity(latents, noise, times))

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
