"""Find by words and by meaning, and join the two by score."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rag.retrieval.fusion import convex_combination
from rag.retrieval.searches import Hits, Searches


def rank(searches: Searches) -> Hits:
    """Score every candidate of either search by both, words weighing as much as they occur at all."""
    lexical = [{hit.chunk_id: hit.score for hit in hits} for hits in searches.lexical()]
    candidates = [
        {hit.chunk_id for hit in dense} | worded.keys()
        for dense, worded in zip(searches.dense(), lexical, strict=True)
    ]
    return combined(searches, lexical, candidates)


def combined(
    searches: Searches, lexical: Sequence[Mapping[int, float]], candidates: Sequence[Collection[int]]
) -> Hits:
    """Score each query's candidates by their cosine and by the lexical scores that are given."""
    dense = searches.dense_among(candidates)
    return [
        convex_combination(near, worded, share, foreign=foreign)
        for near, worded, share, foreign in zip(
            dense, lexical, searches.coverage, searches.foreign(candidates), strict=True
        )
    ]
