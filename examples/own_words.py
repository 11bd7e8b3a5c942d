"""Explain with your own few words in place of the built-in vocabulary.

python examples/own_words.py
"""

import tempfile
from pathlib import Path

from PIL import Image

import finexl
from finexl.lab.world import draw, prompts, styled

WORDS = """
blocky : texture
smooth gradients : texture
strong colours : colour
pale colours : colour
frosty : mood
"""

base = [draw(prompt, seed) for seed, prompt in enumerate(prompts(30))]
changed = [styled(picture, {"pixel art": 0.8, "vivid colours": 0.6}) for picture in base]

with tempfile.TemporaryDirectory() as folder:
    vocabulary = Path(folder, "words.txt")
    vocabulary.write_text(WORDS)
    pictures = ([Image.fromarray(p) for p in pictures] for pictures in (base, changed))
    print(finexl.explain(*pictures, vocabulary=vocabulary, cache=False))
