"""One page over the results of all experiments: what was measured, best, tied or lost, and every table. Made from files alone."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finexl.bench import verdicts
from finexl.bench.experiment import Verdict
from finexl.bench.writing import SUMMARY, markdown_table, write_experiment
from finexl.errors import InputError
from finexl.store import atomic_write

LINK = re.compile(r"(!\[[^\]]*\])\(([^)]+)\)")
"""A picture in a report, and its file beside it."""
FIGURES = (".svg", ".webp")
HEADS = (
    "experiment",
    "on",
    "figure",
    "ours",
    "best rival",
    "ours minus it",
    "ours is",
    "as the paper tells it",
)
INTRODUCTION = """Made by `{command}` from result files; no figure is typed. In brackets: 95% intervals. **Best** and **lost** mean that the interval of
the paired difference to the best rival excludes zero, **tied** that it does not. The best rival is chosen anew for every line, with hindsight, which favours it.
Rivals are other people's methods on the same images, with the same encoder and the same candidate words."""


def page_of(out: Path) -> Path:
    """The page over a folder of results, beside it: docs/evidence.md for docs/evidence."""
    return out.resolve().with_name(f"{out.resolve().name}.md")


def rewrite(out: Path, names: Sequence[str], page: Path) -> Path:
    """Make the reports of these experiments anew from their rows, and the page of them; figures go to images/PAGE beside it.

    Args:
        out: folder of results; of every experiment rows.json is enough.
        names: of the page; all if empty. Those without rows are left out.
    Raises:
        InputError: none of them has rows.
    """
    from finexl.bench.runner import EXPERIMENTS, load_experiment

    found = [name for name in names or EXPERIMENTS if (out / name / "rows.json").is_file()]
    if not found:
        raise InputError(
            f"no rows.json of {', '.join(names) or 'any experiment'} below {str(out)!r}. Run `finexl bench --out {out}` first."
        )
    for name in found:
        kept = json.loads((out / name / "rows.json").read_text(encoding="utf-8"))
        experiment = load_experiment(name)
        write_experiment(out / name, experiment, experiment.report(kept["rows"]), kept["rows"], kept["about"])
    images = page.parent / "images" / page.stem
    for old in (file for name in EXPERIMENTS for file in images.glob(f"{name}-*") if file.suffix in FIGURES):
        old.unlink()  # a figure of an earlier page; what others laid there stays
    return write_page(out, found, page, images, " ".join(["finexl bench", *names, "--page"]))


def write_page(
    out: Path,
    names: Sequence[str],
    page: Path | None = None,
    images: Path | None = None,
    command: str = "finexl bench",
) -> Path:
    """The summary and the reports of all experiments that have one.

    Args:
        page: None for the one beside `out`.
        images: folder to which figures are copied; None to leave them with the results.
        command: that made it.
    """
    page = page or page_of(out)
    found = [name for name in names if (out / name / SUMMARY).is_file()]
    kept = [json.loads((out / name / SUMMARY).read_text(encoding="utf-8")) for name in found]
    title = page.stem.replace("-", " ").capitalize()
    parts = [
        f"# {title}",
        "",
        INTRODUCTION.format(command=command),
        *_measured(kept),
        *_summary(kept),
        *_bars(kept),
    ]
    for name in found:
        text = (out / name / "report.md").read_text(encoding="utf-8")
        parts += ["", _with_links(text, out / name, page, images)]
    page.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(page, "\n".join(parts).rstrip() + "\n")
    return page


def _measured(kept: Sequence[dict[str, Any]]) -> list[str]:
    """What was measured, with what, and for how long."""
    if not kept:
        return []

    def told(key: str) -> str:
        return ", ".join(dict.fromkeys(str(one["about"][key])[:12] for one in kept))

    hours = sum(one["about"]["seconds"] for one in kept) / 3600
    on = ", ".join(dict.fromkeys(v["family"] for one in kept for v in one["verdicts"]))
    machines = "; ".join(dict.fromkeys(one["about"]["machine"] for one in kept))
    quick = (
        " Some of it is a quick run, whose figures mean little."
        if any(one["about"]["quick"] for one in kept)
        else ""
    )
    return [
        "",
        f"{len(kept)} experiments{f' on {on}' if on else ''}; finexl {told('finexl')}, encoder {told('encoder')}, seed {told('seed')}; {hours:.1f} hours in all on "
        f"{machines}.{quick}",
    ]


def _summary(kept: Sequence[dict[str, Any]]) -> list[str]:
    """One line a verdict, then plainly where ours is not best."""
    every = [(one["title"], _verdict(v)) for one in kept for v in one["verdicts"]]
    if not every:
        return []
    words = [one.word for _, one in every]
    counts = ", ".join(f"{word} {words.count(word)}" for word in ("best", "tied", "lost", "too few runs"))
    lines = [
        "",
        *markdown_table(HEADS, [verdicts.line(title, one) for title, one in every]),
        "",
        f"Of {len(every)} comparisons ours is: {counts}.",
    ]
    lost = [verdicts.lost(title, one) for title, one in every if one.word == "lost"]
    return [*lines, "", "Where ours is not best:", "", *(f"- {text}" for text in lost)] if lost else lines


def _bars(kept: Sequence[dict[str, Any]]) -> list[str]:
    """What was asked for beforehand."""
    lines = [
        [one["title"], bar["what"], bar["asked"], bar["found"], "yes" if bar["reached"] else "**no**"]
        for one in kept
        for bar in one["bars"]
    ]
    heads = ("experiment", "figure", "asked for", "found", "reached")
    return ["", "Asked for before it was measured:", "", *markdown_table(heads, lines)] if lines else []


def _verdict(kept: dict[str, Any]) -> Verdict:
    """As a file holds it."""
    triples = ("ours", "theirs", "difference")
    return Verdict(**{**kept, **{key: tuple(kept[key]) for key in triples}})


def _with_links(text: str, folder: Path, page: Path, images: Path | None) -> str:
    """The report with links that work from the page; figures are copied where they have a folder."""

    def link(match: re.Match[str]) -> str:
        file = folder / match[2]
        if images is None:
            return f"{match[1]}({folder.parent.name}/{folder.name}/{match[2]})"
        images.mkdir(parents=True, exist_ok=True)
        target = images / f"{folder.name}-{match[2]}"
        target.write_bytes(file.read_bytes())
        return f"{match[1]}({target.relative_to(page.parent).as_posix()})"

    return LINK.sub(link, text)
