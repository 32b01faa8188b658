"""Let newer documents come first, as far as it is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from rag.freshness import recency_weight
from rag.indexes import Hit
from rag.retrieval.fusion import in_order, min_max


def blend_recency(
    hits: Sequence[Hit],
    published: Mapping[int, date | None],
    *,
    as_of: date,
    half_life_days: float,
    weight: float,
) -> list[Hit]:
    """Mix scores, stretched to [0, 1], with the weight of each document's age; best first.

    A document without a date gets the mean weight of the others: it neither gains nor loses.
    """
    known = {
        hit.chunk_id: recency_weight(day, as_of, half_life_days)
        for hit in hits
        if (day := published.get(hit.chunk_id)) is not None
    }
    if not known:
        return list(hits)
    mean = sum(known.values()) / len(known)
    scores = min_max({hit.chunk_id: hit.score for hit in hits})
    return in_order(
        [
            Hit(chunk_id, (1.0 - weight) * score + weight * known.get(chunk_id, mean))
            for chunk_id, score in scores.items()
        ]
    )
