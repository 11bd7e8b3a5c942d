"""A reply, whatever it is -> signed phrases. Nothing in it is trusted: it is text of which a few words may be kept."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from finexl.types import Concept

LONGEST = 40
WORDS = 4
MOST = 40

_LESS = re.compile(
    r"^(?:much |slightly |a bit |somewhat )?(?:less|reduced|lower|decreased|weaker|fewer|lack of|lacks|lacking|absence of|without|"
    r"no|not as|not|non|minimal|diminished|loss of)[ -]+(.+)$"
)
_MORE = re.compile(
    r"^(?:much |slightly |a bit |somewhat |noticeably |overall )*(?:more|increased|higher|greater|stronger|enhanced|added|"
    r"heightened|very|an?|the|has|have|with|use of|presence of|overall)[ -]+(.+)$"
)
_MUCH = re.compile(r"^(?:much|slightly|somewhat|noticeably|visibly|clearly)[ -]+(.+)$")
_SENTENCE = re.compile(
    r"^(.{0,50}?)\b(?:(is|are|looks?|appears?|seems?)|has|have|shows?|features?|displays?|uses?) (.+)$"
)
_WHOLE = re.compile(
    r"^(?:there|the|these|all|both|overall|set|in|images?|pictures?|photos?|[ab]|it|they|\s)*$"
)
_COMPARED = re.compile(r"\s+(?:than|compared|in (?:the |set )?(?:[ab]|first|second|images?|pictures?))\b.*$")
_TAIL = re.compile(r"\s+(?:overall|throughout|effect|look|feel|feeling|appearance|style|quality|aesthetic)$")
_SPELLING = {"color": "colour", "colors": "colours", "colored": "coloured", "colorful": "colourful", "gray": "grey",
             "grayscale": "greyscale", "watercolor": "watercolour", "center": "centre", "centered": "centred",
             "monochromatic": "monochrome"}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One difference as a model put it: the phrase, its aspect, and the letter of the set that has more of it."""

    concept: str
    aspect: str
    more_in: Literal["A", "B", ""]


def parse(text: str) -> list[Said]:
    """The differences in a reply: JSON as asked for, JSON among prose or in fences, complete items of JSON that was cut off, or a list.

    Example:
        >>> parse('Sure! {"differences": [{"concept": "Warm", "aspect": "colour", "more_in": "B"}, {"conc')
        [Said(concept='Warm', aspect='colour', more_in='B')]
    """
    text = text[:100_000]
    found = [_said(item) for item in _objects(text)]
    said = [item for item in found if item is not None]
    return (said or _bullets(text))[:MOST]


def _objects(text: str) -> list[object]:
    """Every innermost JSON object: a reply that was cut off still holds the complete ones before the cut."""
    items: list[object] = []
    for match in re.finditer(r"\{[^{}]*\}", text):
        try:
            items.append(json.loads(match[0]))
        except ValueError:
            continue
    return items


def _said(item: object) -> Said | None:
    if not isinstance(item, dict) or not isinstance(item.get("concept"), str):
        return None
    aspect = item.get("aspect")
    return Said(
        item["concept"], aspect if isinstance(aspect, str) else "", _letter(str(item.get("more_in", "")))
    )


def _letter(text: str) -> Literal["A", "B", ""]:
    first = text.strip().upper()[:1]
    return "A" if first == "A" else "B" if first == "B" else ""


def _bullets(text: str) -> list[Said]:
    """Lines of a list such as "- Warmer colours (more in B)"; prose is no list."""
    out = []
    for line in text.splitlines():
        match = re.match(r"^\s*(?:[-*•]|\d+[.)])\s+(.{2,120})$", line)
        if match:
            letter = re.search(r"\b(?:more )?in (?:set )?([AB])\b", match[1])
            phrase = re.split(r"[:(–—]|\bin (?:set )?[AB]\b", match[1])[0]
            out.append(Said(phrase.strip("*_` "), "", _letter(letter[1] if letter else "")))
    return out


def normalise(phrase: str) -> tuple[str, int] | None:
    """A phrase in plain form and its sign, -1 for "less of it"; None for what is no short phrase.

    Example:
        >>> normalise("A noticeably lower Color saturation")
        ('colour saturation', -1)
    """
    text, sign = _without_subject(_plain(phrase)), 1
    for _ in range(4):
        less, more = _LESS.match(text), _MORE.match(text) or _MUCH.match(text)
        if less:
            sign, text = -sign, less[1]
        elif more:
            text = more[1]
        else:
            break
    text = _TAIL.sub("", text)
    if not text or len(text) > LONGEST or len(text.split()) > WORDS or not re.search(r"[^\W\d_]", text):
        return None
    return text, sign


def _plain(phrase: str) -> str:
    """Lower case, British spelling, no signs."""
    text = unicodedata.normalize("NFKC", phrase).lower()
    text = re.sub(r"[^\w\s'&-]", " ", text).strip("-' ")
    return " ".join(_SPELLING.get(word, word) for word in text.split())


def _without_subject(text: str) -> str:
    """What a sentence says of the pictures: of "the colours are warmer than in set a" it is "warmer colours"."""
    sentence = _SENTENCE.match(text)
    if sentence is None:
        return _COMPARED.sub("", text)
    subject, being, said = sentence[1].strip(), sentence[2], _COMPARED.sub("", sentence[3])
    if not being or _WHOLE.match(subject):
        return said
    return f"{said} {subject.removeprefix('the ')}"


class Lexicon:
    """The vocabulary by every form under which a model may name its concepts."""

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self._by_name = {concept.name: concept for concept in concepts}
        self._by_form: dict[str, Concept] = {}
        forms = [(concept.name, concept) for concept in concepts]
        forms += [(synonym, concept) for concept in concepts for synonym in concept.synonyms]
        for (
            form,
            concept,
        ) in forms:  # as written first: "no outlines" is not less of "outlines" where it is a concept
            self._by_form.setdefault(_plain(form), concept)
        for form, concept in forms:
            read = normalise(form)
            if read and read[1] > 0:
                for variant in _variants(read[0]):
                    self._by_form.setdefault(variant, concept)

    def concept(self, phrase: str, aspect: str) -> tuple[Concept, int] | None:
        """The concept that a phrase means and its sign; a new one where the vocabulary has none.

        "Less of" a concept that has an opposite is more of the opposite.
        """
        written = self._by_form.get(_plain(phrase))
        if written is not None:
            return written, 1
        plain = normalise(phrase)
        if plain is None:
            return None
        name, sign = plain
        known = self._known(name)
        if known is None:  # "lower saturation" is "low saturation", not less of a concept called "saturation"
            known = self._known(f"{'low' if sign < 0 else 'high'} {name}")
            sign = 1 if known else sign
        if known is None:
            group = normalise(aspect)
            return Concept(name=name, aspect=group[0] if group else "other"), sign
        if sign < 0 and known.opposite in self._by_name:
            return self._by_name[known.opposite], 1
        return known, sign

    def _known(self, name: str) -> Concept | None:
        forms = [form for plain in _positives(name) for form in _variants(plain)]
        return next((self._by_form[form] for form in forms if form in self._by_form), None)


def _variants(name: str) -> tuple[str, ...]:
    """Singular and plural, with and without hyphens."""
    forms = [name, name.replace("-", " "), name.removesuffix("s"), f"{name}s"]
    return tuple(dict.fromkeys(forms))


def _positives(name: str) -> tuple[str, ...]:
    """The name, and the same with its first word as it was before it became a comparative, as far as that can be told.

    Example:
        >>> _positives("hazier sky")
        ('hazier sky', 'hazi sky', 'hazie sky', 'hazy sky')
    """
    first, space, rest = name.partition(" ")
    if not first.endswith("er"):
        return (name,)
    stems = [first[:-2], first[:-1]]
    if first.endswith("ier"):
        stems.append(f"{first[:-3]}y")
    elif first[-4:-3] == first[-3:-2]:
        stems.append(first[:-3])
    return (name, *(f"{stem}{space}{rest}" for stem in stems))


def tally(
    replies: Sequence[tuple[str, str]], lexicon: Lexicon
) -> tuple[list[Concept], Mapping[str, tuple[int, Literal[-1, 0, 1]]]]:
    """What several replies agree on.

    Args:
        replies: (text, letter of the personalized set) of each.
    Returns:
        Concepts, those named in most replies first, then by their place; and by name in how many replies each was named and
        its direction: that of the mean over both letters, so that a preference for a letter cancels however many questions
        there were. 0 where it was named under one letter only, or both contradict each other.
    """
    named: dict[str, dict[str, list[int]]] = {}
    concepts: dict[str, Concept] = {}
    places: dict[str, float] = {}
    for text, letter in replies:
        seen: dict[str, int] = {}
        for place, said in enumerate(parse(text)):
            found = lexicon.concept(said.concept, said.aspect)
            if found is None or found[0].name in seen:
                continue
            side = 0 if not said.more_in else 1 if said.more_in == letter else -1
            seen[found[0].name] = side * found[1]
            concepts.setdefault(found[0].name, found[0])
            places[found[0].name] = places.get(found[0].name, 0.0) + place / len(replies)
        for name, side in seen.items():
            named.setdefault(name, {"A": [], "B": []})[letter].append(side)
    count = {name: sum(map(len, sides.values())) for name, sides in named.items()}
    order = sorted(named, key=lambda name: (-count[name], places[name], name))
    tallied: dict[str, tuple[int, Literal[-1, 0, 1]]] = {}
    for name in order:
        a, b = named[name]["A"], named[name]["B"]
        mean = sum(a) / len(a) + sum(b) / len(b) if a and b else 0.0
        tallied[name] = (count[name], 1 if mean > 0 else -1 if mean < 0 else 0)
    return [concepts[name] for name in order], tallied
