"""Find by words: the cosine of TF-IDF vectors over stems.

Source: Salton & Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
"""

from __future__ import annotations

from rag.retrieval.searches import Hits, Searches


def rank(searches: Searches) -> Hits:
    """Return the hits of the TF-IDF index as they are."""
    return searches.tfidf()
