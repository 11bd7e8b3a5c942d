"""AUTOMATIC1111's web UI, Forge and what else answers /sdapi/v1/txt2img (started with --api).

    a1111:http://127.0.0.1:7860                       whatever checkpoint is loaded there
    a1111:http://127.0.0.1:7860?checkpoint=NAME       another one of its checkpoints (a "+" in it is written %2B)
    a1111:http://127.0.0.1:7860+ink:0.8               with <lora:ink:0.8> behind the prompt

The web UI passes over a LoRA that it does not have or cannot use, so it is asked for its list, and one image is drawn with
and without.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import Any

from PIL import Image, ImageChops
from pydantic import BaseModel, Field

from finexl.errors import InputError, UnknownNameError
from finexl.generators.protocol import Traits
from finexl.generators.services.http import Server
from finexl.generators.services.pictures import decode
from finexl.generators.services.service import CONSTANT, Service, split_address
from finexl.generators.specs import split_spec
from finexl.options import Options, Settings, read_options
from finexl.types import Probe, Trigger

SEEDS = 2**32

Loras = tuple[tuple[str, float], ...]
"""(name, strength) of each."""


class A1111Settings(Settings):
    """Options of the family `a1111`; None leaves a setting to the server.

    Attributes:
        checkpoint: name of a model that the server has.
        steps, guidance, sampler, width, height, negative: of every image.
        timeout: seconds to wait for an image.
    """

    checkpoint: str | None = None
    steps: int | None = Field(None, ge=1)
    guidance: float | None = Field(None, ge=0)
    sampler: str | None = None
    width: int | None = Field(None, ge=16)
    height: int | None = Field(None, ge=16)
    negative: str | None = None
    timeout: float = Field(300.0, gt=0)


class Drawn(BaseModel):
    """Reply of /sdapi/v1/txt2img."""

    images: list[str] = Field(min_length=1)


class Loaded(BaseModel):
    """Reply of /sdapi/v1/options, as far as we read it."""

    sd_model_checkpoint: str | None = None


class Lora(BaseModel):
    """An entry of /sdapi/v1/loras."""

    name: str
    alias: str | None = None
    metadata: dict[str, Any] | None = None


@dataclass
class WebUi:
    """One server with its settings, shared by all views of it.

    Attributes:
        proven: combinations of LoRAs that were seen to change an image.
    """

    server: Server
    settings: A1111Settings
    proven: set[Loras] = field(default_factory=set)

    @cached_property
    def checkpoint(self) -> str | None:
        """The model that draws: the one asked for, or the one that is loaded there now; None if it does not say."""
        return self.settings.checkpoint or self.server.get("/sdapi/v1/options", Loaded).sd_model_checkpoint

    @cached_property
    def known(self) -> dict[str, Lora]:
        """The server's LoRAs by name and by alias."""
        entries = self.server.get("/sdapi/v1/loras", list[Lora])
        return {entry.alias: entry for entry in entries if entry.alias} | {e.name: e for e in entries}

    @cached_property
    def fixed(self) -> dict[str, Any]:
        """What stays the same in all requests. The checkpoint is named each time: someone may change it meanwhile."""
        names = {
            "steps": self.settings.steps,
            "cfg_scale": self.settings.guidance,
            "sampler_name": self.settings.sampler,
            "width": self.settings.width,
            "height": self.settings.height,
            "negative_prompt": self.settings.negative,
        }
        fixed: dict[str, Any] = {name: value for name, value in names.items() if value is not None}
        if self.checkpoint:
            fixed["override_settings"] = {"sd_model_checkpoint": self.checkpoint}
            fixed["override_settings_restore_afterwards"] = False  # would load two models for every image
        return {**fixed, "n_iter": 1, "batch_size": 1, "send_images": True, "save_images": False}

    def draw(self, probe: Probe, loras: Loras) -> Image.Image:
        """One image with these LoRAs."""
        words = "".join(f" <lora:{name}:{strength:g}>" for name, strength in loras)
        asked = {**self.fixed, "prompt": f"{probe.prompt}{words}", "seed": probe.seed % SEEDS}
        reply = self.server.post("/sdapi/v1/txt2img", asked, Drawn)
        return decode(reply.images[0], self.server.address)


class A1111Generator(Service):
    """Draws with a web UI; satisfies `finexl.generators.Adapted`."""

    def __init__(self, ui: WebUi, options: str, loras: Loras) -> None:
        on = [f"+{name}" + ("" if s == 1 else f":{s:g}") for name, s in loras if s]
        super().__init__(
            f"a1111:{ui.server.address}{options}{''.join(on)}", ui.server, Traits(notes=(CONSTANT,))
        )
        self._ui, self._options, self._loras = ui, options, loras
        self._on = tuple((name, s) for name, s in loras if s)

    @property
    def told(self) -> dict[str, Any] | None:
        if self._ui.checkpoint is None:
            return None
        settings = self._ui.settings.model_dump(exclude={"timeout", "checkpoint"})
        return {
            "server": self.server.address, "model": self._ui.checkpoint, "loras": self._on, **settings,
        }  # fmt: skip

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        """The trigger phrases in the files of the LoRAs, as the server tells them."""
        told = [
            ((self._lora(name).metadata or {}).get("modelspec.trigger_phrase")) for name, _ in self._loras
        ]
        texts = [" ".join(text.split()) for text in told if isinstance(text, str) and text.strip()]
        return tuple(Trigger(text=t, source="modelspec.trigger_phrase") for t in dict.fromkeys(texts))

    def at(self, strength: float) -> A1111Generator:
        """The same model with every LoRA's strength multiplied; 0 is the base."""
        return A1111Generator(self._ui, self._options, tuple((n, s * strength) for n, s in self._loras))

    def draw(self, probe: Probe) -> Image.Image:
        for name, _ in self._on:
            self._lora(name)
        image = self._ui.draw(probe, self._on)
        if self._on and self._on not in self._ui.proven:
            if ImageChops.difference(image, self._ui.draw(probe, ())).getbbox() is None:
                raise InputError(
                    f"{self.name!r} draws the same image with and without its LoRA: it is probably for another kind of "
                    "base. The server's log says more."
                )
            self._ui.proven.add(self._on)
        return image

    def _lora(self, name: str) -> Lora:
        found = self._ui.known.get(name)
        if found is None:
            raise UnknownNameError(f"LoRA of {self.server.address}", name, self._ui.known)
        return found


def load(rest: str, options: Options) -> A1111Generator:
    """A generator from what follows "a1111:"; the server is asked nothing yet.

    Raises:
        InputError: the address, a LoRA or an option cannot be used.
        MissingExtraError: httpx2 is not installed.
    """
    where, _, adapters = rest.partition("+")
    url, own = split_address(where)
    settings = read_options(A1111Settings, {**options, **own}, "a1111")
    loras = tuple((_lora_name(part), s) for part, s in (split_spec(adapters) if adapters else ()))
    query = where[len(url) :]
    return A1111Generator(WebUi(Server(url, settings.timeout), settings), query, loras)


def _lora_name(part: str) -> str:
    """A file is known to the web UI by its name without ending."""
    name = PurePath(part).stem if part.lower().endswith(".safetensors") else part
    if any(sign in name for sign in "<>:"):
        raise InputError(
            f"the LoRA {name!r} cannot be named in a prompt: its name holds one of < > :. Rename it."
        )
    return name
