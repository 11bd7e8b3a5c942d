"""The autoregressive model's coder of pictures: 64 x 64 x 3 -> 8 x 8 tokens out of 1,024 and back, Janus's own VQ model.

Cost: encoder 0.07, decoder 0.72 G multiply-adds forward a picture, 5 GFLOP to train on one. Codes and what is coded lie
on the unit sphere, because Janus's decoder normalizes the codes it is given.
"""

from __future__ import annotations

import copy
from collections import deque
from pathlib import Path

import numpy as np
import torch
from pictures import drawn, grid, restyled, scenes, to_pictures, to_tensor
from sklearn.cluster import MiniBatchKMeans
from torch import nn
from torch.nn import functional as F
from transformers import JanusVQVAEConfig
from transformers.models.janus.modeling_janus import JanusVQVAE

CODES, TOKENS = 1024, 64
REVIVE = 200  # steps after which a code nobody used becomes one that somebody needs
HELD = 0.1  # pull of the codes on the points; at 1 the points crowd together
WARM = 600  # steps without codes at first
PLACED = 8_000  # points among which the codes are first placed, by k-means


def config() -> JanusVQVAEConfig:
    return JanusVQVAEConfig(
        embed_dim=8,
        num_embeddings=CODES,
        latent_channels=128,
        base_channels=64,
        channel_multiplier=[1, 1, 1, 2],
        num_res_blocks=0,
        num_patches=8,
        projection_dim=256,
        image_token_embed_dim=256,
    )


def encode(network: JanusVQVAE, x: torch.Tensor) -> torch.Tensor:
    """Points on the unit sphere, shape (n, 8, 8, 8): channels second."""
    return F.normalize(network.quant_conv(network.encoder(x)).float(), dim=1)


def nearest(network: JanusVQVAE, z: torch.Tensor) -> torch.Tensor:
    """Token of every point, shape (n, 64), row by row."""
    codes = F.normalize(network.quantize.embedding.weight, dim=1)
    return (z.permute(0, 2, 3, 1).reshape(len(z), TOKENS, -1) @ codes.T).argmax(-1)


class VQ:
    name, batch, steps, rate = "vq", 8, 7_000, 1e-3

    def __init__(self) -> None:
        torch.manual_seed(3)
        coder = JanusVQVAE(config()).train().to(memory_format=torch.channels_last)
        # Without it all points run together on the sphere, and the picture stays gray. It is folded into quant_conv later.
        self.network = nn.ModuleDict({"coder": coder, "norm": nn.BatchNorm2d(8, affine=False)})
        self.optimizers = {"all": torch.optim.AdamW(self.network.parameters(), weight_decay=1e-4)}
        self.used = torch.zeros(CODES, dtype=torch.long)
        self.seen: deque[torch.Tensor] = deque(maxlen=PLACED // (TOKENS * self.batch))

    def step(self, number: int) -> dict[str, float]:
        x = to_tensor(restyled(drawn(scenes(self.batch, 31, number), 31, number), 0.4, 31, number))
        coder = self.network["coder"]
        codes = coder.quantize.embedding.weight
        with torch.autocast("cpu", torch.bfloat16):
            z = F.normalize(self.network["norm"](coder.quant_conv(coder.encoder(x)).float()), dim=1)
            with torch.no_grad():
                tokens = nearest(coder, z)
            q = F.normalize(codes[tokens], dim=-1).permute(0, 2, 1).reshape(z.shape)
            coded = z if number < WARM else z + (q - z).detach()
            y = coder.decoder(coder.post_quant_conv(coded))
        y = y.float()
        error = (y - x).abs().mean()
        edges = sum((y.diff(dim=d) - x.diff(dim=d)).abs().mean() for d in (2, 3))
        apart = HELD * F.mse_loss(z, q.detach()) + F.mse_loss(q, z.detach())
        (error + 0.5 * edges + (apart if number >= WARM else 0)).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizers["all"].step()
        self.optimizers["all"].zero_grad()
        self.used += torch.bincount(tokens.flatten(), minlength=CODES)
        self.seen.append(z.detach().permute(0, 2, 3, 1).reshape(-1, z.shape[1]))
        figures = {
            "l1": error.item(),
            "edges": edges.item(),
            "apart": apart.item(),
            "spread": z.detach().std((0, 2, 3)).mean().item(),
        }
        if number == WARM - 1:
            self._place()
        if number % REVIVE == REVIVE - 1:
            figures["codes_used"] = float((self.used > 0).sum())
            if WARM <= number < 0.7 * self.steps:
                self._revive(z)
            self.used.zero_()
        return figures

    @torch.no_grad()
    def _place(self) -> None:
        """Codes where the points are."""
        found = MiniBatchKMeans(CODES, random_state=0, n_init=1).fit(torch.cat(list(self.seen)).numpy())
        centres = torch.from_numpy(found.cluster_centers_).float()
        self.network["coder"].quantize.embedding.weight.copy_(F.normalize(centres, dim=1))

    @torch.no_grad()
    def _revive(self, z: torch.Tensor) -> None:
        idle = (self.used == 0).nonzero()[:, 0]
        points = z.permute(0, 2, 3, 1).reshape(-1, z.shape[1])
        chosen = points[torch.randint(len(points), (len(idle),))]
        codes = self.network["coder"].quantize.embedding.weight
        codes[idle] = F.normalize(chosen + 0.02 * torch.randn_like(chosen), dim=1)

    def grid(self, network: nn.ModuleDict) -> np.ndarray:
        """Pairs of rows: pictures never trained on, and what comes back."""
        coder = folded(network)
        real = restyled(drawn(scenes(40, 90), 90), 0.5, 90)
        back = to_pictures(coder.decode(nearest(coder, encode(coder, to_tensor(real)))))
        print(f"vq: error on 40 held-out pictures {np.abs(real / 255 - back / 255).mean():.4f}", flush=True)
        rows = [part[i : i + 10] for i in range(0, 40, 10) for part in (real, back)]
        return grid(np.concatenate(rows), 10)

    def export(self, network: nn.ModuleDict, folder: Path) -> None:
        folded(network).save_pretrained(folder)


def folded(network: nn.ModuleDict) -> JanusVQVAE:
    """The coder alone: the norm's mean and scale become part of quant_conv, and the codes are of unit length."""
    coder, norm = copy.deepcopy(network["coder"]).eval(), network["norm"]
    scale = (norm.running_var + norm.eps).rsqrt()
    coder.quant_conv.weight.data *= scale[:, None, None, None]
    coder.quant_conv.bias.data = (coder.quant_conv.bias.data - norm.running_mean) * scale
    coder.quantize.embedding.weight.data = F.normalize(coder.quantize.embedding.weight.data, dim=1)
    return coder
