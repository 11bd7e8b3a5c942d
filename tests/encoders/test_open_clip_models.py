"""open_clip cannot be imported without torchvision, so its encoders are run only where that is installed."""

import importlib.util
import sys

import pytest

from finexl.encoders import load_encoder
from finexl.errors import FinexlError, InputError, MissingExtraError

SPEC = "open_clip:ViT-B-32/laion2b_s34b_b79k"


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(MissingExtraError, match=r"finexl\[openclip\]"):
        load_encoder(SPEC)


def test_without_a_torchvision_that_fits_the_index_is_named(plug_in):
    if importlib.util.find_spec("torchvision"):
        pytest.skip("it is there")
    plug_in("", open_clip="import torchvision\n")  # as the real one begins
    with pytest.raises(FinexlError, match=r"torchvision that fits.*--index-url https://download.pytorch.org"):
        load_encoder(SPEC)


def test_options_that_open_clip_does_not_have():
    with pytest.raises(InputError, match="Leave those options out"):
        load_encoder(f"{SPEC}?revision=main")
