"""Find the passages for a question: by words, by meaning, or by both."""

from rag.retrieval.explanation import Explanation, Step
from rag.retrieval.fusion import RANK_CONSTANT, convex_combination, reciprocal_rank_fusion
from rag.retrieval.passages import Passage
from rag.retrieval.retriever import Retriever
from rag.retrieval.settings import CANDIDATES, DEFAULT_MODE, MODES, Mode, Retrieval

__all__ = [
    "CANDIDATES",
    "DEFAULT_MODE",
    "MODES",
    "RANK_CONSTANT",
    "Explanation",
    "Mode",
    "Passage",
    "Retrieval",
    "Retriever",
    "Step",
    "convex_combination",
    "reciprocal_rank_fusion",
]
