"""Numbers users already know, beside ours: drift, CLIP score change, LPIPS, pixel distance, diversity.

None of them says what changed. They let a reader compare an explanation with what other tools report about the same images.
The arithmetic is in `finexl.method.measures`.
"""

from finexl.measures.measuring import Measured, measure

__all__ = ["Measured", "measure"]
