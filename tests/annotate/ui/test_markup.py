"""Untrusted text stays text."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from annotate.ui.markup import escape, plain, rich

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
def test_an_attribute_cannot_be_left(text: str):
    found = read(f'<p title="{escape(text)}">x</p>')
    assert found.tags == ["p"]
    assert found.attributes == ["title"]
    assert found.text == "x"


@given(st.text(alphabet=st.sampled_from("<>&\"'`[]()!#*_\\ab1/=:$~-."), max_size=40))
def test_markdown_shows_plain_text_letter_by_letter(text: str):
    assert set(read(MarkdownIt().render(plain(text))).tags) <= {"p"}
    assert read(MarkdownIt().render(f"x{plain(text)}")).text.strip() == f"x{text}"


def test_citations_are_drawn_and_code_is_left_alone():
    html = rich("Use it [1, 2]. See `row[3]` <b>", lambda number: f"<span>({number})</span>")
    assert read(html).text.strip() == "Use it (1)(2). See row[3] <b>"
    assert read(rich("[1]")).text.strip() == "[1]"
