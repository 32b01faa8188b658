"""Look at what became of the documents, put back what was left out, take out what is no longer wanted."""

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


def remove(context: Context, keys: Sequence[str], collection: str | None = None) -> list[str]:
    """Take documents out of the corpus, and all of a collection; return their keys.

    A near duplicate of one that went takes its place. Judgements and answers stay as they are. Raises
    rag.CorpusError for a key that is not there, and JobError for a collection without documents; then
    nothing is taken out.
    """
    of_collection = [
        item.key
        for item in context.corpus.documents()
        if collection is not None and item.key.partition(":")[0] == collection
    ]
    if collection is not None and not of_collection:
        raise JobError(f"no document is of the collection {collection}; see `pairloop documents list`")
    wanted = list(dict.fromkeys([*keys, *of_collection]))
    if not wanted:
        raise JobError("name the documents to take out, or a --collection")
    context.corpus.remove(wanted)
    context.corpus.regroup(context.preparation)
    return wanted
