"""Define what a chunker is."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from rag.errors import RagError


class ChunkerError(RagError):
    """Say that there is no such chunker, or that its settings make no sense."""


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
        """Name the method and its settings, as in `paragraphs-2(520,760)`."""
        ...

    def chunk(self, text: str) -> list[Chunk]:
        """Return the chunks in order; they cover everything but white space and headings.

        Headings stand in `title_path`; a chunker may keep them in the text as well.
        """
        ...


def require(holds: bool, problem: str) -> None:
    """Raise ChunkerError with the problem unless a condition of the settings holds."""
    if not holds:
        raise ChunkerError(problem)
