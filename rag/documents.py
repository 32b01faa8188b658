"""Describe documents and the places they come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from rag.language import detect_language


@dataclass(frozen=True)
class Document:
    """Hold one source text under a key such as `handbook:refunds/eu.md`."""

    key: str
    title: str
    text: str
    source: str = ""

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
        """Return the SHA-256 of title and text."""
        return hashlib.sha256(f"{self.title}\x00{self.text}".encode()).hexdigest()


@dataclass(frozen=True)
class Failure:
    """Say that one document could not be read, and why."""

    key: str
    source: str
    reason: str
