"""What drawing through FineXL costs over drawing with the library alone; writes benchmarks/results/drawing.json.

    python benchmarks/drawing.py [--size 64] [--probes 8]

A pipeline of Stable Diffusion's architecture with random weights, small enough for a CPU, draws the same probes three times: by
plain calls of diffusers (no images kept), through `load_generator`, and through the studio that also writes PNG files and embeds them.
Then three personalizations of one base are explained, and the images that were drawn are counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
import warnings
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))
warnings.filterwarnings("ignore")

import torch  # noqa: E402
from diffusers import StableDiffusionPipeline  # noqa: E402

import finexl  # noqa: E402
import tiny_models  # noqa: E402
from finexl.encoders import load_encoder  # noqa: E402
from finexl.generating import Studio  # noqa: E402
from finexl.generators import load_generator  # noqa: E402
from finexl.probes import make_probes  # noqa: E402
from finexl.store import ImageStore, default_cache_dir  # noqa: E402
from tiny_adapters import trained_lora  # noqa: E402

STEPS = 20


def silent(stage: str, done: int, total: int) -> None:
    pass


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--probes", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FINEXL_HOME"] = str(Path(folder) / "home")
        base = Path(folder) / "base"
        tiny_models.sd15().save_pretrained(base)
        figures = {**overhead(base, args.size, args.probes, args.repeats), **reuse(base, Path(folder))}
    record = {
        "figures": figures, "size": args.size, "probes": args.probes, "steps": STEPS, "finexl": finexl.__version__,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }  # fmt: skip
    target = HERE / "results" / "drawing.json"
    target.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(figures, indent=1), f"-> {target}")


def overhead(base: Path, size: int, n: int, repeats: int) -> dict[str, float]:
    """Best times of several repeats, in seconds an image."""
    probes = make_probes("general", n)
    pipe = StableDiffusionPipeline.from_pretrained(base, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    options = {"steps": str(STEPS), "width": str(size), "height": str(size), "batch": "4"}
    ours = load_generator(f"diffusers:{base}", options)
    encoder = load_encoder("builtin")
    encoder.encode_texts(["an image"])

    def plain() -> None:
        for start in range(0, n, 4):
            part = probes[start : start + 4]
            noise = [torch.Generator("cpu").manual_seed(p.seed) for p in part]
            with torch.inference_mode():
                pipe(
                    [p.prompt for p in part],
                    generator=noise,
                    num_inference_steps=STEPS,
                    width=size,
                    height=size,
                )

    def through_the_door() -> None:
        for start in range(0, n, 4):
            ours.generate(probes[start : start + 4])

    def through_the_studio() -> None:
        ImageStore(default_cache_dir() / "images").clear()
        Studio(encoder, True, silent).draw(ours, probes, "drawing")

    ways = {"diffusers": plain, "generator": through_the_door, "studio": through_the_studio}
    best = dict.fromkeys(ways, float("inf"))
    for way in ways.values():
        way()  # everything is loaded and warm
    for _ in range(repeats):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            best[name] = min(best[name], (time.perf_counter() - began) / n)
    return {
        **{f"{name}, s per image": round(seconds, 4) for name, seconds in best.items()},
        "overhead of the generator": round(best["generator"] / best["diffusers"] - 1, 4),
        "overhead of the studio (PNG files and embeddings included)": round(
            best["studio"] / best["diffusers"] - 1, 4
        ),
    }


def reuse(base: Path, folder: Path) -> dict[str, int]:
    """Images drawn while three LoRAs of one base are explained."""
    told: list[tuple[str, int, int]] = []
    options = {"steps": "2", "width": "64", "height": "64"}
    for seed in range(3):
        pipe = StableDiffusionPipeline.from_pretrained(base, local_files_only=True)
        place = folder / f"lora{seed}"
        StableDiffusionPipeline.save_lora_weights(place, unet_lora_layers=trained_lora(pipe.unet, seed=seed))
        finexl.explain(
            str(base),
            f"{base}+{place}",
            n_probes=8,
            options=options,
            progress=lambda *step: told.append(step),
        )
    return {
        f"{side} images drawn for three personalizations of 8 probes": drawn(told, f"drawing {side} images")
        for side in ("base", "personalized")
    }


def drawn(told: list[tuple[str, int, int]], stage: str) -> int:
    """What was not there when a stage began; each run of it ends with all of its images."""
    steps = [(done, total) for name, done, total in told if name == stage]
    begins = [step for i, step in enumerate(steps) if i == 0 or steps[i - 1][0] == steps[i - 1][1]]
    return sum(total - done for done, total in begins)


if __name__ == "__main__":
    main()
