"""Join what several searches found into one ranking: by rank, or by score."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rag.indexes.base import Hit

RANK_CONSTANT = 60  # of reciprocal rank fusion
# Both sides count alike where the words of the query are all there. A flat optimum: 0.4 to 0.8
# give the same quality within 0.001 of nDCG@10 (benchmarks/retrieval.py).
DENSE_WEIGHT = 0.5


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


def min_max(scores: Mapping[int, float]) -> dict[int, float]:
    """Stretch scores to [0, 1]; equal scores all become 1."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    if high == low:
        return dict.fromkeys(scores, 1.0)
    return {item: (score - low) / (high - low) for item, score in scores.items()}


def convex_combination(
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
    coverage: float,
    dense_weight: float = DENSE_WEIGHT,
    foreign: Collection[int] = (),
) -> list[Hit]:
    """Join cosines and lexical scores of the same candidates; scores lie in [0, 1], best first.

    Cosines are stretched between their least and largest; lexical scores between 0, which is what
    a text without any of the words gets, and the largest. `dense` holds every candidate. The
    lexical side weighs `coverage` times its share: words that are not there must not decide. In
    the `foreign` candidates, written in another language than the query, words that stand there
    (names, numbers) speak for them, and words that do not say nothing against them.

    Source: Bruch, Gai & Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023.
    """
    near = min_max(dense)
    top = max(lexical.values(), default=0.0)
    lexical_weight = (1.0 - dense_weight) * coverage
    total = dense_weight + lexical_weight
    if not total:
        return []
    hits = []
    for item, cosine in near.items():
        worded = max(lexical.get(item, 0.0), 0.0) / top if top > 0 else 0.0
        score = (dense_weight * cosine + lexical_weight * worded) / total
        hits.append(Hit(item, max(score, cosine) if item in foreign else score))
    return in_order(hits)


def in_order(hits: Sequence[Hit]) -> list[Hit]:
    """Sort hits, best first; of equal ones the older chunk comes first."""
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))
