import pytest
from hypothesis import given
from hypothesis import strategies as st

from finexl.report import figures


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("muted colours", "muted colours"),
        ("naïve 水彩 👩‍🎨", "naïve 水彩 👩‍🎨"),
        ("a\r\n\tb\u2028c", "a   b c"),
        ("\x1b[31m\x07", "�[31m�"),
        ("a\u202eb\u200bc\udcff", "a�b�c�"),
    ],
)
def test_clean_keeps_what_people_read(text, shown):
    assert figures.clean(text) == shown


@given(st.text(st.characters()))
def test_clean_text_is_one_visible_line(text):
    clean = figures.clean(text)
    assert len(clean.splitlines()) <= 1
    clean.encode("utf-8")
    assert figures.clean(clean) == clean


@pytest.mark.parametrize(
    ("value", "text"), [(0.81, "+0.81"), (-0.62, "−0.62"), (1234.5, "+1.2e+03"), (0.0, "+0.00")]
)
def test_signed(value, text):
    assert figures.signed(value) == text


@pytest.mark.parametrize(
    ("p", "text"), [(0.0004, "< 0.001"), (0.001, "= 0.001"), (0.0344, "= 0.034"), (1.0, "= 1.000")]
)
def test_p_value(p, text):
    assert figures.p_value(p) == text


def test_the_state_follows_the_confidence_that_was_asked_for(build):
    made = build.undescribed()  # p = 0.01
    assert figures.state(made) == "undescribed"
    strict = made.model_copy(update={"provenance": build.provenance(confidence=0.999)})
    assert figures.state(strict) == "none"
    assert figures.level(strict) == "99.9%"
    assert figures.state(build.explanation(p_value=0.5)) == "described"


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=6))
def test_the_scale_holds_zero_and_every_bar(values):
    from finexl.types import ConceptScore

    scores = [ConceptScore(concept="a", aspect="b", weight=v, low=v, high=v, share=1) for v in values]
    scale = figures.scale(scores)
    assert scale.low < scale.high
    assert 0 in scale.ticks
    assert len(scale.ticks) <= 7
    assert list(scale.ticks) == sorted(set(scale.ticks))
    assert all(0 <= scale.at(v) <= 1 for v in [0.0, *values])


def test_ticks_are_round(build):
    assert figures.scale(build.explanation().concepts).ticks == (-0.5, 0.0, 0.5)
