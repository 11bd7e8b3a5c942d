"""Encoders of the real architectures with random weights and tokenizers made here. What they see and read means nothing."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import (
    AlignConfig,
    AlignModel,
    BertTokenizer,
    CLIPConfig,
    CLIPModel,
    Dinov2Config,
    Dinov2Model,
    MetaClip2Config,
    MetaClip2Model,
    PreTrainedTokenizerFast,
    Siglip2Config,
    Siglip2Model,
    Siglip2Tokenizer,
    SiglipConfig,
    SiglipModel,
    XLMRobertaTokenizer,
)
from transformers.models.bit import BitImageProcessorPil
from transformers.models.clip import CLIPImageProcessorPil
from transformers.models.efficientnet import EfficientNetImageProcessorPil
from transformers.models.siglip import SiglipImageProcessorPil
from transformers.models.siglip2 import Siglip2ImageProcessorPil

from tiny_models import clip_tokenizer

WORDS = ["a", "cat", "watercolour", "painting", "of", "two", "boats", "red", "dark", ",", "the", "and"]
LETTERS = [chr(c) for c in range(33, 127)]


def words(window):
    """Every word of the tests is a token."""
    known = {word: i for i, word in enumerate(["<pad>", "<unk>", "</s>", *WORDS])}
    core = Tokenizer(WordLevel(known, unk_token="<unk>"))
    core.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", unk_token="<unk>", eos_token="</s>", model_max_length=window
    )


def small(**more):
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    return {**sizes, **more}


def clip():
    tokens = clip_tokenizer()
    text = small(vocab_size=len(tokens), max_position_embeddings=77, bos_token_id=tokens.bos_token_id,
                 eos_token_id=tokens.eos_token_id, pad_token_id=tokens.pad_token_id)  # fmt: skip
    config = CLIPConfig(text_config=text, vision_config=small(image_size=32, patch_size=8), projection_dim=24)
    processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return CLIPModel(config), tokens, processor


def metaclip():
    """MetaCLIP 2, with the tokenizer of XLM-RoBERTa spelling words out."""
    signs = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    tokens = XLMRobertaTokenizer(
        vocab=[*signs, *((sign, -3.0) for sign in LETTERS), ("<mask>", 0.0)], model_max_length=77
    )
    text = small(vocab_size=len(tokens), max_position_embeddings=77, eos_token_id=2, pad_token_id=1, bos_token_id=0,
                 projection_dim=24)  # fmt: skip
    vision = small(image_size=32, patch_size=8, projection_dim=24)
    processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return (
        MetaClip2Model(MetaClip2Config(text_config=text, vision_config=vision, projection_dim=24)),
        tokens,
        processor,
    )


def siglip():
    tokens = words(16)
    text = small(vocab_size=len(tokens), max_position_embeddings=16, pad_token_id=0, eos_token_id=2, projection_size=32)  # fmt: skip
    config = SiglipConfig(text_config=text, vision_config=small(image_size=32, patch_size=8))
    return SiglipModel(config), tokens, SiglipImageProcessorPil(size={"height": 32, "width": 32})


def siglip2():
    """SigLIP 2 for any aspect ratio ("NaFlex"), with its own lower-casing tokenizer spelling words out."""
    known = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *LETTERS]
    tokens = Siglip2Tokenizer(vocab={sign: i for i, sign in enumerate(known)}, merges=[], model_max_length=64)
    text = small(vocab_size=len(tokens), max_position_embeddings=64, pad_token_id=0, eos_token_id=1, bos_token_id=2,
                 projection_size=32)  # fmt: skip
    config = Siglip2Config(text_config=text, vision_config=small(num_patches=16, patch_size=8))
    return Siglip2Model(config), tokens, Siglip2ImageProcessorPil(patch_size=8, max_num_patches=24)


def align():
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    tokens = BertTokenizer(vocab={word: i for i, word in enumerate(known)}, model_max_length=20)
    text = small(vocab_size=len(tokens), max_position_embeddings=24, pad_token_id=0)
    vision = {
        "image_size": 64, "hidden_dim": 128, "width_coefficient": 0.25, "depth_coefficient": 0.1, "kernel_sizes": [3, 3],
        "in_channels": [32, 16], "out_channels": [16, 128], "strides": [1, 2], "num_block_repeats": [1, 1],
        "expand_ratios": [1, 6], "depthwise_padding": [], "num_channels": 3,
    }  # fmt: skip
    config = AlignConfig(text_config=text, vision_config=vision, projection_dim=32)
    processor = EfficientNetImageProcessorPil(size={"height": 64, "width": 64}, do_center_crop=False)
    return AlignModel(config), tokens, processor


def dinov2():
    config = Dinov2Config(**small(image_size=32, patch_size=8))
    processor = BitImageProcessorPil(size={"shortest_edge": 36}, crop_size={"height": 32, "width": 32})
    return Dinov2Model(config), processor


def shelf(root):
    """shelf(root)("clip"): the folder of an encoder, laid down as its makers publish theirs when first asked for."""

    def folder(name):
        place = root / name
        if not place.exists():
            torch.manual_seed(0)
            model, *others = MAKERS[name]()
            for part in (model.eval(), *others):
                part.save_pretrained(place)
        return place

    return folder


MAKERS = {make.__name__: make for make in (clip, metaclip, siglip, siglip2, align, dinov2)}
