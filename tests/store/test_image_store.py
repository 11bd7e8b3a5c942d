"""Generated images kept between runs: whole or not at all, least recently used first to go."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from PIL import Image

from finexl import InputError, Probe
from finexl.store import ImageStore, image_limit

CAT = Probe(prompt="a cat", seed=3)
LONG_AGO = time.time() - 86_400


def picture(seed=0, size=32):
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)
    return Image.fromarray(pixels)


def test_an_image_comes_back_pixel_by_pixel(tmp_path):
    store = ImageStore(tmp_path)
    path = store.put("model", CAT, picture())
    assert store.get("model", CAT) == path
    assert np.array_equal(np.asarray(Image.open(path)), np.asarray(picture()))


def test_model_prompt_label_and_seed_all_count(tmp_path):
    store = ImageStore(tmp_path)
    store.put("model", CAT, picture())
    others = [
        Probe(prompt="a dog", seed=3),
        Probe(prompt="a cat", seed=4),
        Probe(prompt="a cat", seed=3, label=0),
    ]
    assert all(store.get("model", probe) is None for probe in others)
    assert store.get("another model", CAT) is None


@pytest.mark.parametrize("prompt", ["../../etc/passwd", "a\nb\x00", "\udcff", "日本" * 400])
def test_no_prompt_leads_out_of_the_folder(tmp_path, prompt):
    path = ImageStore(tmp_path / "images").put("model", Probe(prompt=prompt), picture())
    assert path.resolve().is_relative_to(tmp_path / "images")


def test_a_torn_file_counts_as_missing_and_is_replaced(tmp_path):
    store = ImageStore(tmp_path)
    path = store.put("model", CAT, picture())
    path.write_bytes(path.read_bytes()[:-7])
    assert store.get("model", CAT) is None
    store.put("model", CAT, picture())
    assert store.get("model", CAT) == path


def test_a_file_with_a_bad_byte_inside_counts_as_missing(tmp_path):
    store = ImageStore(tmp_path)
    path = store.put("model", CAT, picture())
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert store.get("model", CAT) is None


def test_an_empty_file_counts_as_missing(tmp_path):
    store = ImageStore(tmp_path)
    store.put("model", CAT, picture()).write_bytes(b"")
    assert store.get("model", CAT) is None


def test_the_least_recently_used_go_when_there_are_too_many(tmp_path):
    probes = [Probe(seed=i) for i in range(6)]
    paths = [ImageStore(tmp_path).put("model", probe, picture(probe.seed)) for probe in probes]
    for i, path in enumerate(paths):
        os.utime(path, (LONG_AGO + i, LONG_AGO + i))
    size = paths[0].stat().st_size
    store = ImageStore(tmp_path, limit=4 * size + 100)
    assert store.get("model", probes[0])  # the oldest, but used just now
    assert store.shrink() == 2
    assert [path.exists() for path in paths] == [True, False, False, True, True, True]


def test_what_another_process_may_be_using_stays_whatever_the_limit(tmp_path):
    path = ImageStore(tmp_path).put("model", CAT, picture())
    assert ImageStore(tmp_path, limit=0).shrink() == 0
    assert path.exists()


def test_what_a_killed_process_left_half_written_goes_in_time(tmp_path):
    path = ImageStore(tmp_path).put("model", CAT, picture())
    old, fresh = path.with_name(".finexl-0123.tmp"), path.with_name(".finexl-4567.tmp")
    for leftover in (old, fresh):
        leftover.write_bytes(b"half")
    os.utime(old, (LONG_AGO, LONG_AGO))
    assert ImageStore(tmp_path).info().count == 1
    assert not old.exists()
    assert fresh.exists()


def test_info_and_clear(tmp_path):
    store = ImageStore(tmp_path / "images")
    assert store.info().count == 0
    paths = [store.put("model", Probe(seed=i), picture(i)) for i in range(3)]
    assert store.info().count == 3
    assert store.info().bytes == sum(path.stat().st_size for path in paths)
    assert "3 generated images" in str(store.info())
    assert store.clear() == 3
    assert store.info().count == 0


def test_a_folder_that_cannot_be_written_is_an_error_with_its_mend(tmp_path):
    (tmp_path / "images").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        ImageStore(tmp_path / "images").put("model", CAT, picture())


@pytest.mark.parametrize(("text", "size"), [("", 20_000_000_000), ("0", 0), ("1.5", 1_500_000_000)])
def test_the_limit_comes_from_the_environment(monkeypatch, text, size):
    monkeypatch.setenv("FINEXL_CACHE_GB", text)
    assert image_limit() == size


@pytest.mark.parametrize("text", ["much", "-1", "nan"])
def test_a_limit_that_is_no_size_is_refused(monkeypatch, text):
    monkeypatch.setenv("FINEXL_CACHE_GB", text)
    with pytest.raises(InputError, match="FINEXL_CACHE_GB"):
        image_limit()
