"""The contract of lexical indexes, which every adapter keeps."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rag.errors import IndexStaleError
from rag.indexes.tfidf_index import TfidfIndex

CHUNKS = {
    7: "Товар можно вернуть. Возврат товара бесплатный.",
    11: "Доставка товара занимает пять дней.",
    13: "We deliver goods within five days.",
    17: "Деньги приходят, возврат занимает три дня.",
    19: "Счёт выставят в течение недели, а ёжик не придёт.",
}


@pytest.fixture(params=["tantivy", "postgres", "tfidf"])
def index(request: pytest.FixtureRequest, word_shelf_of: Any) -> Iterator[Any]:
    """An index over the chunks; TF-IDF lives in memory and has no versions."""
    kind = request.param
    index = (
        TfidfIndex.build(CHUNKS.items())
        if kind == "tfidf"
        else word_shelf_of(kind).build("one", CHUNKS.items())
    )
    yield index
    index.close()


def ids(hits: Any) -> list[int]:
    return [hit.chunk_id for hit in hits]


def test_hits_come_best_first_and_are_at_most_count(index: Any) -> None:
    [hits] = index.search(["возврат товаров"], 10)
    assert hits[0].chunk_id == 7
    assert set(ids(hits)) == {7, 11, 17}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.score > 0 for hit in hits)
    assert index.search(["возврат товаров"], 2) == [hits[:2]]
    assert index.search(["возврат товаров"], 0) == [[]]
    assert len(index) == len(CHUNKS)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("приходит", 17),
        ("delivering", 13),
        ("DELIVERED", 13),
        ("счета", 19),
        ("СЧЁТОМ", 19),
        ("ежик", 19),
        ("Ёжики", 19),
    ],
)
def test_word_forms_and_yo_are_found(index: Any, query: str, wanted: int) -> None:
    assert ids(index.search([query], 5)[0])[:1] == [wanted]


@pytest.mark.parametrize(
    "query", ["", "   ", "?!", "неведомое", "AND OR NOT", 'field:"x" ~2 ^3 (', "*", "' | !a & \\", "\x00"]
)
def test_unknown_words_and_query_syntax_find_nothing_and_break_nothing(index: Any, query: str) -> None:
    assert index.search([query], 5) == [[]]


def test_queries_are_answered_in_order(index: Any) -> None:
    both = index.search(["deliver", "деньгам"], 1)
    assert [hits[0].chunk_id for hits in both] == [13, 17]
    assert index.search([], 5) == []


def test_a_filter_finds_all_that_match_among_the_allowed(index: Any) -> None:
    assert set(ids(index.search(["возврат товаров"], 5, {11, 17, 13, -3, 10**9})[0])) == {11, 17}
    assert ids(index.search(["возврат товаров"], 1, [17])[0]) == [17]
    assert index.search(["возврат", "deliver"], 5, []) == [[], []]
    assert index.search(["возврат"], 5, [10**9]) == [[]]


def test_a_filter_reaches_hits_far_below_the_best(index: Any) -> None:
    # Two hundred chunks fit better than the allowed ones.
    index.add((1_000 + n, f"возврат товара {n}") for n in range(200))
    index.add((2_000 + n, f"возврат и {n} слов о чём-то совсем ином, долгих и пустых") for n in range(8))
    hits = index.search(["возврат товара"], 5, range(2_000, 2_008))[0]
    assert len(hits) == 5
    assert set(ids(hits)) <= set(range(2_000, 2_008))


def test_removed_chunks_are_gone_and_come_back_when_added(index: Any) -> None:
    index.remove([7, 12_345])
    assert len(index) == len(CHUNKS) - 1
    assert set(ids(index.search(["возврат товаров"], 10)[0])) == {11, 17}
    index.add([(7, CHUNKS[7])])
    assert len(index) == len(CHUNKS)
    assert ids(index.search(["возврат товаров"], 10)[0])[0] == 7


def test_adding_an_id_again_replaces_its_text(index: Any) -> None:
    index.add([(7, "Розы поливают утром.")])
    assert len(index) == len(CHUNKS)
    assert ids(index.search(["роза"], 5)[0]) == [7]
    assert 7 not in ids(index.search(["возврат"], 5)[0])


def test_an_emptied_index_finds_nothing_and_can_be_filled_again(index: Any) -> None:
    index.remove(CHUNKS)
    assert len(index) == 0
    assert index.search(["возврат"], 5) == [[]]
    index.add([(23, "возврат")])
    assert ids(index.search(["возвраты"], 5)[0]) == [23]


def test_odd_texts_can_be_indexed(index: Any) -> None:
    odd = {100: "", 101: "а" * 100_000, 102: "it's \\ 'quoted' a:b", 103: "слово " * 20_000, 104: "\u200b😀"}
    index.add(odd.items())
    assert len(index) == len(CHUNKS) + len(odd)
    assert ids(index.search(["quotes"], 5)[0]) == [102]
    assert ids(index.search(["слова"], 5)[0]) == [103]


def test_many_threads_search_while_one_writes(index: Any) -> None:
    def look(_: int) -> list[int]:
        return ids(index.search(["ежик"], 5)[0])

    with ThreadPoolExecutor(4) as threads:
        looks = [threads.submit(look, n) for n in range(40)]
        for n in range(5):
            index.add([(1_000 + n, f"new text {n}")])
            index.remove([1_000 + n])
        assert all(one.result() == [19] for one in looks)


def test_a_version_outlives_its_process(word_shelf: Any) -> None:
    index = word_shelf.build("one", CHUNKS.items())
    before = index.search(["возврат товаров", "deliver"], 5)
    index.close()
    assert word_shelf.backend.has(word_shelf.version("one"))
    again = word_shelf.backend.open(word_shelf.version("one"))
    assert again.search(["возврат товаров", "deliver"], 5) == before
    again.close()


def test_a_copy_takes_changes_and_leaves_the_original(word_shelf: Any) -> None:
    index = word_shelf.build("one", CHUNKS.items())
    copy = word_shelf.build("two", [(23, "Новый возврат")], base="one", gone=[7])
    assert set(ids(copy.search(["возврат"], 5)[0])) == {17, 23}
    assert set(ids(index.search(["возврат"], 5)[0])) == {7, 17}
    index.close()
    copy.close()


def test_a_version_that_is_not_there_is_stale(word_shelf: Any) -> None:
    assert not word_shelf.backend.has(word_shelf.version("two"))
    with pytest.raises(IndexStaleError, match="pairloop index rebuild"):
        word_shelf.backend.open(word_shelf.version("two"))
