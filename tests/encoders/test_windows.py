import pytest
from hypothesis import given
from hypothesis import strategies as st

from finexl.encoders.windows import Window

TEXT = "a lighthouse on a rock above the sea and two boats that sail past it in the evening"
WORDS = TEXT.split()


def by_words(size):
    return Window(size, lambda texts: [len(text.split()) for text in texts])


def by_signs(size):
    return Window(size, lambda texts: [len(text) for text in texts])


@given(st.integers(1, 30), st.lists(st.sampled_from(["", ", red", ", a dark red", ", x y z"]), max_size=3))
def test_prompts_lose_their_last_words_and_no_more_than_needed(size, endings):
    (cut,) = by_words(size).shorten([TEXT], endings)
    longest = max((len(ending.removeprefix(",").split()) for ending in endings), default=0)
    assert cut.split() == WORDS[: max(0, size - longest)][: len(WORDS)]


@given(st.text(min_size=1, max_size=200), st.integers(1, 60), st.text(max_size=20))
def test_every_text_fits_whatever_it_is_made_of(text, size, ending):
    (cut,) = by_signs(size + len(ending)).shorten([text], [ending])
    assert len(cut) <= size
    assert text.startswith(cut)
    assert len(by_signs(size).within([text])[0]) <= size


@given(st.integers(4, 40))
def test_what_is_too_long_by_itself_keeps_both_ends(size):
    (cut,) = by_words(size).within([" ".join(WORDS * 3)])
    assert len(cut.split()) <= size
    assert cut.split()[0] == WORDS[0]
    assert cut.split()[-1] == WORDS[-1]
    assert len(cut.split()) >= size // 2


def test_signs_are_cut_where_there_is_no_space():
    assert by_signs(5).shorten(["水彩画の港に二艘の舟"], ["、赤"]) == ["水彩画"]


def test_a_word_longer_than_any_is_cut_in_two():
    (cut,) = by_signs(60).shorten(["a " + "x" * 100], [""])
    assert cut == "a " + "x" * 58


def test_texts_that_fit_are_left_alone_and_nothing_is_said():
    window = by_words(5)
    assert window.shorten(["a b ", "  c"], [", d"]) == ["a b ", "  c"]
    assert window.within(["a b c d e"]) == ["a b c d e"]
    assert window.shorten([], [", d"]) == []
    assert window.notes == ()


@pytest.mark.parametrize(
    ("texts", "said"), [(["a b c d"], "1 prompt was"), (["a b c d", "e f g h"], "2 prompts were")]
)
def test_each_prompt_is_counted_once_however_often_it_is_asked_about(texts, said):
    window = by_words(3)
    for _ in range(3):
        window.shorten(texts, [", x"])
    assert window.notes == (f"{said} cut to the encoder's window of 3 tokens; no concept was.",)
