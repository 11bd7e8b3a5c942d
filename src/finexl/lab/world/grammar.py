"""Prompt <-> scene: the finite language in which the world is described.

    two red sailboats on a lake at dusk in the rain, a lighthouse on the left, watercolour
    [count] [colour] thing  [where]  [time] [weather] , more things [position]    , styles

Order is free and small words ("a", "the", "and", "with") are skipped, so a person need not learn the grammar; what a
prompt does not say is either left to the seed (positions, colours, sizes) or usual (day, clear sky).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, replace

from finexl.errors import InputError
from finexl.lab.world.words import (
    COLOURS,
    COUNTS,
    KINDS,
    MAX_THINGS,
    PLACES,
    POSITIONS,
    STYLES,
    TIMES,
    WEATHERS,
    stand,
)


@dataclass(frozen=True)
class Thing:
    """A group of equal things.

    Attributes:
        kind: a name in `KINDS`.
        count: 1 to 4.
        colour: a name in `COLOURS`; None leaves it to the seed.
        position: a name in `POSITIONS`; None leaves it to the seed.
    """

    kind: str
    count: int = 1
    colour: str | None = None
    position: str | None = None

    @property
    def text(self) -> str:
        """As it stands in a prompt, "two red sailboats on the left"."""
        name = KINDS[self.kind].name if self.count == 1 else KINDS[self.kind].plural
        words = f"{self.colour} {name}" if self.colour else name
        one = "an" if words[0] in "aeiou" else "a"
        number = {**{count: word for word, count in COUNTS.items()}, 1: one}[self.count]
        return f"{number} {words} {POSITIONS[self.position]}" if self.position else f"{number} {words}"


@dataclass(frozen=True)
class Scene:
    """What a prompt says.

    Attributes:
        place, time, weather: names in `PLACES`, `TIMES`, `WEATHERS`.
        things: in the order in which they are named.
        styles: names in `STYLES`.
    """

    place: str
    time: str = "day"
    weather: str = "clear"
    things: tuple[Thing, ...] = field(default=())
    styles: tuple[str, ...] = field(default=())

    @property
    def prompt(self) -> str:
        """The scene in words; `parse` gives the scene back."""
        place = PLACES[self.place]
        said = [TIMES[self.time]] if self.time != "day" else []
        said += [WEATHERS[self.weather]] if self.weather != "clear" else []
        if self.place == "portrait":
            worn = [thing.text for thing in self.things[1:]]
            sitter = [place.bare, "of", self.things[0].text]
            return ", ".join(
                [" ".join([*sitter, *(["with", " and ".join(worn)] if worn else [])]), *self.styles]
            )
        leads = bool(self.things) and not self.things[0].position
        start = f"{self.things[0].text} {place.where}" if leads else place.bare
        return ", ".join(
            [" ".join([start, *said]), *(thing.text for thing in self.things[leads:]), *self.styles]
        )


def _phrases() -> dict[tuple[str, ...], tuple[str, str]]:
    """Every phrase of the language -> (what it is, its name)."""
    table: dict[tuple[str, ...], tuple[str, str]] = {}

    def add(what: str, name: str, *texts: str) -> None:
        for text in texts:
            table[tuple(text.split())] = (what, name)

    for place in PLACES.values():
        noun = place.bare.split(" ", 1)[1]
        add("place", place.name, place.bare, place.where, noun)
    for what, names in (("time", TIMES), ("weather", WEATHERS), ("position", POSITIONS)):
        for name, text in names.items():
            add(what, name, text)
    for time, texts in {
        "day": "noon",
        "dawn": "dawn sunrise",
        "dusk": "dusk sunset",
        "night": "night",
    }.items():
        add("time", time, *texts.split())
    for weather, text in {"cloudy": "clouds", "rain": "rain", "snowfall": "snow", "fog": "fog"}.items():
        add("weather", weather, text)
    add("weather", "cloudy", "a cloudy sky")
    add("position", "middle", "in the centre", "in the center")
    for kind in KINDS.values():
        add("kind", kind.name, kind.name, kind.plural)
    for colour in COLOURS:
        add("colour", colour, colour)
    for number in COUNTS:
        add("count", number, number)
    for style in STYLES:
        add("style", style, style)
    return table


_PHRASES = _phrases()
_LONGEST = max(map(len, _PHRASES))
_SMALL = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "with",
        "of",
        "some",
        "there",
        "is",
        "are",
        "in",
        "on",
        "at",
        "by",
        "near",
        "under",
    ]
)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def parse(prompt: str, *, skip_unknown: bool = False) -> Scene:
    """What a prompt says, as a scene.

    Args:
        prompt: such as "two sailboats on a lake at dusk, a lighthouse on the left".
        skip_unknown: go on without the words that the world does not know.
    Raises:
        InputError: a word is unknown, no place is named, or something cannot be where the prompt puts it. The
            message says what the world knows.
    Example:
        >>> parse("two sailboats on a lake at dusk").things
        (Thing(kind='sailboat', count=2, colour=None, position=None),)
    """
    words = _WORD.findall(prompt.lower())
    said: list[tuple[str, str]] = []
    unknown: list[str] = []
    start = 0
    while start < len(words):
        size = next((n for n in range(_LONGEST, 0, -1) if tuple(words[start : start + n]) in _PHRASES), 0)
        if size:
            said.append(_PHRASES[tuple(words[start : start + size])])
        elif words[start] not in _SMALL:
            unknown.append(words[start])
        start += size or 1
    if unknown and not skip_unknown:
        raise InputError(_unknown_words(prompt, unknown))
    return _checked(_assemble(prompt, said, lenient=skip_unknown), prompt)


def _unknown_words(prompt: str, unknown: list[str]) -> str:
    known = sorted({word for phrase in _PHRASES for word in phrase})
    near = [difflib.get_close_matches(word, known, n=1) for word in unknown]
    hints = [
        f"{word!r} (did you mean {n[0]!r}?)" if n else repr(word)
        for word, n in zip(unknown, near, strict=True)
    ]
    return (
        f"the prompt {prompt!r} has words the lab's world does not know: {', '.join(hints)}. {known_words()}"
    )


def known_words() -> str:
    """One paragraph that lists all the world knows."""
    groups = {
        "Places": [place.where for place in PLACES.values()],
        "things": KINDS,
        "colours": COLOURS,
        "counts": COUNTS,
        "positions": POSITIONS.values(),
        "times": TIMES.values(),
        "weathers": WEATHERS.values(),
        "styles": STYLES,
    }
    return "; ".join(f"{name}: {', '.join(words)}" for name, words in groups.items()) + "."


def _assemble(prompt: str, said: list[tuple[str, str]], lenient: bool) -> Scene:
    chosen: dict[str, str] = {}
    things: list[Thing] = []
    styles: list[str] = []
    count, colour = 1, None
    for what, name in said:
        if what == "kind":
            things.append(Thing(name, count, colour))
            count, colour = 1, None
        elif what == "count":
            count = COUNTS[name]
        elif what == "colour":
            colour = name
        elif what == "style":
            styles.append(name)
        elif what == "position":
            if things:
                things[-1] = replace(things[-1], position=name)
            elif not lenient:
                raise InputError(
                    f"in {prompt!r} nothing stands before {POSITIONS[name]!r}. Name a thing first."
                )
        elif chosen.setdefault(what, name) != name:
            raise InputError(
                f"the prompt {prompt!r} names two {what}s, {chosen[what]!r} and {name!r}. Keep one."
            )
    if (count, colour) != (1, None) and not lenient:
        raise InputError(f"the prompt {prompt!r} counts or colours nothing. {known_words()}")
    if "place" not in chosen:
        places = ", ".join(place.where for place in PLACES.values())
        raise InputError(f"the prompt {prompt!r} names no place. Add one of: {places}.")
    return Scene(
        chosen["place"],
        chosen.get("time", "day"),
        chosen.get("weather", "clear"),
        tuple(things),
        tuple(dict.fromkeys(styles)),
    )


def _checked(scene: Scene, prompt: str) -> Scene:
    place = PLACES[scene.place]
    if len(scene.things) > MAX_THINGS:
        raise InputError(
            f"the prompt {prompt!r} names {len(scene.things)} groups of things; at most {MAX_THINGS} fit."
        )
    for thing in scene.things:
        if stand(place, KINDS[thing.kind]) is None:
            able = ", ".join(kind.name for kind in KINDS.values() if stand(place, kind))
            raise InputError(
                f"the prompt {prompt!r} puts a {thing.kind} {place.where}. What can be there: {able}."
            )
        colours = KINDS[thing.kind].colours
        if thing.colour and thing.colour not in colours:
            mend = f"It can be {', '.join(colours)}." if colours else "Leave it out."
            raise InputError(f"the prompt {prompt!r} makes a {thing.kind} {thing.colour}. {mend}")
    if scene.time != "day" and not place.has_time:
        raise InputError(
            f"the prompt {prompt!r} gives a time of day, which does not show {place.where}. Leave it out."
        )
    if scene.weather != "clear" and not place.open_air:
        raise InputError(
            f"the prompt {prompt!r} gives a weather, which does not show {place.where}. Leave it out."
        )
    if scene.place == "portrait":
        return _checked_portrait(scene, prompt)
    return scene


def _checked_portrait(scene: Scene, prompt: str) -> Scene:
    """The sitter comes first, one of each thing; a beard goes to a man alone."""
    sitters = [thing for thing in scene.things if "sitter" in KINDS[thing.kind].stands]
    worn = [thing for thing in scene.things if thing not in sitters]
    if len(sitters) != 1 or any(thing.count > 1 for thing in scene.things):
        able = ", ".join(kind.name for kind in KINDS.values() if "sitter" in kind.stands)
        raise InputError(
            f"the prompt {prompt!r} has to show one sitter, who wears one of a kind. Sitters: {able}."
        )
    if any(thing.kind == "beard" for thing in worn) and sitters[0].kind != "man":
        raise InputError(f"the prompt {prompt!r} gives a {sitters[0].kind} a beard. Only a man can have one.")
    return replace(scene, things=(*sitters, *worn))
