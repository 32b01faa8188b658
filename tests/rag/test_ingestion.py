"""Ingestion: incremental, restartable, and never stopped by one bad file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import Corpus, Document, Failure, ParagraphChunker, ingest, read_files


@pytest.fixture
def folder(tmp_path: Path, make_tree: Callable[[dict[str, str | bytes]], Path]) -> Path:
    return make_tree(
        {
            "returns.md": "# Возврат\n\nТовар можно вернуть.",
            "deep/er/delivery.txt": "We deliver in five days.",
            "page.html": "<title>Warranty</title><p>The warranty lasts for two years.</p>",
            "broken.pdf": b"%PDF-1.4 garbage",
            "empty.txt": "  \n",
            "ignored.exe": b"MZ",
            ".hidden.md": "secret",
            ".git/config.txt": "secret",
        }
    )


def test_files_become_documents_and_failures(folder: Path, corpus: Corpus, chunker: ParagraphChunker) -> None:
    seen: list[tuple[int, int]] = []
    items = read_files(folder, "shop", progress=lambda done, total: seen.append((done, total)))
    report = ingest(items, corpus, chunker)
    assert report.changed == ["shop:deep/er/delivery.txt", "shop:page.html", "shop:returns.md"]
    assert {failure.key: failure.reason for failure in report.failed}.keys() == {
        "shop:broken.pdf",
        "shop:empty.txt",
    }
    assert "unreadable PDF" in report.failed[0].reason
    assert report.failed[1].reason == "empty document"
    assert report.seen == 5
    assert seen == [(n, 5) for n in range(1, 6)]
    assert corpus.failures() == report.failed
    titles = {chunk.document_key: chunk.title for chunk in corpus.chunks()}
    assert titles == {
        "shop:deep/er/delivery.txt": "delivery",
        "shop:page.html": "Warranty",
        "shop:returns.md": "Возврат",
    }


def test_only_what_changed_is_stored_again(folder: Path, corpus: Corpus, chunker: ParagraphChunker) -> None:
    ingest(read_files(folder, "shop"), corpus, chunker)
    before = {chunk.document_key: chunk.id for chunk in corpus.chunks()}
    (folder / "page.html").unlink()
    (folder / "deep/er/delivery.txt").write_text("We deliver in six days.")
    report = ingest(read_files(folder, "shop"), corpus, chunker)
    assert report.changed == ["shop:deep/er/delivery.txt"]
    assert report.unchanged == ["shop:returns.md"]
    assert report.removed == ["shop:page.html"]
    after = {chunk.document_key: chunk.text for chunk in corpus.chunks()}
    assert after["shop:deep/er/delivery.txt"] == "We deliver in six days."
    assert "shop:page.html" not in after
    assert before["shop:returns.md"] in [chunk.id for chunk in corpus.chunks()]


def test_a_part_of_a_collection_removes_nothing(corpus: Corpus, chunker: ParagraphChunker) -> None:
    one, other = Document("a:1", "t", "one"), Document("a:2", "t", "two")
    ingest([one, other], corpus, chunker)
    assert ingest([one], corpus, chunker, whole_collection=False).removed == []
    assert ingest([one], corpus, chunker).removed == ["a:2"]


def test_a_document_that_fails_later_is_not_removed(corpus: Corpus, chunker: ParagraphChunker) -> None:
    ingest([Document("a:1", "t", "one")], corpus, chunker)
    report = ingest([Failure("a:1", "1.txt", "unreadable")], corpus, chunker)
    assert (report.removed, len(corpus.chunks())) == ([], 1)


def test_the_parts_of_a_file_that_fails_later_stay(corpus: Corpus, chunker: ParagraphChunker) -> None:
    parts = [Document("a:faq.csv#1", "t", "one"), Document("a:faq.csv#2", "t", "two")]
    ingest([*parts, Document("a:gone.csv#1", "t", "three")], corpus, chunker)
    report = ingest([Failure("a:faq.csv", "faq.csv", "unreadable")], corpus, chunker)
    assert report.removed == ["a:gone.csv#1"]
    assert {chunk.text for chunk in corpus.chunks()} == {"one", "two"}


def test_an_interrupted_ingestion_goes_on_where_it_stopped(
    corpus: Corpus, chunker: ParagraphChunker, documents: list[Document]
) -> None:
    def interrupted() -> Iterator[Document]:
        yield from documents[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(interrupted(), corpus, chunker)
    assert corpus.size().documents == 3
    report = ingest(documents, corpus, chunker)
    assert len(report.unchanged) == 3
    assert len(report.changed) == 2
    assert report.removed == []
