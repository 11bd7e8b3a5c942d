"""ComfyUI with a workflow of the user's own, saved in its API format.

    comfyui:http://127.0.0.1:8188?workflow=flow.json

In the workflow "%prompt%" and "%seed%" stand where they belong; or prompt_node=6 and seed_node=3 name the nodes whose inputs are
set. Two workflows, one of them with the LoRA, make the two sides of a comparison. What a Save Image node writes stays on
the server; a Preview Image node does as well and is cleared by itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image
from pydantic import BaseModel, Field

from finexl.errors import InputError
from finexl.generators.protocol import Traits
from finexl.generators.services.http import Server, quoted
from finexl.generators.services.pictures import open_image
from finexl.generators.services.service import CONSTANT, Service, split_address
from finexl.generators.services.workflow import Workflow, read_workflow
from finexl.options import Options, Settings, read_options
from finexl.types import Probe

SHORTEST, LONGEST = 0.1, 1.0
"""Seconds between two questions whether the image is done."""


class ComfySettings(Settings):
    """Options of the family `comfyui`.

    Attributes:
        workflow: file in API format.
        prompt_node, seed_node: where to put prompt and seed, in a workflow without %prompt% and %seed%.
        output_node: which node's image is taken, where several save one.
        timeout: seconds to wait for an image.
    """

    workflow: str
    prompt_node: str | None = None
    seed_node: str | None = None
    output_node: str | None = None
    timeout: float = Field(600.0, gt=0)


class Queued(BaseModel):
    """Reply of /prompt."""

    prompt_id: str


class File(BaseModel):
    """Where an image lies on the server; type is "output", or "temp" for a preview."""

    filename: str
    subfolder: str = ""
    type: str = "output"


class Output(BaseModel):
    """What one node made."""

    images: list[File] = []


class Status(BaseModel):
    """How a job ended."""

    status_str: str = ""
    messages: list[Any] = []


class Job(BaseModel):
    """An entry of /history."""

    outputs: dict[str, Output] = {}
    status: Status | None = None


class ComfyGenerator(Service):
    """Draws with a workflow; satisfies `finexl.generators.Generator`."""

    def __init__(self, server: Server, settings: ComfySettings, workflow: Workflow) -> None:
        file = quote(settings.workflow, safe="/\\: ")
        super().__init__(f"comfyui:{server.address}?workflow={file}", server, Traits(notes=(CONSTANT,)))
        self._settings, self._workflow = settings, workflow

    @property
    def told(self) -> Mapping[str, Any]:
        nodes = self._settings.model_dump(include={"prompt_node", "seed_node", "output_node"})
        return {"server": self.server.address, "workflow": self._workflow.flow, **nodes}

    def draw(self, probe: Probe) -> Image.Image:
        asked = {"prompt": self._workflow.filled(probe.prompt or "", probe.seed)}
        job = self._finished(self.server.post("/prompt", asked, Queued).prompt_id)
        return open_image(self.server.download("/view", self._chosen(job).model_dump()), self.server.address)

    def _finished(self, number: str) -> Job:
        deadline, wait = time.monotonic() + self._settings.timeout, SHORTEST
        while time.monotonic() < deadline:
            job = self.server.get(f"/history/{quote(number, safe='')}", dict[str, Job]).get(number)
            if job is not None and job.status is not None and job.status.status_str == "error":
                raise InputError(f"{self.server.address} failed on the workflow{_reason(job.status)}.")
            if job is not None:
                return job
            time.sleep(wait)
            wait = min(LONGEST, 1.5 * wait)
        raise InputError(
            f"{self.server.address} did not finish in {self._settings.timeout:g} s. Raise the option timeout."
        )

    def _chosen(self, job: Job) -> File:
        """The one image of a job: saved ones count before previews, and more than one is doubt."""
        wanted = self._settings.output_node
        made = [
            (node, file) for node, output in job.outputs.items() for file in output.images
            if wanted in (None, node)
        ]  # fmt: skip
        saved = [(node, file) for node, file in made if file.type == "output"] or made
        if len(saved) == 1:
            return saved[0][1]
        if not saved:
            raise InputError(
                f"{self.server.address}: the workflow made no image{f' in node {wanted}' if wanted else ''}. Add a Save "
                "Image node, and see that it runs in ComfyUI."
            )
        nodes = ", ".join(dict.fromkeys(node for node, _ in saved))
        raise InputError(
            f"{self.server.address}: the workflow made {len(saved)} images (in nodes {nodes}). Choose a node by the option "
            "output_node, and set its batch size to 1."
        )


def load(rest: str, options: Options) -> ComfyGenerator:
    """A generator from what follows "comfyui:"; the server is asked nothing yet.

    Raises:
        InputError: the address, the workflow or an option cannot be used.
        MissingExtraError: httpx2 is not installed.
    """
    url, own = split_address(rest)
    settings = read_options(ComfySettings, {**options, **own}, "comfyui")
    workflow = read_workflow(Path(settings.workflow).expanduser(), settings.prompt_node, settings.seed_node)
    return ComfyGenerator(Server(url, settings.timeout), settings, workflow)


def _reason(status: Status) -> str:
    """What the server says about it, in its own words."""
    for message in status.messages:
        if isinstance(message, list) and len(message) == 2 and message[0] == "execution_error":
            told = message[1] if isinstance(message[1], dict) else {}
            words = {k: told.get(k) for k in ("node_id", "node_type", "exception_message")}
            return f": {quoted(json.dumps(words).encode())}"
    return ". Run it once in ComfyUI to see why"
