"""Tables and metadata of images, as other people's tools write them."""

from __future__ import annotations

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import finexl
from finexl import InputError
from finexl.errors import MissingExtraError
from finexl.generators import read_prompts
from finexl.generators.tables import from_name, prompts_of, read_table
from looks import Looks
from test_explaining import Few

ROWS = [("a.png", "a cat, at night"), ("sub/b.png", 'a "dog"')]


def write(path, rows, file="file_name", prompt="prompt"):
    records = [{file: f, prompt: p} for f, p in rows]
    if path.suffix == ".csv":
        quoted = [f'{f},"' + p.replace('"', '""') + '"' for f, p in rows]
        path.write_text("\n".join([f"{file},{prompt}", *quoted]))
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(r) for r in records))
    else:
        pq.write_table(pa.Table.from_pylist(records), path)
    return path


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize(
    ("file", "prompt"), [("file_name", "text"), ("image", "prompt"), ("path", "caption")]
)
def test_tables_in_every_form(tmp_path, ending, file, prompt):
    rows = read_table(write(tmp_path / f"t.{ending}", ROWS, file, prompt))
    assert [(str(r.path.relative_to(tmp_path)), r.prompt) for r in rows] == ROWS


@pytest.mark.parametrize(
    ("name", "content", "mend"),
    [
        ("t.csv", b"", "lists no images"),
        ("t.csv", b"colour\nred\n", "no file"),
        ("t.jsonl", b"{", "cannot be read"),
        ("t.jsonl", b"[" * 100_000, "cannot be read"),
        ("t.csv", b"file\n" + b"x" * 200_000, "cannot be read"),
        ("t.csv", b"\xff\xfe\x00", "cannot be read"),
        ("t.parquet", b"garbage", "cannot be read"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, name, content, mend):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=mend):
        read_table(tmp_path / name)


def test_seeds_and_columns_in_any_case(tmp_path):
    (tmp_path / "t.csv").write_text(
        "File_Name, SEED ,Prompt\na.png,5,<lora:x:1> a cat\nb.png,,\nc.png,7.0,\n"
    )
    rows = read_table(tmp_path / "t.csv")
    assert [(r.path.name, r.seed, r.prompt) for r in rows] == [
        ("a.png", 5, "a cat"),
        ("b.png", None, None),
        ("c.png", 7, None),
    ]
    records = [{"image": "a.png", "seed": 2**63 - 1}, {"image": "b.png", "seed": None}]
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "t.parquet")
    assert [r.seed for r in read_table(tmp_path / "t.parquet")] == [2**63 - 1, None]
    pq.write_table(
        pa.table({"image": ["a.png", "b.png"], "seed": [7.0, float("nan")]}), tmp_path / "t.parquet"
    )
    assert [r.seed for r in read_table(tmp_path / "t.parquet")] == [7, None]


@pytest.mark.parametrize("seed", ["x", "1.5", "nan", "inf"])
def test_seeds_that_are_none(tmp_path, seed):
    (tmp_path / "t.csv").write_text(f"file,seed\na.png,{seed}\n")
    with pytest.raises(InputError, match=r"row 1: the seed"):
        read_table(tmp_path / "t.csv")


def test_signs_that_only_some_take_for_an_end_of_line_belong_to_the_prompt(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"file": "a.png", "text": "a\u2028b\u0085c"}\n\n', encoding="utf-8")
    assert read_table(tmp_path / "t.jsonl")[0].prompt == "a b c"


def test_pictures_inside_a_table_are_not_taken_for_files(tmp_path):
    pq.write_table(
        pa.Table.from_pylist([{"image": {"bytes": b"x", "path": "a.png"}}]), tmp_path / "t.parquet"
    )
    with pytest.raises(InputError, match="let it hold paths"):
        read_table(tmp_path / "t.parquet")


def test_without_pyarrow_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match=r"finexl\[tables\]"):
        read_table(tmp_path / "t.parquet")


def png(path, **texts):
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (32, 32)).save(path, pnginfo=info)
    return path


@pytest.mark.parametrize(
    ("stem", "words"), [("a_red_boat", "a red boat"), ("00012-a red boat-3", "a red boat"), ("0007", "0007")]
)
def test_names_as_words(stem, words):
    assert from_name(stem) == words


def test_prompts_come_from_the_table_beside_the_images_or_from_the_files(tmp_path):
    paths = [png(tmp_path / "a.png"), png(tmp_path / "b.png", parameters="a dog\nSteps: 2")]
    write(tmp_path / "metadata.csv", [("a.png", "a cat")])
    assert prompts_of(paths, "metadata") == ["a cat", "a dog"]
    with pytest.raises(InputError, match="holds no prompt"):
        prompts_of([png(tmp_path / "c.png")], "metadata")


def test_every_folder_has_a_table_of_its_own(tmp_path):
    paths = [png(tmp_path / name / "a.png") for name in ("one", "two")]
    write(tmp_path / "one" / "metadata.csv", [("a.png", "a cat"), ("deeper/a.png", "a dog")])
    write(tmp_path / "two" / "metadata.jsonl", [("a.png", "a boat")])
    assert prompts_of(paths, "metadata") == ["a cat", "a boat"]


def test_images_in_memory_have_neither_names_nor_metadata(scenes):
    with pytest.raises(InputError, match="held in memory"):
        finexl.explain(
            scenes(4), scenes(4, "darker"), "metadata", encoder=Looks(), proposer=Few(), cache=False
        )


def test_an_explanation_measures_concepts_on_the_prompts_that_were_found(folders):
    base, dark = folders(6, names=[f"a_boat_{i}" for i in "abcdef"])
    run = {"encoder": Looks(), "proposer": Few(), "cache": False}
    named = finexl.explain(base, dark, "names", **run)
    assert named.provenance.templates[0] == "a boat a"
    write(base / "metadata.jsonl", [(f"a_boat_{i}.png", f"a boat {i} at sea") for i in "abcdef"])
    told = finexl.explain(base, dark, "metadata", **run)
    assert told.provenance.templates[0] == "a boat a at sea"


def test_two_tables_are_two_sets_of_images(folders, tmp_path):
    base, dark = folders(6)
    for name, folder in (("base.csv", base), ("dark.csv", dark)):
        write(tmp_path / name, [(f"{folder.name}/{i}.png", f"scene {i}") for i in range(6)])
    found = finexl.explain(
        tmp_path / "base.csv", tmp_path / "dark.csv", encoder=Looks(), proposer=Few(), cache=False
    )
    assert found.concepts[0].concept == "dark"
    assert found.provenance.base.endswith("base.csv")
    assert found.provenance.templates[0] == "scene 0"


def test_tables_are_paired_by_file_name_as_folders_are(folders, tmp_path):
    base, dark = folders(6)
    write(tmp_path / "base.csv", [(f"base/{i}.png", f"scene {i}") for i in range(6)])
    write(tmp_path / "dark.csv", [(f"{dark.name}/{i}.png", f"zyx, scene {i}") for i in reversed(range(6))])
    run = {"encoder": Looks(), "proposer": Few(), "cache": False}
    tables = finexl.explain(tmp_path / "base.csv", tmp_path / "dark.csv", **run)
    shown = finexl.explain(base, dark, **run)
    assert [c.concept for c in tables.concepts] == [c.concept for c in shown.concepts]
    assert tables.length == shown.length
    assert tables.provenance.templates[0] == "scene 0"
    assert any(
        "different prompts for the two pictures of a pair, 6 times (“scene 0” and “zyx, scene 0” first)" in n
        for n in tables.notes
    )
    write(tmp_path / "some.csv", [(f"{dark.name}/{i}.png", f"scene {i}") for i in range(1, 6)])
    with pytest.raises(InputError, match="no partner of the same name"):
        finexl.explain(tmp_path / "base.csv", tmp_path / "some.csv", **run)


def test_a_mark_at_the_beginning_of_a_file_is_no_part_of_the_prompt(tmp_path):
    (tmp_path / "prompts.txt").write_text("\ufeffa cat\na dog\n", encoding="utf-8")
    assert read_prompts(tmp_path / "prompts.txt") == ["a cat", "a dog"]
