"""Find the passages for a question: by words, by meaning, or by both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from rag.corpus import Corpus
from rag.embedders import Embedder
from rag.indexes import Hit, Indexes

Mode = Literal["hybrid", "dense", "lexical"]
MODES: tuple[Mode, ...] = ("hybrid", "dense", "lexical")
CANDIDATES = 50
RANK_CONSTANT = 60  # of reciprocal rank fusion


@dataclass(frozen=True)
class Passage:
    """Hold a retrieved chunk, its score, and the rank each stage gave it (from 1)."""

    chunk_id: int
    document_key: str
    title: str
    text: str
    text_hash: str
    score: float
    similarity: float | None = None
    ranks: dict[str, int] = field(default_factory=dict)


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[int]], constant: int = RANK_CONSTANT
) -> dict[int, float]:
    """Join rankings: the score of an item is the sum of 1 / (constant + rank).

    Source: Cormack, Clarke & Büttcher, "Reciprocal Rank Fusion", SIGIR 2009.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (constant + rank)
    return dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))


class Retriever:
    """Answer queries from one version of the indexes."""

    def __init__(self, corpus: Corpus, embedder: Embedder, indexes: Indexes) -> None:
        self._corpus, self._embedder, self._indexes = corpus, embedder, indexes

    @property
    def embedder(self) -> Embedder:
        """Return the embedder that the indexes were made with."""
        return self._embedder

    @property
    def fingerprint(self) -> str:
        """Identify the version of the indexes."""
        return self._indexes.fingerprint

    def retrieve(self, queries: Sequence[str], count: int = 5, mode: Mode = "hybrid") -> list[list[Passage]]:
        """Return at most `count` passages for each query, best first."""
        nothing: list[list[Hit]] = [[] for _ in queries]
        depth = max(CANDIDATES, count)
        dense = lexical = nothing
        if mode != "lexical":
            dense = self._indexes.vectors.search(self._embedder.embed_queries(queries), depth)
        if mode != "dense":
            lexical = self._indexes.lexical.search(queries, depth)
        return [self._join(d, lex, count) for d, lex in zip(dense, lexical, strict=True)]

    def _join(self, dense: list[Hit], lexical: list[Hit], count: int) -> list[Passage]:
        stages = {"dense": dense, "lexical": lexical}
        if dense and lexical:
            scores = reciprocal_rank_fusion([[hit.chunk_id for hit in hits] for hits in stages.values()])
        else:
            scores = {hit.chunk_id: hit.score for hit in dense or lexical}
        best = list(scores)[:count]
        similarity = {hit.chunk_id: hit.score for hit in dense}
        ranks = {name: {hit.chunk_id: at for at, hit in enumerate(hits, 1)} for name, hits in stages.items()}
        return [
            Passage(
                *(chunk.id, chunk.document_key, chunk.title, chunk.text, chunk.text_hash),
                score=scores[chunk.id],
                similarity=similarity.get(chunk.id),
                ranks={name: found[chunk.id] for name, found in ranks.items() if chunk.id in found},
            )
            for chunk in self._corpus.chunks(best)
        ]
