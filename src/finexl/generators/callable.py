"""A plain function of one probe, as a generator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PIL.Image import Image

from finexl.errors import InputError
from finexl.generators.images import read_image
from finexl.types import Probe

LONGEST = 300
"""Characters of a prompt or of somebody else's message that an error repeats."""


class CallableGenerator:
    """Draws each probe by calling a function.

    Args:
        function: takes one `Probe` and returns what `read_image` takes: a PIL image, an array or a path. The same
            probe has to give the same image. It may have an attribute `identity`, a hash of everything else that
            decides its images; without one they are not kept between runs.
        name: what people call it; None for the function's own name.
    Raises:
        InputError: `function` cannot be called, or its `identity` is no text.
    Example:
        >>> grey = CallableGenerator(lambda probe: np.full((64, 64), probe.seed % 256, np.uint8), "grey")
        >>> [image.size for image in grey.generate([Probe(seed=7)])]
        [(64, 64)]
    """

    batch = 1  # a function draws one image at a time: each can be kept as soon as it is there

    def __init__(self, function: Callable[[Probe], Any], name: str | None = None) -> None:
        if not callable(function):
            raise InputError(
                f"a {type(function).__name__} cannot be called. Give a function that draws one probe."
            )
        self.name = str(name or getattr(function, "__name__", type(function).__name__))
        self.identity: str | None = getattr(function, "identity", None)
        if self.identity is not None and (not isinstance(self.identity, str) or not self.identity):
            raise InputError(
                f"{self.name!r} has the identity {self.identity!r}. Make it a text such as a hash of weights and "
                "settings, or leave it out."
            )
        self.holder = f"function {id(function)}"
        self._function = function

    def generate(self, probes: Sequence[Probe]) -> list[Image]:
        """One RGB image a probe, in order.

        Raises:
            InputError: the function failed on a probe or returned no image; names the probe and the reason.
        """
        return [self._draw(probe) for probe in probes]

    def close(self) -> None:
        """Nothing to let go of: what the function holds is its owner's."""

    def _draw(self, probe: Probe) -> Image:
        try:
            drawn = self._function(probe)
        except Exception as error:
            reason = _short(f"{type(error).__name__}: {error}")
            raise InputError(
                f"{self.name!r} failed on {_called(probe)} ({reason}). Call it on that probe alone to find out why."
            ) from error
        try:
            return read_image(drawn).image
        except InputError as error:
            raise InputError(f"{self.name!r} drew no image of {_called(probe)}: {error}") from error


def _called(probe: Probe) -> str:
    parts = [] if probe.prompt is None else [f"prompt {_short(probe.prompt)!r}"]
    parts += [] if probe.label is None else [f"class {probe.label}"]
    return ", ".join([*parts, f"seed {probe.seed}"])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."
