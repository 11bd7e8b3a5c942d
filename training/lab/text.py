"""The lab's own tokenizer: CLIP's kind, with a vocabulary in which every word of the world is one token."""

from __future__ import annotations

import json

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTokenizer

from finexl.lab.world import known_words, prompts

LENGTH = 40
START, END = "<|startoftext|>", "<|endoftext|>"


def pairs_to_merge() -> tuple[list[str], list[tuple[str, str]]]:
    """Byte-pair encoding learned on the world's words until each is whole: alphabet and merges.

    The alphabet holds all bytes, so any prompt can be encoded, only at greater length.
    """
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    text = " ".join([known_words(), *prompts(2_000, seed=404)])
    words = sorted({word.strip(",.:;()").lower() for word in text.split()} - {""})
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    trainer = trainers.BpeTrainer(
        vocab_size=10_000,
        min_frequency=1,
        initial_alphabet=alphabet,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.train_from_iterator(words, trainer)
    merges = [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
    return alphabet, merges  # type: ignore[return-value]


def build_tokenizer() -> CLIPTokenizer:
    """Tokens: bytes, bytes that end a word, merges, start, end; padded with the end token, as CLIP's are."""
    alphabet, merges = pairs_to_merge()
    tokens = [
        *alphabet,
        *(byte + "</w>" for byte in alphabet),
        *("".join(pair) for pair in merges),
        START,
        END,
    ]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=LENGTH)
