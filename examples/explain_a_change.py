"""What did this change do to my pictures? Compare images in memory; nothing is read from or written to disk.

python examples/explain_a_change.py
"""

from importlib.resources import files

from PIL import Image, ImageOps

import finexl

photographs = sorted((files("finexl.lab") / "photos").iterdir(), key=lambda path: path.name)
before = [Image.open(path.open("rb")).convert("RGB") for path in photographs if path.name.endswith(".webp")]
after = [
    ImageOps.expand(ImageOps.grayscale(image).convert("RGB"), border=20, fill="white") for image in before
]

explanation = finexl.explain(before, after, cache=False)
print(explanation.summary)
for score in explanation.concepts:
    print(f"{score.weight:+.2f} [{score.low:+.2f}, {score.high:+.2f}]  {score.concept}  ({score.share:.0%})")
