"""Bases as people have them: variants, pickles, single files, code of their own; and what cannot be drawn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from original_layout import original
from safetensors.torch import load_file, save_file
from same_pixels import CLOSE, PROBES, SMALL, ours, pixels, plain, refusal

from finexl import InputError
from finexl.generators import load_generator
from tiny_adapters import to_kohya, trained_lora


def pickled(base, folder):
    """The same pipeline with its UNet as a pickle."""
    shutil.copytree(base, folder)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(weights), weights.with_suffix(".bin"))
    weights.unlink()
    return folder


def test_a_variant_of_a_folder(bases, tmp_path):
    base = bases("sd15")
    plain(base).save_pretrained(tmp_path / "half", variant="fp16")
    assert np.abs(ours(tmp_path / "half", variant="fp16") - ours(base)).max() <= CLOSE


def test_pickles_need_the_opt_in(bases, tmp_path):
    base = bases("sd15")
    folder = pickled(base, tmp_path / "pickled")
    assert "unsafe_pickle=true" in refusal(folder)
    assert np.abs(ours(folder, unsafe_pickle="true") - ours(base)).max() <= CLOSE


def test_pickled_adapters_are_told_apart_by_what_they_hold(bases, adapters, tmp_path):
    base = bases("sd15")
    lora = load_file(adapters / "lora" / "pytorch_lora_weights.safetensors")
    torch.save(lora, tmp_path / "small.bin")
    found = ours(f"{base}+{tmp_path / 'small.bin'}", unsafe_pickle="true")
    assert np.abs(found - ours(f"{base}+{adapters / 'lora'}")).max() <= CLOSE
    torch.save({"string_to_param": {"*": torch.randn(2, 32)}, "name": "ink"}, tmp_path / "Ink.pt")
    view = load_generator(f"diffusers:{base}+{tmp_path / 'Ink.pt'}", SMALL | {"unsafe_pickle": "true"})
    assert [t.text for t in view.triggers] == ["Ink"]
    probes = [p.model_copy(update={"prompt": "a cat, Ink"}) for p in PROBES]
    assert np.abs(pixels(view.generate(probes)) - ours(base, probes)).max() > CLOSE


def test_a_pickle_that_runs_code_does_not_even_when_pickles_are_allowed(bases, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    torch.save({"x": Evil()}, tmp_path / "evil.bin")
    assert "more than tensors" in refusal(f"{bases('sd15')}+{tmp_path / 'evil.bin'}", unsafe_pickle="true")
    assert not (tmp_path / "ran").exists()


def test_code_that_comes_with_a_model_is_not_run(bases, tmp_path):
    folder = tmp_path / "evil"
    shutil.copytree(bases("sd15"), folder)
    (folder / "evil.py").write_text(
        f"import os\nos.mkdir({str(tmp_path / 'ran')!r})\nfrom diffusers import StableDiffusionPipeline as Evil\n"
    )
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | {"_class_name": ["evil", "Evil"]}))
    assert "code of its own" in refusal(folder)
    assert not (tmp_path / "ran").exists()


@pytest.fixture(scope="module")
def single(bases, tmp_path_factory):
    file = tmp_path_factory.mktemp("single") / "model.safetensors"
    save_file(original(plain(bases("sd15"))), file)
    return file


def test_a_single_file_draws_what_its_folder_draws(bases, single, tmp_path):
    base = bases("sd15")
    assert np.abs(ours(single, config=str(base)) - ours(base)).max() <= CLOSE
    save_file(to_kohya(trained_lora(plain(base).unet)), tmp_path / "ink.safetensors")
    with_lora = ours(f"{single}+{tmp_path / 'ink.safetensors'}", config=str(base))
    assert np.abs(with_lora - ours(f"{base}+{tmp_path / 'ink.safetensors'}")).max() <= CLOSE


def test_a_pickled_single_file_needs_the_opt_in(bases, single, tmp_path):
    base = bases("sd15")
    torch.save({"state_dict": load_file(single)}, tmp_path / "model.ckpt")
    assert "unsafe_pickle=true" in refusal(tmp_path / "model.ckpt", config=str(base))
    found = ours(tmp_path / "model.ckpt", config=str(base), unsafe_pickle="true")
    assert np.abs(found - ours(base)).max() <= CLOSE


def test_a_single_file_without_its_configuration_names_the_option(single, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "-O config=FOLDER" in refusal(single)


@pytest.mark.parametrize(
    ("options", "mend"),
    [({"width": "33"}, "Check width"), ({"scheduler": "DPMSolverSDEScheduler"}, "torchsde")],
)
def test_settings_that_a_pipeline_does_not_take(bases, options, mend):
    assert mend in refusal(bases("sd15"), **options)


def test_an_option_that_a_pipeline_does_not_have_is_named(bases, monkeypatch):
    from diffusers import StableDiffusionPipeline

    call = StableDiffusionPipeline.__call__

    def unguided(
        self, prompt, width=None, height=None, num_inference_steps=2, generator=None, output_type="np"
    ):
        return call(
            self, prompt, height, width, num_inference_steps, generator=generator, output_type=output_type
        )

    monkeypatch.setattr(StableDiffusionPipeline, "__call__", unguided)
    assert "takes no guidance" in refusal(bases("sd15"), guidance="3")


def test_a_base_that_is_named_twice_is_refused(bases):
    assert "leave the option base out" in refusal(bases("sd15"), base="owner/other")


def crowded(generator, limit):
    """Make the real UNet run out of memory above so many images (twice that many rows, with guidance)."""
    seen = []

    def full(_, given):
        seen.append(len(given[0]) // 2)
        if len(given[0]) > 2 * limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    return generator.loaded.pipe().unet.register_forward_pre_hook(full), seen


def test_a_batch_that_does_not_fit_is_halved_once(bases):
    generator = load_generator(f"diffusers:{bases('sd15')}", SMALL)
    before = pixels(generator.generate([*PROBES, PROBES[0]]))
    hook, seen = crowded(generator, 2)
    after = pixels(generator.generate([*PROBES, PROBES[0]]))
    assert sorted(set(seen)) == [2, 4]
    assert np.abs(after - before).max() <= CLOSE
    hook.remove()
    hook, _ = crowded(generator, 1)
    with pytest.raises(InputError, match=r"not even 2 images.*width and height"):
        generator.generate([*PROBES, PROBES[0]])
    hook.remove()
    assert np.abs(pixels(generator.generate([*PROBES, PROBES[0]])) - before).max() <= CLOSE


def test_images_of_no_numbers_are_counted_and_named(bases):
    generator = load_generator(f"diffusers:{bases('sd15')}", SMALL)
    generator.generate(PROBES)

    vae = generator.loaded.pipe().vae
    whole = vae.decode

    def spoilt(*args, **options):
        out = whole(*args, **options)
        out[0][1] = float("nan")
        return out

    vae.decode = spoilt
    with pytest.raises(InputError, match=r"in 1 of 3 images \(seeds 1\): dtype float32"):
        generator.generate(PROBES)
    vae.decode = whole


def test_the_terminal_stays_quiet(bases, adapters, capfd):
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    diffusers_logging.enable_progress_bar()
    transformers_logging.enable_progress_bar()
    generator = load_generator(f"diffusers:{bases('sd15')}+{adapters / 'loha.safetensors'}", SMALL)
    generator.close()
    capfd.readouterr()
    generator.generate(PROBES)
    said = "".join(capfd.readouterr())
    assert "it/s" not in said
    assert "LyCORIS" not in said


def test_looking_up_an_identity_loads_no_model(bases, adapters):
    spec = f"diffusers:{bases('sd15')}+{adapters / 'kohya.safetensors'}"
    code = (
        "import sys; from finexl.generators import load_generator\n"
        f"print(load_generator({spec!r}).identity); print('diffusers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    identity, loaded = done.stdout.split()
    assert len(identity) == 64
    assert loaded == "False"
