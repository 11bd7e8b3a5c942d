"""AUTOMATIC1111's web UI, Forge and what else answers /sdapi/v1/txt2img (started with --api).

a1111:http://127.0.0.1:7860                 whatever checkpoint is loaded there, or -O checkpoint=name
a1111:http://127.0.0.1:7860+ink:0.8         with <lora:ink:0.8> in the prompt
"""

from __future__ import annotations

from typing import Any

from PIL import Image
from pydantic import Field

from finexl.errors import InputError
from finexl.generators.protocol import Traits
from finexl.generators.services.http import Server, decode
from finexl.generators.services.service import Service
from finexl.generators.specs import split_spec
from finexl.options import Options, Settings, read_options
from finexl.types import Probe

SEEDS = 2**32
NOTE = "The images come from a server, whose weights cannot be checked: they are as good as it is constant."


class A1111Settings(Settings):
    """Options of the family `a1111`; None leaves a setting to the server."""

    checkpoint: str | None = None
    steps: int | None = Field(None, ge=1)
    guidance: float | None = Field(None, ge=0)
    sampler: str | None = None
    width: int | None = Field(None, ge=16)
    height: int | None = Field(None, ge=16)
    negative: str | None = None
    timeout: float = Field(300.0, gt=0)


def load(rest: str, options: Options) -> Service:
    """A generator from what follows "a1111:"."""
    settings = read_options(A1111Settings, options, "a1111")
    url, _, adapters = rest.partition("+")
    loras = split_spec(adapters) if adapters else []
    server = Server(url, settings.timeout)
    words = "".join(f" <lora:{name}:{strength:g}>" for name, strength in loras)
    fixed = _fixed(settings)

    def draw(probe: Probe) -> Image.Image:
        reply = server.post(
            "/sdapi/v1/txt2img", {**fixed, "prompt": f"{probe.prompt}{words}", "seed": probe.seed % SEEDS}
        )
        images = reply.get("images") if isinstance(reply, dict) else None
        if not isinstance(images, list) or not images:
            raise InputError(f"{server.address} sent a reply without images. Is it a web UI with --api?")
        return decode(images[0], server.address)

    told = {"server": server.address, "loras": loras, **settings.model_dump(exclude={"timeout"})}
    return Service(
        f"a1111:{server.address}{rest[len(url) :]}", told, draw, server.close, Traits(notes=(NOTE,))
    )


def _fixed(settings: A1111Settings) -> dict[str, Any]:
    names = {
        "steps": settings.steps,
        "cfg_scale": settings.guidance,
        "sampler_name": settings.sampler,
        "width": settings.width,
        "height": settings.height,
        "negative_prompt": settings.negative,
    }
    fixed: dict[str, Any] = {name: value for name, value in names.items() if value is not None}
    if settings.checkpoint:
        fixed["override_settings"] = {"sd_model_checkpoint": settings.checkpoint}
    return {**fixed, "n_iter": 1, "batch_size": 1, "send_images": True, "save_images": False}
