"""Retrieve passages and write sourced answers: documents in, answer pairs out."""

from rag.answering import Answer, Answerer, Contender, Flag
from rag.chunkers import ChunkerError, ParagraphChunker, make_chunker
from rag.corpus import ChunkFilter, Corpus
from rag.documents import Document, Failure
from rag.errors import (
    ContenderError,
    CorpusError,
    DocumentError,
    EndpointError,
    IndexStaleError,
    ModelError,
    RagError,
)
from rag.generators import Decoding, EndpointGenerator, Generator, OpenVinoGenerator
from rag.indexes import Backends, IndexBackendError, open_indexes
from rag.ingestion import IngestReport, ingest
from rag.launch import LaunchDecision, Launcher
from rag.pairs import AnswerPair, make_pairs
from rag.precomputed import PrecomputedAnswers
from rag.preparation import Preparation
from rag.rerankers import CrossEncoderReranker, Reranker, RewardHeadReranker
from rag.retrieval import Explanation, Passage, Retrieval, Retriever
from rag.sources.files import read_files
from rag.verification import verify

__all__ = [
    "Answer",
    "AnswerPair",
    "Answerer",
    "Backends",
    "ChunkFilter",
    "ChunkerError",
    "Contender",
    "ContenderError",
    "Corpus",
    "CorpusError",
    "CrossEncoderReranker",
    "Decoding",
    "Document",
    "DocumentError",
    "EndpointError",
    "EndpointGenerator",
    "Explanation",
    "Failure",
    "Flag",
    "Generator",
    "IndexBackendError",
    "IndexStaleError",
    "IngestReport",
    "LaunchDecision",
    "Launcher",
    "ModelError",
    "OpenVinoGenerator",
    "ParagraphChunker",
    "Passage",
    "PrecomputedAnswers",
    "Preparation",
    "RagError",
    "Reranker",
    "Retrieval",
    "Retriever",
    "RewardHeadReranker",
    "ingest",
    "make_chunker",
    "make_pairs",
    "open_indexes",
    "read_files",
    "verify",
]
