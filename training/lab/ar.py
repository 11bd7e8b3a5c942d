"""The autoregressive model: a JanusForConditionalGeneration in small. Words of the prompt, then 256 image tokens."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from device import DEVICE, adamw, half
from pictures import STYLED, grid, load, scenes, to_pictures
from text import LENGTH, pairs_to_merge
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import Tensor
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
from vq import CODES, TOKENS, WIDTH, config, tokens_of

DROPPED = 0.1
GUIDANCE = 1.5
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
        intermediate_size=512,
        num_hidden_layers=6,
        num_attention_heads=6,
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
        patch_size=4,
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
    name, batch, steps, rate = "ar", 128, 12_000, 1.2e-3

    def __init__(self, root: Path, pool: bool = True) -> None:
        torch.manual_seed(4)
        self.tokenizer = build_tokenizer()
        self.network = build_model(len(self.tokenizer))
        self.network.model.vqmodel = JanusVQVAE.from_pretrained(root / "vq/export", dtype=torch.float32)
        self.network.model.vqmodel.eval().requires_grad_(False)
        self.network.to(DEVICE)
        self.trained = [p for p in self.network.parameters() if p.requires_grad]
        self.optimizers = {"all": adamw(self.trained, weight_decay=0.02, betas=(0.9, 0.95))}
        if pool:
            self.learn_from(*vars(load(root / "pools/plain")).values())

    def learn_from(self, pictures: np.ndarray, prompts: list[str]) -> None:
        """The pictures that batches are chosen from."""
        self.codes, self.words = tokens_of(self.network.model.vqmodel, pictures), self.ids(prompts)

    def ids(self, prompts: list[str]) -> Tensor:
        """Token numbers of prompts and the begin of an image, padded on the left, (n, LENGTH)."""
        said = [prompt + SPECIAL[4] for prompt in prompts]
        return self.tokenizer(
            said, padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt"
        ).input_ids.to(DEVICE)

    def kind(self, number: int) -> None:
        return None

    def inputs(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        chosen = torch.from_numpy(rng.integers(len(self.words), size=self.batch)).to(DEVICE)
        return self.codes[chosen].long(), self.words[chosen]

    def update(self, kind: None, codes: Tensor, words: Tensor) -> dict[str, Tensor]:
        self.optimizers["all"].zero_grad()
        loss = token_loss(self.network, codes, words)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizers["all"].step()
        return {"loss": loss}

    def between(self, number: int, figures: dict[str, Tensor]) -> None:
        pass

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


def token_loss(model, codes: Tensor, ids: Tensor) -> Tensor:
    """Cross entropy of the image tokens after their prompts, in nats; some prompts are blanked for guidance."""
    n, length, device = len(ids), ids.shape[1] + TOKENS - 1, ids.device
    said = ids != SPECIAL.index("<pad>")
    # What Janus does for the unguided half: all but the first and the last token become padding that is attended to.
    blank = (torch.rand(n, 1, device=device) < DROPPED) & (ids != 0) & (ids != SPECIAL.index(SPECIAL[4]))
    words = model.get_input_embeddings()(ids.masked_fill(blank, SPECIAL.index("<pad>")))
    drawn_so_far = model.prepare_embeddings_for_image_generation(codes[:, :-1])
    there = torch.cat([said, said.new_ones(n, TOKENS - 1)], 1)
    # Who sees whom, given whole: every token those before it, padding on the left only itself.
    earlier = torch.ones(length, length, dtype=torch.bool, device=device).tril()
    itself = torch.eye(length, dtype=torch.bool, device=device)
    seen = (earlier & there[:, None]) | itself
    with half():
        states = model.model.language_model(
            inputs_embeds=torch.cat([words, drawn_so_far], 1),
            attention_mask=seen[:, None],
            position_ids=(there.cumsum(1) - 1).clamp(min=0),
            use_cache=False,
        ).last_hidden_state[:, -TOKENS:]
        scores = model.model.generation_head(states)
    return F.cross_entropy(scores.reshape(-1, CODES).float(), codes.reshape(-1))


@torch.no_grad()
def sample(model, tokenizer, prompts: list[str], seed: int = 0) -> np.ndarray:
    """uint8 pictures (n, 64, 64, 3); all from one stream of random numbers."""
    images = []
    torch.manual_seed(seed)
    for i in range(0, len(prompts), 64):
        said = tokenizer([p + SPECIAL[4] for p in prompts[i : i + 64]], padding=True, return_tensors="pt")
        said = said.to(model.device)
        tokens = model.generate(
            said.input_ids,
            attention_mask=said.attention_mask,
            generation_mode="image",
            do_sample=True,
            guidance_scale=GUIDANCE,
        )
        images.append(model.decode_image_tokens(tokens).permute(0, 3, 1, 2))
    return to_pictures(torch.cat(images))
