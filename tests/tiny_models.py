"""Models of the real architectures with random weights, small enough to be made within a test. Their images mean nothing."""

from __future__ import annotations

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
from tokenizers.models import Unigram
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)


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
