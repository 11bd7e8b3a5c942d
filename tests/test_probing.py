"""Two models explained: rounds, the trigger's 2x2, strengths; with drawers and an encoder whose answers are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import finexl
from drawers import Drawer, darker, paler
from finexl import Concept, InputError, Probe
from finexl.effects import measure_effects
from finexl.method import Settings
from finexl.storing import Embedded
from looks import Looks
from test_explaining import Few, content

WORD = "pale-word"  # drawers draw paler where a prompt holds it, whatever their weights


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def run(*models, **options):
    settings = {"encoder": Looks(), "proposer": Few(), "cache": False, "n_probes": 12}
    return finexl.explain(*models, **(settings | options))


def effect(explanation, cause):
    (found,) = [e for e in explanation.effects if e.cause == cause]
    return {c.concept: c.weight for c in found.concepts}


# --- the plain comparison ---


def test_two_models_are_explained_like_the_images_they_draw(tmp_path):
    probes = [Probe(prompt=f"scene {i}", seed=i) for i in range(12)]
    base, change = Drawer(), Drawer(darker)
    for generator, place in ((base, tmp_path / "a"), (change, tmp_path / "b")):
        place.mkdir()
        for i, image in enumerate(generator.generate(probes)):
            image.save(place / f"{i}.png")
    prompts = [p.prompt for p in probes]
    models = run(base, change, probes, n_probes=None)
    folders = run(tmp_path / "a", tmp_path / "b", prompts, n_probes=None)
    assert [(c.concept, c.weight) for c in models.concepts] == [
        (c.concept, c.weight) for c in folders.concepts
    ]
    assert models.concepts[0].concept == "dark"


def test_prompts_come_from_the_captions_of_the_training():
    base, tuned = Drawer(), Drawer(darker, word="sks")
    tuned.captions = ("sks, a cat", "a dog", "a cat")
    run(base, tuned, "captions", n_probes=4)
    assert {p.prompt for _, p in tuned.drawn()} == {"sks, a cat", "sks, a dog", "a cat", "a dog"}
    with pytest.raises(InputError, match="repeats the captions it was trained on"):
        run(base, Drawer(darker), "captions")


def test_a_model_with_a_language_of_its_own_is_asked_its_own_prompts():
    own = ("a", "b", "c")
    base, tuned = Drawer(prompts=own), Drawer(darker, prompts=own)
    assert run(base, tuned, n_probes=None).n_pairs == 50
    assert {p.prompt for _, p in base.drawn()} == set(own)
    assert run(base, tuned, "objects", n_probes=4).n_pairs == 4
    assert len({p.prompt for _, p in base.drawn()}) == 7


def test_a_model_against_itself_shows_nothing():
    assert run(Drawer(), Drawer()).concepts == []


def test_plain_functions_are_models_too():
    base, change = Drawer(), Drawer(darker)
    found = run(lambda p: base.generate([p])[0], lambda p: change.generate([p])[0])
    assert found.concepts[0].concept == "dark"


def test_the_same_inputs_give_the_same_bytes_with_and_without_the_store(home):
    kept = [run(Drawer(), Drawer(darker), cache=True) for _ in range(2)]
    assert content(kept[0]) == content(kept[1])
    fresh = run(Drawer(), Drawer(darker))
    assert fresh.concepts[0].weight == kept[0].concepts[0].weight


def test_the_provenance_names_models_and_probes():
    a, b = run(Drawer(), Drawer(darker)), run(Drawer(), Drawer(darker), seed=1)
    assert a.provenance.base_identity == Drawer().identity
    assert a.provenance.personalized_identity == Drawer(darker).identity
    assert a.provenance.probes_sha256 != b.provenance.probes_sha256


def test_the_base_is_drawn_once_for_all_its_personalizations(home):
    base = Drawer()
    for change in (darker, paler):
        run(base, Drawer(change, log=base.log), cache=True)
    assert len([name for name, _ in base.drawn() if name == "base"]) == 12
    assert len(base.drawn()) == 36


def test_an_adapter_alone_is_compared_with_its_base():
    adapted = Drawer(darker)
    found = run(adapted)
    assert found.provenance.base == "base"
    assert found.concepts[0].concept == "dark"


def test_models_that_take_no_prompt_are_asked_for_random_numbers_alone():
    base = Drawer(takes="nothing")
    found = run(base, Drawer(darker, takes="nothing", log=base.log))
    assert all(probe.prompt is None for _, probe in base.drawn())
    assert found.concepts[0].concept == "dark"


def test_models_that_know_classes_are_asked_for_all_of_them():
    base = Drawer(takes="label", labels=5)
    run(base, Drawer(darker, takes="label", labels=5))
    assert {probe.label for _, probe in base.drawn()} == set(range(5))


def test_a_model_whose_images_cannot_be_repeated_is_compared_unpaired():
    found = run(Drawer(), Drawer(darker, seeded=False, notes=("The service takes no seed.",)))
    assert not found.paired
    assert any("without pairs" in note for note in found.notes)
    assert "The service takes no seed." in found.notes


# --- as many probes as it takes ---


def test_more_is_drawn_until_the_intervals_are_narrow_enough():
    half = run(Drawer(), Drawer(darker), n_probes=8).advice.half_width
    found = run(Drawer(), Drawer(darker), n_probes=8, max_probes=60, precision=half / 2)
    assert 8 < found.n_pairs <= 60
    assert found.advice.half_width <= half / 2 or found.n_pairs == 60


def test_no_more_is_drawn_than_allowed_or_needed():
    assert run(Drawer(), Drawer(darker), n_probes=8, max_probes=19, precision=1e-6).n_pairs == 19
    assert run(Drawer(), Drawer(darker), n_probes=8, max_probes=40, precision=10.0).n_pairs == 8


def test_probes_are_kept_when_more_are_drawn():
    base = Drawer()
    run(base, Drawer(darker, log=base.log), n_probes=8, max_probes=19, precision=1e-6)
    assert len(base.drawn()) == len(set(base.drawn())) == 38


# --- weights and trigger word apart ---


def test_a_personalization_that_wakes_only_on_its_word_is_not_called_no_difference():
    found = run(Drawer(), Drawer(darker, wakes_on="zyx", word="zyx"))
    assert found.trigger.text == "zyx"
    assert found.concepts[0].concept == "dark"
    assert effect(found, "weights") == {}
    assert effect(found, "trigger") == {}
    assert [next(iter(effect(found, cause))) for cause in ("both", "interaction")] == ["dark", "dark"]


def test_what_the_word_does_to_the_base_is_not_credited_to_the_weights():
    found = run(Drawer(), Drawer(darker, word=WORD))
    assert "muted colours" not in [c.concept for c in found.concepts]
    assert next(iter(effect(found, "weights"))) == "dark"
    assert "muted colours" not in effect(found, "weights")
    assert next(iter(effect(found, "trigger"))) == "muted colours"
    assert {"dark", "muted colours"} <= set(effect(found, "both"))


def test_a_word_of_ones_own_takes_the_place_of_the_adapters_and_none_leaves_it_out():
    assert run(Drawer(), Drawer(darker, word="zyx"), trigger=WORD).trigger.source == "given"
    for none in (None, "none"):
        base = Drawer()
        found = run(base, Drawer(darker, word="zyx", log=base.log), trigger=none)
        assert found.trigger is None
        assert found.effects == ()
        assert not any("zyx" in probe.prompt or "none" in probe.prompt for _, probe in base.drawn())


def test_each_cause_starts_from_its_own_pictures():
    """What the trigger does to the base begins without it: a change too small for a strong word is not counted twice."""
    rng = np.random.default_rng(0)
    e = np.eye(64)
    pale = 0.16 * unit(e[1] + 0.6 * e[2])  # 0.4 of "black and white"
    F = np.stack([0.4 * unit(e[1] + 0.6 * e[2]), 0.4 * e[1], *(0.4 * e[10:40])])
    concepts = [
        Concept(name="black and white", aspect="colour", milder="muted"),
        Concept(name="muted", aspect="colour"),
    ]
    concepts += [Concept(name=f"word {i}", aspect="any") for i in range(30)]

    def seen(*steps):
        return unit(e[0] + sum(steps) + 0.01 * rng.standard_normal((40, 64)))

    def pair(before, after):
        return Embedded(before, after, "", ())

    plain, woken = seen(pale * 0), seen(pale)
    tuned, both = seen(0.1 * e[12]), seen(pale, 0.1 * e[12])
    run = SimpleNamespace(settings=Settings(plain=e[0]), method="finexl")
    found = SimpleNamespace(D=both - woken, F=F, concepts=concepts, embedded=pair(woken, both))
    effects = measure_effects(run, found, pair(plain, tuned), pair(plain, woken), pair(plain, both))
    named = {one.cause: [c.concept for c in one.concepts] for one in effects}
    assert named["trigger"] == ["muted"]
    assert set(named["both"]) == {"muted", "word 2"}
    assert named["weights"] == named["weights with trigger"] == ["word 2"]
    assert named["interaction"] == []


# --- strengths ---


def test_the_response_grows_with_strength_and_ends_at_the_reported_weight():
    found = run(Drawer(), Drawer(darker), strengths=(1.0, 0.0, 0.5))
    response = found.response
    assert response.strengths == (0.0, 0.5, 1.0)
    curve = next(c for c in response.curves if c.concept == "dark")
    values = [w.value for w in curve.weights]
    assert values[0] == 0
    assert values[1] == pytest.approx(values[2] / 2, rel=0.2)
    assert values[2] == pytest.approx(found.concepts[0].weight)
    assert [length.value for length in response.lengths] == sorted(
        length.value for length in response.lengths
    )


def test_no_strength_is_drawn_that_the_store_has(home):
    base = Drawer()
    change = Drawer(darker, log=base.log)
    run(base, change, strengths=(0.0, 0.5, 1.0), cache=True)
    assert len(base.drawn()) == 36  # base, 1.0 and 0.5: strength 0 is the base


def test_a_personalization_that_does_nothing_has_no_range_to_recommend():
    response = run(Drawer(), Drawer(), strengths=(0.5, 1.0)).response
    assert response.recommended is None
    assert response.curves == ()


@pytest.mark.parametrize(
    ("options", "mend"),
    [
        ({"strengths": (-1.0,)}, "from 0 to 100"),
        ({"strengths": (float("nan"),)}, "from 0 to 100"),
        ({"n_probes": 9, "max_probes": 5}, "below n_probes"),
        ({"probes": "portrait"}, "portraits"),
        ({"probes": [Probe(seed=1)]}, "2 are needed"),
    ],
)
def test_plans_that_cannot_be_carried_out_are_refused_before_anything_is_drawn(options, mend):
    base = Drawer()
    with pytest.raises(InputError, match=mend):
        run(base, Drawer(darker, log=base.log), **options)
    assert base.log == []


def test_what_has_no_strength_cannot_be_swept():
    with pytest.raises(InputError, match="no strength"):
        run(Drawer(), lambda p: Drawer(darker).generate([p])[0], strengths=(0.5,))


def test_models_that_want_to_be_asked_different_things_are_refused():
    with pytest.raises(InputError, match="cannot be asked the same"):
        run(Drawer(), Drawer(darker, takes="nothing"))


@pytest.mark.parametrize("probes", ["portraits", ["a cat", "a dog"]])
@pytest.mark.parametrize(
    ("kind", "draws"), [({"takes": "nothing"}, "alone"), ({"takes": "label", "labels": 5}, "class")]
)
def test_models_that_take_no_prompts_are_given_none(probes, kind, draws):
    base = Drawer(**kind)
    with pytest.raises(InputError, match=f"takes no prompts: it draws from .*{draws}.*Leave the prompts out"):
        run(base, Drawer(darker, log=base.log, **kind), probes, n_probes=None)
    assert base.log == []


def test_models_that_cannot_say_what_they_are_are_not_taken_for_one_another():
    """Each strength is a model of its own that lives for one moment, and memory is used again."""

    class Nameless(Drawer):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.identity = None

        def at(self, strength):
            return Nameless(self.change, self.strength * strength)

    strengths = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
    found = run(Drawer(), Nameless(darker), strengths=strengths)
    lengths = [length.value for length in found.response.lengths]
    assert lengths == sorted(set(lengths))


def test_seeds_of_one_prompt_are_said_to_be_no_sample_of_prompts():
    few = run(Drawer(), Drawer(darker), ["a cat", "a dog", "a tree"], n_probes=12)
    assert any(note.startswith("12 pairs were made from 3 prompts") for note in few.notes)
    many = run(Drawer(), Drawer(darker), [f"scene {i}" for i in range(12)], n_probes=12)
    assert not any("prompts" in note for note in many.notes)


def test_a_model_and_a_folder_are_refused(folders):
    with pytest.raises(InputError, match="one side is a model"):
        run(Drawer(), folders(3)[0])
