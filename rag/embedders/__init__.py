"""Turn texts into vectors: one kind of embedder a file."""

from rag.embedders.base import Embedder
from rag.embedders.endpoint import EndpointEmbedder
from rag.embedders.local import LocalEmbedder

__all__ = ["Embedder", "EndpointEmbedder", "LocalEmbedder"]
