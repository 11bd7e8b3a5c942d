"""What to do when a batch does not fit in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from finexl.errors import InputError

log = logging.getLogger("finexl")

T = TypeVar("T")
U = TypeVar("U")


def in_batches(work: Callable[[Sequence[T]], list[U]], items: Sequence[T], mend: str) -> list[U]:
    """`work` on all items at once or, if they do not fit in memory, once more in halves.

    Raises:
        InputError: half of them do not fit either; says what to lower (`mend`).
    """
    try:
        return work(items)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        half = (len(items) + 1) // 2
        log.warning("%d images at once do not fit in memory; trying %d.", len(items), half)
    try:
        return [
            result for start in range(0, len(items), half) for result in work(items[start : start + half])
        ]
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise InputError(f"not even {half} images at once fit in memory. Set batch=1; {mend}.") from error


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error says that memory ran out, on a GPU or beside it."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and any(said in text for said in ("out of memory", "not enough memory", "can't allocate memory"))
    )
