"""Measure retrieval and answers, each figure with its interval and coverage."""

from rag.evaluation.answers import AnswerQuality, MeasuredAnswer, measure_answers, summarise_answers
from rag.evaluation.intervals import Measure, mean_of
from rag.evaluation.judging import CRITERIA, judge_answers
from rag.evaluation.retrieval import (
    CUTOFFS,
    Evidence,
    RetrievalQuality,
    measure_by_group,
    measure_retrieval,
)
from rag.evaluation.support import Support

__all__ = [
    "CRITERIA",
    "CUTOFFS",
    "AnswerQuality",
    "Evidence",
    "Measure",
    "MeasuredAnswer",
    "RetrievalQuality",
    "Support",
    "judge_answers",
    "mean_of",
    "measure_answers",
    "measure_by_group",
    "measure_retrieval",
    "summarise_answers",
]
