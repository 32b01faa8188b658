"""Text files: headings, front matter, and what is refused."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.parsers import ParsedText, parser_for
from rag.parsers.text import split_front_matter

Parse = Callable[..., list[ParsedText]]


def test_the_first_top_heading_is_the_title(parse: Parse) -> None:
    assert parse("a.md", "intro\n\n## Not this\n\n# Returns #\n\ntext\n\n# Later\n")[0].title == "Returns"
    assert parse("a.md", "no heading, only a #tag")[0].title == ""


def test_windows_line_ends_become_plain_ones(parse: Parse) -> None:
    [found] = parse("a.md", "# Возврат\r\n\r\nПервый абзац.\r\n\r\nВторой абзац.\r\n")
    assert found == ParsedText("Возврат", "# Возврат\n\nПервый абзац.\n\nВторой абзац.")


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "utf-16"])
def test_russian_files_in_old_encodings_are_read(parse: Parse, encoding: str) -> None:
    text = "Вы можете вернуть товар в течение четырнадцати дней, если сохранён чек."
    assert parse("a.txt", text.encode(encoding))[0].text == text


@pytest.mark.parametrize(
    "front_matter",
    [
        "---\ntitle: Возврат\ndate: 2024-03-12\ntags: [a, b]\n---\n",
        "---\ntitle: Возврат\nupdated: 12.03.2024\n---\n",
        '+++\ntitle = "Возврат"\ndate = 2024-03-12T10:00:00Z\n+++\n',
    ],
)
def test_front_matter_gives_title_and_date_and_leaves_the_text(parse: Parse, front_matter: str) -> None:
    [found] = parse("a.md", front_matter + "Текст.\n")
    assert found == ParsedText("Возврат", "Текст.", published=date(2024, 3, 12))


@pytest.mark.parametrize(
    "text", ["---\nnot: [closed\n---\nx", "---\njust words\n---\nx", "---\na: 1\nno end", "--- \n---\nx"]
)
def test_what_only_looks_like_front_matter_stays_text(text: str) -> None:
    assert split_front_matter(text) == ({}, text)


def test_a_nest_of_yaml_aliases_is_not_written_out(parse: Parse) -> None:
    names = "abcdefghi"
    nest = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n" for before, name in pairwise(names)
    )
    [found] = parse("a.md", f"---\n{nest}title: *i\n---\nText.\n")
    assert found == ParsedText("", "Text.")


@given(st.text())
def test_front_matter_never_fails(text: str) -> None:
    split_front_matter(f"---\n{text}\n---\n")
    split_front_matter(f"+++\n{text}\n+++\n")


@pytest.mark.parametrize("content", [b"\x7fELF\x02\x01\x01\x00", bytes(range(256)) * 20])
def test_binary_content_is_refused(parse: Parse, content: bytes) -> None:
    with pytest.raises(DocumentError, match="binary"):
        parse("a.txt", content)


@pytest.mark.parametrize("content", ["", "   \n\t ", "\u200b\u200e\ufeff"])
def test_a_file_without_visible_text_is_an_error(parse: Parse, content: str) -> None:
    with pytest.raises(DocumentError, match="empty document"):
        parse("a.txt", content)


@pytest.mark.parametrize(
    ("suffix", "known"),
    [
        (".MD", True),
        (".htm", True),
        (".PDF", True),
        (".docx", True),
        (".epub", True),
        (".exe", False),
        ("", False),
    ],
)
def test_the_suffix_chooses_the_parser(suffix: str, known: bool) -> None:
    assert (parser_for(suffix) is not None) == known
