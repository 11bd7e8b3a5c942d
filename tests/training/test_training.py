"""The scripts that made the built-in encoder, as far as they need no teacher of language: they run, resume and repeat themselves."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

TRAINING = Path(__file__).parents[2] / "training"


def script(name, *options):
    done = subprocess.run(
        [sys.executable, TRAINING / name, *map(str, options)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training") / "data"
    script("dataset.py", "--out", folder, "--shards", 2, "--workers", 1)
    return folder


def test_a_lost_shard_is_made_again_alone_and_the_same(data):
    kept, lost = data / "shard-00000.npz", data / "shard-00001.npz"
    before, when = dict(np.load(lost)), kept.stat().st_mtime_ns
    lost.unlink()
    assert script("dataset.py", "--out", data, "--shards", 2, "--workers", 1).split() == [lost.name]
    assert kept.stat().st_mtime_ns == when
    after = np.load(lost)
    assert set(after.files) == set(before)
    assert all(np.array_equal(after[key], before[key]) for key in before)


def test_the_image_tower_learns_from_the_shards(data, tmp_path):
    said = script(
        "image_tower.py", "--data", data, "--out", tmp_path / "image.pt", "--epochs", 4, "--batch", 32
    )
    assert said.startswith("64 ground pictures, 123 concepts")
    lines = [line for line in said.splitlines() if "held out" in line]
    first, last = (float(line.split("'linear': ")[1].split(",")[0]) for line in lines)
    assert last < first
    assert (tmp_path / "image.pt").stat().st_size > 1_000_000
