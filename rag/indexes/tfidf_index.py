"""Search words by the cosine of TF-IDF vectors over our stems; for small corpora, in memory."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexStaleError
from rag.indexes.base import REBUILD, Hit, top
from rag.indexes.stemming import terms

_FILE = "tfidf.json"


class _Fitted(NamedTuple):
    vectoriser: Any
    ids: NDArray[np.int64]
    matrix: Any  # sparse, a unit row a chunk


class TfidfIndex:
    """Hold the stems of chunks; weigh them anew at the first search after a change.

    Weights: sublinear term frequency × smoothed inverse document frequency, rows of length one.
    Source: scikit-learn's TfidfVectorizer; Salton & Buckley, "Term-weighting approaches in
    automatic text retrieval", 1988.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._stems: dict[int, str] = {}
        self._fitted: _Fitted | None = None

    @classmethod
    def build(cls, rows: Iterable[tuple[int, str]]) -> Self:
        """Index (chunk id, text) pairs."""
        index = cls()
        index.add(rows)
        return index

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open an index that `save` wrote; raise IndexStaleError when it cannot be read."""
        index = cls()
        try:
            stems = json.loads((folder / _FILE).read_text("utf-8"))
            index._stems = {int(key): str(value) for key, value in stems.items()}
        except (OSError, ValueError, AttributeError) as error:
            raise IndexStaleError(f"{folder / _FILE}: unreadable; {REBUILD}") from error
        return index

    def save(self, folder: Path) -> None:
        """Write the stems into a folder."""
        with self._lock:
            (folder / _FILE).write_text(json.dumps(self._stems, ensure_ascii=False), "utf-8")

    def add(self, rows: Iterable[tuple[int, str]]) -> None:
        """Index texts under distinct chunk ids, in place of older ones."""
        stems = {chunk_id: " ".join(terms(text)) for chunk_id, text in rows}
        with self._lock:
            self._stems |= stems
            self._fitted = None

    def remove(self, ids: Collection[int]) -> None:
        """Forget chunks; ids that are not there are ignored."""
        with self._lock:
            for chunk_id in ids:
                self._stems.pop(chunk_id, None)
            self._fitted = None

    def search(
        self, queries: Sequence[str], count: int, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return hits for each query, best first, scored by cosine."""
        fitted = self._fit()
        if fitted is None or not queries:
            return [[] for _ in queries]
        stems = [" ".join(terms(query)) for query in queries]
        scores = (fitted.vectoriser.transform(stems) @ fitted.matrix.T).tocsr()
        chosen = None if allowed is None else np.fromiter(allowed, np.int64, len(allowed))
        found = []
        for start, end in zip(scores.indptr, scores.indptr[1:], strict=False):
            ids, values = fitted.ids[scores.indices[start:end]], scores.data[start:end]
            kept = values > 0 if chosen is None else (values > 0) & np.isin(ids, chosen)
            found.append(top(ids[kept], values[kept], count))
        return found

    def __len__(self) -> int:
        """Count the chunks."""
        return len(self._stems)

    def close(self) -> None:
        """Let go of the memory."""
        with self._lock:
            self._stems, self._fitted = {}, None

    def _fit(self) -> _Fitted | None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        with self._lock:
            if self._fitted is None and any(self._stems.values()):
                vectoriser = TfidfVectorizer(analyzer=str.split, sublinear_tf=True, dtype=np.float32)
                matrix = vectoriser.fit_transform(self._stems.values())
                self._fitted = _Fitted(vectoriser, np.fromiter(self._stems, np.int64), matrix)
            return self._fitted
