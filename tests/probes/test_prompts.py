import os
from pathlib import Path

import pytest

from finexl.errors import InputError, UnknownNameError
from finexl.probes import SETS, load_prompts, make_probes


def refusal(prompts):
    with pytest.raises(InputError) as caught:
        load_prompts(prompts)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_file_holds_a_prompt_a_line(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeffa cat\r\n  un été à la mer, {x} \r\n猫\r\n\r\n \n".encode())
    expected = ("a cat", "un été à la mer, {x}", "猫")
    assert load_prompts(path) == load_prompts(str(path)) == load_prompts(list(expected)) == expected


def test_a_set_goes_before_a_file_of_the_same_name_and_a_path_means_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "general").write_text("a cat\na dog\n")
    assert len(load_prompts("general")) == 200
    for path in ("./general", Path("general"), tmp_path / "general"):
        assert load_prompts(path) == ("a cat", "a dog")
        assert len(make_probes(path)) == 2


def test_an_unknown_set_names_the_known(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownNameError, match=r"'portrait'.*'portraits'") as caught:
        load_prompts("portrait")
    assert all(name in str(caught.value) for name in SETS)
    for missing in ("prompts.txt", "folder/prompts"):
        assert "does not exist" in refusal(missing)
    for impossible in ("nul\0", "a cat, " * 60):
        assert "put prompts into a list" in refusal(impossible)


def test_files_that_cannot_be_read_say_why(tmp_path):
    assert "is a folder" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refusal(tmp_path / "pipe")
    for content in (b"", b"\n \r\n", "\ufeff".encode()):
        (tmp_path / "empty.txt").write_bytes(content)
        assert "holds no prompts" in refusal(tmp_path / "empty.txt")
    for content in ("ein Bär".encode("latin-1"), "a cat\n".encode("utf-16"), b"\x89PNG\r\n\x1a\n" * 1000):
        (tmp_path / "other.txt").write_bytes(content)
        assert "not UTF-8" in refusal(tmp_path / "other.txt")


def test_a_file_without_permission(open_folder, as_somebody):
    path = open_folder / "mine.txt"
    path.write_text("a cat\n")
    for closed in (path, open_folder):
        closed.chmod(0)
        with as_somebody():
            assert "Permission denied" in refusal(path)
        closed.chmod(0o777)


def test_bad_prompts_are_named_by_line_and_number(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("a cat\n\na dog\n")
    assert f"line 2 of '{path}' is blank" in refusal(path)
    path.write_text("a cat\n" + "x" * 2001 + "\n")
    assert "line 2" in refusal(path)
    assert load_prompts(["x" * 2000]) == ("x" * 2000,)
    assert "prompt 2 of the list has 2001 characters" in refusal(["a cat", "x" * 2001])
    assert "prompt 1 of the list is blank" in refusal(["\t"])
    assert "prompt 2 of the list is no text but of type int" in refusal(["a cat", 3])
    assert "UTF-8 cannot hold at position 2" in refusal(["a \udcff"])
    assert "empty" in refusal([])
