"""The same probes through our door and by direct calls of the library."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline

from finexl import InputError, Probe
from finexl.generators import load_generator

PROBES = [Probe(prompt=f"a cat {i}", seed=i) for i in range(3)]
SMALL = {"steps": "2", "width": "32", "height": "32"}
CLOSE = 1  # of 255: batches and single calls differ in the last digits of float32, and so may the rounding


def ours(spec, probes=PROBES, **options):
    return pixels(load_generator(f"diffusers:{spec}", SMALL | options).generate(probes))


def pixels(images):
    return np.stack([np.asarray(image) for image in images]).astype(int)


def direct(pipe, probes=PROBES, **options):
    """One plain library call a probe."""
    pipe.set_progress_bar_config(disable=True)
    images = []
    for probe in probes:
        noise = torch.Generator("cpu").manual_seed(probe.seed)
        call = {"num_inference_steps": 2, "width": 32, "height": 32} | options
        images.append(pipe(probe.prompt, generator=noise, **call).images[0])
    return pixels(images)


def plain(base):
    return DiffusionPipeline.from_pretrained(base, local_files_only=True)


def refusal(spec, probes=PROBES, **options):
    with pytest.raises(InputError) as caught:
        ours(spec, probes, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message
