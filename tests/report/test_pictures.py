import base64
import io
import os

import pytest
from PIL import Image

from finexl.report import pictures
from finexl.report.html import report_html


def decoded(thumbnail):
    return Image.open(io.BytesIO(base64.b64decode(thumbnail.uri.partition(",")[2])))


def first(build, base, personalized=None):
    made = build.explanation(
        concepts=[], residual_pairs=(build.ref(0, base=base, personalized=personalized),)
    )
    ((one, other),) = pictures.gather(made).values()
    return one, other


@pytest.mark.parametrize(
    ("size", "small"), [((300, 200), (256, 171)), ((40, 60), (40, 60)), ((16, 4000), (1, 256))]
)
def test_thumbnails_are_small_webp_and_never_enlarged(build, tmp_path, size, small):
    Image.new("RGB", size, "teal").save(tmp_path / "a.png")
    one, other = first(build, str(tmp_path / "a.png"))
    assert (one.width, one.height) == decoded(one).size == small
    assert decoded(one).format == "WEBP"
    assert other is None


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK", "I;16", "I"])
def test_every_kind_of_picture_is_shown_as_the_eye_sees_it(build, tmp_path, mode):
    colour = {"RGBA": (0, 0, 0, 0), "LA": (0, 0), "CMYK": (0, 0, 0, 0), "I;16": 65535, "I": 65535}.get(
        mode, 1
    )
    image = Image.new(mode, (20, 20), colour)
    if mode == "P":
        image.putpalette([0, 0, 0, 255, 255, 255])
    if mode == "L":
        image = Image.new("L", (20, 20), 255)
    path = tmp_path / ("a.tif" if mode in ("CMYK", "I") else "a.png")
    image.save(path)
    one, _ = first(build, str(path))
    assert min(decoded(one).convert("RGB").getpixel((10, 10))) > 250


def test_photographs_are_turned_upright(build, tmp_path):
    image = Image.new("RGB", (40, 20))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    one, _ = first(build, str(tmp_path / "a.jpg"))
    assert (one.width, one.height) == (20, 40)


def test_what_cannot_be_shown_becomes_a_box_and_the_rest_is_shown(build, parse, tmp_path):
    good = tmp_path / "good.png"
    Image.effect_noise((64, 64), 50).save(good)
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:900])
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").touch()
    bad = ["gone.png", "cut.png", "text.png", "empty.png", ".", "nul\0", "x" * 300]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        bad.append("pipe.png")
    refs = tuple(
        build.ref(i, base=str(tmp_path / name), personalized=str(good)) for i, name in enumerate(bad)
    )
    html = report_html(build.explanation(concepts=[], residual_pairs=refs))
    assert html.count("data:image/webp") == len(bad)
    boxes = [attrs for attrs in parse(html).all("div") if attrs.get("class") == "gone"]
    assert len(boxes) == len(bad)
    assert all("not available" in box["aria-label"] for box in boxes)


def test_a_loader_that_fails_falls_back_to_the_files(build, tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    made = build.explanation(concepts=[], residual_pairs=(build.ref(7, base=str(tmp_path / "a.png")),))

    def fails(index):
        raise OSError(index)

    made._pictures = fails
    ((one, other),) = pictures.gather(made).values()
    assert one is not None
    assert other is None
