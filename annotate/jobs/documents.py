"""Look at what became of the documents, and put back what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from annotate.errors import JobError
from annotate.jobs.context import Context
from rag.corpus import DocumentStatus

STATUSES = ("indexed", "junk", "duplicate", "failed")


def list_documents(context: Context, status: str | None = None) -> list[DocumentStatus]:
    """List the documents, or those of one status; raise JobError for a status there is not."""
    if status is not None and status not in STATUSES:
        raise JobError(f"unknown status {status!r}; there are {', '.join(STATUSES)}")
    return context.corpus.documents(status)


def count_documents(context: Context) -> dict[str, int]:
    """Count the documents of each status."""
    counts = Counter(document.status for document in context.corpus.documents())
    return {status: counts[status] for status in STATUSES}


def put_back(context: Context, keys: Sequence[str]) -> None:
    """Index documents that were left out; raise rag.CorpusError for a key that is not there."""
    for key in keys:
        context.corpus.put_back(key, context.preparation)
