"""Citation validity: does an answer cite, and only passages that its prompt shows?"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.rows import PromptRow

_MARK = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_AFTER_STOP = re.compile(r"([.!?…])(\s*(?:\[\d[\d\s,]*\]\s*)+)")


class CitationReward:
    """Give the share of sentences that cite a passage shown; 0 as soon as a number is made up.

    Where the prompt shows no passages an answer is right not to cite: 1, else 0. Range [0, 1].
    """

    def __call__(self, rows: Sequence[PromptRow], answers: Sequence[str]) -> NDArray[np.float64]:
        """Give one reward an answer, shape (n,)."""
        pairs = zip(rows, answers, strict=True)
        return np.array([_validity(answer, row.passages) for row, answer in pairs], dtype=np.float64)


def cited_numbers(text: str) -> list[int]:
    """Give the passage numbers that `[1]` or `[1, 2]` cite, in order."""
    return [int(number) for mark in _MARK.findall(text) for number in mark.split(",")]


def _validity(answer: str, passages: int) -> float:
    numbers = cited_numbers(answer)
    if passages == 0:
        return float(not numbers)
    if any(not 1 <= number <= passages for number in numbers):
        return 0.0
    # "It is closed. [1] Then" cites for the first sentence.
    moved = _AFTER_STOP.sub(lambda found: f" {found[2].strip()}{found[1]} ", answer)
    sentences = [text for text in _SENTENCE_END.split(moved) if re.search(r"\w", _MARK.sub("", text))]
    if not sentences:
        return 0.0
    return sum(bool(cited_numbers(sentence)) for sentence in sentences) / len(sentences)
