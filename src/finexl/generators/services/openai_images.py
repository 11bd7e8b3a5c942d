"""OpenAI's image endpoint and its like: POST /v1/images/generations.

    openai-images:gpt-image-1            key and address from OPENAI_API_KEY and OPENAI_BASE_URL, or -O base_url=...

These take no seed: the images of two models are no pairs, content counts as noise, and it takes several times as many.
"""

from __future__ import annotations

import os
from typing import Any

from PIL import Image
from pydantic import Field

from finexl.errors import InputError
from finexl.generators.protocol import Traits
from finexl.generators.services.http import Server, decode, open_image
from finexl.generators.services.service import Service
from finexl.options import Options, Settings, read_options
from finexl.types import Probe

ADDRESS = "https://api.openai.com/v1"
NOTE = (
    "The service takes no seed, so the two sets are no pairs: content differences count as noise, small changes are missed, and "
    "several times as many images are needed."
)


class OpenAiSettings(Settings):
    """Options of the family `openai-images`; the key comes from OPENAI_API_KEY alone, so that no history holds it."""

    base_url: str | None = None
    size: str | None = None
    quality: str | None = None
    timeout: float = Field(180.0, gt=0)


def load(rest: str, options: Options) -> Service:
    """A generator from what follows "openai-images:"."""
    settings = read_options(OpenAiSettings, options, "openai-images")
    if not rest:
        raise InputError("openai-images: name the model, such as openai-images:gpt-image-1.")
    address = settings.base_url or os.environ.get("OPENAI_BASE_URL") or ADDRESS
    key = os.environ.get("OPENAI_API_KEY")
    if not key and address == ADDRESS:
        raise InputError(
            "openai-images: set OPENAI_API_KEY, or -O base_url=... for a server that needs none."
        )
    server = Server(address, settings.timeout, key)
    fixed = {"model": rest, "n": 1, "size": settings.size, "quality": settings.quality}
    body = {name: value for name, value in fixed.items() if value is not None}

    def draw(probe: Probe) -> Image.Image:
        return _image(server, server.post("/images/generations", {**body, "prompt": probe.prompt}))

    told = {"server": server.address, **settings.model_dump(exclude={"timeout"}), "model": rest}
    return Service(f"openai-images:{rest}", told, draw, server.close, Traits(seeded=False, notes=(NOTE,)))


def _image(server: Server, reply: Any) -> Image.Image:
    data = reply.get("data") if isinstance(reply, dict) else None
    first = data[0] if isinstance(data, list) and data else None
    if isinstance(first, dict) and first.get("b64_json"):
        return decode(first["b64_json"], server.address)
    url = first.get("url") if isinstance(first, dict) else None
    if isinstance(url, str) and url.startswith(("http://", "https://")):
        elsewhere = Server(url.partition("?")[0], 60.0)  # without the key: it may be somebody else's server
        try:
            query = dict(part.partition("=")[::2] for part in url.partition("?")[2].split("&") if part)
            return open_image(elsewhere.download("", **query), server.address)
        finally:
            elsewhere.close()
    raise InputError(f"{server.address} sent a reply without an image. Does it make images?")
