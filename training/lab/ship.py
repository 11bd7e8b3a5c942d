"""Pack finished models of runs/lab into the package: half precision, truth beside each, a hash of every file.

    python training/lab/ship.py [diffusion gan ar]

What was packed before is replaced. Says how many MB everything takes (the budget is 60).
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from finexl.lab.catalogue import FAMILIES, WEIGHTS
from finexl.store import sha256_file


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("families", nargs="*", choices=[[], *FAMILIES], default=[])
    parser.add_argument("--root", type=Path, default=Path("runs/lab"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    for family in args.families or FAMILIES:
        if not (args.root / family / "export").is_dir():
            print(f"{family}: not trained yet")
            continue
        place = args.out / family
        shutil.rmtree(place, ignore_errors=True)
        copy_halved(args.root / family / "export", place / "base")
        for truth in sorted((args.root / "personal" / family).glob("*/truth.json")):
            copy_halved(truth.parent, place / truth.parent.name)
        print(f"{family}: {size(place):.1f} MB")
    paths = sorted(path for path in args.out.rglob("*") if path.is_file() and path.name != "hashes.json")
    hashes = {path.relative_to(args.out).as_posix(): sha256_file(path) for path in paths}
    (args.out / "hashes.json").write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")
    print(f"all: {size(args.out):.1f} MB")


def copy_halved(source: Path, target: Path) -> None:
    """A folder as it is, byte for byte, but for safetensors files with float32 tensors, which become float16."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("README.md"))  # peft writes a blank card
    for path in sorted(target.rglob("*.safetensors")):
        tensors = load_file(path)
        if all(v.dtype != torch.float32 for v in tensors.values()):
            continue
        with safe_open(path, "pt") as file:
            metadata = file.metadata()
        halved = {k: v.half() if v.dtype == torch.float32 else v for k, v in tensors.items()}
        save_file(halved, path, metadata=metadata)


def size(folder: Path) -> float:
    return float(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())) / 1e6


if __name__ == "__main__":
    main()
