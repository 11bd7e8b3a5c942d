"""Options of the family `diffusers`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from finexl.errors import MissingExtraError
from finexl.options import Settings


class DiffusionSettings(Settings):
    """None leaves a setting to the pipeline.

    Attributes:
        dtype, device: number format and place of the weights; None for float16 on a GPU and float32 on the CPU.
        offload: "model" or "sequential" keeps parts of a large model in main memory (GPU only).
        scheduler: class name in diffusers, such as "DPMSolverMultistepScheduler".
        steps, guidance, width, height, negative: of every image.
        batch: images drawn at once.
        revision, variant: of a model of the hub.
        base: of an adapter, where its own metadata are to be overridden.
        config: folder with the configuration of a single-file checkpoint.
        unsafe_pickle: load .bin, .pt and .ckpt files, which can run code.
    """

    dtype: Literal["float32", "float16", "bfloat16"] | None = None
    device: str | None = None
    offload: Literal["none", "model", "sequential"] = "none"
    scheduler: str | None = None
    steps: int | None = Field(None, ge=1, le=1000)
    guidance: float | None = Field(None, ge=0)
    width: int | None = Field(None, ge=16)
    height: int | None = Field(None, ge=16)
    negative: str | None = None
    batch: int = Field(4, ge=1)
    revision: str | None = None
    variant: str | None = None
    base: str | None = None
    config: str | None = None
    unsafe_pickle: bool = False

    def placement(self) -> tuple[str, str]:
        """Device and number format, where they are left open those that this machine makes sensible.

        Raises:
            MissingExtraError: torch is not installed.
        """
        if self.device and self.dtype:
            return self.device, self.dtype
        try:
            import torch
        except ImportError as error:
            raise MissingExtraError("drawing with diffusers", "diffusion") from error
        device = self.device or ("cuda" if torch.cuda.is_available() else "cpu")
        return device, self.dtype or ("float32" if device.startswith("cpu") else "float16")
