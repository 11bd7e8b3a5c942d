"""Personalize the lab's base models the way people do, and write the truth beside each.

    python training/lab/personalize.py diffusion            # LoRAs (peft), full fine-tunes, textual inversions
    python training/lab/personalize.py ar                   # LoRAs (peft)
    python training/lab/personalize.py gan                  # fine-tuned generators
    python training/lab/personalize.py diffusion --only sepia-5 --steps 200

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
    parser.add_argument("--batch", type=int, help="pictures a step, in place of the usual number")
    parser.add_argument("--rank", type=int, help="of LoRAs, in place of the usual one")
    parser.add_argument("--pictures", type=int, default=1_024, help="that each is taught with")
    parser.add_argument("--root", type=Path, default=Path("runs/lab"))
    parser.add_argument(
        "--threads", type=int, default=int(os.environ.get("OMP_NUM_THREADS", 0)) or os.cpu_count()
    )
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(args.threads)
    sys.path.insert(0, str(Path(__file__).parent))
    from pictures import load
    from plan import Item, items

    def place(root: Path, item: Item) -> Path:
        return root / "personal" / item.family / item.name

    if not (args.root / args.family / "checkpoint.pt").exists():
        sys.exit(f"no base model: python training/lab/train.py {args.family}")
    chosen = [item for item in items(args.family) if args.only in (None, item.name)]
    if not chosen:
        sys.exit(
            f"no personalization is called {args.only!r}: {', '.join(i.name for i in items(args.family))}"
        )
    todo = [item for item in chosen if not (place(args.root, item) / "truth.json").exists()]
    module, teachers = importlib.import_module(FAMILIES[args.family]), {}
    module.lessons(args.root, todo, args.pictures)
    for item in todo:
        start = time.monotonic()
        if item.kind not in teachers:
            teachers[item.kind] = module.Teacher(args.root, item.kind, args.rank)
        teacher, half = teachers[item.kind], place(args.root, item).with_suffix(".part")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        taught = args.root / "pools" / item.family / item.name
        pool = load(taught) if taught.exists() else teacher.own()
        figures = teacher.teach(item, pool, half, args.steps, args.batch)
        truth = json.dumps({**item.truth, **figures}, indent=2)
        (half / "truth.json").write_text(truth + "\n", encoding="utf-8")
        half.replace(place(args.root, item))
        print(f"{item.family}/{item.name}: {figures}, {time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
