"""What generators behind servers have in common."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from PIL import Image

from finexl.errors import InputError
from finexl.generators.protocol import Traits
from finexl.generators.services.http import Server
from finexl.options import split_query
from finexl.types import Probe

CONSTANT = (
    "The images come from a server, whose weights cannot be checked: they are as good as it is constant."
)


class Service(ABC):
    """Draws one probe a request; satisfies `finexl.generators.Generator`.

    Args:
        name: the spec, without secrets.
        server: who draws.
        traits: whether it takes seeds, and what a reader should know.
    """

    batch = 1  # every image can be kept as soon as it is there

    def __init__(self, name: str, server: Server, traits: Traits) -> None:
        self.name, self.server, self.traits = name, server, traits
        self.holder = f"service {name}"

    @property
    @abstractmethod
    def told(self) -> Mapping[str, Any] | None:
        """All that is known of what decides the images: server, model, settings; None where it is too little."""

    @abstractmethod
    def draw(self, probe: Probe) -> Image.Image:
        """Ask for one image."""

    @property
    def identity(self) -> str | None:
        """Hash of `told`. The server's weights cannot be hashed: stored images are as good as it is constant.

        None for a service without seeds, of which an image is not the answer to a probe.
        """
        told = self.told if self.traits.seeded else None
        return None if told is None else hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

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
        self.server.close()


def split_address(rest: str) -> tuple[str, dict[str, str]]:
    """ "http://HOST?steps=20&checkpoint=a%2Bb" -> the address, and the options of this one spec.

    Example:
        >>> split_address("http://127.0.0.1:7860?checkpoint=a%2Bb")
        ('http://127.0.0.1:7860', {'checkpoint': 'a+b'})
    """
    address, mark, query = rest.partition("?")
    _, options = split_query(mark + query)  # the address may hold a password, which an error would repeat
    return address, {name: unquote(value) for name, value in options.items()}
