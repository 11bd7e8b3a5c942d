"""OpenAI's image endpoint and its like: POST /v1/images/generations.

    openai-images:gpt-image-1                                       key and address from OPENAI_API_KEY and OPENAI_BASE_URL
    openai-images:MODEL?base_url=http://127.0.0.1:8000/v1           a server of your own

These take no seed: the images of two models are no pairs, content counts as noise, and it takes several times as many.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from pydantic import BaseModel, Field

from finexl.errors import InputError
from finexl.generators.protocol import Traits
from finexl.generators.services.http import Server
from finexl.generators.services.pictures import decode, open_image
from finexl.generators.services.service import Service, split_address
from finexl.options import Options, Settings, read_options
from finexl.types import Probe

ADDRESS = "https://api.openai.com/v1"
NOTE = (
    "The service takes no seed, so the two sets are no pairs: content differences count as noise, small changes are missed, and "
    "several times as many images are needed."
)


class OpenAiSettings(Settings):
    """Options of the family `openai-images`; the key comes from OPENAI_API_KEY alone, so that no history holds it.

    Attributes:
        base_url: of the service, with its /v1.
        size, quality: of every image, in the service's own words.
        timeout: seconds to wait for an image.
    """

    base_url: str | None = None
    size: str | None = None
    quality: str | None = None
    timeout: float = Field(180.0, gt=0)


class Made(BaseModel):
    """One image of a reply: itself, or where it lies."""

    b64_json: str | None = None
    url: str | None = None


class Generated(BaseModel):
    """Reply of /images/generations."""

    data: list[Made] = Field(min_length=1)


class OpenAiGenerator(Service):
    """Draws with an OpenAI-like service; satisfies `finexl.generators.Generator`."""

    def __init__(self, model: str, server: Server, settings: OpenAiSettings) -> None:
        own = "" if server.address == ADDRESS else f"?base_url={server.address}"
        super().__init__(f"openai-images:{model}{own}", server, Traits(seeded=False, notes=(NOTE,)))
        self._model, self._settings = model, settings

    @property
    def told(self) -> Mapping[str, Any]:
        settings = self._settings.model_dump(include={"size", "quality"})
        return {"server": self.server.address, "model": self._model, **settings}

    def draw(self, probe: Probe) -> Image.Image:
        given = {"size": self._settings.size, "quality": self._settings.quality}
        body = {name: value for name, value in given.items() if value is not None}
        asked = {**body, "model": self._model, "n": 1, "prompt": probe.prompt}
        made = self.server.post("/images/generations", asked, Generated).data[0]
        if made.b64_json:
            return decode(made.b64_json, self.server.address)
        if made.url:
            return open_image(self._fetch(made.url), self.server.address)
        raise InputError(f"{self.server.address} sent a reply without an image. Does it make images?")

    def _fetch(self, url: str) -> bytes:
        """The image that lies elsewhere: without the key, and not from whatever place a reply may name."""
        parts = urlsplit(url)
        if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname != self.server.host):
            raise InputError(
                f"{self.server.address} names an image at {(parts.scheme, parts.hostname)}, which is neither https nor on "
                "the same machine. It is not fetched."
            )
        elsewhere = Server(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", self._settings.timeout)
        try:
            return elsewhere.download(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        finally:
            elsewhere.close()


def load(rest: str, options: Options) -> OpenAiGenerator:
    """A generator from what follows "openai-images:".

    Raises:
        InputError: no model, no key where one is needed, or an option that cannot be used.
        MissingExtraError: httpx2 is not installed.
    """
    model, own = split_address(rest)
    settings = read_options(OpenAiSettings, {**options, **own}, "openai-images")
    if not model:
        raise InputError("openai-images: name the model, such as openai-images:gpt-image-1.")
    address = settings.base_url or os.environ.get("OPENAI_BASE_URL") or ADDRESS
    key = os.environ.get("OPENAI_API_KEY")
    if not key and urlsplit(address).hostname == urlsplit(ADDRESS).hostname:
        raise InputError(
            "openai-images: set OPENAI_API_KEY, or -O base_url=... for a server that needs none."
        )
    return OpenAiGenerator(model, Server(address, settings.timeout, key), settings)
