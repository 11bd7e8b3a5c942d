"""How much does the quality of a proposer matter? Writes docs/proposers-benchmark.md and its plot.

    python benchmarks/proposers.py [--quick]

Changes by other people's tools on photographs held out from training; proposers are simulated, with known recall.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from core import bench
from finexl import __version__
from finexl.bench.core import rate
from finexl.bench.effects import EFFECTS, MIXES, SEEN_IN_TRAINING
from finexl.bench.proposers import CHAINS, proposer_quality
from finexl.bench.simulated import QUALITIES
from finexl.encoders import load_encoder

HERE = Path(__file__).parent
RESULT = HERE / "results" / "proposers.json"
PAGE = HERE.parent / "docs" / "proposers-benchmark.md"
PLOT = HERE.parent / "docs" / "images" / "proposers.svg"
COLOURS = {
    "with vocabulary": "#2f7f9e",
    "vocabulary lacks it": "#7a9e2f",
    "proposer alone": "#c0632f",
    "paper's chain": "#777777",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="three changes: does it run?")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    console = Console()
    reported = [c for c in EFFECTS if c.split == "test"][::4] + MIXES[::2]
    changes = [c for c in reported if not any(seen in c.name for seen in SEEN_IN_TRAINING)]
    began = time.time()
    rows = proposer_quality(
        bench(12 if args.quick else 40, args.seed),
        changes[:3] if args.quick else changes,
        args.seed,
        lambda stage, done, total: console.print(f"{stage}: {done}/{total}", highlight=False),
    )
    record = {
        "figures": rows, "seed": args.seed, "pairs": 40, "seconds": round(time.time() - began, 1),
        "finexl": __version__, "encoder": load_encoder("builtin").identity[:16],
    }  # fmt: skip
    if args.quick:
        console.print(page(record), highlight=False, markup=False)
        return
    RESULT.write_text(json.dumps(record, indent=1) + "\n")
    PLOT.write_text(plot(rows))
    PAGE.write_text(page(record))
    console.print(f"{record['seconds']} s -> {PAGE}", highlight=False)


def of(rows: list[dict], quality: str) -> list[dict]:
    return [row for row in rows if row["quality"] == quality]


def page(record: dict) -> str:
    """The table, with the loss against a perfect proposer beside every figure."""
    rows = record["figures"]
    changes = {row["change"] for row in rows}
    mixes = sum(" + " in change for change in changes)
    alone = rate(of(rows, "none"), "vocabulary only", "parts")
    lines = [
        HEAD.format(pairs=record["pairs"], singles=len(changes) - mixes, mixes=mixes, seed=record["seed"])
    ]
    lines.append(
        f"Without any proposer, from the vocabulary alone: {alone[0]:.2f} [{alone[1]:.2f}, {alone[2]:.2f}].\n"
    )
    lines.append("| proposer | " + " | ".join(CHAINS) + " |\n|---|" + "---|" * len(CHAINS))
    for quality in QUALITIES:
        cells = []
        for chain in CHAINS:
            value, low, high = rate(of(rows, quality), chain, "parts")
            best = rate(of(rows, "perfect"), chain, "parts")[0]
            cells.append(f"{value:.2f} [{low:.2f}, {high:.2f}] ({100 * (value - best):+.0f})")
        lines.append(f"| {quality} | " + " | ".join(cells) + " |")
    lines.append("\nIn round brackets: points against a perfect proposer in the same column.\n")
    lines.append("![Accuracy against the quality of the proposer](images/proposers.svg)\n")
    return "\n".join(lines)


def plot(rows: list[dict]) -> str:
    """Accuracy of every chain over the qualities, with the vocabulary alone as a line, as SVG."""
    width, height, left, top, bottom = 760, 360, 46, 16, 46
    step = (width - left - 190) / (len(QUALITIES) - 1)

    def at(i: int, value: float) -> tuple[float, float]:
        return left + 20 + i * step, top + (1 - value) * (height - top - bottom)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
        f'<rect width="{width}" height="{height}" fill="white"/>'
    ]
    for tick in np.linspace(0, 1, 6):
        _, y = at(0, tick)
        parts.append(f'<line x1="{left}" x2="{width - 170}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:.1f}</text>')
    _, y = at(0, rate(of(rows, "none"), "vocabulary only", "parts")[0])
    parts.append(
        f'<line x1="{left}" x2="{width - 170}" y1="{y:.1f}" y2="{y:.1f}" stroke="black" stroke-dasharray="4 4"/>'
    )
    for i, quality in enumerate(QUALITIES):
        x, _ = at(i, 0)
        for j, words in enumerate(quality.split(", ")):
            parts.append(
                f'<text x="{x:.1f}" y="{height - bottom + 20 + 15 * j}" text-anchor="middle">{words}</text>'
            )
    for j, (chain, colour) in enumerate(COLOURS.items()):
        points = [at(i, rate(of(rows, q), chain, "parts")[0]) for i, q in enumerate(QUALITIES)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
        parts.append(f'<text x="{width - 160}" y="{top + 20 + 20 * j}" fill="{colour}">{chain}</text>')
    parts.append(
        f'<text x="{width - 160}" y="{top + 20 + 20 * len(COLOURS)}">- - vocabulary only</text></svg>'
    )
    return "\n".join(parts) + "\n"


HEAD = """# What a proposer is worth

Made by `python benchmarks/proposers.py`; no figure is typed by hand. Proposers are simulated: each is told the right words of a change
and names a known part of them (`finexl/bench/simulated.py`). {singles} single changes and {mixes} mixes by OpenCV, scikit-image and Pillow on photographs
held out from training, {pairs} pairs each, built-in encoder, seed {seed}. The figure is the part of a change's effects whose right word is among
the first five of the final explanation, a synonym counting as the concept it stands for; in square brackets a 95% bootstrap over changes.

- **with vocabulary**: the default; the proposer and the vocabulary together, proposed words tested on held-out pairs.
- **vocabulary lacks it**: the same, with every word that is right for the change taken out of the vocabulary beforehand.
- **proposer alone**: no vocabulary; words tested against chance phrases.
- **paper's chain**: Algorithm 1 on the proposed words, untested.
"""


if __name__ == "__main__":
    main()
