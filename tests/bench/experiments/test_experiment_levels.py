"""Graded effects: a quick run, and figures of weights whose answers are known."""

from __future__ import annotations

import pytest

from finexl.bench.effects import LEVEL_EFFECTS, LEVEL_EFFECTS_FRESH, LEVELS, SEEN_IN_TRAINING
from finexl.bench.experiment import Setting
from finexl.bench.experiments import levels
from finexl.bench.grounds import ANEW, OURS, QUICK_RIVALS, SIMULATED


def test_a_quick_run_and_its_resumption(quick, small, lines):
    report, rows = quick(levels)
    seen = small.prepared
    assert len(rows) == levels.QUICK_EFFECTS * (2 + len(QUICK_RIVALS) + len(SIMULATED))
    assert all(len(row["weights"]) == len(LEVELS) for row in rows)
    known = [row["weights"] for row in rows if row["method"] in (OURS, ANEW, "cosine")]
    assert all(weights[-1] > 0.1 for weights in known)  # this encoder sees saturation
    ranks = lines(report, "Rank error")
    others = [ANEW if method == OURS else method for method in QUICK_RIVALS]
    assert list(ranks) == ["chance", levels.STRENGTH, *others, *SIMULATED, OURS]
    assert lines(report, "Order")[levels.STRENGTH][2:] == ["-", "0.00 [0.00, 0.00]"]  # it names nothing
    assert ranks["chance"] == ["0.89", "1.60", "2.62", "3.30", "-"]
    assert lines(report, "Recovered level")["chance"][3] == "2.78"
    assert list(lines(report, "Every effect")) == [
        one.effect.name for one in LEVEL_EFFECTS[: levels.QUICK_EFFECTS]
    ]
    (figure,) = report.figures
    assert {OURS, "cosine", "chance"} <= set(figure.series)
    again, same = quick(levels)
    assert small.prepared == seen
    assert (again, same) == (report, rows)


def test_every_graded_effect_has_a_cell():
    assert [cell.key for cell in levels.cells(Setting())] == [one.effect.name for one in LEVEL_EFFECTS]
    fresh = [cell.key for cell in levels.cells(Setting(), "fresh")]
    assert fresh == [one.effect.name for one in LEVEL_EFFECTS_FRESH]


def row(change, method, weights, leakage=0.0, seen=False):
    return {"change": change, "concept": "dark", "seen": seen, "method": method, "weights": list(weights),
            "named_at": sum(w != 0 for w in weights), "leakage": leakage, "pairs": 40}  # fmt: skip


def test_figures_by_hand(lines):
    rows = [
        row("one", "cosine", [0.0] * 10, leakage=None),
        row("one", OURS, LEVELS, leakage=0.2),
        row("two", "cosine", [1.0, *LEVELS[1:]], leakage=0.9),
        row("two", OURS, LEVELS, leakage=0.4),
        row(SEEN_IN_TRAINING[1], "cosine", LEVELS, seen=True),
        row(SEEN_IN_TRAINING[1], OURS, LEVELS[::-1], seen=True),
    ]
    report = levels.report(rows)
    ranks, read, quality = (lines(report, title) for title in ("Rank error", "Recovered level", "Order"))
    assert ranks[OURS] == ["0.00 [0.00, 0.00]"] * 4 + ["-"]
    assert read[OURS] == ["0.00 [0.00, 0.00]"] * 4 + ["-"]
    # Of "two" the first level shares the last one's rank 9.5, and the others move down by one, the last by a half.
    assert ranks["cosine"][3].startswith(f"{(2.5 + (8.5 + 8 + 0.5) / 10) / 2:.2f}")
    assert ranks["cosine"][4].startswith("-")
    assert quality[OURS][0] == "1.00 [1.00, 1.00]"
    assert quality[OURS][2].startswith("0.30")
    assert quality["cosine"][2] == "0.90 [0.90, 0.90]"  # where nothing is named, nothing leaks
    assert quality["cosine"][3].startswith("0.50")
    assert "below them for 2 and 2 of the 2 effects, errors of the recovered level for 2 and 2" in report.text
    assert list(lines(report, "Every effect")) == ["one", "two"]


def test_the_length_of_v_is_a_control_and_no_baseline(lines):
    rows = [
        row("one", levels.STRENGTH, LEVELS, leakage=None),
        row("one", "cosine", LEVELS[::-1], leakage=0.9),
        row("one", OURS, LEVELS),
    ]
    report = levels.report(rows)
    assert "of the best rival (cosine)" in report.text
    assert lines(report, "Rank error")[levels.STRENGTH][3] == "0.00 [0.00, 0.00]"
    assert lines(report, "Every effect")["one"][5] == "5.00 (cosine)"


def test_a_word_that_is_not_named_weighs_nothing(small):
    """This encoder does not see swirls; ours says nothing, and the word's weight is 0 at every level."""
    swirl = next(one for one in LEVEL_EFFECTS if one.concept == "swirled")
    rows = levels._effect(levels.Grounds(Setting(quick=True)), swirl, ["swirled"])
    ours = next(row for row in rows if row["method"] == OURS)
    assert ours["weights"] == [0.0] * 10
    assert ours["named_at"] == 0


@pytest.mark.parametrize("measure", [levels._rank_error, levels.grading.level_error])
def test_fewer_levels_are_some_of_the_ten(measure):
    rows = [
        row("one", OURS, [0.1, 9, 9, 9, 0.5, 9, 9, 9, 9, 1.0])
    ]  # right at the places of three levels alone
    assert levels.figures_of(rows, measure, 3)[OURS] == pytest.approx([0.0])
    assert levels.figures_of(rows, measure, 5)[OURS][0] > 0


def test_ours_is_named_once_and_judged_both_ways():
    rows = [
        row("one", "cosine", LEVELS),
        row("one", OURS, LEVELS),
        row("one", ANEW, [0.0] * 5 + list(LEVELS[5:])),
    ]
    report = levels.report(rows)
    measures = [one.measure for one in report.verdicts]
    assert measures == [f"{what}, {how}" for what in ("error of the recovered level of ten", "rank error at ten levels")
                        for how in ("named once", "named anew at every level")]  # fmt: skip
    assert report.verdicts[0].ours[0] == 0 < report.verdicts[1].ours[0]
    assert report.verdicts[1].why.endswith("not named at some of ten: one at 5.")
    assert [bar.what.partition(", ")[2] for bar in report.bars] == [
        *["named once"] * 2,
        *["named anew at every level"] * 2,
    ]
