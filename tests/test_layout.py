"""The package as it is imported: light at the top, whole all the way down."""

from __future__ import annotations

import ast
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import finexl

ROOT = Path(finexl.__file__).parent
HEAVY = ("numpy", "torch", "onnxruntime", "scipy", "PIL", "pydantic", "rich", "typer", "jinja2")


def child(code):
    environment = {**os.environ, "NO_ALBUMENTATIONS_UPDATE": "1"}
    command = [sys.executable, "-W", "error::DeprecationWarning:finexl", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_finexl_imports_nothing_else():
    loaded = child("import sys, json, finexl, finexl.errors; print(json.dumps(sorted(sys.modules)))")
    assert "finexl" in loaded
    assert not set(HEAVY) & set(loaded)


def test_reading_a_saved_explanation_needs_no_science():
    loaded = child("import sys, json; from finexl import Explanation; print(json.dumps(sorted(sys.modules)))")
    assert not {"torch", "onnxruntime", "scipy"} & set(loaded)


def test_every_public_name_resolves():
    for name in finexl.__all__:
        assert getattr(finexl, name) is not None
    assert set(finexl.__all__) < set(dir(finexl))
    assert all(hasattr(finexl, name) for name in dir(finexl))
    assert callable(finexl.explain)
    assert issubclass(finexl.InputError, finexl.FinexlError)
    with pytest.raises(AttributeError, match="no attribute 'explian'"):
        _ = finexl.explian


def test_the_function_is_not_hidden_by_a_module():
    for path in ROOT.iterdir():
        assert path.stem not in finexl.__all__


MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages([str(ROOT)], "finexl.", onerror=lambda name: None)
    if not info.name.endswith("__main__")
)


def test_every_module_can_be_imported():
    assert len(MODULES) > 40
    files = {path for path in ROOT.rglob("*.py") if path.name not in ("__init__.py", "__main__.py")}
    assert len(files) <= len(MODULES)
    code = (
        f"import json, importlib\nfor name in {MODULES}: importlib.import_module(name)\nprint(json.dumps(0))"
    )
    assert child(code) == 0


def test_every_listed_name_of_every_room_is_there():
    code = (
        "import json, importlib\nbad = []\n"
        f"for name in {[m for m in MODULES if '.bench' not in m]}:\n"
        "    module = importlib.import_module(name)\n"
        "    bad += [f'{name}.{n}' for n in getattr(module, '__all__', []) if not hasattr(module, n)]\n"
        "print(json.dumps(bad))"
    )
    assert child(code) == []


def test_every_module_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_data_files_are_inside_the_package():
    for place in ("proposers/data/vocabulary.toml", "encoders/data/image.onnx", "report/templates"):
        assert (ROOT / place).exists()
