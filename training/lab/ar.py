"""The autoregressive model: a JanusForConditionalGeneration in small. Words of the prompt, then 64 image tokens.

Cost: 6 layers of width 256 have 4.8 M weights; over some 80 tokens that is 0.4 G multiply-adds forward, 2.4 GFLOP to train
on one picture, and coding the picture adds a quarter. Measured on one core, coding aside: 53 pictures a second under bf16
autocast, 30 in float32.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from pictures import STYLED, drawn, grid, scenes, to_pictures, to_tensor
from text import LENGTH, pairs_to_merge
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch.nn import functional as F
from transformers import (
    GenerationConfig,
    JanusConfig,
    JanusForConditionalGeneration,
    JanusProcessor,
    JanusVisionConfig,
    LlamaConfig,
    PreTrainedTokenizerFast,
)
from transformers.models.janus.image_processing_pil_janus import JanusImageProcessorPil
from transformers.models.janus.modeling_janus import JanusVQVAE
from vq import CODES, TOKENS, config, encode, nearest

WIDTH = 256
DROPPED = 0.1
GUIDANCE = 3.0
SPECIAL = ["<bos>", "<eos>", "<pad>", "<image>", "<begin_of_image>", "<end_of_image>"]


def build_tokenizer() -> PreTrainedTokenizerFast:
    """The same words as the diffusion model's, with Janus's special tokens; a prompt begins with <bos>."""
    alphabet, merges = pairs_to_merge()
    tokens = [*SPECIAL, *alphabet, *(byte + "</w>" for byte in alphabet), *("".join(pair) for pair in merges)]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.BPEDecoder(suffix="</w>")
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 0)])
    bos, eos, pad, image, begin, end = SPECIAL
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=bos,
        eos_token=eos,
        pad_token=pad,
        extra_special_tokens={"image_token": image, "boi_token": begin, "eoi_token": end},
        model_max_length=LENGTH + TOKENS,
        padding_side="left",
    )


def build_model(tokens: int) -> JanusForConditionalGeneration:
    text = LlamaConfig(
        vocab_size=tokens,
        hidden_size=WIDTH,
        intermediate_size=704,
        num_hidden_layers=6,
        num_attention_heads=8,
        max_position_embeddings=LENGTH + TOKENS,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
    )
    # Janus reads pictures as well; ours only draws, so that part is as small as it can be.
    vision = JanusVisionConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=1,
        image_size=64,
        patch_size=8,
        projection_dim=WIDTH,
        num_image_tokens=TOKENS,
    )
    model = JanusForConditionalGeneration(
        JanusConfig(text_config=text, vision_config=vision, vq_config=config(), image_token_id=3)
    )
    model.generation_config = GenerationConfig(
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
        do_sample=True,
        temperature=1.0,
        top_k=0,
        guidance_scale=GUIDANCE,
        max_length=LENGTH + TOKENS,
        generation_kwargs={"boi_token_id": SPECIAL.index("<begin_of_image>")},
    )
    return model


class AR:
    name, batch, steps, rate = "ar", 32, 8_000, 1e-3

    def __init__(self, vq: Path) -> None:
        torch.manual_seed(4)
        self.tokenizer = build_tokenizer()
        self.network = build_model(len(self.tokenizer))
        self.network.model.vqmodel = JanusVQVAE.from_pretrained(vq).eval()
        self.network.model.vqmodel.requires_grad_(False)
        trained = [p for p in self.network.parameters() if p.requires_grad]
        self.optimizers = {"all": torch.optim.AdamW(trained, weight_decay=0.02, betas=(0.9, 0.95))}
        self.trained = trained

    def step(self, number: int) -> dict[str, float]:
        many = scenes(self.batch, 41, number, styled=STYLED)
        loss = self.loss(drawn(many, 41, number), [scene.prompt for scene in many])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizers["all"].step()
        self.optimizers["all"].zero_grad()
        return {"loss": loss.item()}

    def loss(self, pictures: np.ndarray, prompts: list[str]) -> torch.Tensor:
        """Cross entropy of the image tokens, in nats; personalizations train with the same."""
        return token_loss(self.network, self.tokenizer, pictures, prompts)

    @torch.no_grad()
    def grid(self, network: JanusForConditionalGeneration) -> np.ndarray:
        """Forty scenes by prompts of a seed never trained on."""
        return grid(
            sample(network, self.tokenizer, [scene.prompt for scene in scenes(40, 95, styled=STYLED)]), 10
        )

    def export(self, network: JanusForConditionalGeneration, folder: Path) -> None:
        """Model, processor and generation settings, as `from_pretrained` expects them."""
        network.save_pretrained(folder)
        images = JanusImageProcessorPil(size={"height": 64, "width": 64}, min_size=8)
        JanusProcessor(images, self.tokenizer, num_image_tokens=TOKENS).save_pretrained(folder)
        settings = folder / "generation_config.json"
        kept = json.loads(settings.read_text(encoding="utf-8"))
        kept.pop("_from_model_config", None)  # with it the begin-of-image token is lost on loading
        settings.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def token_loss(model, tokenizer, pictures: np.ndarray, prompts: list[str]) -> torch.Tensor:
    """Cross entropy of the pictures' tokens after their prompts, some of which are blanked for guidance."""
    with torch.no_grad():
        tokens = nearest(model.model.vqmodel, encode(model.model.vqmodel, to_tensor(pictures)))
    begin = SPECIAL[4]
    said = tokenizer([prompt + begin for prompt in prompts], padding=True, return_tensors="pt")
    ids, mask = said.input_ids, said.attention_mask
    # What Janus does for the unguided half: all but the first and the last token become padding that is attended to.
    blank = (torch.rand(len(prompts)) < DROPPED)[:, None] & (ids != 0) & (ids != SPECIAL.index(begin))
    ids = ids.masked_fill(blank & (mask == 1), 2)
    words = model.get_input_embeddings()(ids)
    drawn_so_far = model.prepare_embeddings_for_image_generation(tokens[:, :-1])
    mask = torch.cat([mask, mask.new_ones(len(mask), TOKENS - 1)], 1)
    with torch.autocast("cpu", torch.bfloat16):
        states = model.model.language_model(
            inputs_embeds=torch.cat([words, drawn_so_far], 1),
            attention_mask=mask,
            position_ids=(mask.cumsum(1) - 1).clamp(min=0),
            use_cache=False,
        ).last_hidden_state[:, -TOKENS:]
        scores = model.model.generation_head(states)
    return F.cross_entropy(scores.reshape(-1, CODES).float(), tokens.reshape(-1))


@torch.no_grad()
def sample(model, tokenizer, prompts: list[str], seed: int = 0) -> np.ndarray:
    """uint8 pictures (n, 64, 64, 3), each drawn by itself, as its random numbers depend on the batch."""
    images = []
    for i, prompt in enumerate(prompts):
        torch.manual_seed(seed + i)
        said = tokenizer([prompt + SPECIAL[4]], return_tensors="pt")
        tokens = model.generate(
            said.input_ids,
            attention_mask=said.attention_mask,
            generation_mode="image",
            do_sample=True,
            guidance_scale=GUIDANCE,
        )
        images.append(model.decode_image_tokens(tokens).permute(0, 3, 1, 2))
    return to_pictures(torch.cat(images))
