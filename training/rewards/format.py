"""Format: an answer is a finished text that neither loops nor shows the chat template."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.rows import PromptRow

_CLOSED = re.compile(r"[.!?…:)\]\"'»”]\s*$")
_TEMPLATE = re.compile(r"<\|[^|>]*\|>|</?s>|^\s*(?:user|assistant|system)\s*:?\s*$", re.MULTILINE)
_WINDOW = 4  # words


class FormatReward:
    """Give a third each for an end as a sentence ends, for no template marks, and for no loops.

    Loops are counted in part: the share of runs of four words that are new. Nothing written earns nothing.
    Range [0, 1].
    """

    def __call__(self, rows: Sequence[PromptRow], answers: Sequence[str]) -> NDArray[np.float64]:  # noqa: ARG002
        """Give one reward an answer, shape (n,)."""
        return np.array([_tidiness(answer) for answer in answers], dtype=np.float64)


def _tidiness(answer: str) -> float:
    if not re.search(r"\w", answer):
        return 0.0
    closed, plain = bool(_CLOSED.search(answer)), not _TEMPLATE.search(answer)
    return (closed + plain + _freshness(answer)) / 3


def _freshness(answer: str) -> float:
    words = re.findall(r"\w+", answer.casefold())
    windows = [tuple(words[at : at + _WINDOW]) for at in range(len(words) - _WINDOW + 1)]
    return len(set(windows)) / len(windows) if windows else 1.0
