"""Texts that are longer than a text tower reads.

A library cuts such a text at its end, where the concept stands ("{prompt}, {concept}"), so a long prompt would make every concept
count for nothing, unnoticed. Here the prompt gives way, and by the same words with the concept and without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

WORD = 24
"""A cut moves to the nearest space within so many signs; scripts without spaces are cut between any two signs."""


class Window:
    """What a text tower reads at once.

    Args:
        size: tokens a text may have, with those that mark its ends.
        lengths: texts -> how many tokens each has, likewise.
    """

    def __init__(self, size: int, lengths: Callable[[Sequence[str]], list[int]]) -> None:
        self.size, self._lengths = size, lengths
        self._cut: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """How many different texts were cut, in a sentence; nothing if none was."""
        if not self._cut:
            return ()
        texts = "1 prompt was" if len(self._cut) == 1 else f"{len(self._cut)} prompts were"
        return (f"{texts} cut to the encoder's window of {self.size} tokens; no concept was.",)

    def shorten(self, prompts: Sequence[str], endings: Sequence[str]) -> list[str]:
        """Prompts cut at their end so that each fits together with the longest ending; most are left as they are.

        Example:
            >>> Window(4, lambda texts: [len(t.split()) for t in texts]).shorten(["a b c d e"], [", x", ", x y"])
            ['a b']
        """
        sizes = self._lengths(endings) if endings else []
        ending = endings[sizes.index(max(sizes))] if endings else ""
        return self._fitting(prompts, lambda prompt, keep: _head(prompt, keep), ending)

    def within(self, texts: Sequence[str]) -> list[str]:
        """Texts that fit; one that is too long loses its middle, so that neither what it begins nor what it ends with is lost.

        Example:
            >>> Window(3, lambda texts: [len(t.split()) for t in texts]).within(["a b c d e"])
            ['a b e']
        """
        return self._fitting(
            texts, lambda text, keep: f"{_head(text, (keep + 1) // 2)} {_tail(text, keep // 2)}".strip(), ""
        )

    def _fitting(self, texts: Sequence[str], cut: Callable[[str, int], str], ending: str) -> list[str]:
        if not texts:
            return []
        out = list(texts)
        sizes = self._lengths([text + ending for text in texts])
        for i in (i for i, size in enumerate(sizes) if size > self.size):
            low, high = 0, len(texts[i])  # as few signs as `low` fit, as many as `high` do not
            while high - low > 1:
                middle = (low + high) // 2
                fits = self._lengths([cut(texts[i], middle) + ending])[0] <= self.size
                low, high = (middle, high) if fits else (low, middle)
            out[i] = cut(texts[i], low)
            self._cut[texts[i]] = None
        return out


def _head(text: str, keep: int) -> str:
    """The first `keep` signs, less what is left of a word that is cut in two."""
    head = text[:keep]
    space = head.rfind(" ") if text[keep : keep + 1].strip() else -1
    return (head[:space] if space >= 0 and keep - space <= WORD else head).rstrip()


def _tail(text: str, keep: int) -> str:
    """The last `keep` signs, less what is left of a word that is cut in two."""
    start = len(text) - keep
    tail = text[start:]
    space = tail.find(" ") if text[:start][-1:].strip() else -1
    return (tail[space:] if 0 <= space <= WORD else tail).lstrip()
