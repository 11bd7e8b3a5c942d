"""Explain with your own few words in place of the built-in vocabulary.

python examples/own_words.py
"""

import tempfile
from pathlib import Path

import finexl
from finexl.lab.sample import write_sample

WORDS = """
blocky : texture
smooth gradients : texture
strong colours : colour
pale colours : colour
frosty : mood
"""

with tempfile.TemporaryDirectory() as folder:
    vocabulary = Path(folder, "words.txt")
    vocabulary.write_text(WORDS)
    base, personalized = write_sample(Path(folder, "images"))
    print(finexl.explain(base, personalized, vocabulary=vocabulary, cache=False))
