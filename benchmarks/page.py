"""docs/benchmarks.md from the result files; no figure is typed."""

from __future__ import annotations

import json
from pathlib import Path

from finexl.bench.core import rate
from finexl.bench.effects import SEEN_IN_TRAINING
from finexl.bench.rankings import RANKINGS


def _interval(rows: list[dict], method: str, key: str) -> str:
    value, low, high = rate(rows, method, key)
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _reported(rows: list[dict]) -> list[dict]:
    """Without the changes, mixes included, whose code ran in training too."""
    return [row for row in rows if not any(seen in row["change"] for seen in SEEN_IN_TRAINING)]


def _bound(per: dict, cores: int) -> float:
    """Encoding takes all cores; decoding a picture takes one of them for its time."""
    return 1 / (1 / per["onnxruntime_alone"] + 1 / (per["decoding_alone_one_thread"] * cores))


def write_page(results: Path, page: Path) -> None:
    """Write the page from whatever results exist."""
    loaded = {
        path.stem: json.loads(path.read_text())
        for path in sorted(results.glob("*.json"))
        if path.stem.count(".") == 0
    }
    parts = [HEAD]
    if "singles" in loaded and "mixes" in loaded:
        singles, mixes = (_reported(loaded[name]["figures"]) for name in ("singles", "mixes"))
        count, libraries = len({r["change"] for r in singles}), sorted({r["library"] for r in singles})
        parts.append(
            f"## Which word\n\n{count} single changes by {', '.join(libraries)} at level 0.8, {len({r['change'] for r in mixes})} mixes of two "
            f"and three at level 0.7, {loaded['singles']['pairs']} pairs each, the whole vocabulary as candidates. In brackets: 95% bootstrap over changes.\n"
        )
        parts.append(
            "| method | right word first | in the first three | parts of mixes in the first five |\n|---|---|---|---|"
        )
        for method in RANKINGS:
            label = f"**{method}**" if method == "finexl" else method
            parts.append(
                f"| {label} | {_interval(singles, method, 'first')} | {_interval(singles, method, 'three')} | {_interval(mixes, method, 'parts')} |"
            )
        missed = [r for r in singles if r["method"] == "finexl" and not r["first"]]
        parts.append(
            "\nWhere the default method does not put a right word first:\n\n| change | right words | found |\n|---|---|---|"
        )
        parts += [
            f"| {r['change']} | {', '.join(r['accepted'])} | {', '.join(r['words'][:3]) or 'nothing'} |"
            for r in missed
        ]
    if "levels" in loaded:
        rows = _reported(loaded["levels"]["figures"])
        parts.append(
            "\n## Levels\n\nWeight of a concept fixed in advance at ten levels of the tool's own strength; 0 where it is not reported. Chance rank error: 3.30.\n"
        )
        parts.append("| change | concept | Spearman | rank error |\n|---|---|---|---|")
        parts += [
            f"| {r['change']} | {r['concept']} | {r['spearman']:.3f} | {r['rank_mae']:.2f} |"
            for r in sorted(rows, key=lambda r: -r["spearman"])
        ]
        good = {r["aspect"] for r in rows if r["spearman"] >= 0.98 and r["rank_mae"] < 0.5}
        number = sum(r["spearman"] >= 0.98 and r["rank_mae"] < 0.5 for r in rows)
        parts.append(
            f"\n{number} of {len(rows)} reach Spearman 0.98 with a rank error below 0.5 ({len(good)} groups of the vocabulary)."
        )
    if "null" in loaded:
        record = loaded["null"]
        parts.append(
            f"\n## No difference\n\n{record['draws']} draws of {record['pairs']} pairs; part in which something was reported or found:\n\n| | rate |\n|---|---|"
        )
        parts += [f"| {name} | {value:.3f} |" for name, value in record["figures"].items()]
    if "coverage" in loaded:
        figures = loaded["coverage"]["figures"]
        parts.append(
            f"\n## Intervals\n\nNominal 95% intervals from {loaded['coverage']['pairs']} pairs hold the weight from {figures['pool']:.0f} pairs "
            f"in {figures['coverage']:.3f} of {figures['intervals']:.0f} cases ({loaded['coverage']['draws']} draws)."
        )
    if "speed" in loaded:
        f = loaded["speed"]["figures"]
        per = f["images_per_second"]
        parts.append(
            f"\n## Time and memory\n\n{f['cores']} cores, {loaded['speed']['machine']}.\n\n| | |\n|---|---|"
        )
        rows = {
            "`finexl --help`": f"{f['help_seconds']:.2f} s",
            "`import finexl` (Python alone)": f"{f['import_seconds']:.2f} s ({f['python_alone_seconds']:.2f} s)",
            "50 pairs of 512-pixel PNGs, import and report included": f"{f['explain_50']['seconds']:.1f} s",
            "peak memory, 10 / 50 / " + str(f["explain_many"]["pairs"]) + " pairs": " / ".join(
                f"{f[k]['mb']:.0f} MB" for k in ("explain_10", "explain_50", "explain_many")
            ),
            "images per second, onnxruntime alone on a prepared batch": f"{per['onnxruntime_alone']:.1f}",
            "images per second, `encode_images`": f"{per['encode_images']:.1f}",
            "images per second, from 512-pixel PNG files": f"{per['pipeline_from_png']:.1f}",
            "images per second, the most that both kinds of work allow on these cores": f"{_bound(per, f['cores']):.1f}",
            "images per second, decoding and resizing alone on one thread": f"{per['decoding_alone_one_thread']:.1f}",
        }
        parts += [f"| {name} | {value} |" for name, value in rows.items()]
    encoder = sorted({str(record["encoder"]) for record in loaded.values()})
    parts.append(
        f"\nEncoder {', '.join(encoder)}; seed {', '.join(sorted({str(r['seed']) for r in loaded.values()}))}."
    )
    page.write_text("\n".join(parts) + "\n")


HEAD = """# Benchmarks

Made by `make bench-core` from `benchmarks/results/`; no figure is typed by hand. The built-in encoder was trained on
our own operators over procedural scenes and eleven photographs. Everything below was measured with other people's tools (OpenCV,
scikit-image, Pillow) on six other photographs (chelsea, coffee, rocket, flower, brick, gravel). The words that count as right were written
down for every change before any result was seen (`finexl/bench/effects_*.py`); albumentations' effects (`--split tune`) served
for design decisions and are not reported here. The test effects were looked at during development, though nothing was chosen by them: take the
figures as development figures until there is a new hold-out. Two effects (and the mixes with them) are left out of all tables because
their code also ran in training: Pillow's quantize, and JPEG, which Pillow and OpenCV both leave to libjpeg.
"""
