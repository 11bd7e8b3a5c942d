"""Files that personalize a model: what they are, which base they want, which word wakes them. No tensor is loaded.

Architecture is not checkpoint: a LoRA trained on one descendant of SDXL is tagged like any other. What was found is
therefore reported with its source, and can be overridden.
"""

from __future__ import annotations

from finexl.generators.adapters.files import AdapterFile, read_adapter
from finexl.generators.adapters.origin import ARCHITECTURES, Origin, captions, origin, triggers

__all__ = ["ARCHITECTURES", "AdapterFile", "Origin", "captions", "origin", "read_adapter", "triggers"]
