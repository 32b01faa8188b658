"""Bring documents into the corpus, incrementally."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from rag.chunkers import Chunker
from rag.corpus import Corpus
from rag.documents import Document, Failure
from rag.errors import DocumentError
from rag.preparation import Preparation, PreparedDocument, as_preparation
from rag.preparing import Prepared, Preparer

Progress = Callable[[int, int], None]


@dataclass
class IngestReport:
    """Tell what happened to each document of one ingestion."""

    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    regrouped: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """Count the documents that were looked at."""
        return len(self.changed) + len(self.unchanged) + len(self.failed)


def ingest(
    items: Iterable[Document | Failure],
    corpus: Corpus,
    how: Preparation | Chunker,
    *,
    whole_collection: bool = True,
    workers: int | None = None,
) -> IngestReport:
    """Store the documents that are new or changed, then group near duplicates if asked to.

    With `whole_collection`, documents of the same collections that are no longer among the
    items are removed. Each document is a transaction of its own, in the order of the items, so
    that an interrupted ingestion goes on where it stopped. `workers` is the number of processes
    that prepare documents, by default one a processor; one that dies costs one document.
    """
    report = IngestReport()
    present: dict[str, list[str]] = {}
    preparation = as_preparation(how)
    with Preparer(preparation, workers) as preparer:
        for item, prepared in _in_order(items, corpus, preparation, preparer):
            present.setdefault(item.key.partition(":")[0], []).append(item.key)
            _store(item, prepared.result() if prepared else None, corpus, preparation, report)
    if whole_collection:
        unread = {failure.key for failure in report.failed}
        for collection, keys in present.items():
            report.removed += corpus.remove_missing(collection, keys, unread)
    report.regrouped = corpus.regroup(preparation)
    return report


def _in_order(
    items: Iterable[Document | Failure], corpus: Corpus, how: Preparation, preparer: Preparer
) -> Iterator[tuple[Document | Failure, Prepared | None]]:
    """Yield each item; with what its preparation comes to, if it is new or changed."""
    ahead: deque[tuple[Document | Failure, Prepared | None]] = deque()
    try:
        for item in items:
            ahead.append((item, _submit(item, corpus, how, preparer)))
            while ahead and (len(ahead) > preparer.ahead or _is_done(ahead[0][1])):
                yield ahead.popleft()
    except Exception:
        yield from ahead  # a source that breaks off loses nothing that it gave before
        raise
    yield from ahead


def _submit(
    item: Document | Failure, corpus: Corpus, how: Preparation, preparer: Preparer
) -> Prepared | None:
    if isinstance(item, Failure):
        return None
    standing = corpus.standing(item, how)
    return None if standing.unchanged else preparer.submit(item, keep=standing.kept)


def _is_done(prepared: Prepared | None) -> bool:
    return prepared is None or prepared.done()


def _store(
    item: Document | Failure,
    prepared: PreparedDocument | DocumentError | None,
    corpus: Corpus,
    how: Preparation,
    report: IngestReport,
) -> None:
    if isinstance(prepared, PreparedDocument):
        corpus.store(prepared, how)
        report.changed.append(item.key)
        return
    if isinstance(prepared, DocumentError):
        item = Failure(item.key, item.source, str(prepared))
    if isinstance(item, Failure):
        corpus.put_failure(item)
        report.failed.append(item)
    else:
        report.unchanged.append(item.key)
