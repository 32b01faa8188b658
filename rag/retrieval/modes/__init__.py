"""Hold the retrieval modes, one strategy a file: each ranks the candidates of every query."""

from collections.abc import Callable

from rag.retrieval.modes import dense, fusion, hierarchical, hybrid, lexical, tfidf
from rag.retrieval.searches import Hits, Searches
from rag.retrieval.settings import Mode

Strategy = Callable[[Searches], Hits]
STRATEGIES: dict[Mode, Strategy] = {
    "fusion": fusion.rank,
    "hybrid": hybrid.rank,
    "hierarchical": hierarchical.rank,
    "dense": dense.rank,
    "lexical": lexical.rank,
    "tfidf": tfidf.rank,
}

__all__ = ["STRATEGIES", "Strategy"]
