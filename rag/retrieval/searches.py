"""Run the single searches of a batch of queries, each at most once, and read what was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.corpus import Corpus, StoredChunk
from rag.embedders import Embedder
from rag.indexes import Hit, Indexes
from rag.indexes.base import LexicalIndex
from rag.language import detect_language
from rag.retrieval.coverage import BEST_HITS, coverage
from rag.retrieval.fusion import in_order

Hits = list[list[Hit]]


class Searches:
    """Search for one batch of queries; what was found stays in `found`, what it took in `seconds`."""

    def __init__(
        self,
        queries: Sequence[str],
        depth: int,
        allowed: Collection[int] | None,
        *,
        corpus: Corpus,
        embedder: Embedder,
        indexes: Indexes,
        tfidf: Callable[[], LexicalIndex],
        of_language: Callable[[str], NDArray[np.int64]],
    ) -> None:
        """Take what to search in; `of_language` gives the sorted ids of a language's chunks."""
        self.queries, self.depth, self.allowed = queries, depth, allowed
        self._corpus, self._embedder, self._indexes, self._tfidf = corpus, embedder, indexes, tfidf
        self._of_language = of_language
        self.found: dict[str, Hits] = {}
        self.seconds: dict[str, float] = {}
        self.similarities: list[dict[int, float]] = [{} for _ in queries]
        self._chunks: dict[int, StoredChunk] = {}

    def lexical(self) -> Hits:
        """Return the hits of the lexical index (BM25)."""
        return self._once(
            "lexical", lambda: self._indexes.lexical.search(self.queries, self.depth, self.allowed)
        )

    def tfidf(self) -> Hits:
        """Return the hits by the cosine of TF-IDF vectors."""
        return self._once("tfidf", lambda: self._tfidf().search(self.queries, self.depth, self.allowed))

    def dense(self, wanted: Collection[int] | None = None) -> Hits:
        """Return the nearest chunks; with `wanted`, only for the queries at these places."""
        places = sorted(range(len(self.queries)) if wanted is None else wanted)

        def search() -> Hits:
            found: Hits = [[] for _ in self.queries]
            if places:
                hits = self._indexes.vectors.search(self.vectors[places], self.depth, self.allowed)
                for place, some in zip(places, hits, strict=True):
                    found[place] = some
            return found

        found = self._once("dense", search)
        self._note(found)
        return found

    def dense_among(self, candidates: Sequence[Collection[int]]) -> list[dict[int, float]]:
        """Return the cosine of each query to each of its own candidates; known ones are not asked twice."""
        started = time.perf_counter()
        for place, ids in enumerate(candidates):
            missing = [chunk_id for chunk_id in ids if chunk_id not in self.similarities[place]]
            if missing:
                vector = self.vectors[place : place + 1]
                self._note([self._indexes.vectors.search(vector, len(missing), missing)[0]], place)
        self._spent("dense among candidates", started)
        return [
            {chunk_id: known[chunk_id] for chunk_id in ids if chunk_id in known}
            for ids, known in zip(candidates, self.similarities, strict=True)
        ]

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """Return the vectors (n, dimension) of the queries."""
        started = time.perf_counter()
        vectors = self._embedder.embed_queries(self.queries)
        self._spent("embedding", started)
        return vectors

    @cached_property
    def coverage(self) -> list[float]:
        """Return for each query the share of its content words that the best lexical hits hold."""
        best = [[hit.chunk_id for hit in hits[:BEST_HITS]] for hits in self.lexical()]
        chunks = self.read(chunk_id for some in best for chunk_id in some)
        started = time.perf_counter()
        shares = [
            coverage(query, [chunks[chunk_id].searchable for chunk_id in some if chunk_id in chunks])
            for query, some in zip(self.queries, best, strict=True)
        ]
        self._spent("coverage", started)
        return shares

    def foreign(self, candidates: Sequence[Collection[int]]) -> list[set[int]]:
        """Return for each query those of its candidates that are written in another language."""
        started = time.perf_counter()
        found = [
            _outside(ids, self._of_language(detect_language(query)))
            for ids, query in zip(candidates, self.queries, strict=True)
        ]
        self._spent("languages", started)
        return found

    def read(self, ids: Iterable[int]) -> Mapping[int, StoredChunk]:
        """Return all chunks read so far, with these among them as far as the corpus still has them."""
        missing = sorted(set(ids) - self._chunks.keys())
        if missing:
            started = time.perf_counter()
            self._chunks |= {chunk.id: chunk for chunk in self._corpus.chunks(missing)}
            self._spent("reading", started)
        return self._chunks

    def _once(self, name: str, search: Callable[[], Hits]) -> Hits:
        if name not in self.found:
            if name == "dense":
                _ = self.vectors  # timed apart
            started = time.perf_counter()
            # Engines order equal scores as they like; here the same question gets the same answer.
            self.found[name] = [in_order(hits) for hits in search()]
            self._spent(name, started)
        return self.found[name]

    def _note(self, found: Hits, start: int = 0) -> None:
        for place, hits in enumerate(found, start=start):
            self.similarities[place].update((hit.chunk_id, hit.score) for hit in hits)

    def _spent(self, name: str, started: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


def _outside(ids: Collection[int], known: NDArray[np.int64]) -> set[int]:
    """Return the ids that are not among the known ones, which are sorted."""
    asked = np.fromiter(ids, np.int64, len(ids))
    if not len(known):
        return set(asked.tolist())
    places = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return set(asked[known[places] != asked].tolist())
