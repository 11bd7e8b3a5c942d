"""The GAN: random numbers and a place -> a picture in one pass, exported as one ONNX file.

It plays in the latent space of the diffusion model's VAE (16 x 16 x 8), whose decoder is part of the exported network: one
picture costs 1.1 G multiply-adds of training instead of about 4, so the same hours show it four times as many. Hinge loss, lazy
R1 penalty (Mescheder et al. 2018, arXiv 1801.04406; every eighth step as in StyleGAN2), projection discriminator
(Miyato and Koyama 2018, arXiv 1802.05637).
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from device import DEVICE, adam, half
from diffusers import AutoencoderKL
from pictures import grid, load, to_pictures
from torch import Tensor, nn
from torch.nn import functional as F
from vae import latents, opened, sampled

from finexl.lab.world import PLACES, parse

LATENT, CLASSES = 128, len(PLACES)
NAMES = list(PLACES)
R1, LAZY = 0.5, 8
TOGETHER = 4  # places in a batch
RANK = 2  # of the change that a fine-tune may make to each layer


class Conv(nn.Conv2d):
    """A convolution with a low-rank change beside it: zero in the base, and what a fine-tune trains."""

    def __init__(self, inside: int, outside: int):
        super().__init__(inside, outside, 3, padding=1)
        self.down = nn.Parameter(torch.zeros(RANK, inside, 3, 3), requires_grad=False)
        self.up = nn.Parameter(torch.zeros(outside, RANK, 1, 1), requires_grad=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) + F.conv2d(F.conv2d(x, self.down, padding=1), self.up)


class Linear(nn.Linear):
    """A linear layer with such a change."""

    def __init__(self, inside: int, outside: int):
        super().__init__(inside, outside)
        self.down = nn.Parameter(torch.zeros(RANK, inside), requires_grad=False)
        self.up = nn.Parameter(torch.zeros(outside, RANK), requires_grad=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) + F.linear(F.linear(x, self.down), self.up)


class Modulated(nn.Module):
    """Normalize, then scale and shift every channel as w says."""

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.norm = nn.GroupNorm(8, channels, affine=False)
        self.style = Linear(width, 2 * channels)

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        scale, shift = self.style(w)[:, :, None, None].chunk(2, 1)
        return self.norm(x) * (1 + scale) + shift


class Up(nn.Module):
    """A residual block of the generator, which may double the side."""

    def __init__(self, inside: int, outside: int, width: int, double: bool):
        super().__init__()
        self.double = double
        self.first, self.second = Modulated(inside, width), Modulated(outside, width)
        self.conv1, self.conv2 = Conv(inside, outside), Conv(outside, outside)
        self.skip = nn.Conv2d(inside, outside, 1)

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        y = F.silu(self.first(x, w))
        if self.double:
            x, y = (F.interpolate(t, scale_factor=2.0, mode="nearest") for t in (x, y))
        y = self.conv2(F.silu(self.second(self.conv1(y), w)))
        return (self.skip(x) + y) * 2**-0.5


class Generator(nn.Module):
    """z (n, 128) and place (n,) -> scaled latents (n, 8, 16, 16)."""

    def __init__(self, width: int = 192):
        super().__init__()
        self.place = nn.Embedding(CLASSES, LATENT)
        self.mapping = nn.Sequential(
            nn.Linear(2 * LATENT, width), nn.LeakyReLU(0.2), nn.Linear(width, width), nn.LeakyReLU(0.2)
        )
        self.start = nn.Linear(2 * LATENT, 192 * 16)
        self.blocks = nn.ModuleList(
            [
                Up(192, 192, width, False),
                Up(192, 160, width, True),
                Up(160, 96, width, True),
                Up(96, 96, width, False),
            ]
        )
        self.last = Modulated(96, width)
        self.out = Conv(96, 8)

    def forward(self, z: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        z = z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)
        both = torch.cat([z, self.place(label)], 1)
        w, x = self.mapping(both), self.start(both).unflatten(1, (192, 4, 4))
        for block in self.blocks:
            x = block(x, w)
        return self.out(F.silu(self.last(x, w)))


class Down(nn.Module):
    """A residual block of the discriminator, which halves the side."""

    def __init__(self, inside: int, outside: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, inside, 3, padding=1)
        self.conv2 = nn.Conv2d(inside, outside, 3, padding=1)
        self.skip = nn.Conv2d(inside, outside, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.leaky_relu(self.conv1(F.leaky_relu(x, 0.2)), 0.2)
        y = self.conv2(F.avg_pool2d(y, 2))
        return (self.skip(F.avg_pool2d(x, 2)) + y) * 2**-0.5


class Discriminator(nn.Module):
    """Latents and place -> how real the pair looks, shape (n,)."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(nn.Conv2d(8, 64, 3, padding=1), Down(64, 128), Down(128, 224))
        self.conv = nn.Conv2d(225, 224, 3, padding=1)
        self.dense = nn.Linear(224 * 16, 224)
        self.real = nn.Linear(224, 1)
        self.place = nn.Embedding(CLASSES, 224)

    def forward(self, x: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        y = self.blocks(x)
        y = F.leaky_relu(self.conv(torch.cat([y, spread(y, label)], 1)), 0.2)
        y = F.leaky_relu(self.dense(y.flatten(1)), 0.2)
        return self.real(y)[:, 0] + (self.place(label) * y).sum(1) * 224**-0.5


def spread(y: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """How much the pictures of one place differ in a batch, as one more channel; without it the generator may draw one of each."""
    same = (label[:, None] == label).float()
    part = same / same.sum(1, keepdim=True)
    flat = y.float().flatten(1)
    mean = part @ flat
    variance = (part @ flat.square() - mean.square()).clamp(min=1e-6)
    one = variance.sqrt().mean(1).to(y.dtype)
    return one[:, None, None, None].expand(len(y), 1, *y.shape[2:])


class Painter(nn.Module):
    """Generator and decoder in one: what is exported. z and place -> pictures in [-1, 1]."""

    def __init__(self, generator: Generator, vae: AutoencoderKL):
        super().__init__()
        self.generator, self.vae = generator, vae

    def forward(self, z: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        latents = self.generator(z, label) / self.vae.config.scaling_factor
        return self.vae.decode(latents).sample.clamp(-1, 1)


class GAN:
    name, batch, steps, rate = "gan", 64, 40_000, 4e-4

    def __init__(self, root: Path) -> None:
        torch.manual_seed(5)
        self.vae = opened(root)
        self.network = nn.ModuleDict({"generator": Generator(), "discriminator": Discriminator()})
        self.network.to(DEVICE, memory_format=torch.channels_last)
        self.optimizers = {
            name: adam([p for p in part.parameters() if p.requires_grad], betas=(0.0, 0.99))
            for name, part in self.network.items()
        }
        pool = load(root / "pools/plain")
        scenes = [parse(prompt) for prompt in pool.prompts]
        plain = np.array([i for i, scene in enumerate(scenes) if not scene.styles])
        self.latents = latents(self.vae, pool.pictures)[torch.from_numpy(plain).to(DEVICE)]
        place = np.array([NAMES.index(scenes[i].place) for i in plain])
        self.of_place = [np.flatnonzero(place == k) for k in range(CLASSES)]

    def kind(self, number: int) -> bool:
        """Whether the penalty is due."""
        return number % LAZY == 0

    def inputs(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Pictures of few places, so that each place has company in its batch."""
        known = [k for k in range(CLASSES) if len(self.of_place[k])]
        wanted = rng.choice(known, TOGETHER, replace=False)
        chosen = np.concatenate([rng.choice(self.of_place[k], self.batch // TOGETHER) for k in wanted])
        label = torch.from_numpy(wanted.repeat(self.batch // TOGETHER)).to(DEVICE)
        return self.latents[torch.from_numpy(chosen).to(DEVICE)], label

    def update(self, kind: bool, both: Tensor, label: Tensor) -> dict[str, Tensor]:
        """One step of each player on real pictures."""
        generator, discriminator = self.network["generator"], self.network["discriminator"]
        real = sampled(both).requires_grad_(kind)
        z = torch.randn(2, len(label), LATENT, device=DEVICE)
        with half(not kind):  # the penalty's second derivatives are float32
            with torch.no_grad():
                fake = generator(z[0], label)
            good, bad = discriminator(real, label).float(), discriminator(fake, label).float()
        loss = F.relu(1 - good).mean() + F.relu(1 + bad).mean()
        if kind:
            (slope,) = torch.autograd.grad(good.sum(), real, create_graph=True)
            loss = loss + 0.5 * R1 * LAZY * slope.square().sum((1, 2, 3)).mean()
        self._apply("discriminator", loss)
        with half():
            score = -discriminator(generator(z[1], label), label).float().mean()
        self._apply("generator", score)
        return {"real": good.detach().mean(), "fake": bad.detach().mean()}

    def _apply(self, name: str, loss: Tensor) -> None:
        self.network.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[name].step()

    def between(self, number: int, figures: dict[str, Tensor]) -> None:
        pass

    def grid(self, network: nn.ModuleDict) -> np.ndarray:
        """A row for every place."""
        rng = np.random.default_rng(0)
        z = torch.from_numpy(rng.standard_normal((8 * CLASSES, LATENT), np.float32)).to(DEVICE)
        label = torch.arange(CLASSES, device=DEVICE).repeat_interleave(8)
        return grid(to_pictures(Painter(network["generator"], self.vae)(z, label)), 8)

    def export(self, network: nn.ModuleDict, folder: Path) -> None:
        """model.onnx, whose low-rank changes can be given at run time, and what a loader has to know."""
        folder.mkdir(parents=True, exist_ok=True)
        painter = Painter(copy.deepcopy(network["generator"]), copy.deepcopy(self.vae)).eval().cpu()
        for change in changes(painter.generator).values():
            torch.nn.init.normal_(change)  # the exporter would merge tensors that are equal, as zeros are
        about = {"latent": LATENT, "classes": CLASSES, "range": "-1,1", "names": NAMES}
        (folder / "config.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
        n = torch.export.Dim("n", min=1, max=1024)
        torch.onnx.export(
            painter,
            (torch.zeros(2, LATENT), torch.zeros(2, dtype=torch.long)),
            folder / "model.onnx",
            input_names=["z", "label"],
            output_names=["image"],
            dynamic_shapes={"z": {0: n}, "label": {0: n}},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        open_changes(folder / "model.onnx")


def changes(generator: Generator) -> dict[str, torch.Tensor]:
    """The low-rank changes by the names that they have in the exported network."""
    parts = generator.state_dict()
    return {f"generator.{name}": value for name, value in parts.items() if name.endswith((".up", ".down"))}


def open_changes(path: Path) -> None:
    """Make the changes inputs with zeros as their default, and halve the other weights.

    An initializer that is a graph input as well may be given at run time (ONNX IR, "default values"), so a fine-tune is a
    small file beside the base. Halved weights are cast back once, when the network is loaded.
    """
    model = onnx.load(path)
    graph, casts = model.graph, []
    for tensor in list(graph.initializer):
        value = onnx.numpy_helper.to_array(tensor)
        if tensor.name.endswith((".up", ".down")):
            about = onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, value.shape)
            graph.input.append(about)
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.zeros_like(value), tensor.name))
        elif value.dtype == np.float32 and value.size >= 256:
            half = onnx.numpy_helper.from_array(value.astype(np.float16), f"{tensor.name}.half")
            casts.append(onnx.helper.make_node("Cast", [half.name], [tensor.name], to=onnx.TensorProto.FLOAT))
            graph.initializer.remove(tensor)
            graph.initializer.append(half)
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    onnx.checker.check_model(model)
    onnx.save(model, path)
