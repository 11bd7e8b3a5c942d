"""Image towers without a text tower: DINOv2, tiny and random, through our door and by direct calls."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from transformers import AutoImageProcessor, AutoModel

from finexl import InputError
from finexl.encoders import Encoder, ImageEncoder, embed
from finexl.encoders.transformers_images import (
    EncoderSettings,
    device_and_dtype,
    image_tower,
    local_image_tower,
)
from finexl.errors import UnknownNameError
from scenery import scene
from tiny_encoders import shelf

PICTURES = [scene(i, 90 + 7 * i).crop((0, 0, 60 + 5 * i, 80)) for i in range(5)]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return shelf(tmp_path_factory.mktemp("encoders"))


@pytest.fixture
def hub_cache(models, tmp_path, monkeypatch):
    """The hub's local cache with DINOv2 in it, laid out as huggingface_hub lays it out."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    repo = tmp_path / "models--facebook--dinov2-base"
    shutil.copytree(models("dinov2"), repo / "snapshots" / COMMIT)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(COMMIT)
    return tmp_path


def test_features_are_the_class_tokens_of_direct_calls(models):
    encoder = image_tower(str(models("dinov2")))
    processor = AutoImageProcessor.from_pretrained(models("dinov2"))
    model = AutoModel.from_pretrained(models("dinov2")).eval()
    with torch.inference_mode():
        tokens = model(**processor(images=PICTURES, return_tensors="pt")).last_hidden_state[:, 0]
    expected = torch.nn.functional.normalize(tokens, dim=-1).numpy()
    found = np.concatenate([v for _, v in embed(encoder, PICTURES, lambda image: image)])
    assert np.abs(found - expected).max() < 1e-5
    assert encoder.dimensions == 32
    assert isinstance(encoder, ImageEncoder)
    assert not isinstance(encoder, Encoder)


def test_a_model_in_the_local_cache_is_found_without_the_network(hub_cache):
    encoder = local_image_tower("facebook/dinov2-base")
    assert encoder.name == "facebook/dinov2-base"
    assert encoder.encode_images(encoder.prepare(PICTURES[0])[None]).shape == (1, 32)


def test_a_model_that_is_not_there_is_no_error(hub_cache):
    assert local_image_tower("facebook/dinov2-large") is None


def test_the_same_weights_have_the_same_identity_by_commit(hub_cache, models):
    again = local_image_tower("facebook/dinov2-base")
    assert local_image_tower("facebook/dinov2-base").identity == again.identity
    assert (
        image_tower(f"{models('dinov2')}?dtype=bfloat16").identity
        != image_tower(str(models("dinov2"))).identity
    )


def test_an_encoder_of_both_is_no_image_tower(models):
    encoder = image_tower(str(models("clip")))
    with pytest.raises(InputError, match=r"CLIPModel, which is no image tower.*facebook/dinov2-base"):
        encoder.encode_images(encoder.prepare(PICTURES[0])[None])


def test_options_are_checked(models):
    with pytest.raises(UnknownNameError, match="Did you mean 'batch'"):
        image_tower(f"{models('dinov2')}?bach=3")


@pytest.mark.parametrize(
    ("options", "gpu", "expected"),
    [
        ({}, False, ("cpu", "float32")),
        ({}, True, ("cuda", "float16")),
        ({"device": "cpu"}, True, ("cpu", "float32")),
        ({"device": "cuda:1", "dtype": "bfloat16"}, True, ("cuda:1", "bfloat16")),
    ],
)
def test_half_precision_on_a_gpu_alone(options, gpu, expected):
    assert device_and_dtype(EncoderSettings(**options), gpu) == expected
