import json
import os
import subprocess
import sys

import pytest

from finexl import Comparison, Explanation
from finexl.errors import InputError
from finexl.report import save

FILES = ["explanation.json", "report.html", "report.md"]


def test_what_is_saved_is_read_back_equal(build, tmp_path):
    made = build.explanation()
    assert made.save(tmp_path / "new" / "folder") == tmp_path / "new" / "folder"
    assert sorted(os.listdir(tmp_path / "new" / "folder")) == FILES
    assert Explanation.load(tmp_path / "new" / "folder") == made
    assert Explanation.load(tmp_path / "new" / "folder" / "explanation.json") == made
    assert type(made).load(str(tmp_path / "new" / "folder")) == made


def test_a_comparison_is_read_back_too(build, tmp_path):
    one = build.explanation()
    made = Comparison(
        summary="",
        a="a",
        b="b",
        contrasts=(),
        length=one.length,
        p_value=1.0,
        confidence=0.95,
        explanation_a=one,
        explanation_b=one,
    )
    assert Comparison.load(made.save(tmp_path)) == Comparison.load(tmp_path / "comparison.json") == made
    with pytest.raises(InputError, match=r"Give an explanation\.json"):
        Explanation.load(tmp_path)
    with pytest.raises(InputError, match="not a valid comparison"):
        Comparison.load(tmp_path / "a" / "explanation.json")


def test_timings_do_not_make_two_explanations_different(build):
    made = build.explanation()
    assert made == made.model_copy(update={"timings": {"embedding": 99.0}})
    assert made != made.model_copy(update={"p_value": 0.4})


def test_a_terminal_shows_the_table_of_a_bare_result(build):
    made = build.explanation()
    assert repr(made) == str(made)


def test_names_that_utf8_cannot_hold_survive(build, tmp_path):
    made = build.explanation(residual_pairs=(build.ref(0, name="caf\udce9"),))
    save(made, tmp_path)
    assert Explanation.load(tmp_path) == made
    (tmp_path / "report.html").read_text("utf-8")


def test_the_same_explanation_gives_the_same_bytes(build, picture_files, tmp_path):
    places = picture_files(2)
    made = build.explanation(residual_pairs=tuple(build.ref(i, **p) for i, p in enumerate(places)))
    save(made, tmp_path / "a")
    save(made.model_copy(update={"timings": {"embedding": 9.0}}), tmp_path / "b")
    for name in ("report.html", "report.md"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    save(made, tmp_path / "b")
    assert (tmp_path / "a" / FILES[0]).read_bytes() == (tmp_path / "b" / FILES[0]).read_bytes()


def written(build, tmp_path, **changes):
    data = json.loads(build.explanation().to_json()) | changes
    (tmp_path / "explanation.json").write_text(json.dumps(data), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("version", "mend"), [(2, "Upgrade finexl"), (0, "again"), ("1", "again"), (True, "again"), ([], "again")]
)
def test_an_unknown_version_names_the_one_that_is_read(build, tmp_path, version, mend):
    with pytest.raises(InputError, match=rf"this finexl reads version 1\. .*{mend}"):
        Explanation.load(written(build, tmp_path, schema_version=version))


def test_an_unknown_field_is_named(build, tmp_path):
    with pytest.raises(InputError, match="surprise: Extra inputs are not permitted"):
        Explanation.load(written(build, tmp_path, surprise=1))


def test_only_the_first_of_many_errors_is_told(build, tmp_path):
    with pytest.raises(InputError, match=r"(?s)summary: .*\(it is 1\), and 2 more such errors\.") as error:
        Explanation.load(written(build, tmp_path, summary=1, paired=[], p_value="x" * 10_000))
    assert len(str(error.value)) < 400 + len(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b'{"summary": ', "is not JSON"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[1, 2]", "no schema_version"),
        (b"{}", "no schema_version"),
        (b"[" * 200_000, "is not JSON"),
        (b"1" * 10_000, "is not JSON"),
    ],
)
def test_what_is_no_explanation_is_refused(tmp_path, content, message):
    (tmp_path / "explanation.json").write_bytes(content)
    with pytest.raises(InputError, match=message):
        Explanation.load(tmp_path)


def test_a_byte_order_mark_is_no_obstacle(build, tmp_path):
    (tmp_path / "e.json").write_text(build.explanation().to_json(), "utf-8-sig")
    assert Explanation.load(tmp_path / "e.json") == build.explanation()


@pytest.mark.parametrize("path", ["nowhere", "nowhere/explanation.json", "x" * 300, "nul\0"])
def test_a_missing_file_is_an_input_error(tmp_path, path):
    with pytest.raises(InputError, match=r"explanation\.json|cannot be read"):
        Explanation.load(tmp_path / path)


@pytest.mark.parametrize("name", ["taken", "taken/below", "x" * 300])
def test_a_folder_that_cannot_be_made_is_an_input_error(build, tmp_path, name):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match="cannot be created"):
        save(build.explanation(), tmp_path / name)
    assert (tmp_path / "taken").read_text() == "a file"


FULL_DISK = """
import resource, signal, sys
from finexl.errors import InputError
from finexl import Explanation
from finexl.report import save
made = Explanation.load(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    save(made.model_copy(update={"summary": "new"}), sys.argv[1])
except InputError as error:
    sys.exit(str(error))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file size are a thing of Unix")
def test_a_full_disk_leaves_the_old_report_whole(build, tmp_path):
    save(build.explanation(), tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    command = [sys.executable, "-B", "-c", FULL_DISK, str(tmp_path), str(len(before["report.md"]) + 500)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "report.html' cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before
