"""Hold what the data screen, the command line and programs show of the documents.

The corpus is read by `annotate.jobs.corpus_report`, since only jobs know the library that keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

STATUSES = ("indexed", "junk", "duplicate", "failed")


@dataclass(frozen=True)
class DocumentFilter:
    """Choose documents; an empty field allows everything. `text` is looked for in keys and titles."""

    status: str = ""
    language: str = ""
    collection: str = ""
    text: str = ""


@dataclass(frozen=True)
class DocumentRow:
    """Show one document: its state with the reason, and its size in characters and chunks."""

    key: str
    title: str
    collection: str
    language: str
    source: str
    status: str
    reason: str
    kept: bool
    duplicate_of: str
    characters: int
    chunks: int
    published: date | None
    updated_at: datetime


@dataclass(frozen=True)
class CorpusReport:
    """Count the documents by state, language and collection, the most frequent first, and the chunks."""

    documents: int
    chunks: int
    statuses: dict[str, int]
    languages: dict[str, int]
    collections: dict[str, int]


@dataclass(frozen=True)
class DocumentPage:
    """Show one page of the documents asked for, by key, and how many there are."""

    found: int
    rows: tuple[DocumentRow, ...]


@dataclass(frozen=True)
class ChunkRow:
    """Show one chunk: where it lies in the document, its headings, its text."""

    id: int
    position: int
    start: int
    end: int
    headings: str
    text: str
    language: str
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class DocumentReport:
    """Show one document with its text, its chunks, its near duplicates and what answers drew from it.

    `answers` counts the stored answers with a passage of it; `flags` what assessors flagged in tasks
    with such an answer.
    """

    row: DocumentRow
    text: str
    chunks: tuple[ChunkRow, ...]
    duplicates: tuple[str, ...]
    answers: int
    flags: tuple[dict[str, Any], ...] = field(default=())
