"""Time and memory of the package as people use it: commands in processes of their own, pictures from files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import resources
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageEnhance

from finexl.bench import photos
from finexl.bench.experiment import Cell, Experiment, Report, Row, Setting, Table
from finexl.encoders import Encoder, embed, load_encoder
from finexl.encoders.builtin import Builtin
from finexl.encoders.pipeline import BATCH
from finexl.generators import list_images, read_image

EXPLAIN = """
import json, sys, time
began = time.perf_counter()
import finexl
explanation = finexl.explain(sys.argv[1], sys.argv[2], encoder=sys.argv[4], cache=False)
explanation.save(sys.argv[3])
seconds = time.perf_counter() - began
import psutil
from pathlib import Path
status = Path("/proc/self/status")  # the peak of this program; that of getrusage holds its parent's memory too
peaks = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")] if status.is_file() else []
now = psutil.Process().memory_info()
print(json.dumps({"seconds": seconds, "mb": int(peaks[0]) / 1024 if peaks else getattr(now, "peak_wset", now.rss) / 2**20}))
"""
COUNTS, COUNTS_QUICK = (10, 50, 1000), (10,)
"""Pairs."""
SIDE = 512
"""Of a picture, in pixels."""
REPEATS, ROUNDS = 7, 15
COMMANDS = {
    "`finexl --help`": [str(Path(sys.executable).parent / "finexl"), "--help"],
    "`import finexl`": [sys.executable, "-c", "import finexl"],
    "Python alone": [sys.executable, "-c", "pass"],
}


def cells(setting: Setting) -> list[Cell]:
    """One for every command, every number of pairs, and for pictures a second."""
    return [
        *(Cell(f"command {name}", partial(_command, setting, name)) for name in COMMANDS),
        *(
            Cell(f"explain {n}", partial(_explain, setting, n))
            for n in (COUNTS_QUICK if setting.quick else COUNTS)
        ),
        Cell("pictures", partial(_pictures, setting)),
    ]


def _command(setting: Setting, name: str) -> list[Row]:
    """Median seconds, started afresh each time."""
    times = []
    for _ in range(1 if setting.quick else REPEATS):
        began = time.perf_counter()
        subprocess.run(COMMANDS[name], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return [{"command": name, "seconds": float(np.median(times)), "cores": os.cpu_count()}]


def _explain(setting: Setting, n: int) -> list[Row]:
    """Seconds and peak memory, import and report included."""
    with tempfile.TemporaryDirectory() as temporary:
        base, personalized = pairs(Path(temporary), n, setting.seed)
        arguments = [str(base), str(personalized), f"{temporary}/out", setting.encoder]
        done = subprocess.run(
            [sys.executable, "-c", EXPLAIN, *arguments], check=True, capture_output=True, text=True
        )
    return [{"pairs": n, "cores": os.cpu_count(), **json.loads(done.stdout)}]


def pairs(folder: Path, n: int, seed: int) -> tuple[Path, Path]:
    """n pairs of PNGs of the evaluation photographs: base, and the same with weaker colours."""
    base, personalized = folder / "base", folder / "personalized"
    base.mkdir()
    personalized.mkdir()
    for i, crop in enumerate(photos.crops(photos.TEST, n, SIDE, np.random.default_rng(seed))):
        image = Image.fromarray((crop * 255 + 0.5).astype(np.uint8))
        image.save(base / f"{i:04d}.png")
        ImageEnhance.Color(image).enhance(0.3).save(personalized / f"{i:04d}.png")
    return base, personalized


def _pictures(setting: Setting) -> list[Row]:
    """Pictures a second: the encoder alone and as bare onnxruntime runs it, from PNG files, and decoding alone on one thread."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, _ = pairs(Path(temporary), BATCH if setting.quick else 8 * BATCH, setting.seed)
        ways = _ways(load_encoder(setting.encoder), list_images(folder))
        rounds = [[way() for way in ways.values()] for _ in range(1 if setting.quick else ROUNDS)]
    rates = np.median(rounds, axis=0).tolist()
    return [
        {"rate": name, "a second": rate, "cores": os.cpu_count()}
        for name, rate in zip(ways, rates, strict=True)
    ]


ALONE, FILES, DECODING, BARE = (
    "the encoder alone, on a prepared batch",
    "from 512-pixel PNG files",
    "decoding and resizing alone, one thread",
    "bare onnxruntime with the encoder's model, on the same batch",
)


def _ways(encoder: Encoder, paths: Sequence[Path]) -> dict[str, Callable[[], float]]:
    batch = getattr(encoder, "batch", BATCH)
    prepared = np.stack([encoder.prepare(read_image(path).image) for path in paths[:batch]])
    encoder.encode_images(prepared)
    batches = max(1, len(paths) // batch)

    def alone() -> int:
        for _ in range(batches):
            encoder.encode_images(prepared)
        return batches * len(prepared)

    def files() -> int:
        return sum(len(items) for items, _ in embed(encoder, paths, lambda path: read_image(path).image))

    def decoding() -> int:
        for path in paths:
            encoder.prepare(read_image(path).image)
        return len(paths)

    ways = {ALONE: alone, FILES: files, DECODING: decoding}
    if isinstance(encoder, Builtin):
        model = (resources.files("finexl.encoders") / "data/image.onnx").read_bytes()
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])

        def bare() -> int:
            for _ in range(batches):
                session.run(None, {"pictures": prepared})
            return batches * len(prepared)

        ways[BARE] = bare
    return {name: partial(_rate, work) for name, work in ways.items()}


def _rate(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    return work() / (time.perf_counter() - began)


def report(rows: Sequence[Row]) -> Report:
    """Seconds, memory, pictures a second and the most that they could be."""
    commands = {r["command"]: r["seconds"] for r in rows if "command" in r}
    explained = [r for r in rows if "mb" in r]
    rates = {r["rate"]: r["a second"] for r in rows if "rate" in r}
    cores = rows[0]["cores"]
    # Encoding takes all cores; decoding a picture takes one of them for its time.
    most = 1 / (1 / rates[ALONE] + 1 / (rates[DECODING] * cores))
    lines: list[list[object]] = [[name, f"{seconds:.2f} s"] for name, seconds in commands.items()]
    lines += [
        [f"explaining {r['pairs']} pairs of {SIDE}-pixel PNGs, import and report included", f"{r['seconds']:.1f} s, {r['mb']:.0f} MB at most"]
        for r in explained
    ]  # fmt: skip
    lines += [[f"pictures a second, {name}", f"{rate:.1f}"] for name, rate in rates.items()]
    lines.append(["pictures a second, the most that both kinds of work allow on these cores", f"{most:.1f}"])
    text = (
        f"{explained[-1]['pairs']} pairs are explained in {explained[-1]['seconds']:.1f} s with {explained[-1]['mb']:.0f} MB on {cores} cores; pictures "
        f"from files go through at {rates[FILES] / most:.0%} of what decoding and encoding allow."
    )
    return Report(
        text,
        [
            Table(
                "Time and memory",
                ("", f"{cores} cores"),
                lines,
                "Medians; whatever else runs on the machine makes them worse.",
            )
        ],
    )


EXPERIMENT = Experiment(
    "speed",
    "Time and memory",
    "How long do commands, explanations and pictures take, and in how much memory?",
    cells,
    report,
)
