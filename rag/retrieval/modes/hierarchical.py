"""Find candidates by words, and look for the meaning among them only.

The vector index is not searched as a whole, which is what a very large collection wants. Where the
words find too little, the whole of it is searched after all. In documents of several languages this
finds those of the question's language only, as long as there are any: `fusion` finds both.
"""

from __future__ import annotations

from rag.retrieval.modes.fusion import combined
from rag.retrieval.searches import Hits, Searches

RESCUE_BELOW = 0.5  # share of the question's content words in the best lexical hits
MIN_CANDIDATES = 10


def rank(searches: Searches) -> Hits:
    """Score the lexical candidates by both sides; for a weak lexical search, add the nearest chunks."""
    lexical = [{hit.chunk_id: hit.score for hit in hits} for hits in searches.lexical()]
    weak = [
        place
        for place, worded in enumerate(lexical)
        if searches.coverage[place] < RESCUE_BELOW or len(worded) < min(MIN_CANDIDATES, searches.depth)
    ]
    rescued = searches.dense(weak) if weak else [[] for _ in lexical]
    candidates = [
        {hit.chunk_id for hit in near} | worded.keys() for near, worded in zip(rescued, lexical, strict=True)
    ]
    return combined(searches, lexical, candidates)
