"""What generators write into their images: the prompt and the seed.

AUTOMATIC1111 and its like write a text `parameters` (PNG) or a user comment (JPEG, WebP), ComfyUI its whole workflow. All of it
may have been written by anybody: it is only ever text and a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from finexl.generators.images import FORMATS

EXIF, USER_COMMENT = 0x8769, 0x9286
TEXTS = ("text", "text_g", "t5xxl", "clip_l", "prompt", "string", "value")
CONDITIONS = ("positive", "conditioning", "conditioning_1", "conditioning_to", "guider")
SEEDS = ("seed", "noise_seed", "noise", "value")
"""Inputs of ComfyUI's nodes that lead to a prompt or to a seed."""

Nodes = Mapping[str, Mapping[str, Any]]
"""Node -> its inputs."""


@dataclass(frozen=True)
class Written:
    """What an image was made from, as far as it says: None where it does not."""

    prompt: str | None = None
    seed: int | None = None


def read_metadata(path: str | Path) -> Written:
    """The prompt and seed that an image file holds; its pixels are not decoded.

    Example:
        >>> read_metadata("00012-ink.png")      # doctest: +SKIP
        Written(prompt='a red boat', seed=965400086)
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            info = dict(image.info)
            comment = image.getexif().get_ifd(EXIF).get(USER_COMMENT)
    except Exception:  # no image or a damaged one: that is said where its pixels are read
        return Written()
    told = info.get("parameters") or _comment(comment)
    if isinstance(told, str):
        return _parameters(told)
    return _workflow(info.get("prompt"))


def clean(text: str) -> str | None:
    """A prompt as plain words: without what only a web UI understands, on one line; None if nothing is left.

    Example:
        >>> clean("(a cat:1.2) on a mat <lora:ink:0.8>")
        'a cat on a mat'
    """
    text = re.sub(r"<\w+:[^<>]*>", " ", text)
    text = re.sub(r"(?<!\\)\(([^()\\]*):\s*[\d.]+\s*\)", r"\1", text)
    return " ".join(text.encode("utf-8", "replace").decode().split()) or None


def _comment(raw: Any) -> str | None:
    """The user comment of Exif: eight bytes that name its code, then the text."""
    if not isinstance(raw, bytes):
        return None
    code = "utf-16-be" if raw.startswith(b"UNICODE\0") else "utf-8"
    return raw[8:].decode(code, "replace") or None


def _parameters(text: str) -> Written:
    """What a web UI writes: the prompt, "Negative prompt: ...", "Steps: 20, Sampler: Euler, Seed: 5, ..."."""
    prompt = re.split(r"(?:^|\n)(?:Negative prompt:|Steps: \d)", text)[0]
    seed = re.search(r"(?:^|\n)Steps: \d.*?\bSeed: (\d{1,20})\b", text)
    return Written(clean(prompt), int(seed[1]) if seed else None)


def _workflow(text: Any) -> Written:
    """What the samplers of a ComfyUI workflow are told to draw; nothing where they are told different things."""
    try:
        flow = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        flow = None
    nodes: dict[str, Mapping[str, Any]] = {
        key: node["inputs"]
        for key, node in (flow.items() if isinstance(flow, dict) else ())
        if isinstance(node, dict) and isinstance(node.get("inputs"), dict)
    }
    samplers = [
        inputs
        for inputs in nodes.values()
        if any(isinstance(inputs.get(name), list) for name in ("positive", "guider"))
        and any(name in inputs for name in SEEDS)
    ]
    prompts = {_find(nodes, inputs, (*TEXTS, *CONDITIONS), str) for inputs in samplers}
    seeds = {_find(nodes, inputs, SEEDS, int) for inputs in samplers}
    prompt = prompts.pop() if len(prompts) == 1 else None
    return Written(clean(prompt) if prompt else None, seeds.pop() if len(seeds) == 1 else None)


def _find(nodes: Nodes, inputs: Mapping[str, Any], names: tuple[str, ...], kind: type) -> Any:
    """The first value of that kind among the inputs, or in the nodes that they are linked to, each visited once."""
    waiting, seen = [inputs], {id(inputs)}
    while waiting:
        current = waiting.pop(0)
        for name in names:
            value = current.get(name)
            if isinstance(value, kind) and not isinstance(value, bool):
                return value
            there = nodes.get(str(value[0])) if isinstance(value, list) and value else None
            if there is not None and id(there) not in seen:
                seen.add(id(there))
                waiting.append(there)
    return None
