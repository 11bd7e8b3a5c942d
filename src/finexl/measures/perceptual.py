"""LPIPS, where its package can be had: AlexNet features, weighted by what people find alike (arXiv 1801.03924)."""

from __future__ import annotations

import warnings
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

CANNOT = (
    "LPIPS was not measured: the package lpips is installed but cannot be used ({reason}). It needs a torchvision that fits the "
    "installed torch, and AlexNet's weights, which torchvision fetches once."
)


class Lpips:
    """The perceptual distance of pairs of pictures.

    Args:
        model: `lpips.LPIPS(net="alex")`.
        device: where it runs.
    """

    def __init__(self, model: Any, device: str, package: str) -> None:
        self._model, self._device = model.eval().to(device), device
        self.name = f"AlexNet (lpips {package})"

    def __call__(self, a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Distances of pictures (n, h, w, 3), shape (n,)."""
        import torch

        def scaled(pictures: NDArray[np.uint8]) -> Any:  # -1..1, as the package asks for
            return (
                torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()).to(self._device).float() / 127.5 - 1
            )

        with torch.inference_mode():
            found = self._model(scaled(a), scaled(b))
        distances: NDArray[np.float64] = found.flatten().cpu().numpy().astype(np.float64)
        return distances


def load_lpips() -> tuple[Lpips | None, str | None]:
    """LPIPS, or None and a sentence that says why not; None and None where nobody installed it."""
    try:
        package = version("lpips")
    except ImportError:
        return None, None
    try:
        import lpips
        import torch

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it calls torchvision as its older versions wanted to be called
            model = lpips.LPIPS(net="alex", verbose=False)
        return Lpips(model, "cuda" if torch.cuda.is_available() else "cpu", package), None
    except Exception as error:  # from a missing operator of torchvision to a download that is refused
        reason = " ".join(str(error).split())[:150] or type(error).__name__
        return None, CANNOT.format(reason=reason)
