"""Answers made ahead over a real corpus with the real embedder."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from rag import Corpus, Document, ParagraphChunker
from rag.embedders import LocalEmbedder
from rag.precomputed import PrecomputedAnswers

pytestmark = pytest.mark.models
QUESTION = "Как вернуть товар?"
ANSWER = {"text": "В течение четырнадцати дней [1].", "passages": []}


def bank(
    engine: Engine, embedder: LocalEmbedder, version: str = "v1", scope: str = "s"
) -> PrecomputedAnswers:
    return PrecomputedAnswers(engine, embedder, scope=scope, index_version=version)


def passages(corpus: Corpus, key: str = "handbook:returns") -> list[tuple[str, str]]:
    return [(chunk.document_key, chunk.text_hash) for chunk in corpus.chunks() if chunk.document_key == key]


@pytest.fixture
def answers(engine: Engine, filled: Corpus, embedder: LocalEmbedder) -> PrecomputedAnswers:
    made = bank(engine, embedder)
    assert made.put(QUESTION, ANSWER, passages(filled), asked=7)
    return made


def test_the_same_question_is_answered_whatever_its_case_and_marks(answers: PrecomputedAnswers) -> None:
    hit = answers.lookup("  как вернуть ТОВАР ")
    assert hit is None  # all in capitals may be an abbreviation
    hit = answers.lookup("  как  вернуть товар ??")
    assert hit is not None
    assert (hit.kind, hit.answer, hit.question) == ("exact", ANSWER, QUESTION)


def test_a_paraphrase_is_answered_and_says_why(answers: PrecomputedAnswers) -> None:
    hit = answers.lookup("Подскажите, пожалуйста, как можно вернуть товары?")
    assert hit is not None
    assert hit.kind == "semantic"
    assert "cosine 0.9" in hit.reason
    assert "polarity" in hit.reason


@pytest.mark.parametrize(
    "other", ["Как не вернуть товар?", "Как вернуть деньги?", "Как вернуть товар без чека?", "Где мой заказ?"]
)
def test_another_question_is_not(answers: PrecomputedAnswers, other: str) -> None:
    assert answers.lookup(other) is None


def test_a_changed_document_or_index_ends_an_answer(
    engine: Engine, filled: Corpus, embedder: LocalEmbedder, answers: PrecomputedAnswers
) -> None:
    filled.put(Document("handbook:warranty", "Гарантия", "Гарантии больше нет."), ParagraphChunker())
    assert answers.lookup(QUESTION) is not None  # it does not rest on this one
    assert bank(engine, embedder, version="v2").lookup(QUESTION) is None
    filled.put(Document("handbook:returns", "Возврат", "Вернуть товар больше нельзя."), ParagraphChunker())
    assert answers.lookup(QUESTION) is None
    assert answers.lookup("Подскажите, как вернуть товары?") is None
    assert answers.questions() == []
    assert answers.drop_stale() == 1
    assert answers.drop_stale() == 0


def test_an_answer_of_another_scope_is_not_served(
    engine: Engine, filled: Corpus, embedder: LocalEmbedder, answers: PrecomputedAnswers
) -> None:
    other = bank(engine, embedder, scope="another model")
    assert other.lookup(QUESTION) is None
    assert other.put(QUESTION, {"text": "Иначе."}, passages(filled))
    assert other.drop_stale() == 0
    hit = answers.lookup(QUESTION)
    assert hit is not None
    assert hit.answer == ANSWER


def test_an_answer_over_passages_that_are_gone_is_not_kept(
    filled: Corpus, answers: PrecomputedAnswers
) -> None:
    assert not answers.put("Что с гарантией?", ANSWER, [("handbook:warranty", "0" * 64)])
    assert not answers.put("Что с гарантией?", ANSWER, [])
    assert answers.questions() == [QUESTION]


def test_an_answer_made_again_replaces_the_first(filled: Corpus, answers: PrecomputedAnswers) -> None:
    assert answers.put("как вернуть товар", {"text": "Новый ответ."}, passages(filled))
    hit = answers.lookup(QUESTION)
    assert hit is not None
    assert hit.answer == {"text": "Новый ответ."}
    assert len(answers.questions()) == 1


def test_postgres_does_the_same(make_engine: Callable[[str], Engine], embedder: LocalEmbedder) -> None:
    engine = make_engine("postgres")
    corpus = Corpus(engine)
    corpus.put(Document("handbook:returns", "Возврат", "Вернуть товар можно две недели."), ParagraphChunker())
    answers = bank(engine, embedder)
    assert answers.put(QUESTION, ANSWER, passages(corpus))
    assert answers.lookup("как вернуть товары") is not None
    assert answers.lookup("как не вернуть товары") is None
