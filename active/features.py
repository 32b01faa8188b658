"""Turn a query and its two answers into one antisymmetric row of numbers."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import FloatArray, as_matrix
from active.errors import InvalidFeaturesError

LEXICAL_NAMES = ("log_words", "query_overlap", "word_length", "log_numbers", "log_citations", "log_lines")

_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_CITATION = re.compile(r"\[\d+\]")


def pair_features(
    query: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    extras: tuple[ArrayLike, ArrayLike] | None = None,
) -> FloatArray:
    """Return z = φ(x, y₁) − φ(x, y₂) with φ = [answer, query · answer, extras].

    `query`, `first` and `second` are embeddings of shape (n, e), row i of each belonging to pair i.
    `extras` holds further numbers of the first and of the second answers, each of shape (n, k), for instance
    from `lexical_features`. The result has shape (n, 2e + k); swapping the answers flips its sign exactly.
    Raises InvalidFeaturesError for NaN, infinity or shapes that do not match.
    """
    x = as_matrix(query, "query")
    y1, y2 = as_matrix(first, "first"), as_matrix(second, "second")
    if not x.shape == y1.shape == y2.shape:
        raise InvalidFeaturesError(
            f"query, first and second must have one shape, not {x.shape}, {y1.shape}, {y2.shape}"
        )
    difference = y1 - y2
    blocks = [difference, x * difference]
    if extras is not None:
        e1, e2 = as_matrix(extras[0], "extras of the first"), as_matrix(extras[1], "extras of the second")
        if e1.shape != e2.shape or len(e1) != len(x):
            raise InvalidFeaturesError(
                f"extras must both have shape ({len(x)}, k), not {e1.shape}, {e2.shape}"
            )
        blocks.append(e1 - e2)
    return np.hstack(blocks)


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
