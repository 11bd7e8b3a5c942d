"""Models on the command line, as a plug-in would bring them."""

from __future__ import annotations

import json

import pytest

from scenery import ENCODERS, install

PLUG_IN = """
from drawers import Drawer, darker

def load(rest, options):
    options = dict(options)
    made = Drawer(darker if "+" in rest else None, word=options.get("word"))
    made.name = f"drawer:{rest}"
    return made
"""


@pytest.fixture
def command(finexl_command, environment, tmp_path):
    """finexl with the scheme `drawer:` installed."""
    site = install(
        tmp_path / "drawers",
        "finexl_drawers",
        "[finexl.generators]\ndrawer = drawer_plug_in:load\n" + ENCODERS,
    )
    (site / "drawer_plug_in.py").write_text(PLUG_IN)
    paths = f"{site}:{environment['PYTHONPATH']}"

    def run(*arguments):
        return finexl_command(*arguments, "--encoder", "looks", env={**environment, "PYTHONPATH": paths})

    return run


def test_two_models_are_explained_and_the_second_run_draws_nothing(command, tmp_path):
    arguments = ("explain", "drawer:x", "drawer:x+dark", "--n-probes", "12", "--json", "-")
    first, second = command(*arguments), command(*arguments)
    assert first.returncode == 0, first.stderr
    answers = [json.loads(done.stdout) | {"timings": {}} for done in (first, second)]
    assert answers[0] == answers[1]
    assert answers[0]["concepts"][0]["concept"] in ("dark", "dim", "gloomy", "underexposed")
    assert "drawing base images" in first.stderr
    assert (tmp_path / "explanation" / "report.html").is_file()


def test_an_adapter_alone_with_strengths_and_a_trigger(command):
    done = command("explain", "drawer:x+dark", "--n-probes", "12", "--strengths", "0,0.5,1", "-O", "word=zyx")
    assert done.returncode == 0, done.stderr
    assert "Response to strength" in done.stdout
    assert "zyx" in done.stdout
    plain = command("explain", "drawer:x+dark", "--n-probes", "12", "-O", "word=zyx", "--trigger", "none")
    assert "zyx" not in plain.stdout


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (("drawer:x", "drawer:x+d", "--strengths", "0,a"), "0,0.5,1"),
        (("drawer:x", "drawer:x+d", "-O", "steps"), "NAME=VALUE"),
        (("drawer:x", "drawer:x+d", "-O", "a=1", "-O", "a=2"), "each name once"),
        (("drawer:x", "drawer:x+d", "--prompts", "portrait"), "portraits"),
        ((".",), "compare it with"),
    ],
)
def test_mistakes_are_one_line_with_the_mend(command, arguments, mend):
    done = command("explain", *arguments)
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if not line.startswith("finexl: drawing")]
    assert len(lines) == 1
    assert mend in lines[0]


def test_the_cache_knows_images_and_embeddings(command, finexl_command):
    command("explain", "drawer:x", "drawer:x+dark", "--n-probes", "6")
    told = finexl_command("cache", "info").stdout
    assert "12 generated images" in told
    assert "12 embeddings" in told
    finexl_command("cache", "clear")
    assert "0 generated images" in finexl_command("cache", "info").stdout
