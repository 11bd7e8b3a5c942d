"""A small encoder with a known answer: brightness, saturation, contrast and warmth, one axis each.

A picture lies at a centre plus its statistics along the axes; a phrase with a known look lies at the centre plus
that look. Every other phrase has a fixed direction of its own among the remaining dimensions, which no picture
uses. It needs no weights and is exact, so that tests of the wiring need not care how good an encoder is.
"""

from __future__ import annotations

import time
import zlib

import numpy as np

AXES = 4
REACH = 0.5
WORDS = {
    "dark": (-1, 0, 0, 0),
    "bright": (1, 0, 0, 0),
    "muted colours": (0, -1, 0, 0),
    "vivid colours": (0, 1, 0, 0),
    "low contrast": (0, 0, -1, 0),
    "high contrast": (0, 0, 1, 0),
    "cool colours": (0, 0, 0, -1),
    "warm colours": (0, 0, 0, 1),
}


class Looks:
    """Satisfies `finexl.encoders.Encoder`; counts the pictures it prepared."""

    name, identity, dimensions = "looks", "looks-1", 48
    pause = 0.0

    def __init__(self):
        self.prepared = 0

    def prepare(self, image):
        self.prepared += 1
        return np.asarray(image.resize((32, 32)), np.uint8)

    def encode_images(self, batch):
        time.sleep(self.pause)
        pixels = np.asarray(batch, np.float64) / 255 + 0.01
        gray = pixels.mean(3)
        mean = gray.mean(
            (1, 2)
        )  # the others are relative to it, so that dimming a picture moves one axis only
        stats = np.stack(
            [
                np.log2(mean) + 1,
                (pixels.max(3) - pixels.min(3)).mean((1, 2)) / mean - 0.5,
                gray.std((1, 2)) / mean - 0.5,
                (pixels[..., 0] - pixels[..., 2]).mean((1, 2)) / mean,
            ],
            1,
        )
        return self._placed(stats)

    def encode_texts(self, texts):
        return np.concatenate([self._text(text) for text in texts])

    def _text(self, text):
        looks = [np.array(look) for word, look in WORDS.items() if word in text]
        stats = np.sum(looks, axis=0)[None] if looks else np.zeros((1, AXES))
        plain = text
        for filler in ("an image in", "an image", " image", "style", "a ", ","):
            plain = plain.replace(filler, "")
        other = np.zeros(self.dimensions)
        if plain.strip() and not looks:
            rng = np.random.default_rng(zlib.crc32(plain.strip().encode()))
            other[AXES + 1 :] = rng.standard_normal(self.dimensions - AXES - 1)
            other *= REACH / np.linalg.norm(other)
        return self._placed(stats, other)

    def _placed(self, stats, other=0.0):
        vectors = np.zeros((len(stats), self.dimensions)) + other
        vectors[:, 0] = 1.0
        vectors[:, 1 : AXES + 1] += REACH * stats
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class SlowLooks(Looks):
    """The same vectors under a name of their own, a third of a second a batch."""

    name, identity, pause = "slow-looks", "slow-looks-1", 0.3


def looks(rest):
    """Entry point of the plug-in that the tests install."""
    return Looks()


def slow_looks(rest):
    return SlowLooks()
