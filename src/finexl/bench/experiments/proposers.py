"""What is a proposer worth, what does it cost, and how good must it be to beat the vocabulary? Proposers are simulated.

They are told the right words and name a known part of them (`finexl.bench.simulated`), because no vision-language model is at hand. The
chains that use what they say are those of `finexl.bench.proposers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

import numpy as np

from finexl.bench.contrasts import difference
from finexl.bench.core import Bench
from finexl.bench.experiment import Cell, Experiment, Figure, Report, Row, Setting, Table
from finexl.bench.intervals import mean_interval, told
from finexl.bench.proposers import CHAINS, lab_changes, lab_grounds, proposer_quality
from finexl.bench.simulated import QUALITIES, Quality, recalling
from finexl.bench.sweeps import FEW, PAIRS, Change, effects, ground, mixes
from finexl.encoders import load_encoder
from finexl.method import Settings
from finexl.proposers import load_vocabulary
from finexl.proposers.vlm.endpoints import PRICES
from finexl.proposers.vlm.proposer import ASKS, TOKENS_OF_REPLY, TOKENS_PER_PICTURE
from finexl.proposers.vlm.questions import PAIRS as PAIRS_SHOWN

RECALLS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Of the parts of a change; one wrong word for every part besides."""
SWEPT: dict[str, Quality] = {f"recall {recall:g}": recalling(recall) for recall in RECALLS}
NONE = "vocabulary only"
TEXT_OF_QUESTION = 500
"""Tokens, about; the pictures take most of them."""
EVERY = 4
"""Every fourth single effect takes part, and every second mix."""
PHOTOGRAPHS, LAB = "photographs", "lab"


def cells(setting: Setting) -> list[Cell]:
    """One for every change: by image tools on photographs (split "test"), and by the lab's styles on its pictures."""
    quick = setting.quick
    tools: list[Change] = [*effects("test", quick)[::EVERY], *mixes(quick=quick)[::2]]
    styles = lab_changes(load_vocabulary())[: 1 if quick else None]
    return [
        Cell(f"{where} {change.name}", partial(_rows, setting, where, change, number))
        for where, changes in ((PHOTOGRAPHS, tools), (LAB, styles))
        for number, change in enumerate(changes)
    ]


def _rows(setting: Setting, where: str, change: Change, number: int) -> list[Row]:
    n = FEW if setting.quick else PAIRS
    bench = (
        ground(setting.encoder, n, setting.seed)
        if where == PHOTOGRAPHS
        else _lab(setting.encoder, n, setting.seed)
    )
    found = proposer_quality(bench, [change], setting.seed, setting.progress, {**QUALITIES, **SWEPT}, number)
    return [{"on": where, **row} for row in found]


@cache
def _lab(encoder: str, n: int, seed: int) -> Bench:
    return Bench(
        load_encoder(encoder), load_vocabulary(), lab_grounds(n, seed), Settings(seed=seed, bootstrap=1)
    )


def report(rows: Sequence[Row]) -> Report:
    """By quality and by recall, what the words cost, and the recall from which on a proposer beats the vocabulary."""
    places = {where: [r for r in rows if r["on"] == where] for where in dict.fromkeys(r["on"] for r in rows)}
    tables = [
        table for where, own in places.items() for table in (_qualities(where, own), _recalls(where, own))
    ]
    return Report(
        " ".join(_text(where, own) for where, own in places.items()),
        [*tables, _costs(places)],
        [_figure(where, own) for where, own in places.items()],
    )


def _parts(rows: Sequence[Row], quality: str, chain: str) -> list[float]:
    """One figure a change, in order."""
    return [float(r["parts"]) for r in rows if (r["quality"], r["method"]) == (quality, chain)]


def _plain(rows: Sequence[Row]) -> list[float]:
    return _parts(rows, "none", NONE)


def break_even(rows: Sequence[Row], chain: str) -> float | None:
    """The recall from which on a chain names as many parts as the vocabulary alone, straight between those measured; None: never."""
    bar = float(np.mean(_plain(rows)))
    means = [float(np.mean(_parts(rows, name, chain))) for name in SWEPT]
    for i, (recall, mean) in enumerate(zip(RECALLS, means, strict=True)):
        if mean >= bar:
            if i == 0:
                return 0.0
            return RECALLS[i - 1] + (recall - RECALLS[i - 1]) * (bar - means[i - 1]) / (mean - means[i - 1])
    return None


def _even(rows: Sequence[Row], chain: str) -> str:
    found = break_even(rows, chain)
    return "never" if found is None else f"{found:.2f}"


def _text(where: str, rows: Sequence[Row]) -> str:
    even = ", ".join(f"{chain} {_even(rows, chain)}" for chain in CHAINS)
    return (
        f"**{where}**: the vocabulary alone names {told(mean_interval(_plain(rows)))} of the parts of {len(_plain(rows))} changes. A proposer with one wrong "
        f"word for every part breaks even with it from this recall on: {even}."
    )


def _qualities(where: str, rows: Sequence[Row]) -> Table:
    lines: list[list[object]] = []
    for quality in QUALITIES:
        best = [_parts(rows, "perfect", chain) for chain in CHAINS]
        own = [_parts(rows, quality, chain) for chain in CHAINS]
        lines.append(
            [
                quality,
                *(
                    f"{told(mean_interval(o))} ({100 * (np.mean(o) - np.mean(b)):+.0f})"
                    for o, b in zip(own, best, strict=True)
                ),
            ]
        )
    note = (
        "Part of a change's effects whose right word is among the first five, a synonym counting as its concept; in round brackets points against a perfect "
        "proposer. With vocabulary: the default, proposed words tested on held-out pairs. Vocabulary lacks it: the same without any right word "
        "in the vocabulary. Proposer alone: no vocabulary. Paper's chain: Algorithm 1 on the proposed words, untested."
    )
    return Table(f"By quality, {where} (simulated)", ("proposer", *CHAINS), lines, note)


def _recalls(where: str, rows: Sequence[Row]) -> Table:
    plain = _plain(rows)
    lines: list[list[object]] = []
    for recall, name in zip(RECALLS, SWEPT, strict=True):
        own = {chain: _parts(rows, name, chain) for chain in CHAINS}
        lines.append(
            [f"{recall:g}", *(f"{np.mean(o):.2f}, {told(difference(o, plain))}" for o in own.values())]
        )
    lines.append(["break-even", *(_even(rows, chain) for chain in CHAINS)])
    note = f"Mean, and the paired difference to the vocabulary alone ({np.mean(plain):.2f}). One wrong word for every part besides."
    return Table(f"By recall, {where} (simulated)", ("recall", *CHAINS), lines, note)


def tokens_of_a_round() -> tuple[int, int]:
    """About how many go in and come out when a model is asked as `finexl explain` asks by default."""
    return ASKS * (2 * PAIRS_SHOWN * TOKENS_PER_PICTURE + TEXT_OF_QUESTION), ASKS * TOKENS_OF_REPLY


def _costs(places: dict[str, list[Row]]) -> Table:
    """What a model of perfect recall would bring a call, a thousand tokens and a cent."""
    sent, received = tokens_of_a_round()
    gains = {}
    for where, rows in places.items():
        for chain in ("with vocabulary", "vocabulary lacks it"):
            plain = (
                np.mean(_plain(rows)) if chain == "with vocabulary" else np.mean(_parts(rows, "wrong", chain))
            )
            gains[f"{where}, {chain}"] = 100 * float(np.mean(_parts(rows, "perfect", chain)) - plain)
    lines: list[list[object]] = [["the vocabulary", 0, 0, "0", *("-" for _ in gains)]]
    for model, price in PRICES.items():
        cents = 100 * (sent * price["input"] + received * price["output"]) / 1e6
        per = [
            f"{gain / ASKS:.1f} / {1000 * gain / (sent + received):.2f} / {gain / cents:.1f}"
            for gain in gains.values()
        ]
        lines.append([model, ASKS, sent + received, f"{cents:.2f}", *per])
    heads = (
        "model",
        "calls",
        "tokens",
        "cents",
        *(f"points a call / 1000 tokens / cent: {name}" for name in gains),
    )
    note = (
        f"Points of named parts that a proposer of perfect recall adds to the vocabulary (or, where it lacks the words, to what is found with none of them), "
        f"for one explained model. Estimated tokens: {PAIRS_SHOWN} pairs in each of {ASKS} questions; prices from `finexl/proposers/vlm/prices.toml`. No model was asked: how "
        "good each is has to be measured with it, `finexl propose` reports what it really cost."
    )
    return Table("Accuracy for its price (simulated)", heads, lines, note)


def _figure(where: str, rows: Sequence[Row]) -> Figure:
    series: dict[str, list[tuple[float, ...]]] = {
        chain: [
            (r, *mean_interval(_parts(rows, name, chain))) for r, name in zip(RECALLS, SWEPT, strict=True)
        ]
        for chain in CHAINS
    }
    series[NONE] = [(RECALLS[0], *mean_interval(_plain(rows))), (RECALLS[-1], *mean_interval(_plain(rows)))]
    return Figure(
        f"recall-{where}",
        f"Parts named by the proposer's recall, {where} (simulated)",
        "recall",
        "parts named",
        series,
    )


EXPERIMENT = Experiment(
    "proposers",
    "Proposers and their cost",
    "What is a proposer of known quality worth beside the vocabulary, for which price, and how good must it be to beat it?",
    cells,
    report,
)
