"""Choose where the indexes are kept; each library is imported only where it is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from rag.indexes.base import Backend, IndexBackendError, LexicalIndex, VectorIndex

VectorBackendName = Literal["faiss", "pgvector", "qdrant", "chroma"]
WordBackendName = Literal["tantivy", "postgres"]
VECTOR_BACKENDS: tuple[VectorBackendName, ...] = get_args(VectorBackendName)
WORD_BACKENDS: tuple[WordBackendName, ...] = get_args(WordBackendName)


@dataclass(frozen=True)
class Backends:
    """Name the engines behind the two indexes.

    `postgres_url` is a SQLAlchemy URL, for `pgvector` and `postgres`. `qdrant_url` is the URL of a
    server, or a folder for the client's in-process mode; a server's key comes from PAIRLOOP_QDRANT_KEY.
    """

    vectors: VectorBackendName = "faiss"
    words: WordBackendName = "tantivy"
    postgres_url: str = ""
    qdrant_url: str = ""

    def vector_backend(self) -> Backend[VectorIndex]:
        """Return the maker of vector indexes; raise IndexBackendError when it cannot be had."""
        try:
            return _vector_backend(self)
        except ImportError as error:
            raise _missing(self.vectors, error) from error

    def word_backend(self) -> Backend[LexicalIndex]:
        """Return the maker of lexical indexes; raise IndexBackendError when it cannot be had."""
        try:
            return _word_backend(self)
        except ImportError as error:
            raise _missing(self.words, error) from error


def _vector_backend(chosen: Backends) -> Backend[VectorIndex]:
    if chosen.vectors == "faiss":
        from rag.indexes.faiss_index import FaissBackend

        return FaissBackend()
    if chosen.vectors == "chroma":
        import chromadb  # noqa: F401 - to say at once that it is missing

        from rag.indexes.chroma_index import ChromaBackend

        return ChromaBackend()
    if chosen.vectors == "qdrant":
        import qdrant_client  # noqa: F401 - to say at once that it is missing

        from rag.indexes.qdrant_index import QdrantBackend

        if not chosen.qdrant_url:
            raise IndexBackendError("qdrant needs the URL of a server or the path of a folder (qdrant_url)")
        return QdrantBackend(chosen.qdrant_url)
    from rag.indexes.pgvector_index import PgvectorBackend

    return PgvectorBackend(chosen.postgres_url)


def _word_backend(chosen: Backends) -> Backend[LexicalIndex]:
    if chosen.words == "tantivy":
        from rag.indexes.tantivy_index import TantivyBackend

        return TantivyBackend()
    from rag.indexes.postgres_text_index import PostgresTextBackend

    return PostgresTextBackend(chosen.postgres_url)


def _missing(name: str, error: ImportError) -> IndexBackendError:
    return IndexBackendError(f"{name}: not installed ({error}); run `pip install 'pairloop[{name}]'`")
