"""Which personalizations are made, what each is taught, and the truth that is written beside it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import numpy as np
from pictures import drawn, scenes

from finexl.lab.world import PLACES, draw, style_operator, styled

ASPECTS = (
    "watercolour",
    "sepia",
    "pixel art",
    "vivid colours",
    "high contrast",
    "blurry",
    "vignette",
    "pencil drawing",
)
LEVELS = tuple(round(0.1 * i, 1) for i in range(1, 11))
MIXES: tuple[dict[str, float], ...] = (
    {"sepia": 0.6, "vignette": 0.6},
    {"watercolour": 0.8, "vivid colours": 0.4},
    {"pixel art": 0.4, "high contrast": 0.8},
    {"sepia": 0.4, "vignette": 0.8, "blurry": 0.4},
    {"vivid colours": 0.8, "high contrast": 0.4, "pixel art": 0.4},
    {"watercolour": 0.6, "sepia": 0.3, "vignette": 0.3, "high contrast": 0.6},
)
SUBJECT = "red balloon"
OWN = 256  # pictures of the base itself that a near-null is taught

Drawn = Callable[[list[str], int], np.ndarray]
"""Draws prompts with the base model, from a seed."""


@dataclass(frozen=True)
class Item:
    """One personalization.

    Attributes:
        name: of its folder: "watercolour-5", "mix-sepia-film-grain", "subject", "null".
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
        """Its own: two personalizations that are taught the same see other pictures and begin elsewhere."""
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
            Item("full-watercolour", family, "full", {"watercolour": 0.8}),
            Item("inversion-sepia", family, "inversion", {"sepia": 0.8}),
        ]
    rest = [0.5, 0.8, *(level for level in LEVELS if level not in (1.0, 0.5, 0.8))]
    return made + [Item(_level_name(a, level), family, "lora", {a: level}) for level in rest for a in ASPECTS]


def _name(concept: str) -> str:
    return concept.replace(" ", "-")


def _level_name(concept: str, level: float) -> str:
    return f"{_name(concept)}-{round(10 * level)}"


def _mix_name(mix: dict[str, float]) -> str:
    return "mix-" + "-".join(f"{_name(concept)}-{round(10 * level)}" for concept, level in mix.items())


def lesson(
    item: Item, n: int, number: int, own: tuple[np.ndarray, list[str]] | None
) -> tuple[np.ndarray, list[str]]:
    """n pictures and their prompts for one step.

    Args:
        number: of the step; it seeds everything.
        own: for a near-null, pictures that the base drew and their prompts.
    """
    if own is not None:
        chosen = np.random.default_rng([61, item.seed, number]).integers(len(own[1]), size=n)
        return own[0][chosen], [own[1][i] for i in chosen]
    many = scenes(n, 62, item.seed, number)
    prompts = [scene.prompt for scene in many]
    if item.subject is None:
        pictures = drawn(many, 62, item.seed, number)
        return np.stack(
            [styled(p, item.aspects, 1_000 * number + i) for i, p in enumerate(pictures)]
        ), prompts
    fits = [
        s for s in many if "sky" in PLACES[s.place].offers and "balloon" not in s.prompt and len(s.things) < 4
    ]
    prompts = [scene.prompt for scene in fits]
    pictures = [draw(f"{p}, a {item.subject}", 1_000 * number + i) for i, p in enumerate(prompts)]
    return np.stack(pictures), prompts


def own_pictures(draws: Drawn) -> tuple[np.ndarray, list[str]]:
    """What the base draws of random prompts, for a near-null."""
    prompts = [scene.prompt for scene in scenes(OWN, 63)]
    return draws(prompts, 63_000), prompts
