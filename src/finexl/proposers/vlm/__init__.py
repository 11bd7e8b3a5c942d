"""Vision-language models that look at image pairs and name what differs.

    openai:gpt-4o        OPENAI_API_KEY, OPENAI_BASE_URL
    azure:DEPLOYMENT, openrouter:MODEL, gemini:MODEL, ollama:MODEL, vllm:MODEL, lmstudio:MODEL, llamacpp:MODEL
    transformers:FOLDER  a model loaded in this process
    vlm                  FINEXL_VLM_MODEL at FINEXL_VLM_BASE_URL, with FINEXL_VLM_API_KEY

What leaves the machine: pictures of a few pairs, at most 512 pixels wide, encoded anew from their pixels, and our question. No file name,
no prompt, no metadata. What comes back is only ever data: phrases, cut to a few words, that are then tested on other pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from finexl.hub import find
from finexl.proposers import ProposerError
from finexl.proposers.vlm.client import Client
from finexl.proposers.vlm.endpoints import (
    IN_PROCESS,
    PROVIDERS,
    Endpoint,
    configured,
    endpoint,
    limits,
)
from finexl.proposers.vlm.local import LocalModel
from finexl.proposers.vlm.proposer import Asks, Vlm
from finexl.store import default_cache_dir
from finexl.store.replies import ReplyStore
from finexl.types import Concept

__all__ = ["IN_PROCESS", "PROVIDERS", "Endpoint", "ProposerError", "Vlm", "configured", "endpoint", "vlm"]


def vlm(spec: str, concepts: Sequence[Concept], local_only: bool = False, cache: bool = True) -> Vlm:
    """The proposer that a spec such as "openai:gpt-4o" means, with the replies it was given before unless `cache` is off.

    Raises:
        UnknownNameError: no such provider.
        InputError: the model in this process is nowhere, or a limit is no number.
        ProposerError: no model is named, or its address or key is in no variable.
    """
    most = limits()
    client: Callable[[], Asks]
    if spec.startswith(f"{IN_PROCESS}:"):
        place = find(spec.partition(":")[2])
        where = Endpoint(spec, f"{IN_PROCESS}:{place.version}", place.version)
        client = partial(LocalModel, place)
    else:
        where = endpoint(spec)
        client = partial(Client, where, most.timeout)
    return Vlm(
        where,
        concepts,
        client,
        ReplyStore(default_cache_dir() / "replies.sqlite", "read-write" if cache else "off"),
        max_calls=most.calls,
        max_cost=most.cost,
        local_only=local_only,
    )
