"""A Stable Diffusion pipeline of diffusers -> the single file that other programs exchange, names and all."""

from __future__ import annotations

import re

RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip
OUTER = {
    "conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "conv_norm_out": "out.0", "conv_out": "out.2",
}  # fmt: skip
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def original(pipe):
    """Its tensors under the names of the original code."""
    state = {}
    layers = pipe.unet.config.layers_per_block
    for key, value in pipe.unet.state_dict().items():
        state[f"model.diffusion_model.{unet_name(key, layers)}"] = value.contiguous()
    blocks = len(pipe.vae.config.block_out_channels)
    for key, value in pipe.vae.state_dict().items():
        name = vae_name(key, blocks)
        square = re.search(r"attn_1\.(q|k|v|proj_out)\.weight", name)
        state[f"first_stage_model.{name}"] = (value[:, :, None, None] if square else value).contiguous()
    for key, value in pipe.text_encoder.state_dict().items():
        bare = key.removeprefix("text_model.")
        state[f"cond_stage_model.transformer.text_model.{bare}"] = value.contiguous()
    return state


def unet_name(key, layers):
    """down_blocks.1.resnets.0.conv1.weight -> input_blocks.3.0.in_layers.2.weight"""
    for ours, theirs in OUTER.items():
        if key.startswith(f"{ours}."):
            return key.replace(ours, theirs, 1)
    mid = re.match(r"mid_block\.(resnets|attentions)\.(\d+)\.(.*)", key)
    if mid:
        place = 1 if mid[1] == "attentions" else 2 * int(mid[2])
        return f"middle_block.{place}.{resnet_name(mid[3])}"
    side, block, kind, layer, rest = re.match(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.*)", key).groups()
    at, wide = int(block), layers + (side == "up")
    if kind == "downsamplers":
        return f"input_blocks.{(at + 1) * (layers + 1)}.0.{rest.replace('conv', 'op')}"
    if kind == "upsamplers":
        return f"output_blocks.{at * wide + layers}.{2 if at == 0 else 1}.{rest}"
    first = 1 + at * (layers + 1) if side == "down" else at * wide
    place = f"{'input' if side == 'down' else 'output'}_blocks.{first + int(layer)}"
    return f"{place}.{int(kind == 'attentions')}.{resnet_name(rest)}"


def resnet_name(rest):
    head, _, tail = rest.partition(".")
    return f"{RESNET.get(head, head)}.{tail}"


def vae_name(key, blocks):
    """decoder.up_blocks.0.resnets.1.conv_shortcut.weight -> decoder.up.1.block.1.nin_shortcut.weight"""
    key = key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    key = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", key)
    if "mid_block.attentions.0" in key:
        key = key.replace("mid_block.attentions.0", "mid.attn_1")
        for ours, theirs in ATTENTION.items():
            key = key.replace(f".{ours}.", f".{theirs}.")
    key = re.sub(r"down_blocks\.(\d)\.resnets", r"down.\1.block", key)
    key = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", key)
    key = re.sub(r"up_blocks\.(\d)\.resnets", lambda m: f"up.{blocks - 1 - int(m[1])}.block", key)
    return re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{blocks - 1 - int(m[1])}.upsample", key)
