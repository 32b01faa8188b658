"""Search vectors with FAISS: exactly while there are few, by HNSW when there are many."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexStaleError
from rag.indexes.base import Hit

EXACT_UP_TO = 20_000  # vectors; below, an exact scan takes a few milliseconds
_FILE = "vectors.faiss"
_HNSW_LINKS = 16


class FaissIndex:
    """Hold unit vectors under chunk ids and answer by inner product."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, ids: Sequence[int], vectors: NDArray[np.float32]) -> Self:
        """Index unit vectors (n, dimension) under their chunk ids."""
        dimension = vectors.shape[1]
        if len(ids) <= EXACT_UP_TO:
            base: faiss.Index = faiss.IndexFlatIP(dimension)
        else:
            graph: Any = faiss.IndexHNSWFlat(dimension, _HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
            graph.hnsw.efSearch = 64
            base = graph
        index = faiss.IndexIDMap2(base)
        index.add_with_ids(np.ascontiguousarray(vectors), np.asarray(ids, np.int64))
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open an index that `save` wrote; raise IndexStaleError when it cannot be read."""
        try:
            return cls(faiss.read_index(str(folder / _FILE)))
        except RuntimeError as error:
            raise IndexStaleError(
                f"{folder / _FILE}: unreadable; remove {folder}, it is built again from the corpus"
            ) from error

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        faiss.write_index(self._index, str(folder / _FILE))

    def search(self, vectors: NDArray[np.float32], count: int) -> list[list[Hit]]:
        """Return at most `count` hits for each unit vector, best first."""
        scores, ids = self._index.search(np.ascontiguousarray(vectors, np.float32), count)
        return [
            [Hit(int(i), float(s)) for i, s in zip(row_ids, row_scores, strict=True) if i >= 0]
            for row_ids, row_scores in zip(ids, scores, strict=True)
        ]
