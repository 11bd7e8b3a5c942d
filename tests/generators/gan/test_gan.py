"""Small networks in every container, through our door and by direct calls: the same pixels."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

import finexl
from finexl import InputError, Probe
from finexl.errors import UnknownNameError
from finexl.generators import load_generator, traits
from finexl.generators.gan.generator import latent

pytestmark = pytest.mark.filterwarnings("ignore")  # torch warns about its own exporters

PROBES = [Probe(seed=s) for s in (3, 1, 4, 1592)]
CLASSED = [Probe(seed=i, label=i % 3) for i in range(5)]
CLOSE = 1


class Net(torch.nn.Module):
    """z (n, 8) -> images in [-1, 1]; with a class, another bias for each."""

    def __init__(self, classes=0, low=-1.0):
        super().__init__()
        torch.manual_seed(0)
        self.classes, self.low = classes, low
        self.first = torch.nn.Linear(8 + classes, 3 * 16)
        self.up = torch.nn.Upsample(scale_factor=8)

    def forward(self, z, label=None):
        if self.classes:
            hot = (
                label
                if label.is_floating_point()
                else torch.nn.functional.one_hot(label, self.classes).float()
            )
            z = torch.cat([z, hot], 1)
        x = torch.tanh(self.first(z)).reshape(-1, 3, 4, 4)
        return self.up(x if self.low < 0 else (x + 1) / 2)


def example(net, one_hot=False):
    label = torch.eye(3)[[0, 1]] if one_hot else torch.tensor([0, 1])
    return (torch.zeros(2, 8), label) if net.classes else (torch.zeros(2, 8),)


def save(net, path, one_hot=False):
    net = net.eval()
    inputs = example(net, one_hot)
    if path.suffix == ".pt":
        torch.jit.trace(net, inputs).save(path)
        return path
    free = {0: torch.export.Dim("n", min=1, max=64)}
    if path.suffix == ".pt2":
        torch.export.save(torch.export.export(net, inputs, dynamic_shapes=tuple(free for _ in inputs)), path)
    else:
        torch.onnx.export(net, inputs, path, dynamic_shapes=tuple(free for _ in inputs), verbose=False)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    root = tmp_path_factory.mktemp("gans")
    return {
        "onnx": save(Net(), root / "plain.onnx"),
        "pt2": save(Net(), root / "plain.pt2"),
        "pt": save(Net(), root / "plain.pt"),
        "onnx label": save(Net(3), root / "label.onnx"),
        "pt2 label": save(Net(3), root / "label.pt2"),
        "onnx hot": save(Net(3), root / "hot.onnx", one_hot=True),
        "onnx 01": save(Net(low=0.0), root / "unit.onnx"),
    }


def pixels(images):
    return np.stack([np.asarray(image) for image in images]).astype(int)


def direct(net, probes):
    z = torch.from_numpy(np.stack([latent(p.seed, 8) for p in probes]))
    with torch.inference_mode():
        out = net.eval()(z, torch.tensor([p.label for p in probes])) if net.classes else net.eval()(z)
    unit = (out + 1) / 2 if net.low < 0 else out
    return (unit.numpy() * 255).round().astype(int).transpose(0, 2, 3, 1)


@pytest.mark.parametrize(
    ("name", "net", "options"),
    [
        ("onnx", Net(), {}),
        ("pt2", Net(), {}),
        ("pt", Net(), {"unsafe_code": "true", "latent": "8"}),
        ("onnx label", Net(3), {"classes": "3"}),
        ("pt2 label", Net(3), {"classes": "3"}),
        ("onnx hot", Net(3), {}),
        ("onnx 01", Net(low=0.0), {}),
    ],
)
def test_images_are_those_of_the_network(files, name, net, options):
    probes = CLASSED if net.classes else PROBES
    generator = load_generator(f"gan:{files[name]}", options)
    assert np.abs(pixels(generator.generate(probes)) - direct(net, probes)).max() <= CLOSE
    assert traits(generator).takes == ("label" if net.classes else "nothing")
    assert traits(generator).labels == net.classes


@pytest.mark.parametrize("name", ["onnx", "pt2"])
def test_an_image_does_not_depend_on_its_neighbours(files, name):
    generator = load_generator(f"gan:{files[name]}")
    alone = np.concatenate([pixels(generator.generate([probe])) for probe in PROBES])
    assert np.abs(pixels(generator.generate(PROBES)) - alone).max() <= CLOSE


def test_z_is_the_same_everywhere():
    assert latent(7, 3) == pytest.approx(
        np.random.Generator(np.random.Philox(key=7)).standard_normal(3, np.float32)
    )


def test_truncation_shrinks_z(files):
    generator = load_generator(f"gan:{files['onnx']}", {"psi": "0"})
    images = pixels(generator.generate(PROBES))
    assert (images == images[0]).all()


def test_the_range_is_given_or_said(files):
    generator = load_generator(f"gan:{files['onnx 01']}")
    assert any("[0,1]" in note for note in traits(generator).notes)
    forced = load_generator(f"gan:{files['onnx 01']}", {"range": "-1,1"})
    assert pixels(forced.generate(PROBES)).min() >= 127


def test_a_folder_of_ours_tells_what_its_file_does_not(files, tmp_path):
    (tmp_path / "config.json").write_text(
        json.dumps({"latent": 8, "classes": 3, "range": "-1,1", "trained_on": "x"})
    )
    (tmp_path / "model.onnx").write_bytes(files["onnx label"].read_bytes())
    data = files["onnx label"].with_suffix(".onnx.data")
    if data.exists():
        (tmp_path / data.name).write_bytes(data.read_bytes())
    generator = load_generator(f"gan:{tmp_path}")
    assert np.abs(pixels(generator.generate(CLASSED)) - direct(Net(3), CLASSED)).max() <= CLOSE


def test_two_gans_are_explained_on_the_same_z(files, home):
    found = finexl.explain(str(files["onnx"]), str(files["onnx 01"]), n_probes=12)
    assert found.concepts == []  # the same network in two ranges: the same images
    assert found.n_pairs == 12


def test_identities_follow_weights_that_lie_beside_the_file(tmp_path):
    generators = []
    for i in range(2):
        net = Net()
        net.first.weight.data *= i + 1
        (tmp_path / str(i)).mkdir()
        generators.append(load_generator(f"gan:{save(net, tmp_path / str(i) / 'm.onnx')}"))
        assert (tmp_path / str(i) / "m.onnx.data").is_file()
    assert generators[0].path.read_bytes() == generators[1].path.read_bytes()
    assert generators[0].identity != generators[1].identity


def test_identities_follow_weights_and_settings(files):
    one = load_generator(f"gan:{files['onnx']}")
    assert one.identity == load_generator(f"gan:{files['onnx']}", {"batch": "2"}).identity
    assert one.identity != load_generator(f"gan:{files['onnx']}", {"psi": "0.5"}).identity
    assert one.identity != load_generator(f"gan:{files['onnx 01']}").identity


@pytest.mark.parametrize(
    ("name", "options", "mend"),
    [
        ("pt", {}, "unsafe_code=true"),
        ("pt", {"unsafe_code": "true"}, "latent=512"),
        ("onnx label", {}, "classes=10"),
    ],
)
def test_what_a_file_does_not_tell_is_asked_for(files, name, options, mend):
    with pytest.raises(InputError, match=mend):
        load_generator(f"gan:{files[name]}", options).generate(CLASSED)


def test_a_class_that_the_model_does_not_know(files):
    with pytest.raises(InputError, match="classes 0 to 2"):
        load_generator(f"gan:{files['onnx hot']}").generate([Probe(seed=1, label=7)])


@pytest.mark.parametrize("name", ["x.pkl", "x.safetensors", "x.txt"])
def test_pickles_and_strangers_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x80\x04")
    with pytest.raises(InputError, match="never loaded"):
        load_generator(f"gan:{tmp_path / name}")


@pytest.mark.parametrize("name", ["x.onnx", "x.pt2"])
def test_damaged_files_are_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"garbage")
    with pytest.raises(InputError, match="Export it again"):
        load_generator(f"gan:{tmp_path / name}").generate(PROBES)


@pytest.mark.parametrize("name", ["one.onnx", "one.pt2"])
def test_a_network_for_single_images_draws_many(tmp_path, name):
    net, path = Net().eval(), tmp_path / name
    z = (torch.zeros(1, 8),)
    if name.endswith("onnx"):
        torch.onnx.export(net, z, path, verbose=False)
    else:
        torch.export.save(torch.export.export(net, z), path)
    assert np.abs(pixels(load_generator(f"gan:{path}").generate(PROBES)) - direct(net, PROBES)).max() <= CLOSE


class Half(Net):
    def forward(self, z):
        return super().forward(z.float()).half()


@pytest.mark.parametrize("name", ["half.onnx", "half.pt2"])
def test_number_formats_are_those_that_the_network_wants(tmp_path, name):
    path, free = tmp_path / name, ({0: torch.export.Dim("n", min=1, max=64)},)
    z = (torch.zeros(2, 8, dtype=torch.float16),)
    if name.endswith("onnx"):
        torch.onnx.export(Half().eval(), z, path, dynamic_shapes=free, verbose=False)
    else:
        torch.export.save(torch.export.export(Half().eval(), z, dynamic_shapes=free), path)
    images = pixels(load_generator(f"gan:{path}").generate(PROBES))
    assert (
        np.abs(images - direct(Net(), PROBES)).max() <= 2
    )  # half precision knows about 2000 steps within [-1, 1]


class Noisy(Net):
    def forward(self, z):
        return super().forward(z) + torch.randn(z.shape[0], 3, 32, 32)


class Joined(Net):
    def forward(self, z):
        return super().forward(z - z.mean(0, keepdim=True))


def test_a_network_with_noise_of_its_own_is_not_taken_as_paired(tmp_path, home):
    torch.jit.trace(Noisy().eval(), torch.zeros(2, 8), check_trace=False).save(tmp_path / "noisy.pt")
    options = {"unsafe_code": "true", "latent": "8"}
    noisy = load_generator(f"gan:{tmp_path / 'noisy.pt'}", options)
    assert not traits(noisy).seeded
    found = finexl.explain(noisy, noisy, n_probes=6, cache=False)
    assert not found.paired
    assert any("noise of its own" in note for note in found.notes)


def test_an_image_that_depends_on_its_neighbours_is_refused(tmp_path):
    path = save(Joined(), tmp_path / "joined.onnx")
    with pytest.raises(InputError, match="batch=1"):
        load_generator(f"gan:{path}").generate(PROBES)
    load_generator(f"gan:{path}", {"batch": "1"}).generate(PROBES[:1])


def test_inputs_that_the_network_does_not_take(files):
    generator = load_generator(f"gan:{files['pt']}", {"unsafe_code": "true", "latent": "9"})
    with pytest.raises(
        InputError, match=r"does not take its inputs \(z \(1, 9\)\).*shapes cannot be multiplied"
    ):
        generator.generate(PROBES)


def test_numbers_that_are_none(tmp_path):
    net = Net()
    net.first.bias.data.fill_(float("nan"))
    with pytest.raises(InputError, match="NaN"):
        load_generator(f"gan:{save(net, tmp_path / 'nan.onnx')}").generate(PROBES)


def test_missing_files_and_unknown_options(files):
    with pytest.raises(InputError, match="does not exist"):
        load_generator("gan:nowhere.onnx")
    with pytest.raises(UnknownNameError, match="psi"):
        load_generator(f"gan:{files['onnx']}", {"psy": "1"})
