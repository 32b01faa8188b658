"""Keywords: telling phrases of both languages, the same every time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.indexes.stemming import terms
from rag.keywords import keywords

RETURNS = (
    "Возврат товара возможен в течение четырнадцати дней. Для возврата товара нужен чек. "
    "Если чека нет, возврат товаров оформляет администратор магазина."
)
RETRIEVAL = (
    "A search index maps words to documents. The search index is rebuilt when documents change, "
    "and the old search index serves queries until the new one is ready."
)


def test_what_recurs_comes_first() -> None:
    assert keywords(RETURNS, "ru")[0] == "возврата товара"
    assert keywords(RETRIEVAL, "en")[0] == "search index"


def test_forms_of_one_word_are_one_keyword() -> None:
    found = keywords("Возврат. Возвратом. Возврату. Товары. Товаров.", "ru")
    assert found == ["возврат", "товары"]


def test_function_words_and_numbers_are_no_keywords() -> None:
    assert keywords("И это был он, а не она: 12 345 6.", "ru") == []
    assert keywords("It is what it was, and 12 of them.", "en") == []


def test_english_inside_russian_is_read() -> None:
    found = keywords("Чтобы запустить Docker Compose, откройте the terminal of the server.", "ru")
    assert "Docker Compose" in found
    assert not any("the" in phrase.split() for phrase in found)


def test_names_keep_their_capitals() -> None:
    found = keywords("Мы используем PostgreSQL и C++. Сервер на Kubernetes.", "ru")
    assert {"PostgreSQL", "C++", "Kubernetes"} <= set(found)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_no_more_than_wanted(count: int) -> None:
    assert len(keywords(RETURNS + RETRIEVAL, "ru", count)) == count


@given(st.text("абв Где cat Dog's. ,-+#1\n\u0301שלום", max_size=120), st.sampled_from(["ru", "en", "xx"]))
def test_keywords_stand_in_the_text_once_each(text: str, language: str) -> None:
    found = keywords(text, language)
    assert found == keywords(text, language)
    assert len(found) <= 8
    stems = [tuple(terms(phrase)) for phrase in found]
    assert len(set(stems)) == len(stems)
    words = set(terms(text))
    assert all(set(some) <= words for some in stems)


@pytest.mark.parametrize("text", ["а-" * 20_000, "слово " * 20_000, "x+" * 20_000, "\n" * 50_000])
def test_a_hostile_text_takes_no_more_than_moments(text: str) -> None:
    started = time.process_time()
    keywords(text, "ru")
    assert time.process_time() - started < 3
