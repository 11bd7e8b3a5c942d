"""Step 1 of training: edited pictures -> their front-end statistics, in resumable shards.

Each sample is one ground picture (a procedural scene, a crop of a training photograph or a drawing of the lab's world), the
same picture merely re-encoded, and EDITS edited versions with one to three operators at known random levels. Only the
statistics are kept, so that step 2 can pass over the data hundreds of times in minutes.

    python training/dataset.py --out runs/encoder/data --shards 400 --workers 2
"""

from __future__ import annotations

import argparse
import io
import os
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from finexl.bench import photos
from finexl.lab.operators import Operator, apply, operators
from finexl.lab.scenes import render
from finexl.lab.world import draw, random_scene
from frontend import SIZE

EDITS = 5
SAMPLES_PER_SHARD = 64
MAX_OPERATORS = 3
# Short sides at which the operators work; everything is then resized to what the encoder sees.
SIZES = (64, 88, 112, 144, 176, 208, 256, 320, 448)
SHARES = (0.12, 0.08, 0.08, 0.1, 0.13, 0.16, 0.22, 0.08, 0.03)
# Operators that redraw the picture go first: a tint under a pencil drawing would not be seen.
ORDER = (
    "geometry",
    "focus",
    "medium",
    "line",
    "texture",
    "colour",
    "light",
    "tone",
    "mood",
    "era",
    "composition",
)


def operator_table() -> tuple[list[Operator], list[str], dict[str, str]]:
    """Every operator, the concepts they stand for (sorted) and the aspect of each concept."""
    aspects = {}
    for line in (Path(__file__).parent / "concepts_with_operators.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            concept, aspect = (part.strip() for part in line.split(":"))
            aspects[concept] = aspect
    known = operators()
    return known, sorted({op.concept for op in known}), aspects


def to_input(picture: np.ndarray) -> np.ndarray:
    """Float RGB picture -> what the encoder sees, uint8 (224, 224, 3); the same steps as at run time."""
    image = Image.fromarray((picture * 255 + 0.5).astype(np.uint8))
    return np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BILINEAR, reducing_gap=2.0))


def reencode(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same picture after what files go through: JPEG or WebP at decent quality, a slight resampling."""
    image = Image.fromarray((picture * 255 + 0.5).astype(np.uint8))
    kind = rng.integers(3)
    if kind == 0:
        k = rng.uniform(0.8, 1.25)
        image = image.resize((round(image.width * k), round(image.height * k)), Image.Resampling.BICUBIC)
    if kind <= 1 or rng.random() < 0.5:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG" if rng.random() < 0.7 else "WEBP", quality=int(rng.integers(80, 99)))
        image = Image.open(buffer).convert("RGB")
    return np.asarray(image, np.float32) / 255


def jitter(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random exposure, colour and sharpness of the ground picture, so that no absolute look is 'neutral'."""
    if rng.random() < 0.35:
        return picture
    luma = picture @ np.float32([0.299, 0.587, 0.114])
    picture = luma[..., None] + (picture - luma[..., None]) * rng.uniform(0.5, 1.5)
    picture = np.clip(
        picture * rng.uniform(0.9, 1.1, 3) * rng.uniform(0.8, 1.2) + rng.uniform(-0.06, 0.06), 0, 1
    )
    return (picture ** rng.uniform(0.75, 1.3)).astype(np.float32)


def ground(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """A picture to edit and what it shows."""
    size, kind = int(rng.choice(SIZES, p=SHARES)), rng.random()
    if kind < 0.4:
        picture, caption = render(rng, size)
    elif kind < 0.62:  # small generators draw small pictures
        scene = random_scene(rng)
        size = 64 if rng.random() < 0.5 else size
        picture = draw(scene.prompt, int(rng.integers(2**31)), size).astype(np.float32) / 255
        caption = f"a {scene.place}"
    else:
        picture, caption = next(iter(photos.crops(photos.TRAIN, 1, size, rng))), "a photograph"
    return jitter(np.clip(picture, 0, 1).astype(np.float32), rng), caption


def softened(picture: np.ndarray, width: float) -> np.ndarray:
    """As a generator's decoder leaves a picture: without the finest detail. `width` in pixels, 0 for none."""
    return ndimage.gaussian_filter(picture, (width, width, 0)) if width else picture


# Half a black-and-white picture is a muted one, and half a negative is a flat one: these come (nearly) whole.
LEAST = {"black and white": 0.7, "inverted colours": 0.4}


class Edits:
    """Draws random combinations of operators, each concept equally often."""

    def __init__(self) -> None:
        known, self.concepts, self.aspects = operator_table()
        self.by_concept = [[op for op in known if op.concept == c] for c in self.concepts]

    def draw(self, rng: np.random.Generator) -> tuple[list[int], list[float]]:
        count = int(rng.choice([1, 2, 3], p=[0.55, 0.3, 0.15]))
        chosen = [int(k) for k in rng.choice(len(self.concepts), count, replace=False)]
        if rng.random() < 0.8:
            chosen.sort(key=lambda k: ORDER.index(self.aspects[self.concepts[k]]))
        return chosen, [float(rng.uniform(LEAST.get(self.concepts[k], 0.08), 1.0)) for k in chosen]

    def make(
        self, picture: np.ndarray, chosen: list[int], levels: list[float], rng: np.random.Generator
    ) -> np.ndarray:
        for k, level in zip(chosen, levels, strict=True):
            choices = self.by_concept[k]
            picture = apply(choices[rng.integers(len(choices))], picture, level, rng)
        return picture


def shard(index: int, seed: int, session: object, edits: Edits) -> dict[str, np.ndarray]:
    """Arrays of one shard: features (s, 2 + EDITS, k) fp16, concept and level (s, EDITS, 3), captions (s,)."""
    rng = np.random.default_rng([seed, index])
    features, concepts, levels, captions = [], [], [], []
    for _ in range(SAMPLES_PER_SHARD):
        picture, caption = ground(rng)
        if rng.random() < 0.2:  # a base model may have a style of its own
            chosen, strength = edits.draw(rng)
            picture = edits.make(picture, chosen[:1], strength[:1], rng)
        width = (
            float(rng.uniform(0.3, 0.8)) if rng.random() < 0.25 else 0.0
        )  # the same for all of a ground picture
        plain = softened(picture, width)
        rows = [to_input(plain), to_input(reencode(plain, rng))]
        concept = np.full((EDITS, MAX_OPERATORS), -1, np.int16)
        level = np.zeros((EDITS, MAX_OPERATORS), np.float32)
        for e in range(EDITS):
            chosen, strength = edits.draw(rng)
            edited = softened(edits.make(picture, chosen, strength, rng), width)
            if rng.random() < 0.3:
                edited = reencode(edited, rng)
            rows.append(to_input(edited))
            concept[e, : len(chosen)], level[e, : len(chosen)] = chosen, strength
        features.append(session.run(None, {"pictures": np.stack(rows)})[0].astype(np.float16))
        concepts.append(concept)
        levels.append(level)
        captions.append(caption)
    return {
        "features": np.stack(features),
        "concepts": np.stack(concepts),
        "levels": np.stack(levels),
        "captions": np.array(captions),
    }


def work(job: tuple[list[int], int, Path]) -> None:
    import onnxruntime

    indices, seed, out = job
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(out / "frontend.onnx", options, providers=["CPUExecutionProvider"])
    edits = Edits()
    for index in indices:
        path = out / f"shard-{index:05d}.npz"
        if path.exists():
            continue
        arrays = shard(index, seed, session, edits)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            np.savez(file, **arrays)
        os.replace(temporary, path)
        print(path.name, flush=True)


def export_frontend(path: Path) -> None:
    import torch

    from frontend import FrontEnd

    example = torch.zeros((2, SIZE, SIZE, 3), dtype=torch.uint8)
    torch.onnx.export(
        FrontEnd().eval(), (example,), path, input_names=["pictures"], output_names=["statistics"],
        dynamic_axes={"pictures": {0: "n"}, "statistics": {0: "n"}}, dynamo=False, opset_version=17,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("runs/encoder/data"))
    parser.add_argument("--shards", type=int, default=291)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if not (args.out / "frontend.onnx").exists():
        export_frontend(args.out / "frontend.onnx")
    (args.out / "concepts.txt").write_text("\n".join(operator_table()[1]) + "\n")
    jobs = [(list(range(w, args.shards, args.workers)), args.seed, args.out) for w in range(args.workers)]
    with get_context("spawn").Pool(args.workers) as pool:
        for _ in pool.imap_unordered(work, jobs):  # one that fails stops all, at once
            pass


if __name__ == "__main__":
    main()
