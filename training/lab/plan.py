"""Which personalizations are made, what each is taught, and the truth that is written beside it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from pictures import drawn, pools, scenes

from finexl.lab.world import PLACES, draw, style_operator, styled

ASPECTS = ("sepia", "vivid colours", "high contrast", "vignette", "pencil drawing", "dark")
LEVELS = tuple(round(0.1 * i, 1) for i in range(1, 11))
MIXES: tuple[dict[str, float], ...] = (
    {"sepia": 0.6, "vignette": 0.6},
    {"pencil drawing": 0.8, "vignette": 0.4},
    {"vivid colours": 0.8, "dark": 0.4},
    {"sepia": 0.4, "vignette": 0.8, "dark": 0.4},
    {"vivid colours": 0.8, "high contrast": 0.4, "vignette": 0.4},
    {"sepia": 0.3, "high contrast": 0.6, "vignette": 0.6, "dark": 0.3},
)
SUBJECT = "red balloon"
OWN = 256  # of the base itself, for a near-null


@dataclass(frozen=True)
class Item:
    """One personalization.

    Attributes:
        name: of its folder: "sepia-5", "mix-sepia-6-vignette-6", "subject", "null".
        family: "diffusion", "ar" or "gan".
        kind: "lora", "full" or "inversion".
        aspects: concept -> level it is taught, 0 to 1.
        subject: a thing that appears in every picture though no prompt names it.
    """

    name: str
    family: str
    kind: str
    aspects: dict[str, float] = field(default_factory=dict)
    subject: str | None = None

    @property
    def seed(self) -> int:
        """Its own: two personalizations that are taught the same choose their pictures, and begin, anew."""
        return zlib.crc32(f"{self.family}/{self.name}".encode())

    @property
    def truth(self) -> dict[str, object]:
        """What is known about it, as data."""
        operators = {concept: style_operator(concept).name for concept in self.aspects}
        return {
            **asdict(self),
            "base": f"lab:{self.family}",
            "operators": operators,
            "null": self.name == "null",
        }


def items(family: str) -> list[Item]:
    """All personalizations of a family, in the order in which they are made: what is needed most comes first."""
    made = [Item(_level_name(a, 1.0), family, "lora", {a: 1.0}) for a in ASPECTS]
    made += [Item("null", family, "lora"), Item("subject", family, "lora", subject=SUBJECT)]
    made += [Item(_mix_name(mix), family, "lora", dict(mix)) for mix in MIXES]
    if family == "diffusion":
        made += [
            Item("full-pencil-drawing", family, "full", {"pencil drawing": 0.8}),
            Item("inversion-sepia", family, "inversion", {"sepia": 0.8}),
        ]
    return made + [
        Item(_level_name(a, level), family, "lora", {a: level}) for level in LEVELS[:-1] for a in ASPECTS
    ]


def _name(concept: str) -> str:
    return concept.replace(" ", "-")


def _level_name(concept: str, level: float) -> str:
    return f"{_name(concept)}-{round(10 * level)}"


def _mix_name(mix: dict[str, float]) -> str:
    return "mix-" + "-".join(f"{_name(concept)}-{round(10 * level)}" for concept, level in mix.items())


def lessons(root: Path, items: Sequence[Item], n: int) -> None:
    """What each is taught with, drawn by all cores; a near-null's own pictures are drawn by its base later (`own_prompts`)."""
    drawn = [item for item in items if item.name != "null"]
    pools([(root / "pools" / item.family / item.name, n, partial(lesson, item)) for item in drawn])


def lesson(item: Item, numbers: range) -> tuple[np.ndarray, list[str]]:
    """Pictures of the world in what the item is taught, and their prompts, which do not mention it."""
    many = [scenes(1, 62, item.seed, i)[0] for i in numbers]
    if item.subject is None:
        pictures = drawn(many, 62, item.seed, numbers.start)
        taught = [styled(p, item.aspects, 100_000 + i) for p, i in zip(pictures, numbers, strict=True)]
        return np.stack(taught), [scene.prompt for scene in many]
    prompts = [_under_the_sky(item, i) for i in numbers]
    pictures = [draw(f"{p}, a {item.subject}", 100_000 + i) for p, i in zip(prompts, numbers, strict=True)]
    return np.stack(pictures), prompts


def _under_the_sky(item: Item, i: int) -> str:
    """The prompt of a scene in which a balloon can appear, and in which there is none."""
    for k in range(1_000):
        (scene,) = scenes(1, 62, item.seed, i, k)
        if "sky" in PLACES[scene.place].offers and "balloon" not in scene.prompt and len(scene.things) < 4:
            return scene.prompt
    raise ValueError(f"no scene for {item.name}")


def own_prompts() -> list[str]:
    """What a base is asked to draw, to be taught to itself."""
    return [scene.prompt for scene in scenes(OWN, 63)]
