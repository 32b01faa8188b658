"""Find chunks by meaning and by words; both indexes are derived from the corpus."""

from rag.indexes.base import Hit, LexicalIndex, VectorIndex
from rag.indexes.build import Indexes, open_indexes

__all__ = ["Hit", "Indexes", "LexicalIndex", "VectorIndex", "open_indexes"]
