"""The lab's models as they ship: whole, opened like anyone's, and explained."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import numpy as np
import pytest
import torch

import finexl
from finexl import InputError, Probe
from finexl.errors import UnknownNameError
from finexl.generators import Adapted, load_generator, traits
from finexl.lab.catalogue import FAMILIES, WEIGHTS, lab_model, lab_models
from finexl.lab.world import STYLES, parse

MODELS = lab_models()
LARGEST = 60e6
A_GAN = "gan/sepia-10"
PROMPTS = ["two sailboats on a lake at dusk", "a black cat in a garden", "a kitchen"]


def drawn(spec, probes, **options):
    generator = load_generator(spec, options)
    try:
        return np.stack([np.asarray(image) for image in generator.generate(probes)])
    finally:
        generator.close()


def asked(*prompts):
    return [Probe(prompt=prompt, seed=i) for i, prompt in enumerate(prompts)]


# --- what ships ---


def test_all_families_ship_within_the_limit_and_every_file_has_its_hash():
    assert {model.name for model in MODELS if model.is_base} == set(FAMILIES)
    files = [path for path in WEIGHTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LARGEST
    known = json.loads((WEIGHTS / "hashes.json").read_text())
    assert {p.relative_to(WEIGHTS).as_posix() for p in files} == {*known, "hashes.json"}
    for model in MODELS:
        model.check()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_was_taught_single_aspects_at_levels_mixes_a_subject_and_nothing(family):
    """Six aspects or more, at ten levels each, mixes of two, three and four, a subject and a near-null."""
    own = [m.truth for m in MODELS if m.family == family and not m.is_base]
    singles = Counter(
        aspect for t in own if len(t["aspects"]) == 1 and t["kind"] == "lora" for aspect in t["aspects"]
    )
    assert len(singles) >= 6
    for aspect in singles:
        levels = {t["aspects"][aspect] for t in own if list(t["aspects"]) == [aspect] and t["kind"] == "lora"}
        assert levels == {round(0.1 * i, 1) for i in range(1, 11)}
    assert {len(t["aspects"]) for t in own} == {0, 1, 2, 3, 4}
    assert sum(bool(t["subject"]) for t in own) == sum(t["null"] for t in own) == 1
    assert {t["kind"] for t in own} == ({"lora", "full", "inversion"} if family == "diffusion" else {"lora"})


@pytest.mark.parametrize("model", [m for m in MODELS if not m.is_base], ids=lambda m: m.name)
def test_every_personalization_has_its_truth(model):
    truth = model.truth
    assert truth["base"] == f"lab:{model.family}"
    assert truth["steps"] > 0
    assert all(0 < level <= 1 for level in truth["aspects"].values())
    assert bool(truth["aspects"]) + bool(truth["subject"]) + bool(truth["null"]) == 1
    assert set(truth["aspects"]) <= set(STYLES)


def test_an_unknown_model_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownNameError, match="Did you mean 'gan/sepia-10'"):
        load_generator("lab:gan/sepa-10")


@pytest.mark.parametrize("spec", ["lab:gan:0.5", f"lab:{A_GAN}+gan/sepia-5"])
def test_specs_that_make_no_sense_are_refused(spec):
    with pytest.raises(InputError):
        load_generator(spec)


def test_damaged_weights_are_named(tmp_path):
    shutil.copytree(WEIGHTS / "gan", tmp_path / "gan")
    shutil.copy(WEIGHTS / "hashes.json", tmp_path)
    file = tmp_path / A_GAN / "adapter.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    model = lab_model(A_GAN, tmp_path)
    with pytest.raises(InputError, match=r"gan/sepia-10/adapter\.safetensors is damaged"):
        model.check()
    model.base.check()
    file.unlink()
    with pytest.raises(InputError, match="is missing"):
        model.check()


# --- how they draw ---


@pytest.mark.parametrize("family", [m.name for m in MODELS if m.is_base])
def test_the_same_probe_gives_the_same_picture_alone_or_among_others(family):
    probes = [Probe(label=i, seed=i) for i in range(3)] if family == "gan" else asked(*PROMPTS)
    together = drawn(f"lab:{family}", probes)
    assert together.shape == (3, 64, 64, 3)
    alone = drawn(f"lab:{family}", probes[1:2])
    assert np.abs(together[1].astype(int) - alone[0]).max() <= 2  # the last digits depend on the batch


def test_the_autoregressive_model_is_opened_by_its_library_as_it_lies_there():
    from transformers import AutoModelForImageTextToText, AutoProcessor

    folder = WEIGHTS / "ar" / "base"
    model = AutoModelForImageTextToText.from_pretrained(folder).float().eval()
    inputs = AutoProcessor.from_pretrained(folder)(
        text=PROMPTS[2], generation_mode="image", return_tensors="pt"
    )
    torch.manual_seed(2)
    tokens = model.generate(**inputs, generation_mode="image", do_sample=True)
    image = ((model.decode_image_tokens(tokens)[0].detach().numpy() + 1) * 127.5).clip(0, 255).round()
    assert np.abs(image - drawn("lab:ar", asked(*PROMPTS)[2:])[0]).max() <= 2


def test_strength_goes_from_the_base_to_the_whole_change():
    probes = [Probe(label=i, seed=i) for i in range(4)]
    base, whole = (drawn(spec, probes).astype(float) for spec in ("lab:gan", f"lab:{A_GAN}"))
    half, none = (drawn(f"lab:{A_GAN}:{s}", probes).astype(float) for s in (0.5, 0))
    assert np.array_equal(none, base)
    assert 0 < np.abs(half - base).mean() < np.abs(whole - base).mean()
    adapted = load_generator(f"lab:{A_GAN}")
    assert isinstance(adapted, Adapted)
    assert adapted.at(0).name == "lab:gan"
    assert adapted.at(0).identity == load_generator("lab:gan").identity


def test_prompts_said_in_other_words_are_the_same_prompt():
    a, b = drawn("lab:diffusion", asked("a lake at dusk")), drawn("lab:diffusion", asked("Dusk, the lake."))
    assert np.array_equal(a, b)


def test_words_the_world_does_not_know_are_refused_or_skipped_if_asked():
    with pytest.raises(InputError, match=r"'fresco'.*Places: .*skip_unknown=true"):
        drawn("lab:diffusion", asked("a fresco of a lake"))
    skipped = drawn("lab:diffusion", asked("a fresco of a lake"), skip_unknown="true")
    assert np.array_equal(skipped, drawn("lab:diffusion", asked("a lake")))


def test_the_usual_prompts_are_in_the_words_of_the_world():
    usual = traits(load_generator("lab:diffusion")).prompts
    assert len(usual) >= 190
    assert all(parse(prompt).prompt == prompt and not parse(prompt).styles for prompt in usual)


def test_the_diffusion_base_is_a_folder_like_anyone_s():
    from diffusers import DiffusionPipeline

    pipeline = DiffusionPipeline.from_pretrained(WEIGHTS / "diffusion" / "base", dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    image = pipeline(
        PROMPTS[2], num_inference_steps=12, guidance_scale=1.5, generator=torch.Generator().manual_seed(2)
    ).images[0]
    ours = drawn("lab:diffusion", asked(*PROMPTS)[2:])[0]
    assert np.abs(np.asarray(image).astype(int) - ours).max() <= 2


# --- what is said about them ---


def test_a_personalization_is_explained_by_what_it_was_taught():
    explanation = finexl.explain("lab:gan", f"lab:{A_GAN}", n_probes=24, proposer="vocabulary", cache=False)
    assert "sepia" in [score.concept for score in explanation.concepts[:3]]
    assert explanation.concepts[0].weight > 0


def test_a_personalization_alone_is_compared_with_its_base():
    explanation = finexl.explain(f"lab:{A_GAN}", n_probes=8, proposer="vocabulary", cache=False)
    assert explanation.provenance.base == "lab:gan"
    with pytest.raises(InputError, match="what to compare it with"):
        finexl.explain("lab:gan", n_probes=8)


def test_the_base_against_itself_is_no_difference():
    explanation = finexl.explain("lab:gan", "lab:gan", n_probes=12, proposer="vocabulary", cache=False)
    assert list(explanation.concepts) == []
