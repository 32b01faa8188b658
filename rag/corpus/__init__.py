"""Keep documents and chunks in SQL, the truth from which every index is derived."""

from rag.corpus.corpus import Corpus
from rag.corpus.records import ChunkFilter, CorpusSize, DocumentStatus, StoredChunk
from rag.corpus.tables import CorpusTable

__all__ = ["ChunkFilter", "Corpus", "CorpusSize", "CorpusTable", "DocumentStatus", "StoredChunk"]
