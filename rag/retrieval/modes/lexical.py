"""Find by words: BM25 over stems.

Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
"""

from __future__ import annotations

from rag.retrieval.searches import Hits, Searches


def rank(searches: Searches) -> Hits:
    """Return the lexical hits as they are."""
    return searches.lexical()
