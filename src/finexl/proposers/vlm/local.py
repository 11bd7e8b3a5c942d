"""A vision-language model of `transformers` in this process: LLaVA, Llama 3.2 Vision and others that read several images.

    transformers:FOLDER or transformers:owner/model        needs the extra `vlm-local`

Qwen-VL's processor cannot be built without torchvision: install one that fits your torch, or serve the model with vLLM and use `vllm:`.
"""

from __future__ import annotations

import io
import time
from typing import Any

from PIL import Image

from finexl.errors import InputError, MissingExtraError
from finexl.hub import Place, hub_errors
from finexl.memory import is_out_of_memory
from finexl.proposers import ProposerError
from finexl.proposers.vlm.client import TOKENS, Answer, Meter
from finexl.proposers.vlm.questions import Question
from finexl.proposers.vlm.refusals import TooMuchError
from finexl.proposers.vlm.replies import parse


class LocalModel:
    """Answers questions with a model loaded here, greedily, so that the same question has the same answer.

    Raises:
        ProposerError: it cannot be loaded, or cannot see images; says what helps.
        MissingExtraError: torch or transformers is not installed.
    """

    def __init__(self, place: Place) -> None:
        self.name = f"transformers:{place.spec}"
        try:
            import torch
            from transformers import AutoModelForImageTextToText, AutoProcessor
            from transformers.utils import logging
        except ImportError as error:
            raise MissingExtraError("a vision-language model in this process", "vlm-local") from error
        logging.disable_progress_bar()
        options = {} if place.path is not None else {"revision": place.version}
        cuda = torch.cuda.is_available()
        try:
            with hub_errors(place.spec):
                self._processor: Any = AutoProcessor.from_pretrained(
                    place.source, trust_remote_code=False, **options
                )
                model = AutoModelForImageTextToText.from_pretrained(
                    place.source,
                    dtype=torch.bfloat16 if cuda else torch.float32,
                    use_safetensors=True,
                    **options,
                )
        except InputError as error:
            raise ProposerError(str(error)) from error
        except (OSError, ValueError, KeyError, AttributeError, ImportError, RuntimeError) as error:
            raise ProposerError(_why(self.name, error)) from error
        if not hasattr(self._processor, "image_processor"):
            raise ProposerError(f"{self.name} cannot see images: it is a text-only model. Name one that can.")
        self._model: Any = model.eval().to("cuda" if cuda else "cpu")

    def ask(self, question: Question, calls: int | None = None) -> Answer:
        """The reply; it is not asked again, because the same question would have the same answer.

        Raises:
            TooMuchError: the pictures do not fit into its context, or into memory.
            ProposerError: it breaks on the pictures, or nothing in its reply can be read.
        """
        meter = Meter(time.perf_counter(), calls=1)
        try:
            text = self._generated(question, meter)
        except ProposerError as error:
            error.usage = meter.usage()
            raise
        if not parse(text):
            said = " ".join(text[:120].split())
            raise ProposerError(
                f"{self.name} named no differences ({said!r}). Name another model.", meter.usage()
            )
        return Answer(text, False, meter.usage())

    def _generated(self, question: Question, meter: Meter) -> str:
        import torch

        images = [Image.open(io.BytesIO(raw)).convert("RGB") for _, raw in question.pictures]
        try:
            inputs = self._processor(text=self._prompt(question), images=images, return_tensors="pt")
            meter.tokens_in = length = int(inputs["input_ids"].shape[1])
            room = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
            if room is not None and length + TOKENS > room:
                raise TooMuchError(
                    f"{self.name}: the pictures take {length} of the {room} tokens it can see. Use a model with a longer context."
                )
            with torch.inference_mode():
                out = self._model.generate(
                    **inputs.to(self._model.device), max_new_tokens=TOKENS, do_sample=False
                )
        except (MemoryError, RuntimeError, ValueError, TypeError, KeyError, IndexError) as error:
            if is_out_of_memory(error):
                raise TooMuchError(
                    f"{self.name}: the pictures do not fit in memory. Use a smaller model or a server."
                ) from error
            said = " ".join(str(error).split())[:160]
            raise ProposerError(
                f"{self.name} broke on the pictures ({type(error).__name__}: {said}). Serve it with vLLM and use vllm:MODEL."
            ) from error
        meter.tokens_out = int(out.shape[1]) - length
        return str(self._processor.batch_decode(out[:, length:], skip_special_tokens=True)[0])

    def _prompt(self, question: Question) -> str:
        """The question in the model's own chat form, or with image tokens in front where it has none."""
        content: list[dict[str, str]] = [{"type": "text", "text": question.text}]
        for label, _ in question.pictures:
            content += [{"type": "text", "text": label}, {"type": "image"}]
        if getattr(self._processor, "chat_template", None):
            turn = [{"role": "user", "content": content}]
            return str(self._processor.apply_chat_template(turn, add_generation_prompt=True, tokenize=False))
        token = getattr(self._processor, "image_token", "<image>")
        return question.text + "".join(f"\n{label}: {token}" for label, _ in question.pictures) + "\n"


def _why(name: str, error: Exception) -> str:
    said = " ".join(str(error).split())[:200]
    if "torchvision" in said.lower() or "_extra_content" in said:
        return (
            f"{name} needs torchvision, which is not installed or does not fit the installed torch: install both from the same "
            "index, or serve the model with vLLM and use vllm:MODEL."
        )
    return f"{name} cannot be loaded as a vision-language model ({said}). Give a folder or hub id with processor and safetensors."
