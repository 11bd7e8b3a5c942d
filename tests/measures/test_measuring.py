"""Known measures of known changes, with DINOv2 and CLIP of random weights where a model is needed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModel

from finexl import InputError
from finexl.encoders import load_encoder
from finexl.generators import pair_images
from finexl.measures import measure
from finexl.storing import embed_pairs
from looks import Looks
from tiny_encoders import shelf

PROMPTS = ["a cat", "two boats", "a cat", "two boats", "red", "red"]


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return shelf(tmp_path_factory.mktemp("encoders"))


@pytest.fixture
def pairing(scenes):
    return pair_images(scenes(6), scenes(6, "darker"))


@pytest.fixture
def no_models(monkeypatch, tmp_path):
    """A hub cache with nothing in it."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))


def measured(pairing, encoder=None, prompts=None, **options):
    encoder = load_encoder(encoder or Looks())
    found = embed_pairs(encoder, pairing, False, lambda *_: None)
    return measure(pairing, encoder, found.base, found.personalized, prompts, **options)


def by_name(found):
    return {m.name: m for m in found.measures}


def test_pixel_distance_of_solid_pictures_is_known(no_models):
    black, gray, white = (Image.new("RGB", (40, 30), c) for c in ("black", (51, 51, 51), "white"))
    found = by_name(measured(pair_images([black, black], [white, white])))["pixel distance"]
    assert (found.value, found.low, found.high, found.encoder) == (1.0, 1.0, 1.0, None)
    found = by_name(measured(pair_images([black, white], [gray, white])))["pixel distance"]
    assert found.value == pytest.approx(0.1)
    assert (found.low, found.high) == pytest.approx((0, 0.2))


def test_pictures_of_different_sizes_are_compared_at_one(no_models, scenes):
    smaller = [image.resize((48, 48)) for image in scenes(4)]
    assert by_name(measured(pair_images(scenes(4), smaller)))["pixel distance"].value < 0.03


def test_no_change_measures_nothing(no_models, scenes, models):
    found = measured(
        pair_images(scenes(5), scenes(5)), prompts=["a cat"] * 5, drift_encoder=str(models("dinov2"))
    )
    assert [m.name for m in found.measures] == [
        "drift",
        "pixel distance",
        "CLIP score change",
        "diversity change",
    ]
    assert [m.value for m in found.measures] == pytest.approx([0, 0, 0, 0], abs=1e-6)
    assert found.notes == ()


def test_drift_is_that_of_direct_calls(pairing, models, home):
    found = by_name(measured(pairing, drift_encoder=str(models("dinov2"))))["drift"]
    processor = AutoImageProcessor.from_pretrained(models("dinov2"))
    model = AutoModel.from_pretrained(models("dinov2")).eval()
    with torch.inference_mode():
        base, personalized = (
            model(**processor(images=list(side), return_tensors="pt")).last_hidden_state[:, 0]
            for side in (pairing.base, pairing.personalized)
        )
    expected = (1 - torch.nn.functional.cosine_similarity(base, personalized)).mean() / 2
    assert found.value == pytest.approx(float(expected), abs=1e-6)
    assert found.low < found.value < found.high
    assert found.encoder == str(models("dinov2"))


def test_clip_score_change_is_that_of_direct_calls(pairing, models, no_models):
    spec = f"clip:{models('clip')}"
    found = by_name(measured(pairing, spec, PROMPTS))["CLIP score change"]
    encoder = load_encoder(spec)
    texts = encoder.encode_texts(PROMPTS)
    scores = [
        [100 * max(float(encoder.encode_images(encoder.prepare(image)[None])[0] @ text), 0) for image, text in zip(side, texts, strict=True)]
        for side in (pairing.base, pairing.personalized)
    ]  # fmt: skip
    assert found.value == pytest.approx(np.mean(scores[1]) - np.mean(scores[0]), abs=1e-4)
    assert found.low < found.value < found.high
    assert found.encoder == spec


def test_intervals_are_over_prompts_with_their_seeds(pairing, no_models):
    alone = by_name(measured(pairing))["pixel distance"]
    grouped = by_name(measured(pairing, prompts=PROMPTS))["pixel distance"]
    assert grouped.value == alone.value
    assert (grouped.low, grouped.high) != (alone.low, alone.high)
    assert by_name(measured(pairing, prompts=PROMPTS)) == by_name(measured(pairing, prompts=PROMPTS))


def test_without_prompts_there_is_no_clip_score(pairing, no_models):
    assert list(by_name(measured(pairing))) == ["pixel distance", "diversity change"]


def test_a_model_that_is_not_there_is_a_note_and_how_to_get_it(pairing, no_models):
    (note,) = measured(pairing).notes
    assert "facebook/dinov2-base" in note
    assert "hf download" in note


def test_a_model_that_was_named_must_be_there(pairing):
    with pytest.raises(InputError, match="does not exist"):
        measured(pairing, drift_encoder="./nowhere")


def test_unpaired_sets_have_no_distance_between_their_pairs(scenes, models):
    pairing = pair_images(scenes(6), scenes(6, "darker"), how="unpaired")
    found = measured(pairing, prompts=PROMPTS, drift_encoder=str(models("dinov2")))
    assert list(by_name(found)) == ["CLIP score change", "diversity change"]
    assert "compare the two images of one prompt and seed" in found.notes[0]


def test_as_many_prompts_as_pairs(pairing):
    with pytest.raises(InputError, match="2 prompts for 6 pairs"):
        measured(pairing, prompts=["a", "b"])


def test_progress_ends_at_the_number_of_pairs(scenes, no_models):
    said = []
    measured(pair_images(scenes(40), scenes(40, "paler")), progress=lambda *what: said.append(what))
    assert said[0][1:] == (0, 40)
    assert said[-1][1:] == (40, 40)


def test_features_are_kept_between_runs(pairing, models, home):
    first = measured(pairing, drift_encoder=str(models("dinov2")))
    from finexl.store import EmbeddingStore, default_cache_dir

    with EmbeddingStore(default_cache_dir() / "embeddings.sqlite") as store:
        assert store.info().count == 12
    assert measured(pairing, drift_encoder=str(models("dinov2"))) == first
