"""Find by words and by meaning, and join the two by rank."""

from __future__ import annotations

from rag.indexes import Hit
from rag.retrieval.fusion import reciprocal_rank_fusion
from rag.retrieval.searches import Hits, Searches


def rank(searches: Searches) -> Hits:
    """Join the rankings; where only one search found anything, its own scores stay.

    Ranks forget how good a hit is: a question whose words are all foreign to the documents gets
    as much say for a stray word as for its meaning. `fusion` is the answer to that.
    """
    found = []
    for dense, lexical in zip(searches.dense(), searches.lexical(), strict=True):
        if dense and lexical:
            scores = reciprocal_rank_fusion([[hit.chunk_id for hit in hits] for hits in (dense, lexical)])
            found.append([Hit(chunk_id, score) for chunk_id, score in scores.items()])
        else:
            found.append(dense or lexical)
    return found
