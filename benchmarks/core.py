"""Measure the built-in encoder and the methods on data never trained on; write docs/benchmarks.md.

    python benchmarks/core.py [--quick] [--split tune] [--only singles mixes ...]

Each experiment's figures go into benchmarks/results/<name>.json; the page is made from those files alone.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path

import numpy as np
from rich.console import Console

import speed
from finexl import __version__
from finexl.bench import photos
from finexl.bench.core import Bench, coverage, levels, mixes, null, singles
from finexl.bench.effects import BY_NAME, EFFECTS, MIXES
from finexl.encoders import load_encoder
from finexl.method import Settings
from finexl.proposers import load_vocabulary
from page import write_page

HERE = Path(__file__).parent
RESULTS = HERE / "results"
COVERED = (
    "Pillow Color down",
    "Pillow GaussianBlur",
    "OpenCV transform sepia",
    "scikit-image adjust_gamma dark",
    "Pillow effect_noise",
)


def bench(n: int, seed: int) -> Bench:
    rng = np.random.default_rng(seed)
    grounds = [(crop * 255 + 0.5).astype(np.uint8) for crop in photos.crops(photos.TEST, n, 256, rng)]
    return Bench(load_encoder("builtin"), load_vocabulary(), grounds, Settings(seed=seed))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few pairs and draws: does it run?")
    parser.add_argument(
        "--split",
        default="test",
        choices=["tune", "test"],
        help="whose effects; 'tune' is for design decisions",
    )
    parser.add_argument("--only", nargs="*", default=None)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    n, draws, pool = (12, 10, 40) if args.quick else (40, 200, 400)
    console = Console()

    def progress(stage: str, done: int, total: int) -> None:
        if done % 10 == 0 or done == total:
            console.print(f"{stage}: {done}/{total}", highlight=False)

    effects = [e for e in EFFECTS if e.split == args.split]
    experiments = {
        "singles": lambda: singles(bench(n, args.seed), effects, progress),
        "mixes": lambda: mixes(bench(n, args.seed), MIXES, progress),
        "levels": lambda: levels(bench(n, args.seed), n, progress),
        "null": lambda: null(bench(pool, args.seed), draws, n, args.seed, progress),
        "coverage": lambda: coverage(
            bench(pool, args.seed), [BY_NAME[c] for c in COVERED], draws, n, args.seed, progress
        ),
        "speed": lambda: speed.measure(quick=args.quick),
    }
    RESULTS.mkdir(exist_ok=True)
    for name in args.only or experiments:
        began = time.time()
        figures = experiments[name]()
        record = {
            "figures": figures, "seed": args.seed, "pairs": n, "draws": draws, "pool": pool, "split": args.split,
            "seconds": round(time.time() - began, 1), "finexl": __version__, "encoder": load_encoder("builtin").identity[:16],
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
        }  # fmt: skip
        target = RESULTS / (
            f"{name}.json" if args.split == "test" and not args.quick else f"{name}.{args.split}.scratch.json"
        )
        target.write_text(json.dumps(record, indent=1) + "\n")
        console.print(f"{name}: {record['seconds']} s -> {target}", highlight=False)
    if args.split == "test" and not args.quick:
        write_page(RESULTS, HERE.parent / "docs" / "benchmarks.md")


if __name__ == "__main__":
    main()
