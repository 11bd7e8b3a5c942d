"""Generators of images from random numbers (GANs and their like), in forms that run no code of strangers.

    gan:faces.onnx                  ONNX, run by onnxruntime
    gan:faces.pt2                   torch.export (extra `gan`)
    gan:faces.pt?                   TorchScript, which can run code: only with -O unsafe_code=true and -O latent=512
    gan:folder+tuned.safetensors:0.8   a fine-tune at a strength, where the network has adjustable weights
    gan:folder                      config.json {"latent": 64, "classes": 0, "range": "-1,1"} beside model.onnx or model.pt2

Both models get the same z, drawn by numpy's Philox from the probe's seed, so it is the same on every device. A pickle (.pkl,
as StyleGAN's) is never loaded: export its generator to ONNX.
"""

from __future__ import annotations

from finexl.generators.gan.adapters import AdaptedGan
from finexl.generators.gan.generator import GanGenerator
from finexl.generators.gan.loading import load

__all__ = ["AdaptedGan", "GanGenerator", "load"]
