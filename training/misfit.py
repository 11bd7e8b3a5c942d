"""Step 5 of training: in which directions words fail to say what an edit does.

An edit moves pictures nearly, not exactly, along the concept vectors it was made with: two tools of one name differ,
and two edits at once are not quite the sum of both. For random edits by one to three operators, each made to GROUNDS
pictures, with V the mean difference, F the vectors of the right concepts and w their least-squares weights:

    m = (V - w F) / |V|,  S = (mean m m' / its mean variance + I) / 2,  misfit_map = S^(-1/2)

The pursuit whitens by it, so that a word is not chosen for pointing where edits go astray. What was measured is kept
under the encoder's hash: another encoder is measured anew.

    python training/misfit.py --run runs/encoder
"""

from __future__ import annotations

import argparse
import os
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from dataset import MAX_OPERATORS, Edits, ground, to_input
from finexl.encoders.builtin import Builtin
from finexl.lab.operators import apply
from finexl.staircase import directions

GROUNDS = 12
STRONG = 0.4  # levels are drawn from here to 1: of a faint edit there is more noise than misfit
SEED = 77
PARTS = 2


def edits(encoder: Builtin, part: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean differences (count, d) of random edits, and their concepts (count, MAX_OPERATORS), -1 for none."""
    source, rng = Edits(), np.random.default_rng([SEED, part])
    means, concepts = [], np.full((count, MAX_OPERATORS), -1)
    for row in range(count):
        wanted = int(rng.choice([1, 2, 3], p=[0.45, 0.35, 0.2]))
        chosen, levels = source.draw(rng)
        while len(chosen) != wanted:
            chosen, levels = source.draw(rng)
        levels = [max(level, float(rng.uniform(STRONG, 1))) for level in levels]
        operators = [source.by_concept[k][rng.integers(len(source.by_concept[k]))] for k in chosen]
        pictures = []
        for _ in range(GROUNDS):
            plain, _ = ground(rng)
            edited = plain
            for operator, level in zip(operators, levels, strict=True):
                edited = apply(operator, edited, level, rng)
            pictures += [to_input(plain), to_input(edited)]
        vectors = encoder.encode_images(np.stack(pictures)).astype(float)
        means.append((vectors[1::2] - vectors[::2]).mean(axis=0))
        concepts[row, : len(chosen)] = chosen
        if row % 50 == 49:
            print(f"part {part}: {row + 1} of {count} edits", flush=True)
    return np.stack(means), concepts


def work(job: tuple[Path, Path, int, int]) -> None:
    path, folder, part, count = job
    if not path.exists():
        means, concepts = edits(Builtin(folder), part, count)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            np.savez(file, means=means, concepts=concepts)
        os.replace(temporary, path)


def misfit_map(means: np.ndarray, concepts: np.ndarray, F: np.ndarray) -> np.ndarray:
    """The symmetric map (d, d), from mean differences (n, d), concepts (n, 3) and concept vectors (k, d)."""
    rows = []
    for V, chosen in zip(means, concepts, strict=True):
        right = F[chosen[chosen >= 0]]
        weights, *_ = np.linalg.lstsq(right.T, V, rcond=None)
        rows.append((V - weights @ right) / np.linalg.norm(V))
    M = np.stack(rows)
    S = M.T @ M / len(M)
    S = 0.5 * S / (np.trace(S) / len(S)) + 0.5 * np.eye(len(S))
    values, vectors = np.linalg.eigh(S)
    return (vectors / np.sqrt(values)) @ vectors.T


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, default=Path("runs/encoder"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "src/finexl/encoders/data")
    parser.add_argument("--edits", type=int, default=1000)
    args = parser.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    encoder = Builtin(args.out)
    paths = [args.run / f"misfit-{encoder.identity[:12]}-{args.edits}-{part}.npz" for part in range(PARTS)]
    jobs = [(path, args.out, part, args.edits // PARTS) for part, path in enumerate(paths)]
    with get_context("spawn").Pool(PARTS) as pool:
        pool.map(work, jobs, chunksize=1)
    parts = [np.load(path) for path in paths]
    F = directions(encoder, Edits().concepts, None)
    made = misfit_map(
        np.concatenate([p["means"] for p in parts]), np.concatenate([p["concepts"] for p in parts]), F
    )
    save_file({"map": made.astype(np.float32)}, args.out / "misfit.safetensors")
    print(args.out / "misfit.safetensors")


if __name__ == "__main__":
    main()
