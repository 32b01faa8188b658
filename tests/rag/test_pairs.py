"""How alike two answers are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.pairs import similarity

texts = st.lists(st.sampled_from(["the", "a", "cat", "sat", "on", "mat", "кот", "ёж", "еж"]), max_size=8).map(
    " ".join
)


@given(texts, texts)
def test_similarity_is_symmetric_between_0_and_1(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("It takes five days.", "it takes FIVE days!", 1.0),
        ("Счёт готов сегодня утром", "счет готов сегодня утром", 1.0),
        ("one two three four", "one two three five", 1 / 3),
        ("yes", "no", 0.0),
        ("yes", "yes", 1.0),
        ("", "", 1.0),
        ("", "yes", 0.0),
    ],
)
def test_similarity_counts_word_trigrams(one: str, other: str, expected: float) -> None:
    assert similarity(one, other) == pytest.approx(expected)
