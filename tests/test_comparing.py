"""Two personalizations of one base against one another."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

import finexl
from drawers import Drawer, darker, paler
from finexl import Concept, ConceptScore, Explanation, FinexlError, InputError
from finexl.comparing import _contrasted
from finexl.method import Settings, decompose
from looks import Looks
from test_explaining import Few


def run(*sides, **options):
    return finexl.compare(*sides, **({"encoder": Looks(), "proposer": Few(), "cache": False} | options))


def models(*sides, **options):
    return run(*sides, **({"n_probes": 14} | options))


def by_name(comparison):
    return {c.concept: c for c in comparison.contrasts}


def test_the_same_change_twice_as_strong_differs_by_that_much_and_by_nothing_else():
    found = models(Drawer(), Drawer(darker, 0.5), Drawer(darker, 1.0))
    dark = by_name(found)["dark"]
    assert dark.b.value == pytest.approx(2 * dark.a.value, rel=0.2)
    assert dark.difference.low > 0
    assert found.p_value < 0.05
    assert "more “dark”" in found.summary


def test_differences_are_the_differences_of_the_weights():
    found = models(Drawer(), Drawer(darker), Drawer(paler))
    for c in found.contrasts:
        assert c.difference.value == pytest.approx(c.b.value - c.a.value, abs=1e-9)
    assert by_name(found)["dark"].difference.high < 0 < by_name(found)["muted colours"].difference.low


def test_what_both_share_cancels_although_each_shows_it():
    found = models(Drawer(), Drawer(darker), Drawer(darker))
    assert found.p_value == 1
    assert found.summary.startswith("No difference was found")
    assert by_name(found)["dark"].a.low > 0
    assert by_name(found)["dark"].difference.value == 0


def test_swapping_the_two_turns_every_sign():
    there, back = (
        models(Drawer(), *sides)
        for sides in ((Drawer(darker), Drawer(paler)), (Drawer(paler), Drawer(darker)))
    )
    for name, c in by_name(there).items():
        if name in by_name(back):
            assert by_name(back)[name].difference.value == pytest.approx(-c.difference.value, abs=1e-9)


def test_the_base_is_drawn_once_for_both():
    base = Drawer()
    models(base, Drawer(darker, log=base.log), Drawer(paler, log=base.log))
    assert len(base.drawn()) == len(set(base.drawn())) == 42


def test_three_folders_do_as_well(folders, tmp_path):
    base, dark = folders(14, "darker")
    _, pale = folders(14, "paler", where=tmp_path / "other")
    found = run(base, dark, pale)
    assert (found.a, found.b) == (str(dark), str(pale))
    assert by_name(found)["dark"].difference.high < 0


def test_three_tables_do_as_well(folders, tmp_path):
    base, dark = folders(14, "darker")
    _, pale = folders(14, "paler", where=tmp_path / "other")
    for name, folder in (("base", base), ("dark", dark), ("pale", pale)):
        rows = [f"{folder / f'{i}.png'},a cat" for i in range(14)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["file_name,prompt", *rows]))
    tables = run(*(tmp_path / f"{name}.csv" for name in ("base", "dark", "pale")))
    assert by_name(tables)["dark"].difference.high < 0
    assert tables.explanation_a.provenance.templates == ("a cat",)
    assert any("made from one prompt" in note for note in tables.notes)


def test_too_few_pairs_are_called_so(folders, tmp_path):
    base, dark = folders(5, "darker")
    found = run(base, dark, base)
    assert found.summary.startswith("5 pairs are too few to tell whether")
    assert "Too few pairs to tell" in str(found.explanation_a)
    assert found.explanation_b.summary.startswith("No difference was found")  # the same pictures twice


def test_folders_that_do_not_match_are_refused(folders, tmp_path):
    base, dark = folders(14, "darker")
    _, pale = folders(14, "paler", where=tmp_path / "other")
    (pale / "3.png").unlink()
    with pytest.raises(InputError, match="not for the same ones"):
        run(base, dark, pale, pair="name")
    with pytest.raises(InputError, match="pair by pair"):
        run(base, dark, dark, pair="unpaired")


def test_models_and_folders_are_not_mixed(folders):
    with pytest.raises(InputError, match="three models, or three sets"):
        run(Drawer(), Drawer(darker), folders(3)[0])


def test_the_report_holds_both_explanations_and_survives_hostile_names(tmp_path):
    base, evil = Drawer(), Drawer(darker)
    evil.name = "<script>alert(1)</script>|[x](http://evil)\x1b[31m"
    folder = models(base, evil, Drawer(paler)).save(tmp_path / "out")
    for name in (
        "comparison.html",
        "comparison.md",
        "comparison.json",
        "a/report.html",
        "b/explanation.json",
    ):
        assert (folder / name).is_file()
    page = (folder / "comparison.html").read_text()
    assert "<script>alert" not in page
    assert "\x1b" not in page + (folder / "comparison.md").read_text()
    data = json.loads((folder / "comparison.json").read_text())
    assert data["schema_version"] == 1
    assert {c["concept"] for c in data["contrasts"]} >= {"dark", "muted colours"}


def test_the_command_line_says_the_same(finexl_command, folders, tmp_path):
    base, dark = folders(14, "darker")
    _, pale = folders(14, "paler", where=tmp_path / "other")
    done = finexl_command("compare", base, dark, pale, "--encoder", "looks", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "dark" in done.stdout
    assert (tmp_path / "out" / "comparison.html").is_file()


def test_what_is_to_be_known_about_either_side_is_told_once(folders, tmp_path):
    base, dark = folders(14, "darker")
    _, pale = folders(14, "paler", where=tmp_path / "other")
    (pale / "extra.png").write_bytes((pale / "3.png").read_bytes())
    for sides in ((dark, pale), (pale, dark)):
        notes = run(base, *sides, pair="name").notes
        assert sum("without a partner" in note for note in notes) == 1
        assert len(set(notes)) == len(notes)


def test_no_image_leaves_the_machine_where_that_is_forbidden(folders, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    base, dark = folders(14, "darker")
    with pytest.raises(FinexlError, match="may not leave"):
        run(base, dark, dark, proposer="openai:gpt-4o", local_only=True, require_vlm=True)


def test_the_sentence_names_what_holds_for_all_words_together():
    """Six looks that both have alike and one that differs: words that the intervals, each by itself, let by are not stated."""
    stated = shown = 0
    for trial in range(40):
        rng = np.random.default_rng(trial)
        F = np.linalg.qr(rng.standard_normal((64, 40)))[0].T
        both = rng.choice([-1, 1], 6) * rng.uniform(0.4, 0.8, 6) @ F[:6]
        D = both + 0.25 * rng.standard_normal((2, 30, 64))
        D[1] += 0.5 * F[6]
        concepts = [Concept(name=f"word {i:02}", aspect="any") for i in range(40)]
        sides = [explained(rows, F, concepts) for rows in D]
        found = _contrasted(
            SimpleNamespace(settings=Settings(bootstrap=1), method="finexl"), ("a", "b"), *sides
        )
        sure = [c for c in found.contrasts if c.difference.low > 0 or c.difference.high < 0]
        shown += any(c.concept != "word 06" for c in sure)
        stated += bool(re.search(r"word (?!06)", found.summary))
        assert "more “word 06”" in found.summary
    assert stated <= 5 < shown


def explained(D, F, concepts):
    """What `compare` needs to know of one side."""
    answer = decompose(D, F)
    scores = [
        ConceptScore(concept=concepts[i].name, aspect="any", weight=w, low=w, high=w, share=0)
        for i, w in zip(answer.indices, answer.weights, strict=True)
    ]
    whole = Explanation.model_construct(concepts=scores, notes=())
    return SimpleNamespace(D=D, F=F, concepts=concepts, indices=answer.indices, explanation=whole)
