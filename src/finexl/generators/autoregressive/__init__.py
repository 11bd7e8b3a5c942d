"""Models of `transformers` that draw an image token by token, Janus and Emu3, with LoRA adapters of PEFT.

    ar:deepseek-community/Janus-Pro-1B          a hub id or folder
    ar:BASE+adapter-folder:0.8                  with adapters at strengths

One probe is drawn at a time, under its own stream of random numbers: the library samples a whole batch from one stream, so
that an image would depend on its neighbours. Needs the extra `autoregressive`.

Chameleon and Anole cannot be had this way: `transformers` forbids their image tokens and ships no decoder for them. Make
their images with their own code and compare two folders, or register a generator of your own.
"""

from __future__ import annotations

from finexl.generators.autoregressive.generator import ArGenerator, load

__all__ = ["ArGenerator", "load"]
