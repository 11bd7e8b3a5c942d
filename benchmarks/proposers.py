"""How much does the quality of a proposer matter? Writes docs/proposers-benchmark.md and its plot.

    python benchmarks/proposers.py [--quick]

Changes by other people's tools on photographs held out from training, and the lab's styles on its own pictures; proposers are
simulated, with known recall.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from finexl import __version__
from finexl.bench import photos
from finexl.bench.core import Bench, rate
from finexl.bench.effects import EFFECTS, MIXES, SEEN_IN_TRAINING
from finexl.bench.proposers import CHAINS, lab_changes, lab_grounds, proposer_quality
from finexl.bench.simulated import QUALITIES
from finexl.encoders import load_encoder
from finexl.method import Settings
from finexl.proposers import load_vocabulary

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


def bench(n: int, seed: int) -> Bench:
    """n crops of the evaluation photographs."""
    rng = np.random.default_rng(seed)
    grounds = [(crop * 255 + 0.5).astype(np.uint8) for crop in photos.crops(photos.TEST, n, 256, rng)]
    return Bench(load_encoder("builtin"), load_vocabulary(), grounds, Settings(seed=seed))


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
    n, most = (12, 3) if args.quick else (40, None)
    words = load_vocabulary()
    lab = Bench(load_encoder("builtin"), words, lab_grounds(n, args.seed), Settings(seed=args.seed))

    def progress(stage: str, done: int, total: int) -> None:
        console.print(f"{stage}: {done}/{total}", highlight=False)

    began = time.time()
    rows = proposer_quality(bench(n, args.seed), changes[:most], args.seed, progress)
    in_lab = proposer_quality(lab, lab_changes(words)[:most], args.seed, progress)
    record = {
        "figures": rows, "lab": in_lab, "seed": args.seed, "pairs": n, "seconds": round(time.time() - began, 1),
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
    """Both tables, with the loss against a perfect proposer beside every figure."""
    parts = []
    for head, rows in ((HEAD, record["figures"]), (LAB, record["lab"])):
        changes = {row["change"] for row in rows}
        mixes = sum(" + " in change for change in changes)
        counts = {"singles": len(changes) - mixes, "mixes": mixes}
        parts += [head.format(pairs=record["pairs"], seed=record["seed"], **counts), table(rows)]
    return "\n".join([*parts, PICTURE])


def table(rows: list[dict]) -> str:
    """A row a proposer, a column a chain."""
    alone = rate(of(rows, "none"), "vocabulary only", "parts")
    lines = [
        f"Without any proposer, from the vocabulary alone: {alone[0]:.2f} [{alone[1]:.2f}, {alone[2]:.2f}].\n",
        "| proposer | " + " | ".join(CHAINS) + " |\n|---|" + "---|" * len(CHAINS),
    ]
    for quality in QUALITIES:
        cells = []
        for chain in CHAINS:
            value, low, high = rate(of(rows, quality), chain, "parts")
            best = rate(of(rows, "perfect"), chain, "parts")[0]
            cells.append(f"{value:.2f} [{low:.2f}, {high:.2f}] ({100 * (value - best):+.0f})")
        lines.append(f"| {quality} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


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

Made by `python benchmarks/proposers.py`; no figure in a table is typed by hand. Proposers are simulated: each is told the right words of a change
and names a known part of them (`finexl/bench/simulated.py`). {singles} single changes and {mixes} mixes by OpenCV, scikit-image and Pillow on photographs
held out from training, {pairs} pairs each, built-in encoder, seed {seed}. The figure is the part of a change's effects whose right word is among
the first five of the final explanation, a synonym counting as the concept it stands for; in square brackets a 95% bootstrap over changes.

- **with vocabulary**: the default; the proposer and the vocabulary together, proposed words tested on held-out pairs.
- **vocabulary lacks it**: the same, with every word that is right for the change taken out of the vocabulary beforehand.
- **proposer alone**: no vocabulary; words tested against chance phrases.
- **paper's chain**: Algorithm 1 on the proposed words, untested.

In round brackets: points against a perfect proposer in the same column.
"""
LAB = """## In the lab

The same with {singles} styles of the lab and {mixes} mixes of two on {pairs} of its own pictures. The built-in encoder learned from the code of these styles, on
pictures drawn by other code, so that the level of these figures says little; what a worse proposer costs is what they are for.
"""
PICTURE = """## Why a perfect proposer does not lift the default

A word that the vocabulary holds is a candidate whether or not somebody names it, and the images decide among candidates. Two ways of trusting the
proposer more were tried on the photographs and not kept. Where words of the vocabulary that it names count as much as plain words
([what that means](decisions/0004-core-words.md)), no figure of any column changes. Where words that it does not name count 0.8 of those it
names, a perfect proposer gains 9 points and one with 50 % recall and 50 % noise 5 to 7 (two draws), but one that is wrong costs 4 to 9: a wrong word that fits
nearly as well takes the place of the right one. To ask first that both halves of the pairs choose the word lowers gain and cost alike. What a model says
shall not make the explanation worse than it is without one; what it can add are the words that the vocabulary lacks, the second column.

![Accuracy against the quality of the proposer, on photographs](images/proposers.svg)
"""


if __name__ == "__main__":
    main()
