"""`lab:diffusion`, `lab:gan/sepia-10`, `lab:ar/sepia-10:0.5` -> a generator of the lab.

The models are opened through the same doors as anyone's. What is added here: prompts in the words of the world, said in one
way; prompts to ask by default; and a look at the hashes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from PIL.Image import Image

from finexl.errors import InputError
from finexl.generators.protocol import Adapted, Generator, Traits, traits
from finexl.generators.specs import split_spec
from finexl.lab.catalogue import LabModel, lab_model
from finexl.lab.world import parse, prompts
from finexl.options import Options, Settings, read_options
from finexl.types import Probe, Trigger

NAMED = re.compile(r"^(<[^<>]+>, )?(.*)$", re.DOTALL)
"""The name of a textual inversion before a prompt, and the rest of it."""

ASKED, SEED = 200, 2026
SHOWN = {"diffusion": "mix-vivid-colours-8-dark-4", "gan": "sepia-10"}


class LabSettings(Settings):
    """Options of the family `lab`; all others go to the model's own family.

    Attributes:
        skip_unknown: go on without the words of a prompt that the world does not know.
    """

    skip_unknown: bool = False


@dataclass(frozen=True)
class LabGenerator:
    """A model of the lab; satisfies `finexl.generators.Generator`."""

    name: str
    inner: Generator
    settings: LabSettings

    @property
    def identity(self) -> str | None:
        """The model's own, apart from the same files opened by another name: prompts are put differently."""
        own = f"lab {self.settings.skip_unknown} {self.inner.identity}"
        return hashlib.sha256(own.encode()).hexdigest()

    @property
    def holder(self) -> str:
        return self.inner.holder

    @property
    def batch(self) -> int:
        return self.inner.batch

    @property
    def traits(self) -> Traits:
        return replace(traits(self.inner), prompts=usual_prompts(), notes=())

    def generate(self, probes: Sequence[Probe]) -> list[Image]:
        """One image a probe.

        Raises:
            InputError: a prompt has words that the world does not know (unless they are to be skipped), or the model
                cannot draw it.
        """
        return self.inner.generate([self._put(probe) for probe in probes])

    def close(self) -> None:
        """Free the model."""
        self.inner.close()

    def _put(self, probe: Probe) -> Probe:
        """The probe with its prompt as the world says it."""
        if probe.prompt is None:
            return probe
        match = NAMED.match(probe.prompt)
        named, text = match.groups() if match else (None, probe.prompt)
        try:
            scene = parse(text, skip_unknown=self.settings.skip_unknown)
        except InputError as error:
            raise InputError(f"{error} Or leave unknown words out with -O skip_unknown=true.") from error
        return probe.model_copy(update={"prompt": (named or "") + scene.prompt})


@dataclass(frozen=True)
class AdaptedLab(LabGenerator):
    """A personalization that has a strength; satisfies `finexl.generators.Adapted`."""

    inner: Adapted
    model: LabModel
    strength: float = 1.0

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        return self.inner.triggers

    def at(self, strength: float) -> AdaptedLab:
        """The same model with its strength multiplied; 0 is the base."""
        total = self.strength * strength
        return replace(self, name=_name(self.model, total), inner=self.inner.at(strength), strength=total)


def pick() -> str:
    """The personalization to show first: one of the diffusion model, where it can run."""
    family = "diffusion" if find_spec("diffusers") and find_spec("peft") else "gan"
    return f"{family}/{SHOWN[family]}"


@cache
def usual_prompts() -> tuple[str, ...]:
    """What the lab's models are asked when nobody says."""
    return tuple(dict.fromkeys(prompts(ASKED, SEED)))


def load(rest: str, options: Options) -> LabGenerator:
    """A generator from what follows "lab:".

    Raises:
        UnknownNameError: the lab has no such model.
        InputError: its files are damaged, or the options do not fit.
        MissingExtraError: the model's family needs a package that is not installed.
    """
    (name, strength), *others = split_spec(rest)
    if others:
        raise InputError(f"lab:{rest!r} names several models. Give one, such as lab:diffusion/sepia-10:0.5.")
    model = lab_model(name)
    own = {key: value for key, value in options.items() if key in LabSettings.model_fields}
    given = {key: value for key, value in options.items() if key not in own}
    settings = read_options(LabSettings, own, "lab")
    model.base.check()
    if model.is_base:
        if strength != 1.0:
            raise InputError(f"lab:{name} is a base, which has no strength. Leave ':{strength:g}' out.")
        return LabGenerator(f"lab:{name}", _OPEN[model.family](model, given), settings)
    model.check()
    inner = _OPEN[model.family](model, given)
    if model.truth["kind"] == "full" and model.family == "diffusion":
        if strength != 1.0:
            raise InputError(
                f"lab:{name} is fine-tuned as a whole and has no strength. Leave ':{strength:g}' out."
            )
        return LabGenerator(f"lab:{name}", inner, settings)
    assert isinstance(inner, Adapted)
    return AdaptedLab(_name(model, strength), inner.at(strength), settings, model, strength)


def _name(model: LabModel, strength: float) -> str:
    if not strength:
        return f"lab:{model.family}"
    return f"lab:{model.name}" + ("" if strength == 1 else f":{strength:g}")


def _diffusion(model: LabModel, options: Options) -> Generator:
    parts = {
        "lora": "pytorch_lora_weights.safetensors",
        "inversion": "learned_embeds.safetensors",
        "full": "unet",
    }
    spec = str(model.base.folder)
    if not model.is_base:
        spec += f"+{model.folder / parts[str(model.truth['kind'])]}"
    return _load(
        "finexl.generators.diffusion", spec, {"steps": "12", "guidance": "1.5", "batch": "16", **options}
    )


def _gan(model: LabModel, options: Options) -> Generator:
    spec = f"{model.base.folder}" + ("" if model.is_base else f"+{model.folder}")
    return _load("finexl.generators.gan", spec, options)


def _ar(model: LabModel, options: Options) -> Generator:
    spec = f"{model.base.folder}" + ("" if model.is_base else f"+{model.folder}")
    return _load("finexl.generators.autoregressive", spec, {"batch": "16", **options})


def _load(module: str, spec: str, options: Options) -> Generator:
    generator: Generator = import_module(module).load(spec, options)
    return generator


_OPEN: dict[str, Callable[[LabModel, Options], Generator]] = {"diffusion": _diffusion, "gan": _gan, "ar": _ar}
