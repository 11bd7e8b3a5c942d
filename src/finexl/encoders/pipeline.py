"""Pictures -> embeddings as a stream: reading in threads, encoding meanwhile, memory flat."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

if TYPE_CHECKING:
    from finexl.encoders import ImageEncoder

BATCH = 8  # twice as many would double the peak memory and gain nothing while pictures are decoded meanwhile
T = TypeVar("T")


def embed(
    encoder: ImageEncoder, items: Iterable[T], read: Callable[[T], Image], batch: int | None = None
) -> Iterator[tuple[list[T], NDArray[np.float32]]]:
    """Encode pictures in order, a batch at a time; the next ones are decoded while this one is encoded.

    Args:
        items: whatever `read` turns into an RGB picture; each is read exactly once.
        batch: pictures per call of the encoder; None for what it takes best, or 8. At most two batches are held in memory.
    Yields:
        (items of the batch, unit vectors (n, d)).
    Raises:
        Whatever `read` raises, for the first item in order that fails.
    """
    source = iter(items)
    size: int = getattr(encoder, "batch", BATCH) if batch is None else batch
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        waiting: deque[tuple[T, Future[NDArray[np.uint8]]]] = deque()

        def top_up() -> None:
            while len(waiting) < 2 * size:
                item = next(source, None)
                if item is None:
                    return
                waiting.append((item, pool.submit(lambda i: encoder.prepare(read(i)), item)))

        try:
            top_up()
            while waiting:
                taken = [waiting.popleft() for _ in range(min(size, len(waiting)))]
                pictures = np.stack([future.result() for _, future in taken])
                top_up()
                yield [item for item, _ in taken], np.asarray(encoder.encode_images(pictures), np.float32)
        finally:
            for _, future in waiting:
                future.cancel()
