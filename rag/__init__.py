"""Retrieve passages and write sourced answers: documents in, answer pairs out."""

from rag.answering import Answer, Answerer, Contender
from rag.chunkers import ParagraphChunker
from rag.corpus import Corpus
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
from rag.indexes import open_indexes
from rag.ingestion import IngestReport, ingest, read_files
from rag.pairs import AnswerPair, make_pairs
from rag.retrieval import Passage, Retriever

__all__ = [
    "Answer",
    "AnswerPair",
    "Answerer",
    "Contender",
    "ContenderError",
    "Corpus",
    "CorpusError",
    "Decoding",
    "Document",
    "DocumentError",
    "EndpointError",
    "EndpointGenerator",
    "Failure",
    "Generator",
    "IndexStaleError",
    "IngestReport",
    "ModelError",
    "OpenVinoGenerator",
    "ParagraphChunker",
    "Passage",
    "RagError",
    "Retriever",
    "ingest",
    "make_pairs",
    "open_indexes",
    "read_files",
]
