"""LyCORIS files on a pipeline: diffusers reads few of them, so the networks of lycoris-lora are put around its modules."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from finexl.errors import MissingExtraError
from finexl.generators.adapters import AdapterFile
from finexl.generators.diffusion.loras import denoiser, read_tensors

OURS = "lycoris_"  # what lycoris-lora puts before the names of a model's modules

ORIGINAL = (
    ("input_blocks_0_0", "conv_in"),
    ("input_blocks", "down_blocks"),
    ("middle_block", "mid_block"),
    ("output_blocks", "up_blocks"),
    ("in_layers_2", "conv1"),
    ("out_layers_3", "conv2"),
    ("emb_layers_1", "time_emb_proj"),
    ("skip_connection", "conv_shortcut"),
    ("downsamplers_0_op", "downsamplers_0_conv"),
    ("time_embed_0", "time_embedding_linear_1"),
    ("time_embed_2", "time_embedding_linear_2"),
    ("label_emb_0_0", "add_embedding_linear_1"),
    ("label_emb_0_2", "add_embedding_linear_2"),
)
"""What parts of the UNet are called in the original code, and in diffusers; in this order."""


def load_lycoris(pipe: Any, file: AdapterFile) -> list[Any]:
    """The networks for the denoiser and for each text encoder that the file has weights for; none where nothing fits."""
    try:
        from lycoris import create_lycoris_from_weights
    except ImportError as error:
        raise MissingExtraError("reading LyCORIS files", "lycoris") from error
    logging.getLogger("LyCORIS").setLevel(logging.WARNING)  # it tells of every file on the terminal
    state = read_tensors(file)
    device = getattr(pipe, "_execution_device", "cpu")  # of an offloaded pipeline: where it computes
    networks = []
    for part, prefixes in _parts(pipe):
        named = _named(state, prefixes, part)
        if not named:
            continue
        network, _ = create_lycoris_from_weights(1.0, None, part, named)
        if network.loras:
            networks.append(network.to(device, part.dtype))
    return networks


def _parts(pipe: Any) -> list[tuple[Any, tuple[str, ...]]]:
    """Components, and how trainers begin the names of their modules."""
    found: list[tuple[Any, tuple[str, ...]]] = [(denoiser(pipe), (OURS, "lora_unet_", "lora_transformer_"))]
    for part, prefixes in (("text_encoder", ("lora_te_", "lora_te1_")), ("text_encoder_2", ("lora_te2_",))):
        if getattr(pipe, part, None) is not None:
            found.append((getattr(pipe, part), prefixes))
    return found


def _named(state: Mapping[str, Any], prefixes: tuple[str, ...], part: Any) -> dict[str, Any]:
    """The tensors for one component, under the names that lycoris-lora looks for."""
    mine = {key: value for key, value in state.items() if key.startswith(prefixes)}
    named = {}
    for key, value in _in_our_blocks(mine, part).items():
        prefix = next(p for p in prefixes if key.startswith(p))
        name = key.removeprefix(prefix)
        if not hasattr(part, "text_model"):  # the level that CLIP's encoder lost in transformers 5
            name = name.removeprefix("text_model_")
        named[OURS + name] = value
    return named


def _in_our_blocks(state: dict[str, Any], part: Any) -> dict[str, Any]:
    """SDXL's trainers name the blocks of the original code, and diffusers those of its own."""
    if not any(
        "_input_blocks_" in key or "_output_blocks_" in key or "_middle_block_" in key for key in state
    ):
        return state
    from diffusers.loaders.lora_conversion_utils import _maybe_map_sgm_blocks_to_diffusers

    renamed = {}
    for key, value in _maybe_map_sgm_blocks_to_diffusers(state, part.config).items():
        name, dot, tensor = key.partition(".")
        for theirs, ours in ORIGINAL:
            name = name.replace(theirs, ours)
        renamed[f"{name}{dot}{tensor}"] = value
    return renamed
