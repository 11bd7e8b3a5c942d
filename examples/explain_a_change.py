"""What did this change do to my pictures? Compare images in memory; nothing is read from or written to disk.

python examples/explain_a_change.py
"""

from PIL import Image, ImageOps

import finexl
from finexl.lab.world import draw, prompts

before = [Image.fromarray(draw(prompt, seed, size=160)) for seed, prompt in enumerate(prompts(30))]
after = [
    ImageOps.expand(ImageOps.grayscale(image).convert("RGB"), border=16, fill="white") for image in before
]

explanation = finexl.explain(before, after, cache=False)
print(explanation.summary)
for score in explanation.concepts:
    print(f"{score.weight:+.2f} [{score.low:+.2f}, {score.high:+.2f}]  {score.concept}  ({score.share:.0%})")
