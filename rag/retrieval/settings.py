"""Say how passages are to be found: one value object for everything that can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag.corpus import ChunkFilter
from rag.errors import ContenderError

Mode = Literal["fusion", "hybrid", "hierarchical", "dense", "lexical", "tfidf"]
MODES: tuple[Mode, ...] = ("fusion", "hybrid", "hierarchical", "dense", "lexical", "tfidf")
# The one that is never below its best single stage: see benchmarks/retrieval.py.
DEFAULT_MODE: Mode = "fusion"
CANDIDATES = 50


@dataclass(frozen=True)
class Retrieval:
    """Choose the mode, the number of passages, and what happens to the candidates.

    - `candidates`: how many each stage finds before the best `count` are taken.
    - `filter`: only chunks of these documents; no fewer passages come back for it.
    - `rerank`: how many of the best candidates the reranker scores again; 0 for none.
    - `recency_half_life_days`: with it, a document's age counts; `recency_weight` says how much.
      Ages are counted back from `as_of`, by default today.
    - `near_identical`: the share of common word trigrams from which the lower of two passages is
      left out; None keeps all.
    - `diversity`: 0 takes the best, 1 the most different ones (maximal marginal relevance).
    - `neighbours`: how many chunks before and after each passage are brought along.

    Raises ContenderError where a value is out of range.
    """

    mode: Mode = DEFAULT_MODE
    count: int = 5
    candidates: int = CANDIDATES
    filter: ChunkFilter | None = None
    rerank: int = 0
    recency_half_life_days: float | None = None
    recency_weight: float = 0.3
    as_of: date | None = None
    near_identical: float | None = 0.9
    diversity: float = 0.0
    neighbours: int = 0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ContenderError(f"retrieval mode {self.mode}: there are {', '.join(MODES)}")
        if min(self.count, self.candidates) < 1 or min(self.rerank, self.neighbours) < 0:
            raise ContenderError(
                "retrieval: count and candidates are 1 or more, rerank and neighbours 0 or more"
            )
        shares = (self.recency_weight, self.diversity, self.near_identical or 0.0)
        if not all(0.0 <= share <= 1.0 for share in shares):
            raise ContenderError("retrieval: recency_weight, diversity and near_identical lie in [0, 1]")
        if self.recency_half_life_days is not None and not self.recency_half_life_days > 0:
            raise ContenderError("retrieval: recency_half_life_days is more than 0, or None")

    @property
    def depth(self) -> int:
        """Return how many candidates a stage must find; what is left out leaves enough behind."""
        return max(self.candidates, 2 * self.count, self.rerank)

    @property
    def looked_at(self) -> int:
        """Return how many candidates are read: all for steps that reorder them, else twice the count."""
        reorders = self.rerank or self.diversity or self.recency_half_life_days
        return self.depth if reorders else 2 * self.count
