"""Real encoders of transformers, tiny and random, through our door and by direct calls: the same vectors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import (
    AlignConfig,
    AlignModel,
    AutoImageProcessor,
    BertConfig,
    BertModel,
    CLIPConfig,
    CLIPModel,
    PreTrainedTokenizerFast,
    Siglip2Config,
    Siglip2Model,
    SiglipConfig,
    SiglipModel,
)
from transformers.models.clip import CLIPImageProcessorPil
from transformers.models.siglip import SiglipImageProcessorPil

import finexl
from conftest import scene
from finexl import InputError
from finexl.encoders import embed, load_encoder
from finexl.errors import MissingExtraError, UnknownNameError
from finexl.staircase import directions
from tiny_models import clip_tokenizer

pytestmark = pytest.mark.filterwarnings(
    "ignore"
)  # the libraries warn about themselves, each version otherwise

PICTURES = [scene(i, 90 + 7 * i).crop((0, 0, 60 + 5 * i, 80)) for i in range(5)]
TEXTS = ["a cat", "a watercolour painting of two boats", "red"]
CLOSE = 1e-5


def words(window):
    letters = [
        "<pad>",
        "<unk>",
        "</s>",
        *["a", "cat", "watercolour", "painting", "of", "two", "boats", "red", "dark", ",", "the", "and"],
    ]
    core = Tokenizer(WordLevel({w: i for i, w in enumerate(dict.fromkeys(letters))}, unk_token="<unk>"))
    core.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", unk_token="<unk>", eos_token="</s>", model_max_length=window
    )


def small(**more):
    return {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        **more,
    }


def make_clip():
    tokens = clip_tokenizer()
    text = small(vocab_size=len(tokens), max_position_embeddings=77, bos_token_id=tokens.bos_token_id,
                 eos_token_id=tokens.eos_token_id, pad_token_id=tokens.pad_token_id)  # fmt: skip
    config = CLIPConfig(text_config=text, vision_config=small(image_size=32, patch_size=8), projection_dim=24)
    processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return CLIPModel(config), tokens, processor


def make_siglip():
    tokens = words(16)
    text = small(
        vocab_size=len(tokens), max_position_embeddings=16, pad_token_id=0, eos_token_id=2, projection_size=32
    )
    config = SiglipConfig(text_config=text, vision_config=small(image_size=32, patch_size=8))
    return SiglipModel(config), tokens, SiglipImageProcessorPil(size={"height": 32, "width": 32})


def make_align():
    from transformers.models.efficientnet import EfficientNetImageProcessorPil

    tokens = words(20)
    text = small(vocab_size=len(tokens), max_position_embeddings=24, pad_token_id=0)
    vision = {
        "image_size": 64, "hidden_dim": 128, "width_coefficient": 0.25, "depth_coefficient": 0.1, "kernel_sizes": [3, 3],
        "in_channels": [32, 16], "out_channels": [16, 128], "strides": [1, 2], "num_block_repeats": [1, 1],
        "expand_ratios": [1, 6], "depthwise_padding": [], "num_channels": 3,
    }  # fmt: skip
    config = AlignConfig(text_config=text, vision_config=vision, projection_dim=32)
    return (
        AlignModel(config),
        tokens,
        EfficientNetImageProcessorPil(size={"height": 64, "width": 64}, do_center_crop=False),
    )


MAKERS = {"clip": make_clip, "metaclip": make_clip, "siglip": make_siglip, "align": make_align}


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """models("clip"): the folder of a saved encoder."""
    root = tmp_path_factory.mktemp("encoders")

    def make(name):
        if not (root / name).exists():
            torch.manual_seed(0)
            model, tokens, processor = MAKERS[name]()
            for part in (model.eval(), tokens, processor):
                part.save_pretrained(root / name)
        return root / name

    return make


def features(found):
    found = found if hasattr(found, "shape") else found.pooler_output
    return torch.nn.functional.normalize(found, dim=-1).detach().numpy()


@pytest.mark.parametrize("scheme", MAKERS)
def test_vectors_are_those_of_direct_calls(models, scheme):
    folder = models(scheme)
    encoder = load_encoder(f"{scheme}:{folder}")
    from transformers import AutoModel, AutoTokenizer

    model, tokens = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    processor = AutoImageProcessor.from_pretrained(folder)
    with torch.inference_mode():
        images = features(model.get_image_features(**processor(images=PICTURES, return_tensors="pt")))
        if scheme == "siglip":
            ids = tokens(TEXTS, padding="max_length", max_length=16, return_tensors="pt")["input_ids"]
            texts = features(model.get_text_features(input_ids=ids))
        else:
            known = tokens(TEXTS, padding=True, return_tensors="pt")
            known.pop("token_type_ids", None)
            texts = features(model.get_text_features(**known))
    found = np.concatenate([v for _, v in embed(encoder, PICTURES, lambda image: image)])
    assert np.abs(found - images).max() < CLOSE
    assert np.abs(encoder.encode_texts(TEXTS) - texts).max() < CLOSE
    assert encoder.dimensions == found.shape[1]


@pytest.mark.parametrize("scheme", MAKERS)
def test_a_row_does_not_depend_on_its_neighbours(models, scheme):
    encoder = load_encoder(f"{scheme}:{models(scheme)}?batch=2")
    prepared = np.stack([encoder.prepare(picture) for picture in PICTURES])
    together = encoder.encode_images(prepared)
    alone = np.concatenate([encoder.encode_images(row[None]) for row in prepared])
    assert np.abs(together - alone).max() < CLOSE
    texts = np.concatenate([encoder.encode_texts([text]) for text in TEXTS])
    assert np.abs(encoder.encode_texts(TEXTS) - texts).max() < CLOSE


def test_siglip_2_by_its_own_architecture():
    config = Siglip2Config(
        text_config=small(projection_size=32), vision_config=small(num_patches=16, patch_size=8)
    )
    assert Siglip2Model(config).config.model_type == "siglip2"


# --- prompts longer than the window ---


@pytest.mark.parametrize("scheme", MAKERS)
def test_a_concept_counts_however_long_the_prompt(models, scheme):
    encoder = load_encoder(f"{scheme}:{models(scheme)}")
    long = " ".join(["the cat and two boats"] * 60)
    F = directions(encoder, ["watercolour", "red"], [long])
    assert np.linalg.norm(F, axis=1).min() > 1e-4
    assert np.abs(F[0] - F[1]).max() > 1e-4
    assert "1 prompts were cut" in encoder.notes[0]


@pytest.mark.parametrize("scheme", MAKERS)
def test_prompts_within_the_window_are_left_as_they_are(models, scheme):
    encoder = load_encoder(f"{scheme}:{models(scheme)}")
    assert encoder.shorten(["a cat", "two boats"], [", red"]) == ["a cat", "two boats"]
    assert encoder.notes == ()


def test_a_prompt_is_cut_at_its_end_and_by_as_little_as_possible(models):
    encoder = load_encoder(f"siglip:{models('siglip')}")
    long = " ".join(["boats"] * 40)
    (cut,) = encoder.shorten([long], [", red", ", dark watercolour painting"])
    assert len(cut.split()) == 16 - 4
    assert long.startswith(cut)


def test_a_phrase_that_is_too_long_by_itself_keeps_both_ends(models):
    encoder = load_encoder(f"siglip:{models('siglip')}")
    base = ["a", *["cat"] * 40]
    a, b, c = encoder.encode_texts(
        [" ".join([*base, "red"]), " ".join([*base, "dark"]), " ".join(["two", *base[1:], "red"])]
    )
    assert np.abs(a - b).max() > 1e-4
    assert np.abs(a - c).max() > 1e-4


# --- the whole way ---


def test_an_explanation_with_clip(models, folders, home):
    found = finexl.explain(*folders(6), encoder=f"clip:{models('clip')}")
    assert found.provenance.encoder.startswith("clip:")
    assert found.n_pairs == 6


def test_identities_tell_weights_and_settings_apart(models, tmp_path):
    folder = models("clip")
    plain = load_encoder(f"clip:{folder}")
    assert load_encoder(f"metaclip:{folder}").identity == plain.identity
    assert load_encoder(f"clip:{folder}?batch=3").identity == plain.identity
    assert load_encoder(f"clip:{folder}?dtype=bfloat16").identity != plain.identity
    other = tmp_path / "other"
    other.mkdir()
    for file in folder.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
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
    with pytest.raises(UnknownNameError, match="Did you mean 'device'"):
        load_encoder(f"clip:{models('clip')}?devise=cpu")


def test_a_text_only_model_is_said_to_be_one(tmp_path):
    tokens = words(20)
    BertModel(BertConfig(**small(vocab_size=len(tokens)))).save_pretrained(tmp_path)
    tokens.save_pretrained(tmp_path)
    with pytest.raises(InputError, match="does not see images"):
        load_encoder(f"transformers:{tmp_path}").encode_texts(["red"])


def test_a_folder_without_weights_says_what_is_missing(models, tmp_path):
    (tmp_path / "config.json").write_text((models("clip") / "config.json").read_text())
    with pytest.raises(InputError, match="cannot be loaded"):
        load_encoder(f"clip:{tmp_path}").encode_texts(["red"])


def test_open_clip_says_what_it_needs():
    try:
        import open_clip  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtraError, match=r"finexl\[openclip\]"):
            load_encoder("open_clip:ViT-B-32/laion2b_s34b_b79k")
