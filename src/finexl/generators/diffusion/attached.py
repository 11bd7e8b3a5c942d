"""An adapter on a pipeline, proven to be there: a file for another model may load with a mere warning and do nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finexl.errors import InputError, MissingExtraError
from finexl.generators.adapters import AdapterFile, Origin


@dataclass
class Attached:
    """One adapter on one pipeline.

    Attributes:
        name: under which the pipeline knows it.
        peft: whether the pipeline itself switches it (set_adapters).
        network: of LyCORIS; None for others.
        words: of a textual inversion: as it is written in prompts -> the token it was loaded under.
    """

    name: str
    peft: bool = False
    network: Any = None
    words: Mapping[str, str] | None = None
    applied: bool = False

    def switch(self, strength: float) -> None:
        """Set the strength of a LyCORIS network; the pipeline sets that of LoRAs for all of them at once."""
        if self.network is None:
            return
        if strength and not self.applied:
            self.network.apply_to()
        if not strength and self.applied:
            self.network.restore()
        self.applied = bool(strength)
        if strength:
            self.network.set_multiplier(strength)

    def rewrite(self, prompt: str) -> str:
        """The prompt with the words of a textual inversion replaced by its token."""
        for word, token in (self.words or {}).items():
            prompt = re.sub(rf"(?<![\w<]){re.escape(word)}(?![\w>])", token, prompt)
        return prompt


def attach(pipe: Any, file: AdapterFile, name: str, wants: Origin, base: str) -> Attached:
    """Load an adapter, and make sure that it changes what the model computes.

    Raises:
        InputError: it does not fit the base, attaches to no module, or changes nothing.
    """
    if file.kind == "textual inversion":
        return _inversion(pipe, file, name, wants, base)
    try:
        attached = _lycoris(pipe, file, name) if _needs_lycoris(file) else _lora(pipe, file, name)
    except (InputError, MissingExtraError):
        raise
    except Exception as error:  # each layout fails in its own way where shapes or names do not match
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{_misfit(file, wants, base)} ({type(error).__name__}: {reason})") from error
    if attached is None:
        raise InputError(f"{_misfit(file, wants, base)} (it attached to no module)")
    if not _changes_something(pipe, attached):
        raise InputError(
            f"{str(file.path)!r} attached to {base!r} but changes nothing: its weights are zero, or only parts that this "
            "pipeline does not use were trained."
        )
    return attached


def _misfit(file: AdapterFile, wants: Origin, base: str) -> str:
    return f"{str(file.path)!r} does not fit the base {base!r}: it wants {wants}. Give that base first, or -O base=..."


def _needs_lycoris(file: AdapterFile) -> bool:
    """diffusers reads LoRA layouts; of LyCORIS it reads none of Stable Diffusion's."""
    return file.kind == "lycoris"


def _lora(pipe: Any, file: AdapterFile, name: str) -> Attached | None:
    if not hasattr(pipe, "load_lora_weights"):
        raise InputError(
            f"the pipeline {type(pipe).__name__} takes no LoRA. Give a fine-tuned component's folder instead."
        )
    assert file.weights is not None
    if file.kind == "peft":
        _load_peft(pipe, file, name)
    else:
        pipe.load_lora_weights(str(file.weights.parent), weight_name=file.weights.name, adapter_name=name)
    listed = {found for names in pipe.get_list_adapters().values() for found in names}
    return Attached(name, peft=True) if name in listed else None


def _load_peft(pipe: Any, file: AdapterFile, name: str) -> None:
    """A PEFT folder names modules of the denoiser without its prefix, and its scale in adapter_config.json."""
    from safetensors.torch import load_file

    denoiser = "unet" if hasattr(pipe, "unet") else "transformer"
    state = {
        key.removeprefix("base_model.model."): value for key, value in load_file(str(file.weights)).items()
    }
    parts = ("unet.", "transformer.", "text_encoder")
    named = {key if key.startswith(parts) else f"{denoiser}.{key}": value for key, value in state.items()}
    rank = file.config.get("r")
    alpha = file.config.get("lora_alpha", rank)
    if rank and alpha is not None:
        import torch

        scale = float(alpha) / (float(rank) ** 0.5 if file.config.get("use_rslora") else float(rank))
        for key in [key for key in named if key.endswith("lora_B.weight")]:
            named[key] = named[key] * torch.tensor(
                scale, dtype=named[key].dtype
            )  # alpha == rank from here on
    pipe.load_lora_weights(named, adapter_name=name)


def _lycoris(pipe: Any, file: AdapterFile, name: str) -> Attached | None:
    try:
        from lycoris import create_lycoris_from_weights
    except ImportError as error:
        raise MissingExtraError("reading LyCORIS files", "lycoris") from error
    from safetensors.torch import load_file

    denoiser = getattr(pipe, "unet", None) or pipe.transformer
    state = {
        key.replace("lora_unet_", "lycoris_").replace("lora_transformer_", "lycoris_"): value.to(
            denoiser.dtype
        )
        for key, value in load_file(str(file.weights)).items()
    }
    network, _ = create_lycoris_from_weights(1.0, None, denoiser, state)
    if not network.loras:
        return None
    network.to(denoiser.device)
    return Attached(name, network=network)


def _inversion(pipe: Any, file: AdapterFile, name: str, wants: Origin, base: str) -> Attached:
    """Load an embedding under a token of ours.

    Under its own name a multi-vector embedding with a capital letter would lose all vectors but the first: the
    tokenizer lower-cases, and the pipeline then does not find the token it should expand.
    """
    token = f"<finexl-{name.rsplit('_', 1)[-1]}>"
    weights: Any = file.path if file.weights is None else file.weights
    try:
        if set(file.shapes) == {"clip_l", "clip_g"}:
            from safetensors.torch import load_file

            both = load_file(str(weights))
            pipe.load_textual_inversion(
                both["clip_l"], token=token, text_encoder=pipe.text_encoder, tokenizer=pipe.tokenizer
            )
            pipe.load_textual_inversion(
                both["clip_g"], token=token, text_encoder=pipe.text_encoder_2, tokenizer=pipe.tokenizer_2
            )
        else:
            pipe.load_textual_inversion(str(weights.parent), weight_name=weights.name, token=token)
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{_misfit(file, wants, base)} ({type(error).__name__}: {reason})") from error
    return Attached(name, words=dict.fromkeys(inversion_words(file), token))


def inversion_words(file: AdapterFile) -> tuple[str, ...]:
    """How prompts name a textual inversion: by the key it was saved under, or by its file's name."""
    keys = [key for key in file.shapes if key not in ("emb_params", "clip_l", "clip_g", "string_to_param")]
    stem = (file.weights or file.path).stem
    return tuple(dict.fromkeys([*keys, *([] if stem in ("learned_embeds", "model") else [stem])])) or (
        Path(file.path).name,
    )


def _changes_something(pipe: Any, attached: Attached) -> bool:
    """Whether one step of a tiny image comes out otherwise with the adapter than without, by any amount at all."""
    import torch

    def sample() -> Any:
        side = 8 * int(getattr(pipe, "vae_scale_factor", 8)) * 2
        noise = torch.Generator("cpu").manual_seed(0)
        with torch.inference_mode():
            return pipe(
                "a photo",
                width=side,
                height=side,
                num_inference_steps=1,
                generator=noise,
                output_type="latent",
            ).images

    _switch(pipe, attached, 0.0)
    without = sample()
    _switch(pipe, attached, 1.0)
    changed = not torch.equal(without, sample())
    _switch(pipe, attached, 0.0)
    return changed


def _switch(pipe: Any, attached: Attached, strength: float) -> None:
    attached.switch(strength)
    if attached.peft and strength:
        pipe.enable_lora()
        pipe.set_adapters([attached.name], [strength])
    elif attached.peft:
        pipe.disable_lora()
