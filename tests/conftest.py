"""What several rooms' tests share: a cache of their own, pictures with content, changes of known kind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from looks import Looks
from scenery import ENCODERS, darker, flatter, install, paler, scene

HERE = Path(__file__).parent


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_tests(tmp_path_factory):
    """No test reads or writes the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FINEXL_HOME", str(tmp_path_factory.mktemp("finexl-home")))
        yield


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A FINEXL_HOME with nothing in it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("FINEXL_HOME", str(folder))
    return folder


CHANGES = {"same": lambda image: image, "darker": darker, "paler": paler, "flatter": flatter}


@pytest.fixture
def scenes():
    """scenes(n, change): n PIL pictures, changed."""
    return lambda n, change="same", start=0: [CHANGES[change](scene(i)) for i in range(start, start + n)]


@pytest.fixture
def folders(tmp_path, scenes):
    """folders(n, change): two folders of PNG files with the same names."""

    def make(n, change="darker", names=None, where=tmp_path):
        places = where / "base", where / "personalized"
        for place, kind in zip(places, ("same", change), strict=True):
            place.mkdir(parents=True, exist_ok=True)
            for i, picture in enumerate(scenes(n, kind)):
                picture.save(place / f"{names[i] if names else i}.png")
        return places

    return make


@pytest.fixture
def looks():
    return Looks()


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """plug_in(entry_points, **modules): a package installed for this test alone."""

    def make(entry_points, **modules):
        folder = install(tmp_path / "site", "finexl_plug_in", entry_points)
        for name, source in modules.items():
            (folder / f"{name}.py").write_text(source)
        monkeypatch.syspath_prepend(folder)
        return folder

    return make


@pytest.fixture
def environment(tmp_path, home):
    """For child processes: an empty cache, and the encoders of looks.py installed as a plug-in."""
    site = install(tmp_path / "plug-ins", "finexl_looks", ENCODERS)
    paths = [str(site), str(HERE)]
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COVERAGE"))}
    return {
        **ours,
        "FINEXL_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "100",
    }


@pytest.fixture
def finexl_command(environment, tmp_path):
    """finexl_command(*arguments): run `python -m finexl` as a user would and wait for it."""

    def run(*arguments, **options):
        command = [sys.executable, "-m", "finexl", *map(str, arguments)]
        settings = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "timeout": 120}
        return subprocess.run(command, check=False, **(settings | options))

    return run


@pytest.fixture
def as_somebody():
    """A context in which permissions count even when the tests run as root."""

    @contextmanager
    def somebody():
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield
        finally:
            if root:
                os.seteuid(0)

    return somebody


@pytest.fixture
def open_folder():
    """A folder that everybody can reach; pytest's own lie below one that only its owner can."""
    folder = Path(tempfile.mkdtemp(prefix="finexl-test-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)
