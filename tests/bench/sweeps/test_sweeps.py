from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from finexl.bench import sweeps
from finexl.bench.effects import BY_NAME, SEEN_IN_TRAINING, Mix


def test_a_change_is_embedded_once(tiny):
    bench = sweeps.ground("looks", 6, 0)
    before = tiny.prepared
    D = bench.differences(BY_NAME["Pillow Color down"], 0.8)
    assert tiny.prepared == before + 6
    again = bench.differences(BY_NAME["Pillow Color down"], 0.8, 4)
    assert tiny.prepared == before + 6
    assert np.array_equal(again, D[:4])
    bench.differences(BY_NAME["Pillow Color down"], 0.7)
    assert tiny.prepared == before + 12
    with pytest.raises(ValueError, match="read-only"):
        D += 1


def test_the_same_photographs_for_every_experiment(tiny):
    assert sweeps.ground("looks", 6, 0) is sweeps.ground("looks", 6, 0)
    larger, other = sweeps.ground("looks", 8, 0), sweeps.ground("looks", 6, 1)
    assert np.array_equal(larger.grounds[5], sweeps.ground("looks", 6, 0).grounds[5])
    assert not np.array_equal(other.grounds[0], larger.grounds[0])


@pytest.mark.parametrize("split", ["tune", "test"])
def test_effects_are_of_their_split(split):
    found = sweeps.effects(split)
    assert len(found) > 30
    assert {effect.split for effect in found} == {split}
    assert not {effect.name for effect in found} & set(SEEN_IN_TRAINING)
    assert sweeps.effects(split, quick=True) == [found[0], found[len(found) // 2]]


def test_mixes_leave_out_what_ran_in_training():
    assert {len(mix.parts) for mix in sweeps.mixes()} == {2, 3}
    assert {len(mix.parts) for mix in sweeps.mixes((3,))} == {3}
    assert not any(part.name in SEEN_IN_TRAINING for mix in sweeps.mixes() for part in mix.parts)


def test_mixes_for_tuning_are_of_two_effects_that_no_word_says_at_once():
    found = sweeps.tuning_mixes()
    assert len(found) > 10
    for mix in found:
        a, b = mix.parts
        assert (a.split, b.split) == ("tune", "tune")
        assert set(a.accepted).isdisjoint(b.accepted)


def test_truth_of_one_effect_and_of_a_mix():
    a, b = BY_NAME["Pillow Color down"], BY_NAME["Pillow GaussianBlur"]
    assert sweeps.truth(a) == (a.accepted,)
    assert sweeps.truth(Mix((a, b))) == (a.accepted, b.accepted)


def test_wrong_descriptions_are_wrong_for_the_change_and_its_kin():
    effect = BY_NAME["Pillow Color down"]
    wrong = sweeps.others(effect)
    assert len(wrong) == len(set(wrong)) >= 15 - 1
    kin = [e for e in sweeps.effects("test") if set(e.accepted) & set(effect.accepted)]
    assert not {word for e in kin for word in e.accepted} & set(wrong)
    assert "black and white" not in wrong  # a right word of taking all colour away, which is kin
    assert "vivid colours" in wrong  # the opposite is as wrong as can be
    for mix in (Mix((effect, BY_NAME["Pillow GaussianBlur"])),):
        assert not {"muted colours", "blurry"} & set(sweeps.others(mix))


def test_enough_wrong_descriptions_for_every_effect():
    assert min(len(sweeps.others(effect)) for effect in sweeps.effects("test")) >= 15 - 1


@pytest.mark.parametrize(
    ("said", "right", "expected"),
    [
        ([], [["a"]], (False, False, 0.0)),
        (["a"], [["a"]], (True, True, 1.0)),
        (["x", "y", "a"], [["a"]], (False, True, 1.0)),
        (["x", "y", "z", "a"], [["a"]], (False, False, 1.0)),
        (["x", "y", "z", "u", "v", "a"], [["a"]], (False, False, 0.0)),
        (["b", "x"], [["a"], ["b"]], (True, True, 0.5)),
        (["-a"], [["a"]], (False, False, 0.0)),
    ],
)
def test_judged(said, right, expected):
    assert tuple(sweeps.judged(said, right).values()) == expected


@pytest.mark.parametrize(("hits", "draws"), [(0, 200), (7, 40), (40, 40), (1, 3)])
def test_wilson_as_scipy_has_it(hits, draws):
    rate, low, high = sweeps.wilson(hits, draws)
    theirs = binomtest(hits, draws).proportion_ci(method="wilson")
    assert (rate, low, high) == pytest.approx((hits / draws, theirs.low, theirs.high))
    assert low <= rate <= high


def test_wilson_of_nothing_is_nothing():
    assert np.isnan(sweeps.wilson(0, 0)).all()
