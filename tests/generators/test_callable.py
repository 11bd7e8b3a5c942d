import functools

import numpy as np
import pytest
from PIL import Image

from finexl.errors import InputError
from finexl.generators.callable import CallableGenerator
from finexl.generators.protocol import Generator
from finexl.types import Probe

PROBES = [Probe(prompt="a cat", seed=3), Probe(prompt="a dog", seed=200), Probe(label=4, seed=5)]


def grey(probe):
    return np.full((20, 30), probe.seed, np.uint8)


def refusal(function, probe=PROBES[0]):
    with pytest.raises(InputError) as caught:
        CallableGenerator(function, "mine").generate([probe])
    message = str(caught.value)
    assert "\n" not in message
    return message, caught.value.__cause__


def test_a_function_draws_every_probe_in_order():
    generator = CallableGenerator(grey)
    assert isinstance(generator, Generator)
    images = generator.generate(PROBES)
    assert [(image.mode, image.size, image.getpixel((0, 0))) for image in images] == [
        ("RGB", (30, 20), (seed, seed, seed)) for seed in (3, 200, 5)
    ]
    assert generator.generate([]) == []
    generator.close()
    assert generator.generate(PROBES[1:]) == images[1:]


def test_whatever_can_be_read_as_an_image_will_do(tmp_path):
    path = tmp_path / "a.png"
    picture = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    picture.save(path)
    for drawn in (picture, np.asarray(picture), path, str(path), np.ones((20, 20))):
        (image,) = CallableGenerator(lambda probe, drawn=drawn: drawn).generate(PROBES[:1])
        assert image.getpixel((0, 0)) == (255, 255, 255), "transparency lies over white"


def test_names_and_identities():
    class Model:
        identity = "sha256 of its weights"

        def __call__(self, probe):
            return grey(probe)

    model = Model()
    generator = CallableGenerator(model)
    assert (generator.name, generator.identity) == ("Model", "sha256 of its weights")
    assert generator.generate(PROBES)[0].size == (30, 20)
    assert CallableGenerator(grey).name == "grey"
    assert CallableGenerator(grey, "flat").name == "flat"
    assert CallableGenerator(functools.partial(grey)).name == "partial"
    assert CallableGenerator(grey).identity is None
    assert CallableGenerator(grey).holder == CallableGenerator(grey).holder != generator.holder


def test_an_error_of_the_function_names_the_probe():
    def broken(probe):
        raise RuntimeError("no\nmemory " + "x" * 5000)

    message, cause = refusal(broken)
    assert "'mine' failed on prompt 'a cat', seed 3 (RuntimeError: no memory" in message
    assert len(message) < 600
    assert isinstance(cause, RuntimeError)
    message, _ = refusal(broken, PROBES[2])
    assert "failed on class 4, seed 5" in message
    message, _ = refusal(lambda: None)
    assert "TypeError" in message
    message, _ = refusal(broken, Probe(prompt="long " * 400, seed=1))
    assert len(message) < 900


def test_an_interruption_is_not_swallowed():
    def interrupted(probe):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        CallableGenerator(interrupted).generate(PROBES)


def test_what_is_no_image_is_refused_with_the_probe():
    for drawn, reason in [
        (None, "NoneType"),
        (np.zeros((3, 20, 20)), "channels last"),
        (np.full((20, 20), np.nan), "NaN"),
        (np.full((20, 20), -1.0), r"(image + 1) / 2"),
        (Image.new("RGB", (4, 4)), "too small"),
        ("missing.png", "does not exist"),
    ]:
        message, _ = refusal(lambda probe, drawn=drawn: drawn)
        assert "'mine' drew no image of prompt 'a cat', seed 3" in message
        assert reason in message


def test_what_cannot_be_a_generator_is_refused_at_once():
    with pytest.raises(InputError, match="int cannot be called"):
        CallableGenerator(3)
    for identity in (5, ""):
        model = functools.partial(grey)
        model.identity = identity
        with pytest.raises(InputError, match="identity"):
            CallableGenerator(model)
