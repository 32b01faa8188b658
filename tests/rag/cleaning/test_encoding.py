"""Bytes of unknown encoding, and text that was decoded wrongly."""

import unicodedata

import ftfy  # noqa: F401 - `repair` imports it late, which takes longer than one example may
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.cleaning.encoding import decode, repair
from rag.errors import DocumentError

RUSSIAN = "Возврат товара. Вы можете вернуть товар в течение четырнадцати дней, если сохранён чек."
LEGACY = ["cp1251", "koi8-r", "cp866", "iso-8859-5", "mac-cyrillic"]
russian_sentences = st.lists(
    st.sampled_from(
        ["можете", "вернуть", "товар", "если", "сохранён", "чек", "и", "он", "не", "был", "заявление"]
    ),
    min_size=5,
).map(lambda words: " ".join(words).capitalize() + ".")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", *LEGACY]
)
def test_russian_text_is_read_in_the_encodings_of_old_files(encoding: str) -> None:
    assert decode(RUSSIAN.encode(encoding)) == RUSSIAN


@given(russian_sentences, st.sampled_from(LEGACY))
def test_any_russian_sentence_survives_the_legacy_encodings(sentence: str, encoding: str) -> None:
    assert decode(sentence.encode(encoding)) == sentence


@pytest.mark.parametrize("encoding", LEGACY)
def test_capitals_and_mixed_languages_survive_too(encoding: str) -> None:
    for text in (
        RUSSIAN.upper(),
        "Версия Windows 11 для ноутбука: 3 шт.",
        "def f():  # вернуть число\n    pass",
    ):
        assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "text", ["don’t “return” it", "Le café où l’été fut très court", "Größe über Straße", "mañana en España"]
)
def test_western_files_keep_their_letters(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


@given(st.text())
def test_any_text_survives_utf8(text: str) -> None:
    normal = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.isprintable():
        assert decode(text.encode()) == normal


@given(st.integers(min_value=0, max_value=len(RUSSIAN.encode()) - 1))
def test_a_broken_byte_costs_a_letter_and_not_the_alphabet(position: int) -> None:
    data = bytearray(RUSSIAN.encode())
    data[position] = 0xFF
    read = decode(bytes(data))
    assert abs(len(read) - len(RUSSIAN)) <= 1
    assert sum(letter in RUSSIAN for letter in read) >= len(RUSSIAN) - 2


def test_lines_in_an_old_encoding_among_others_are_read_as_what_they_are() -> None:
    lines = [
        "Первая строка в новом виде",
        "Вторая строка в старом виде",
        "third",
        "Четвёртая строка в новом виде",
    ]
    data = b"\n".join(line.encode("koi8-r" if number == 1 else "utf-8") for number, line in enumerate(lines))
    assert decode(data) == "\n".join(lines)


def test_a_declared_encoding_is_believed_unless_it_cannot_be() -> None:
    assert decode("Καλημέρα".encode("cp1253"), "windows-1253") == "Καλημέρα"
    for declared in ("utf-8", "iso-8859-1", "koi8-r", "no-such-table", "utf-16"):
        assert decode(RUSSIAN.encode("cp1251"), declared) == RUSSIAN


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_any_bytes_are_either_refused_or_become_text_that_can_be_stored(data: bytes) -> None:
    try:
        text = repair(decode(data))
    except DocumentError:
        return
    text.encode("utf-8")
    assert "\r" not in text
    assert "\x00" not in text


@pytest.mark.parametrize(
    "data", [b"\x7fELF\x02\x01\x01\x00\x00\x00", b"\x89PNG\r\n\x1a\n\x00\x00", bytes(range(1, 256)) * 9]
)
def test_binary_content_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError, match="binary"):
        decode(data)


@pytest.mark.parametrize(
    ("wrong", "right"), [("cp1252", "cp1251"), ("cp1252", "utf-8"), ("cp1251", "utf-8"), ("latin-1", "utf-8")]
)
def test_russian_mojibake_is_undone(wrong: str, right: str) -> None:
    text = "Привет, можете вернуть товар"
    try:
        broken = text.encode(right).decode(wrong)
    except UnicodeError:
        pytest.skip("this mistake loses letters")
    assert broken != text
    assert repair(f"plain line\n{broken}\nконец") == f"plain line\n{text}\nконец"


@pytest.mark.parametrize(
    "text",
    [
        RUSSIAN,
        "СССР — «Союз», №5, 10 €, ½, ™ и т. д.",
        "Ça été créé à Noël, “où” l’on a vu ÀÉÈÊ",
        "السَّلَامُ عَلَيْكُمْ",
        "می\u200cخواهم",  # the joiner is spelling
        "שָׁלוֹם עולם",
        "क्\u200dष हिन्दी",
        "👨\u200d👩\u200d👧 ❤️",
        "日本語のテキスト、中文",
        "if a &lt; b and x != 'Â':\n\treturn \"\\u200b\"  # <b>",
        "| a | b |\n| --- | --- |",
    ],
)
def test_good_text_of_any_script_and_code_stay_as_they_are(text: str) -> None:
    assert repair(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("при\u200bвет\u2060, ми\ufeffр", "привет, мир"),
        ("пре\u00adдел", "предел"),
        ("access = \u202eresu\u2066 user", "access = resu user"),
        ("а\u200cб", "аб"),
        ("text\U000e0049\U000e0047\U000e004e\U000e004f\U000e0052\U000e0045", "text"),
        ("a\x00b\x07c\x1b[31md\x1b[0m\x7f", "abcd"),
        ("a\r\nb\rc\u2028d\x0be\x85f", "a\nb\nc\nd\ne\nf"),
        ("и\u0306", "й"),
        ("ﬁne oﬃce", "fine office"),
        ("10\u00a0000\u202fруб.", "10 000 руб."),
        ("lone \ud800 surrogate\uffff", "lone  surrogate"),
        ("\uf0b7 item", "• item"),
    ],
)
def test_invisible_and_broken_characters_go(text: str, expected: str) -> None:
    assert repair(text) == expected


@given(st.text())
def test_repaired_text_can_be_stored_and_shows_what_it_says(text: str) -> None:
    repaired = repair(text)
    repaired.encode("utf-8")
    assert unicodedata.is_normalized("NFC", repaired)
    assert not set(repaired) & set("\x00\r\u200b\u202e\u2066\ufeff\u00ad")
