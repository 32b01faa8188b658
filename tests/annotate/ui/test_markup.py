"""Untrusted text stays text."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from annotate.ui.markup import escape, plain, rich, unwrap

NASTY = st.text(alphabet=st.sampled_from("<>&\"'`[]()!#*_\n\\ab1/=:$~-"), max_size=60)


class Reader(HTMLParser):
    """Collect what a browser would make of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data):
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@given(NASTY)
def test_text_makes_no_tags_of_its_own(text: str):
    found = read(rich(text, lambda number: f"<i>{number}</i>"))
    assert set(found.tags) <= {"i", "code", "pre"}
    assert found.attributes == []


@given(NASTY)
def test_an_attribute_cannot_be_left(text: str):
    found = read(f'<p title="{escape(text)}">x</p>')
    assert found.tags == ["p"]
    assert found.attributes == ["title"]
    assert found.text == "x"


@given(NASTY.filter(lambda text: "`" not in text))
def test_nothing_is_lost(text: str):
    assert read(rich(text)).text == text


@given(st.text(alphabet=st.sampled_from("<>&\"'`[]()!#*_\\ab1/=:$~-."), max_size=40))
def test_markdown_shows_plain_text_letter_by_letter(text: str):
    assert set(read(MarkdownIt().render(plain(text))).tags) <= {"p"}
    assert read(MarkdownIt().render(f"x{plain(text)}")).text.strip() == f"x{text}"


def test_citations_are_drawn_and_code_is_left_alone():
    text = "Use it [1, 2]. See `row[3]`\n\n```python\nx[4] < 2\n```\nDone."
    html = rich(text, lambda number: f"({number})")
    assert html == "Use it (1)(2). See <code>row[3]</code><pre>x[4] &lt; 2</pre>Done."


def test_line_breaks_stay():
    assert rich("one\n\ntwo") == "one\n\ntwo"


def test_lines_broken_at_a_margin_are_joined():
    long = "a line that was broken because the right margin was near"
    item = "1. an item that was broken because the right margin was near"
    assert unwrap(f"{long}\nand goes on\n\n{item}\n   and goes on\n2. next") == (
        f"{long} and goes on\n\n{item} and goes on\n2. next"
    )


@pytest.mark.parametrize(
    "text",
    [
        "short\nlines\nstay",
        "    indented = call(with_a_long_line_of_code, that_is_code)\n    another = line",
        ">>> prompts_are_code(even_when_they_are_very_long_indeed_like_this)\nand their output",
        "a heading that is long enough to look like a broken line\n*****\ntext",
        "a line that was broken because the right margin was near\n- a list\n- begins",
    ],
)
def test_other_lines_stay_as_they_are(text: str):
    assert unwrap(text) == text


@given(NASTY)
def test_unwrapping_loses_no_word(text: str):
    assert unwrap(text).split() == text.split()
