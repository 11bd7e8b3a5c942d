"""Image towers of `transformers`, by themselves (DINOv2 and the like) or beside a text tower.

Preprocessing is the library's own, always by its Pillow code: its torchvision code resizes a little otherwise, and the same
picture must give the same vector on every machine. Needs the extra `transformers`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.Image import Image
from pydantic import Field

from finexl.encoders.patches import pack, unpack
from finexl.errors import InputError, MissingExtraError
from finexl.hub import Place, find, hub_errors, refuse_pickle
from finexl.memory import in_batches
from finexl.options import Settings, read_options, split_query

MEND = "if that is too much as well, try device=cpu"


class EncoderSettings(Settings):
    """Options in the spec of an encoder.

    Attributes:
        device, dtype: place and number format; None for float16 on a GPU and float32 on the CPU.
        revision: of a model of the hub.
        batch: pictures or phrases encoded at once.
        unsafe_pickle: load weights from .bin files, which can run code.
    """

    device: str | None = None
    dtype: Literal["float32", "float16", "bfloat16"] | None = None
    revision: str | None = None
    batch: int = Field(default=32, ge=1)
    unsafe_pickle: bool = False


class ImageTower:
    """A model of `transformers` that sees pictures; satisfies `finexl.encoders.ImageEncoder`. Loaded at first use.

    Args:
        name: the spec it was loaded by.
        place: where it lies.
    Raises:
        MissingExtraError: transformers is not installed.
    """

    def __init__(self, name: str, place: Place, settings: EncoderSettings) -> None:
        self.name, self.place, self.settings, self.batch = name, place, settings, settings.batch
        try:
            import torch

            libraries = [version(library) for library in ("transformers", "torch", "pillow")]
        except ImportError as error:
            raise MissingExtraError(f"the encoder {name!r}", "transformers") from error
        self.device, self.dtype = device_and_dtype(settings, torch.cuda.is_available())
        told = [place.version, self.dtype, self.device.partition(":")[0], *libraries]
        self.identity = hashlib.sha256(repr(told).encode()).hexdigest()

    @cached_property
    def dimensions(self) -> int:
        """Width of its vectors."""
        picture = self.prepare(Pillow.new("RGB", (256, 256)))
        return int(self.encode_images(picture[None]).shape[1])

    def prepare(self, image: Image) -> NDArray[np.uint8]:
        """The library's resizing and cropping: what is left of it is arithmetic on pixels."""
        later = {"do_rescale": False, "do_normalize": False}
        if hasattr(self._processor, "include_top"):  # EfficientNet, ALIGN's eye, normalises twice
            later["include_top"] = False
        found = self._processor(images=image, return_tensors="np", **later)
        pixels: NDArray[np.uint8] = np.asarray(found["pixel_values"][0]).astype(np.uint8)
        if "spatial_shapes" not in found:
            return pixels
        height, width = found["spatial_shapes"][0]
        return pack(pixels, int(height), int(width))

    def encode_images(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Prepared pictures -> unit vectors (n, d)."""
        rows: list[NDArray[np.float32]] = in_batches(self._images, list(batch), MEND)
        return np.stack(rows)

    def _images(self, batch: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        import torch

        model = self._model
        patched = "spatial_shapes" in self._processor.model_input_names
        inputs = self._processor(
            images=[unpack(picture) if patched else np.asarray(picture) for picture in batch], do_resize=False,
            do_center_crop=False, do_convert_rgb=False, input_data_format="channels_first", return_tensors="pt",
        )  # fmt: skip
        inputs = {
            key: value.to(model.device, model.dtype if value.is_floating_point() else value.dtype)
            for key, value in inputs.items()
        }
        with torch.inference_mode():
            return unit_rows(self._features(model, inputs))

    def _features(self, model: Any, inputs: dict[str, Any]) -> Any:
        """The class token, which is what DINOv2's users compare."""
        return model(**inputs).last_hidden_state[:, 0]

    @cached_property
    def _model(self) -> Any:
        import torch
        from transformers import AutoModel
        from transformers.utils import logging

        logging.disable_progress_bar()
        self._refuse_pickles()
        safetensors = None if self.settings.unsafe_pickle else True
        model = self._loaded(AutoModel, dtype=getattr(torch, self.dtype), use_safetensors=safetensors)
        self._require(model)
        try:
            return model.eval().to(self.device)
        except (RuntimeError, AssertionError) as error:  # torch names the drivers or the memory it misses
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"the encoder {self.name!r} cannot be put on {self.device!r} ({reason}). Try device=cpu."
            ) from error

    def _require(self, model: Any) -> None:
        """Raise unless the model can do what this class is for."""
        if not hasattr(model.config, "patch_size") or hasattr(model.config, "vision_config"):
            raise InputError(
                f"{self.name!r} is a {type(model).__name__}, which is no image tower with a class token. Give a model such as "
                "facebook/dinov2-base."
            )

    @cached_property
    def _processor(self) -> Any:
        from transformers import AutoImageProcessor

        return self._loaded(AutoImageProcessor, backend="pil")

    def _refuse_pickles(self) -> None:
        folder = self.place.path
        if folder is None or not folder.is_dir() or any(folder.glob("*.safetensors")):
            return
        for file in sorted(folder.glob("*.bin")):
            refuse_pickle(file, self.settings.unsafe_pickle)

    def _loaded(self, kind: Any, **options: Any) -> Any:
        if self.place.path is None:
            options["revision"] = self.place.version
        try:
            with hub_errors(self.place.spec):
                return kind.from_pretrained(self.place.source, trust_remote_code=False, **options)
        except InputError:
            raise
        except (OSError, ValueError, KeyError, ImportError) as error:
            reason = " ".join(str(error).split())[:300]
            raise InputError(
                f"the encoder {self.name!r} cannot be loaded ({reason}). Give a folder or hub id with config.json, "
                "preprocessor_config.json, weights as safetensors and, of a model that reads, its tokenizer."
            ) from error


def image_tower(rest: str) -> ImageTower:
    """The image tower at a folder or hub id, with options after "?"."""
    where, options = split_query(rest)
    settings = read_options(EncoderSettings, options, "the image encoder")
    return ImageTower(rest, find(where, settings.revision), settings)


def local_image_tower(repo: str) -> ImageTower | None:
    """The image tower of a hub id, if transformers and its weights are on this machine already; asks no network."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    file = try_to_load_from_cache(repo, "model.safetensors")
    if not isinstance(file, str) or not (find_spec("torch") and find_spec("transformers")):
        return None
    folder = Path(file).parent  # snapshots/<commit>
    return ImageTower(repo, Place(repo, folder, folder.name), EncoderSettings())


def device_and_dtype(settings: EncoderSettings, gpu: bool) -> tuple[str, str]:
    """Place and number format, where the settings leave them open: half precision pays on a GPU alone.

    Example:
        >>> device_and_dtype(EncoderSettings(device="cuda:1"), gpu=True)
        ('cuda:1', 'float16')
    """
    device = settings.device or ("cuda" if gpu else "cpu")
    return device, settings.dtype or ("float16" if device.startswith("cuda") else "float32")


def unit_rows(found: Any) -> list[NDArray[np.float32]]:
    """Unit rows of features; newer versions of the library wrap them in an output object."""
    features = found if hasattr(found, "shape") else found.pooler_output
    rows = features.float().cpu().numpy()
    return list((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32))
