"""Prompt and seed in image files, as other people's tools write them, and as nobody should."""

from __future__ import annotations

import json

import pytest
from PIL import EpsImagePlugin, Image
from PIL.PngImagePlugin import PngInfo

from finexl.generators.metadata import Written, clean, read_metadata

TOLD = "a cat,\non a mat\nNegative prompt: dull, Seed: 3\nSteps: 20, Sampler: Euler, Seed: 965400086, Size: 512x512"


def png(path, **texts):
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    Image.new("RGB", (32, 32)).save(path, pnginfo=info)
    return path


def test_what_the_web_ui_writes_into_png(tmp_path):
    assert read_metadata(png(tmp_path / "a.png", parameters=TOLD)) == Written("a cat, on a mat", 965400086)
    assert read_metadata(png(tmp_path / "b.png", parameters="a dog\nSteps: 20")) == Written("a dog")
    assert read_metadata(png(tmp_path / "c.png", parameters="Steps: 20, Seed: 4")) == Written(None, 4)


@pytest.mark.parametrize("ending", ["jpg", "webp"])
def test_what_the_web_ui_writes_elsewhere(tmp_path, ending):
    path, exif = tmp_path / f"a.{ending}", Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + TOLD.encode("utf-16-be")
    Image.new("RGB", (32, 32)).save(path, exif=exif)
    assert read_metadata(path) == Written("a cat, on a mat", 965400086)


CLASSIC = {
    "3": {"class_type": "KSampler", "inputs": {"positive": ["8", 0], "negative": ["7", 0], "seed": 5}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red boat"}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "dull"}},
    "8": {"class_type": "FluxGuidance", "inputs": {"conditioning": ["6", 0], "guidance": 3.5}},
}
FLUX = {
    "13": {"class_type": "SamplerCustomAdvanced", "inputs": {"noise": ["25", 0], "guider": ["22", 0]}},
    "22": {"class_type": "BasicGuider", "inputs": {"model": ["12", 0], "conditioning": ["6", 0]}},
    "25": {"class_type": "RandomNoise", "inputs": {"noise_seed": 7}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["40", 0]}},
    "40": {"class_type": "PrimitiveString", "inputs": {"value": "a red boat"}},
}
XL = {
    "3": {"class_type": "KSampler", "inputs": {"positive": ["6", 0], "seed": ["9", 0]}},
    "6": {
        "class_type": "CLIPTextEncodeSDXL",
        "inputs": {"width": 1024, "text_g": "a red boat", "text_l": "x"},
    },
    "9": {"class_type": "PrimitiveInt", "inputs": {"value": 11}},
}


@pytest.mark.parametrize(("flow", "seed"), [(CLASSIC, 5), (FLUX, 7), (XL, 11)])
def test_what_comfyui_writes(tmp_path, flow, seed):
    assert read_metadata(png(tmp_path / "a.png", prompt=json.dumps(flow))) == Written("a red boat", seed)


def test_samplers_that_draw_different_things_say_nothing(tmp_path):
    second = {"class_type": "KSampler", "inputs": {"positive": ["7", 0], "seed": 6}}
    flow = {**CLASSIC, "33": second}
    assert read_metadata(png(tmp_path / "a.png", prompt=json.dumps(flow))) == Written()
    second["inputs"]["positive"] = ["6", 0]
    assert read_metadata(png(tmp_path / "b.png", prompt=json.dumps(flow))) == Written("a red boat")


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "[" * 100_000, '{"3": 5}', '{"3": {"inputs": {"positive": ["3", 0], "seed": true}}}',
        '{"3": {"inputs": {"positive": [[]], "seed": null}}}', '{"3": {"inputs": {"positive": [], "seed": "5"}}}',
    ],
)  # fmt: skip
def test_metadata_that_make_no_sense_say_nothing(tmp_path, text):
    assert read_metadata(png(tmp_path / "a.png", prompt=text)) == Written()


def test_a_workflow_of_many_ways_is_searched_once(tmp_path):
    names = ("positive", "conditioning", "conditioning_1", "conditioning_to", "guider")
    flow = {str(i): {"inputs": {name: [str(i + 1), 0] for name in names} | {"seed": i}} for i in range(200)}
    assert read_metadata(png(tmp_path / "a.png", prompt=json.dumps(flow))).prompt is None


def test_a_file_that_would_run_a_program_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_: pytest.fail("ran Ghostscript"))
    Image.new("RGB", (64, 64)).save(tmp_path / "a.eps")
    (tmp_path / "a.eps").rename(tmp_path / "a.png")
    assert read_metadata(tmp_path / "a.png") == Written()


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"garbage"])
def test_files_that_are_no_images_say_nothing(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    assert read_metadata(tmp_path / "a.png") == Written()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a cat <lora:ink:0.8>, (red:1.2) (very old: 0.9)", "a cat , red very old"),
        (r"a cat \(animal\) at 5:30 (sic)", r"a cat \(animal\) at 5:30 (sic)"),
        ("lone \ud800 half", "lone ? half"),
        ("<lora:x:1>", None),
    ],
)
def test_prompts_as_plain_words(text, words):
    assert clean(text) == words
