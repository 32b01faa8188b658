"""Measure retrieval against the document that answers each question."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from rag.retrieval import Passage


@dataclass(frozen=True)
class RetrievalQuality:
    """Hold shares over the questions: 1 is best."""

    questions: int
    recall: dict[int, float]
    mean_reciprocal_rank: float


def measure_retrieval(
    found: Sequence[Sequence[Passage]], relevant: Sequence[Set[str]], cutoffs: Sequence[int] = (1, 3, 5, 10)
) -> RetrievalQuality:
    """Compare passages with the keys of the documents that hold each answer.

    Recall at k is the share of questions with a right document among the first k passages.
    Raises ValueError when there is no question.
    """
    if not found:
        raise ValueError("no question to measure retrieval on")
    ranks = [
        next((rank for rank, passage in enumerate(passages, 1) if passage.document_key in keys), None)
        for passages, keys in zip(found, relevant, strict=True)
    ]
    return RetrievalQuality(
        questions=len(ranks),
        recall={k: sum(rank is not None and rank <= k for rank in ranks) / len(ranks) for k in cutoffs},
        mean_reciprocal_rank=sum(1 / rank for rank in ranks if rank) / len(ranks),
    )
