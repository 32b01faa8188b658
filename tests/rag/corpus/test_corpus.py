"""The corpus tables: documents, chunks and cached vectors, on SQLite and PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from rag import Corpus, Document, Failure, ParagraphChunker
from rag.chunkers import Chunk

LONG = "\n\n".join(f"Абзац номер {number} о возврате товара и денег за него." for number in range(40))


class BrokenChunker:
    """A chunker that fails in the middle of a document."""

    version = "broken-1"

    def chunk(self, text: str) -> list[Chunk]:
        raise RuntimeError("out of paragraphs")


class HalfChunker:
    """A chunker whose second chunk cannot be stored."""

    version = "half-1"

    def chunk(self, text: str) -> Sequence[Chunk]:
        return [Chunk(0, 5, text[:5], ()), Chunk(None, 9, text[5:9], ())]  # type: ignore[arg-type]


def test_a_document_is_stored_with_its_chunks(any_corpus: Corpus, chunker: ParagraphChunker) -> None:
    document = Document("handbook:long", "Возврат", LONG)
    assert any_corpus.put(document, chunker)
    chunks = any_corpus.chunks()
    assert [chunk.text for chunk in chunks] == [chunk.text for chunk in chunker.chunk(LONG)]
    assert {chunk.document_key for chunk in chunks} == {"handbook:long"}
    assert {chunk.title for chunk in chunks} == {"Возврат"}
    assert {chunk.language for chunk in chunks} == {"ru"}
    assert chunks[0].searchable.startswith("Возврат\n")


def test_an_unchanged_document_is_left_alone(any_corpus: Corpus, chunker: ParagraphChunker) -> None:
    document = Document("handbook:long", "Возврат", LONG)
    any_corpus.put(document, chunker)
    before = any_corpus.chunks()
    assert not any_corpus.put(document, chunker)
    assert any_corpus.chunks() == before


def test_a_changed_text_title_or_chunker_replaces_the_chunks(
    any_corpus: Corpus, chunker: ParagraphChunker
) -> None:
    document = Document("handbook:long", "Возврат", LONG)
    any_corpus.put(document, chunker)
    assert any_corpus.put(replace(document, title="Refunds"), chunker)
    assert {chunk.title for chunk in any_corpus.chunks()} == {"Refunds"}
    assert any_corpus.put(replace(document, text="Short."), chunker)
    assert [chunk.text for chunk in any_corpus.chunks()] == ["Short."]
    assert any_corpus.chunks()[0].language == "en"
    assert any_corpus.put(replace(document, text="Short."), ParagraphChunker(50, 60))


@pytest.mark.parametrize("broken", [BrokenChunker(), HalfChunker()])
def test_a_failure_in_the_middle_leaves_the_old_document_whole(
    any_corpus: Corpus, chunker: ParagraphChunker, broken: BrokenChunker
) -> None:
    document = Document("handbook:long", "Возврат", LONG)
    any_corpus.put(document, chunker)
    before = any_corpus.chunks()
    with pytest.raises(Exception, match=r"out of paragraphs|(?i:null)"):
        any_corpus.put(replace(document, text="New text."), broken)
    assert any_corpus.chunks() == before
    assert not any_corpus.put(document, chunker)


def test_a_failure_keeps_the_readable_version_and_goes_when_the_file_is_readable_again(
    any_corpus: Corpus, chunker: ParagraphChunker
) -> None:
    document = Document("handbook:long", "Возврат", LONG)
    failure = Failure("handbook:long", "long.txt", "the parser crashed")
    any_corpus.put(document, chunker)
    any_corpus.put_failure(failure)
    assert any_corpus.failures() == [failure]
    assert any_corpus.size().documents == 1
    assert len(any_corpus.chunks()) > 1
    any_corpus.put(document, chunker)
    assert any_corpus.failures() == []
    assert any_corpus.size().failed == 0


def test_sizes_count_documents_failures_chunks_and_languages(
    any_corpus: Corpus, chunker: ParagraphChunker, documents: list[Document]
) -> None:
    for document in documents:
        any_corpus.put(document, chunker)
    any_corpus.put_failure(Failure("handbook:bad", "bad.pdf", "unreadable PDF"))
    size = any_corpus.size()
    assert (size.documents, size.failed, size.chunks) == (5, 1, 5)
    assert size.languages == {"ru": 3, "en": 2}


def test_only_missing_documents_of_the_collection_are_removed(
    any_corpus: Corpus, chunker: ParagraphChunker
) -> None:
    for key in ("a:1", "a:2", "b:1"):
        any_corpus.put(Document(key, "t", f"text of {key}"), chunker)
    assert any_corpus.remove_missing("a", ["a:2"]) == ["a:1"]
    assert [chunk.document_key for chunk in any_corpus.chunks()] == ["a:2", "b:1"]


def test_chunks_come_in_the_order_of_the_ids_asked_for(any_corpus: Corpus) -> None:
    any_corpus.put(Document("a:long", "t", LONG), ParagraphChunker(60, 80))
    ids = [chunk.id for chunk in any_corpus.chunks()]
    asked = [ids[3], 10_000, ids[0], ids[7]]
    assert [chunk.id for chunk in any_corpus.chunks(asked)] == [ids[3], ids[0], ids[7]]
    assert any_corpus.chunks([]) == []


def test_embeddings_come_back_as_they_were_and_only_for_their_model(any_corpus: Corpus) -> None:
    rng = np.random.default_rng(0)
    vectors = {f"hash{n}": rng.normal(size=7).astype(np.float32) for n in range(1_203)}
    any_corpus.put_embeddings("model-a", vectors)
    found = any_corpus.embeddings("model-a", [*vectors, "unknown"])
    assert found.keys() == vectors.keys()
    assert all(np.array_equal(found[name], vector) for name, vector in vectors.items())
    assert any_corpus.embeddings("model-b", list(vectors)) == {}
    any_corpus.put_embeddings("model-a", {"hash0": np.zeros(7, np.float32)})
    assert not any_corpus.embeddings("model-a", ["hash0"])["hash0"].any()
