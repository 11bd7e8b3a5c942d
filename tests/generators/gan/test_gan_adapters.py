"""Fine-tunes of a GAN beside their base: the same pixels as by the formula, at any strength, and what does not fit is said."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

import finexl
from finexl import InputError, Probe
from finexl.generators import Adapted, load_generator
from finexl.generators.gan.generator import latent

WIDTH, SIDE, RANK = 8, 16, 2
PIXELS = 3 * SIDE * SIDE
PROBES = [Probe(seed=s) for s in (3, 1, 4)]
RNG = np.random.default_rng(0)
BASE = (0.3 * RNG.standard_normal((PIXELS, WIDTH))).astype(np.float32)
TUNED = {
    "paint.down": RNG.standard_normal((RANK, WIDTH)).astype(np.float32),
    "paint.up": (0.3 * RNG.standard_normal((PIXELS, RANK))).astype(np.float32),
}


@pytest.fixture
def network(tmp_path):
    """tanh((W + up x down) z), with both changes zero by default and open to be given."""
    folder = tmp_path / "base"
    folder.mkdir()
    free = {name: np.zeros_like(value) for name, value in TUNED.items()}
    nodes = [
        helper.make_node("MatMul", ["paint.up", "paint.down"], ["change"]),
        helper.make_node("Add", ["paint", "change"], ["weight"]),
        helper.make_node("Gemm", ["z", "weight"], ["flat"], transB=1),
        helper.make_node("Reshape", ["flat", "shape"], ["whole"]),
        helper.make_node("Tanh", ["whole"], ["image"]),
    ]
    graph = helper.make_graph(
        nodes,
        "gan",
        [
            helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", WIDTH]),
            *(helper.make_tensor_value_info(k, TensorProto.FLOAT, v.shape) for k, v in free.items()),
        ],
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
        [
            numpy_helper.from_array(BASE, "paint"),
            numpy_helper.from_array(np.array([-1, 3, SIDE, SIDE]), "shape"),
            *(numpy_helper.from_array(v, k) for k, v in free.items()),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    (folder / "config.json").write_text(json.dumps({"range": "-1,1"}))
    save_file(TUNED, tmp_path / "tuned.safetensors")
    return f"gan:{folder}", tmp_path / "tuned.safetensors"


def formula(strength):
    weight = BASE + strength * TUNED["paint.up"] @ TUNED["paint.down"]
    z = np.stack([latent(p.seed, WIDTH) for p in PROBES])
    return ((np.tanh(z @ weight.T) + 1) * 127.5).reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)


def drawn(generator):
    return np.stack([np.asarray(image, float) for image in generator.generate(PROBES)])


@pytest.mark.parametrize("strength", [1.0, 0.5, -0.3])
def test_pixels_are_those_of_the_formula_at_any_strength(network, strength):
    base, tuned = network
    assert np.abs(drawn(load_generator(base)) - formula(0)).max() <= 1
    adapted = load_generator(f"{base}+{tuned}:{strength}")
    assert np.abs(drawn(adapted) - formula(strength)).max() <= 1
    assert np.abs(drawn(adapted.at(0.5)) - formula(0.5 * strength)).max() <= 1
    assert np.abs(drawn(adapted.at(0.0)) - formula(0)).max() <= 1


def test_a_strength_of_zero_draws_the_base_though_nothing_was_drawn_before(network):
    base, tuned = network
    assert np.array_equal(drawn(load_generator(f"{base}+{tuned}:0")), drawn(load_generator(base)))


def test_names_and_identities_tell_the_strength(network):
    base, tuned = network
    plain, adapted = load_generator(base), load_generator(f"{base}+{tuned}")
    assert isinstance(adapted, Adapted)
    assert not isinstance(plain, Adapted)
    assert adapted.name == f"{base}+{tuned}"
    assert adapted.at(0.5).name == f"{base}+{tuned}:0.5"
    assert adapted.at(0).name == plain.name
    assert adapted.at(0).identity == plain.identity
    assert len({g.identity for g in (plain, adapted, adapted.at(0.5), adapted.at(0.6))}) == 4
    assert adapted.holder == plain.holder


def test_a_fine_tune_is_explained_with_its_strengths(network):
    base, tuned = network
    explanation = finexl.explain(base, f"{base}+{tuned}", n_probes=8, strengths=(0.0, 1.0), cache=False)
    assert explanation.p_value < 0.05
    assert explanation.response is not None


def test_another_networks_fine_tune_is_refused(network, tmp_path):
    base, _ = network
    save_file({"paint.up": TUNED["paint.up"][:5]}, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match=r"does not fit .*'paint.up'.*2 adjustable"):
        drawn(load_generator(f"{base}+{tmp_path / 'other.safetensors'}"))


def test_one_that_changes_nothing_is_refused(network, tmp_path):
    base, _ = network
    save_file({k: np.zeros_like(v) for k, v in TUNED.items()}, tmp_path / "zeros.safetensors")
    with pytest.raises(InputError, match="changes nothing"):
        drawn(load_generator(f"{base}+{tmp_path / 'zeros.safetensors'}"))


def test_what_is_no_adapter_is_said(network, tmp_path):
    base, tuned = network
    (tmp_path / "torn.safetensors").write_bytes(tuned.read_bytes()[:40])
    for spec, message in (
        (f"{base}+{tmp_path / 'none.safetensors'}", "does not exist"),
        (f"{base}+{tmp_path / 'torn.safetensors'}", "cannot be read as safetensors"),
        (f"{base}+{tuned}+{tuned}", "takes one"),
        (f"{base}:0.5", "has no strength"),
    ):
        with pytest.raises(InputError, match=message):
            load_generator(spec)
