"""The lexical index against its contract."""

from pathlib import Path

import pytest

from rag.errors import IndexStaleError
from rag.indexes.tantivy_index import TantivyIndex

CHUNKS = {
    7: "Товар можно вернуть. Возврат товара бесплатный.",
    11: "Доставка товара занимает пять дней.",
    13: "We deliver goods within five days.",
    17: "Деньги приходят, возврат занимает три дня.",
}


@pytest.fixture
def index(tmp_path: Path) -> TantivyIndex:
    return TantivyIndex.build(CHUNKS.items(), tmp_path)


def test_hits_come_best_first_and_are_at_most_count(index: TantivyIndex) -> None:
    [hits] = index.search(["возврат товаров"], 10)
    assert hits[0].chunk_id == 7
    assert {hit.chunk_id for hit in hits} == {7, 11, 17}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert index.search(["возврат товаров"], 2) == [hits[:2]]


def test_word_forms_and_yo_are_found(index: TantivyIndex) -> None:
    assert index.search(["приходит"], 5)[0][0].chunk_id == 17
    assert index.search(["delivering"], 5)[0][0].chunk_id == 13


@pytest.mark.parametrize("query", ["", "   ", "?!", "неведомое", "AND OR NOT", 'field:"x" ~2 ^3 (', "*"])
def test_unknown_words_and_query_syntax_find_nothing_and_break_nothing(
    index: TantivyIndex, query: str
) -> None:
    assert index.search([query], 5) == [[]]


def test_queries_are_answered_in_order(index: TantivyIndex) -> None:
    both = index.search(["deliver", "деньгам"], 1)
    assert [hits[0].chunk_id for hits in both] == [13, 17]
    assert index.search([], 5) == []


def test_a_saved_index_answers_alike(index: TantivyIndex, tmp_path: Path) -> None:
    again = TantivyIndex.load(tmp_path)
    assert again.search(["возврат товаров"], 5) == index.search(["возврат товаров"], 5)


@pytest.mark.parametrize("harm", ["missing", "meta.json", "*.term", "*.store"])
def test_a_damaged_index_is_stale(index: TantivyIndex, tmp_path: Path, harm: str) -> None:
    for file in (tmp_path / "words").glob("*" if harm == "missing" else harm):
        file.unlink() if harm == "missing" else file.write_bytes(b"garbage" * 40)
    with pytest.raises(IndexStaleError, match="unreadable"):
        TantivyIndex.load(tmp_path)
