"""What generators behind servers have in common."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from finexl.errors import InputError
from finexl.generators.protocol import Traits
from finexl.types import Probe


@dataclass(frozen=True)
class Service:
    """Draws one probe a request; satisfies `finexl.generators.Generator`.

    Attributes:
        name: the spec, without secrets.
        told: all that is known of what decides the images: server, model, settings.
        draw: asks for one image.
        shut: lets go of the connection.
        traits: whether it takes seeds, and what follows.
    """

    name: str
    told: Mapping[str, Any]
    draw: Callable[[Probe], Image.Image]
    shut: Callable[[], None]
    traits: Traits = field(default_factory=Traits)
    batch: int = 1

    @property
    def identity(self) -> str | None:
        """Of a service that takes seeds; without them an image is not the answer to a probe."""
        if not self.traits.seeded:
            return None
        return hashlib.sha256(json.dumps(self.told, sort_keys=True).encode()).hexdigest()

    @property
    def holder(self) -> str:
        return f"service {self.name}"

    def generate(self, probes: Sequence[Probe]) -> list[Image.Image]:
        """One image a probe.

        Raises:
            InputError: a probe has no prompt, or the server gives no image; says what would help.
        """
        for probe in probes:
            if probe.prompt is None:
                raise InputError(f"{self.name!r} needs prompts. Leave the probes out, or give prompts.")
        return [self.draw(probe) for probe in probes]

    def close(self) -> None:
        """Let go of the connection; it is made again when needed."""
        self.shut()
