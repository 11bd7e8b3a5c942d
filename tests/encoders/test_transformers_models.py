"""Real encoders of transformers, tiny and random, through our door and by direct calls: the same vectors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer, BertConfig, BertModel

import finexl
from finexl import InputError
from finexl.encoders import Encoder, embed, load_encoder
from finexl.errors import UnknownNameError
from finexl.staircase import directions
from scenery import scene
from tiny_encoders import shelf, small, words

SCHEMES = ("clip", "metaclip", "siglip", "siglip2", "align")
PICTURES = [scene(i, 90 + 7 * i).crop((0, 0, 60 + 5 * i, 80)) for i in range(5)]
TEXTS = ["a cat", "a watercolour painting of two boats", "Red"]
CLOSE = 1e-5


def features(found):
    found = found if hasattr(found, "shape") else found.pooler_output
    return torch.nn.functional.normalize(found, dim=-1).detach().numpy()


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return shelf(tmp_path_factory.mktemp("encoders"))


@pytest.fixture
def encoder(request, models):
    return load_encoder(f"{request.param}:{models(request.param)}")


every_scheme = pytest.mark.parametrize("encoder", SCHEMES, indirect=True)


@every_scheme
def test_images_are_encoded_as_by_direct_calls(encoder, models):
    folder = models(encoder.name.partition(":")[0])
    processor = AutoImageProcessor.from_pretrained(folder)
    with torch.inference_mode():
        inputs = processor(images=PICTURES, return_tensors="pt")
        expected = features(AutoModel.from_pretrained(folder).eval().get_image_features(**inputs))
    found = np.concatenate([v for _, v in embed(encoder, PICTURES, lambda image: image)])
    assert np.abs(found - expected).max() < CLOSE
    assert isinstance(encoder, Encoder)
    assert encoder.dimensions == found.shape[1]


@every_scheme
def test_texts_are_encoded_as_by_direct_calls(encoder, models):
    scheme = encoder.name.partition(":")[0]
    tokens = AutoTokenizer.from_pretrained(models(scheme))
    model = AutoModel.from_pretrained(models(scheme)).eval()
    with torch.inference_mode():
        if scheme.startswith("siglip"):  # as the cards of the models say: lower case, full length
            texts = [text.lower() for text in TEXTS]
            full = model.config.text_config.max_position_embeddings
            ids = tokens(texts, padding="max_length", max_length=full, return_tensors="pt")["input_ids"]
            expected = features(model.get_text_features(input_ids=ids))
        else:
            expected = features(model.get_text_features(**tokens(TEXTS, padding=True, return_tensors="pt")))
    assert np.abs(encoder.encode_texts(TEXTS) - expected).max() < CLOSE


@every_scheme
def test_a_row_does_not_depend_on_its_neighbours(encoder):
    prepared = np.stack([encoder.prepare(picture) for picture in PICTURES])
    together = encoder.encode_images(prepared)
    alone = np.concatenate([encoder.encode_images(row[None]) for row in prepared])
    assert np.abs(together - alone).max() < CLOSE
    texts = np.concatenate([encoder.encode_texts([text]) for text in TEXTS])
    assert np.abs(encoder.encode_texts(TEXTS) - texts).max() < CLOSE
    assert np.array_equal(encoder.encode_images(prepared), together)


@every_scheme
def test_prepared_pictures_are_bytes_of_one_shape(encoder):
    prepared = [encoder.prepare(picture) for picture in PICTURES]
    assert len({array.shape for array in prepared}) == 1
    assert all(array.dtype == np.uint8 for array in prepared)


def test_siglip_reads_lower_case_whatever_its_tokenizer_does(models):
    """Some checkpoints of SigLIP 2 come with a tokenizer that keeps capitals, which the model never saw."""
    encoder = load_encoder(f"siglip:{models('siglip')}")
    assert np.array_equal(*encoder.encode_texts(["Two Boats", "two boats"]))


def test_the_plain_scheme_tells_by_the_configuration(models):
    plain = load_encoder(f"transformers:{models('siglip')}").encode_texts(TEXTS)
    assert np.array_equal(plain, load_encoder(f"siglip:{models('siglip')}").encode_texts(TEXTS))


# --- prompts longer than the window ---


@every_scheme
def test_a_concept_counts_however_long_the_prompt(encoder):
    long = " ".join(["the cat and two boats"] * 40)
    assert len(long.split()) == 200
    F = directions(encoder, ["watercolour", "red"], [long])
    assert np.linalg.norm(F, axis=1).min() > 1e-4
    assert np.abs(F[0] - F[1]).max() > 1e-4
    (note,) = encoder.notes
    assert note.startswith("1 prompt was cut to the encoder's window of")


@every_scheme
def test_the_text_with_the_concept_loses_the_same_words_as_the_one_without(encoder):
    """f(C) is a difference of the two: whatever else they differed by would be taken for the concept."""
    long = " ".join(["the cat and two boats"] * 40)
    concepts = ["red", "dark watercolour painting"]
    (cut,) = encoder.shorten([long], [f", {concept}" for concept in concepts])
    joined = [f"{cut}, {concept}" for concept in concepts]
    assert long.startswith(cut)
    assert encoder.window.within([cut, *joined]) == [cut, *joined]  # none of them is cut again
    expected = encoder.encode_texts(joined) - encoder.encode_texts([cut])
    assert np.abs(directions(encoder, concepts, [long]) - expected).max() < CLOSE


@every_scheme
def test_prompts_within_the_window_are_left_as_they_are(encoder):
    assert encoder.shorten(["a cat", "two boats"], [", red"]) == ["a cat", "two boats"]
    assert encoder.notes == ()


def test_a_script_without_spaces_is_cut_as_well(models):
    encoder = load_encoder(f"clip:{models('clip')}")
    long = "水彩画の港に二艘の舟" * 30
    (cut,) = encoder.shorten([long], [", red"])
    assert 0 < len(cut) < len(long)
    assert np.abs(np.diff(encoder.encode_texts([cut, cut + ", red"]), axis=0)).max() > 1e-4


def test_a_phrase_that_is_too_long_by_itself_keeps_both_ends(models):
    encoder = load_encoder(f"siglip:{models('siglip')}")
    base = ["a", *["cat"] * 40]
    a, b, c = encoder.encode_texts(
        [" ".join([*base, "red"]), " ".join([*base, "dark"]), " ".join(["two", *base[1:], "red"])]
    )
    assert np.abs(a - b).max() > 1e-4
    assert np.abs(a - c).max() > 1e-4


# --- the whole way ---


def test_an_explanation_with_clip(models, folders, home, tmp_path):
    vocabulary = tmp_path / "words.txt"
    vocabulary.write_text("watercolour : medium\ndark : light\nred : colour\n")
    found = finexl.explain(*folders(6), encoder=f"clip:{models('clip')}", vocabulary=vocabulary)
    assert found.provenance.encoder == f"clip:{models('clip')}"
    assert found.n_pairs == 6
    assert found.length.value > 0


def test_a_long_prompt_is_noted_in_the_explanation(models, folders, home, tmp_path):
    vocabulary = tmp_path / "words.txt"
    vocabulary.write_text("watercolour : medium\ndark : light\nred : colour\n")
    prompts = ["a cat", *[f"{' '.join(['two boats'] * 60)} {i}" for i in range(5)]]
    found = finexl.explain(
        *folders(6), prompts, encoder=f"clip:{models('clip')}", vocabulary=vocabulary, cache=False
    )
    assert "5 prompts were cut to the encoder's window of 77 tokens; no concept was." in found.notes


def test_identities_tell_weights_and_settings_apart(models, tmp_path):
    folder = models("clip")
    plain = load_encoder(f"clip:{folder}")
    assert load_encoder(f"metaclip:{folder}").identity == plain.identity
    assert load_encoder(f"clip:{folder}?batch=3").identity == plain.identity
    assert load_encoder(f"clip:{folder}?dtype=float32").identity == plain.identity  # what a CPU gets unasked
    assert load_encoder(f"clip:{folder}?dtype=bfloat16").identity != plain.identity
    other = tmp_path / "other"
    other.mkdir()
    for file in folder.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    assert load_encoder(f"clip:{other}").identity == plain.identity
    state = load_file(other / "model.safetensors")
    first = sorted(state)[3]
    save_file({**state, first: state[first] + 1e-3}, other / "model.safetensors", metadata={"format": "pt"})
    assert load_encoder(f"clip:{other}").identity != plain.identity


def test_half_precision_stays_close(models):
    whole = load_encoder(f"clip:{models('clip')}").encode_texts(TEXTS)
    half = load_encoder(f"clip:{models('clip')}?dtype=bfloat16").encode_texts(TEXTS)
    assert np.abs(np.linalg.norm(half, axis=1) - 1).max() < 1e-3
    assert np.abs(whole - half).max() < 0.05


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("spec", "mend"),
    [
        ("clip:nowhere/at/all", "does not exist"),
        ("clip:{folder}?device", "NAME=VALUE"),
        ("clip:{folder}?dtype=int8", "dtype='int8'"),
    ],
)
def test_specs_that_cannot_be_meant(models, spec, mend):
    with pytest.raises(InputError, match=mend):
        load_encoder(spec.format(folder=models("clip")))


def test_an_unknown_option_names_the_known_ones(models):
    with pytest.raises(
        UnknownNameError, match=r"Did you mean 'device'.*Known: batch, device, dtype, revision"
    ):
        load_encoder(f"clip:{models('clip')}?devise=cpu")


def test_a_device_that_is_not_there(models):
    if torch.cuda.is_available():
        pytest.skip("it is there")
    with pytest.raises(InputError, match=r"cannot be put on 'cuda'.*Try device=cpu"):
        load_encoder(f"clip:{models('clip')}?device=cuda").encode_texts(["red"])


def test_a_text_only_model_is_said_to_be_one(tmp_path):
    tokens = words(20)
    BertModel(BertConfig(**small(vocab_size=len(tokens)))).save_pretrained(tmp_path)
    tokens.save_pretrained(tmp_path)
    with pytest.raises(InputError, match="BertModel, which does not see images and text in one space"):
        load_encoder(f"transformers:{tmp_path}").encode_texts(["red"])


def test_an_image_only_model_is_said_to_be_one(models):
    with pytest.raises(InputError, match="Dinov2Model, which does not see images and text in one space"):
        load_encoder(f"transformers:{models('dinov2')}").encode_texts(["red"])


def test_a_folder_without_weights_says_what_is_missing(models, tmp_path):
    (tmp_path / "config.json").write_text((models("clip") / "config.json").read_text())
    with pytest.raises(InputError, match="cannot be loaded"):
        load_encoder(f"clip:{tmp_path}").encode_texts(["red"])


def test_pickled_weights_are_refused_unless_asked_for(models, tmp_path):
    for file in models("clip").iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    torch.save(load_file(models("clip") / "model.safetensors"), tmp_path / "pytorch_model.bin")
    with pytest.raises(InputError, match="unsafe_pickle=true"):
        load_encoder(f"clip:{tmp_path}").encode_texts(["red"])
    found = load_encoder(f"clip:{tmp_path}?unsafe_pickle=true").encode_texts(TEXTS)
    assert np.abs(found - load_encoder(f"clip:{models('clip')}").encode_texts(TEXTS)).max() < CLOSE


def test_a_batch_that_does_not_fit_is_halved_once(models):
    """Memory runs out inside the library's model, as it does on a GPU."""
    encoder = load_encoder(f"clip:{models('clip')}")
    prepared = np.stack([encoder.prepare(picture) for picture in PICTURES])
    expected = encoder.encode_images(prepared)
    tower, sizes, room = encoder._model.vision_model, [], 3

    def full(module, args, kwargs):
        sizes.append(len(kwargs["pixel_values"]))
        if sizes[-1] > room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    tower.register_forward_pre_hook(full, with_kwargs=True)
    assert np.abs(encoder.encode_images(prepared) - expected).max() < CLOSE
    assert sizes == [5, 3, 2]
    room = 1
    with pytest.raises(InputError, match=r"not even 3 images.*batch=1.*device=cpu"):
        encoder.encode_images(prepared)
