"""Hold the exceptions of the retrieval and answering library.

RagError
├── ModelError            a model cannot be fetched, converted or loaded
│   └── EndpointError     a remote model does not answer as it should
├── DocumentError         one document cannot be read
├── CorpusError           the corpus is empty or unreadable
├── IndexStaleError       an index belongs to another model, chunker or corpus
├── ContenderError        a contender's settings contradict each other
└── ChunkerError          no such chunker, or senseless settings (rag.chunkers)
"""

from __future__ import annotations


class RagError(Exception):
    """Stand at the root of everything this library raises on purpose."""


class ModelError(RagError):
    """Say that a model cannot be fetched, converted or loaded."""


class EndpointError(ModelError):
    """Say that a remote model does not answer as it should."""


class DocumentError(RagError):
    """Say that one document cannot be read, and why."""


class CorpusError(RagError):
    """Say that the corpus is empty or unreadable."""


class IndexStaleError(RagError):
    """Say that an index belongs to another model, chunker or corpus."""


class ContenderError(RagError):
    """Say that a contender's settings contradict each other."""
