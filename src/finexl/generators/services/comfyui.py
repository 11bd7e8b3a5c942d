"""ComfyUI with a workflow of the user's own, saved in its API format.

    comfyui:http://127.0.0.1:8188 -O workflow=flow.json

In the workflow "%prompt%" and "%seed%" stand where they belong; or -O prompt_node=6 -O seed_node=3 name the nodes whose inputs
`text` and `seed` (or `noise_seed`) are set. Two workflows, one of them with the LoRA, make the two sides of a comparison.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import Field

from finexl.errors import InputError
from finexl.generators.protocol import Traits
from finexl.generators.services.a1111 import NOTE
from finexl.generators.services.http import Server, open_image
from finexl.generators.services.service import Service
from finexl.options import Options, Settings, read_options
from finexl.types import Probe

PAUSE = 0.2


class ComfySettings(Settings):
    """Options of the family `comfyui`."""

    workflow: str
    prompt_node: str | None = None
    seed_node: str | None = None
    timeout: float = Field(600.0, gt=0)


def load(rest: str, options: Options) -> Service:
    """A generator from what follows "comfyui:"."""
    settings = read_options(ComfySettings, options, "comfyui")
    server = Server(rest, settings.timeout)
    flow = _workflow(settings)

    def draw(probe: Probe) -> Image.Image:
        asked = server.post("/prompt", {"prompt": fill(flow, settings, probe)})
        job = asked.get("prompt_id") if isinstance(asked, dict) else None
        if not isinstance(job, str):
            raise InputError(f"{server.address} did not take the workflow: {str(asked)[:200]!r}.")
        place = _finished(server, job, settings.timeout)
        raw = server.download(
            "/view", **{k: str(place.get(k, "")) for k in ("filename", "subfolder", "type")}
        )
        return open_image(raw, server.address)

    told = {"server": server.address, "workflow": flow, "nodes": [settings.prompt_node, settings.seed_node]}
    return Service(
        f"comfyui:{server.address}+{Path(settings.workflow).name}",
        told,
        draw,
        server.close,
        Traits(notes=(NOTE,)),
    )


def _workflow(settings: ComfySettings) -> dict[str, Any]:
    path = Path(settings.workflow).expanduser()
    try:
        flow = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"the workflow {str(path)!r} cannot be read as JSON ({error}).") from error
    if (
        not isinstance(flow, dict)
        or "nodes" in flow
        or not all(isinstance(n, dict) and "inputs" in n for n in flow.values())
    ):
        raise InputError(
            f"{str(path)!r} is no workflow in API format. In ComfyUI choose Workflow > Export (API)."
        )
    text = json.dumps(flow)
    for sign, node in (("%prompt%", settings.prompt_node), ("%seed%", settings.seed_node)):
        if node is None and sign not in text:
            name = sign.strip("%")
            raise InputError(
                f"{str(path)!r} has no {sign}. Write it where the {name} belongs, or give -O {name}_node=NUMBER."
            )
        if node is not None and node not in flow:
            raise InputError(f"{str(path)!r} has no node {node!r}. Known: {', '.join(list(flow)[:20])}.")
    return flow


def fill(flow: Mapping[str, Any], settings: ComfySettings, probe: Probe) -> Any:
    """The workflow with prompt and seed in their places."""

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: filled(v) for k, v in value.items()}
        if isinstance(value, list):
            return [filled(v) for v in value]
        if value == "%seed%":
            return probe.seed
        return value.replace("%prompt%", probe.prompt or "") if isinstance(value, str) else value

    made = filled(dict(flow))
    if settings.prompt_node:
        made[settings.prompt_node]["inputs"]["text"] = probe.prompt
    if settings.seed_node:
        inputs = made[settings.seed_node]["inputs"]
        inputs["noise_seed" if "noise_seed" in inputs else "seed"] = probe.seed
    return made


def _finished(server: Server, job: str, timeout: float) -> Mapping[str, Any]:
    """Wait until the job is done; where its first image lies."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        history = server.get(f"/history/{job}")
        entry = history.get(job) if isinstance(history, dict) else None
        if isinstance(entry, dict):
            status = entry.get("status")
            if isinstance(status, dict) and status.get("status_str") == "error":
                raise InputError(
                    f"{server.address} failed on the workflow. Run it once in ComfyUI to see why."
                )
            outputs = entry.get("outputs")
            for output in outputs.values() if isinstance(outputs, dict) else ():
                images = output.get("images") if isinstance(output, dict) else None
                if isinstance(images, list) and images and isinstance(images[0], dict):
                    return images[0]
            raise InputError(f"{server.address}: the workflow saved no image. Add a Save Image node.")
        time.sleep(PAUSE)
    raise InputError(f"{server.address} did not finish in {timeout:g} s. Raise the option timeout.")
