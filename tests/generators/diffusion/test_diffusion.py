"""Real pipelines of diffusers, tiny and random, through our door and by direct calls: the same pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import DPMSolverMultistepScheduler
from lycoris import create_lycoris_from_weights
from safetensors.torch import load_file
from same_pixels import CLOSE, PROBES, SMALL, direct, ours, pixels, plain, refusal

from finexl import InputError, Probe
from finexl.errors import UnknownNameError
from finexl.generators import Adapted, load_generator
from tiny_adapters import trained_lora

# --- bases ---


@pytest.mark.parametrize("name", ["sd15", "sdxl", "sd3", "flux"])
def test_a_pipeline_draws_what_the_library_draws(bases, name):
    base = bases(name)
    assert np.abs(ours(base) - direct(plain(base))).max() <= CLOSE


def test_an_image_does_not_depend_on_its_neighbours(bases):
    base = bases("sd15")
    together = ours(base)
    alone = np.concatenate([ours(base, [probe], batch="1") for probe in reversed(PROBES)])[::-1]
    assert np.abs(together - alone).max() <= CLOSE


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn.t accept a copy:DeprecationWarning")
def test_settings_reach_the_pipeline(bases):
    base = bases("sd15")
    pipe = plain(base)
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config)
    options = {"scheduler": "DPMSolverMultistepScheduler", "guidance": "3", "negative": "dull", "steps": "3"}
    expected = direct(pipe, num_inference_steps=3, guidance_scale=3.0, negative_prompt="dull")
    assert np.abs(ours(base, **options) - expected).max() <= CLOSE
    assert ours(base, width="48")[0].shape == (32, 48, 3)


# --- adapters ---


@pytest.mark.parametrize("name", ["lora", "lora/pytorch_lora_weights.safetensors", "kohya.safetensors"])
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_a_lora_draws_what_the_library_draws_with_it(bases, adapters, name, strength):
    base = bases("sd15")
    pipe = plain(base)
    path = adapters / name
    folder, file = (path, "pytorch_lora_weights.safetensors") if path.is_dir() else (path.parent, path.name)
    pipe.load_lora_weights(folder, weight_name=file, adapter_name="x")
    pipe.set_adapters(["x"], [strength])
    found = ours(f"{base}+{path}:{strength}")
    assert np.abs(found - direct(pipe)).max() <= CLOSE
    assert np.abs(found - ours(base)).max() > CLOSE


def test_a_peft_folder_is_scaled_by_its_alpha(bases, adapters):
    from peft import PeftModel

    base = bases("sd15")
    pipe = plain(base)
    pipe.unet = PeftModel.from_pretrained(pipe.unet, adapters / "peft")
    found = ours(f"{base}+{adapters / 'peft'}")
    assert np.abs(found - direct(pipe)).max() <= CLOSE
    assert np.abs(found - ours(base)).max() > CLOSE


@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_a_loha_file_of_kohya_draws_what_lycoris_makes_of_it(bases, adapters, strength):
    base = bases("sd15")
    pipe = plain(base)
    state = {
        k.replace("lora_unet_", "lycoris_"): v for k, v in load_file(adapters / "loha.safetensors").items()
    }
    network, _ = create_lycoris_from_weights(strength, None, pipe.unet, state)
    network.apply_to()
    network.set_multiplier(strength)
    found = ours(f"{base}+{adapters / 'loha.safetensors'}:{strength}")
    assert np.abs(found - direct(pipe)).max() <= CLOSE
    assert np.abs(found - ours(base)).max() > CLOSE


@pytest.mark.filterwarnings("ignore:Already found a `peft_config`:UserWarning")
def test_two_adapters_at_their_strengths(bases, adapters):
    base = bases("sd15")
    pipe = plain(base)
    for name in ("lora", "second"):
        pipe.load_lora_weights(adapters / name, adapter_name=name)
    pipe.set_adapters(["lora", "second"], [0.8, 0.3])
    found = ours(f"{base}+{adapters / 'lora'}:0.8+{adapters / 'second'}:0.3")
    assert np.abs(found - direct(pipe)).max() <= CLOSE


def test_base_and_adapters_are_switched_on_one_loaded_pipeline(bases, adapters):
    base = bases("sd15")
    before = ours(base)
    specs = [
        f"{base}",
        f"{base}+{adapters / 'lora'}",
        f"{base}+{adapters / 'loha.safetensors'}",
        f"{base}+{adapters / 'second'}:0.5",
    ]
    views = [load_generator(f"diffusers:{spec}", SMALL) for spec in specs]
    assert len({view.holder for view in views}) == 1
    assert len({id(view.loaded) for view in views}) == 1
    first = [pixels(view.generate(PROBES)) for view in views]
    again = [pixels(view.generate(PROBES)) for view in reversed(views)][::-1]
    for a, b in zip(first, again, strict=True):
        assert np.abs(a - b).max() <= CLOSE
    assert np.abs(first[0] - before).max() <= CLOSE
    alone = [ours(spec) for spec in specs]
    for a, b in zip(first, alone, strict=True):
        assert np.abs(a - b).max() <= CLOSE


def test_strengths_come_from_one_loaded_base(bases, adapters):
    base = bases("sd15")
    view = load_generator(f"diffusers:{base}+{adapters / 'lora'}:0.8", SMALL)
    assert isinstance(view, Adapted)
    plain_view = load_generator(f"diffusers:{base}", SMALL)
    assert view.at(0.0).identity == plain_view.identity
    assert view.at(0.5).name.endswith(":0.4")
    assert np.abs(pixels(view.at(0.0).generate(PROBES)) - ours(base)).max() <= CLOSE
    assert (
        np.abs(pixels(view.at(0.5).generate(PROBES)) - ours(f"{base}+{adapters / 'lora'}:0.4")).max() <= CLOSE
    )


def test_closing_frees_the_model_and_drawing_loads_it_again(bases, adapters):
    view = load_generator(f"diffusers:{bases('sd15')}+{adapters / 'lora'}", SMALL)
    before = pixels(view.generate(PROBES))
    view.close()
    assert view.loaded._pipe is None
    assert np.abs(pixels(view.generate(PROBES)) - before).max() <= CLOSE


def test_a_fine_tuned_component_takes_the_place_of_the_bases(bases, adapters):
    from diffusers import UNet2DConditionModel

    base = bases("sd15")
    pipe = plain(base)
    pipe.unet = UNet2DConditionModel.from_pretrained(adapters / "unet")
    view = load_generator(f"diffusers:{base}+{adapters / 'unet'}", SMALL)
    assert np.abs(pixels(view.generate(PROBES)) - direct(pipe)).max() <= CLOSE
    assert view.holder != load_generator(f"diffusers:{base}", SMALL).holder
    with pytest.raises(InputError, match="no strength"):
        view.at(0.5)


@pytest.mark.parametrize(("file", "word"), [("one.safetensors", "<Cat-Toy>"), ("Three.safetensors", "Three")])
def test_a_textual_inversion_keeps_all_its_vectors_whatever_the_case_of_its_name(bases, adapters, file, word):
    base = bases("sd15")
    pipe = plain(base)
    pipe.load_textual_inversion(adapters, weight_name=file, token="<lower>")
    probes = [Probe(prompt=f"a photo of {word}, please", seed=5)]
    expected = direct(pipe, [Probe(prompt="a photo of <lower>, please", seed=5)])
    view = load_generator(f"diffusers:{base}+{adapters / file}", SMALL)
    assert view.triggers[0].text == word
    assert np.abs(pixels(view.generate(probes)) - expected).max() <= CLOSE
    assert np.abs(pixels(view.at(0.0).generate(probes)) - ours(base, probes)).max() <= CLOSE
    assert np.abs(pixels(view.at(0.0).generate(probes)) - expected).max() > CLOSE


def test_an_adapter_alone_finds_its_base_in_its_metadata(bases, adapters):
    view = load_generator(f"diffusers:{adapters / 'kohya.safetensors'}", SMALL)
    assert view.place.spec == str(bases("sd15"))
    assert [t.text for t in view.triggers] == ["zyx style", "sks dog"]
    assert view.captions == ("a dog on grass", "masterpiece")
    assert any("Stable Diffusion 1.x" in note for note in view.traits.notes)
    chosen = load_generator(f"diffusers:{adapters / 'lora'}", SMALL | {"base": str(bases("sd15"))})
    assert chosen.place.spec == str(bases("sd15"))


# --- identities ---


def test_identities_tell_apart_what_draws_otherwise_and_nothing_else(bases, adapters):
    base = bases("sd15")

    def identity(spec, **options):
        return load_generator(f"diffusers:{spec}", SMALL | options).identity

    lora = f"{base}+{adapters / 'lora'}"
    different = [
        identity(base), identity(lora), identity(f"{lora}:0.5"), identity(base, steps="3"), identity(base, guidance="2"),
        identity(f"{base}+{adapters / 'second'}"), identity(bases("sdxl")), identity(f"{base}+{adapters / 'unet'}"),
    ]  # fmt: skip
    assert len(set(different)) == len(different)
    assert identity(lora) == identity(f"{lora}:1.0") == identity(lora, batch="1")
    assert identity(f"{lora}:0") == identity(base)


# --- what goes wrong ---


def test_a_lora_of_another_architecture_is_refused_although_the_library_only_warns(bases, adapters):
    message = refusal(f"{bases('sd15')}+{adapters / 'flux.safetensors'}")
    assert "it wants FLUX (modelspec.architecture)" in message


def test_a_lora_of_other_widths_says_which_base_it_wants(bases, adapters):
    message = refusal(f"{bases('sd15')}+{adapters / 'wide.safetensors'}")
    assert "it wants Stable Diffusion 1.x (shapes of its weights)" in message


def test_a_lora_that_attaches_and_does_nothing_is_refused(bases, adapters):
    assert "changes nothing" in refusal(f"{bases('sd15')}+{adapters / 'zero.safetensors'}")


def test_after_a_refused_adapter_the_base_is_as_it_was(bases, adapters):
    base = bases("sd15")
    before = ours(base)
    view = load_generator(f"diffusers:{base}", SMALL)
    refusal(f"{base}+{adapters / 'zero.safetensors'}")
    refusal(f"{base}+{adapters / 'flux.safetensors'}")
    assert np.abs(pixels(view.generate(PROBES)) - before).max() <= CLOSE


def test_a_pickle_is_refused_with_the_way_round_it(bases, tmp_path):
    bad = tmp_path / "lora.bin"
    torch.save({"x": torch.zeros(1)}, bad)
    assert "unsafe_pickle=true" in refusal(f"{bases('sd15')}+{bad}")


@pytest.mark.parametrize(
    ("spec", "mend"),
    [
        ("nowhere/at/all", "does not exist"),
        ("{base}+missing.safetensors", "does not exist"),
        ("{base}+", "one side of a '+'"),
        ("{base}+{adapters}/lora:1e9", "from -100 to 100"),
        ("{base}+{base}", "whole model"),
        ("{adapters}/lora", "Give the base"),
        ("{adapters}", "several adapters"),
    ],
)
def test_specs_that_cannot_be_meant(bases, adapters, spec, mend):
    assert mend in refusal(spec.format(base=bases("sd15"), adapters=adapters))


def test_a_hub_model_that_is_not_here_while_offline(monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in refusal("nobody/nothing-of-the-kind")


def test_options_are_checked(bases):
    with pytest.raises(UnknownNameError, match="Did you mean 'steps'"):
        load_generator(f"diffusers:{bases('sd15')}", {"step": "2"})
    assert "steps='none'" in refusal(bases("sd15"), steps="none")
    assert "no scheduler" in refusal(bases("sd15"), scheduler="Fast")
    assert "device" in refusal(bases("sd15"), device="cuda:7")


def test_a_model_that_draws_no_numbers_is_named(bases, tmp_path):
    pipe = plain(bases("sd15"))
    pipe.vae.decoder.conv_out.weight.data.fill_(float("nan"))
    pipe.save_pretrained(tmp_path / "broken")
    assert "dtype=float32" in refusal(tmp_path / "broken")


def test_probes_without_prompts_are_refused(bases):
    assert "needs prompts" in refusal(bases("sd15"), [Probe(seed=1), Probe(seed=2)])


def test_a_truncated_adapter_is_named(bases, adapters, tmp_path):
    whole = (adapters / "kohya.safetensors").read_bytes()
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(whole[: len(whole) // 2])
    assert "not a whole .safetensors file" in refusal(f"{bases('sd15')}+{torn}")


@pytest.mark.parametrize(
    ("name", "part"), [("sdxl", "unet"), ("sd3", "transformer"), ("flux", "transformer")]
)
def test_loras_of_other_architectures_draw_what_the_library_draws(bases, tmp_path, name, part):
    base = bases(name)
    pipe = plain(base)
    state = trained_lora(getattr(pipe, part), scale=5.0)
    type(pipe).save_lora_weights(tmp_path, **{f"{part}_lora_layers": state})
    pipe = plain(base)
    pipe.load_lora_weights(tmp_path, adapter_name="x")
    pipe.set_adapters(["x"], [0.7])
    found = ours(f"{base}+{tmp_path}:0.7")
    assert np.abs(found - direct(pipe)).max() <= CLOSE
    assert np.abs(found - ours(base)).max() > CLOSE
