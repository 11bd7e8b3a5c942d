"""Settings that arrive as texts, from the command line or inside a spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from finexl.errors import InputError, UnknownNameError

Options = Mapping[str, str]
"""Settings as people give them: {"steps": "20", "dtype": "float16"}."""


class Settings(BaseModel):
    """Base of every family's options: texts are converted, an unknown name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


S = TypeVar("S", bound=Settings)


def read_options(kind: type[S], options: Options, whose: str) -> S:
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
            raise UnknownNameError(f"option of {whose}", name, kind.model_fields) from error
        value = options.get(name)
        raise InputError(f"{whose}: option {name}={value!r}: {first['msg']}.") from error


def split_query(spec: str) -> tuple[str, dict[str, str]]:
    """ "REPO?device=cuda&dtype=float16" -> what stands before the "?", and the options after it.

    Raises:
        InputError: an option has no "=", or comes twice.
    Example:
        >>> split_query("owner/model?device=cuda")
        ('owner/model', {'device': 'cuda'})
    """
    head, _, query = spec.partition("?")
    options: dict[str, str] = {}
    for part in query.split("&") if query else ():
        name, equals, value = part.partition("=")
        if not equals or name in options:
            raise InputError(f"{spec!r}: give each option once, as NAME=VALUE, with & between them.")
        options[name] = value
    return head, options
