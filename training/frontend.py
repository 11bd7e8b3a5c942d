"""The fixed front end of the built-in encoder: pictures -> image statistics that style lives in.

Nothing here is learned. Colour histograms, oriented line and edge energies over five scales, their
second-order energies, spatial layout, symmetry, periodicity and colour registration are what tells a
watercolour from an oil painting on any subject, and unlike learned filters they cannot overfit the few
photographs that may be shipped with Python packages. It is a torch module so that it exports to ONNX
together with the learned layers behind it.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIZE = 224
ORIENTATIONS = 6
SCALES = 5
LAGS_AXIS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24)
LAGS_DIAGONAL = (1, 2, 3, 4, 6, 8)


def oriented_filters(size: int = 7) -> Tensor:
    """Odd (edge) and even (line) Gaussian-derivative filters, shape (2 * ORIENTATIONS, 1, size, size)."""
    y, x = np.mgrid[:size, :size] - size // 2
    filters = []
    for order in (1, 2):
        for k in range(ORIENTATIONS):
            theta = math.pi * k / ORIENTATIONS
            u = x * math.cos(theta) + y * math.sin(theta)
            v = -x * math.sin(theta) + y * math.cos(theta)
            envelope = np.exp(-(u**2) / (2 * 1.0**2) - v**2 / (2 * 1.8**2))
            kernel = -u * envelope if order == 1 else (u**2 - 1.0) * envelope
            kernel = kernel - kernel.mean()
            filters.append(kernel / np.abs(kernel).sum() * 2)
    return torch.tensor(np.stack(filters)[:, None], dtype=torch.float32)


def soft_histogram(values: Tensor, low: float, high: float, bins: int) -> Tensor:
    """Triangular-kernel histogram of values (n, p) -> (n, bins); the end bins catch what lies outside."""
    width = (high - low) / (bins - 1)
    position = ((values - low) / width).clamp(0, bins - 1)
    return torch.stack([F.relu(1 - (position - k).abs()).mean(1) for k in range(bins)], 1)


def log_energy(x: Tensor) -> Tensor:
    return torch.log(x + 1e-3)


def moments(x: Tensor) -> Tensor:
    """Log mean magnitude, root mean square and fourth-power mean over space: (n, c, h, w) -> (n, 3c)."""
    square = x * x
    return torch.cat(
        [
            log_energy(x.abs().mean((2, 3))),
            log_energy(square.mean((2, 3)).sqrt()),
            log_energy((square * square).mean((2, 3)).sqrt().sqrt()),
        ],
        1,
    )


def band(x: Tensor) -> Tensor:
    """What one pyramid step removes: x minus its 2x2 averages."""
    return x - F.interpolate(F.avg_pool2d(x, 2), scale_factor=2.0, mode="nearest")


def correlation(a: Tensor, b: Tensor) -> Tensor:
    """Pearson correlation over the last dimension: (n, c, p), (n, c, p) -> (n, c)."""
    a = a - a.mean(-1, keepdim=True)
    b = b - b.mean(-1, keepdim=True)
    return (a * b).mean(-1) / ((a * a).mean(-1) * (b * b).mean(-1) + 1e-8).sqrt()


class FrontEnd(nn.Module):
    """uint8 RGB pictures (n, 224, 224, 3) -> float32 statistics (n, k)."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filters", oriented_filters())
        y, x = torch.meshgrid(torch.linspace(-1, 1, 56), torch.linspace(-1, 1, 56), indexing="ij")
        radius = (x * x + y * y).sqrt()
        edges = (0.0, 0.35, 0.6, 0.8, 0.95, 1.1, 1.5)
        rings = torch.stack([((radius >= a) & (radius < b)).float() for a, b in pairwise(edges)])
        self.register_buffer("rings", (rings / rings.sum((1, 2), keepdim=True)).reshape(6, -1))
        y, x = torch.meshgrid(torch.linspace(-1, 1, 112), torch.linspace(-1, 1, 112), indexing="ij")
        radius = (x * x + y * y).sqrt().clamp(min=0.05)
        self.register_buffer("radial", torch.stack([x / radius, y / radius])[None])
        masks = torch.stack(
            [(radius < 0.55).float(), ((radius >= 0.55) & (radius < 1.1)).float(), (radius >= 1.1).float()]
        )
        self.register_buffer("zones", (masks / masks.sum((1, 2), keepdim=True)).reshape(3, -1))

    def forward(self, pictures: Tensor) -> Tensor:
        rgb = pictures.permute(0, 3, 1, 2).float() / 255.0
        r, g, b = rgb[:, 0:1], rgb[:, 1:2], rgb[:, 2:3]
        luma = 0.299 * r + 0.587 * g + 0.114 * b
        opponent = torch.cat([luma, r - g, 0.5 * (r + g) - b], 1)
        high, low = rgb.amax(1, keepdim=True), rgb.amin(1, keepdim=True)
        saturation = high - low
        pyramid = [opponent]
        for _ in range(SCALES - 1):
            pyramid.append(F.avg_pool2d(pyramid[-1], 2))
        responses = [F.conv2d(F.pad(p[:, :1], (3, 3, 3, 3), mode="replicate"), self.filters) for p in pyramid]
        odd = [x[:, :ORIENTATIONS] for x in responses]
        gradient = [(x * x).sum(1, keepdim=True).clamp(min=1e-10).sqrt() for x in odd]
        parts = [
            self.colour(rgb, opponent, saturation),
            self.lines(responses, gradient),
            self.bands(pyramid, rgb),
            self.second_order(odd, gradient),
            self.layout(opponent, saturation, gradient),
            self.symmetry(pyramid),
            self.period(luma),
            self.registration(rgb),
            self.flow(odd),
            self.veil(low, high),
        ]
        return torch.cat(parts, 1)

    def colour(self, rgb: Tensor, opponent: Tensor, saturation: Tensor) -> Tensor:
        def flat(x: Tensor) -> Tensor:
            return x[:, :, ::2, ::2].flatten(2)  # picked, not averaged: flat areas keep their exact values

        rgb_, opp, sat = flat(rgb), flat(opponent), flat(saturation)[:, 0]
        y, a, b = opp[:, 0], opp[:, 1], opp[:, 2]
        parts = [soft_histogram(y, 0, 1, 32), soft_histogram(sat, 0, 1, 16)]
        parts += [soft_histogram(rgb_[:, c], 0, 1, 12) for c in range(3)]
        fine = soft_histogram(y, 0, 1, 64)
        parts += [log_energy((fine * fine).sum(1, keepdim=True)), log_energy(fine.amax(1, keepdim=True))]
        for c in range(3):
            fine = soft_histogram(rgb_[:, c], 0, 1, 40)
            parts.append(log_energy((fine * fine).sum(1, keepdim=True)))
        for k in range(16):
            theta = 2 * math.pi * k / 16
            p = F.relu(a * math.cos(theta) + b * math.sin(theta))
            parts += [p.mean(1, keepdim=True).sqrt(), F.relu(p - 0.15).mean(1, keepdim=True).sqrt()]
        for centre in (0.1, 0.35, 0.65, 0.9):
            weight = F.relu(1 - (y - centre).abs() / 0.3)
            total = weight.sum(1, keepdim=True) + 1e-3
            parts += [(weight * c).sum(1, keepdim=True) / total for c in (a, b, sat)]
        grid = (-0.6, -0.35, -0.15, 0.0, 0.15, 0.35, 0.6)
        for u in grid:
            ku = F.relu(1 - (a - u).abs() / 0.2)
            parts += [(ku * F.relu(1 - (b - v).abs() / 0.2)).mean(1, keepdim=True).sqrt() for v in grid]
        stack = torch.cat([rgb_, opp, sat[:, None]], 1)
        mean = stack.mean(2)
        centred = stack - mean[:, :, None]
        std = (centred**2).mean(2).clamp(min=1e-8).sqrt()
        skew = (centred**3).mean(2) / (std**3 + 1e-4)
        kurt = (centred**4).mean(2) / (std**4 + 1e-5)
        parts += [mean, std, skew.clamp(-4, 4), torch.log(kurt.clamp(0.1, 50))]
        pairs = ((0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (3, 6))
        parts.append(torch.cat([correlation(stack[:, i : i + 1], stack[:, j : j + 1]) for i, j in pairs], 1))
        return torch.cat(parts, 1)

    def lines(self, responses: list[Tensor], gradient: list[Tensor]) -> Tensor:
        parts = []
        for x, magnitude in zip(responses, gradient, strict=True):
            odd, even = x[:, :ORIENTATIONS], x[:, ORIENTATIONS:]
            energies = moments(odd)
            parts += [energies, log_energy(F.relu(even).mean((2, 3))), log_energy(F.relu(-even).mean((2, 3)))]
            parts.append(log_energy((even * even).mean((2, 3)).sqrt()))
            mean = energies[:, :ORIENTATIONS]
            parts += [mean.mean(1, keepdim=True), mean.std(1, keepdim=True), mean.amax(1, keepdim=True)]
            parts.append(
                soft_histogram(torch.log(magnitude.flatten(1) + 1e-3), math.log(1e-3), math.log(0.6), 12)
            )
        return torch.cat(parts, 1)

    def bands(self, pyramid: list[Tensor], rgb: Tensor) -> Tensor:
        parts = []
        fine = band(rgb)
        parts.append(moments(fine))
        flat = fine.flatten(2)
        parts.append(
            torch.cat(
                [correlation(flat[:, i : i + 1], flat[:, j : j + 1]) for i, j in ((0, 1), (0, 2), (1, 2))], 1
            )
        )
        for p in pyramid[:4]:
            residue = band(p)
            parts.append(moments(residue))
            flat, ground = residue.flatten(2), p.flatten(2)
            parts.append(correlation(flat.abs(), ground))
            parts.append(correlation(flat[:, :1].abs(), ground[:, 1:2].abs() + ground[:, 2:3].abs()))
            # Noise sits in flat areas too; drawn detail does not: the quantile of local energy tells.
            local = F.avg_pool2d(residue.abs(), 7, 7)
            parts += [log_energy(local.flatten(2).amin(2)), log_energy(local.flatten(2).amax(2))]
            parts.append(torch.log(local + 1e-3).flatten(2).std(2))
        return torch.cat(parts, 1)

    def second_order(self, odd: list[Tensor], gradient: list[Tensor]) -> Tensor:
        parts = []
        for s in range(3):
            maps = F.avg_pool2d(odd[s].abs(), 2)
            for _ in range(3 if s < 2 else 2):
                parts.append(log_energy(band(maps).abs().mean((2, 3))))
                maps = F.avg_pool2d(maps, 2)
            envelope = F.avg_pool2d(gradient[s], 2)
            for _ in range(2):
                texture = F.conv2d(F.pad(envelope, (3, 3, 3, 3), mode="replicate"), self.filters)
                parts.append(log_energy(texture.abs().mean((2, 3))))
                envelope = F.avg_pool2d(envelope, 2)
        return torch.cat(parts, 1)

    def layout(self, opponent: Tensor, saturation: Tensor, gradient: list[Tensor]) -> Tensor:
        at = [F.avg_pool2d(x, 4) for x in (opponent, saturation, gradient[0])]
        at += [F.avg_pool2d(gradient[1], 2), gradient[2]]
        maps = torch.cat(at, 1)  # (n, 7, 56, 56)
        cells = F.avg_pool2d(maps, 8)  # 7 x 7
        outer = F.avg_pool2d(cells[:, :, :6, :6], 2)
        cells_ = torch.cat([cells[:, :4], log_energy(cells[:, 4:])], 1)
        spread = F.avg_pool2d(maps[:, :1] ** 2, 8) - F.avg_pool2d(maps[:, :1], 8) ** 2
        rings = maps.flatten(2) @ self.rings.T
        rings = torch.cat([rings[:, :4], log_energy(rings[:, 4:])], 1)
        full = torch.cat([opponent[:, :1], saturation, gradient[0]], 1)
        strips = []
        for near, far in ((0, 6), (6, 16), (16, 28)):
            sides = (
                full[:, :, near:far],
                full[:, :, SIZE - far : SIZE - near],
                full[..., near:far],
                full[..., SIZE - far : SIZE - near],
            )
            for side in sides:
                mean = side.mean((2, 3))
                deviation = (
                    (side[:, :1] - mean[:, :1, None, None]).pow(2).mean((2, 3)).clamp(min=1e-10).sqrt()
                )
                strips += [mean[:, :2], log_energy(mean[:, 2:]), log_energy(deviation)]
        return torch.cat(
            [
                cells_.flatten(1),
                log_energy(spread.clamp(min=0).sqrt()).flatten(1),
                outer[:, :4].flatten(1),
                rings.flatten(1),
                *strips,
            ],
            1,
        )

    def symmetry(self, pyramid: list[Tensor]) -> Tensor:
        small = pyramid[3]
        deviation = (small - small.mean((2, 3), keepdim=True)).abs().mean((2, 3)) + 0.02
        turned = (small.flip(3), small.flip(2), small.flip(2).flip(3), small.transpose(2, 3))
        parts = [(small - t).abs().mean((2, 3)) / deviation for t in turned]
        y = pyramid[2][:, :1]
        for k in (14, 19, 28):
            parts.append(correlation(y[:, :, k:].flatten(2), y[:, :, :-k].flatten(2)))
            parts.append(correlation(y[..., k:].flatten(2), y[..., :-k].flatten(2)))
        return torch.cat(parts, 1)

    def period(self, luma: Tensor) -> Tensor:
        smooth = F.avg_pool2d(F.pad(luma, (4, 4, 4, 4), mode="replicate"), 9, 1)
        x = luma - smooth
        power = (x * x).mean((2, 3)) + 1e-5
        parts = [log_energy(power)]
        for k in LAGS_AXIS:
            parts += [
                (x[..., k:] * x[..., :-k]).mean((2, 3)) / power,
                (x[:, :, k:] * x[:, :, :-k]).mean((2, 3)) / power,
            ]
        for k in LAGS_DIAGONAL:
            parts.append((x[:, :, k:, k:] * x[:, :, :-k, :-k]).mean((2, 3)) / power)
            parts.append((x[:, :, k:, :-k] * x[:, :, :-k, k:]).mean((2, 3)) / power)
        for axis in (2, 3):
            profile = x.mean(axis)[:, 0]
            energy = (profile * profile).mean(1, keepdim=True)
            parts += [log_energy(energy.sqrt()), log_energy((energy / power).sqrt())]
            for k in (2, 3, 4, 5, 6, 8, 12):
                parts.append((profile[:, k:] * profile[:, :-k]).mean(1, keepdim=True) / (energy + 1e-6))
        return torch.cat(parts, 1)

    def registration(self, rgb: Tensor) -> Tensor:
        """Do red and blue edges sit on the same spot? They do not under chromatic aberration or a glitch."""
        x = band(rgb)
        half = SIZE // 2
        parts = []
        for a, b in ((x[:, 0:1], x[:, 2:3]), (x[:, 0:1], x[:, 1:2])):
            power = ((a * a).mean((2, 3)) * (b * b).mean((2, 3)) + 1e-9).sqrt()
            for k in (-6, -4, -2, -1, 0, 1, 2, 4, 6):
                left = slice(max(0, k), SIZE + min(0, k))
                right = slice(max(0, -k), SIZE + min(0, -k))
                across = (a[..., left] * b[..., right]) / power[..., None, None]
                down = (a[:, :, left] * b[:, :, right]) / power[..., None, None]
                parts += [across[..., : half - 6].mean((2, 3)), across[..., half - 6 :].mean((2, 3))]
                parts += [down[:, :, : half - 6].mean((2, 3)), down[:, :, half - 6 :].mean((2, 3))]
        return torch.cat(parts, 1).clamp(-2, 2)

    def flow(self, odd: list[Tensor]) -> Tensor:
        parts = []
        for scale in range(3):
            gx, gy = odd[scale][:, :1], odd[scale][:, ORIENTATIONS // 2 : ORIENTATIONS // 2 + 1]
            tensor = torch.cat([gx * gx, gy * gy, gx * gy], 1)
            cells = F.avg_pool2d(tensor, tensor.shape[-1] // 3)[:, :, :3, :3]
            trace = cells[:, :1] + cells[:, 1:2] + 1e-5
            parts.append(
                torch.cat([(cells[:, :1] - cells[:, 1:2]) / trace, 2 * cells[:, 2:] / trace], 1).flatten(1)
            )
            if scale == 0:
                gx, gy = F.avg_pool2d(gx, 2), F.avg_pool2d(gy, 2)
            if scale == 2:
                gx, gy = (F.interpolate(t, scale_factor=2.0, mode="nearest") for t in (gx, gy))
            along = (gx * self.radial[:, :1] + gy * self.radial[:, 1:]).abs().flatten(2) @ self.zones.T
            around = (gy * self.radial[:, :1] - gx * self.radial[:, 1:]).abs().flatten(2) @ self.zones.T
            parts += [
                log_energy(along).flatten(1),
                log_energy(around).flatten(1),
                (torch.log(along + 1e-3) - torch.log(around + 1e-3)).flatten(1),
            ]
        return torch.cat(parts, 1)

    def veil(self, low: Tensor, high: Tensor) -> Tensor:
        dark = -F.max_pool2d(-low, 14)
        light = F.max_pool2d(high, 14)
        span = light - -F.max_pool2d(-high, 14)
        return torch.cat(
            [
                m.flatten(1)
                for x in (dark, light, span)
                for m in (x.mean((2, 3)), x.amin((2, 3)), x.amax((2, 3)), x.std((2, 3)))
            ],
            1,
        )
