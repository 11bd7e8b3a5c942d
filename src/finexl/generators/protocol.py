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
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from PIL.Image import Image

from finexl.types import Probe, Trigger


@dataclass(frozen=True)
class Traits:
    """What a generator says about itself where it differs from the usual.

    Attributes:
        takes: what it wants to be asked: a prompt, a class label, or nothing but random numbers.
        labels: how many classes it knows.
        prompts: what to ask it by default, where the general set is not in words it knows.
        seeded: whether the same probe gives the same image; otherwise sets can only be compared unpaired.
        notes: what a reader of its images should know, each one sentence.
    """

    takes: Literal["prompt", "label", "nothing"] = "prompt"
    labels: int = 0
    prompts: tuple[str, ...] = ()
    seeded: bool = True
    notes: tuple[str, ...] = ()


@runtime_checkable
class Generator(Protocol):
    """A model that makes one image of each probe. It may have `traits: Traits` where it differs from the usual.

    Attributes:
        name: what people call it: the spec it was loaded by.
        identity: a hash of everything that decides its images except the probe: weights, settings, adapters and
            their strengths. Known without loading the model, so that images in the store are found without it;
            None for a model that cannot say, whose images are not kept between runs.
        holder: which loaded model it draws from: generators with the same holder share one in memory.
        batch: how many probes it takes best at once.
    """

    @property
    def name(self) -> str: ...
    @property
    def identity(self) -> str | None: ...
    @property
    def holder(self) -> str: ...
    @property
    def batch(self) -> int: ...

    def generate(self, probes: Sequence[Probe]) -> list[Image]:
        """One RGB image a probe, in order. An image depends on its own probe alone, not on its neighbours.

        The model is loaded when this is first called.
        """

    def close(self) -> None:
        """Let go of the model's memory; a later `generate` loads it again."""


def traits(generator: Generator) -> Traits:
    """What the generator says about itself, or the usual."""
    found = getattr(generator, "traits", None)
    return found if isinstance(found, Traits) else Traits()


@runtime_checkable
class Adapted(Generator, Protocol):
    """A generator that can put adapters on its base at any strength. It may have `captions`, a tuple of what its training images
    showed, as far as the adapters' files repeat it.

    Attributes:
        triggers: words that the adapters' files name as theirs, most trusted first.
    """

    @property
    def triggers(self) -> tuple[Trigger, ...]: ...

    def at(self, strength: float) -> Adapted:
        """The same base with every adapter's strength multiplied; 0 is the base itself, with the base's identity."""
