"""Text-to-image pipelines of `diffusers`, with whatever people put on them.

    diffusers:owner/model                         a model of the hub, or a folder with model_index.json
    diffusers:model.safetensors                   a single-file checkpoint
    diffusers:BASE+ink.safetensors:0.8+faces:0.3  a base with adapters at strengths
    diffusers:ink.safetensors                     an adapter on the base that its metadata name (or -O base=...)

An adapter is a LoRA (diffusers, PEFT or kohya layout), a LyCORIS file, a textual inversion, or the folder of a fine-tuned
component such as unet/. Needs the extra `diffusion`; LyCORIS files of kohya for Stable Diffusion 1 also need `lycoris`.
"""

from __future__ import annotations

from finexl.generators.diffusion.generator import DiffusionGenerator, load

__all__ = ["DiffusionGenerator", "load"]
