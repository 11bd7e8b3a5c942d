"""Parts of a spec, whatever signs paths hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finexl import InputError
from finexl.generators.specs import split_spec

NAMES = st.text("abcXYZ09._-/", min_size=1, max_size=12).filter(lambda text: text.strip("./"))


@given(st.lists(st.tuples(NAMES, st.floats(-100, 100).map(lambda x: round(x, 3))), min_size=1, max_size=4))
def test_parts_and_strengths_come_back(parts):
    text = "+".join(f"{name}:{strength}" for name, strength in parts)
    assert split_spec(text) == parts


def test_strength_is_one_where_none_is_given():
    assert split_spec("owner/model+a") == [("owner/model", 1.0), ("a", 1.0)]


@pytest.mark.parametrize("name", ["c++ style", "a+b:0.5", "ink:0.5", "new + old"])
def test_what_exists_is_taken_whole(tmp_path, name):
    (tmp_path / name).mkdir(parents=True)
    path = str(tmp_path / name)
    assert split_spec(f"base+{path}") == [("base", 1.0), (path, 1.0)]
    assert split_spec(f"base+{path}:0.25") == [("base", 1.0), (path, 0.25)]


def test_a_drive_letter_is_no_strength():
    assert split_spec(r"C:\models\base+D:/ink.safetensors:0.5") == [
        (r"C:\models\base", 1.0),
        ("D:/ink.safetensors", 0.5),
    ]


@pytest.mark.parametrize("text", ["a+", "+a", "a++b", "a:1e9", "a:0.5.5", "a:--1"])
def test_what_cannot_be_meant_is_refused(text):
    with pytest.raises(InputError):
        split_spec(text)
