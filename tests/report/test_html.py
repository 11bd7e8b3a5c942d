import re
import shutil
import subprocess

import pytest

from finexl.report import notebook_html
from finexl.report.html import report_html


@pytest.mark.parametrize("kind", ["explanation", "nasty", "no_difference", "undescribed"])
@pytest.mark.parametrize("render", [report_html, notebook_html])
def test_every_page_is_well_formed(build, parse, render, kind):
    page = parse(render(getattr(build, kind)()))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [attrs["href"] for _, attrs in page.tags if attrs.get("href", "").startswith("#")]
    assert {target[1:] for target in targets} <= set(ids)


@pytest.mark.parametrize("render", [report_html, notebook_html])
def test_hostile_names_are_shown_and_never_obeyed(build, parse, render):
    html = render(build.nasty())
    page = parse(html)
    plain = parse(render(build.explanation()))
    assert not {tag for tag, _ in page.tags} - {tag for tag, _ in plain.tags} - {"article", "figure"}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert "<script" not in html
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", html)
    assert '<script>alert("x")</script>\' "| `code`' in page.text
    labels = [attrs["aria-label"] for attrs in page.all("svg") if "aria-label" in attrs]
    assert any('<script>alert("x")' in label for label in labels)


@pytest.mark.parametrize("render", [report_html, notebook_html])
def test_nothing_is_loaded_from_anywhere(build, parse, render):
    page = parse(render(build.nasty()))
    for tag, attrs in page.tags:
        assert tag not in ("script", "link", "iframe", "object", "embed", "base", "form")
        for name in ("src", "href", "xlink:href", "srcset", "action", "poster"):
            assert attrs.get(name, "#").startswith(("#", "data:image/webp;base64,"))
        assert "url(" not in attrs.get("style", "")


def test_the_policy_forbids_all_but_inline_styles_and_data_pictures(build, parse):
    html = report_html(build.explanation())
    policy = next(m["content"] for m in parse(html).all("meta") if m.get("http-equiv"))
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in policy
    style = re.search(r"<style>(.*?)</style>", html, re.S).group(1)
    assert "url(" not in style
    assert "@import" not in style


def test_all_that_the_reader_needs_is_there(build, parse):
    text = parse(report_html(build.explanation())).text
    for part in (
        "The personalized images show strongly more “watercolour”",
        "less sharp",
        "soft focus",
        "−0.62 [−0.80, −0.44]",
        "ink wash (overlap 0.71)",
        "31% [22, 40]",
        "weight in this pair −0.90",
        "length along it 0.3",
        "An animated file was read as its first frame.",
        "About 156 pairs would bring it to ±0.10.",
        "images/lora",
        "0a1b" * 16,
        "as far as adding the phrase to the prompt moves the text embedding",
        "< 0.001",
    ):
        assert part in text


def test_the_two_states_without_concepts_are_told_apart(build, parse):
    none = parse(report_html(build.no_difference())).text
    some = parse(report_html(build.undescribed())).text
    assert "No difference found" in none
    assert "does not show that the models are equal" in none
    assert "A difference was found, but no concept of the vocabulary describes it" in some
    assert "No difference found" not in some


def test_each_pair_is_encoded_once_however_often_it_is_shown(build, parse, picture_files):
    refs = [build.ref(i, **paths) for i, paths in enumerate(picture_files(2))]
    made = build.explanation(
        concepts=[build.concept(examples=tuple(refs)), build.concept("b", examples=(refs[0],))],
        residual_pairs=(refs[1].model_copy(update={"score": 9.0}),),
    )
    html = report_html(made)
    assert html.count("data:image/webp;base64,") == 4
    assert len(parse(html).all("use")) == 8
    assert "not available" not in html


def test_pictures_in_memory_are_shown(build, picture_files):
    from PIL import Image

    made = build.explanation()
    made._pictures = lambda index: (Image.new("RGB", (50, 40), (index, 0, 0)), Image.new("L", (40, 50)))
    html = report_html(made)
    assert html.count("data:image/webp") == 6
    assert 'viewBox="0 0 50 40"' in html


def test_a_report_of_64_pairs_is_about_4_megabytes(build, tmp_path):
    from PIL import Image

    grain, blobs = Image.effect_noise((512, 512), 12), Image.effect_noise((24, 24), 120).resize((512, 512), 3)
    picture = Image.merge("RGB", (Image.blend(grain, blobs, 0.6), blobs, grain))
    made = build.explanation(concepts=[build.concept(examples=tuple(build.ref(i) for i in range(64)))])
    made._pictures = lambda index: (picture.rotate(index), picture.rotate(-index))
    assert 1e6 < len(report_html(made)) < 5e6


def chromium(*arguments, profile):
    quiet = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync --hide-scrollbars --allow-file-access-from-files"
    )
    command = ["chromium", *quiet.split(), f"--user-data-dir={profile}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout


MEASURE = """<!DOCTYPE html><iframe src="report.html" style="width:390px;height:2000px;border:0"></iframe><script>
onload = () => { const page = document.querySelector("iframe").contentDocument.documentElement;
document.title = "measured " + page.scrollWidth + " of " + page.clientWidth; }</script>"""


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_a_browser_draws_the_page_and_it_fits_a_phone(build, picture_files, tmp_path):
    import numpy as np
    from PIL import Image

    refs = tuple(build.ref(i, name="x" * 200, **paths) for i, paths in enumerate(picture_files(2)))
    made = build.explanation(
        concepts=[build.concept("unbreakable" * 10, examples=refs), build.concept("sharp", -0.6, -0.8, -0.4)],
        provenance=build.provenance(base="/a/very/long/path" * 20),
    )
    made.save(tmp_path)
    (tmp_path / "measure.html").write_text(MEASURE)
    measured = chromium("--dump-dom", (tmp_path / "measure.html").as_uri(), profile=tmp_path / "profile")
    assert "measured 390 of 390" in measured
    shot = tmp_path / "page.png"
    page = (tmp_path / "report.html").as_uri()
    chromium("--window-size=1000,2400", f"--screenshot={shot}", page, profile=tmp_path / "profile")
    pixels = np.asarray(Image.open(shot).convert("RGB")).astype(int)
    assert (abs(pixels - [0x2B, 0x7A, 0x99]).max(axis=2) < 12).sum() > 500, "the bar of the first concept"
    assert (abs(pixels - [0xB8, 0x56, 0x2A]).max(axis=2) < 12).sum() > 500, "the bar of the second concept"
    gray = (pixels.max(axis=2) == pixels.min(axis=2)) & (abs(pixels[..., 0] - 128) < 60)
    assert gray.sum() > 20_000, "the pictures"
