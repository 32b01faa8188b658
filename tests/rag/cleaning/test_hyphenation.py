"""Words divided at line ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cleaning.hyphenation import join_hyphenated


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Срок возвра-\nта товара.", "Срок возврата\nтовара."),
        ("can be re-\n  turned, if", "can be returned,\nif"),
        ("пре\u00ad\nдел", "предел\n"),
        ("re\ufffeturned within", "returned\nwithin"),  # as pdfium writes it
        ("re\x02\nturned within", "returned\nwithin"),
        ("говорить по-\nрусски", "говорить по-русски\n"),
        ("если что-\nто не так", "если что-то\nне так"),
        ("a well-\nknown fact", "a well-known\nfact"),
        ("город Санкт-\nПетербург", "город Санкт-Петербург\n"),
        ("co-\noperate, as we co-operate", "co-operate,\nas we co-operate"),
        ("x86-\n64", "x86-\n64"),
        ("- item\n- item", "- item\n- item"),
        ("a -\nb", "a -\nb"),
        ("", ""),
    ],
)
def test_divided_words_are_joined_and_hyphenated_ones_keep_their_hyphen(text: str, expected: str) -> None:
    assert join_hyphenated(text) == expected


@given(st.text(alphabet="абв gh-\n.1", max_size=60))
def test_no_letter_is_lost_or_moved(text: str) -> None:
    def letters(text: str) -> str:
        return "".join(sign for sign in text if sign.isalnum())

    assert letters(join_hyphenated(text)) == letters(text)
