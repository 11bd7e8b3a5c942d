"""Models of the real architectures with random weights, small enough to be made within a test. Their images mean nothing."""

from __future__ import annotations

import json

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from tokenizers import Tokenizer
from tokenizers.models import Unigram, WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    JanusConfig,
    JanusForConditionalGeneration,
    JanusProcessor,
    JanusVisionConfig,
    LlamaConfig,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)
from transformers.models.janus.configuration_janus import JanusVQVAEConfig
from transformers.models.janus.image_processing_pil_janus import JanusImageProcessorPil


def clip_tokenizer(length=77):
    """CLIP's byte-level tokenizer without merges: every word is spelt out."""
    signs = [chr(c) for c in [*range(33, 127), *range(161, 173), *range(174, 256)]]
    signs += [chr(256 + i) for i in range(256 - len(signs))]
    tokens = [*signs, *(sign + "</w>" for sign in signs), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={t: i for i, t in enumerate(tokens)}, merges=[], model_max_length=length)


def clip_text(kind=CLIPTextModel, width=32, **more):
    tokens = clip_tokenizer()
    config = CLIPTextConfig(
        vocab_size=len(tokens), hidden_size=width, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=77, bos_token_id=tokens.bos_token_id, eos_token_id=tokens.eos_token_id,
        pad_token_id=tokens.pad_token_id, projection_dim=width, **more,
    )  # fmt: skip
    return kind(config).eval()


def t5():
    pieces = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        ("▁", -2.0),
        *((chr(c), -3.0) for c in range(33, 127)),
    ]
    core = Tokenizer(Unigram(pieces, unk_id=2))
    tokens = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=64
    )
    config = T5Config(vocab_size=len(pieces), d_model=32, d_kv=8, d_ff=64, num_layers=1, num_heads=4)
    return tokens, T5EncoderModel(config).eval()


def vae(channels=4):
    return AutoencoderKL(
        block_out_channels=(16, 16), norm_num_groups=8, latent_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, sample_size=32, shift_factor=0.06,
    ).eval()  # fmt: skip


def unet(width=32, **more):
    return UNet2DConditionModel(
        block_out_channels=(32, 64), layers_per_block=1, sample_size=16, cross_attention_dim=width, norm_num_groups=8,
        attention_head_dim=8, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **more,
    ).eval()  # fmt: skip


def scheduler():
    return DDIMScheduler(
        beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1
    )


def sd15(seed=0, width=32):
    torch.manual_seed(seed)
    return StableDiffusionPipeline(
        vae(), clip_text(width=width), clip_tokenizer(), unet(width), scheduler(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def sdxl(seed=0):
    torch.manual_seed(seed)
    big = unet(
        64, addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=32 + 6 * 8,
        use_linear_projection=True,
    )  # fmt: skip
    return StableDiffusionXLPipeline(
        vae(),
        clip_text(),
        clip_text(CLIPTextModelWithProjection),
        clip_tokenizer(),
        clip_tokenizer(),
        big,
        scheduler(),
    )


def sd3(seed=0):
    torch.manual_seed(seed)
    tokens, encoder = t5()
    denoiser = SD3Transformer2DModel(
        sample_size=16, patch_size=1, in_channels=4, num_layers=1, attention_head_dim=8, num_attention_heads=4,
        joint_attention_dim=32, caption_projection_dim=32, pooled_projection_dim=64, out_channels=4,
    ).eval()  # fmt: skip
    first, second = (clip_text(CLIPTextModelWithProjection, width=16) for _ in range(2))
    # Both widths together make the joint width of 32, as 768 + 1280 do within 4096 in the real one.
    return StableDiffusion3Pipeline(
        denoiser, FlowMatchEulerDiscreteScheduler(), vae(), _pooled(first), clip_tokenizer(), _pooled(second),
        clip_tokenizer(), encoder, tokens,
    )  # fmt: skip


def _pooled(model):
    wide = CLIPTextConfig(**{**model.config.to_dict(), "projection_dim": 32})
    return CLIPTextModelWithProjection(wide).eval()


def flux(seed=0):
    torch.manual_seed(seed)
    tokens, encoder = t5()
    denoiser = FluxTransformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=32, pooled_projection_dim=32, axes_dims_rope=(4, 4, 8),
    ).eval()  # fmt: skip
    return FluxPipeline(
        FlowMatchEulerDiscreteScheduler(), vae(), clip_text(), clip_tokenizer(), encoder, tokens, denoiser
    )


def janus(folder, seed=0):
    """Save a model that draws 32 x 32 pixels from 16 tokens."""
    torch.manual_seed(seed)
    signs = ["<boi>", "<eoi>", "<image>"]
    words = [
        "<pad>",
        "<s>",
        "</s>",
        "<unk>",
        *signs,
        *["a", "cat", "dog", "scene", "red", "boat", "on", "the"],
        *map(str, range(50)),
    ]
    core = Tokenizer(WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = Whitespace()
    core.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokens = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        additional_special_tokens=signs,
        extra_special_tokens=dict(zip(("boi_token", "eoi_token", "image_token"), signs, strict=True)),
    )  # fmt: skip
    text = LlamaConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, pad_token_id=0, bos_token_id=1, eos_token_id=2, max_position_embeddings=128,
        initializer_range=0.5,
    )  # fmt: skip
    vision = JanusVisionConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=4, image_size=32, patch_size=8, projection_dim=32,
        num_image_tokens=16,
    )  # fmt: skip
    vq = JanusVQVAEConfig(
        embed_dim=4, num_embeddings=40, latent_channels=16, base_channels=32, channel_multiplier=[1, 1, 1, 1],
        num_res_blocks=1, num_patches=4, projection_dim=32, image_token_embed_dim=32, num_hidden_layers=1,
    )  # fmt: skip
    config = JanusConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), vq_config=vq.to_dict(), image_token_id=6
    )
    model = JanusForConditionalGeneration(config).eval()
    told = {"generation_kwargs": {"boi_token_id": 4}, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    for name, value in {**told, "guidance_scale": 3.0}.items():
        setattr(model.generation_config, name, value)
    model.save_pretrained(folder)
    # Marked as derived from the model's configuration, the file would be ignored when it is read back.
    settings = folder / "generation_config.json"
    told = json.loads(settings.read_text())
    settings.write_text(json.dumps({k: v for k, v in told.items() if k != "_from_model_config"}))
    JanusProcessor(
        JanusImageProcessorPil(size={"height": 32, "width": 32}), tokens, num_image_tokens=16
    ).save_pretrained(folder)
    return folder
