"""A model for tests: it draws scenes, changed as much as its strength says, and counts what it draws."""

from __future__ import annotations

import hashlib

from PIL import Image

from finexl.generators import Traits
from finexl.types import Trigger
from scenery import darker, paler, scene


class Drawer:
    """Draws the scene that the seed names; `change` at `strength`, and what the word "sepia-ish" adds to any prompt."""

    def __init__(
        self, change=None, strength=1.0, wakes_on=None, word=None, log=None, holder="scenes", **traits
    ):
        self.change, self.strength, self.wakes_on, self.word = change, strength, wakes_on, word
        self.holder, self.batch = holder, 4
        self.log = [] if log is None else log
        self.triggers = (Trigger(text=word, source="test"),) if word else ()
        self.traits = Traits(**traits)
        told = f"{change.__name__} {strength} {wakes_on}" if change and strength else "base"
        self.name = told
        self.identity = hashlib.sha256(told.encode()).hexdigest()

    def at(self, strength):
        return Drawer(self.change, self.strength * strength, self.wakes_on, self.word, self.log, self.holder)

    def generate(self, probes):
        self.log += [(self.name, probe) for probe in probes]
        return [self._draw(probe) for probe in probes]

    def close(self):
        self.log.append(("closed", self.name))

    def _draw(self, probe):
        image = scene(probe.seed % 1000)
        if "pale-word" in (probe.prompt or ""):
            image = paler(image)
        awake = self.wakes_on is None or self.wakes_on in (probe.prompt or "")
        if self.change and self.strength and awake:
            image = Image.blend(image, self.change(image), min(1.0, self.strength))
        return image

    def drawn(self):
        """Every (model, probe) that was drawn, in order."""
        return [entry for entry in self.log if entry[0] != "closed"]


__all__ = ["Drawer", "darker", "paler"]
