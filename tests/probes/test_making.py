import hashlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finexl.errors import InputError
from finexl.probes import SETS, from_captions, load_prompts, make_probes
from finexl.types import Probe

prompt_lists = st.lists(st.sampled_from(["a cat", "a dog", "a bird", "猫"]), min_size=1, max_size=8)


def prompts_of(probes):
    return [probe.prompt for probe in probes]


@given(prompt_lists, st.integers(2, 60), st.integers(1, 4), st.integers(-5, 2**40), st.integers(0, 5))
@settings(max_examples=80, deadline=None)
def test_smaller_requests_begin_larger_ones_and_no_question_comes_twice(prompts, n, seeds, seed, labels):
    large = make_probes(prompts, n, seeds, seed, labels=labels)
    assert len({(p.prompt, p.seed) for p in large}) == len(large) == n
    assert all(0 <= p.seed < 2**31 for p in large)
    for k in range(2, n):
        assert make_probes(prompts, k, seeds, seed, labels=labels) == large[:k]


def test_seeds_are_what_the_documentation_says():
    first = int.from_bytes(hashlib.sha256(b"7\na cat").digest()[:8], "big") % 2**31
    probes = make_probes(["a cat", "a dog"], 5, seed=7)
    assert [p.seed for p in probes if p.prompt == "a cat"] == [first, first + 1, first + 2]
    assert make_probes(["a cat", "a dog"], 3)[0] == Probe(prompt="a cat", seed=1625288073)


def test_seeds_nest_in_prompts():
    probes = make_probes(["a cat", "a dog"], seeds=3)
    assert prompts_of(probes) == ["a cat"] * 3 + ["a dog"] * 3
    assert probes[2].seed - probes[1].seed == probes[1].seed - probes[0].seed == 1
    assert prompts_of(make_probes(["a cat", "a dog"], 5, seeds=2)) == ["a cat"] * 2 + ["a dog"] * 2 + [
        "a cat"
    ]


def test_how_many_when_nobody_says():
    assert all(len(make_probes(name)) == 50 for name in SETS)
    assert len(make_probes(None)) == 50
    assert len(make_probes([f"thing {i}" for i in range(73)])) == 73
    assert len(make_probes(["a cat", "a dog"], seeds=4)) == 8


def test_a_set_is_asked_in_its_order_then_again_with_other_seeds():
    prompts, probes = load_prompts("objects"), make_probes("objects", 250)
    assert prompts_of(probes) == [*prompts, *prompts[:50]]
    assert all(
        again.seed == (once.seed + 1) % 2**31 for once, again in zip(probes, probes[200:], strict=False)
    )


def test_prompts_do_not_share_their_random_numbers():
    seeds = [p.seed for p in make_probes("general", 200)]
    assert len(set(seeds)) == 200
    assert abs(np.mean(seeds) / 2**31 - 0.5) < 0.1


def test_another_seed_changes_every_random_number():
    one, two = make_probes("general", 100, seed=0), make_probes("general", 100, seed=1)
    assert prompts_of(one) == prompts_of(two)
    assert not {p.seed for p in one} & {p.seed for p in two}
    nothing = [{p.seed for p in make_probes(None, 1000, seed=s)} for s in range(5)]
    assert len(set.union(*nothing)) == 5000


def test_an_edited_list_keeps_the_images_of_prompts_that_stay():
    before = make_probes(["a cat", "a dog", "a bird"])
    after = make_probes(["a house", "a bird", "a cat"])
    assert set(before) & set(after) == {p for p in before if p.prompt in ("a bird", "a cat")}


def test_models_without_prompts_get_random_numbers_and_classes_in_turn():
    assert {(p.prompt, p.label) for p in make_probes(None, 20)} == {(None, None)}
    assert [p.label for p in make_probes(None, 7, labels=3)] == [0, 1, 2, 0, 1, 2, 0]
    assert [p.label for p in make_probes(None, 6, seeds=2, labels=2)] == [0, 0, 1, 1, 0, 0]
    assert len({p.seed for p in make_probes(None, 60, labels=3)}) == 60


def test_requests_that_make_no_sense():
    for n in (1, 0, -3):
        with pytest.raises(InputError, match=f"n={n}: at least 2"):
            make_probes("general", n)
    with pytest.raises(InputError, match=r"n=1: at least 2.*other seeds"):
        make_probes(["a cat"])
    with pytest.raises(InputError, match="seeds=0"):
        make_probes("general", seeds=0)
    with pytest.raises(InputError, match="labels=-1"):
        make_probes(None, labels=-1)


CAPTIONS = [
    "sks woman, a red dress",
    "SKS  woman,\na red dress",
    "a street, sks  woman",
    "masks on a wall",
    "",
    "sks woman",
]


def test_captions_lose_the_trigger_and_doubles():
    probes = from_captions(CAPTIONS, n=3, without="sks woman")
    assert sorted(prompts_of(probes)) == ["a red dress", "a street", "masks on a wall"]
    kept = {
        "sks woman, a red dress",
        "SKS woman, a red dress",
        "a street, sks woman",
        "masks on a wall",
        "sks woman",
    }
    assert set(prompts_of(from_captions(CAPTIONS, n=50))) == kept
    assert prompts_of(from_captions(["two masks, sks"], n=2, without="sks")) == ["two masks"] * 2
    assert prompts_of(from_captions(["a (cute+) cat, <s1>"], n=2, without="<s1>")) == ["a (cute+) cat"] * 2
    assert prompts_of(from_captions(["photo of a.b c", "aXb"], n=9, without="a.b")).count("aXb") > 3


def test_captions_are_a_sample_that_depends_on_the_seed_alone():
    captions = [f"a house with {i} windows" for i in range(300)]
    sample = from_captions(captions, n=40, seed=3)
    assert sample == from_captions(captions[::-1], n=40, seed=3)
    assert sample[:10] == from_captions(captions, n=10, seed=3)
    assert set(prompts_of(sample)) != set(prompts_of(from_captions(captions, n=40, seed=4)))
    positions = [captions.index(prompt) for prompt in prompts_of(sample)]
    assert 100 < np.mean(positions) < 200


def test_captions_of_strangers_are_passed_over_where_they_cannot_be_prompts():
    bad = ["x" * 2001, " \n", "a \udcff", ",,"]
    assert prompts_of(from_captions([*bad, "a cat"], n=2)) == ["a cat", "a cat"]
    with pytest.raises(InputError, match=r"none of 4 captions.*portraits"):
        from_captions(bad, n=2)
    with pytest.raises(InputError, match="none of 1 captions"):
        from_captions(["sks"], n=2, without="sks")
    with pytest.raises(InputError, match="n=1"):
        from_captions(["a cat"], n=1)


def test_another_process_makes_the_same_probes():
    code = (
        "from finexl.probes import *; print(make_probes('general', 60, 2, 5, labels=3), "
        "from_captions(['a', 'b', 'c'], 5, 1))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    }
    here = f"{make_probes('general', 60, 2, 5, labels=3)} {from_captions(['a', 'b', 'c'], 5, 1)}\n"
    assert outputs == {here}
