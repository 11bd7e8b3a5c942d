"""Experiments on personalized models: tables whose answers are known, and quick runs on models that draw."""

from __future__ import annotations

import pytest

from finexl.bench import models_tables
from finexl.bench.experiment import Setting
from finexl.bench.experiments import models, nearest, prompting
from finexl.bench.grounds import ONCE, OURS, VOCABULARY
from finexl.bench.models_grades import by_strength, by_training
from finexl.bench.models_tables import shares
from finexl.bench.pool import Member, lab_pool
from finexl.bench.workshop import Workshop
from finexl.errors import InputError
from finexl.explaining import explain
from finexl.method import decompose

OTHER = "cosine"


def row(model, aspects, method, words, weights, *, strength=1.0, graded=False, null=False):
    right = [word in aspects for word in words[:3]]
    return {"family": "gan", "model": model, "taught": "what it was taught", "aspects": aspects, "null": null, "run": model, "kind": "lora", "graded": graded,
            "strength": strength, "candidates": VOCABULARY, "method": method, "pairs": 50, "words": words, "scores": [0.1] * len(words), "first": right[:1] == [True],
            "three": any(right), "parts": sum(a in words for a in aspects) / len(aspects) if aspects else None, "weights": weights}  # fmt: skip


def a_pool():
    rows = []
    for method, words, scale in ((OURS, ["sepia", "dark"], 1.0), (OTHER, ["dark", "sepia"], 0.0)):
        for strength in (0.5, 1.0):
            for model, aspect in (("sepia-10", "sepia"), ("dark-10", "dark")):
                named = words if aspect == "sepia" else words[::-1]
                weights = [strength * (1 + (aspect == "dark")) * scale]
                rows.append(row(model, {aspect: 1.0}, method, named, weights, strength=strength, graded=True))
        rows.append(row("mix", {"sepia": 0.6, "dark": 0.2}, method, words, [0.6 * scale, 0.4 * scale]))
        rows.append(row("null", {}, method, [], [], null=True))
    return rows


def test_tables_of_models_by_hand(lines):
    report = models_tables.report(a_pool())
    rates = lines(report, "Right words, gan")
    assert rates[OURS][0].startswith("1.00")
    assert rates[OTHER][0].startswith("0.00")
    assert rates[OTHER][1].startswith("1.00")
    assert rates[OTHER][2].startswith("1.00")  # in the first three
    strengths = lines(report, "By strength, gan")
    assert strengths[OURS][4].startswith("1.00")
    assert strengths[OTHER][4].startswith("0.00")  # a weight that never changes
    assert lines(report, "By aspect, gan") == {
        "sepia": ["1 of 1", "0 of 1", "1", "1 of 1"],
        "dark": ["1 of 1", "0 of 1", "1", "1 of 1"],
    }
    gaps = {one.measure: one.difference[0] for one in report.verdicts}
    assert gaps["a right word first"] == 1
    assert gaps["a right word in the first three"] == 0
    assert gaps[f"error of the recovered share of mixes, candidates {VOCABULARY}"] < 0
    assert lines(report, "Every model")["null"] == ["what it was taught", "nothing", "-", "-"]
    assert "of the near-null nothing is reported" in report.text
    assert [f.name for f in report.figures] == ["strength-gan"]


def test_other_pictures_of_mixes_are_told_apart_and_change_nothing_else(lines):
    again = [
        row("mix", {"sepia": 0.6, "dark": 0.2}, method, words, [1.0, 0.0]) | {models_tables.OTHER_PICTURES: 3}
        for method, words in ((OURS, ["sepia"]), (OTHER, []))
    ]
    before, after = models_tables.report(a_pool()), models_tables.report([*a_pool(), *again])
    rates = lines(after, "Right words, gan")
    assert [rates[m][-2].split()[0] for m in (OURS, OTHER)] == ["0.50", "0.00"]
    assert [cells[:-2] for cells in rates.values()] == [
        cells[:-2] for cells in lines(before, "Right words, gan").values()
    ]
    note = next(t.note for t in after.tables if t.title == "Right words, gan")
    assert "50 pairs each; of mixes other pictures were drawn for 1 more seed." in note
    added = [one for one in after.verdicts if one not in before.verdicts]
    assert [(one.measure, one.difference[0]) for one in added] == [(models_tables.PARTS_ELSEWHERE, 0.5)]
    assert shares([*a_pool(), *again], VOCABULARY) == shares(a_pool(), VOCABULARY)


def test_shares_are_in_units_of_the_models_taught_one_aspect():
    (ours,) = [r for r in shares(a_pool(), VOCABULARY) if r["method"] == OURS]
    # sepia weighs 0.6 of its unit 1, dark 0.4 of its unit 2: 0.75 and 0.25, which is what was taught
    assert ours["found"] == pytest.approx([0.75, 0.25])
    assert ours["error"] == pytest.approx(0)


def test_a_mix_whose_parts_are_not_taught_alone_has_no_shares():
    rows = [r for r in a_pool() if r["model"] != "dark-10"]
    assert shares(rows, VOCABULARY) == []


def test_strengths_count_only_for_graded_models():
    assert {(r["model"], r["method"]) for r in by_strength(a_pool())} == {
        (m, method) for m in ("sepia-10", "dark-10") for method in (OURS, OTHER)
    }


def test_taught_levels_make_a_curve_for_every_aspect_of_three_levels():
    rows = [
        row(f"sepia {level} {run}", {"sepia": level}, OURS, ["sepia"], [level + run])
        for level in (0.2, 0.5, 1.0)
        for run in (0.0, 0.1)
    ]
    rows += [row(f"dark {level}", {"dark": level}, OURS, ["dark"], [level]) for level in (0.5, 1.0)]
    (curve,) = by_training(rows)
    assert curve["model"] == "sepia, lora"
    assert curve["levels"] == [0.2, 0.5, 1.0]
    assert curve["weights"] == pytest.approx([0.25, 0.55, 1.05])  # the mean of both runs
    assert (curve["rank_error"], curve["spearman"]) == (0, 1)


def test_taught_levels_named_once_are_read_beside_every_model_by_itself(lines):
    levels = (0.2, 0.5, 1.0)
    rows = [
        row(f"sepia {level}", {"sepia": level}, method, words, [weight])
        for level, alone in zip(levels, (0.0, 0.6, 0.4), strict=True)
        for method, words, weight in (
            (OURS, ["sepia"], alone),
            (ONCE, ["sepia"], level),
            (OTHER, [], 0.0),
        )
    ]
    report = models_tables.report(rows)
    assert "every model by itself, ordered with Spearman 0.50" in report.text
    assert "named at the highest, ordered with Spearman 1.00" in report.text
    assert {ONCE, OURS} <= set(lines(report, "By taught level, gan"))
    assert ONCE not in lines(report, "Right words, gan")  # no way to name a model by itself
    assert not by_strength(rows)
    assert "error of the recovered level, by taught level, named at the highest" in {
        one.measure for one in report.verdicts
    }


def test_levels_of_one_look_are_named_by_the_highest():
    known = {m.id: m for m in lab_pool()}
    taught = [known[f"gan/sepia-{level}"] for level in (10, 2, 6)]
    others = [known["gan/dark-10"], known["gan/null"], known["gan/mix-sepia-6-vignette-6"]]
    assert models.taught_levels([*taught, *others]) == [[taught[1], taught[2], taught[0]]]
    *_, cell = models.cells(Setting(quick=True, models=tuple(taught)))
    again = cell.run()
    assert [r["model"] for r in again] == ["gan/sepia-2", "gan/sepia-6", "gan/sepia-10"]
    assert {(r["method"], r["graded"], r["strength"]) for r in again} == {(ONCE, False, 1.0)}
    weights = [r["weights"][0] for r in again]
    assert 0 < weights[0] < weights[1] < weights[2]


def test_a_failure_is_shown_with_its_pictures():
    missed = row("gan/sepia-10", {"sepia": 1.0}, OURS, ["dark"], [0.0]) | {"picture": "eA=="}
    other = row("gan/sepia-10", {"sepia": 1.0}, OTHER, ["sepia"], [0.5])
    assert models_tables.is_failure(missed)
    assert not models_tables.is_failure(row("a", {"sepia": 1.0}, OURS, ["sepia"], [1.0]))
    assert not models_tables.is_failure(row("null", {}, OURS, [], [], null=True))
    assert models_tables.is_failure(row("mix", {"sepia": 0.6, "dark": 0.2}, OURS, ["sepia"], [1.0, 0.0]))
    report = models_tables.report([missed, other])
    assert [(p.name, p.data) for p in report.pictures] == [("gan-sepia-10", "eA==")]
    first = next(one for one in report.verdicts if one.measure == "a right word first")
    assert (first.difference[0], first.why) == (-1, "Not first for sepia-10 (dark).")


def test_a_quick_run_and_its_resumption(quick, small):
    report, rows = quick(models)
    assert {r["family"] for r in rows} == {"gan"}
    assert {r["strength"] for r in rows} == {0.3, 0.6, 1.0}
    seen = small.prepared
    assert quick(models) == (report, rows)
    assert small.prepared == seen


def test_mixes_are_drawn_for_other_prompts_and_seeds_too():
    mix = next(m for m in lab_pool() if m.id == "gan/mix-sepia-6-vignette-6")
    (cell,) = models.cells(Setting(quick=True, models=(mix,)))
    rows = [r for r in cell.run() if (r["candidates"], r["method"]) == (VOCABULARY, OURS)]
    assert [r.get(models_tables.OTHER_PICTURES) for r in rows] == [None, *models.OTHERS]
    assert len({tuple(r["scores"]) for r in rows}) == 3


def test_a_case_is_what_explain_looks_at():
    member = next(m for m in lab_pool() if m.id == "gan/sepia-10")
    shop = Workshop(Setting(quick=True), [member])
    with shop.sitting(member) as session:
        case = session.case()
    explanation = explain(member.base, member.model, n_probes=len(case.D), proposer="vocabulary")
    found = decompose(case.D, case.directions, "finexl", case.settings)
    assert [shop.words[i] for i in found.indices] == [c.concept for c in explanation.concepts]
    assert found.weights == pytest.approx([c.weight for c in explanation.concepts])
    assert found.p_value == explanation.p_value


def test_a_member_that_cannot_draw_or_has_no_strength_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    folders = Member(model=str(tmp_path / "a"), base=str(tmp_path / "a"))
    shop = Workshop(Setting(quick=True))
    with pytest.raises(InputError), shop.sitting(folders):
        pass
    whole = Member(model="lab:gan", base="lab:gan")
    with shop.sitting(whole) as session, pytest.raises(InputError, match="no strength"):
        session.at(0.5)


# peft asks transformers for it by its old name
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
def test_a_quick_run_of_the_words_in_the_prompt(quick):
    report, rows = quick(prompting)
    assert {r["family"] for r in rows} == {"ar", "diffusion"}
    assert all(-1 <= r["cosine"] <= 1 for r in rows)
    silent = [r for r in rows if not r["words"]]
    assert all(r["cosine"] == 0 and r["reproduced"] == 0 for r in silent)
    assert "of random words" in report.text
    assert len({r["model"] for r in rows}) == 2
    for taught in (r for r in rows if r["method"] == prompting.TAUGHT):
        assert taught["words"] == list(taught["aspects"])
    assert sorted(one.family for one in report.verdicts) == ["ar", "ar", "diffusion", "diffusion"]
    assert all(one.rival not in (prompting.TAUGHT, prompting.RANDOM_WORDS) for one in report.verdicts)


def test_of_the_levels_of_an_aspect_the_highest_is_written_into_prompts():
    levels = [0.1, 0.4, 0.5, 0.9, 1.0]
    mixed = Member(model="m", base="b", aspects={"sepia": 0.2, "dark": 0.1}, kind="lora")
    whole = Member(model="w", base="b", aspects={"sepia": 0.3}, kind="full")
    chosen = prompting.chosen_members([mixed, whole, *runs("sepia", levels, kind="lora")])
    assert [m.id for m in chosen] == ["m", "w", "sepia4"]


def runs(style, levels, **more):
    return [
        Member(model=f"{style}{i}", base="b", aspects={style: level}, adjustable=True, **more)
        for i, level in enumerate(levels)
    ]


def pools(*members):
    return {
        name: {s: [m.id for m in own] for s, own in styles.items()}
        for name, styles, _ in nearest.pools(members)
    }


def test_runs_are_enough_for_the_selection_task_only_from_three_on():
    assert pools(*runs("sepia", [1, 1, 1]), *runs("dark", [1, 1])) == {}
    found = pools(*runs("sepia", [1, 1, 1]), *runs("dark", [1, 1, 1]), *runs("blurry", [1, 1]))
    assert found == {
        "your own, by strength": {
            "sepia": ["sepia0", "sepia1", "sepia2"],
            "dark": ["dark0", "dark1", "dark2"],
        }
    }
    mixed = Member(model="m", base="b", aspects={"sepia": 1, "dark": 1}, adjustable=True)
    assert pools(mixed, *runs("sepia", [1, 1, 1]), *runs("dark", [1, 1, 1])) == found
    one_run = [*runs("sepia", [1, 1, 1], run="same"), *runs("dark", [1, 1, 1])]
    assert pools(*one_run) == {}


def test_taught_levels_are_a_pool_where_every_style_has_three():
    levels = [0.1, 0.5, 0.8, 1.0]
    members = [*runs("sepia", levels), *runs("dark", levels[1:]), *runs("blurry", levels[:2])]
    ((name, styles, by_strength),) = nearest.pools(members)
    assert (name, list(styles), by_strength) == ("your own", ["sepia", "dark"], False)
    assert nearest.common_levels(styles) == levels[1:]
    pool = nearest.Trained(Setting(), name, styles, by_strength)
    assert pool.levels == {3: levels[1:]}
    assert [m.id for m in pool.models if m.style == "dark"] == ["dark0 @ 0.5", "dark1 @ 0.8", "dark2 @ 1.0"]


def test_models_of_another_kind_of_training_are_left_out():
    members = [*runs("sepia", [0.5, 0.8, 1.0], kind="lora"), *runs("dark", [0.5, 0.8, 1.0], kind="lora")]
    whole = Member(model="whole", base="b", aspects={"sepia": 0.8}, kind="full")
    ((_, styles, _),) = nearest.pools([whole, *members])
    assert "whole" not in [m.id for m in styles["sepia"]]


def test_a_quick_run_of_the_selection_task_among_models(quick, small):
    report, rows = quick(nearest)
    assert {r["family"] for r in rows} == {"gan"}
    models = [r for r in rows if "model" in r]
    assert len({r["style"] for r in models}) == 2
    assert len({r["run"] for r in models}) == len(models) == 6
    assert [one.family for one in report.verdicts] == ["gan", "gan"]
