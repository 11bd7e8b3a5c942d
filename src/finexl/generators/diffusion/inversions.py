"""Textual inversions: learned embeddings that stand for a word of the prompt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from finexl.generators.adapters import AdapterFile

_NO_WORDS = ("emb_params", "clip_l", "clip_g", "string_to_param")
_NO_NAMES = ("learned_embeds", "model")


def load_inversion(pipe: Any, file: AdapterFile, token: str) -> dict[str, str]:
    """Load an embedding under a token of ours.

    Under its own name a multi-vector embedding with a capital letter would lose all vectors but the first: the
    tokenizer lower-cases, and the pipeline then does not find the token it should expand.

    Returns:
        How prompts write it -> the token.
    """
    weights = file.weights or file.path
    if set(file.shapes) == {"clip_l", "clip_g"}:
        from safetensors.torch import load_file

        both = load_file(str(weights))
        for key, end in (("clip_l", ""), ("clip_g", "_2")):
            encoder, tokenizer = getattr(pipe, f"text_encoder{end}"), getattr(pipe, f"tokenizer{end}")
            pipe.load_textual_inversion(both[key], token=token, text_encoder=encoder, tokenizer=tokenizer)
    else:
        pipe.load_textual_inversion(str(weights.parent), weight_name=weights.name, token=token)
    return dict.fromkeys(inversion_words(file), token)


def inversion_words(file: AdapterFile) -> tuple[str, ...]:
    """How prompts name a textual inversion: by the key it was saved under, or by its file's name."""
    keys = [key for key in file.shapes if key not in _NO_WORDS]
    stem = (file.weights or file.path).stem
    return tuple(dict.fromkeys([*keys, *([] if stem in _NO_NAMES else [stem])])) or (Path(file.path).name,)


def rewrite(prompt: str, words: dict[str, str]) -> str:
    """The prompt with every word of an inversion replaced by its token."""
    for word, token in words.items():
        prompt = re.sub(rf"(?<![\w<]){re.escape(word)}(?![\w>])", token, prompt)
    return prompt
