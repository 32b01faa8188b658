"""Preparation in worker processes: the same results, in order, and a death costs one document."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine

from rag import Corpus, Document, Failure, ingest
from rag.preparation import Preparation
from rag.preparing import Preparer, preparer
from rag.workers.limits import Limits


@pytest.fixture
def others() -> set[psutil.Process]:
    """The children that this process has before the test."""
    return set(psutil.Process().children())


def children(others: set[psutil.Process]) -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child not in others]


def contents(corpus: Corpus) -> list[object]:
    """Return all that a reader of the corpus can see, ids included."""
    chunks = corpus.chunks()
    return [corpus.documents(), chunks, corpus.related([chunk.id for chunk in chunks]), corpus.size()]


pytestmark = pytest.mark.usefixtures("eager")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Corpus]:
    engine = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    yield Corpus(engine)
    engine.dispose()


def test_processes_come_to_what_one_comes_to_in_order_and_a_second_time_to_nothing(
    documents: list[Document], corpus: Corpus, other: Corpus, how: Preparation, others: set[psutil.Process]
) -> None:
    failure = Failure("shop:bad", "bad.pdf", "unreadable")
    items: list[Document | Failure] = [*documents[:10], failure, *documents[10:]]
    seen: list[int] = []

    def watched() -> Iterator[Document | Failure]:
        for item in items:
            seen.append(len(children(others)))
            yield item

    many = ingest(watched(), corpus, how, workers=2)
    assert max(seen) == 2, "this much text is worth two processes"
    assert children(others) == []
    one = ingest(items, other, how, workers=0)
    assert many == one
    assert many.changed == [document.key for document in documents]
    assert many.failed == [failure]
    assert contents(corpus) == contents(other)
    assert corpus.size().junk == 4
    assert corpus.size().duplicates < 4

    before = contents(corpus)
    again = ingest(items, corpus, how, workers=2)
    assert again.unchanged == [document.key for document in documents]
    assert (again.changed, again.removed, again.regrouped) == ([], [], [])
    assert contents(corpus) == before


def test_a_changed_document_replaces_its_chunks_and_one_put_back_stays(
    documents: list[Document], corpus: Corpus, how: Preparation
) -> None:
    ingest(documents, corpus, how, workers=2)
    corpus.put_back("shop:014", how)
    changed = [replace(document, text=document.text + " And more.") for document in documents]
    assert len(ingest(changed, corpus, how, workers=2).changed) == 20
    assert {document.status for document in corpus.documents() if document.key == "shop:014"} == {"indexed"}
    texts = [chunk.text for chunk in corpus.chunks() if chunk.document_key == "shop:013"]
    assert sum("And more." in text for text in texts) == 1


def test_a_little_text_starts_no_process(
    documents: list[Document], how: Preparation, others: set[psutil.Process]
) -> None:
    with Preparer(how, 2) as several:
        for document in documents[:2]:
            assert several.submit(document, keep=False).done()
        assert children(others) == []


@pytest.fixture
def unjudged(how: Preparation) -> Preparation:
    """A preparation that reads every text to its end."""
    return replace(how, junk=None)


def huge(key: str) -> Document:
    """Return a document that takes many seconds to prepare, as long as nobody calls it junk."""
    return Document(key, "Huge", "Иван Петров поехал из Москвы в Париж. " * 20_000)


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_one_document_whose_earlier_version_stays(
    documents: list[Document], corpus: Corpus, unjudged: Preparation, others: set[psutil.Process]
) -> None:
    corpus.put(Document("shop:huge", "Huge", "An earlier version of this text."), unjudged)
    killer = threading.Thread(target=kill_busy, args=(others, 2.5), daemon=True)
    killer.start()
    report = ingest([*documents[:10], huge("shop:huge"), *documents[10:]], corpus, unjudged, workers=1)
    killer.join()
    assert [failure.key for failure in report.failed] == ["shop:huge"]
    assert report.failed == corpus.failures()
    assert report.failed[0].reason == "the preparation crashed (SIGKILL)"
    assert report.changed == [document.key for document in documents]
    assert [chunk.text for chunk in corpus.chunks() if chunk.document_key == "shop:huge"] == [
        "An earlier version of this text."
    ]


def kill_busy(others: set[psutil.Process], busy_seconds: float) -> None:
    """Kill each child that works for so long, twice: the first death is forgiven once."""
    killed = 0
    while killed < 2:
        for child in children(others):
            try:
                if child.cpu_times().user > busy_seconds:
                    child.kill()
                    killed += 1
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.05)


def test_a_text_that_takes_too_long_or_too_much_costs_one_document(
    documents: list[Document], corpus: Corpus, unjudged: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparer, "PREPARATION_LIMITS", Limits(memory_bytes=1 << 30, cpu_seconds=2))
    report = ingest([huge("shop:huge"), *documents], corpus, unjudged, workers=1)
    assert [failure.reason for failure in report.failed] == [
        "the preparation took more than 2 seconds of processor time"
    ]
    assert len(report.changed) == 20


def test_a_source_that_breaks_off_loses_nothing_that_it_gave(
    documents: list[Document], corpus: Corpus, how: Preparation
) -> None:
    def broken() -> Iterator[Document]:
        yield from documents
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        ingest(broken(), corpus, how, workers=2)
    assert corpus.size().documents == 20


def test_documents_are_taken_only_a_few_ahead(documents: list[Document], unjudged: Preparation) -> None:
    with Preparer(unjudged, 2) as several:
        assert several.ahead == 0
        several.submit(huge("shop:huge"), keep=False)
        assert several.ahead == 8


def test_a_child_dies_with_the_preparer(unjudged: Preparation, others: set[psutil.Process]) -> None:
    started = time.monotonic()
    with Preparer(unjudged, 1) as several:
        waiting = several.submit(huge("shop:huge"), keep=False)
        while not children(others):
            time.sleep(0.01)
    assert children(others) == []
    assert waiting.done()
    assert time.monotonic() - started < 20
