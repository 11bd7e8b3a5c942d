"""An adapter on a pipeline, proven to be there: a file for another model may load with a mere warning and do nothing."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from finexl.errors import FinexlError, InputError
from finexl.generators.adapters import AdapterFile, Origin
from finexl.generators.diffusion.inversions import load_inversion, rewrite
from finexl.generators.diffusion.loras import load_lora
from finexl.generators.diffusion.lycoris_files import load_lycoris
from finexl.memory import is_out_of_memory

log = logging.getLogger("finexl")

STEPS = 4  # the fewest that every scheduler takes
SHOWING = (1.0, 1e4, 1e8, 1e16)
"""Strengths at which an adapter has to change an image: rounding may hide a tiny one at its own, zero weights hide at all."""


@dataclass
class Attached:
    """One adapter on one pipeline.

    Attributes:
        name: under which the pipeline knows it.
        peft: whether the pipeline itself switches it (set_adapters).
        networks: of LyCORIS; none for others.
        words: of a textual inversion: as it is written in prompts -> the token it was loaded under.
        modules: how many it is attached to.
    """

    name: str
    peft: bool = False
    networks: Sequence[Any] = ()
    words: dict[str, str] = field(default_factory=dict)
    modules: int = 0
    applied: bool = False

    def switch(self, strength: float) -> None:
        """Set the strength of LyCORIS networks; the pipeline sets that of LoRAs for all of them at once."""
        for network in self.networks:
            if strength and not self.applied:
                network.apply_to()
            if not strength and self.applied:
                network.restore()
            if strength:
                network.set_multiplier(strength)
        self.applied = bool(strength)

    def rewrite(self, prompt: str) -> str:
        """The prompt with the words of a textual inversion replaced by its token."""
        return rewrite(prompt, self.words)


def attach(pipe: Any, file: AdapterFile, name: str, wants: Origin, base: str) -> Attached:
    """Load an adapter, and make sure that it changes what the model computes.

    Args:
        name: free on this pipeline, and never used again if the adapter is refused.
    Raises:
        InputError: it does not fit the base, attaches to no module, or changes nothing.
    """
    with warnings.catch_warnings():
        # Several adapters on one model, one of them taken off again, is what is meant here.
        warnings.filterwarnings("ignore", "Already found a `peft_config`|Adapter .* was active which is now")
        attached = _proven(pipe, file, name, wants, base)
    _tell_of_leftovers(attached, file)
    return attached


def _proven(pipe: Any, file: AdapterFile, name: str, wants: Origin, base: str) -> Attached:
    try:
        attached = _loaded(pipe, file, name)
        if not attached.words and not attached.modules:
            raise InputError(f"{_misfit(file, wants, base)} (it attached to no module)")
        if not attached.words and not _changes_something(pipe, attached):
            raise InputError(
                f"{str(file.path)!r} attached to {base!r} but changes nothing: its weights are zero, or only parts that "
                "this pipeline does not use were trained."
            )
    except BaseException as error:
        with suppress(Exception):  # what was left half loaded, if anything
            pipe.delete_adapters(name)
        if isinstance(error, FinexlError) or not isinstance(error, Exception) or is_out_of_memory(error):
            raise
        raise InputError(_failure(error, file, wants, base)) from error
    return attached


def _loaded(pipe: Any, file: AdapterFile, name: str) -> Attached:
    if file.kind == "textual inversion":
        return Attached(name, words=load_inversion(pipe, file, f"<{name.replace('_', '-')}>"))
    if file.kind == "lycoris":
        networks = load_lycoris(pipe, file)
        if networks or hasattr(pipe, "unet"):
            return Attached(name, networks=networks, modules=sum(len(n.loras) for n in networks))
    return Attached(name, peft=True, modules=load_lora(pipe, file, name))


def _failure(error: Exception, file: AdapterFile, wants: Origin, base: str) -> str:
    """Each layout fails in its own way where shapes or names do not match."""
    reason = " ".join(str(error).split())[:200]
    if "infer state dict type" in reason:
        return (
            f"{str(file.path)!r} trains only some of the text encoder's attention layers, which diffusers cannot read. "
            "Train all of them or none, or remove the keys that begin with lora_te."
        )
    return f"{_misfit(file, wants, base)} ({type(error).__name__}: {reason})"


def _misfit(file: AdapterFile, wants: Origin, base: str) -> str:
    return f"{str(file.path)!r} does not fit the base {base!r}: it wants {wants}. Give that base first, or -O base=..."


def _tell_of_leftovers(attached: Attached, file: AdapterFile) -> None:
    """Libraries leave out what they cannot place, with a warning at most."""
    ends = (".lora_down.weight", ".lora_A.weight", ".lora.down.weight", "_lora.down.weight", ".hada_w1_a")
    named = sum(key.endswith(ends) for key in file.shapes)
    if attached.modules and attached.modules < named:
        log.warning(
            "%s: only %d of its %d modules found a place in the base; the others were left out.",
            file.path.name,
            attached.modules,
            named,
        )


def _changes_something(pipe: Any, attached: Attached) -> bool:
    """Whether a tiny image comes out otherwise with the adapter than without, by any amount at all."""
    import torch

    side = 16 * int(getattr(pipe, "vae_scale_factor", 8))

    def sample(strength: float) -> Any:
        _switch(pipe, attached, strength)
        noise = torch.Generator("cpu").manual_seed(0)
        with torch.inference_mode():
            return pipe(
                "a photo",
                width=side,
                height=side,
                num_inference_steps=STEPS,
                generator=noise,
                output_type="latent",
            ).images

    try:
        without = sample(0.0)
        return any(not torch.equal(without, sample(strength)) for strength in SHOWING)
    finally:
        _switch(pipe, attached, 0.0)


def _switch(pipe: Any, attached: Attached, strength: float) -> None:
    attached.switch(strength)
    if attached.peft and strength:
        pipe.enable_lora()
        pipe.set_adapters([attached.name], [strength])
    elif attached.peft:
        pipe.disable_lora()
