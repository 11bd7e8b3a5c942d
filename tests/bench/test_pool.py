"""A user's own models with known truth, as a file; and the lab's."""

from __future__ import annotations

import json

import pytest

from finexl.bench.pool import lab_pool, read_pool
from finexl.errors import InputError
from finexl.lab.catalogue import LabModel

GOOD = """
[[model]]
model = "gan:face.onnx+ink.safetensors"
base = "gan:face.onnx"
aspects = { "ink drawing" = 0.8 }
right = { "ink drawing" = ["line art", "-photographic"] }

[[model]]
model = "b"
base = "a"
name = "control"
run = "March"
null = true
"""


def written(tmp_path, text):
    path = tmp_path / "pool.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_pool_is_read(tmp_path):
    ink, control = read_pool(written(tmp_path, GOOD))
    assert (ink.id, ink.own_run, ink.truth, ink.family) == (
        "gan:face.onnx+ink.safetensors",
        "gan:face.onnx+ink.safetensors",
        "ink drawing 0.8",
        "your own",
    )
    assert ink.accepted("ink drawing") == ("ink drawing", "line art", "-photographic")
    assert (control.id, control.own_run, control.truth, control.null) == (
        "control",
        "March",
        "nothing new",
        True,
    )


def test_a_change_of_the_truth_makes_another_key(tmp_path):
    before = read_pool(written(tmp_path, GOOD))
    after = read_pool(written(tmp_path, GOOD.replace("0.8", "0.7")))
    assert before[0].key != after[0].key
    assert before[1].key == after[1].key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[model]", "no valid TOML"),
        ("", "model"),
        ("model = []", "model"),
        ('[[model]]\nmodel = "b"', "base"),
        (GOOD + 'colour = "red"', "colour"),
        (GOOD.replace('name = "control"', 'name = "gan:face.onnx+ink.safetensors"'), "twice"),
    ],
)
def test_a_file_that_is_laid_out_otherwise_is_refused(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        read_pool(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no\.toml.*cannot be read"):
        read_pool(tmp_path / "no.toml")


def lab_model(tmp_path, name, **truth):
    folder = tmp_path / name
    folder.mkdir(parents=True)
    told = {"kind": "lora", "aspects": {}, "subject": None, "null": False, **truth}
    (folder / "truth.json").write_text(json.dumps(told), encoding="utf-8")
    return LabModel(name, folder)


def test_the_labs_pool_says_what_its_truth_files_say(tmp_path):
    (tmp_path / "hashes.json").write_text("{}", encoding="utf-8")
    (tmp_path / "gan" / "base").mkdir(parents=True)
    models = [
        LabModel("gan", tmp_path / "gan" / "base"),
        lab_model(tmp_path, "gan/watercolour-10", aspects={"watercolour": 1.0}),
        lab_model(tmp_path, "gan/watercolour-10-again", aspects={"watercolour": 1.0}),
        lab_model(tmp_path, "gan/watercolour-5", aspects={"watercolour": 0.5}),
        lab_model(tmp_path, "gan/whole", aspects={"watercolour": 1.0}, kind="full"),
        lab_model(tmp_path, "gan/null", null=True),
    ]
    full, again, half, whole, null = lab_pool(models)
    assert full.aspects == {"watercolour": 1.0}
    assert (full.model, full.base, full.family, full.kind) == (
        "lab:gan/watercolour-10",
        "lab:gan",
        "gan",
        "lora",
    )
    assert "gouache" in full.accepted("watercolour")
    assert len({m.own_run for m in (full, again, half)}) == 3
    assert [m.graded for m in (full, again, half, whole, null)] == [True, True, False, False, False]
    assert [m.adjustable for m in (full, whole)] == [True, False]
    assert null.null
    assert not null.aspects


def test_what_ships_can_be_read():
    for member in lab_pool():
        assert member.model.startswith("lab:")
        assert member.null or member.aspects or "in every picture" in member.truth
