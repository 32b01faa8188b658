"""Bring documents into the corpus, incrementally."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rag.chunkers import Chunker
from rag.corpus import Corpus
from rag.documents import Document, Failure
from rag.preparation import Preparation

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
) -> IngestReport:
    """Store the documents that are new or changed, then group near duplicates if asked to.

    With `whole_collection`, documents of the same collections that are no longer among the
    items are removed. Each document is a transaction of its own, so that an interrupted
    ingestion goes on where it stopped.
    """
    report = IngestReport()
    present: dict[str, list[str]] = {}
    for item in items:
        present.setdefault(item.key.partition(":")[0], []).append(item.key)
        if isinstance(item, Failure):
            corpus.put_failure(item)
            report.failed.append(item)
        else:
            (report.changed if corpus.put(item, how) else report.unchanged).append(item.key)
    if whole_collection:
        unread = {failure.key for failure in report.failed}
        for collection, keys in present.items():
            report.removed += corpus.remove_missing(collection, keys, unread)
    report.regrouped = corpus.regroup(how)
    return report
