"""A sheet of what a model of the lab draws."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image

from finexl.errors import InputError
from finexl.generators.protocol import traits
from finexl.lab.generator import load, usual_prompts
from finexl.lab.world import PLACES
from finexl.options import Options
from finexl.probes import make_probes
from finexl.types import Probe, Progress


def draw_sheet(
    name: str,
    prompts: Sequence[str] | None = None,
    n: int = 16,
    seed: int = 0,
    options: Options | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> tuple[Image.Image, list[str]]:
    """Pictures of a model of the lab on one sheet, and what was asked for, row by row.

    Args:
        name: as in `finexl.lab.catalogue`, with a strength if you like: "gan/sepia-10:0.5".
        prompts: in the words of the lab's world, repeated with other seeds up to n; None for random ones.
        n: how many pictures.
    Raises:
        InputError: there is no such model, or it cannot draw that.
    """
    generator = load(name.removeprefix("lab:"), options or {})
    kind = traits(generator)
    if prompts and kind.takes != "prompt":
        generator.close()
        raise InputError(
            f"{name!r} reads no prompts: it draws its {len(PLACES)} places in turn. Leave the prompts out."
        )
    asked = (prompts or usual_prompts()) if kind.takes == "prompt" else None
    probes = make_probes(asked, max(n, 2), seed=seed, labels=kind.labels)[:n]
    pictures: list[Image.Image] = []
    try:
        for start in range(0, n, generator.batch):
            progress("drawing", start, n)
            pictures += generator.generate(probes[start : start + generator.batch])
        progress("drawing", n, n)
    finally:
        generator.close()
    columns = math.ceil(math.sqrt(n))
    width, height = pictures[0].size
    sheet = Image.new("RGB", (columns * width, math.ceil(n / columns) * height))
    for i, picture in enumerate(pictures):
        sheet.paste(picture, (i % columns * width, i // columns * height))
    return sheet, [_said(probe) for probe in probes]


def _said(probe: Probe) -> str:
    what = probe.prompt or (list(PLACES)[probe.label] if probe.label is not None else "")
    return f"{what} (seed {probe.seed})"
