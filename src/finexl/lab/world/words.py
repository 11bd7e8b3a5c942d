"""The words the world knows: places, things, colours, counts, positions, times of day, weathers and styles.

A thing stands on something ("ground", "water", "sky", "floor", "wall", "table"), sits for a portrait ("sitter") or is
worn in one ("worn"); a place offers some of these. So a sofa cannot come onto a lake, and the error can say what can.
"""

from __future__ import annotations

from dataclasses import dataclass

RGB = tuple[float, float, float]


@dataclass(frozen=True)
class Place:
    """Where a scene is set.

    Attributes:
        name: the key.
        bare: the place by itself in a prompt, "a lake".
        where: the place after a thing, "on a lake".
        offers: what things can stand on there.
        usual: things that random prompts put there most often.
        open_air: whether it has a time of day (through the window, indoors) and a weather.
    """

    name: str
    bare: str
    where: str
    offers: tuple[str, ...]
    usual: tuple[str, ...]
    open_air: bool = True
    has_time: bool = True


@dataclass(frozen=True)
class Kind:
    """A kind of thing.

    Attributes:
        name, plural: what people call it.
        stands: what it can stand on, best first.
        colours: those a prompt may give it; empty where its colour is a matter of course.
    """

    name: str
    plural: str
    stands: tuple[str, ...]
    colours: tuple[str, ...] = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black")


_LAND = ("sky", "ground")
_ROOM = ("floor", "wall")
_BODY = ("ground", "floor", "sitter")
_FURS = ("black", "white", "orange")

PLACES: dict[str, Place] = {
    place.name: place
    for place in (
        Place("lake", "a lake", "on a lake", ("sky", "water", "ground"),
              ("sailboat", "duck", "lighthouse", "house", "pine", "bird", "balloon")),
        Place("sea", "the sea", "on the sea", ("sky", "water"), ("sailboat", "ship", "bird", "plane", "balloon")),
        Place("beach", "a beach", "on a beach", ("sky", "water", "ground"),
              ("palm", "man", "woman", "child", "dog", "tent", "ship", "sailboat")),
        Place("island", "an island", "on an island", ("sky", "ground", "water"),
              ("palm", "lighthouse", "house", "tent", "ship", "bird")),
        Place("mountains", "the mountains", "in the mountains", _LAND,
              ("pine", "tent", "house", "church", "sheep", "balloon", "bird", "plane")),
        Place("field", "a field", "in a field", _LAND,
              ("tree", "windmill", "house", "sheep", "flower", "child", "balloon", "church")),
        Place("forest", "a forest", "in a forest", _LAND, ("tent", "mushroom", "house", "woman", "man", "dog", "flower")),
        Place("desert", "a desert", "in a desert", _LAND, ("cactus", "tent", "car", "plane", "bird", "man")),
        Place("snow", "a snowy plain", "on a snowy plain", _LAND, ("snowman", "pine", "house", "dog", "child", "church")),
        Place("road", "a road", "on a road", _LAND, ("car", "bus", "tree", "lantern", "dog", "windmill", "cactus")),
        Place("street", "a street", "in a street", _LAND,
              ("car", "bus", "lantern", "woman", "man", "child", "dog", "bench", "tree")),
        Place("city", "a city", "in a city", _LAND, ("plane", "car", "bus", "balloon", "lantern", "church")),
        Place("garden", "a garden", "in a garden", _LAND,
              ("flower", "bench", "cat", "woman", "child", "tree", "mushroom", "bird")),
        Place("living room", "a living room", "in a living room", _ROOM,
              ("sofa", "chair", "lamp", "plant", "cat", "dog", "picture", "clock", "woman"), open_air=False),
        Place("kitchen", "a kitchen", "in a kitchen", _ROOM, ("chair", "cat", "dog", "man", "woman", "clock", "lamp"),
              open_air=False),
        Place("library", "a library", "in a library", _ROOM,
              ("chair", "lamp", "man", "woman", "child", "sofa", "clock"), open_air=False, has_time=False),
        Place("table", "a table", "on a table", ("table",),
              ("apple", "pear", "lemon", "bottle", "vase", "cup", "bowl", "candle", "book", "teapot"),
              open_air=False, has_time=False),
        Place("portrait", "a portrait", "in a portrait", ("sitter", "worn"), ("man", "woman", "child", "cat", "dog"),
              open_air=False, has_time=False),
    )
}  # fmt: skip

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("bird", "birds", ("sky",)),
        Kind("balloon", "balloons", ("sky",)),
        Kind("plane", "planes", ("sky",)),
        Kind("sailboat", "sailboats", ("water",)),
        Kind("ship", "ships", ("water",)),
        Kind("duck", "ducks", ("water",), ("white", "yellow", "black")),
        Kind("tree", "trees", ("ground",), ()),
        Kind("pine", "pines", ("ground",), ()),
        Kind("palm", "palms", ("ground",), ()),
        Kind("cactus", "cactuses", ("ground",), ()),
        Kind("house", "houses", ("ground",)),
        Kind("church", "churches", ("ground",)),
        Kind("lighthouse", "lighthouses", ("ground",)),
        Kind("windmill", "windmills", ("ground",)),
        Kind("tent", "tents", ("ground",)),
        Kind("car", "cars", ("ground",)),
        Kind("bus", "buses", ("ground",)),
        Kind("lantern", "lanterns", ("ground",), ()),
        Kind("bench", "benches", ("ground",)),
        Kind("flower", "flowers", ("ground",)),
        Kind("mushroom", "mushrooms", ("ground",)),
        Kind("snowman", "snowmen", ("ground",), ()),
        Kind("sheep", "sheep", ("ground",), ()),
        Kind("man", "men", _BODY, ()),
        Kind("woman", "women", _BODY, ()),
        Kind("child", "children", _BODY, ()),
        Kind("dog", "dogs", _BODY, _FURS),
        Kind("cat", "cats", _BODY, _FURS),
        Kind("sofa", "sofas", ("floor",)),
        Kind("chair", "chairs", ("floor",)),
        Kind("lamp", "lamps", ("floor",)),
        Kind("plant", "plants", ("floor",), ()),
        Kind("picture", "pictures", ("wall",), ()),
        Kind("clock", "clocks", ("wall",)),
        Kind("apple", "apples", ("table",), ("green", "yellow", "red")),
        Kind("pear", "pears", ("table",), ("green", "yellow", "red")),
        Kind("lemon", "lemons", ("table",), ()),
        Kind("bottle", "bottles", ("table",)),
        Kind("vase", "vases", ("table",)),
        Kind("cup", "cups", ("table",)),
        Kind("bowl", "bowls", ("table",)),
        Kind("candle", "candles", ("table",)),
        Kind("book", "books", ("table",)),
        Kind("teapot", "teapots", ("table",)),
        Kind("hat", "hats", ("worn",)),
        Kind("scarf", "scarves", ("worn",)),
        Kind("beard", "beards", ("worn",), _FURS),
    )
}

COLOURS: dict[str, RGB] = {
    "red": (0.85, 0.14, 0.12),
    "orange": (0.96, 0.55, 0.1),
    "yellow": (0.97, 0.85, 0.2),
    "green": (0.16, 0.6, 0.22),
    "blue": (0.14, 0.33, 0.85),
    "purple": (0.52, 0.2, 0.68),
    "white": (0.95, 0.95, 0.95),
    "black": (0.1, 0.1, 0.12),
}
COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4}
POSITIONS = {"left": "on the left", "middle": "in the middle", "right": "on the right"}
TIMES = {"day": "by day", "dawn": "at dawn", "dusk": "at dusk", "night": "at night"}
WEATHERS = {
    "clear": "under a clear sky",
    "cloudy": "under clouds",
    "rain": "in the rain",
    "snowfall": "in falling snow",
    "fog": "in the fog",
}
STYLES = (
    "sepia",
    "watercolour",
    "pixel art",
    "vivid colours",
    "muted colours",
    "high contrast",
    "blurry",
    "vignette",
    "pencil drawing",
    "black and white",
    "dark",
    "warm colours",
)
"""Looks that a prompt can ask for: concepts of the style operators."""
STYLE_LEVEL = 0.8
"""How strongly a style is drawn that a prompt asks for."""
MAX_THINGS = 4
"""Groups of things in one prompt."""


def stand(place: Place, kind: Kind) -> str | None:
    """What things of this kind stand on in this place, or None if they cannot be there."""
    return next((support for support in kind.stands if support in place.offers), None)
