"""Find chunks by meaning and by words; both indexes are derived from the corpus."""

from rag.indexes.backends import VECTOR_BACKENDS, WORD_BACKENDS, Backends
from rag.indexes.base import Hit, IndexBackendError, LexicalIndex, VectorIndex
from rag.indexes.build import Indexes, IndexStatus, index_status, open_indexes, rebuild

__all__ = [
    "VECTOR_BACKENDS",
    "WORD_BACKENDS",
    "Backends",
    "Hit",
    "IndexBackendError",
    "IndexStatus",
    "Indexes",
    "LexicalIndex",
    "VectorIndex",
    "index_status",
    "open_indexes",
    "rebuild",
]
