"""Time and memory of the package, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

PEAK = """
import json, resource, sys, time
began = time.perf_counter()
import finexl
e = finexl.explain(sys.argv[1], sys.argv[2], cache=False)
e.save(sys.argv[3])
print(json.dumps({"seconds": time.perf_counter() - began, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def pictures(folder: Path, n: int, size: int, seed: int) -> tuple[Path, Path]:
    """n pairs of PNGs of held-out photographs: base, and the same with weaker colours."""
    from PIL import ImageEnhance

    from finexl.bench import photos

    base, personalized = folder / f"base-{n}", folder / f"personalized-{n}"
    base.mkdir()
    personalized.mkdir()
    for i, crop in enumerate(photos.crops(photos.TEST, n, size, np.random.default_rng(seed))):
        image = Image.fromarray((crop * 255 + 0.5).astype(np.uint8))
        image.save(base / f"{i:04d}.png")
        ImageEnhance.Color(image).enhance(0.3).save(personalized / f"{i:04d}.png")
    return base, personalized


def wall(command: list[str], repeats: int = 7) -> float:
    """Median seconds of a command, started afresh each time."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return float(np.median(times))


def in_process(base: Path, personalized: Path, out: Path) -> dict[str, float]:
    reply = subprocess.run(
        [sys.executable, "-c", PEAK, str(base), str(personalized), str(out)],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(reply.stdout)


def throughput(folder: Path) -> dict[str, float]:
    """Images per second: onnxruntime alone on prepared arrays, and our pipeline from PNG files."""
    from finexl.encoders import embed, load_encoder
    from finexl.encoders.pipeline import BATCH
    from finexl.generators import list_images, read_image

    encoder = load_encoder("builtin")
    paths = list_images(folder)
    prepared = np.stack([encoder.prepare(read_image(p).image) for p in paths[:BATCH]])
    encoder.encode_images(prepared)

    def bare() -> float:
        began = time.perf_counter()
        for _ in range(len(paths) // BATCH):
            encoder._image_session.run(None, {"pictures": prepared})
        return len(paths) // BATCH * BATCH / (time.perf_counter() - began)

    def wrapped() -> float:
        began = time.perf_counter()
        for _ in range(len(paths) // BATCH):
            encoder.encode_images(prepared)
        return len(paths) // BATCH * BATCH / (time.perf_counter() - began)

    def pipeline() -> float:
        began = time.perf_counter()
        count = sum(len(items) for items, _ in embed(encoder, paths, lambda p: read_image(p).image))
        return count / (time.perf_counter() - began)

    def decoding() -> float:
        began = time.perf_counter()
        for p in paths:
            encoder.prepare(read_image(p).image)
        return len(paths) / (time.perf_counter() - began)

    rounds = [(bare(), wrapped(), pipeline(), decoding()) for _ in range(5)]
    b, w, p, d = (float(x) for x in np.median(rounds, 0))
    return {
        "onnxruntime_alone": b,
        "encode_images": w,
        "pipeline_from_png": p,
        "decoding_alone_one_thread": d,
    }


def measure(quick: bool = False) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        small = pictures(folder, 10, 512, 0)
        fifty = pictures(folder, 50, 512, 1)
        many = pictures(folder, 100 if quick else 1000, 512, 2)
        out = folder / "out"
        return {
            "help_seconds": wall([str(Path(sys.executable).parent / "finexl"), "--help"]),
            "import_seconds": wall([sys.executable, "-c", "import finexl"]),
            "python_alone_seconds": wall([sys.executable, "-c", "pass"]),
            "explain_10": in_process(*small, out),
            "explain_50": in_process(*fifty, out),
            "explain_many": {"pairs": 100 if quick else 1000, **in_process(*many, out)},
            "images_per_second": throughput(fifty[0]),
            "cores": os.cpu_count(),
        }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
