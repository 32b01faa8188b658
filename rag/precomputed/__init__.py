"""Answer frequent questions ahead, and serve those answers only where nothing that matters differs."""

from rag.precomputed.bank import PrecomputedAnswers, PrecomputedHit
from rag.precomputed.gate import GateVerdict, same_question
from rag.precomputed.mining import FrequentQuestion, frequent_questions
from rag.precomputed.significant import normalise

__all__ = [
    "FrequentQuestion",
    "GateVerdict",
    "PrecomputedAnswers",
    "PrecomputedHit",
    "frequent_questions",
    "normalise",
    "same_question",
]
