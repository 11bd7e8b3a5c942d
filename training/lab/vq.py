"""The autoregressive model's coder of pictures: 64 x 64 x 3 -> 16 x 16 tokens out of 1,024 and back, Janus's own VQ model.

Codes and what is coded lie on the unit sphere, because Janus's decoder normalizes the codes it is given.
"""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
from device import DEVICE, adamw, half
from pictures import drawn, grid, in_parts, load, restyled, scenes, to_pictures, to_tensor
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import JanusVQVAEConfig
from transformers.models.janus.modeling_janus import JanusVQVAE

CODES, SIDE = 1024, 16
TOKENS = SIDE * SIDE
WIDTH = 192  # of the language model that writes the codes
REVIVE = 200  # steps after which a code nobody used becomes one that somebody needs
HELD = 0.1  # pull of the codes on the points; at 1 the points crowd together
WARM = 400  # steps without codes at first


def config() -> JanusVQVAEConfig:
    return JanusVQVAEConfig(
        embed_dim=8,
        num_embeddings=CODES,
        latent_channels=96,
        base_channels=64,
        channel_multiplier=[1, 1, 2],
        num_res_blocks=0,
        num_patches=SIDE,
        projection_dim=WIDTH,
        image_token_embed_dim=WIDTH,
    )


def encode(network: JanusVQVAE, x: Tensor) -> Tensor:
    """Points on the unit sphere, shape (n, 8, 16, 16): channels second."""
    return F.normalize(network.quant_conv(network.encoder(x)).float(), dim=1)


def nearest(network: JanusVQVAE, z: Tensor) -> Tensor:
    """Token of every point, shape (n, 256), row by row."""
    codes = F.normalize(network.quantize.embedding.weight, dim=1)
    return (z.permute(0, 2, 3, 1).reshape(len(z), TOKENS, -1) @ codes.T).argmax(-1)


def tokens_of(network: JanusVQVAE, pictures: np.ndarray) -> Tensor:
    """Tokens of uint8 pictures, shape (n, 256), on the device."""
    return in_parts(lambda x: nearest(network, encode(network, x)).short(), pictures, DEVICE)


class VQ:
    name, batch, steps, rate = "vq", 32, 8_000, 1e-3

    def __init__(self, root: Path) -> None:
        torch.manual_seed(3)
        coder = JanusVQVAE(config()).train().to(memory_format=torch.channels_last)
        # Without it all points run together on the sphere, and the picture stays gray. It is folded into quant_conv later.
        self.network = nn.ModuleDict({"coder": coder, "norm": nn.BatchNorm2d(8, affine=False)}).to(DEVICE)
        self.optimizers = {"all": adamw(self.network.parameters(), weight_decay=1e-4)}
        self.used = torch.zeros(CODES, dtype=torch.long)
        self.pictures = torch.from_numpy(np.array(load(root / "pools/looks").pictures)).to(DEVICE)

    def kind(self, number: int) -> bool:
        """Whether pictures go through the codes."""
        return number >= WARM

    def inputs(self, rng: np.random.Generator) -> tuple[Tensor]:
        chosen = torch.from_numpy(rng.integers(len(self.pictures), size=self.batch)).to(DEVICE)
        return (self.pictures[chosen],)

    def update(self, kind: bool, pictures: Tensor) -> dict[str, Tensor]:
        x = to_tensor(pictures)
        coder = self.network["coder"]
        with half():
            z = F.normalize(self.network["norm"](coder.quant_conv(coder.encoder(x)).float()), dim=1)
            with torch.no_grad():
                tokens = nearest(coder, z)
            q = F.normalize(F.embedding(tokens, coder.quantize.embedding.weight), dim=-1)
            q = q.permute(0, 2, 1).reshape(z.shape)
            y = coder.decoder(coder.post_quant_conv(z + (q - z).detach() if kind else z))
        y = y.float()
        error = (y - x).abs().mean()
        edges = sum((y.diff(dim=d) - x.diff(dim=d)).abs().mean() for d in (2, 3))
        apart = HELD * F.mse_loss(z, q.detach()) + F.mse_loss(q, z.detach())
        self.optimizers["all"].zero_grad()
        (error + 0.5 * edges + (apart if kind else 0)).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizers["all"].step()
        points = z.detach().permute(0, 2, 3, 1).reshape(-1, z.shape[1])
        return {
            "l1": error,
            "edges": edges,
            "apart": apart,
            "spread": z.detach().std((0, 2, 3)).mean(),
            "tokens": tokens,
            "points": points,
        }

    def between(self, number: int, figures: dict[str, Tensor]) -> None:
        """Codes are put where the points are, and those that nobody uses where they are needed."""
        if number >= WARM and number % 10 == 0:
            self.used += torch.bincount(figures["tokens"].flatten().cpu(), minlength=CODES)
        if number == WARM - 1:
            points = figures["points"].float().cpu().numpy()
            found = MiniBatchKMeans(CODES, random_state=0, n_init=1).fit(points)
            self._codes().copy_(F.normalize(torch.from_numpy(found.cluster_centers_).float(), dim=1))
        if number >= WARM and number % REVIVE == REVIVE - 1:
            idle = (self.used == 0).nonzero()[:, 0].to(DEVICE)
            if number < 0.7 * self.steps and len(idle):
                points = figures["points"]
                chosen = points[torch.randint(len(points), (len(idle),), device=DEVICE)]
                self._codes()[idle] = F.normalize(chosen + 0.02 * torch.randn_like(chosen), dim=1)
            self.used.zero_()

    def _codes(self) -> Tensor:
        return self.network["coder"].quantize.embedding.weight.data

    def grid(self, network: nn.ModuleDict) -> np.ndarray:
        """Pairs of rows: pictures never trained on, and what comes back."""
        coder = folded(network)
        real = restyled(drawn(scenes(40, 90), 90), 0.5, 90)
        back = to_pictures(coder.decode(nearest(coder, encode(coder, to_tensor(real).to(DEVICE)))))
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
