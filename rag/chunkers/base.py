"""Define what a chunker is."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Chunk(NamedTuple):
    """Hold a span of a document: `text == document[start:end]`, under its headings."""

    start: int
    end: int
    text: str
    title_path: tuple[str, ...]


class Chunker(Protocol):
    """Cut a text into chunks; equal versions cut equal texts equally."""

    @property
    def version(self) -> str:
        """Name the method and its settings, as in `paragraphs-1(520,760)`."""
        ...

    def chunk(self, text: str) -> list[Chunk]:
        """Return the chunks in order; they cover everything that is not white space."""
        ...
