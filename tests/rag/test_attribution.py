"""Citations added after the fact, with the real embedder."""

import pytest

from rag.attribution import attribute
from rag.embedders import LocalEmbedder

PASSAGES = [
    "We deliver to Germany within five working days. Express delivery costs ten euros.",
    "Вы можете вернуть товар в течение четырнадцати дней со дня доставки.",
]

pytestmark = pytest.mark.models


def attribute_one(answer: str, passages: list[str], embedder: LocalEmbedder) -> str:
    [written] = attribute([answer], [passages], embedder)
    return written


def test_a_supported_sentence_gets_its_passage_in_either_language(embedder: LocalEmbedder) -> None:
    assert attribute_one("Express delivery costs ten euros.", PASSAGES, embedder) == (
        "Express delivery costs ten euros [1]."
    )
    assert attribute_one("Товар можно вернуть в течение четырнадцати дней.", PASSAGES, embedder) == (
        "Товар можно вернуть в течение четырнадцати дней [2]."
    )


def test_an_unsupported_sentence_stays_without(embedder: LocalEmbedder) -> None:
    answer = "Bees make honey from the nectar of flowers."
    assert attribute_one(answer, PASSAGES, embedder) == answer


def test_a_cited_sentence_stays_as_it_is(embedder: LocalEmbedder) -> None:
    answer = "According to [2], delivery to Germany takes five working days."
    assert attribute_one(answer, PASSAGES, embedder) == answer


def test_without_passages_or_words_nothing_changes(embedder: LocalEmbedder) -> None:
    assert attribute_one("Some answer.", [], embedder) == "Some answer."
    assert attribute_one("Some answer.", ["  "], embedder) == "Some answer."
    assert attribute_one("", PASSAGES, embedder) == ""


def test_answers_are_attributed_to_their_own_passages(embedder: LocalEmbedder) -> None:
    answer = "Express delivery costs ten euros."
    assert attribute([answer, answer, answer], [PASSAGES, PASSAGES[1:], PASSAGES[::-1]], embedder) == [
        "Express delivery costs ten euros [1].",
        answer,
        "Express delivery costs ten euros [2].",
    ]
    assert attribute([], [], embedder) == []
