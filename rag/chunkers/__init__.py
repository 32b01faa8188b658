"""Cut documents into chunks: one chunker a file, named by what it does and its settings."""

from rag.chunkers.base import Chunk, Chunker
from rag.chunkers.paragraphs import ParagraphChunker

__all__ = ["Chunk", "Chunker", "ParagraphChunker"]
