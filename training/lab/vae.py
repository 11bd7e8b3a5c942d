"""The diffusion model's coder of pictures: 64 x 64 x 3 -> 16 x 16 x 8 and back, a diffusers AutoencoderKL.

Cost: encoder 0.22, decoder 0.62 G multiply-adds forward a picture, so 5 GFLOP to train on one;
measured 21 pictures a second and core in float32, 32 under bf16 autocast. Small batches: at first the number of steps
decides, not that of pictures (error 0.21 after 262 steps of 8, 0.23 after 70 steps of 32, equal time).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from device import DEVICE, adamw, half
from diffusers import AutoencoderKL
from pictures import drawn, grid, in_parts, load, restyled, scenes, to_pictures, to_tensor
from torch import Tensor

KL = 5e-4  # per element: latents stay near unit size without losing much


class VAE:
    name, batch, steps, rate = "vae", 8, 7_600, 1e-3

    def __init__(self, root: Path) -> None:
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
        ).to(DEVICE, memory_format=torch.channels_last)
        self.optimizers = {"all": adamw(self.network.parameters(), weight_decay=1e-4)}
        self.pictures = load(root / "pools/looks").pictures

    def kind(self, number: int) -> None:
        return None

    def inputs(self, rng: np.random.Generator) -> tuple[Tensor]:
        chosen = self.pictures[rng.integers(len(self.pictures), size=self.batch)]
        return (torch.from_numpy(chosen).to(DEVICE),)

    def update(self, kind: None, pictures: Tensor) -> dict[str, Tensor]:
        x = to_tensor(pictures)
        with half():
            posterior = self.network.encode(x).latent_dist
            y = self.network.decode(posterior.sample()).sample
        y = y.float()
        error = (y - x).abs().mean()
        edges = sum((y.diff(dim=d) - x.diff(dim=d)).abs().mean() for d in (2, 3))
        kl = posterior.kl().mean() / posterior.mean[0].numel()
        self.optimizers["all"].zero_grad()
        (error + 0.5 * edges + KL * kl).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizers["all"].step()
        return {"l1": error, "edges": edges, "kl": kl}

    def between(self, number: int, figures: dict[str, Tensor]) -> None:
        pass

    def grid(self, network: AutoencoderKL) -> np.ndarray:
        """Pairs of rows: pictures never trained on, and what comes back."""
        real = restyled(drawn(scenes(40, 90), 90), 0.5, 90)
        back = to_pictures(network.decode(network.encode(to_tensor(real).to(DEVICE)).latent_dist.mean).sample)
        print(f"vae: error on 40 held-out pictures {np.abs(real / 255 - back / 255).mean():.4f}", flush=True)
        rows = [part[i : i + 10] for i in range(0, 40, 10) for part in (real, back)]
        return grid(np.concatenate(rows), 10)

    def export(self, network: AutoencoderKL, folder: Path) -> None:
        """With the scale that brings latents to unit deviation, which the diffusion model works at."""
        x = to_tensor(drawn(scenes(128, 91), 91)).to(DEVICE)
        scale = 1 / network.encode(x).latent_dist.mean.std().item()
        network.register_to_config(scaling_factor=round(scale, 4))
        network.save_pretrained(folder)


def opened(folder: Path) -> AutoencoderKL:
    """The finished VAE, for the networks that play in its latent space."""
    vae = (
        AutoencoderKL.from_pretrained(folder / "vae/export", dtype=torch.float32).eval().requires_grad_(False)
    )
    return vae.to(DEVICE, memory_format=torch.channels_last)


def latents(vae: AutoencoderKL, pictures: np.ndarray) -> Tensor:
    """Mean and deviation of scaled latents, (n, 16, 16, 16) in half precision: two times eight channels."""

    def code(x: Tensor) -> Tensor:
        with half():
            found = vae.encode(x).latent_dist
        return (torch.cat([found.mean.float(), found.std.float()], 1) * vae.config.scaling_factor).half()

    return in_parts(code, pictures, DEVICE)


def sampled(both: Tensor) -> Tensor:
    """Latents drawn from what `latents` gives, (n, 8, 16, 16)."""
    mean, std = both.float().chunk(2, 1)
    return (mean + std * torch.randn_like(mean)).contiguous(memory_format=torch.channels_last)
