"""Text files: encodings, headings, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.parsers import parser_for
from rag.parsers.text import TextParser, decode

RUSSIAN = "Возврат товара. Вы можете вернуть товар в течение четырнадцати дней, если сохранён чек."
russian_sentences = st.lists(
    st.sampled_from(["можете", "вернуть", "товар", "если", "сохранён", "чек", "и", "он", "не", "был"]),
    min_size=4,
).map(lambda words: " ".join(words).capitalize() + ".")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "koi8-r", "utf-16"])
def test_russian_text_is_read_in_the_encodings_of_old_files(encoding: str) -> None:
    assert decode(RUSSIAN.encode(encoding)) == RUSSIAN


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_read_by_its_byte_order_mark(encoding: str) -> None:
    assert decode("\ufeff".encode(encoding) + RUSSIAN.encode(encoding)) == RUSSIAN


@given(russian_sentences, st.sampled_from(["cp1251", "koi8-r"]))
def test_any_russian_sentence_survives_the_legacy_encodings(sentence: str, encoding: str) -> None:
    assert decode(sentence.encode(encoding)) == sentence


@given(st.text())
def test_any_text_survives_utf8(text: str) -> None:
    normal = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" not in text:
        assert decode(text.encode()) == normal


def test_a_broken_byte_does_not_turn_utf8_into_another_alphabet() -> None:
    data = RUSSIAN.encode() + b"\xd0"
    assert decode(data).startswith(RUSSIAN)


def test_an_english_file_with_windows_quotes_keeps_them() -> None:
    assert decode("don’t “return” it".encode("cp1252")) == "don’t “return” it"


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_any_bytes_are_either_refused_or_become_text_that_can_be_stored(data: bytes) -> None:
    try:
        text = decode(data)
    except DocumentError:
        return
    text.encode("utf-8")
    assert "\r" not in text


def test_binary_content_is_refused() -> None:
    with pytest.raises(DocumentError, match="binary"):
        decode(b"\x7fELF\x02\x01\x01\x00\x00\x00")


def test_the_first_top_heading_is_the_title(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("intro\n\n## Not this\n\n# Returns #\n\ntext\n\n# Later\n", "utf-8")
    assert TextParser().parse(file).title == "Returns"
    file.write_text("no heading, only a #tag", "utf-8")
    assert TextParser().parse(file).title == ""


def test_windows_line_ends_become_plain_ones(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_bytes("# Возврат\r\n\r\nПервый абзац.\r\n\r\nВторой абзац.\r\n".encode())
    title, text = TextParser().parse(file)
    assert title == "Возврат"
    assert text == "# Возврат\n\nПервый абзац.\n\nВторой абзац.\n"


@pytest.mark.parametrize(
    ("suffix", "known"),
    [(".MD", True), (".txt", True), (".htm", True), (".PDF", True), (".exe", False), ("", False)],
)
def test_the_suffix_chooses_the_parser(suffix: str, known: bool) -> None:
    assert (parser_for(suffix) is not None) == known
