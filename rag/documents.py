"""Describe documents as their sources hand them over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from rag.language import detect_language


@dataclass(frozen=True)
class Document:
    """Hold one source text under a key such as `handbook:refunds/eu.md`."""

    key: str
    title: str
    text: str
    source: str = ""
    published: date | None = None

    @property
    def collection(self) -> str:
        """Name the collection, the part of the key before the first colon."""
        return self.key.partition(":")[0]

    @cached_property
    def language(self) -> str:
        """Tell the language of the text."""
        return detect_language(self.text)

    @cached_property
    def content_hash(self) -> str:
        """Return the SHA-256 of title, date and text."""
        dated = f"{self.published.isoformat()}\x00" if self.published else ""
        return hashlib.sha256(f"{dated}{self.title}\x00{self.text}".encode()).hexdigest()


@dataclass(frozen=True)
class Failure:
    """Say that one document could not be read, and why."""

    key: str
    source: str
    reason: str
