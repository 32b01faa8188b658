"""Bring documents in, and build the indexes that fit them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from annotate.jobs.context import Context
from annotate.jobs.progress import Reporter, Silent
from rag import Document, Failure, ParagraphChunker, ingest, read_files
from rag.parsers.pydoc_topics import COLLECTION as PYDOC
from rag.parsers.pydoc_topics import read_topics


def ingest_path(
    context: Context, path: Path, collection: str | None = None, reporter: Reporter | None = None
) -> dict[str, Any]:
    """Ingest a folder or a file; return counts and the failures with their reasons.

    A folder stands for its whole collection: what is no longer in it leaves the corpus.
    Raises rag.CorpusError when nothing is there to read.
    """
    reporter = reporter or Silent()
    name = collection or (path.name if path.is_dir() else "files")
    with reporter.track(f"reading {path.name}") as progress:
        report = ingest(
            read_files(path, name, progress=progress),
            context.corpus,
            ParagraphChunker(),
            whole_collection=path.is_dir(),
        )
    return {
        "changed": len(report.changed),
        "unchanged": len(report.unchanged),
        "removed": len(report.removed),
        "failed": [{"document": failure.key, "reason": failure.reason} for failure in report.failed],
    }


def ingest_python_reference(context: Context, topics: int | None = None) -> dict[str, Any]:
    """Ingest the language reference that ships inside CPython, or its first `topics` topics."""
    items: Iterable[Document | Failure] = list(read_topics())[:topics]
    report = ingest(items, context.corpus, ParagraphChunker())
    return {"collection": PYDOC, "changed": len(report.changed), "unchanged": len(report.unchanged)}


def build_indexes(context: Context, reporter: Reporter | None = None) -> str:
    """Embed what is new and build the indexes; return their fingerprint."""
    with (reporter or Silent()).track("embedding passages") as progress:
        return context.retriever(progress).fingerprint


def corpus_size(context: Context) -> dict[str, Any]:
    """Count documents and chunks."""
    size = context.corpus.size()
    return {
        "documents": size.documents,
        "failed": size.failed,
        "chunks": size.chunks,
        "languages": size.languages,
    }
