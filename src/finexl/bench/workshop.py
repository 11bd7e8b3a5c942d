"""Pairs drawn by the models of a pool, by the road that `finexl.explain` takes, as cases for every method."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from finexl.bench.experiment import Setting
from finexl.bench.pool import Member
from finexl.bench.rivals import Case
from finexl.errors import InputError
from finexl.explaining import set_up
from finexl.generating import pair_drawn
from finexl.generators import Adapted, Generator, Pairing, Source, read_image
from finexl.opening import open_models
from finexl.probing import Plan, Sitting
from finexl.proposers import load_vocabulary
from finexl.staircase import Run, directions
from finexl.storing import embed_pairs
from finexl.types import Concept, Probe

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]
PAIRS, QUICK_PAIRS = 32, 12


class Workshop:
    """What all models of a pool share: an encoder, candidate words, and how many pairs are drawn.

    Args:
        setting: its encoder, seed and size are used.
        words: candidates; None for the vocabulary, and whatever else the members were taught.
    """

    def __init__(
        self, setting: Setting, members: Sequence[Member] = (), words: Sequence[str] | None = None
    ) -> None:
        self.setting = setting
        self.pairs = QUICK_PAIRS if setting.quick else PAIRS
        known = {concept.name: concept for concept in load_vocabulary()}
        taught = [word.removeprefix("-") for m in members for a in m.aspects for word in m.accepted(a)]
        self.words = list(dict.fromkeys([*known, *taught])) if words is None else list(words)
        self.concepts = [known.get(word) or Concept(name=word, aspect="other") for word in self.words]
        self._directions: dict[tuple[str, ...] | None, Array] = {}

    @cached_property
    def run(self) -> Run:
        """How `finexl.explain` would go about it."""
        setting = self.setting
        return set_up(
            setting.encoder, "vocabulary", "finexl", None, 8, 0.95, setting.seed, True, setting.progress
        )

    @cached_property
    def texts(self) -> Array:
        """Absolute texts "an image, WORD", unit vectors (k, d)."""
        return self.run.encoder.encode_texts([f"an image, {word}" for word in self.words]).astype(float)

    def directions(self, prompts: Sequence[str] | None) -> Array:
        """Concept vectors over the prompts, shape (k, d), measured once."""
        key = None if prompts is None else tuple(prompts)
        if key not in self._directions:
            self._directions[key] = directions(self.run.encoder, self.words, prompts)
        return self._directions[key]

    @contextmanager
    def sitting(self, member: Member, n: int | None = None) -> Iterator[Session]:
        """Both models of a member, open while it lasts.

        Raises:
            InputError: the member is no pair of models.
        """
        base, tuned = open_models(member.base, member.model, {})
        if not isinstance(base, Generator) or not isinstance(tuned, Generator):
            raise InputError(
                f"{member.id!r} is no model with a base that can draw. Give specs of two models."
            )
        plan = Plan(None, n or self.pairs, None, self.setting.seed, "auto", ())
        session = Session(self, member, base, tuned, Sitting(self.run, base, (tuned,), plan))
        try:
            yield session
        finally:
            session.sitting.studio.close()


class Session:
    """One member's two models and what they drew."""

    def __init__(
        self, workshop: Workshop, member: Member, base: Generator, tuned: Generator, sitting: Sitting
    ) -> None:
        self.workshop, self.member = workshop, member
        self.base, self.tuned, self.sitting = base, tuned, sitting

    def at(self, strength: float) -> Generator:
        """The personalized model at a part of its strength.

        Raises:
            InputError: it has none.
        """
        if strength == 1:
            return self.tuned
        if not isinstance(self.tuned, Adapted):
            raise InputError(
                f"{self.member.id!r} has no strength. Leave graded and adjustable out of the pool."
            )
        return self.tuned.at(strength)

    def case(self, strength: float = 1.0) -> Case:
        """All pairs at a strength, embedded once."""
        shop, n = self.workshop, self.sitting.start
        before, after = self._embedded(self.sitting.pair(self.base, self.at(strength), n))
        seed = zlib.crc32(f"{shop.setting.seed} {self.member.id} {strength}".encode())
        settings = shop.run.settings.for_concepts(shop.concepts).for_base(before)
        F = shop.directions(self.sitting.prompts(n))
        return Case(before, after, shop.words, F, shop.texts, settings, seed)

    def shown(self, strength: float, n: int) -> list[Pixels]:
        """The personalized model's first n pictures at a strength."""
        return self._pictures(self.at(strength), n)

    def plain(self, n: int) -> list[Pixels]:
        """The base's first n pictures."""
        return self._pictures(self.base, n)

    def _pictures(self, generator: Generator, n: int) -> list[Pixels]:
        return [
            np.asarray(read_image(source).image) for source in self.draw(generator, self.sitting.asked(n))
        ]

    def draw(self, generator: Generator, probes: Sequence[Probe]) -> list[Source]:
        """One picture a probe, kept in the user's store."""
        return self.sitting.studio.draw(generator, probes, f"drawing {self.member.id}")

    def embedded(self, left: Sequence[Source], right: Sequence[Source]) -> tuple[Array, Array]:
        """Unit embeddings of both lists, shape (n, d) each."""
        probes = self.sitting.asked(len(left))
        return self._embedded(pair_drawn(probes, left, right, True, ()))

    def _embedded(self, pairing: Pairing) -> tuple[Array, Array]:
        encoder, vectors = self.workshop.run.encoder, self.sitting.studio.vectors
        found = embed_pairs(encoder, pairing, True, lambda *_: None, vectors)
        return found.base.astype(float), found.personalized.astype(float)
