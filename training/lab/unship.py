"""The way back from the package to runs/lab: with it more personalizations can be taught to the bases that ship.

    python training/lab/unship.py

Brings VAE, VQ coder, the three bases (in half precision, as they ship; of the GAN the generator alone) and all personalizations,
so that `personalize.py` makes only what is missing.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import warnings
from pathlib import Path

from finexl.lab.catalogue import FAMILIES, WEIGHTS


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, default=Path("runs/lab"))
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(Path(__file__).parent))
    for family in FAMILIES:
        for truth in sorted((WEIGHTS / family).glob("*/truth.json")):
            target = args.root / "personal" / family / truth.parent.name
            if not target.exists():
                shutil.copytree(truth.parent, target)
    for bring in (vae, diffusion, gan, vq, ar):
        name = bring.__name__
        if (args.root / name).exists():
            print(f"{name}: there already")
            continue
        bring(args.root)
        (args.root / name / "finished").touch()
        print(f"{name}: brought")


def vae(root: Path) -> None:
    shutil.copytree(WEIGHTS / "diffusion/base/vae", root / "vae/export")


def diffusion(root: Path) -> None:
    import torch
    from diffusers import StableDiffusionPipeline

    base = WEIGHTS / "diffusion/base"
    pipeline = StableDiffusionPipeline.from_pretrained(base, dtype=torch.float32)
    parts = torch.nn.ModuleDict({"text": pipeline.text_encoder, "unet": pipeline.unet})
    _keep(root, "diffusion", base, parts.state_dict())


def gan(root: Path) -> None:
    import numpy as np
    import onnx
    import torch

    base = WEIGHTS / "gan/base"
    found = {
        t.name.removesuffix(".half"): onnx.numpy_helper.to_array(t)
        for t in onnx.load(base / "model.onnx").graph.initializer
    }
    own = {k: torch.from_numpy(v.astype(np.float32)) for k, v in found.items() if k.startswith("generator.")}
    _keep(root, "gan", base, own)


def vq(root: Path) -> None:
    _ar_model().model.vqmodel.save_pretrained(root / "vq/export")


def ar(root: Path) -> None:
    _keep(root, "ar", WEIGHTS / "ar/base", _ar_model().state_dict())


def _ar_model():
    import torch
    from transformers import JanusForConditionalGeneration

    return JanusForConditionalGeneration.from_pretrained(WEIGHTS / "ar/base", dtype=torch.float32)


def _keep(root: Path, name: str, base: Path, weights: dict) -> None:
    """As a checkpoint that only its averaged weights are read from."""
    import torch

    shutil.copytree(base, root / name / "export")
    torch.save({"average": weights}, root / name / "checkpoint.pt")


if __name__ == "__main__":
    main()
