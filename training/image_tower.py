"""Step 2 of training: statistics -> unit vectors in which edits add up.

Objective, for a ground picture b and its edit e by concepts k at levels l_k:

    z(e) = unit(z(b) + REACH * sum_k l_k * G_k)            (linear and calibrated)
    softmax over concepts of (z(e) - z(b)) . G_k / T names the edit   (told apart from the others)
    softmax over concepts of (z(e) - centre) . G_k / T names it too     (contrastive: one picture alone)
    z(re-encoded b) = z(b)                                 (blind to how a file was saved)

G, one unit direction per concept, is learned with the network; step 3 teaches the text tower to put phrases there.

    python training/image_tower.py --data runs/encoder/data --out runs/encoder/image.pt
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

DIMENSIONS = 256
REACH = 0.4  # length of a concept at level 1, on the unit sphere


class Branch(nn.Module):
    """Standardized statistics (n, k) -> steps away from the centre (n, 256)."""

    def __init__(self, inside: int, width: int, dropout: float):
        super().__init__()
        self.first = nn.Linear(inside, width)
        self.block = nn.Sequential(
            nn.LayerNorm(width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, width)
        )
        self.last = nn.Sequential(
            nn.LayerNorm(width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, DIMENSIONS)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        return self.last(x + self.block(x))


class ImageHead(nn.Module):
    """Statistics (n, k) -> unit vectors (n, 256): the mean of branches that are trained each for itself.

    They share directions and centre, so their means are of the same things; what they make of tools that none of them
    saw differs, and averages out.
    """

    def __init__(self, mean: Tensor, std: Tensor, width: int, branches: int, dropout: float = 0.15) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.branches = nn.ModuleList([Branch(len(mean), width, dropout) for _ in range(branches)])
        self.centre = nn.Parameter(F.normalize(torch.randn(DIMENSIONS), dim=0))
        self.noise = 0.0

    def each(self, statistics: Tensor) -> list[Tensor]:
        """Unit vectors of every branch."""
        x = ((statistics - self.mean) / self.std).clamp(-6, 6)
        steps = []
        for branch in self.branches:
            noisy = x + self.noise * torch.randn_like(x) if self.training and self.noise else x
            steps.append(F.normalize(self.centre + 0.5 * branch(noisy).float(), dim=-1))
        return steps

    def forward(self, statistics: Tensor) -> Tensor:
        return F.normalize(torch.stack(self.each(statistics)).mean(0), dim=-1)


def load(folder: Path) -> dict[str, np.ndarray]:
    """All finished shards, concatenated."""
    shards = [np.load(path) for path in sorted(folder.glob("shard-*.npz"))]
    if not shards:
        raise SystemExit(f"no shards in {folder}: run training/dataset.py first")
    return {
        key: np.concatenate([s[key] for s in shards])
        for key in ("features", "concepts", "levels", "captions")
    }


def targets(concepts: Tensor, levels: Tensor, count: int) -> Tensor:
    """(n, e, 3) indices (-1 for none) and levels -> (n, e, count) level of every concept."""
    out = torch.zeros(*concepts.shape[:2], count + 1)
    out.scatter_add_(2, torch.where(concepts < 0, count, concepts), levels)
    return out[..., :count]


def tangent(directions: Tensor, centre: Tensor) -> Tensor:
    """Unit directions at right angles to the centre; along it a step would change nothing once normalized."""
    axis = F.normalize(centre, dim=0)
    return F.normalize(directions - (directions @ axis)[:, None] * axis, dim=-1)


def losses(z: Tensor, directions: Tensor, truth: Tensor) -> tuple[Tensor, dict[str, float], Tensor]:
    """Objective, its parts and the differences (n, e, 256), for unit vectors z (n, 2 + e, 256) of ground, ground again and edits."""
    base, again, edited = z[:, :1], z[:, 1:2], z[:, 2:]
    G = tangent(directions, base.mean((0, 1)).detach())
    goal = F.normalize(base + REACH * truth @ G, dim=-1)
    linear = (edited - goal).pow(2).sum(-1).mean() / REACH**2
    same = (again - base).pow(2).sum(-1).mean() / REACH**2
    # Edits of one picture also differ from one another by known amounts.
    between = (edited[:, 1:] - edited[:, :-1]) - (goal[:, 1:] - goal[:, :-1])
    linear = linear + 0.5 * between.pow(2).sum(-1).mean() / REACH**2
    difference = edited - base
    logits = F.normalize(difference, dim=-1) @ G.T / 0.07
    share = truth / truth.sum(-1, keepdim=True)
    naming = -(share * F.log_softmax(logits, -1)).sum(-1).mean()
    alone = (
        -(share * F.log_softmax((edited - base.mean((0, 1)).detach()) @ G.T / (0.2 * REACH), -1))
        .sum(-1)
        .mean()
    )
    total = linear + same + 0.3 * naming + 0.05 * alone
    figures = {"linear": linear.item(), "same": same.item(), "naming": naming.item(), "alone": alone.item()}
    return total, figures, difference


@torch.no_grad()
def validate(head: ImageHead, directions: Tensor, features: Tensor, truth: Tensor) -> dict[str, float]:
    head.eval()
    figures: dict[str, list[float]] = {
        "linear": [],
        "same": [],
        "naming": [],
        "alone": [],
        "first": [],
        "cosine": [],
    }
    G = tangent(directions, centre(head, features[:, 0]))
    head.eval()
    for i in range(0, len(features), 256):
        some = features[i : i + 256].float()
        _, found, difference = losses(
            head(some.flatten(0, 1)).unflatten(0, some.shape[:2]), directions, truth[i : i + 256]
        )
        single = (truth[i : i + 256] > 0).sum(-1) == 1
        scores = F.normalize(difference, dim=-1) @ G.T
        best = truth[i : i + 256].argmax(-1)
        found["first"] = (scores.argmax(-1) == best)[single].float().mean().item()
        found["cosine"] = scores.gather(-1, best[..., None])[..., 0][single].mean().item()
        for key, value in found.items():
            figures[key].append(value)
    head.train()
    return {key: float(np.mean(value)) for key, value in figures.items()}


@torch.no_grad()
def centre(head: ImageHead, grounds: Tensor) -> Tensor:
    """Mean embedding of unedited pictures: where the text tower puts "an image"."""
    head.eval()
    mean = head(grounds.float()).mean(0)
    head.train()
    return mean


@torch.no_grad()
def contents(head: ImageHead, grounds: Tensor, captioned: np.ndarray, count: int) -> Tensor:
    """Mean embedding of the unedited pictures of every caption, (count, 256)."""
    head.eval()
    out = torch.stack(
        [head(grounds[np.flatnonzero(captioned == k)[:200]].float()).mean(0) for k in range(count)]
    )
    head.train()
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("runs/encoder/data"))
    parser.add_argument("--out", type=Path, default=Path("runs/encoder/image.pt"))
    parser.add_argument("--epochs", type=int, default=26)
    parser.add_argument(
        "--batch", type=int, default=128, help="ground pictures per step; each brings 7 images"
    )
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--branches", type=int, default=3)
    parser.add_argument("--noise", type=float, default=0.15)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    data = load(args.data)
    names = (args.data / "concepts.txt").read_text().split("\n")[:-1]
    features = torch.from_numpy(data["features"])
    truth = targets(torch.from_numpy(data["concepts"]).long(), torch.from_numpy(data["levels"]), len(names))
    held = max(64, len(features) // 20)
    train, train_truth, valid, valid_truth = features[held:], truth[held:], features[:held], truth[:held]
    captions, captioned = np.unique(data["captions"][held:], return_inverse=True)
    captions = captions.tolist()
    sample = train[:6000].float().reshape(-1, features.shape[-1])
    mean, std = sample.mean(0), sample.std(0).clamp(min=0.02)
    head = ImageHead(mean, std, args.width, args.branches)
    head.noise = args.noise
    directions = nn.Parameter(torch.linalg.qr(torch.randn(DIMENSIONS, len(names)))[0].T.contiguous())
    decay = [p for p in head.parameters() if p.ndim > 1]
    rest = [p for p in head.parameters() if p.ndim <= 1] + [directions]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.03}, {"params": rest, "weight_decay": 0.0}], lr=args.rate
    )
    steps = args.epochs * (len(train) // args.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, args.rate, total_steps=steps + 1, pct_start=0.1)
    print(f"{len(train)} ground pictures, {len(names)} concepts, {steps} steps", flush=True)
    began = time.time()
    for epoch in range(args.epochs):
        order = torch.randperm(len(train))
        running: dict[str, float] = {}
        count = len(train) // args.batch
        for step in range(count):
            rows = order[step * args.batch : (step + 1) * args.batch]
            with torch.autocast("cpu", torch.bfloat16):
                some = train[rows].float()
                found = [
                    losses(z.unflatten(0, some.shape[:2]), directions, train_truth[rows])
                    for z in head.each(some.flatten(0, 1))
                ]
                loss, figures = sum(f[0] for f in found), found[0][1]
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            for key, value in figures.items():
                running[key] = running.get(key, 0.0) + value / count
        if epoch % 3 == 2 or epoch == args.epochs - 1:
            checked = validate(head, directions, valid, valid_truth)
            print(epoch, f"{time.time() - began:.0f}s", {k: round(v, 3) for k, v in running.items()}, "held out",
                  {k: round(v, 3) for k, v in checked.items()}, flush=True)  # fmt: skip
            middle = centre(head, train[:2000, 0])
            torch.save(
                {
                    "head": head.state_dict(),
                    "directions": tangent(directions.detach(), middle),
                    "centre": middle,
                    "captions": captions,
                    "contents": contents(head, train[:, 0], captioned, len(captions)) - middle,
                    "names": names,
                    "width": args.width,
                    "branches": args.branches,
                    "held_out": checked,
                },
                args.out,
            )


if __name__ == "__main__":
    main()
