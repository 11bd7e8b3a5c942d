"""A real Janus, tiny and random, through our door and by direct calls: the same pixels."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoProcessor, JanusForConditionalGeneration

from finexl import InputError, Probe
from finexl.generators import Adapted, load_generator
from tiny_models import janus

pytestmark = pytest.mark.filterwarnings(
    "ignore"
)  # the libraries warn about themselves, each version otherwise

PROBES = [Probe(prompt=f"a cat {i}", seed=i) for i in range(2)]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return janus(tmp_path_factory.mktemp("janus"))


def adapter(base, folder, seed=1, spread=2.0, **changes):
    torch.manual_seed(seed)
    model = JanusForConditionalGeneration.from_pretrained(base)
    made = get_peft_model(
        model, LoraConfig(r=4, lora_alpha=8, target_modules=r".*language_model.*(q_proj|v_proj)")
    )
    for name, parameter in made.named_parameters():
        if "lora_B" in name and spread:
            torch.nn.init.normal_(parameter, std=spread)
    made.save_pretrained(folder)
    if changes:
        path = folder / "adapter_config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder


@pytest.fixture(scope="module")
def adapters(base, tmp_path_factory):
    root = tmp_path_factory.mktemp("ar-adapters")
    return [adapter(base, root / "one"), adapter(base, root / "two", seed=2)]


def pixels(images):
    return np.stack([np.asarray(image) for image in images]).astype(int)


def ours(spec, probes=PROBES, **options):
    return pixels(load_generator(f"ar:{spec}", options).generate(probes))


def direct(base, lora=None, scale=None):
    processor = AutoProcessor.from_pretrained(base)
    model = JanusForConditionalGeneration.from_pretrained(base).eval()
    inner = model
    if lora:
        wrapped = PeftModel.from_pretrained(model, lora)
        for module in wrapped.modules():
            if scale is not None and hasattr(module, "set_scale"):
                module.set_scale("default", scale)
        inner = wrapped.base_model.model
    images = []
    for probe in PROBES:
        inputs = processor(text=probe.prompt, generation_mode="image", return_tensors="pt")
        torch.manual_seed(probe.seed)
        with torch.inference_mode():
            tokens = inner.generate(**inputs, generation_mode="image", do_sample=True)
            image = inner.decode_image_tokens(tokens)[0].numpy()
        images.append((((image + 1) / 2).clip(0, 1) * 255).round().astype(int))
    return np.stack(images)


def test_images_are_those_of_the_library(base):
    assert np.abs(ours(base) - direct(base)).max() <= 1


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_a_lora_draws_what_peft_draws_with_it(base, adapters, scale):
    found = ours(f"{base}+{adapters[0]}:{scale}")
    assert np.abs(found - direct(base, adapters[0], scale)).max() <= 1
    assert np.abs(found - ours(base)).max() > 1


def test_an_image_depends_on_its_own_probe_alone_and_leaves_the_global_stream_as_it_was(base):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    forward, backward = ours(base), ours(base, PROBES[::-1])[::-1]
    assert (forward == backward).all()
    assert torch.equal(torch.rand(3), expected)


def test_base_and_adapters_are_switched_on_one_loaded_model(base, adapters):
    specs = [
        f"{base}",
        f"{base}+{adapters[0]}",
        f"{base}+{adapters[1]}:0.5",
        f"{base}+{adapters[0]}+{adapters[1]}:0.3",
    ]
    views = [load_generator(f"ar:{spec}") for spec in specs]
    assert len({id(view.loaded) for view in views}) == 1
    first = [pixels(view.generate(PROBES)) for view in views]
    again = [pixels(view.generate(PROBES)) for view in reversed(views)][::-1]
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    views[0].close()
    assert all(np.abs(a - ours(spec)).max() <= 1 for a, spec in zip(first, specs, strict=True))


def test_strength_nought_is_the_base(base, adapters):
    view = load_generator(f"ar:{base}+{adapters[0]}:0.8")
    assert isinstance(view, Adapted)
    assert view.at(0.0).identity == load_generator(f"ar:{base}").identity
    assert view.at(0.5).identity == load_generator(f"ar:{base}+{adapters[0]}:0.4").identity
    assert (pixels(view.at(0.0).generate(PROBES)) == ours(base)).all()


def test_options_reach_the_model(base):
    assert (ours(base, guidance="9") != ours(base)).any()
    assert (ours(base, temperature="50") != ours(base)).any()


def test_an_adapter_that_changes_nothing_is_refused(base, tmp_path):
    zero = adapter(base, tmp_path / "zero", spread=0.0)
    with pytest.raises(InputError, match="changing anything"):
        ours(f"{base}+{zero}")


def test_an_adapter_of_another_model_is_refused(base, adapters, tmp_path):
    other = adapter(base, tmp_path / "other", target_modules=["nowhere"])
    with pytest.raises(InputError, match="does not fit the base"):
        ours(f"{base}+{other}")
    assert np.abs(ours(base) - direct(base)).max() <= 1


@pytest.mark.parametrize(
    ("kind", "mend"), [("chameleon", "cannot make images"), ("llama", "janus"), (None, "no config.json")]
)
def test_models_that_do_not_draw_are_refused_before_they_are_loaded(tmp_path, kind, mend):
    if kind:
        (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    with pytest.raises(InputError, match=mend):
        load_generator(f"ar:{tmp_path}")


def test_probes_without_prompts_are_refused(base):
    with pytest.raises(InputError, match="needs prompts"):
        ours(base, [Probe(seed=1)])
