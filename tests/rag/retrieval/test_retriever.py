"""The modes and their quality in two languages, with the real embedder."""

import pytest

from rag import Retriever
from rag.evaluation import measure_retrieval
from rag.retrieval import DEFAULT_MODE, MODES, Mode

QUESTIONS = {
    "Как вернуть купленный товар?": "handbook:returns",
    "Когда придут деньги за возврат?": "handbook:returns",
    "Сколько длится гарантия на ноутбук?": "handbook:warranty",
    "Я залил клавиатуру, это гарантийный случай?": "handbook:warranty",
    "How long does delivery to France take?": "handbook:delivery",
    "What does express shipping cost?": "handbook:delivery",
    "How do I reset my password?": "handbook:account",
    "Why is my account locked?": "handbook:account",
    "Когда обрезать розы?": "handbook:gardening",
    "How long is the laptop warranty?": "handbook:warranty",
    "Сколько идёт доставка в Германию?": "handbook:delivery",
}


@pytest.mark.models
def test_quality_on_questions_in_both_languages(retriever: Retriever) -> None:
    relevant = [{key} for key in QUESTIONS.values()]
    quality = {
        mode: measure_retrieval(retriever.retrieve(list(QUESTIONS), 5, mode), relevant, (1, 3))
        for mode in MODES
    }
    assert quality["dense"].recall[3] == 1.0
    assert (quality["hybrid"].recall[3] or 0) >= 0.9
    assert (quality["hybrid"].mean_reciprocal_rank or 0) >= 0.8
    assert quality[DEFAULT_MODE].recall[3] == 1.0
    ranks = {mode: found.mean_reciprocal_rank or 0 for mode, found in quality.items()}
    assert ranks[DEFAULT_MODE] >= max(ranks["dense"], ranks["lexical"], ranks["tfidf"])
    # Questions across languages share no word with their passage.
    assert (quality["lexical"].recall[3] or 0) < 1.0


@pytest.mark.models
def test_meaning_bridges_word_forms_that_stems_do_not(retriever: Retriever) -> None:
    [dense] = retriever.retrieve(["Хочу отдать обратно покупку"], 1, "dense")
    assert dense[0].document_key == "handbook:returns"


@pytest.mark.models
def test_modes_say_where_a_passage_was_found(retriever: Retriever) -> None:
    def found(mode: Mode) -> list[set[str]]:
        [passages] = retriever.retrieve(["гарантия ноутбука"], 3, mode)
        return [set(passage.ranks) for passage in passages]

    [dense] = retriever.retrieve(["гарантия ноутбука"], 3, "dense")
    assert found("dense") == [{"dense"}] * 3
    assert [passage.ranks["dense"] for passage in dense] == [1, 2, 3]
    assert [passage.score for passage in dense] == [passage.similarity for passage in dense]
    assert found("lexical") == [{"lexical"}]
    assert retriever.retrieve(["гарантия ноутбука"], 3, "lexical")[0][0].similarity is None
    assert found("hybrid")[0] == {"dense", "lexical"}


@pytest.mark.models
def test_passages_come_best_first_and_are_at_most_count(retriever: Retriever) -> None:
    for mode in MODES:
        for passages in retriever.retrieve(list(QUESTIONS), 2, mode):
            assert len(passages) <= 2
            scores = [passage.score for passage in passages]
            assert scores == sorted(scores, reverse=True)


@pytest.mark.models
def test_a_question_of_unknown_words_is_answered_by_meaning_alone(retriever: Retriever) -> None:
    assert retriever.retrieve(["Rücksendung"], 3, "lexical") == [[]]
    for mode in ("hybrid", "fusion", "hierarchical"):
        assert len(retriever.retrieve(["Rücksendung"], 3, mode)[0]) == 3
    assert retriever.retrieve([], 3) == []
