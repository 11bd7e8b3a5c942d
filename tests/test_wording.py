import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finexl.method import sign_flip_test
from finexl.types import ConceptScore, Interval
from finexl.wording import FEW, advise, describe, least_pairs, remarks


def score(name, weight):
    return ConceptScore(concept=name, aspect="any", weight=weight, low=weight, high=weight, share=0.5)


REST = Interval(value=0.314, low=0.2, high=0.4)


def test_one_to_five_concepts():
    scores = [
        score("dark", 0.8),
        score("sharp", -0.5),
        score("rain", 0.1),
        score("fog", 0.1),
        score("a", 0.1),
    ]
    left = " 31% of the change's length is left unexplained."
    dark, sharp, rain = "strongly more “dark” (+0.80)", "less “sharp” (-0.50)", "slightly more “rain” (+0.10)"
    begin = "The personalized images show "
    expected = [
        f"{dark}.",
        f"{dark} and {sharp}.",
        f"{dark}, {sharp} and {rain}.",
        f"{dark}, {sharp} and {rain}, and 1 smaller aspect.",
        f"{dark}, {sharp} and {rain}, and 2 smaller aspects.",
    ]
    assert [describe(scores[:n], REST, 0.01, 0.05, 50) for n in range(1, 6)] == [
        begin + e + left for e in expected
    ]
    assert describe(scores[:1], None, 0.01, 0.05, 50) == begin + expected[0]


def test_nothing_found_is_told_apart_from_nothing_there():
    assert (
        describe([], None, 0.05, 0.05, 50) == "No difference was found between the two sets of images."
    )  # as strict as the method: p must be below
    assert describe([], REST, 0.049, 0.05, 50).startswith("The two sets of images differ, but no concept")


@given(st.floats(-3, 3).filter(lambda w: w != 0), st.text(max_size=30))
def test_any_concept_is_named_with_its_sign(weight, name):
    text = describe([score(name, weight)], None, 0.0, 0.05, 50)
    assert f"“{name}”" in text
    assert ("more “" in text) == (weight > 0)
    assert ("less “" in text) == (weight < 0)


def test_advice():
    assert advise(0.0, 12, 0.1, 12).startswith("Nothing is reported from 12 pairs;")
    assert advise(0.08, 40, 0.1, 40) == (
        "40 pairs are enough: every weight is known to ±0.08 (asked: ±0.10)."
    )
    assert advise(0.2, 40, 0.1, 160) == (
        "The widest interval is ±0.20; about 160 pairs would bring it to ±0.10."
    )


def test_too_few_pairs_to_tell_are_called_so_and_not_alike():
    assert describe([], None, 0.0625, 0.05, 5).startswith("5 pairs are too few to tell")
    assert describe([], None, 0.0625, 0.05, 5).endswith(
        "at 0.95 confidence it takes at least 6, whatever they show."
    )
    assert describe([], None, 0.5, 0.05, 6).startswith("No difference was found")
    for alpha in (0.1, 0.05, 0.01):
        n = least_pairs(alpha)
        assert sign_flip_test(np.ones((n, 2))) < alpha <= sign_flip_test(np.ones((n - 1, 2)))


def test_pairs_of_one_picture_are_remarked_upon():
    assert remarks(50, 50) == ("In every pair both pictures are the same.",)
    assert remarks(50, 40) == ("In 40 of 50 pairs both pictures are the same.",)
    assert remarks(50, 5) == ()


def test_few_pairs_are_remarked_upon():
    assert remarks(FEW) == ()
    assert remarks(FEW - 1)[0].startswith(f"Only {FEW - 1} pairs were compared;")
