import pytest
from markdown_it import MarkdownIt

from finexl.report.markdown import escape, report_markdown

MARKDOWN = MarkdownIt("commonmark").enable("table")


def render(text):
    return MARKDOWN.render(text)


@pytest.mark.parametrize(
    "name",
    [
        "a|b",
        "`code` and \\ back",
        "<b>bold</b> & &amp;",
        "*a* _b_ ~~c~~ **d**",
        "[text](http://evil.example)",
        "![picture](x.png)",
        "# heading",
        "- item",
        "-",
        "---",
        "===",
        "12. item",
        "1) item",
        "+ plus",
        "> quote",
        "$x^2$",
        "    indented",
    ],
)
def test_names_are_shown_letter_by_letter(parse, name):
    page = parse(render(escape(name)))
    assert [tag for tag, _ in page.tags] == ["p"]
    assert page.text == " ".join(name.split())


def test_hostile_names_break_neither_table_nor_page(build, parse):
    made = build.nasty()
    page = parse(render(report_markdown(made)))
    assert not {"script", "a", "img", "code"} & {tag for tag, _ in page.tags}
    plain = parse(render(report_markdown(build.everything())))
    assert len(page.all("table")) == len(plain.all("table")) == 8
    assert len(page.all("h2")) == len(plain.all("h2"))
    assert len(page.all("tr")) == len(plain.all("tr"))


def test_it_says_what_the_page_says(build):
    text = report_markdown(build.explanation())
    assert text.splitlines()[2].startswith("The personalized images show strongly more “watercolour”")
    assert "| less sharp (that is: soft focus) | focus | −0.62 \\[−0.80, −0.44\\] | 25% |" in text
    assert "31% \\[22, 40\\] of the change's length" in text
    assert "- An animated file was read as its first frame." in text
    assert "| Seed | 0 |" in text
    assert "embedding | 1.25" not in text


def test_without_concepts_it_says_why(build):
    assert "cannot be told from two draws of one model" in report_markdown(build.no_difference())
    assert "none of the 312 candidate concepts" in report_markdown(build.undescribed())
