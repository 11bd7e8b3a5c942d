"""Vision-language models that look at image pairs and name what differs.

    openai:gpt-4o        OPENAI_API_KEY, OPENAI_BASE_URL
    azure:DEPLOYMENT, openrouter:MODEL, gemini:MODEL, ollama:MODEL, vllm:MODEL, lmstudio:MODEL, llamacpp:MODEL
    vlm                  FINEXL_VLM_MODEL at FINEXL_VLM_BASE_URL, with FINEXL_VLM_API_KEY

What leaves the machine: pictures of a few pairs, at most 512 pixels wide, encoded anew from their pixels, and our question. No file name,
no prompt, no metadata. What comes back is only ever data: phrases, cut to a few words, that are then tested on other pairs.
"""

from __future__ import annotations

from finexl.proposers.vlm.endpoints import PROVIDERS, Endpoint, configured, endpoint
from finexl.proposers.vlm.proposer import Vlm

__all__ = ["PROVIDERS", "Endpoint", "Vlm", "configured", "endpoint"]
