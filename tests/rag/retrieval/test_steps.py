"""What the retriever does to candidates: filter, rerank, age, repeats, diversity, neighbours."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from rag import ContenderError, Retriever
from rag.corpus import ChunkFilter
from rag.language import words
from rag.retrieval import MODES, Mode, Passage, Retrieval

MakeRetriever = Callable[..., Retriever]
WARRANTY = "How long is the warranty of a laptop?"
AS_OF = date(2024, 6, 1)


class WordsReranker:
    """Score a text by the share of its words that the query holds."""

    fingerprint = "words-1"

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        self.threads.add(threading.get_ident())
        asked = set(words(query))
        return np.array([len(asked & set(words(text))) / len(words(text)) for text in texts])


def keys(passages: Sequence[Passage]) -> list[str]:
    return [passage.document_key for passage in passages]


def one(retriever: Retriever, query: str, **settings: object) -> list[Passage]:
    [found] = retriever.retrieve([query], settings=Retrieval(**settings))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_finds_the_warranty(shop: Retriever, mode: Mode) -> None:
    found = one(shop, WARRANTY, mode=mode, count=3)
    assert {"shop:warranty", "shop:warranty-new"} >= set(keys(found)[:2])
    assert all((p.similarity is None) == (mode in ("lexical", "tfidf")) for p in found)
    assert found[0].language == "en"
    assert found[0].published is not None


@pytest.mark.parametrize("mode", ["fusion", "hybrid", "hierarchical", "dense"])
def test_meaning_finds_across_languages_what_words_cannot(shop: Retriever, mode: Mode) -> None:
    english = ChunkFilter(languages=("en",))
    assert keys(one(shop, "гарантия", mode=mode, filter=english))[0].startswith("shop:warranty")
    assert one(shop, "гарантия", mode="lexical", filter=english) == []


@pytest.mark.parametrize("mode", ["fusion", "hybrid", "hierarchical", "dense"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_filter_never_gives_less_than_there_is(shop: Retriever, mode: Mode, count: int) -> None:
    # The filter allows the four chunks that are furthest from the question.
    allowed = ChunkFilter(documents=("club:roses", "shop:delivery"))
    found = one(shop, WARRANTY, mode=mode, count=count, candidates=1, filter=allowed)
    assert len(found) == count
    assert set(keys(found)) <= {"club:roses", "shop:delivery"}


def test_filters_by_language_date_and_nothing_allowed(shop: Retriever) -> None:
    found = one(shop, "деньги", count=9, filter=ChunkFilter(languages=("ru",)))
    assert set(keys(found)) == {"магазин:возврат"}
    recent = one(shop, WARRANTY, count=9, filter=ChunkFilter(since=date(2024, 1, 1)))
    assert set(keys(recent)) == {"shop:returns", "shop:warranty-new"}
    assert one(shop, WARRANTY, filter=ChunkFilter(collections=("nowhere",))) == []


def test_age_decides_between_like_passages_only_where_asked(shop: Retriever) -> None:
    question = "The warranty of laptops lasts years"
    plain = one(shop, question, mode="dense", count=2)
    assert keys(plain)[0] == "shop:warranty"  # equal scores: the older chunk
    recent = one(shop, question, mode="dense", count=2, recency_half_life_days=365, as_of=AS_OF)
    assert keys(recent) == ["shop:warranty-new", "shop:warranty"]


def test_repeats_are_left_out_and_the_count_is_filled_from_further_down(
    make_retriever: MakeRetriever,
) -> None:
    line = "The warranty of laptops lasts two years in every one of our shops."
    documents = {f"copy:{n}": (None, line) for n in range(24)}
    retriever = make_retriever(documents | {"other:roses": (None, "Roses are cut in spring.")})
    for mode in ("dense", "fusion", "hybrid"):
        found = one(retriever, WARRANTY, mode=mode, count=2, candidates=3)
        assert found[0].document_key.startswith("copy:")
        assert found[1].document_key == "other:roses"
    assert len(one(retriever, WARRANTY, count=5, near_identical=None)) == 5
    [explained] = retriever.explain([WARRANTY], 2, "dense")
    assert "repeats" in str(explained)


def test_diversity_brings_in_another_subject(shop: Retriever) -> None:
    question = "warranty warranty warranty courier"
    assert "shop:delivery" not in keys(one(shop, question, mode="dense", count=3))
    assert "shop:delivery" in keys(one(shop, question, mode="dense", count=3, diversity=0.7))


def test_neighbours_come_in_the_order_of_the_document(shop: Retriever) -> None:
    found = one(shop, "When does the money arrive?", mode="lexical", count=1, neighbours=1)
    assert [p.text.split()[0] for p in found] in (["Goods", "The", "Keep"], ["The", "Keep"])
    [centre] = [p for p in found if p.neighbour_of is None]
    for neighbour in found:
        if neighbour is not centre:
            assert neighbour.neighbour_of == centre.chunk_id
            assert (neighbour.score, neighbour.similarity) == (0.0, centre.similarity)
    both = one(shop, "money", mode="lexical", count=2, neighbours=2, filter=ChunkFilter(languages=("en",)))
    assert len({p.chunk_id for p in both}) == len(both) == 3


def test_the_reranker_has_the_last_word(make_retriever: MakeRetriever) -> None:
    lines = {"a:a": (None, "Warranty, warranty and warranty."), "a:b": (None, "How long is the?")}
    reranker = WordsReranker()
    retriever = make_retriever(lines, reranker)
    question = "How long is the warranty?"
    assert keys(one(retriever, question, mode="dense")) == ["a:a", "a:b"]
    reranked = one(retriever, question, mode="dense", rerank=10)
    assert keys(reranked) == ["a:b", "a:a"]
    assert reranked[0].score == 1.0
    assert keys(one(retriever, question, mode="dense", rerank=1)) == ["a:a", "a:b"]


def test_reranking_without_a_reranker_is_refused(shop: Retriever) -> None:
    with pytest.raises(ContenderError, match="no reranker"):
        one(shop, WARRANTY, rerank=5)


def test_short_forms_replace_settings(shop: Retriever) -> None:
    settings = Retrieval(mode="dense", count=4)
    assert len(shop.retrieve([WARRANTY], settings=settings)[0]) == 4
    assert len(shop.retrieve([WARRANTY], 2, settings=settings)[0]) == 2
    assert shop.retrieve([WARRANTY], mode="lexical", settings=settings)[0][0].similarity is None
    with pytest.raises(ContenderError):
        shop.retrieve([WARRANTY], 0)


@pytest.mark.parametrize("mode", MODES)
def test_batches_give_what_single_queries_give(shop: Retriever, mode: Mode) -> None:
    queries = [WARRANTY, "деньги", "roses", "", "?", "zzz", "🙂", WARRANTY, "x" * 5000]
    assert shop.retrieve(queries, 3, mode) == [shop.retrieve([query], 3, mode)[0] for query in queries]
    assert shop.retrieve([], 3, mode) == []


def test_async_batches_run_side_by_side_within_the_bound(make_retriever: MakeRetriever) -> None:
    reranker = WordsReranker()
    retriever = make_retriever({"a:a": (None, "The warranty lasts.")}, reranker, at_once=2)

    async def ask() -> list[list[list[Passage]]]:
        settings = Retrieval(rerank=1)
        calls = [retriever.aretrieve([WARRANTY, "roses"], 1, settings=settings) for _ in range(12)]
        return list(await asyncio.gather(*calls))

    found = asyncio.run(ask())
    assert asyncio.run(ask()) == found  # another event loop
    assert all(batch == found[0] for batch in found)
    assert 1 <= len(reranker.threads) <= 2
    assert threading.get_ident() not in reranker.threads


def test_the_explanation_tells_every_step(make_retriever: MakeRetriever) -> None:
    lines = {"a:a": (AS_OF, "The warranty lasts two years."), "a:b": (None, "Roses are cut in spring.")}
    settings = Retrieval(
        count=2,
        rerank=2,
        recency_half_life_days=30,
        as_of=AS_OF,
        diversity=0.5,
        filter=ChunkFilter(collections=("a",)),
    )
    retriever = make_retriever(lines, WordsReranker())
    [explained] = retriever.explain([WARRANTY], settings=settings)
    names = [step.name for step in explained.steps]
    for name in ("filter", "lexical", "dense", "fusion", "rerank", "recency", "maximal marginal relevance"):
        assert name in names
    lexical = explained.steps[names.index("lexical")]
    assert len(lexical.hits) == 1
    assert explained.steps[names.index("fusion")].hits[0].chunk_id == explained.passages[0].chunk_id
    assert explained.passages[0].ranks == {"lexical": 1, "dense": 1}
    assert 0 < explained.seconds < 5
    text = str(explained)
    assert WARRANTY in text
    assert "1. #1" in text
    assert "2 chunks allowed" in text
    assert list(explained.passages) == retriever.retrieve([WARRANTY], settings=settings)[0]


def test_the_hierarchical_mode_searches_all_vectors_only_where_words_fail(shop: Retriever) -> None:
    def dense_hits(query: str) -> int:
        [explained] = shop.explain([query], 3, "hierarchical", Retrieval(candidates=50))
        return sum(len(step.hits) for step in explained.steps if step.name == "dense")

    assert dense_hits("zzz гарантийный") > 0
    busy = "the warranty of laptops lasts two years water voids"
    [explained] = shop.explain([busy], 1, "hierarchical", Retrieval(candidates=2))
    assert "dense" not in [step.name for step in explained.steps]
    assert "lexical" in [step.name for step in explained.steps]


def test_both_languages_come_before_what_only_shares_a_language(make_retriever: MakeRetriever) -> None:
    documents = {f"ru:{n}": (None, f"Цены на доставку номер {n} за три дня.") for n in range(8)}
    documents |= {"ru:money": (None, "Деньги за возврат приходят за три дня.")}
    documents |= {"en:money": (None, "The refund money arrives soon.")}
    found = one(make_retriever(documents), "Когда придут деньги за возврат, за три дня?", count=2)
    assert keys(found) == ["ru:money", "en:money"]
    assert found[1].ranks.keys() == {"dense"}
