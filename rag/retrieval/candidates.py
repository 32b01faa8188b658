"""Take one query's candidates from what the mode ranked to what is handed out, step by step."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from rag.corpus import StoredChunk
from rag.indexes import Hit
from rag.rerankers import Reranker
from rag.retrieval.diversity import maximal_marginal_relevance
from rag.retrieval.explanation import Step
from rag.retrieval.fusion import in_order
from rag.retrieval.near_identical import drop_near_identical
from rag.retrieval.recency import blend_recency
from rag.retrieval.settings import Retrieval


@dataclass
class Candidates:
    """Hold the candidates of one query, best first, and the steps that led to them."""

    query: str
    hits: list[Hit]
    chunks: Mapping[int, StoredChunk]
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        # A chunk that an index still has and the corpus no longer has cannot be shown.
        self.hits = [hit for hit in self.hits if hit.chunk_id in self.chunks]

    def rerank(self, reranker: Reranker, count: int) -> None:
        """Score the best `count` again by the reranker; the others stay behind them in their order."""
        started = time.perf_counter()
        head, tail = self.hits[:count], self.hits[count:]
        if not head:
            return
        scores = reranker.score(self.query, [self.chunks[hit.chunk_id].searchable for hit in head])
        scored = in_order([Hit(hit.chunk_id, float(s)) for hit, s in zip(head, scores, strict=True)])
        least = scored[-1].score
        # Scores of two kinds cannot be compared: the tail goes down below the least of the head.
        self.hits = scored + [Hit(hit.chunk_id, least - at) for at, hit in enumerate(tail, 1)]
        self._step("rerank", f"{len(head)} by {reranker.fingerprint}", started)

    def prefer_recent(self, settings: Retrieval) -> None:
        """Let the age of the documents count."""
        if settings.recency_half_life_days is None:
            return
        started = time.perf_counter()
        as_of = settings.as_of or datetime.now(UTC).date()
        half_life = settings.recency_half_life_days
        published = {chunk_id: chunk.published for chunk_id, chunk in self.chunks.items()}
        self.hits = blend_recency(
            self.hits,
            published,
            as_of=as_of,
            half_life_days=half_life,
            weight=settings.recency_weight,
        )
        self._step("recency", f"half-life {half_life:g} days from {as_of}", started)

    def drop_near_identical(self, threshold: float, wanted: int) -> None:
        """Leave out what repeats a better candidate, until `wanted` are kept."""
        started = time.perf_counter()
        texts = {hit.chunk_id: self.chunks[hit.chunk_id].text for hit in self.hits}
        self.hits, repeats = drop_near_identical(self.hits, texts, threshold, wanted)
        if repeats:
            note = ", ".join(f"#{lower} repeats #{better}" for lower, better in repeats.items())
            self._step("near-identical", note, started)

    def diversify(self, vectors: Mapping[str, NDArray[np.float32]], count: int, diversity: float) -> None:
        """Choose `count` by maximal marginal relevance; `vectors` are named by text hash."""
        started = time.perf_counter()
        if not self.hits:
            return
        scores = np.array([hit.score for hit in self.hits])
        stacked = np.stack([vectors[self.chunks[hit.chunk_id].text_hash] for hit in self.hits])
        best = [hit.chunk_id for hit in self.hits[:count]]
        self.hits = [
            self.hits[place] for place in maximal_marginal_relevance(scores, stacked, count, diversity)
        ]
        fresh = [f"#{hit.chunk_id}" for hit in self.hits if hit.chunk_id not in best]
        note = f"diversity {diversity:g}, brought in {' '.join(fresh) or 'none'}"
        self._step("maximal marginal relevance", note, started)

    def _step(self, name: str, note: str, started: float) -> None:
        self.steps.append(Step(name, tuple(self.hits), note, time.perf_counter() - started))


def search_steps(
    found: Mapping[str, Sequence[Sequence[Hit]]], seconds: Mapping[str, float], place: int, queries: int
) -> list[Step]:
    """Return the steps of the searches for one of the queries of a batch."""
    steps = []
    for name, spent in seconds.items():
        hits = tuple(found[name][place]) if name in found else ()
        note = f"{len(hits)} found" if name in found else ""
        steps.append(Step(name, hits, note, spent / max(queries, 1)))
    return steps
