"""What a text says: its content words and its numbers."""

import pytest

from rag.content import content_terms, numbers, written_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000 or 1 000 or 1000 or 1.000", {"1000"}),
        ("12 345 678 and 1.000.000", {"12345678", "1000000"}),
        ("2,5 and 2.50", {"2.5"}),
        ("0,125 of 10.000", {"0.125", "10000"}),
        ("Python 3.11.2 on 12.03.2024", {"3.11.2", "12.03.2024"}),
        ("5%, $10, 90₽, №7", {"5", "10", "90", "7"}),
        ("UTF8 and b2b", set()),
        ("007", {"7"}),
        ("", set()),
    ],
)
def test_numbers_have_one_form(text: str, expected: set[str]) -> None:
    assert numbers(text) == expected


def test_words_for_numbers_are_read_in_both_languages() -> None:
    assert written_numbers("Five days, десять евро, четырнадцати дней") == {"5", "10", "14"}


def test_content_terms_leave_the_grammar_out_and_join_inflected_forms() -> None:
    assert content_terms("The costs of the delivery") == content_terms("cost, delivery")
    assert content_terms("за доставку товаров") == content_terms("доставка товара")
    assert content_terms("it is and of the") == []
