"""The encoder that is shipped: its files, its promises as an Encoder, and what it knows of words not learnt."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files

import numpy as np
import pytest
from PIL import Image, ImageEnhance

import finexl
from finexl.bench import photos
from finexl.encoders import Encoder, load_encoder
from finexl.encoders.builtin import Builtin
from finexl.lab.operators import apply, operators
from finexl.lab.scenes import render
from finexl.method import Settings
from finexl.staircase import directions


@pytest.fixture(scope="module")
def builtin():
    return load_encoder("builtin")


@pytest.fixture(scope="module")
def photographs():
    crops = photos.crops(photos.TEST, 27, 192, np.random.default_rng(5))
    return [Image.fromarray((crop * 255).round().astype(np.uint8)) for crop in crops]


def images(encoder, pictures):
    return encoder.encode_images(np.stack([encoder.prepare(picture) for picture in pictures]))


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def test_its_files_are_small_enough_to_ship():
    data = files("finexl.encoders") / "data"
    sizes = {path.name: len(path.read_bytes()) for path in data.iterdir()}
    assert set(sizes) == {"image.onnx", "text.onnx", "words.txt"}
    assert sum(sizes.values()) <= 25_000_000


def test_it_is_an_encoder(builtin):
    assert isinstance(builtin, Encoder)
    assert builtin.name == "builtin"
    assert len(builtin.identity) == 64
    assert load_encoder("builtin").identity == builtin.identity


REPORTING = """
import os, sys
import finexl
from finexl.encoders import load_encoder
load_encoder("builtin").encode_texts(["dark"])
print(sorted(os.listdir(sys.argv[1])))
"""


def test_onnxruntime_reports_nothing_to_its_makers(tmp_path):
    """Where it does, it keeps what is to be sent in the user's cache folder."""
    told = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    child = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"} | told
    done = subprocess.run(
        [sys.executable, "-c", REPORTING, str(tmp_path)],
        env=child,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_vectors_are_of_unit_length(builtin, photographs):
    pictures = [photographs[0], Image.new("RGB", (16, 900)), Image.new("RGB", (300, 20), "white")]
    for vectors in (images(builtin, pictures), builtin.encode_texts(["", "dark", "é 🙂 , ,", "x " * 500])):
        assert vectors.dtype == np.float32
        assert vectors.shape[1] == builtin.dimensions
        assert np.isfinite(vectors).all()
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_picture_does_not_depend_on_its_neighbours(builtin, photographs):
    together = images(builtin, photographs[:5])
    alone = np.concatenate([images(builtin, [picture]) for picture in photographs[:5]])
    shuffled = images(builtin, photographs[4::-1])[::-1]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together, shuffled, atol=1e-5)


def test_a_phrase_does_not_depend_on_its_neighbours(builtin):
    texts = ["an image, dark", "a cat on a mat, oil painting, zqxj", "an image in paper cutout style"]
    together = builtin.encode_texts(texts)
    alone = np.concatenate([builtin.encode_texts([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_case_and_accents_do_not_matter(builtin):
    a, b = builtin.encode_texts(["An Image, MUTED Colours", "an image, muted cólours"])
    np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize(
    ("unseen", "near", "far"),
    [
        ("crimson", "red tint", "blurry"),
        ("desaturated", "muted colours", "tilted"),
        ("grainy", "film grain", "framed"),
        ("foggy", "hazy", "mosaic"),
        ("pixelated", "pixel art", "warm colours"),
        ("twirled", "swirled", "sepia"),
        ("monochrome", "black and white", "tilted"),
        ("aquarelle", "watercolour", "vignette"),
    ],
)
def test_unseen_words_lie_with_their_relatives(builtin, unseen, near, far):
    """None of these words is in the vocabulary or in its training phrases (tests/test_vocabulary.py)."""
    word, relative, other = unit(directions(builtin, [unseen, near, far], None))
    to_relative, to_other = float(word @ relative), float(word @ other)
    assert to_relative > 0
    assert to_relative > to_other


def test_opposites_do_not_point_the_same_way(builtin):
    pairs = [("dark", "bright"), ("muted colours", "vivid colours"), ("warm colours", "cool colours")]
    for one, other in pairs:
        a, b = unit(directions(builtin, [one, other], None))
        assert a @ b < 0.2


@pytest.mark.parametrize(
    ("change", "word", "opposite"),
    [
        (lambda image: ImageEnhance.Color(image).enhance(0.3), "muted colours", "vivid colours"),
        (lambda image: ImageEnhance.Brightness(image).enhance(0.5), "dark", "bright"),
    ],
)
def test_photographs_move_towards_the_word_for_their_change(builtin, photographs, change, word, opposite):
    """By Pillow, on photographs never trained on."""
    V = (images(builtin, [change(p) for p in photographs]) - images(builtin, photographs)).mean(0)
    towards, away, tilted = unit(directions(builtin, [word, opposite, "tilted"], None)) @ unit(V)
    assert towards > 0.2
    assert towards > away
    assert towards > tilted


CHILD = """
import hashlib
import numpy as np
from PIL import Image
from finexl.encoders import load_encoder
encoder = load_encoder("builtin")
picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8))
vectors = encoder.encode_images(encoder.prepare(picture)[None])
texts = encoder.encode_texts(["an image, dark", "zqxj"])
print(encoder.identity, hashlib.sha256(vectors.tobytes() + texts.tobytes()).hexdigest())
"""


def test_two_fresh_processes_agree_to_the_last_bit():
    command = [sys.executable, "-c", CHILD]
    runs = [subprocess.run(command, capture_output=True, text=True, timeout=60, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stderr == ""


def test_files_elsewhere_are_the_same_encoder(builtin, tmp_path):
    for path in (files("finexl.encoders") / "data").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert Builtin(tmp_path).identity == builtin.identity


@pytest.mark.parametrize("concept", ["sepia", "dark", "blurry", "vignette"])
def test_pictures_lie_beside_a_plain_one_by_the_look_that_they_show(builtin, concept):
    """By concept vectors, as `Settings.shown` is read; and less of a look that they show is what taking it away is called."""
    grounds = [render(np.random.default_rng(i), 128)[0].astype(np.float32) for i in range(16)]
    operator = next(op for op in operators() if op.concept == concept)
    styled = [apply(operator, ground, 0.9, np.random.default_rng(i)) for i, ground in enumerate(grounds)]
    before, after = (
        [Image.fromarray(np.rint(p * 255).astype(np.uint8)) for p in side] for side in (grounds, styled)
    )
    (f,) = directions(builtin, [concept], None)

    def level(pictures):
        shown = Settings().for_encoder(builtin).for_base(images(builtin, pictures)).shown
        return shown @ f / (f @ f)

    assert level(before) < 0.2
    assert level(after) > 0.3
    first = finexl.explain(after, before).concepts[0]
    assert (first.concept, first.weight < 0) == (concept, True)
