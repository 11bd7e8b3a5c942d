"""Pools of personalized models whose truth is known: the lab's own, or a user's, read from a file.

[[model]]
model = "diffusers:runwayml/stable-diffusion-v1-5+ink.safetensors"
base = "runwayml/stable-diffusion-v1-5"
aspects = { "ink drawing" = 0.8 }                   # what it was taught, and how strongly; none for a control
right = { "ink drawing" = ["line art"] }            # other words that are right too; "-x" is less of x
run = "ink, March"                                  # models of one training run are never chosen for each other
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from finexl.errors import InputError
from finexl.lab.catalogue import LabModel, lab_models
from finexl.types import Record

RIGHT: Mapping[str, tuple[str, ...]] = {
    "watercolour": ("gouache", "oil painting"),
    "pixel art": ("mosaic", "squared-off shapes"),
    "vivid colours": ("-muted colours",),
    "high contrast": ("-low contrast",),
    "blurry": ("-sharp", "soft focus"),
    "pencil drawing": ("charcoal drawing", "line art"),
    "vignette": ("spotlit", "bright centre"),
    "dark": ("-bright", "underexposed", "-overexposed"),
}
"""Words beside its own that count as right for an aspect of the lab, written down before any result was seen; the same as
those of the effects on photographs."""


class Member(Record):
    """A personalized model of a pool.

    Attributes:
        model, base: specs, as `finexl explain` takes them.
        aspects: what it was taught -> how strongly, 0 to 1; empty for a control.
        right: aspect -> other words that are right for it; "-x" is less of x.
        run: of training; "" for one of its own.
        name: in tables; "" for the model's spec.
        family: figures are reported by it.
        taught: the truth in a few words; "" for its aspects.
        null: it was taught nothing new.
        adjustable: it has a strength (adapters do, whole models do not).
        graded: explained at ten strengths too; it has to be adjustable.
        kind: how it was trained; levels are compared among models of one kind.
        content: of its files, where that is known; what was measured of other files is not used again.
    """

    model: str
    base: str
    aspects: dict[str, float] = Field(default_factory=dict)
    right: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    run: str = ""
    name: str = ""
    family: str = "your own"
    taught: str = ""
    null: bool = False
    adjustable: bool = False
    graded: bool = False
    kind: str = ""
    content: str = ""

    @property
    def id(self) -> str:
        """Its name in tables."""
        return self.name or self.model

    @property
    def own_run(self) -> str:
        """Its training run."""
        return self.run or self.id

    @property
    def truth(self) -> str:
        """What it was taught, in a few words."""
        listed = " + ".join(f"{aspect} {level:g}" for aspect, level in self.aspects.items())
        return self.taught or listed or "nothing new"

    @property
    def key(self) -> str:
        """Changes with anything that figures of it depend on."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def accepted(self, aspect: str) -> tuple[str, ...]:
        """Signed words that are right for one of its aspects, its own first."""
        return (aspect, *self.right.get(aspect, ()))


class _File(Record):
    model: tuple[Member, ...] = Field(min_length=1)


def read_pool(path: Path) -> tuple[Member, ...]:
    """A pool from a TOML file laid out as at the head of this page.

    Raises:
        InputError: it cannot be read, or is laid out otherwise, or names a model twice.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"the pool {str(path)!r} cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"the pool {str(path)!r} is no valid TOML: {error}") from error
    try:
        members = _File.model_validate(table).model
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"the pool {str(path)!r}, {place}: {first['msg']}.") from error
    names = [member.id for member in members]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"the pool {str(path)!r} names {twice[0]!r} twice. Give each model a name of its own."
        )
    return members


def lab_pool(models: Sequence[LabModel] | None = None) -> tuple[Member, ...]:
    """The personalizations that ship, each a training run of its own; LoRAs of single aspects at full level are graded."""
    return tuple(_member(m) for m in (lab_models() if models is None else models) if not m.is_base)


def _member(model: LabModel) -> Member:
    truth = model.truth
    aspects = dict(truth["aspects"])
    return Member(
        model=f"lab:{model.name}",
        base=f"lab:{model.family}",
        aspects=aspects,
        right={aspect: RIGHT[aspect] for aspect in aspects if aspect in RIGHT},
        name=model.name,
        family=model.family,
        taught=model.taught,
        null=bool(truth["null"]),
        adjustable=truth["kind"] != "full",
        graded=truth["kind"] == "lora" and list(aspects.values()) == [1.0],
        kind=truth["kind"],
        content=hashlib.sha256(json.dumps([model.hashes, model.base.hashes]).encode()).hexdigest()[:16],
    )
