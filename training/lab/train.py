"""Train the lab's three generators: one command, resumable at any moment, fixed seeds.

    python training/lab/train.py all
    python training/lab/train.py diffusion --minutes 30

The pictures are drawn first, by all cores (once; `pools` draws them alone). The diffusion model and the GAN need the VAE, the
autoregressive one the VQ coder. Checkpoints (every few minutes), logs, sample grids and the exported models are in
runs/lab/<name>. On a GPU the steps are recorded as CUDA graphs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import warnings
from pathlib import Path

NAMES = {"vae": "VAE", "diffusion": "Diffusion", "vq": "VQ", "ar": "AR", "gan": "GAN"}
NEEDS = {"diffusion": "vae", "ar": "vq", "gan": "vae"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=["pools", *NAMES, "all"])
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long (each)")
    parser.add_argument("--root", type=Path, default=Path("runs/lab"))
    parser.add_argument(
        "--threads", type=int, default=int(os.environ.get("OMP_NUM_THREADS", 0)) or os.cpu_count()
    )
    parser.add_argument("--steps", type=int, help="length of the schedule in place of the usual one")
    parser.add_argument(
        "--within", type=float, default=float("inf"), help="finish within so many minutes (each)"
    )
    parser.add_argument("--batch", type=int, help="pictures a step")
    parser.add_argument("--pictures", type=int, default=300_000, help="that are drawn to learn from")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(args.threads)
    sys.path.insert(0, str(Path(__file__).parent))
    from loop import train
    from pictures import base_pools

    base_pools(args.root, args.pictures)
    for name in {"all": list(NAMES), "pools": []}.get(args.name, [args.name]):
        if name in NEEDS and not (args.root / NEEDS[name] / "finished").exists():
            print(f"{name}: not before {NEEDS[name]} is finished", flush=True)
            continue
        module = importlib.import_module(name)
        task = getattr(module, NAMES[name])(args.root)
        task.steps, task.batch = args.steps or task.steps, args.batch or task.batch
        print(f"{name}: {sum(p.numel() for p in task.network.parameters()) / 1e6:.2f} M weights", flush=True)
        print(
            f"{name}: {'finished' if train(task, args.root, args.minutes, args.within) else 'to be continued'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
