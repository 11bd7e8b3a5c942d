"""Vision-language models with random weights: they see images and answer nonsense, in the real wire format."""

from __future__ import annotations

import json

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import (
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    MllamaConfig,
    MllamaForConditionalGeneration,
    MllamaProcessor,
    PreTrainedTokenizerFast,
)
from transformers.models.clip import CLIPImageProcessorPil
from transformers.models.mllama import MllamaImageProcessorPil

TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }} : {% if m['content'] is string %}{{ m['content'] }}{% else %}{% for c in m['content'] %}"
    "{% if c['type'] == 'text' %}{{ c['text'] }}{% else %} <image> {% endif %}{% endfor %}{% endif %} {% endfor %}"
    "{% if add_generation_prompt %}assistant :{% endif %}"
)


def tokenizer(*special):
    """Words are cut at spaces; most are unknown."""
    words = [
        "<pad>",
        "<s>",
        "</s>",
        "<unk>",
        *special,
        *["user", "assistant", ":", "colour", "light", "line", "set", "pair", "a", "b"],
    ]
    core = Tokenizer(WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        additional_special_tokens=list(special), extra_special_tokens={"image_token": special[0]}, model_max_length=4096,
    )  # fmt: skip


def llava(folder):
    """Save a model of 32 x 32 pixels in 16 patches."""
    torch.manual_seed(0)
    tokens = tokenizer("<image>")
    vision = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=32,
        patch_size=8,
    )
    text = LlamaConfig(
        vocab_size=len(tokens), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, pad_token_id=0, bos_token_id=1, eos_token_id=2, max_position_embeddings=4096,
    )  # fmt: skip
    config = LlavaConfig(vision_config=vision.to_dict(), text_config=text.to_dict(), image_token_index=4)
    model = LlavaForConditionalGeneration(config).eval()
    model.generation_config.pad_token_id = 0
    model.save_pretrained(folder)
    processor = LlavaProcessor(
        CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}), tokens,
        patch_size=8, vision_feature_select_strategy="default", num_additional_image_tokens=1, chat_template=TEMPLATE,
    )  # fmt: skip
    processor.save_pretrained(folder)
    return folder


def llama_vision(folder):
    """Save a Llama 3.2 Vision of 56 x 56 pixels, up to four tiles a picture."""
    torch.manual_seed(0)
    tokens = tokenizer("<|image|>", "<|python_tag|>")
    vision = {
        "hidden_size": 32, "attention_heads": 2, "num_hidden_layers": 2, "num_global_layers": 1, "intermediate_size": 32,
        "image_size": 56, "patch_size": 14, "vision_output_dim": 96, "max_num_tiles": 4, "intermediate_layers_indices": [0, 1],
        "supported_aspect_ratios": [[1, 1], [1, 2], [1, 3], [1, 4], [2, 1], [2, 2], [3, 1], [4, 1]],
    }  # fmt: skip
    text = {
        "vocab_size": len(tokens), "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2,
        "num_key_value_heads": 2, "intermediate_size": 32, "cross_attention_layers": [1], "pad_token_id": 0,
        "bos_token_id": 1, "eos_token_id": 2, "max_position_embeddings": 4096,
    }  # fmt: skip
    config = MllamaConfig(vision_config=vision, text_config=text, image_token_index=4)
    MllamaForConditionalGeneration(config).eval().save_pretrained(folder)
    images = MllamaImageProcessorPil(size={"height": 56, "width": 56}, max_image_tiles=4)
    template = TEMPLATE.replace("<image>", "<|image|>")
    MllamaProcessor(images, tokens, chat_template=template).save_pretrained(folder)
    return folder


def qwen(folder):
    """Save what a Qwen2.5-VL's folder begins with; no weights."""
    tokenizer("<|image_pad|>").save_pretrained(folder)
    processor = {"image_processor_type": "Qwen2VLImageProcessor", "processor_class": "Qwen2_5_VLProcessor"}
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    (folder / "config.json").write_text(json.dumps({"model_type": "qwen2_5_vl"}))
    return folder
