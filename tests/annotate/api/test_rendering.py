"""Untrusted Markdown becomes HTML that can only be read."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.api.rendering import ATTRIBUTES, TAGS, direction, render_markdown, render_plain
from annotate.labelling.controls.corruption.texts import split

NASTY = st.text(alphabet=st.sampled_from("<>&\"'`[]()!#*_\n\\ab1/=:$~- |ё😀\0"), max_size=80)
ALLOWED = {name for names in ATTRIBUTES.values() for name in names}


class Reader(HTMLParser):
    """Collect what a browser would make of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.pieces: list[tuple[int, str]] = []
        self.at: int | None = None

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.at = int(dict(attrs).get("data-at", -1)) if tag == "span" else None

    def handle_data(self, data):
        self.text += data
        if self.at is not None and self.at >= 0:
            self.pieces.append((self.at, data))
            self.at = None


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@given(NASTY)
def test_only_what_is_allowed_comes_out(text: str):
    found = read(
        render_markdown(text, split(text), lambda number, _: f'<button type="button">{number}</button>')
    )
    assert set(found.tags) <= TAGS
    assert {name for name, _ in found.attributes} <= ALLOWED


@given(NASTY)
def test_every_piece_stands_in_the_source_where_it_says(text: str):
    text = text.replace("\0", "")
    for at, piece in read(render_markdown(text, split(text))).pieces:
        assert text[at : at + len(piece)] == piece


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](http://evil.example/x.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<http://evil.example>",
        "[2]: http://evil.example 'x'\n\n[2]",
        "<style>*{background:url(http://evil.example)}</style>",
        "<a href='http://evil.example'>x</a>",
        '[x](http://evil.example "onmouseover=alert(1)")',
    ],
)
def test_nothing_runs_loads_or_leads_away(text: str):
    found = read(render_markdown(text))
    assert not {"script", "img", "style", "a", "iframe", "link", "form"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name in ("href", "src", "style") or name[:2] == "on"]


def test_addresses_of_links_and_images_are_told():
    html = render_markdown("See [the manual](https://docs.example/a) and ![a map](https://x.example/m.png)")
    text = " ".join(read(html).text.split())
    assert text == "See the manual https://docs.example/a and a map https://x.example/m.png"


def test_markdown_tables_and_code_are_drawn():
    html = render_markdown(
        "# Head\n\n| a | b |\n|--:|---|\n| 1 | **2** |\n\n```py\nx = 1\n\n  y = '<'\n```\n- item\n"
    )
    tags = read(html).tags
    assert {"h4", "table", "th", "td", "strong", "pre", "code", "ul", "li"} <= set(tags)
    assert 'align="right"' in html
    assert "\n  <span" in html or "  y = &#x27;&lt;&#x27;" in html or "  y = '&lt;'" in html


def test_a_citation_is_no_link_whatever_the_answer_defines():
    cited: list[tuple[int, int]] = []

    def cite(number: int, sentence: int) -> str:
        cited.append((number, sentence))
        return ""

    text = "One [1]. Two [2, 3]. `code[4]`\n\n[1]: http://evil.example"
    render_markdown(text, split(text), cite)
    assert cited[:3] == [(1, 0), (2, 1), (3, 1)]
    assert (4, 2) not in cited


def test_a_prompt_of_python_is_no_quotation():
    assert "<blockquote" not in render_markdown(">>> x = 1\n>>> y = 2")
    assert "<blockquote" in render_markdown("> said somebody")


def test_each_block_has_its_own_direction():
    html = render_markdown("Hello\n\nمرحبا\n\n- عربي")
    assert html.count('dir="auto"') == 4
    assert direction("123 مرحبا") == "rtl"
    assert direction("123 Привет") == "ltr"
    assert direction("…") == "ltr"


@given(NASTY)
def test_plain_text_stays_letter_by_letter(text: str):
    assert read(render_plain(text).replace("<br>", "\n")).text == text.strip()
