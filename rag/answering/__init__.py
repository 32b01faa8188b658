"""Answer questions from passages, one contender at a time."""

from rag.answering.answerer import Answerer
from rag.answering.answers import Answer
from rag.answering.contenders import MIN_SIMILARITY, Contender
from rag.answering.flags import Flag
from rag.answering.loops import Cut, cut, trim

__all__ = ["MIN_SIMILARITY", "Answer", "Answerer", "Contender", "Cut", "Flag", "cut", "trim"]
