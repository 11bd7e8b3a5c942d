"""Tables and metadata of images, as other people's tools write them."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import finexl
from finexl import InputError
from finexl.generators.tables import from_name, from_png, prompts_of, read_table
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
        ("t.csv", b"\xff\xfe\x00", "cannot be read"),
        ("t.parquet", b"garbage", "cannot be read"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, name, content, mend):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=mend):
        read_table(tmp_path / name)


def png(path, **texts):
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    Image.new("RGB", (32, 32)).save(path, pnginfo=info)
    return path


def test_what_the_web_ui_writes(tmp_path):
    told = "a cat,\non a mat\nNegative prompt: dull\nSteps: 20, Sampler: Euler, Seed: 5"
    assert from_png(png(tmp_path / "a.png", parameters=told)) == "a cat,\non a mat"
    assert from_png(png(tmp_path / "b.png", parameters="a dog\nSteps: 20")) == "a dog"


def test_what_comfyui_writes(tmp_path):
    flow = {
        "3": {"class_type": "KSampler", "inputs": {"positive": ["8", 0], "negative": ["7", 0], "seed": 5}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red boat"}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "dull"}},
        "8": {"class_type": "FluxGuidance", "inputs": {"conditioning": ["6", 0]}},
    }
    assert from_png(png(tmp_path / "a.png", prompt=json.dumps(flow))) == "a red boat"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"3": {"inputs": {"positive": ["3", 0]}}}', '{"3": 5}'])
def test_metadata_that_make_no_sense_say_nothing(tmp_path, text):
    assert from_png(png(tmp_path / "a.png", prompt=text)) is None


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
