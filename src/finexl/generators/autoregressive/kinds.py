"""How each kind of model is asked for images: prompts and seeds -> values (n, h, w, 3) in [0, 1]."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from finexl.errors import InputError
from finexl.options import Settings

NO_IMAGES = ("chameleon", "anole")


class ArSettings(Settings):
    """Options of the family `ar`; None leaves a setting to the model.

    Attributes:
        device, dtype: place and number format; None for bfloat16 on a GPU and float32 on the CPU.
        guidance: weight of the prompt against no prompt, above 1; Janus always draws with guidance.
        temperature: of sampling.
        ratio, area: of Emu3's images: width to height, such as "4:3", and width times height in pixels.
        batch: images drawn together, by Janus alone; each has random numbers of its own.
        revision: of a model of the hub.
    """

    device: str | None = None
    dtype: Literal["float32", "float16", "bfloat16"] | None = None
    guidance: float | None = Field(None, gt=1)
    temperature: float | None = Field(None, gt=0)
    ratio: str | None = Field(None, pattern=r"^[1-9]\d?:[1-9]\d?$")
    area: int | None = Field(None, ge=256, le=2**24)
    batch: int = Field(8, ge=1)
    revision: str | None = None


Values = NDArray[np.float32]


def draw_janus(
    model: Any, processor: Any, prompts: Sequence[str], seeds: Sequence[int], settings: ArSettings
) -> Values:
    """Janus has a call of its own for images, and one size."""
    import torch
    from transformers import LogitsProcessorList

    if settings.ratio or settings.area:
        raise InputError("Janus draws images of one size. Leave the options ratio and area out.")
    texts = list(prompts)
    if getattr(processor, "chat_template", None):
        turns = [[{"role": "user", "content": [{"type": "text", "text": prompt}]}] for prompt in prompts]
        texts = [
            processor.apply_chat_template(turn, add_generation_prompt=True, tokenize=False) for turn in turns
        ]
    together = {"padding": True, "padding_side": "left"} if len(texts) > 1 else {}
    inputs = processor(text=texts, generation_mode="image", return_tensors="pt", **together).to(model.device)
    streams = [torch.Generator(model.device).manual_seed(seed) for seed in seeds]
    choice = OneStreamEach(model.generation_config, settings, streams)
    tokens = model.generate(
        input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], generation_mode="image",
        do_sample=False, guidance_scale=1.0, logits_processor=LogitsProcessorList([choice]),
    )  # fmt: skip
    values = model.decode_image_tokens(tokens).float().cpu().numpy()
    return np.asarray((values + 1) / 2, np.float32)


class OneStreamEach:
    """Chooses the next token of every image of a batch as Janus does for one image: guidance, then the warpers of its
    settings, then a draw. Every image draws from a stream of random numbers of its own, so that it does not depend on
    the others; the library would draw them all from one.

    Args:
        config: the model's generation settings; settings: those given here, which come first.
        streams: one torch.Generator an image.
    """

    def __init__(self, config: Any, settings: ArSettings, streams: Sequence[Any]) -> None:
        from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

        self.streams = streams
        self.guidance = settings.guidance or config.guidance_scale or 5  # 5 is what Janus falls back to
        temperature = settings.temperature or config.temperature or 1.0
        self.warpers = [TemperatureLogitsWarper(float(temperature))]
        if config.top_k:
            self.warpers.append(TopKLogitsWarper(config.top_k))
        if config.top_p is not None and config.top_p < 1:
            self.warpers.append(TopPLogitsWarper(config.top_p))

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Scores (2 n, codes), prompted rows before unprompted ones -> (n, codes): 0 for the chosen code, else -inf."""
        import torch

        prompted, unprompted = scores.chunk(2)
        guided = unprompted + (prompted - unprompted) * self.guidance
        for warper in self.warpers:
            guided = warper(input_ids, guided)
        chances = torch.softmax(guided, dim=-1)
        chosen = [
            torch.multinomial(row[None], 1, generator=stream)
            for row, stream in zip(chances, self.streams, strict=True)
        ]
        return torch.full_like(guided, -torch.inf).scatter_(1, torch.cat(chosen), 0.0)


def draw_emu3(
    model: Any, processor: Any, prompts: Sequence[str], seeds: Sequence[int], settings: ArSettings
) -> Values:
    """Emu3 draws one image after another, each under the global stream of random numbers, which is given back as it was."""
    import torch

    devices = [model.device] if model.device.type == "cuda" else []
    drawn = []
    for prompt, seed in zip(prompts, seeds, strict=True):
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed)
            drawn.append(_emu3(model, processor, prompt, settings))
    return np.stack(drawn)


def _emu3(model: Any, processor: Any, prompt: str, settings: ArSettings) -> Values:
    """Emu3 writes rows of image tokens into its text; which token may come next is told at every step."""
    given = {"ratio": settings.ratio, "image_area": settings.area}
    inputs = processor(
        text=prompt, return_for_image_generation=True, return_tensors="pt",
        **{name: value for name, value in given.items() if value is not None},
    )  # fmt: skip
    (height, width), *_ = inputs.pop("image_sizes")
    height, width, inputs = int(height), int(width), inputs.to(model.device)
    start, rows, names = inputs["input_ids"].shape[1], height * (width + 1), processor.tokenizer
    codes, end_of_line = model.vocabulary_mapping.image_tokens, model.vocabulary_mapping.eol_token_id
    ending = [names.eof_token_id, names.eoi_token_id, names.eos_token_id]

    def allowed(_: int, tokens: Any) -> list[int]:
        step = len(tokens) - start
        if step >= rows:
            return [ending[min(step - rows, 2)]]
        return [end_of_line] if step % (width + 1) == width else codes

    options = _sampling(settings)
    if (options.get("guidance_scale") or model.generation_config.guidance_scale or 1) != 1:
        nothing = processor(text="", return_tensors="pt").to(model.device)  # what guidance leads away from
        options["negative_prompt_ids"] = nothing["input_ids"]
        options["negative_prompt_attention_mask"] = nothing["attention_mask"]
    tokens = model.generate(
        **inputs, do_sample=True, max_new_tokens=rows + 3, prefix_allowed_tokens_fn=allowed, **options
    )
    pixels = model.decode_image_tokens(image_tokens=tokens[:, start:], height=height, width=width)
    values = pixels[0].float().cpu().numpy().transpose(1, 2, 0)
    scale = processor.image_processor  # the decoder's values are normalised like the pixels it was trained on
    return np.asarray(values * np.float32(scale.image_std) + np.float32(scale.image_mean), np.float32)


Draw = Callable[[Any, Any, Sequence[str], Sequence[int], ArSettings], Values]
KINDS: dict[str, Draw] = {"emu3": draw_emu3, "janus": draw_janus}
"""model_type in config.json -> how it draws."""


def check_kind(kind: str, spec: str) -> None:
    """Raise for a model that does not draw.

    Raises:
        InputError: says what to do instead.
    """
    if kind in NO_IMAGES:
        raise InputError(
            f"{spec!r} is a {kind} model: transformers cannot make images with it today. Make them with the model's own "
            "code and compare two folders, or register a generator (see finexl.generators.protocol)."
        )
    if kind not in KINDS:
        raise InputError(
            f"{spec!r} is a {kind} model; of those that draw, {', '.join(KINDS)} can be loaded here."
        )


def _sampling(settings: ArSettings) -> dict[str, Any]:
    given = {"guidance_scale": settings.guidance, "temperature": settings.temperature}
    return {name: value for name, value in given.items() if value is not None}
