"""Filters, neighbours and shared entities, on SQLite and PostgreSQL."""

from datetime import date

import pytest

from rag import Corpus, Document, ParagraphChunker
from rag.corpus import ChunkFilter
from rag.preparation import Preparation

ENGLISH = "The euro fell against the dollar.\n\nThe bank in Berlin waited.\n\nNobody in Berlin was surprised."
RUSSIAN = "Курс евро снизился.\n\nБанк в Берлине ждал.\n\nНикто не удивился."


@pytest.fixture
def news(any_corpus: Corpus) -> Corpus:
    """Six chunks in two languages, of which one document has a date."""
    how = Preparation(ParagraphChunker(20, 60), enriched=True)
    any_corpus.put(Document("news:en", "Rates", ENGLISH, published=date(2024, 3, 1)), how)
    any_corpus.put(Document("archive:ru", "Курсы", RUSSIAN), how)
    return any_corpus


@pytest.mark.parametrize(
    ("allowed", "keys"),
    [
        (ChunkFilter(), {"news:en", "archive:ru"}),
        (ChunkFilter(languages=("ru",)), {"archive:ru"}),
        (ChunkFilter(collections=("news",)), {"news:en"}),
        (ChunkFilter(documents=("archive:ru", "gone:x")), {"archive:ru"}),
        (ChunkFilter(since=date(2024, 3, 1)), {"news:en"}),
        (ChunkFilter(since=date(2024, 3, 2)), set()),
        (ChunkFilter(until=date(2024, 3, 1), languages=("en",)), {"news:en"}),
        (ChunkFilter(until=date(2024, 3, 1), languages=("ru",)), set()),
    ],
)
def test_a_filter_allows_all_that_fits_and_nothing_else(
    news: Corpus, allowed: ChunkFilter, keys: set[str]
) -> None:
    ids = news.chunk_ids(allowed)
    assert {chunk.document_key for chunk in news.chunks(ids)} == keys
    assert len(ids) == 3 * len(keys)


def test_neighbours_stay_in_the_document(news: Corpus) -> None:
    ids = [chunk.id for chunk in news.chunks()]
    assert news.neighbours([ids[0], ids[1], ids[3]]) == {
        ids[0]: ids[0:2],
        ids[1]: ids[0:3],
        ids[3]: ids[3:5],
    }
    assert news.neighbours([ids[2]], width=2) == {ids[2]: ids[0:3]}
    assert news.neighbours([99_999]) == {}


def test_chunks_are_linked_by_the_names_they_share(news: Corpus) -> None:
    chunks = news.chunks()
    berlin = [chunk.id for chunk in chunks if "Berlin" in chunk.text]
    assert len(berlin) == 2
    assert news.related([berlin[0]])[berlin[0]] == [berlin[1]]


def test_chunks_know_their_place_language_date_and_keywords(news: Corpus) -> None:
    chunks = news.chunks()
    assert [chunk.position for chunk in chunks] == [0, 1, 2, 0, 1, 2]
    assert [chunk.language for chunk in chunks] == ["en"] * 3 + ["ru"] * 3
    assert chunks[0].published == date(2024, 3, 1)
    assert chunks[3].published is None
    assert all(chunk.keywords for chunk in chunks)


def test_the_version_changes_with_the_chunks_only(news: Corpus) -> None:
    before = news.version()
    assert news.version() == before
    news.put(Document("news:other", "Other", "A third text."), ParagraphChunker())
    assert news.version() != before
    news.remove_missing("news", ["news:en"])
    assert news.version() == before
