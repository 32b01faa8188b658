"""Cut documents into chunks: one chunker a file, named by what it does and its settings."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from rag.chunkers.base import Chunk, Chunker, ChunkerError
from rag.chunkers.characters import CharacterChunker
from rag.chunkers.paragraphs import ParagraphChunker
from rag.chunkers.semantic import SemanticChunker
from rag.chunkers.sentences import SentenceChunker
from rag.chunkers.tokens import TokenChunker

CHUNKERS: dict[str, type[Any]] = {
    "characters": CharacterChunker,
    "paragraphs": ParagraphChunker,
    "semantic": SemanticChunker,
    "sentences": SentenceChunker,
    "tokens": TokenChunker,
}


def make_chunker(name: str, **settings: Any) -> Chunker:
    """Return the chunker of this name with these settings.

    `tokens` needs `tokenizer`, a path, and `semantic` needs `embedder`. Raises ChunkerError for
    an unknown name or setting, a missing one, or values that make no sense together.
    """
    if name not in CHUNKERS:
        raise ChunkerError(f"no chunker {name!r}; there are {', '.join(CHUNKERS)}")
    known = [field.name for field in fields(CHUNKERS[name])]
    if unknown := sorted(set(settings) - set(known)):
        raise ChunkerError(f"{name}: no setting {unknown[0]!r}; there are {', '.join(known)}")
    try:
        chunker: Chunker = CHUNKERS[name](**settings)
    except TypeError as error:
        raise ChunkerError(f"{name}: give all of {', '.join(known)} as they are meant ({error})") from error
    return chunker


__all__ = [
    "CharacterChunker",
    "Chunk",
    "Chunker",
    "ChunkerError",
    "ParagraphChunker",
    "SemanticChunker",
    "SentenceChunker",
    "TokenChunker",
    "make_chunker",
]
