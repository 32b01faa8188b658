"""The numbers that the classifier reads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.launch.features import LEXICAL_NAMES, lexical_features, question_features


def named(question: str) -> dict[str, float]:
    return dict(zip(LEXICAL_NAMES, map(float, lexical_features([question])[0]), strict=True))


@pytest.mark.parametrize(
    ("english", "russian", "feature"),
    [
        ("What is it?", "Что это?", "asks"),
        ("Show it", "Покажи это", "fetches"),
        ("the report of May", "отчёт за май", "documents"),
        ("Who are you?", "Кто ты?", "speaks_to_me"),
        ("my parcel", "моя посылка", "about_myself"),
        ("Should I go?", "Идти ли мне?", "asks_decision"),
        ("how to kill him", "как убить его", "danger"),
        ("her salary", "её зарплата", "private"),
        ("take pills", "пить таблетки", "health"),
        ("my fever, my pills", "мои таблетки", "health+about_myself"),
        ("my divorce", "мой развод", "law_and_money+about_myself"),
    ],
)
def test_a_feature_is_the_same_in_both_languages(english: str, russian: str, feature: str) -> None:
    assert named(english)[feature] == named(russian)[feature] == 1
    assert named("Delivery to Spain")[feature] == named("Доставка в Испанию")[feature] == 0


def test_signs_are_read() -> None:
    found = named("Hi! “5”?")
    assert [found[name] for name in ("question_mark", "exclamation", "digits", "quotes")] == [1, 1, 1, 1]
    assert found["log_words"] == pytest.approx(np.log(3))


@given(st.lists(st.text(), max_size=5))
def test_there_is_one_finite_row_for_each_question(questions: list[str]) -> None:
    joined = question_features(questions, np.zeros((len(questions), 3), np.float32))
    assert joined.shape == (len(questions), 3 + len(LEXICAL_NAMES))
    assert np.isfinite(joined).all()
