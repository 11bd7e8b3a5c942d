"""The diffusion model's coder of pictures: 64 x 64 x 3 -> 16 x 16 x 8 and back, a diffusers AutoencoderKL.

Cost: encoder 0.22, decoder 0.62 G multiply-adds forward a picture, so 5 GFLOP to train on one;
measured 21 pictures a second and core in float32, 32 under bf16 autocast. Small batches: at first the number of steps
decides, not that of pictures (error 0.21 after 262 steps of 8, 0.23 after 70 steps of 32, equal time).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from pictures import drawn, grid, restyled, scenes, to_pictures, to_tensor

KL = 5e-4  # per element: latents stay near unit size without losing much


class VAE:
    name, batch, steps, rate = "vae", 8, 7_600, 1e-3

    def __init__(self) -> None:
        torch.manual_seed(1)
        self.network = AutoencoderKL(
            down_block_types=["DownEncoderBlock2D"] * 3,
            up_block_types=["UpDecoderBlock2D"] * 3,
            block_out_channels=(32, 64, 64),
            layers_per_block=1,
            latent_channels=8,
            norm_num_groups=8,
            sample_size=64,
            scaling_factor=1.0,
        ).to(memory_format=torch.channels_last)
        self.optimizers = {"all": torch.optim.AdamW(self.network.parameters(), weight_decay=1e-4)}

    def step(self, number: int) -> dict[str, float]:
        x = to_tensor(restyled(drawn(scenes(self.batch, 11, number), 11, number), 0.4, 11, number))
        with torch.autocast("cpu", torch.bfloat16):
            posterior = self.network.encode(x).latent_dist
            y = self.network.decode(posterior.sample()).sample
        y = y.float()
        error = (y - x).abs().mean()
        edges = sum((y.diff(dim=d) - x.diff(dim=d)).abs().mean() for d in (2, 3))
        kl = posterior.kl().mean() / posterior.mean[0].numel()
        loss = error + 0.5 * edges + KL * kl
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizers["all"].step()
        self.optimizers["all"].zero_grad()
        return {"l1": error.item(), "edges": edges.item(), "kl": kl.item()}

    def grid(self, network: AutoencoderKL) -> np.ndarray:
        """Pairs of rows: pictures never trained on, and what comes back."""
        real = restyled(drawn(scenes(40, 90), 90), 0.5, 90)
        back = to_pictures(network.decode(network.encode(to_tensor(real)).latent_dist.mean).sample)
        print(f"vae: error on 40 held-out pictures {np.abs(real / 255 - back / 255).mean():.4f}", flush=True)
        rows = [part[i : i + 10] for i in range(0, 40, 10) for part in (real, back)]
        return grid(np.concatenate(rows), 10)

    def export(self, network: AutoencoderKL, folder: Path) -> None:
        """With the scale that brings latents to unit deviation, which the diffusion model works at."""
        x = to_tensor(drawn(scenes(128, 91), 91))
        scale = 1 / network.encode(x).latent_dist.mean.std().item()
        network.register_to_config(scaling_factor=round(scale, 4))
        network.save_pretrained(folder)
