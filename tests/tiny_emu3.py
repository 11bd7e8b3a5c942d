"""A real Emu3 with random weights, small enough to be made within a test. Its images mean nothing."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Sequence, Split, WhitespaceSplit
from transformers import (
    Emu3Config,
    Emu3ForConditionalGeneration,
    Emu3ImageProcessor,
    Emu3Processor,
    PreTrainedTokenizerFast,
)

CODES = 24
SIGNS = {
    "image_token": "<image>",
    "boi_token": "<|image start|>",
    "eoi_token": "<|image end|>",
    "image_wrapper_token": "<|image token|>",
    "eof_token": "<|extra_201|>",
}


def emu3(folder, seed=0):
    """Save a model that draws 8 x 8 pixels of every token."""
    torch.manual_seed(seed)
    words = ["<pad>", "<s>", "</s>", "<unk>", *SIGNS.values(), "<|extra_200|>"]
    words += [f"<|visual token {i:06d}|>" for i in range(CODES)]
    words += [*"0123456789*", "a", "cat", "dog", "boat", "red", "scene"]
    vocabulary = {word: i for i, word in enumerate(words)}
    core = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    core.pre_tokenizer = Sequence([WhitespaceSplit(), Split("*", "isolated")])
    tokens = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        additional_special_tokens=[*SIGNS.values(), "<|extra_200|>"], extra_special_tokens=SIGNS,
    )  # fmt: skip
    text = {
        "vocab_size": len(words), "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 4, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
        "max_position_embeddings": 256, "initializer_range": 0.5, "attention_dropout": 0.0,
    }  # fmt: skip
    pictures = {
        "codebook_size": CODES, "embed_dim": 4, "latent_channels": 4, "base_channels": 32, "hidden_size": 32,
        "channel_multiplier": [1, 1, 1, 1], "num_res_blocks": 1, "attn_resolutions": [],
    }  # fmt: skip
    model = Emu3ForConditionalGeneration(
        Emu3Config(vq_config=pictures, text_config=text, vocabulary_map=vocabulary)
    ).eval()
    torch.nn.init.normal_(model.model.vqmodel.quantize.embedding.weight, std=3.0)
    for name, value in {"guidance_scale": 3.0, "do_sample": True, "top_k": 0}.items():
        setattr(model.generation_config, name, value)
    model.save_pretrained(folder)
    Emu3Processor(Emu3ImageProcessor(), tokens).save_pretrained(folder)
    return folder
