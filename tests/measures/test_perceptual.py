"""LPIPS as its package offers it. The package needs torchvision, so a module of its shape stands in for it here."""

import sys

import numpy as np
import pytest

from finexl.generators import pair_images
from finexl.measures import measure
from finexl.measures.perceptual import load_lpips

SHAPED = """
import torch
class LPIPS(torch.nn.Module):
    def __init__(self, net, verbose):
        super().__init__()
        assert (net, verbose) == ("alex", False)
    def forward(self, a, b):
        assert a.shape[1] == 3 and a.min() >= -1 and a.max() <= 1
        return ((a - b) ** 2).mean((1, 2, 3), keepdim=True)
"""


@pytest.fixture
def install(plug_in, monkeypatch):
    """install(source): a package lpips 0.1.4 with that content."""

    def make(source):
        folder = plug_in("", lpips=source)
        monkeypatch.delitem(sys.modules, "lpips", raising=False)
        info = folder / "lpips-0.1.4.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lpips\nVersion: 0.1.4\n")

    return make


def test_nobody_who_did_not_install_it_hears_of_it():
    assert load_lpips() == (None, None)


def test_the_network_gets_pictures_from_minus_one_to_one(install):
    install(SHAPED)
    lpips, note = load_lpips()
    assert (note, lpips.name) == (None, "AlexNet (lpips 0.1.4)")
    a, b = np.zeros((2, 8, 8, 3), np.uint8), np.full((2, 8, 8, 3), 255, np.uint8)
    b[1] = 51
    np.testing.assert_allclose(lpips(a, b), [4.0, 0.16], atol=1e-6)


@pytest.mark.parametrize(
    "source", ["import torchvision_that_does_not_fit\n", "raise RuntimeError('operator nms')\n"]
)
def test_what_keeps_it_from_working_is_a_note(install, source):
    install(source)
    lpips, note = load_lpips()
    assert lpips is None
    assert note.startswith("LPIPS was not measured")
    assert "torchvision" in note


def test_it_stands_among_the_measures(install, scenes, looks):
    install(SHAPED)
    pairing = pair_images(scenes(3), scenes(3, "darker"))
    vectors = np.eye(3, dtype=np.float32)
    found = {m.name: m for m in measure(pairing, looks, vectors, vectors).measures}
    assert found["LPIPS"].encoder == "AlexNet (lpips 0.1.4)"
    assert 0 < found["LPIPS"].low <= found["LPIPS"].value <= found["LPIPS"].high
