"""Languages, sentences and words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language import detect_language, sentences, words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Как вернуть товар?", "ru"),
        ("How do I return goods?", "en"),
        ("", "en"),
        ("42 + 7", "en"),
        ("Команда `pip install pairloop` ставит пакет в окружение.", "ru"),
        ("The Russian word «товар» means goods, and nothing else at all.", "en"),
    ],
)
def test_the_alphabet_tells_the_language(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_sentences_are_split_in_both_languages_without_breaking_abbreviations() -> None:
    text = "Срок — 14 дней, т.е. две недели. Деньги придут позже.\nSee Mr. Smith. It takes 3.5 days."
    assert sentences(text) == [
        "Срок — 14 дней, т.е. две недели.",
        "Деньги придут позже.",
        "See Mr. Smith.",
        "It takes 3.5 days.",
    ]


@given(st.text())
def test_sentences_lose_nothing_but_white_space(text: str) -> None:
    found = sentences(text)
    assert all(found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_words_ignore_case_and_the_dots_of_yo() -> None:
    assert words("Счёт СЧЁТ счет, 2 tests!") == ["счет", "счет", "счет", "2", "tests"]
