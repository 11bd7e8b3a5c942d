"""A workflow of ComfyUI (API format) and the places in it for prompt and seed."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finexl.errors import InputError

PROMPT, SEED = "%prompt%", "%seed%"
TEXTS = ("text", "text_g", "text_l", "clip_l", "t5xxl", "prompt", "string", "value")
SEEDS = ("seed", "noise_seed", "value")
"""Names that nodes give to such inputs."""

Place = tuple[str, str]
"""(node, input)."""


@dataclass(frozen=True)
class Workflow:
    """A workflow and where it is filled.

    Attributes:
        flow: node -> {"class_type": ..., "inputs": {...}}.
        prompts, seeds: inputs that are replaced as a whole.
    """

    flow: dict[str, Any]
    prompts: tuple[Place, ...]
    seeds: tuple[Place, ...]

    def filled(self, prompt: str, seed: int) -> dict[str, Any]:
        """The workflow with prompt and seed in their places, and their signs replaced within longer texts."""
        made = copy.deepcopy(self.flow)
        for node in made.values():
            for name, value in node["inputs"].items():
                if isinstance(value, str):
                    node["inputs"][name] = value.replace(SEED, str(seed)).replace(PROMPT, prompt)
        for node, name in self.prompts:
            made[node]["inputs"][name] = prompt
        for node, name in self.seeds:
            made[node]["inputs"][name] = seed
        return made


def read_workflow(path: Path, prompt_node: str | None = None, seed_node: str | None = None) -> Workflow:
    """Read a workflow and find its places.

    Args:
        prompt_node, seed_node: nodes to fill where the workflow holds no %prompt% or %seed%.
    Raises:
        InputError: it cannot be read, is not in API format, or has no place for prompt or seed.
    """
    try:
        flow = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"the workflow {str(path)!r} cannot be read as JSON ({error}).") from error
    if not isinstance(flow, dict) or not all(
        isinstance(node, dict) and isinstance(node.get("inputs"), dict) for node in flow.values()
    ):
        raise InputError(
            f"{str(path)!r} is no workflow in API format. In ComfyUI choose Workflow > Export (API)."
        )
    inputs = [(node, name, value) for node in flow for name, value in flow[node]["inputs"].items()]
    seeds = [(node, name) for node, name, value in inputs if value == SEED]
    if prompt_node is None and not any(isinstance(v, str) and PROMPT in v for _, _, v in inputs):
        raise InputError(_missing(path, PROMPT, "prompt", TEXTS, inputs))
    if seed_node is None and not seeds:
        raise InputError(_missing(path, SEED, "seed", SEEDS, inputs))
    prompts = _of_node(path, flow, prompt_node, TEXTS) if prompt_node is not None else ()
    return Workflow(
        flow, prompts, _of_node(path, flow, seed_node, SEEDS) if seed_node is not None else tuple(seeds)
    )


def _missing(
    path: Path, sign: str, what: str, names: tuple[str, ...], inputs: list[tuple[str, str, Any]]
) -> str:
    nodes = ", ".join(dict.fromkeys(node for node, name, _ in inputs if name in names)) or "none"
    return (
        f"{str(path)!r} has no input that is {sign}. Write it where the {what} belongs, or give the option {what}_node=NUMBER "
        f"(candidates: {nodes[:200]})."
    )


def _of_node(path: Path, flow: dict[str, Any], node: str, names: tuple[str, ...]) -> tuple[Place, ...]:
    if node not in flow:
        raise InputError(f"{str(path)!r} has no node {node!r}. Known: {', '.join(list(flow)[:20])}.")
    found = tuple((node, name) for name in flow[node]["inputs"] if name in names)
    if not found:
        raise InputError(
            f"node {node!r} of {str(path)!r} has none of the inputs {', '.join(names)}. Name another node."
        )
    return found
