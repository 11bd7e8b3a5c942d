"""What ships in the package: three base models, their personalizations, and the truth about each.

weights/<family>/base/            diffusion, gan, ar: in the layout in which such models are exchanged
weights/<family>/<name>/          a personalization, with truth.json
weights/hashes.json               SHA-256 of every file
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from finexl.errors import InputError, UnknownNameError
from finexl.store import sha256_file

WEIGHTS = Path(str(files("finexl.lab"))) / "weights"
FAMILIES = ("diffusion", "gan", "ar")


@dataclass(frozen=True)
class LabModel:
    """A model of the lab.

    Attributes:
        name: "diffusion", or "diffusion/sepia-10" for a personalization.
        folder: where its files lie.
    """

    name: str
    folder: Path

    @property
    def family(self) -> str:
        return self.name.partition("/")[0]

    @property
    def is_base(self) -> bool:
        return "/" not in self.name

    @property
    def base(self) -> LabModel:
        """The model it was made from; a base is its own."""
        return self if self.is_base else LabModel(self.family, self.folder.parent / "base")

    @cached_property
    def truth(self) -> Mapping[str, Any]:
        """What it was taught: "aspects" (concept -> level 0 to 1), "subject", "null", "kind", "steps"; empty for a base."""
        if self.is_base:
            return {}
        return dict(json.loads((self.folder / "truth.json").read_text(encoding="utf-8")))

    @property
    def taught(self) -> str:
        """The truth in a few words."""
        if self.is_base:
            return "base model"
        if self.truth["subject"]:
            return f"a {self.truth['subject']} in every picture"
        parts = [f"{concept} {level:g}" for concept, level in self.truth["aspects"].items()]
        return " + ".join(parts) or "nothing new: the base's own pictures"

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of its files as they were shipped, by their paths below the folder of all weights."""
        root = self.folder.parents[1]
        known: dict[str, str] = json.loads((root / "hashes.json").read_text(encoding="utf-8"))
        place = self.folder.relative_to(root).as_posix()
        return {name: value for name, value in known.items() if name.startswith(f"{place}/")}

    def check(self) -> None:
        """Compare every file with the hash it was shipped with.

        Raises:
            InputError: one is damaged or missing; names it.
        """
        for name, expected in self.hashes.items():
            path = self.folder.parents[1] / name
            if not path.is_file():
                raise InputError(f"the lab's file {name} is missing. Install finexl again.")
            found = sha256_file(path)
            if found != expected:
                raise InputError(
                    f"the lab's file {name} is damaged: its SHA-256 begins with {found[:12]}, not {expected[:12]}. "
                    "Install finexl again."
                )


def lab_models(root: Path = WEIGHTS) -> tuple[LabModel, ...]:
    """Everything that ships: each base, then its personalizations by name."""
    found = []
    for family in FAMILIES:
        if (root / family / "base").is_dir():
            found.append(LabModel(family, root / family / "base"))
            names = sorted(path.parent for path in (root / family).glob("*/truth.json"))
            found += [LabModel(f"{family}/{folder.name}", folder) for folder in names]
    return tuple(found)


def lab_model(name: str, root: Path = WEIGHTS) -> LabModel:
    """One of them by its name.

    Raises:
        UnknownNameError: there is no such model; names the nearest.
    Example:
        >>> lab_model("gan").taught                       # doctest: +SKIP
        'base model'
    """
    known = {model.name: model for model in lab_models(root)}
    if name not in known:
        raise UnknownNameError("model of the lab", name, known)
    return known[name]
