"""FineXL: what a personalized image-generation model does differently from its base, in words and numbers.

import finexl
explanation = finexl.explain("images/base", "images/personalized")
print(explanation)
explanation.save("report")
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from finexl.comparing import compare as compare
    from finexl.errors import FinexlError as FinexlError
    from finexl.errors import InputError as InputError
    from finexl.explaining import explain as explain
    from finexl.proposals import propose as propose
    from finexl.types import Comparison as Comparison
    from finexl.types import Concept as Concept
    from finexl.types import ConceptScore as ConceptScore
    from finexl.types import Explanation as Explanation
    from finexl.types import Interval as Interval
    from finexl.types import Probe as Probe

from finexl.version import __version__

# onnxruntime reports its use to its makers unless it is told not to before it is imported (docs/encoder.md, "Network").
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
logging.getLogger("finexl").addHandler(logging.NullHandler())

_PUBLIC = {
    "Comparison": "finexl.types",
    "Concept": "finexl.types",
    "ConceptScore": "finexl.types",
    "Explanation": "finexl.types",
    "FinexlError": "finexl.errors",
    "InputError": "finexl.errors",
    "Interval": "finexl.types",
    "Probe": "finexl.types",
    "compare": "finexl.comparing",
    "explain": "finexl.explaining",
    "propose": "finexl.proposals",
}
_ROOMS = ("encoders", "generators", "lab", "measures", "method", "probes", "proposers")
"""Subpackages that can be used after `import finexl` alone; each is imported when it is named."""
__all__ = ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _ROOMS:
        return import_module(f"finexl.{name}")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'finexl' has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
