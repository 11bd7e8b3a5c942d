from hypothesis import given
from hypothesis import strategies as st

from finexl.encoders.phrases import letter_groups, pad, rows, segments, words

TABLE = {"oil": 1, "painting": 2}


def test_a_prompt_is_cut_at_commas_and_never_empty():
    assert segments("a cat, oil painting") == ["a cat", " oil painting"]
    assert segments("") == [""]
    assert segments(", ,") == [""]


def test_words_fold_case_accents_and_punctuation():
    assert words("Ukiyo-é  STYLE, 1920s!") == ["ukiyo", "e", "style", "1920s"]


def test_known_words_have_their_own_row_and_each_word_weighs_one():
    indices, weights = rows("oil paintings", TABLE, 64)
    assert indices[0] == TABLE["oil"]
    assert all(i > len(TABLE) for i in indices[1:])
    assert abs(sum(weights) - 2) < 1e-6


def test_long_prompts_keep_the_concept_in_its_own_segment():
    prompt = "a very long description " * 60 + ", watercolour"
    assert words(segments(prompt)[-1]) == ["watercolour"]


@given(st.text(max_size=80))
def test_any_text_gives_rows_inside_the_table(text):
    for part in segments(text):
        indices, weights = rows(part, TABLE, 64)
        assert all(0 < i <= len(TABLE) + 64 for i in indices)
        assert len(indices) == len(weights)


@given(st.text(alphabet="abcdefgh", min_size=1, max_size=12))
def test_letter_groups_are_stable(word):
    assert letter_groups(word, 128) == letter_groups(word, 128)


def test_padding_weighs_nothing():
    indices, weights = pad([([1, 2], [1.0, 1.0]), ([], [])])
    assert indices.shape == (2, 2)
    assert weights[1].sum() == 0


def test_a_negating_prefix_is_read_as_less():
    table = {"less": 1, "saturated": 2, "detailed": 3}
    assert rows("desaturated", table, 64) == rows("less saturated", table, 64)
    assert rows("detailed", table, 64)[0] == [3]
