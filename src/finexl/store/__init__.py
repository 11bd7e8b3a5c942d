"""What outlives a run: embeddings and generated images kept by content, and files written whole or not at all.

The store is a convenience: when it cannot be read or written, a warning goes to the logger "finexl" and work
goes on without it. Results that a person asked for are another matter: `atomic_write` raises, and the file
that was there before is kept.
"""

from __future__ import annotations

from finexl.store.embeddings import EmbeddingStore, StoreInfo, default_cache_dir
from finexl.store.files import atomic_write, sha256_file, sha256_image, sha256_source
from finexl.store.images import ImagesInfo, ImageStore, image_limit

__all__ = [
    "EmbeddingStore",
    "ImageStore",
    "ImagesInfo",
    "StoreInfo",
    "atomic_write",
    "default_cache_dir",
    "image_limit",
    "sha256_file",
    "sha256_image",
    "sha256_source",
]
