"""What a model is shown and asked."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from finexl.proposers import Evidence
from finexl.proposers.vlm.questions import CLOSER, ask, choose_pairs


def test_letters_and_order_change_from_question_to_question(evidence):
    questions = [ask(evidence(), i, "separate", 0) for i in range(8)]
    assert [q.personalized for q in questions[:2]] in (["A", "B"], ["B", "A"])
    firsts = [q.pictures[2 * k][0][-1] == q.personalized for q in questions for k in range(6)]
    assert 0.3 < np.mean(firsts) < 0.7


@pytest.mark.parametrize(("layout", "count"), [("separate", 12), ("side by side", 6), ("sheet", 1)])
def test_pictures_are_small_new_jpegs_without_metadata(layout, count):
    big = Image.new("RGB", (2000, 1000), "red")
    big.info["parameters"] = "secret prompt"
    seen = Evidence(np.ones((8, 4)), lambda n: np.zeros((len(n), 4)), lambda i: (big, big))
    question = ask(seen, 0, layout, 0)
    assert len(question.pictures) == count
    for _, raw in question.pictures:
        image = Image.open(io.BytesIO(raw))
        assert image.format == "JPEG"
        assert max(image.size) <= 1032 or layout == "sheet"
        assert not image.getexif()
        assert b"secret" not in raw


@pytest.mark.parametrize("layout", ["separate", *CLOSER.values()])
def test_every_picture_has_its_letter_in_every_layout(evidence, layout):
    question = ask(evidence(), 0, layout, 0)
    labels = " ".join(label for label, _ in question.pictures)
    assert labels.count("set A") == labels.count("set B") == 6


def test_the_pairs_that_tell_most_and_differ_are_shown():
    D = np.zeros((9, 4))
    D[:, 0] = [1, 1, 1, 1, 5, 5, 1, 1, 1]
    D[4, 1], D[5, 1] = 3, -3
    shown = choose_pairs(Evidence(D, lambda n: D), 2)
    assert set(shown) == {4, 5}
    assert choose_pairs(Evidence(D, lambda n: D, focus=(7, 2, 1)), 2) == [7, 2]


def test_later_rounds_name_what_is_known(evidence):
    assert "dark, film grain" in ask(evidence(found=("dark", "film grain")), 0, "separate", 0).text
