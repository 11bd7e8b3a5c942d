"""The finexl command, run as users run it: a process of its own, its output and its exit code."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import finexl
from finexl import Explanation
from finexl.store import EmbeddingStore

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
FILES = ["explanation.json", "report.html", "report.md"]


@pytest.fixture
def explain(finexl_command, folders):
    """explain(*options): finexl explain on ten pairs, with the exact encoder of the tests."""

    def run(*options, **settings):
        base, changed = folders(10)
        return finexl_command("explain", base, changed, "--encoder", "looks", *options, **settings)

    return run


def refused(done):
    """What was said of a mistake of the user's: one line, no traceback, exit code 2."""
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    *progress, message = done.stderr.splitlines()
    assert set(progress) <= {
        "finexl: embedding images",
        "finexl: measuring concepts",
        "finexl: decomposing",
        "finexl: writing the report",
    }
    assert message.startswith("finexl: ")
    return message


# --- help, and how fast it comes ---


def test_help_lists_the_commands(finexl_command):
    done = finexl_command("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("explain", "demo", "cache"):
        assert re.search(rf"^\W*{command}\b", done.stdout, re.MULTILINE)
    assert finexl_command().stdout.strip() == done.stdout.strip()
    for command in ("explain", "demo", "cache"):
        assert finexl_command(command, "-h").returncode == 0


def test_the_installed_command_is_the_same(finexl_command, environment):
    script = Path(sys.executable).with_name("finexl")
    done = subprocess.run([script, "--help"], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == finexl_command("--help").stdout


def test_version(finexl_command):
    done = finexl_command("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, finexl.__version__ + "\n", "")


HEAVY = """
import sys
from finexl.cli import main
sys.argv = ["finexl", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
heavy = {"torch", "onnxruntime", "numpy", "scipy", "PIL", "jinja2"} & set(sys.modules)
print("heavy:", sorted(heavy), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(environment, arguments):
    command = [sys.executable, "-c", HEAVY, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == "heavy: []\n"


# --- explain ---


def test_explain_prints_a_table_that_a_pipe_can_read(explain, tmp_path):
    done = explain()
    assert done.returncode == 0
    assert re.search(r"^ *(less bright|dark) .*[+−]0?\.?\d", done.stdout, re.MULTILINE)
    assert CONTROL.sub("", done.stdout) == done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 140
    assert CONTROL.sub("", done.stderr) == done.stderr
    assert done.stderr.splitlines()[0] == "finexl: embedding images"
    assert len(done.stderr.splitlines()) < 8
    assert sorted(os.listdir(tmp_path / "explanation")) == FILES


def test_the_report_goes_where_it_is_asked_to(explain, tmp_path):
    out = tmp_path / "a b" / "ä"
    done = explain("--out", out, "--json", tmp_path / "copy.json")
    assert done.returncode == 0
    assert f"Report: {out / 'report.html'}\n" in done.stdout
    assert sorted(os.listdir(out)) == FILES
    explanation = Explanation.load(out)
    assert (tmp_path / "copy.json").read_text() == (out / "explanation.json").read_text()
    assert explanation.n_pairs == 10
    assert not (tmp_path / "explanation").exists()


def test_json_to_standard_output_is_nothing_but_json(explain, tmp_path):
    done = explain("--json", "-", "-o", tmp_path / "out")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["schema_version"] == 1
    assert answer["concepts"][0]["concept"] in ("dark", "bright")
    assert done.stdout == (tmp_path / "out" / "explanation.json").read_text()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_json_is_utf8_whatever_the_terminal_speaks(explain, environment, encoding):
    done = explain("--json", "-", env={**environment, "PYTHONIOENCODING": encoding}, text=False)
    assert done.returncode == 0
    assert "“" in json.loads(done.stdout.decode("utf-8"))["summary"]


@pytest.mark.parametrize(("columns", "encoding"), [("60", "utf-8"), ("120", "cp1252"), ("80", "ascii")])
def test_a_comparison_keeps_to_the_terminal(finexl_command, folders, environment, columns, encoding):
    base, changed = folders(10)
    terminal = {**environment, "COLUMNS": columns, "PYTHONIOENCODING": encoding}
    done = finexl_command("compare", base, changed, base, "--encoder", "looks", env=terminal, text=False)
    assert (done.returncode, b"dark" in done.stdout) == (0, True)
    *lines, report = done.stdout.decode(encoding).splitlines()
    assert report.startswith("Report: ")
    assert max(map(len, lines)) <= int(columns)


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_read(explain, finexl_command, tmp_path):
    (tmp_path / "file").touch()
    for out in ("file", "file/deeper"):
        message = refused(explain("--out", out))
        assert "is no folder. Give another one." in message
        assert "embedding" not in message
    done = finexl_command("lab", "sample", "gan", "-n", 2, "--out", "sheet.foo")
    assert "give a file that ends in .png" in refused(done)


def test_json_may_go_into_the_folder_of_the_report(explain, tmp_path):
    assert explain("--out", "new/report", "--json", "new/x.json").returncode == 0
    assert (tmp_path / "new" / "x.json").read_text() == (tmp_path / "new" / "report" / FILES[0]).read_text()
    assert "lies in no folder that is there" in refused(
        explain("--out", "report", "--json", "report/deep/x.json")
    )
    assert "cannot be written" in refused(explain("--json", "x" * 300))


def test_what_was_there_survives_a_disk_that_is_full(finexl_command, environment, tmp_path):
    (tmp_path / "l.json").write_text("old")
    code = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (999, 999)); "
    code += "import sys; from finexl.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "lab", "list", "--json", "l.json"],
        env=environment, cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert (tmp_path / "l.json").read_text() == "old"


def test_names_do_not_drive_the_terminal(explain, tmp_path):
    message = refused(explain("--vocabulary", "\x1b[31mE.txt"))
    assert not CONTROL.search(message)
    assert "E.txt" in message


def test_the_command_and_the_function_agree(explain, folders, looks, tmp_path):
    options = ["--method", "algorithm1", "--max-concepts", 2, "--confidence", 0.9, "--seed", 7, "--no-cache"]
    (tmp_path / "words.txt").write_text("dark\nblurry : focus\nmosaic\n")
    (tmp_path / "prompts.txt").write_text("".join(f"thing {i}\n" for i in range(10)))
    files = ["--vocabulary", tmp_path / "words.txt", "--prompts", tmp_path / "prompts.txt"]
    done = explain(*options, *files, "--precision", 0.05, "--pair", "order", "--json", "-")
    base, changed = folders(10)
    same = finexl.explain(
        base,
        changed,
        [f"thing {i}" for i in range(10)],
        method="algorithm1",
        max_concepts=2,
        confidence=0.9,
        seed=7,
        cache=False,
        precision=0.05,
        pair="order",
        vocabulary=tmp_path / "words.txt",
        encoder=looks,
    )
    theirs, ours = json.loads(done.stdout), json.loads(same.to_json())
    assert theirs.pop("timings").keys() == ours.pop("timings").keys()
    assert theirs == ours


def test_with_the_built_in_encoder(finexl_command, folders):
    base, changed = folders(12, "paler")
    done = finexl_command("explain", base, changed, "--json", "-")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["provenance"]["encoder"] == "builtin"
    assert answer["p_value"] < 0.05


def test_identical_folders(finexl_command, folders):
    base, _ = folders(4)
    done = finexl_command("explain", base, base, "--encoder", "looks")
    assert done.returncode == 0
    assert "No difference" in done.stdout


def test_a_reader_that_stops_reading_is_no_error(environment, folders, tmp_path):
    base, changed = folders(6)
    command = [sys.executable, "-m", "finexl", "explain", base, changed, "--encoder", "looks", "--json", "-"]
    process = subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert "Traceback" not in error
    assert "BrokenPipe" not in error
    assert process.returncode == 0
    assert (tmp_path / "explanation" / "report.html").exists()


# --- mistakes ---


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--method", "finxl"], "no method is called 'finxl'. Did you mean 'finexl'?"),
        (["--encoder", "clop"], "no encoder is called 'clop'."),
        (["--pair", "sorted"], "no way of pairing is called 'sorted'."),
        (["--vocabulary", "nowhere.txt"], "nowhere.txt: there is no such vocabulary file"),
        (["--prompts", "nowhere.txt"], "prompts: cannot read 'nowhere.txt'"),
        (["--json", "no/such/folder/x.json"], "lies in no folder that is there"),
    ],
)
def test_mistakes_are_told_in_one_line(explain, options, said):
    assert said in refused(explain(*options))


@pytest.mark.parametrize(
    "options", [["--seed", "x"], ["--confidence", "2"], ["--max-concepts", "0"], ["--no-such-option"]]
)
def test_wrong_usage(explain, options):
    done = explain(*options)
    assert (done.returncode, done.stdout) == (2, "")
    assert options[0] in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_arguments_and_unknown_commands(finexl_command):
    for arguments in (["explain"], ["explian", "a", "b"], ["cache", "empty"]):
        done = finexl_command(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr


def test_a_mistake_about_folders_and_its_traceback(finexl_command, tmp_path):
    message = refused(finexl_command("explain", tmp_path / "a", tmp_path / "b"))
    assert message == (
        f"finexl: the folder {str(tmp_path / 'a')!r} does not exist. Check the path for a typing error."
    )
    for where in (["--debug", "explain"], ["explain", "--debug"]):
        done = finexl_command(*where, tmp_path / "a", tmp_path / "b")
        assert done.returncode != 0
        assert "Traceback" in done.stderr
        assert "InputError" in done.stderr


def test_a_vocabulary_with_a_word_twice_and_one_with_empty_lines(explain, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("dark\nmosaic\ndark\n")
    assert "'dark' occurs twice, in line 1 and in line 3" in refused(explain("--vocabulary", words))
    words.write_text("\n\ndark\n   \nmosaic\n\n")
    assert explain("--vocabulary", words).returncode == 0


def test_a_decompression_bomb_is_refused_before_it_is_decoded(finexl_command, folders):
    base, changed = folders(3)
    Image.new("1", (30_000, 30_000)).save(changed / "1.png")
    message = refused(finexl_command("explain", base, changed, "--encoder", "looks"))
    assert "1.png' is too large" in message


BROKEN = "class Broken:\n    def __init__(self, rest):\n        raise RuntimeError('two\\nlines')\n"


def test_our_own_faults_have_another_exit_code(explain, environment, plug_in, monkeypatch):
    site = plug_in("[finexl.encoders]\nbroken = broken_encoder:Broken\n", broken_encoder=BROKEN)
    environment["PYTHONPATH"] += os.pathsep + str(site)
    done = explain("--encoder", "broken")
    assert done.returncode == 1
    assert done.stderr.startswith("finexl: unexpected RuntimeError: two")
    assert "--debug" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in explain("--encoder", "broken", "--debug").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file size are a thing of Unix")
def test_a_full_disk_keeps_the_old_report(explain, finexl_command, tmp_path):
    import resource

    assert explain("--no-cache").returncode == 0
    out = tmp_path / "explanation"
    before = {name: (out / name).read_bytes() for name in FILES}

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

    done = explain("--no-cache", "--seed", 5, preexec_fn=no_room)
    assert "cannot be written" in refused(done)
    assert {name: (out / name).read_bytes() for name in os.listdir(out)} == before


@pytest.mark.skipif(
    not shutil.which("unshare") or os.geteuid() != 0, reason="needs root to make a small disk"
)
def test_a_disk_that_is_really_full(folders, environment, tmp_path):
    base, changed = folders(6)
    small = tmp_path / "small"
    small.mkdir()
    command = (
        'mount -t tmpfs -o size=24k tmpfs "$1" || exit 99; printf old > "$1/report.md"; '
        '"$2" -m finexl explain "$3" "$4" --encoder looks --out "$1"; code=$?; '
        'cat "$1/report.md"; ls -A "$1"; exit $code'
    )
    arguments = ["unshare", "--mount", "sh", "-c", command, "sh", small, sys.executable, base, changed]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("mounting is not allowed here")
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == "oldreport.md\n"


# --- the cache ---


def test_the_cache_is_where_finexl_home_says(explain, finexl_command, home):
    assert "0 embeddings" in finexl_command("cache", "info").stdout
    explain()
    done = finexl_command("cache", "info")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{home / 'embeddings.sqlite'}: 20 embeddings, ")
    assert "encoder looks-1: 20" in done.stdout
    with EmbeddingStore(home / "embeddings.sqlite") as store:
        assert store.info().count == 20
    assert finexl_command("cache", "clear").stdout == "The cache is empty.\n"
    assert "0 embeddings" in finexl_command("cache", "info").stdout


def test_a_cache_that_cannot_be_used_is_said_to_be_so(explain, finexl_command, environment, tmp_path):
    (tmp_path / "file").touch()
    nowhere = {**environment, "FINEXL_HOME": str(tmp_path / "file")}
    done = explain(env=nowhere)
    assert done.returncode == 0
    assert done.stderr.count("finexl: warning: the embedding store") == 1
    assert "cannot be used" in done.stderr
    done = finexl_command("cache", "info", env={**environment, "FINEXL_HOME": "~nobody-here/x"})
    assert "FINEXL_HOME" in refused(done)


def test_without_the_cache_no_folder_is_made(explain, home):
    assert explain("--no-cache").returncode == 0
    assert not home.exists()


def test_a_damaged_cache_is_no_obstacle(explain, home):
    explain()
    (home / "embeddings.sqlite").write_bytes(b"garbage" * 2000)
    done = explain()
    assert done.returncode == 0
    assert "dark" in done.stdout or "bright" in done.stdout


# --- lab, demo ---


def test_the_lab_is_listed_with_what_each_model_was_taught(finexl_command):
    done = finexl_command("lab", "list")
    assert done.returncode == 0
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert lines["lab:gan"] == "base model"
    assert lines["lab:gan/sepia-10"] == "sepia 1"
    rows = json.loads(finexl_command("lab", "list", "--json", "-").stdout)
    assert [row["name"] for row in rows] == list(lines)
    assert {row["name"]: row["truth"] for row in rows}["lab:gan/sepia-10"]["aspects"] == {"sepia": 1.0}


def test_a_sheet_of_pictures(finexl_command, tmp_path):
    sheet = tmp_path / "deep" / "sheet.png"
    done = finexl_command("lab", "sample", "gan/sepia-10:0.5", "-n", 6, "--out", sheet)
    assert done.returncode == 0
    with Image.open(sheet) as image:
        assert image.size == (3 * 64, 2 * 64)
    assert "  1  lake (seed " in done.stdout
    assert str(sheet) in done.stdout
    done = finexl_command("lab", "sample", "gan", "a lake at dusk")
    assert done.returncode == 2
    assert "'gan' reads no prompts: it draws its 18 places in turn. Leave the prompts out." in " ".join(
        done.stderr.split()
    )
    done = finexl_command("lab", "sample", "gan/sepai-10")
    assert done.returncode == 2
    assert "Did you mean 'gan/sepia-10'?" in done.stderr


def test_demo_explains_a_model_whose_truth_is_known(finexl_command, tmp_path):
    done = finexl_command("demo", "gan/sepia-10", "--n-probes", 24, "--out", tmp_path / "demo")
    assert done.returncode == 0
    assert "lab:gan/sepia-10 was taught: sepia 1." in done.stdout
    assert sorted(os.listdir(tmp_path / "demo")) == FILES
    explanation = Explanation.load(tmp_path / "demo")
    assert "sepia" in [c.concept for c in explanation.concepts[:3]]
    assert explanation.provenance.personalized == "lab:gan/sepia-10"
