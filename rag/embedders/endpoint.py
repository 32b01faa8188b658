"""Embed through an OpenAI-compatible endpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openai import OpenAI, OpenAIError

from rag.embedders.query_cache import QueryCache
from rag.errors import EndpointError

_BATCH = 64


class EndpointEmbedder:
    """Ask a server for vectors; prefixes are put before queries and passages."""

    def __init__(self, client: OpenAI, model: str, query_prefix: str = "", passage_prefix: str = "") -> None:
        self._client, self._model = client, model
        self._query_prefix, self._passage_prefix = query_prefix, passage_prefix
        self._queries = QueryCache()

    @property
    def fingerprint(self) -> str:
        """Name the server, the model and the prefixes."""
        return f"{self._client.base_url}|{self._model}|{self._query_prefix}|{self._passage_prefix}"

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors (n, dimension) for questions; those of the questions asked last are kept."""
        return self._queries.embed(
            texts, lambda missing: self._embed([self._query_prefix + text for text in missing], None)
        )

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return unit vectors (n, dimension) for texts that are searched."""
        return self._embed([self._passage_prefix + text for text in texts], progress)

    def _embed(self, texts: list[str], progress: Callable[[int, int], None] | None) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, 0), np.float32)
        parts = []
        for at in range(0, len(texts), _BATCH):
            parts.append(self._ask(texts[at : at + _BATCH]))
            if progress:
                progress(min(at + _BATCH, len(texts)), len(texts))
        vectors = np.concatenate(parts)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float32] = vectors / np.maximum(norms, 1e-12)
        return unit

    def _ask(self, texts: list[str]) -> NDArray[np.float32]:
        """Return the vectors (n, dimension) of one batch, of the length that the server gives them."""
        place = f"{self._client.base_url}: no embeddings from {self._model}"
        asked = [text or " " for text in texts]  # servers refuse an empty text
        try:
            reply: Any = self._client.embeddings.create(
                model=self._model, input=asked, encoding_format="float"
            )
        except OpenAIError as error:
            raise EndpointError(f"{place}: {' '.join(str(error).split())}") from error
        rows = getattr(reply, "data", None) or []
        if len(rows) != len(texts):
            raise EndpointError(f"{place}: {len(rows)} vectors came for {len(texts)} texts")
        try:
            vectors = np.asarray(
                [row.embedding for row in sorted(rows, key=lambda row: row.index)], np.float32
            )
        except (AttributeError, TypeError, ValueError) as error:  # the client checks no types
            raise EndpointError(f"{place}: what came is no vectors of one length") from error
        if vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise EndpointError(f"{place}: what came holds more than numbers")
        return vectors
