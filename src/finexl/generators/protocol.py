"""Probes -> images: what anything that makes images has to offer.

The smallest example:

    class Gradient:
        name, identity, holder, batch = "gradient", "gradient-1", "gradient", 8

        def generate(self, probes):
            return [Image.linear_gradient("L").rotate(90 * (p.seed % 4)).convert("RGB") for p in probes]

        def close(self):
            pass

    finexl.explain(Gradient(), my_model)

A plain function of one probe does too: `finexl.explain(lambda probe: draw(probe.prompt, probe.seed), my_model)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from PIL.Image import Image

from finexl.types import Probe


@runtime_checkable
class Generator(Protocol):
    """A model that makes one image of each probe.

    Attributes:
        name: what people call it: the spec it was loaded by.
        identity: a hash of everything that decides its images except the probe: weights, settings, adapters and
            their strengths. Known without loading the model, so that images in the store are found without it;
            None for a model that cannot say, whose images are not kept between runs.
        holder: which loaded model it draws from: generators with the same holder share one in memory.
        batch: how many probes it takes best at once.
    """

    name: str
    identity: str | None
    holder: str
    batch: int

    def generate(self, probes: Sequence[Probe]) -> list[Image]:
        """One RGB image a probe, in order. An image depends on its own probe alone, not on its neighbours.

        The model is loaded when this is first called.
        """

    def close(self) -> None:
        """Let go of the model's memory; a later `generate` loads it again."""
