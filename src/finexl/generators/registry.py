"""A spec such as "diffusers:stabilityai/sd-turbo+ink.safetensors:0.8" -> a Generator.

A package makes its generators known through the entry point group `finexl.generators`: a callable that takes what follows
the colon of the spec and the options, and returns a Generator. Ours use the same door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from finexl.errors import InputError, UnknownNameError
from finexl.generators.protocol import Generator

GROUP = "finexl.generators"

Options = Mapping[str, str]
"""Settings of a generator as the command line gives them: {"steps": "20", "dtype": "float16"}."""

Factory = Callable[[str, Options], Generator]

OURS = {
    "a1111": "finexl.generators.services.a1111",
    "ar": "finexl.generators.autoregressive",
    "comfyui": "finexl.generators.services.comfyui",
    "diffusers": "finexl.generators.diffusion",
    "gan": "finexl.generators.gan",
    "openai-images": "finexl.generators.services.openai_images",
}
"""Scheme -> the module whose `load(rest, options)` makes the generator; imported when it is asked for."""


class Settings(BaseModel):
    """Base of every family's options: texts are converted, an unknown name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


S = TypeVar("S", bound=Settings)


def read_options(kind: type[S], options: Options, scheme: str) -> S:
    """The options of one family, converted and checked.

    Raises:
        InputError: an option is unknown or has a value that does not fit; names it and what is known.
    Example:
        >>> class Steps(Settings):
        ...     steps: int = 30
        >>> read_options(Steps, {"steps": "20"}, "diffusers").steps
        20
    """
    try:
        return kind.model_validate(dict(options))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise UnknownNameError(f"option of {scheme}", name, kind.model_fields) from error
        value = options.get(name)
        raise InputError(f"{scheme}: option {name}={value!r}: {first['msg']}.") from error


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
