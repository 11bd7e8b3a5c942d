"""The lab's world: prompts of a small language, drawn as simple, bold pictures whose truth is known exactly.

    draw("two sailboats on a lake at dusk, a lighthouse on the left", seed=3)    # RGB, 64 x 64
    prompts(100, seed=0)                                                         # random ones
    styled(picture, {"sepia": 0.6, "film grain": 0.3})                           # operators at exact levels

The lab's generators learn from these pictures. The built-in encoder learned from others (`finexl.lab.scenes`).
"""

from finexl.lab.world.chance import prompts, random_scene
from finexl.lab.world.drawing import draw
from finexl.lab.world.grammar import Scene, Thing, known_words, parse
from finexl.lab.world.styles import style_operator, styled
from finexl.lab.world.words import COLOURS, KINDS, PLACES, POSITIONS, STYLES, TIMES, WEATHERS

__all__ = [
    "COLOURS",
    "KINDS",
    "PLACES",
    "POSITIONS",
    "STYLES",
    "TIMES",
    "WEATHERS",
    "Scene",
    "Thing",
    "draw",
    "known_words",
    "parse",
    "prompts",
    "random_scene",
    "style_operator",
    "styled",
]
