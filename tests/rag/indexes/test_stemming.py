"""Stems: word forms of both languages meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.indexes.stemming import terms


@pytest.mark.parametrize(
    "forms",
    [
        "вернул вернула вернули",
        "возврат возврата возвраты возвратов",
        "счёт счет счёта СЧЁТ",
        "return returns returned returning",
        "Delivery delivery",
        "ёж еж",
    ],
)
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len(set(terms(forms))) == 1


@pytest.mark.parametrize("words", ["возврат гарантия", "return warranty", "кот код"])
def test_different_words_keep_different_stems(words: str) -> None:
    assert len(set(terms(words))) == 2


def test_a_sentence_may_mix_languages() -> None:
    assert terms("Обновите packages") == terms("обновить package")


@given(st.text())
def test_any_text_has_terms_without_white_space(text: str) -> None:
    assert all(term and term == "".join(term.split()) for term in terms(text))
