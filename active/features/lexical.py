"""Describe answers by a few numbers that need no model."""

import re
from collections.abc import Sequence

import numpy as np

from active.arrays import FloatArray
from active.errors import InvalidFeaturesError

LEXICAL_NAMES = ("log_words", "query_overlap", "word_length", "log_numbers", "log_citations", "log_lines")

_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_CITATION = re.compile(r"\[\d+\]")


def lexical_features(queries: Sequence[str], answers: Sequence[str]) -> FloatArray:
    """Describe each answer by six cheap numbers, named in LEXICAL_NAMES.

    The numbers are the logarithm of one plus the count of words, of numbers, of citations like [2] and of
    lines; the share of the query's words that the answer repeats; the mean length of a word in letters.
    The result has shape (n, 6). Raises InvalidFeaturesError when the two sequences differ in length.
    """
    if len(queries) != len(answers):
        raise InvalidFeaturesError(f"{len(queries)} queries, {len(answers)} answers: give a query for each")
    rows = [_describe(query, answer) for query, answer in zip(queries, answers, strict=True)]
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), len(LEXICAL_NAMES))


def _describe(query: str, answer: str) -> list[float]:
    asked = set(_WORD.findall(query.lower()))
    words = _WORD.findall(answer.lower())
    return [
        np.log1p(len(words)),
        len(asked.intersection(words)) / max(len(asked), 1),
        sum(map(len, words)) / max(len(words), 1),
        np.log1p(len(_NUMBER.findall(answer))),
        np.log1p(len(_CITATION.findall(answer))),
        np.log1p(answer.strip().count("\n")),
    ]
