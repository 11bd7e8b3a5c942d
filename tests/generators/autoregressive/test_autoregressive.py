"""Real Janus and Emu3 models, tiny and random, through our door and by direct calls: the same pixels."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForImageTextToText, AutoProcessor

from finexl import InputError, Probe
from finexl.generators import Adapted, load_generator
from tiny_emu3 import emu3
from tiny_models import janus

pytestmark = pytest.mark.filterwarnings(
    "ignore"
)  # the libraries warn about themselves, each version otherwise

PROBES = [Probe(prompt=f"a cat {i}", seed=i) for i in range(2)]


SIZE = {"area": "1024"}
"""Of Emu3's images: 32 x 32 pixels; Janus knows only one."""


@pytest.fixture(scope="module", params=[janus, emu3])
def base(request, tmp_path_factory):
    return request.param(tmp_path_factory.mktemp(request.param.__name__))


def kind(base):
    return json.loads((base / "config.json").read_text())["model_type"]


def options(base):
    return SIZE if kind(base) == "emu3" else {}


DRAWING = r".*(language|text)_model.*(q_proj|v_proj)"
READING = r".*(vision_model|vqmodel\.encoder).*(q_proj|v_proj)"


def adapter(base, folder, seed=1, spread=2.0, parts=DRAWING, **changes):
    torch.manual_seed(seed)
    model = AutoModelForImageTextToText.from_pretrained(base)
    made = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=parts))
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


def ours(base, adapters="", probes=PROBES, **more):
    return pixels(load_generator(f"ar:{base}{adapters}", options(base) | more).generate(probes))


def direct(base, lora=None, scale=None):
    """What the library itself draws, in the words of its documentation."""
    processor = AutoProcessor.from_pretrained(base)
    model = AutoModelForImageTextToText.from_pretrained(base).eval()
    inner = model
    if lora:
        wrapped = PeftModel.from_pretrained(model, lora)
        for module in wrapped.modules():
            if scale is not None and hasattr(module, "set_scale"):
                module.set_scale("default", scale)
        inner = wrapped.base_model.model
    draw = {"janus": direct_janus, "emu3": direct_emu3}[kind(base)]
    images = []
    for probe in PROBES:
        torch.manual_seed(probe.seed)
        with torch.inference_mode():
            images.append(draw(inner, processor, probe.prompt))
    return np.stack(images)


def direct_janus(model, processor, prompt):
    inputs = processor(text=prompt, generation_mode="image", return_tensors="pt")
    tokens = model.generate(**inputs, generation_mode="image", do_sample=True)
    image = model.decode_image_tokens(tokens)[0].numpy()
    return (((image + 1) / 2).clip(0, 1) * 255).round().astype(int)


def direct_emu3(model, processor, prompt):
    inputs = processor(text=prompt, return_tensors="pt", return_for_image_generation=True, image_area=1024)
    negative = processor(text="", return_tensors="pt")
    height, width = map(int, inputs.pop("image_sizes")[0])
    names, codes = processor.tokenizer, model.vocabulary_mapping

    def allowed(batch_id, ids):
        offset = len(ids) - int(torch.nonzero(ids == names.image_wrapper_token_id)[0])
        if offset % (width + 1) == 0:
            return [codes.eol_token_id]
        ends = [names.eof_token_id, names.eoi_token_id, names.eos_token_id]
        place = offset - (width + 1) * height - 1
        return [ends[place]] if place >= 0 else codes.image_tokens

    tokens = model.generate(
        **inputs, do_sample=True, max_new_tokens=500, prefix_allowed_tokens_fn=allowed,
        negative_prompt_ids=negative["input_ids"], negative_prompt_attention_mask=negative["attention_mask"],
    )  # fmt: skip
    made = model.decode_image_tokens(
        image_tokens=tokens[:, inputs["input_ids"].shape[1] :], height=height, width=width
    )
    return np.asarray(
        processor.postprocess(list(made.float()), return_tensors="PIL.Image.Image")["pixel_values"][0]
    )


def test_images_are_those_of_the_library(base):
    assert np.abs(ours(base) - direct(base)).max() <= 1


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_a_lora_draws_what_peft_draws_with_it(base, adapters, scale):
    found = ours(base, f"+{adapters[0]}:{scale}")
    assert np.abs(found - direct(base, adapters[0], scale)).max() <= 1
    assert np.abs(found - ours(base)).max() > 1


def test_an_image_depends_on_its_own_probe_alone_and_leaves_the_global_stream_as_it_was(base):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    forward, backward = ours(base), ours(base, probes=PROBES[::-1])[::-1]
    assert (forward == backward).all()
    assert torch.equal(torch.rand(3), expected)


def test_a_batch_of_prompts_of_unequal_length_draws_what_each_draws_alone(base):
    probes = [Probe(prompt=prompt, seed=i) for i, prompt in enumerate(["a cat", "a cat 1 and a cat 2", "a"])]
    alone = np.concatenate([ours(base, probes=[probe], batch="1") for probe in probes])
    assert np.abs(ours(base, probes=probes) - alone).max() <= 1


def test_base_and_adapters_are_switched_on_one_loaded_model(base, adapters):
    specs = [
        "",
        f"+{adapters[0]}",
        f"+{adapters[1]}:0.5",
        f"+{adapters[0]}+{adapters[1]}:0.3",
    ]
    views = [load_generator(f"ar:{base}{spec}", options(base)) for spec in specs]
    assert len({id(view.loaded) for view in views}) == 1
    first = [pixels(view.generate(PROBES)) for view in views]
    again = [pixels(view.generate(PROBES)) for view in reversed(views)][::-1]
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    views[0].close()
    assert all(np.abs(a - ours(base, spec)).max() <= 1 for a, spec in zip(first, specs, strict=True))


def test_strength_nought_is_the_base(base, adapters):
    view = load_generator(f"ar:{base}+{adapters[0]}:0.8", options(base))
    assert isinstance(view, Adapted)
    assert view.at(0.0).identity == load_generator(f"ar:{base}", options(base)).identity
    assert view.at(0.5).identity == load_generator(f"ar:{base}+{adapters[0]}:0.4", options(base)).identity
    assert (pixels(view.at(0.0).generate(PROBES)) == ours(base)).all()


def test_options_reach_the_model(base):
    assert (ours(base, guidance="9") != ours(base)).any()
    assert (ours(base, temperature="50") != ours(base)).any()


def test_emu3_draws_in_the_shape_that_is_asked_for(base):
    if kind(base) == "janus":
        with pytest.raises(InputError, match="one size"):
            ours(base, area="1024")
    else:
        assert ours(base, ratio="2:1", area="2048").shape[1:] == (32, 64, 3)


def test_an_adapter_that_changes_nothing_is_refused(base, tmp_path):
    zero = adapter(base, tmp_path / "zero", spread=0.0)
    with pytest.raises(InputError, match="changing anything"):
        ours(base, f"+{zero}")


def test_an_adapter_of_parts_that_do_not_draw_is_refused(base, adapters, tmp_path):
    reader = adapter(base, tmp_path / "reader", parts=READING)
    with pytest.raises(InputError, match="no part in drawing"):
        ours(base, f"+{reader}")
    with pytest.raises(InputError, match="no part in drawing"):
        ours(base, f"+{adapters[0]}+{reader}")


def test_an_adapter_of_another_model_is_refused(base, adapters, tmp_path):
    other = adapter(base, tmp_path / "other", target_modules=["nowhere"])
    with pytest.raises(InputError, match="does not fit the base"):
        ours(base, f"+{other}")
    assert np.abs(ours(base) - direct(base)).max() <= 1


@pytest.mark.parametrize(
    ("named", "mend"),
    [("chameleon", "cannot make images"), ("llama", "emu3, janus"), (None, "no config.json")],
)
def test_models_that_do_not_draw_are_refused_before_they_are_loaded(tmp_path, named, mend):
    if named:
        (tmp_path / "config.json").write_text(json.dumps({"model_type": named}))
    with pytest.raises(InputError, match=mend):
        load_generator(f"ar:{tmp_path}")


def test_probes_without_prompts_are_refused(base):
    with pytest.raises(InputError, match="needs prompts"):
        ours(base, probes=[Probe(seed=1)])
