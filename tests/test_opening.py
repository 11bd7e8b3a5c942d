"""What a person names: images, models, adapters."""

from __future__ import annotations

import subprocess
import sys

import pytest

from drawers import Drawer, darker
from finexl import InputError
from finexl.errors import MissingExtraError, UnknownNameError
from finexl.generators import Generator
from finexl.opening import open_model, open_models


@pytest.fixture
def drawers_installed(plug_in):
    """A package that makes `drawer:NAME[+ADAPTER]` known."""
    source = (
        "from drawers import Drawer, darker\n"
        "def load(rest, options):\n"
        "    made = Drawer(darker if '+' in rest else None)\n"
        "    made.spec, made.options = rest, dict(options)\n"
        "    made.name = f'drawer:{rest}'\n"
        "    return made\n"
    )
    plug_in("[finexl.generators]\ndrawer = drawer_plug_in:load\n", drawer_plug_in=source)


def test_a_folder_of_images_stays_what_it_is(folders):
    base, _ = folders(3)
    assert open_model(base, {}) == base
    assert open_model(str(base), {}) == str(base)


def test_a_scheme_opens_what_was_registered_for_it(drawers_installed):
    opened = open_model("drawer:a/b", {"steps": "3"})
    assert isinstance(opened, Generator)
    assert (opened.spec, opened.options) == ("a/b", {"steps": "3"})


def test_an_unknown_scheme_names_the_known_ones(drawers_installed):
    from finexl.generators import load_generator

    with pytest.raises(UnknownNameError, match="drawer"):
        load_generator("drawr:a")


def test_an_adapter_is_put_on_the_base_that_was_named(drawers_installed, tmp_path):
    adapter = tmp_path / "ink.safetensors"
    adapter.write_bytes(b"")
    left, right = open_models("drawer:base", f"{adapter}:0.5", {})
    assert left.spec == "base"
    assert right.spec == f"base+{adapter}:0.5"


def test_an_adapter_alone_brings_its_base():
    left, right = open_models(Drawer(darker), None, {})
    assert left.identity == Drawer().identity
    assert right.identity == Drawer(darker).identity


def test_images_alone_have_nothing_to_be_compared_with(folders):
    with pytest.raises(InputError, match="does not say what to compare it with"):
        open_models(folders(3)[0], None, {})


def test_functions_and_generators_are_taken_as_they_are():
    drawer = Drawer()
    assert open_model(drawer, {}) is drawer
    assert open_model(lambda probe: None, {}).batch == 1


def test_what_may_be_a_folder_that_is_not_there_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InputError, match="there is no folder 'images/base' here; as a model of the hub: "):
        open_model("images/base", {})
    (tmp_path / "images").mkdir()
    assert open_model("images/base", {}) == "images/base"  # a folder of images, whose absence is told later


def test_subpackages_can_be_used_without_another_import():
    code = "import finexl; print(finexl.probes.make_probes(['a'], 2)[0].prompt, 'encoders' in dir(finexl))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["a", "True"]


def test_a_missing_package_stays_one_where_a_folder_may_be_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(
        MissingExtraError, match=r"no folder 'images/base' here; .* pip install 'finexl\[diffusion\]'"
    ):
        open_model("images/base", {})
    with pytest.raises(UnknownNameError, match=r"^no option") as caught:
        open_model("images/base", {"stepps": "3"})
    assert "folder" not in str(caught.value)
