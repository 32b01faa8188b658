"""Hold what the corpus tells the rest of the library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True)
class StoredChunk:
    """Hold one chunk with what is known of its document."""

    id: int
    document_key: str
    title: str
    text: str
    text_hash: str
    language: str
    position: int = 0
    published: date | None = None
    keywords: tuple[str, ...] = ()

    @property
    def searchable(self) -> str:
        """Return the text with its headings, which is what gets embedded and indexed."""
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True)
class ChunkFilter:
    """Choose chunks by their documents; an empty field allows everything.

    `documents` holds keys. `since` and `until` bound the publication date, both included; a
    document without a date is outside every bound.
    """

    languages: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class DocumentStatus:
    """Tell what became of one document: `indexed`, `junk`, `duplicate` or `failed`, and why."""

    key: str
    title: str
    language: str
    source: str
    status: str
    reason: str | None
    published: date | None
    chunks: int
    kept: bool
    duplicate_of: str | None


class Standing(NamedTuple):
    """Tell whether a document is stored as it is now, and whether a person put it back."""

    unchanged: bool
    kept: bool


@dataclass(frozen=True)
class CorpusSize:
    """Count what the corpus holds: readable documents, and of them those left out."""

    documents: int
    failed: int
    chunks: int
    languages: dict[str, int]
    junk: int = 0
    duplicates: int = 0
