from __future__ import annotations

import pytest

from rag.embedders import LocalEmbedder
from rag.precomputed import frequent_questions

pytestmark = pytest.mark.models
LOG = {
    "Как вернуть товар?": 9,
    "как вернуть товар": 4,
    "Подскажите, как вернуть товары?": 3,
    "Как вернуть товар без чека?": 2,
    "How do I reset my password?": 5,
    "How can I reset my password": 2,
    "Какая погода на Марсе?": 1,
    "???": 50,
}


def test_wordings_of_one_question_are_counted_together(embedder: LocalEmbedder) -> None:
    found = frequent_questions(LOG, embedder, min_asked=2)
    assert [(question.text, question.asked) for question in found] == [
        ("Как вернуть товар?", 16),
        ("How do I reset my password?", 7),
        ("Как вернуть товар без чека?", 2),
    ]
    assert found[0].wordings == ("Подскажите, как вернуть товары?",)
    assert found[0].cluster != found[1].cluster


def test_rare_questions_and_those_over_the_limit_are_left_out(embedder: LocalEmbedder) -> None:
    assert [question.asked for question in frequent_questions(LOG, embedder, min_asked=3)] == [16, 7]
    assert len(frequent_questions(LOG, embedder, min_asked=1, limit=1)) == 1
    assert frequent_questions({}, embedder) == []
