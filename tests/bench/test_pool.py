"""A user's own models with known truth, as a file; and the lab's."""

from __future__ import annotations

import pytest

from finexl.bench.pool import lab_pool, read_pool
from finexl.errors import InputError

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


def test_the_labs_pool_says_what_its_truth_files_say():
    members = {member.id: member for member in lab_pool()}
    full = members["gan/watercolour-10"]
    assert full.aspects == {"watercolour": 1.0}
    assert full.graded
    assert full.adjustable
    assert full.model == "lab:gan/watercolour-10"
    assert full.base == "lab:gan"
    assert "gouache" in full.accepted("watercolour")
    assert members["gan/null"].null
    assert not members["gan/null"].aspects
    assert not members["diffusion/full-watercolour"].adjustable
    assert not members["diffusion/full-watercolour"].graded
