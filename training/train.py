"""Make the built-in encoder: one command, every step resumable, fixed seed.

    python training/train.py [--quick]

Data (an hour or two), image tower, text tower, export. Finished steps are kept in runs/encoder and not repeated. `--quick` goes
through all the steps with a handful of pictures, to see that they work; its weights are worthless.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def run(script: str, *options: str) -> None:
    subprocess.run([sys.executable, str(HERE / script), *options], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, default=Path("runs/encoder"))
    parser.add_argument("--out", type=Path, default=HERE.parent / "src/finexl/encoders/data")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    data, image, text = args.run / "data", args.run / "image.pt", args.run / "text.pt"
    run("dataset.py", "--out", str(data), "--shards", "3" if args.quick else "291")
    if not image.exists():
        run(
            "image_tower.py",
            "--data",
            str(data),
            "--out",
            str(image),
            *(("--epochs", "2", "--batch", "32") if args.quick else ()),
        )
    if not text.exists():
        run(
            "text_tower.py",
            "--image",
            str(image),
            "--out",
            str(text),
            *(
                (
                    "--steps",
                    "1000",
                )
                if args.quick
                else ()
            ),
        )
    run("export.py", "--run", str(args.run), "--out", str(args.out))


if __name__ == "__main__":
    main()
