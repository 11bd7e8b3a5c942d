"""The right word: a quick run, what counts as right, and what is left out."""

from __future__ import annotations

import base64
from io import BytesIO

import pytest
from PIL import Image

from finexl.bench.effects import EFFECTS, MIXES, MIXES_FRESH, SEEN_IN_TRAINING
from finexl.bench.experiment import Setting
from finexl.bench.experiments import words
from finexl.bench.experiments.words import judged, parts_found
from finexl.bench.grounds import OURS, QUICK_RIVALS, SIMULATED, Grounds
from finexl.bench.sheets import GAP, SIDE


def test_a_quick_run_and_its_resumption(quick, small, lines):
    report, rows = quick(words)
    assert [row["kind"] for row in rows[:: len(QUICK_RIVALS) + 2]] == ["single"] * 3 + ["mix"]
    seen = small.prepared
    ours = {row["change"]: row["words"] for row in rows if row["method"] == OURS and row["kind"] == "single"}
    assert ours["Pillow Color down"][0] == "muted colours"
    assert ours["Pillow Color up"][0] == "vivid colours"
    assert ours["Pillow Brightness down"][0] == "dark"
    rates = lines(report, "Rates")
    assert list(rates) == ["chance", *QUICK_RIVALS, *SIMULATED]
    assert rates[OURS][0] == "1.00 [1.00, 1.00]"
    assert rates[OURS][1] == "-"
    assert list(lines(report, "Every single change")) == list(ours)
    assert lines(report, "Where ours") == {}
    again, same = quick(words)
    assert small.prepared == seen  # nothing was embedded again
    assert (again, same) == (report, rows)


def test_all_test_effects_and_mixes_have_a_cell():
    cells = words.cells(Setting())
    effects = [effect for effect in EFFECTS if effect.split == "test"]
    assert len(cells) == len({cell.key for cell in cells}) == len(effects) + len(MIXES)


def test_the_fresh_split_has_cells_of_its_own():
    keys = {cell.key for cell in words.cells(Setting(), "fresh")}
    assert len(keys) == sum(effect.split == "fresh" for effect in EFFECTS) + len(MIXES_FRESH)
    assert keys.isdisjoint(cell.key for cell in words.cells(Setting()))


def row(change, method, *said, accepted=("dark",), seen=False):
    judgement = judged(said, accepted)
    return {"kind": "single", "change": change, "aspect": "light", "method": method, "words": list(said), "accepted": list(accepted), "seen": seen,
            "chance": 0.01, "pairs": 40, **judgement}  # fmt: skip


def mix(change, method, *found):
    return {"kind": "mix", "change": change, "method": method, "words": ["dark"], "found": list(found), "seen": False,
            "parts": sum(found) / len(found), "chance": 0.02, "pairs": 40}  # fmt: skip


def test_figures_by_hand(lines):
    rows = [
        row("one", "cosine", "dark"),
        row("one", OURS, "sepia", "dark"),
        row("two", "cosine", "sepia"),
        row("two", OURS, "dark"),
        row(SEEN_IN_TRAINING[0], "cosine", "dark", seen=True),
        row(SEEN_IN_TRAINING[0], OURS, "sepia", seen=True),
        mix("a + b", "cosine", True, False),
        mix("a + b", OURS, True, True),
    ]
    report = words.report(rows)
    rates = lines(report, "Rates")
    assert [rates[OURS][i][:4] for i in (0, 2, 4)] == ["0.50", "1.00", "1.00"]
    assert [rates["cosine"][i][:4] for i in (0, 2, 4)] == ["0.50", "0.50", "0.50"]
    assert rates["cosine"][1].startswith("0.00 [-1.00, 1.00]")
    assert rates["cosine"][5] == "0.50 [0.50, 0.50]"
    assert lines(report, "Where ours") == {"one": ["dark", "sepia, dark", "cosine"]}
    assert lines(report, "Every single change")["two"] == ["dark", "dark", "yes", "yes", "0 of 1"]
    assert lines(report, "Every mix") == {"a + b": ["dark", "-"]}
    assert lines(report, "By aspect") == {"light": ["2", "0.50", "0.50", "1.00", "0.50", "one"]}
    assert [one.word for one in report.verdicts] == ["too few runs"] * 3
    assert not report.pictures
    assert "2 single changes" in report.text
    assert SEEN_IN_TRAINING[0] not in lines(report, "Every single change")


def test_what_fails_is_shown_before_and_after(small, monkeypatch):
    monkeypatch.setattr(words, "_named", lambda grounds, *_: {OURS: ["sepia"], "cosine": ["sepia"]})
    grounds = Grounds(Setting(quick=True))
    effect = next(e for e in EFFECTS if "sepia" not in e.accepted)
    ours, other = words._single(grounds, effect, [])
    assert "picture" not in other
    sheet = Image.open(BytesIO(base64.b64decode(ours["picture"])))
    assert sheet.size == (4 * SIDE + 3 * GAP, 2 * SIDE + GAP)
    (picture,) = words.report([ours, other, mix("a", "cosine", True), mix("a", OURS, True)]).pictures
    assert "found sepia" in picture.caption


@pytest.mark.parametrize(
    ("said", "first", "three"),
    [(["dark", "x"], True, True), (["x", "y", "dark"], False, True), (["x", "y", "z", "dark"], False, False), ([], False, False),
     (["-dark"], False, False)],
)  # fmt: skip
def test_first_and_three(said, first, three):
    assert judged(said, ["dark", "-bright"]) == {"first": first, "three": three}


def test_parts_of_a_mix_in_the_first_five():
    truth = [["sepia"], ["framed", "-bright"]]
    assert parts_found(["x", "sepia", "y", "z", "-bright"], truth) == [True, True]
    assert parts_found(["x", "y", "z", "w", "sepia", "framed"], truth) == [True, False]
    assert parts_found([], truth) == [False, False]
