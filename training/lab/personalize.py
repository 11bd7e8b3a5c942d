"""Personalize the lab's base models the way people do, and write the truth beside each.

    python training/lab/personalize.py diffusion            # LoRAs (peft), full fine-tunes, textual inversions
    python training/lab/personalize.py ar                   # LoRAs (peft)
    python training/lab/personalize.py gan                  # fine-tuned generators
    python training/lab/personalize.py diffusion --only watercolour-5 --steps 200

Finished ones are kept in runs/lab/personal/<family>/<name> and not made again.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import sys
import time
import warnings
from pathlib import Path

FAMILIES = {"diffusion": "teach_diffusion", "ar": "teach_ar", "gan": "teach_gan"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("--only", help="name of one personalization")
    parser.add_argument("--steps", type=int, help="in place of the usual number")
    parser.add_argument("--root", type=Path, default=Path("runs/lab"))
    parser.add_argument(
        "--threads", type=int, default=int(os.environ.get("OMP_NUM_THREADS", 0)) or os.cpu_count()
    )
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(args.threads)
    sys.path.insert(0, str(Path(__file__).parent))
    from plan import items

    if not (args.root / args.family / "checkpoint.pt").exists():
        sys.exit(f"no base model: python training/lab/train.py {args.family}")
    chosen = [item for item in items(args.family) if args.only in (None, item.name)]
    if not chosen:
        sys.exit(
            f"no personalization is called {args.only!r}: {', '.join(i.name for i in items(args.family))}"
        )
    teach = importlib.import_module(FAMILIES[args.family]).teach
    for item in chosen:
        folder = args.root / "personal" / item.family / item.name
        if (folder / "truth.json").exists():
            continue
        start, half = time.monotonic(), folder.with_suffix(".part")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        figures = teach(item, args.root, half, args.steps)
        truth = json.dumps({**item.truth, **figures}, indent=2)
        (half / "truth.json").write_text(truth + "\n", encoding="utf-8")
        half.replace(folder)
        print(f"{item.family}/{item.name}: {figures}, {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
