"""Leave out passages that say what a better one says in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.indexes import Hit
from rag.language import words

_SHINGLE = 3


def drop_near_identical(
    hits: Sequence[Hit], texts: Mapping[int, str], threshold: float, wanted: int | None = None
) -> tuple[list[Hit], dict[int, int]]:
    """Return the hits kept, and for each left out the better one that it repeats.

    Two texts are near-identical when the Jaccard similarity of their word trigrams reaches the
    threshold. With `wanted`, hits are looked at only until so many are kept.
    """
    kept: list[Hit] = []
    seen: list[tuple[int, frozenset[tuple[str, ...]]]] = []
    repeats: dict[int, int] = {}
    for hit in hits:
        if wanted is not None and len(kept) >= wanted:
            break
        own = _shingles(texts[hit.chunk_id])
        same = next((other for other, theirs in seen if _jaccard(own, theirs) >= threshold), None)
        if same is None:
            kept.append(hit)
            seen.append((hit.chunk_id, own))
        else:
            repeats[hit.chunk_id] = same
    return kept, repeats


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    found = words(text)
    size = min(_SHINGLE, len(found))
    return (
        frozenset(tuple(found[at : at + size]) for at in range(len(found) - size + 1))
        if size
        else frozenset()
    )


def _jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    # Sets of very different sizes cannot be alike; most comparisons end here.
    if not one or not other:
        return float(one == other)
    if min(len(one), len(other)) < 0.5 * max(len(one), len(other)):
        return 0.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
