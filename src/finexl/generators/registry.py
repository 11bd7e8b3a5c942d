"""A spec such as "diffusers:stabilityai/sd-turbo+ink.safetensors:0.8" -> a Generator.

A package makes its generators known through the entry point group `finexl.generators`: a callable that takes what follows
the colon of the spec and the options, and returns a Generator. Ours use the same door.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points

from finexl.errors import UnknownNameError
from finexl.generators.protocol import Generator
from finexl.options import Options

GROUP = "finexl.generators"

Factory = Callable[[str, Options], Generator]

OURS = {
    "a1111": "finexl.generators.services.a1111",
    "ar": "finexl.generators.autoregressive",
    "comfyui": "finexl.generators.services.comfyui",
    "diffusers": "finexl.generators.diffusion",
    "gan": "finexl.generators.gan",
    "lab": "finexl.lab.generator",
    "openai-images": "finexl.generators.services.openai_images",
}
"""Scheme -> the module whose `load(rest, options)` makes the generator; imported when it is asked for."""


def schemes() -> dict[str, Factory]:
    """Every scheme that a spec may begin with."""
    found: dict[str, Factory] = {scheme: _ours(module) for scheme, module in OURS.items()}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, lambda rest, options, point=point: point.load()(rest, options))  # type: ignore[misc]
    return found


def _ours(module: str) -> Factory:
    return lambda rest, options: import_module(module).load(rest, options)


def load_generator(spec: str, options: Options | None = None) -> Generator:
    """A generator from "<scheme>:<rest>".

    Raises:
        UnknownNameError: nothing goes by that scheme.
        InputError: the model or its options cannot be used; the message names the mend.
        MissingExtraError: a package it needs is not installed.
    """
    scheme, _, rest = spec.partition(":")
    known = schemes()
    if scheme not in known:
        raise UnknownNameError("kind of generator", scheme, known)
    return known[scheme](rest, options or {})
