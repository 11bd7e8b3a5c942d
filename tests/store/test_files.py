import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from finexl.errors import InputError
from finexl.store import atomic_write, sha256_file, sha256_image, sha256_source


def refusal(path, content="new"):
    with pytest.raises(InputError) as caught:
        atomic_write(path, content)
    assert repr(str(path)) in str(caught.value)
    return str(caught.value)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=5000) | st.text())
def test_what_is_written_is_what_is_read(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("w")
    path = folder / 'a "quoted"\n<b>é.json'
    path.write_text("old")
    atomic_write(path, content)
    assert path.read_bytes() == (content if isinstance(content, bytes) else content.encode())
    assert os.listdir(folder) == [path.name]


def test_undecodable_file_names_in_text_can_be_written(tmp_path):
    atomic_write(tmp_path / "a", b"caf\xe9".decode("utf-8", "surrogateescape"))
    assert (tmp_path / "a").read_text() == "caf\\udce9"


def test_permissions_are_those_of_any_new_file_or_of_the_old_one(tmp_path):
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.touch()
    atomic_write(str(ours), "")
    assert stat.S_IMODE(ours.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    ours.chmod(0o640)
    atomic_write(ours, "again")
    assert stat.S_IMODE(ours.stat().st_mode) == 0o640


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real" / "a.json")
    atomic_write(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "real" / "a.json").read_text() == "new"


def test_failures_name_the_file_and_the_mend(tmp_path):
    assert "Create the folder first" in refusal(tmp_path / "missing" / "a.json")
    assert "A folder has that name" in refusal(tmp_path)
    (tmp_path / "file").touch()
    assert "A part of the path is a file" in refusal(tmp_path / "file" / "a.json")
    assert "shorter name" in refusal(tmp_path / ("long" * 100))
    assert "Check the path" in refusal("nul\0byte")
    assert os.listdir(tmp_path) == ["file"]


def test_no_permission(open_folder, as_somebody):
    (open_folder / "a.json").write_text("old")
    open_folder.chmod(0o555)
    with as_somebody():
        assert "Give yourself permission to write there" in refusal(open_folder / "a.json")
    assert (open_folder / "a.json").read_text() == "old"


FULL = """
import resource, sys
from finexl.errors import InputError
from finexl.store import atomic_write
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    atomic_write(sys.argv[1], b"x" * 50_000)
except InputError as error:
    print(error)
"""


def test_a_disk_that_takes_no_more(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=60)
    assert re.search(
        r"report\.html' cannot be written \(File too large\).*write to another disk", done.stdout
    )
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.html"]


FULL_DISK = """
import os, sys
from finexl.errors import InputError
from finexl.store import atomic_write
os.chdir(sys.argv[1])
atomic_write("a.json", "old")
try:
    atomic_write("a.json", b"x" * 100_000)
except InputError as error:
    print(error)
assert open("a.json").read() == "old"
assert os.listdir() == ["a.json"]
"""


@pytest.mark.skipif(
    not shutil.which("unshare") or os.geteuid() != 0, reason="needs root to make a small disk"
)
def test_a_full_disk(tmp_path):
    """On a disk of 64 kB that only the process below can see and that goes when it ends."""
    mount = 'mount -t tmpfs -o size=64k tmpfs "$1" || exit 99; exec "$2" -c "$3" "$1"'
    args = ["unshare", "--mount", "sh", "-c", mount, "sh", str(tmp_path), sys.executable, FULL_DISK]
    done = subprocess.run(args, capture_output=True, text=True, timeout=60)
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("mounting is not allowed here")
    assert (done.returncode, done.stderr) == (0, "")
    assert "'a.json' cannot be written (No space left on device). The disk is full: free" in done.stdout


WRITER = """
import sys
from finexl.store import atomic_write
n = 0
while True:
    atomic_write(sys.argv[1], str(n % 10) * 300_000)
    if n == 3:
        print("ready", flush=True)
    n += 1
"""


def test_killed_while_writing_leaves_a_whole_file(tmp_path):
    path = tmp_path / "a.txt"
    for wait in (0.0, 0.003, 0.011):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            writer.stdout.readline()
            time.sleep(wait)
            writer.send_signal(signal.SIGKILL)
        text = path.read_text()
        assert len(text) == 300_000
        assert len(set(text)) == 1


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 5))), st.data())
def test_the_hash_follows_what_is_seen(array, data):
    assert sha256_image(array) == sha256_image(array.copy()) == sha256_source(np.asfortranarray(array))
    assert sha256_image(Image.fromarray(array)) == sha256_image(Image.fromarray(array.copy()))
    other = array.copy()
    other[data.draw(st.integers(0, len(array) - 1)), 0] ^= 1
    assert sha256_image(array) != sha256_image(other)
    assert sha256_image(Image.fromarray(array)) != sha256_image(Image.fromarray(other))


def test_the_hash_tells_apart_what_has_the_same_bytes():
    zeros = np.zeros((4, 6), np.uint8)
    kinds = [zeros, zeros.T, zeros.view(np.int8), zeros.reshape(4, 6, 1)]
    palette = [Image.new("P", (6, 4)), Image.new("P", (6, 4)), Image.new("P", (6, 4))]
    palette[1].putpalette([9, 9, 9])
    palette[2].info["transparency"] = 0
    turned = Image.new("L", (6, 4))
    turned.getexif()[0x0112] = 6
    pictures = [*palette, turned, Image.new("L", (6, 4)), Image.new("L", (4, 6)), Image.new("1", (6, 4))]
    hashes = {sha256_image(picture) for picture in [*kinds, *pictures]}
    assert len(hashes) == len(kinds) + len(pictures)


def test_the_hash_of_a_file(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_file(path) == sha256_source(str(path)) == sha256_source(path) == known


def test_files_without_a_hash(tmp_path, open_folder, as_somebody):
    with pytest.raises(InputError, match=r"gone\.png' does not exist\. Check the path"):
        sha256_file(tmp_path / "gone.png")
    with pytest.raises(InputError, match="not a regular file"):
        sha256_file(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        sha256_file("nul\0byte")
    locked = open_folder / "locked.png"
    locked.touch(0o000)
    with (
        as_somebody(),
        pytest.raises(InputError, match=r"locked\.png' cannot be opened\. Give yourself permission"),
    ):
        sha256_file(locked)
    with pytest.raises(InputError, match="from list"):
        sha256_source([1])
    Image.effect_noise((64, 64), 90).save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:900])
    with Image.open(tmp_path / "cut.png") as lazy, pytest.raises(InputError, match="cannot be decoded"):
        sha256_image(lazy)
