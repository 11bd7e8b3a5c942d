"""Prompts -> probes: which question comes when, and from which random numbers.

A probe's seed depends on the run's seed, on its prompt and on how often that prompt came before, and on nothing else:

    first = sha256("<seed>\\n<prompt>"), its first 8 bytes as a big-endian number, modulo 2**31
    k-th repetition of the prompt: (first + k) modulo 2**31, k = 0, 1, 2, ...

So no prompt meets the same random numbers twice, a larger request begins with the smaller one, and images of prompts
that stay in an edited list are found in the store again. Prompts do not share one seed: what a seed does to the
layout of every image would not average out.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from finexl.errors import InputError
from finexl.probes.prompts import SETS, fault, load_prompts
from finexl.types import Probe

DEFAULT = 50
"""Probes of a set when nobody says how many: enough for simple styles, a start for others."""

LEAST = 2
"""One pair has no scatter to judge by."""

SEEDS = 2**31
"""Seeds lie in 0..2**31 - 1, which every tool takes."""


def make_probes(
    prompts: str | Path | Sequence[str] | None,
    n: int | None = None,
    seeds: int = 1,
    seed: int = 0,
    *,
    labels: int = 0,
) -> tuple[Probe, ...]:
    """What both models are asked, in order; the first k are what a request for k would give.

    Args:
        prompts: a set's name ("general", "portraits", "objects", "landscapes"), a text file with one prompt a line,
            the prompts themselves, or None for a model that takes none.
        n: how many probes. None for 50 of a set and without prompts, and for every prompt of a file or list. Where
            the prompts do not suffice they are asked again with other seeds.
        seeds: how many images in a row are drawn of each prompt before the next one's turn.
        seed: another one gives other random numbers throughout.
        labels: number of classes the models know; the prompts go through them in turn. 0 for no classes.
    Returns:
        n probes. None of them has the prompt and the seed of another.
    Raises:
        InputError: fewer than 2 probes or 1 seed a prompt are asked for, or the prompts cannot be used.
    Example:
        >>> [(p.prompt, p.seed) for p in make_probes(["a cat", "a dog"], n=3)]
        [('a cat', 1625288073), ('a dog', 1824764103), ('a cat', 1625288074)]
    """
    if seeds < 1:
        raise InputError(f"seeds={seeds}: every prompt needs at least 1.")
    if labels < 0:
        raise InputError(f"labels={labels}: give the number of classes, or 0 for none.")
    questions: Sequence[str | None] = (None,) if prompts is None else load_prompts(prompts)
    own = prompts is not None and not (isinstance(prompts, str) and prompts in SETS)
    total = n if n is not None else len(questions) * seeds if own else DEFAULT
    if total < LEAST:
        raise InputError(
            f"n={total}: at least {LEAST} probes are needed. Ask for more; where the prompts do not suffice they are "
            "repeated with other seeds."
        )
    asked: Counter[str | None] = Counter()
    probes = []
    for i in range(total):
        turn = i // seeds
        prompt = questions[turn % len(questions)]
        place = (_number(seed, prompt or "") + asked[prompt]) % SEEDS
        asked[prompt] += 1
        probes.append(Probe(prompt=prompt, label=turn % labels if labels else None, seed=place))
    return tuple(probes)


def from_captions(
    captions: Sequence[str], n: int = DEFAULT, seed: int = 0, *, without: str | None = None
) -> tuple[Probe, ...]:
    """Probes whose prompts are drawn from the captions that a model was trained on.

    Captions that cannot be a prompt (blank, longer than 2000 characters) or are there already are passed over. The
    others are put in an order that depends on `seed` alone, so that a few of many are a fair sample.

    Args:
        captions: as found in an adapter's metadata or beside the training images.
        n: how many probes; fewer captions than that are asked again with other seeds.
        seed: of the sample and of the random numbers.
        without: a trigger word or phrase that is taken out of every caption, whatever its case.
    Raises:
        InputError: fewer than 2 probes are asked for, or no caption can be used.
    Example:
        >>> [p.prompt for p in from_captions(["sks, a cat", "a cat", "a dog, sks"], n=2, without="sks")]
        ['a cat', 'a dog']
    """
    plain = dict.fromkeys(_tidy(caption, without) for caption in captions)
    usable = [caption for caption in plain if fault(caption) is None]
    if not usable:
        raise InputError(
            f"none of {len(captions)} captions can be a prompt: they are blank, without words beside the trigger, or too "
            f"long. Use one of the sets: {', '.join(SETS)}."
        )
    return make_probes(sorted(usable, key=lambda caption: (_number(seed, caption), caption)), n, seed=seed)


def _number(seed: int, text: str) -> int:
    """A number below 2**64 that looks random and is the same everywhere."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{text}".encode()).digest()[:8], "big")


def _tidy(caption: str, trigger: str | None) -> str:
    """The caption with single spaces and without the trigger or the commas it leaves behind."""
    text = " ".join(caption.split())
    word = " ".join((trigger or "").split())
    if word:
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "", text, flags=re.IGNORECASE)
    return ", ".join(part for part in (" ".join(part.split()) for part in text.split(",")) if part)
